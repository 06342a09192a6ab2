"""The acts of the desk over HTTP: sorted, given, opened, escalated, checked and carried out, by whose duty it is."""

from typing import Any

import pytest

from companion.identity.credentials import ALL_ROLES
from tests.application import BECAUSE, Agent, World, problem
from tests.desk import ask, governed


@pytest.mark.req("R-ACT-02", "R-UI-12", "R-ACT-07", "R-ACT-08", "R-UI-27")
def test_the_seven_acts_each_leave_an_event(world: World) -> None:
    """Approve, reject, modify, escalate, roll back, annotate, ask: one request each, answered with its event."""
    robot, ann = world.automation(), world.person("Ann")

    def act(name: str) -> Any:
        opened = world.open(robot)
        if name in ("approve", "reject", "modify"):
            return ann.decide(opened, name, **({"edited_output": 1} if name == "modify" else {})).json
        if name == "rollback":
            ann.decide(opened)
            return ann.act(opened["id"], "rollback", BECAUSE).json
        noun, body = {
            "escalate": ("escalations", BECAUSE),
            "annotate": ("annotations", {"text": "x"}),
            "ask": ("questions", {"text": "x"}),
        }[name]
        return ann.act(opened["id"], noun, body).json

    states = {
        "approve": ("approved", True), "reject": ("rejected", False), "modify": ("modified", True),
        "escalate": ("pending", None), "annotate": ("pending", None), "ask": ("awaiting_information", None),
        "rollback": ("rolled_back", True),
    }  # fmt: skip
    for name, (state, approved) in states.items():
        after = act(name)
        assert (after["state"], after["approved"]) == (state, approved), name
        told = [entry["event_id"] for entry in after["history"]]
        if name != "annotate":
            assert told[-1] == after["event_id"], name
        else:
            assert after["notes"][-1]["text"] == "x"
        if name in ("approve", "reject", "modify"):
            digest = after["decision"] and after["package_digest"]
            assert after["receipt"]["event_id"] == after["event_id"]
            assert after["receipt"]["digest"] == digest or name == "modify"


@pytest.mark.req("R-ACT-08")
def test_a_question_comes_back_answered(world: World) -> None:
    """The case is on hold with its question, and the answer returns it as a new package version."""
    robot, ann, olga = world.automation(), world.person("Ann"), world.person("Olga", roles=["owner"])
    opened = world.open(robot)
    held = ann.act(opened["id"], "questions", {"text": "Which order?"}).json
    assert (held["state"], held["question_open"]) == ("awaiting_information", "Which order?")
    back = olga.act(opened["id"], "answers", {"text": "Number 7."}).json
    assert (back["state"], back["question_open"]) == ("pending", None)
    assert back["package_digest"] != opened["package_digest"]


@pytest.mark.req("R-ACT-10", "R-ACT-15")
def test_a_forged_action_is_refused_for_the_role_that_may_not(world: World) -> None:
    """The policy leaves rejecting to owners here; and there is no act that leaves a case without anybody."""
    governed(world, actions_by_role={"approver": ["approve", "escalate"]})
    robot, ann = world.automation(), world.person("Ann", roles=["approver"])
    olga = world.person("Olga", roles=["owner"])
    live = ann.live(ask(world, robot)["id"])
    offered = {action["action"]: action["allowed"] for action in live["actions"]}
    assert offered == {"approve": True, "reject": False, "modify": False, "escalate": True, "ask": False}
    problem(ann.decide(live, "reject"), 403, "action_not_permitted")
    problem(ann.act(live["id"], "questions", {"text": "x"}), 403, "action_not_permitted")
    assert "skip" not in offered
    assert olga.decide(live, "reject").status_code == 200


@pytest.mark.req("R-UI-12", "R-SEC-03")
def test_an_act_that_a_passkey_confirms_is_offered_and_refused_without_it(world: World) -> None:
    """The page offers it and asks for the passkey when it is done; whoever sends it without one is told."""
    governed(world, assurance={"approve": "step_up"})
    robot, ann = world.automation(), world.person("Ann")
    live = ann.live(ask(world, robot)["id"])
    assert (live["assurance"]["need"], live["assurance"]["by_action"]["reject"]) == ("step_up", "signed_in")
    assert next(action for action in live["actions"] if action["action"] == "approve")["allowed"]
    assert live["id"] in [item["id"] for item in ann.get("/v1/handoffs", claimable="true")["items"]]
    problem(ann.decide(live), 403, "step_up_required")
    forged = {"nonce": "x" * 22, "credential": {"id": "x", "response": {}}}
    assert ann.decide(live, step_up=forged).status_code == 403
    assert ann.decide(live, "reject").status_code == 200


@pytest.mark.req("R-ACT-05", "R-ACT-16", "R-ROLE-03", "R-ROLE-19")
def test_a_case_is_escalated_to_whom_the_policy_names(world: World) -> None:
    """To the next level, or to a target such as legal; urgency and whether the SLA can be met go along; never down."""
    governed(
        world,
        queues={"law": {"title": "Law"}},
        escalation_targets={
            "legal": {"title": "Legal", "level": 3, "queue": "law"},
            "desk": {"title": "D", "level": 1},
        },
    )
    robot, ann = world.automation(), world.person("Ann")
    opened = ask(world, robot)
    targets = {target["id"]: target["level"] for target in ann.live(opened["id"])["escalation_targets"]}
    assert targets["legal"] == 3
    problem(ann.act(opened["id"], "escalations", BECAUSE | {"target": "tax"}), 422, "unknown_escalation_target")
    after = ann.act(
        opened["id"], "escalations",
        BECAUSE | {"target": "legal", "urgency": "The court sits on Monday.", "sla_feasible": False},
    ).json  # fmt: skip
    assert (after["reviewer_level"], after["queue"], after["approved"]) == (3, "law", None)
    assert "desk" not in [target["id"] for target in after["escalation_targets"]]
    problem(ann.act(opened["id"], "escalations", BECAUSE | {"target": "desk"}), 409, "lower_level")
    events, _ = world.services.store.surroundings(world.stored(opened["id"]))
    assert events[-1]["details"]["urgency"] == "The court sits on Monday."
    assert events[-1]["details"]["sla_feasible"] is False


@pytest.mark.req("R-ROLE-01", "R-ROLE-06")
def test_a_case_is_sorted_before_it_is_decided(world: World) -> None:
    """Nobody decides an unsorted case; risk only rises; whoever sorted a high-risk case does not approve it."""
    governed(world, triage="required", queues={"law": {"title": "Law", "categories": ["contract"]}})
    robot, ann = world.automation(), world.person("Ann")
    tria = world.person("Tria", roles=["triager", "approver"])
    live = ann.live(ask(world, robot, risk_tier="medium")["id"])
    assert (live["stage"], live["triage"]) == ("triage", None)
    assert not any(action["allowed"] for action in live["actions"] if action["primary"])
    problem(ann.decide(live), 409, "triage_first")
    seen = tria.live(live["id"])["triage"]
    assert (seen["needed"], seen["categories"]) == (True, ["contract"])
    assert {"id": "law", "title": "Law"} in seen["queues"]

    def sort(by: Agent, version: int, **body: Any) -> Any:
        return by.send("POST", f"/v1/handoffs/{live['id']}/triage", body, {"If-Match": f'"{version}"'})

    problem(sort(ann, 1, queue="law"), 403, "role_missing")
    problem(sort(tria, 1, queue="tax"), 422, "unknown_queue", "/queue")
    problem(sort(tria, 1, risk_tier="low"), 422, "risk_only_rises")
    problem(sort(tria, 7, queue="law"), 412, "version_stale")
    after = sort(tria, 1, queue="law", category="contract", risk_tier="high", rationale="A contract.").json
    assert (after["stage"], after["queue"], after["category"], after["risk_tier"]) == (
        "review", "law", "contract", "high",
    )  # fmt: skip
    problem(tria.decide(after), 403, "triager_cannot_approve")
    assert ann.decide(after).status_code in (200, 422)


@pytest.mark.req("R-STORE-16", "R-ROLE-18", "R-ROLE-08")
def test_a_case_is_given_to_somebody_who_can_see_it(world: World) -> None:
    """Named on the case; not to a stranger of the workflow; taken back by null; others may decide it all the same."""
    robot, olga, ann = world.automation(), world.person("Olga", roles=["owner"]), world.person("Ann")
    stranger = world.person("Sven", workflows=["other"])
    live = world.open(robot)
    path = f"/v1/handoffs/{live['id']}/assignee"
    names = {person["name"] for person in olga.get("/v1/reviewers", handoff_id=live["id"])["items"]}
    assert names == {"Olga", "Ann"}
    assert {"Sven"} <= {person["name"] for person in olga.get("/v1/reviewers")["items"]}
    assert {person["name"] for person in stranger.get("/v1/reviewers")["items"]} == {"Olga", "Ann", "Sven"}
    for nobody in (stranger.id, "rv_0000000000000000", "x"):
        problem(olga.send("PUT", path, {"reviewer_id": nobody}), 422, "unknown_reviewer", "/reviewer_id")
    after = olga.send("PUT", path, {"reviewer_id": ann.id, "rationale": "She knows them."}).json
    assert after["assignee"]["name"] == "Ann"
    assert olga.send("PUT", path, {"reviewer_id": None}).json["assignee"] is None
    problem(olga.send("PUT", path, {}), 422, "invalid_field")
    problem(ann.send("PUT", path, {"reviewer_id": ann.id}), 403, "role_missing")


@pytest.mark.req("R-ROLE-18")
def test_what_is_given_to_somebody_away_goes_to_their_backup(world: World) -> None:
    """Nobody waits for a person on leave."""
    robot, olga = world.automation(), world.person("Olga", roles=["owner"])
    ann, ben = world.person("Ann"), world.person("Ben")
    now_ms = world.clock.now_ms()
    world.services.absences.leave(ann.id, None, now_ms + 86_400_000, ben.id)
    live = world.open(robot)
    after = olga.send("PUT", f"/v1/handoffs/{live['id']}/assignee", {"reviewer_id": ann.id}).json
    assert after["assignee"]["name"] == "Ben"


@pytest.mark.req("R-STORE-14")
def test_the_first_opening_by_a_reviewer_is_kept_and_no_other(world: World) -> None:
    """Acknowledged once: version and state stay, a second opening leaves no event."""
    robot, ann, ben = world.automation(), world.person("Ann"), world.person("Ben")
    opened = world.open(robot)
    path = f"/v1/handoffs/{opened['id']}/acknowledgement"
    first = ann.send("PUT", path).json
    assert (first["acknowledged_at"], first["version"], first["state"]) == ("2026-11-21T08:00:00.000Z", 1, "pending")
    world.clock.advance(60_000)
    again = ben.send("PUT", path).json
    assert again["acknowledged_at"] == first["acknowledged_at"]
    assert again["event_id"] is None
    assert len(again["history"]) == len(first["history"])
    problem(world.person("Aude", roles=["auditor"]).send("PUT", path), 403, "role_missing")


@pytest.mark.req("R-ACT-13", "R-GATE-09")
def test_what_was_approved_is_carried_out_once_and_only_as_it_was_approved(world: World) -> None:
    """Before an approval, after a rejection or a rollback, with another output: refused; a retry is no second time."""
    robot, ann = world.automation(), world.person("Ann")
    opened, other = world.open(robot), world.open(robot)
    digest = world.stored(opened["id"]).output_digest

    def execute(one: Any, key: str, output_digest: str = digest) -> Any:
        body = {"output_digest": output_digest}
        return robot.send("POST", f"/v1/handoffs/{one['id']}/execution", body, {"Idempotency-Key": key})

    problem(execute(opened, "a"), 409, "not_approved")
    ann.decide(opened)
    ann.decide(other, "reject")
    problem(execute(other, "b"), 409, "not_approved")
    problem(execute(opened, "c", "sha256:" + "0" * 64), 409, "output_changed")
    missing = robot.act(opened["id"], "execution", {"output_digest": digest})
    problem(missing, 400, "idempotency_key_missing")
    done = execute(opened, "d")
    assert done.json == {
        "id": opened["id"], "event_id": done.json["event_id"], "executed": True, "output_digest": digest,
    }  # fmt: skip
    again = execute(opened, "d")
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert again.json["event_id"] == done.json["event_id"]
    assert ann.live(opened["id"])["history"][-1]["type"] == "handoff.executed"
    ann.act(opened["id"], "rollback", BECAUSE)
    problem(execute(opened, "d"), 409, "rolled_back")
    problem(execute(opened, "e"), 409, "rolled_back")
    problem(ann.act(opened["id"], "execution", {"output_digest": digest}), 403, "role_missing")


@pytest.mark.req("R-UI-12", "R-ACT-04")
def test_an_edit_is_checked_before_it_is_sent(world: World) -> None:
    """What policy finds in it, in words, and whether it would be taken; nothing changes by asking."""
    governed(world)
    robot, ann = world.automation(), world.person("Ann")
    live = ann.live(ask(world, robot)["id"])
    before = world.dump()
    path = f"/v1/handoffs/{live['id']}/edit-checks"
    assert ann.send("POST", path, {"edited_output": {"summary": "Asks for it."}}).json == {
        "marks": [], "refused": None, "allowed": True,
    }  # fmt: skip
    found = ann.send("POST", path, {"edited_output": {"summary": "Write to max@example.com"}}).json
    assert [mark["code"] for mark in found["marks"]] == ["pii"]
    assert found["marks"][0]["text"].endswith(".")
    assert found["allowed"] is (found["refused"] is None)
    assert world.dump() == before


FORM = {
    "type": "object",
    "properties": {
        "amount": {"type": "integer", "title": "Amount", "default": 5},
        "why": {"type": "string", "enum": ["late", "broken"]},
    },
    "required": ["amount", "why"],
}


@pytest.mark.req("R-UI-22", "R-UI-13", "R-UI-17")
def test_a_form_is_filled_in_and_what_was_corrected_is_kept(world: World) -> None:
    """Missing or unfit fields are named; a changed prefilled value is told with both values; the rationale is kept."""
    robot, ann = world.automation(), world.person("Ann")
    live = ann.live(world.open(robot, response_form=FORM)["id"])
    assert live["response_form"]["properties"]["amount"]["default"] == 5
    problem(ann.decide(live), 422, "response_invalid")
    problem(ann.decide(live, response={"amount": 5}), 422, "response_invalid")
    problem(ann.decide(live, response={"amount": "5", "why": "late"}), 422, "response_invalid")
    done = ann.decide(live, response={"amount": 7, "why": "late"}, rationale="It came in May.").json
    assert done["decision"]["response"] == {"amount": 7, "why": "late"}
    assert done["decision"]["corrections"] == [{"field": "amount", "before": 5, "after": 7}]
    assert (done["decision"]["rationale"], done["decided_by"]["name"]) == ("It came in May.", "Ann")
    (told,) = robot.get("/v1/decisions")["items"]
    assert told["response"] == {"amount": 7, "why": "late"}


@pytest.mark.req("R-UI-14", "R-UI-15", "R-ACT-09", "R-UI-13", "R-LBL-05")
def test_an_approval_can_say_why_and_an_override_must(world: World) -> None:
    """Optional with approve, required with reject and modify, as the policy says for each action."""
    robot, ann = world.automation(), world.person("Ann")
    opened = world.open(robot)
    for action, more in (("reject", {}), ("modify", {"edited_output": 1})):
        bare: dict[str, Any] = {"reason_code": None, "rationale": None, **more}
        problem(ann.decide(opened, action, **bare), 422, "reason_code_required")
        problem(ann.decide(opened, action, **bare | {"rationale": "It looks off."}), 422, "reason_code_required")
        problem(ann.decide(opened, action, **bare | {"reason_code": "policy_violation"}), 422, "rationale_required")
        problem(ann.decide(opened, action, **more, reason_code="other"), 422, "unknown_reason_code")
    done = ann.decide(opened, rationale="Checked with the shop.", mark="false_positive").json
    assert (done["decision"]["rationale"], done["decision"]["mark"]) == ("Checked with the shop.", "false_positive")


@pytest.mark.req("R-LBL-06")
@pytest.mark.parametrize("mark", ["false_positive", "false_negative"])
def test_a_reviewer_says_that_the_model_was_wrong(world: World, mark: str) -> None:
    """It saw what is not there, or missed what is there: kept with the decision, and read with the case."""
    robot, ann = world.automation(), world.person("Ann")
    opened = world.open(robot)
    problem(ann.decide(opened, "reject", mark="wrong"), 422, "invalid_field")
    assert ann.decide(opened, "reject", mark=mark).json["decision"]["mark"] == mark
    assert ann.live(opened["id"])["decision"]["mark"] == mark


@pytest.mark.req("R-ROLE-08", "R-ROLE-01", "R-ROLE-02")
@pytest.mark.parametrize("role", ALL_ROLES)
def test_a_case_tells_each_role_its_duties_and_holds_it_to_them(world: World, role: str) -> None:
    """What the live view names as a duty is taken, and what it does not name is refused, for all ten roles."""
    robot, person = world.automation(), world.person("Pat", roles=[role])
    opened = world.open(robot)
    if role == "sre":
        problem(person.send("GET", f"/v1/handoffs/{opened['id']}"), 403, "role_missing")
        return
    duties = set(person.live(opened["id"])["duties"])
    tries: dict[str, Any] = {
        "annotate": lambda: person.act(opened["id"], "annotations", {"text": "x"}),
        "assign": lambda: person.act(opened["id"], "assignee", {"reviewer_id": None}, method="PUT"),
        "claim": lambda: person.act(opened["id"], "claim", method="PUT"),
        "escalate": lambda: person.act(opened["id"], "escalations", BECAUSE),
        "ask": lambda: person.act(opened["id"], "questions", {"text": "x"}),
        "answer": lambda: person.act(opened["id"], "answers", {"text": "x"}),
        "decide": lambda: person.decide(person.live(opened["id"])),
        "roll_back": lambda: person.act(opened["id"], "rollback", BECAUSE),
        "disclose": lambda: person.act(opened["id"], "disclosures", {"reason": "x"}),
    }
    for duty, attempt in tries.items():
        answer = attempt()
        refused = answer.status_code == 403 and answer.json["code"] == "role_missing"
        assert refused is (duty not in duties), (duty, answer.text)


@pytest.mark.req("R-ACT-16")
def test_whoever_takes_an_escalated_case_reads_what_was_said_of_the_time(world: World) -> None:
    """Urgency and whether it can be met stand beside the reason in the history."""
    opened, ann = world.open(world.automation()), world.person("Ann")
    said = BECAUSE | {"urgency": "The truck leaves at five.", "sla_feasible": False}
    assert ann.act(opened["id"], "escalations", said).status_code == 200
    text = world.person("Ben").live(opened["id"])["history"][-1]["text"]
    assert text.endswith("It names a customer. Urgent: The truck leaves at five. It can not be done in time.")
