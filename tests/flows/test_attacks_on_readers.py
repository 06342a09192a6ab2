"""What a reader may not see is told neither by outcomes, samples and old versions, nor by lists of other cases."""

import base64
import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.application import Agent, World, problem
from tests.desk import CARD, GATE, HIDDEN, NUMBER, ask, governed, passed, verify
from tests.flows.test_attacks_on_desk import OTHER, rewrite

NOTE: Final = {"type": "object", "properties": {"memo": {"type": "string"}}}
GUESSES: Final = " ".join(f"4556-7375-8689-{last:04d}" for last in range(9800, 9900))
QUEUES: Final = {
    "hr": {"title": "HR", "skills": ["hr_trained"], "categories": ["salary"]},
    "it": {"title": "IT", "skills": [], "categories": ["net"]},
}
IMPACT_HIDDEN: Final = [{"path": "/metadata/impact", "label": "Impact", "visible_to": ["compliance"]}]
CALLBACK: Final = "http://localhost:9999/done"


def package(by: Agent, handoff_id: str) -> Any:
    """What `by` is shown of a case."""
    token = by.get(f"/v1/handoffs/{handoff_id}/package")["package_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(token + "=="))
    return claims.get("package") or claims


def outcome(by: Agent, handoff_id: str) -> Any:
    return next(one for one in by.get("/v1/decisions")["items"] if one["id"] == handoff_id)


def sampled(world: World, by: Agent) -> Any:
    """The package of the one review that an auditor has drawn, as `by` is shown it."""
    audit = world.person("Olga", roles=["auditor"])
    (review,) = audit.send("POST", "/v1/samples", {"number": 5}).json["items"]
    return package(by, review["id"])


def compliant(world: World) -> Agent:
    return world.person("Cora", roles=["compliance", "approver"])


# Outcomes


@pytest.mark.req("R-CTX-18", "X-17")
def test_an_outcome_leaves_what_was_filled_in_as_its_author_wrote_it(world: World) -> None:
    """Also what the first of two filled in, whoever decided in the end: a mask would tell which guess is right."""
    governed(world, redaction=HIDDEN)
    robot, ann, ben = world.automation(), world.person("Ann"), world.person("Ben")
    for needed in (1, 2):
        case = ask(world, robot, **CARD, response_form=NOTE, approvals_needed=needed)
        assert ann.decide(ann.live(case["id"]), response={"memo": GUESSES}).status_code == 200
        if needed == 2:
            assert ben.decide(ben.live(case["id"])).json["state"] == "approved"
        assert outcome(ann, case["id"])["response"] == {"memo": GUESSES}


@pytest.mark.req("R-CTX-18", "X-17")
def test_an_outcome_masks_what_its_author_was_disclosed(world: World) -> None:
    """Whoever was shown the whole case quotes it in a reason: as in the case itself, others do not read it."""
    governed(world, redaction=[{**HIDDEN[0], "visible_to": []}])
    robot, ann, cora = world.automation(), world.person("Ann"), compliant(world)
    case = ask(world, robot, **CARD)
    path, key = f"/v1/handoffs/{case['id']}/disclosures", {"Idempotency-Key": "d"}
    assert cora.send("POST", path, {"reason": "A complaint."}, key).status_code == 200
    told = cora.decide(cora.live(case["id"]), "reject", rationale=f"The card {NUMBER} is stolen.")
    assert told.status_code == 200
    for words in (ann.live(case["id"])["decision"], outcome(ann, case["id"])):
        assert words["rationale"] == "The card [redacted 1] is stolen."
    assert NUMBER not in ann.send("GET", "/v1/decisions").text


@pytest.mark.req("R-CTX-18", "R-GATE-10")
def test_the_history_leaves_notes_of_checks_as_their_author_wrote_them(world: World) -> None:
    """In the history as beside the check itself, and as often as somebody answers it."""
    governed(world, redaction=HIDDEN, gates=[GATE])
    robot, vera = world.automation(), world.person("Vera", roles=["verifier"])
    live = vera.live(ask(world, robot, **CARD)["id"])
    assert verify(vera, live, passed("invoice/amount", note=GUESSES)).status_code == 200
    assert vera.live(live["id"])["history"][-1]["gate_results"][0]["note"] == GUESSES


@pytest.mark.req("R-CTX-18", "R-UI-22")
def test_a_hidden_default_is_told_neither_by_an_answer_nor_by_its_correction(world: World) -> None:
    """What was filled in there stays unsaid to whoever was not shown what stood there, right or wrong."""
    governed(world, redaction=HIDDEN)
    robot, ann, cora = world.automation(), world.person("Ann"), compliant(world)
    form = {"type": "object", "properties": {"card": {"type": "string", "default": NUMBER}}}
    for guess in (NUMBER, OTHER):
        case = ask(world, robot, **CARD, response_form=form)
        assert ann.decide(ann.live(case["id"]), response={"card": guess}).status_code == 200
        for told in (ann.live(case["id"])["decision"], outcome(ann, case["id"])):
            assert (told["response"], told["corrections"]) == ({"card": "[redacted 1]"}, [])
        assert cora.live(case["id"])["decision"]["response"] == {"card": guess}


@pytest.mark.req("R-CTX-18", "R-UI-22")
def test_a_hidden_choice_is_made_by_its_mask_only(world: World) -> None:
    """Guessed, it is refused like any wrong one; so a form with choices answers no guesses."""
    governed(world, redaction=HIDDEN)
    robot, ann = world.automation(), world.person("Ann")
    form = {"type": "object", "properties": {"card": {"type": "string", "enum": ["none", NUMBER]}}}
    live = ann.live(ask(world, robot, **CARD, response_form=form)["id"])
    right, wrong = (ann.decide(live, response={"card": guess}) for guess in (NUMBER, OTHER))
    assert problem(right, 422, "response_invalid")["detail"] == problem(wrong, 422, "response_invalid")["detail"]
    assert ann.decide(live, response={"card": "[redacted 1]"}).status_code == 200


@pytest.mark.req("R-CTX-18", "R-GATE-12")
def test_a_second_reviewer_who_may_not_see_all_repeats_no_answers(world: World) -> None:
    """Right or wrong, what they send is refused in the same words; without any they agree to the first's."""
    governed(world, redaction=HIDDEN)
    robot, ann, cora = world.automation(), world.person("Ann"), compliant(world)
    case = ask(world, robot, **CARD, response_form=NOTE, approvals_needed=2)
    assert cora.decide(cora.live(case["id"]), response={"memo": NUMBER}).json["state"] == "awaiting_second_review"
    live = ann.live(case["id"])
    came = [ann.decide(live, response={"memo": guess}) for guess in (NUMBER, OTHER, "[redacted 1]")]
    assert len({json.dumps(problem(one, 422, "response_differs", "/response")) for one in came}) == 1
    assert ann.decide(live).json["state"] == "approved"
    assert outcome(robot, case["id"])["response"] == {"memo": NUMBER}


@pytest.mark.req("R-CTX-18", "R-ACT-04")
def test_an_edit_that_is_too_large_is_refused_without_its_words(world: World) -> None:
    """The name of a member is its editor's: a mask in it would tell which of their guesses is right."""
    governed(world, redaction=HIDDEN)
    robot, ann = world.automation(), world.person("Ann")
    live = ann.live(ask(world, robot, **CARD)["id"])
    edits = ({"amount": 12, "card": None, name: "x" * 1_100_000} for name in (f"{GUESSES}", f"{GUESSES} {OTHER}"))
    came = [problem(ann.decide(live, "modify", edited_output=edit), 422, "package_unusable") for edit in edits]
    assert came[0] == came[1]
    assert (came[0]["field"], "4556" in came[0]["detail"]) == ("/edited_output", False)


@pytest.mark.req("R-CTX-18", "R-ACT-04")
def test_an_edit_that_rules_refuse_is_refused_without_its_words(world: World) -> None:
    """A rule names the place that it stopped at; what is hidden stays out of it, as does the mask of a guess."""
    governed(
        world, redaction=[{"path": "/request/name", "label": "Name", "visible_to": []}], prohibited_terms=["qwerty"]
    )
    robot, ann = world.automation(), world.person("Ann")
    output, told = {"Zebra": "Fine.", "a": 1}, []
    for name in ("Zebra", "Lion"):
        live = ann.live(ask(world, robot, request={"name": name}, model_output=output)["id"])
        shown = package(ann, live["id"])["model_output"]
        for edited in (dict.fromkeys(shown, "qwerty"), {**shown, "Lion": "qwerty"}):
            refused = problem(ann.decide(live, "modify", edited_output=edited), 422, "edit_refused_by_policy")
            checked = ann.act(live["id"], "edit-checks", {"edited_output": edited}).json
            assert checked["refused"] == refused["detail"]
            told.append(refused["detail"])
    assert len(set(told)) == 1
    assert "Zebra" not in told[0]


@pytest.mark.req("R-CTX-18")
def test_the_way_back_to_the_execution_does_not_repeat_what_is_hidden(world: World) -> None:
    """Its address is left out where it does, and there where it does not."""
    governed(world, redaction=HIDDEN)
    robot, ann = world.automation(), world.person("Ann")
    source = {"system": "n8n", "execution_id": "7", "node_id": "n"}
    for url, shown in ((f"https://n8n.test/e?card={NUMBER}", None), ("https://n8n.test/e/7", "https://n8n.test/e/7")):
        case = ask(world, robot, **CARD, source={**source, "execution_url": url})
        assert ann.live(case["id"])["execution_url"] == shown
        assert robot.live(case["id"])["execution_url"] == url


# Samples


@pytest.mark.req("R-CTX-18", "R-SAMP-11")
def test_a_second_look_does_not_mask_guesses_in_a_reason(world: World) -> None:
    """Where something is hidden the review has no reason in it; the case itself shows it as each may know it."""
    governed(world, redaction=HIDDEN)
    robot, ann = world.automation(), world.person("Ann")
    case = ask(world, robot, **CARD)
    assert ann.decide(ann.live(case["id"]), "reject", rationale=GUESSES).status_code == 200
    shown = json.dumps(sampled(world, ann))
    assert "4556" not in shown
    assert "read the reason in the case itself" in shown


@pytest.mark.req("R-CTX-18", "R-SAMP-11")
def test_a_second_look_masks_what_older_versions_hid(world: World) -> None:
    """The workflow replaced the card and still writes about the old one: the review hides both, as the case does."""
    governed(world, redaction=HIDDEN)
    robot, ann = world.automation(), world.person("Ann")
    case = ask(world, robot, **CARD)
    anew = {"card": OTHER, "text": f"Not {NUMBER} any more."}
    assert rewrite(robot, case["id"], request=anew, model_output={"card": OTHER}).status_code == 200
    assert ann.decide(ann.live(case["id"])).status_code == 200
    shown = json.dumps(sampled(world, ann))
    assert "any more" in shown
    assert NUMBER not in shown
    assert OTHER not in shown


@pytest.mark.req("R-CTX-18", "R-SAMP-11", "X-17")
def test_a_second_look_masks_what_is_hidden_beside_the_payload(world: World) -> None:
    """The impact is hidden, and the request repeats it; whoever may see it is shown it in the review, too."""
    governed(world, redaction=IMPACT_HIDDEN)
    robot, ann, cora = world.automation(), world.person("Ann"), compliant(world)
    case = ask(world, robot, request={"text": "About the Merger with Zebra."}, impact="Merger with Zebra")
    assert ann.decide(ann.live(case["id"])).status_code == 200
    review = sampled(world, ann)
    assert "Zebra" not in json.dumps(review)
    assert package(cora, review["handoff_id"])["metadata"]["impact"] == "Merger with Zebra"


# Other cases


def places(world: World) -> Iterator[Agent]:
    """The workflow, and people of two queues; those of one are trained for it."""
    governed(world, queues=QUEUES, triage="required")
    yield world.automation()
    yield world.person("Hanna", skills=["hr_trained"], roles=["approver", "triager"])
    yield world.person("Ivo", queues=["it"])


def sort(by: Agent, case: Any, queue: str) -> None:
    answer = by.send("POST", f"/v1/handoffs/{case['id']}/triage", {"queue": queue}, {"If-Match": '"1"'})
    assert answer.status_code == 200, answer.text


@pytest.mark.req("R-CTX-16", "R-ROLE-08", "A3")
def test_similar_cases_do_not_come_along_to_who_may_not_know_them(world: World) -> None:
    """Sorted into another queue, a case shows nothing of the first one's; what is shown can be decided on."""
    robot, hanna, ivo = places(world)
    decided = ask(world, robot, category="salary")
    sort(hanna, decided, "hr")
    assert hanna.decide(hanna.live(decided["id"]), "reject").status_code == 200
    world.clock.advance(60_000)
    case = ask(world, robot, category="salary")
    (known,) = package(hanna, case["id"])["metadata"]["similar_cases"]
    assert (known["id"], "skills" in known) == (decided["id"], False)
    sort(hanna, case, "it")
    assert ivo.send("GET", f"/v1/handoffs/{decided['id']}").status_code == 404
    token = ivo.get(f"/v1/handoffs/{case['id']}/package")["package_token"]
    assert package(ivo, case["id"])["metadata"]["similar_cases"] == []
    done = ivo.send("POST", "/handoff/complete", {"package_token": token, "action": "approve"})
    assert done.status_code == 200, done.text


def hidden_outcome(world: World) -> tuple[Agent, Agent, Any]:
    """Somebody who may not know of a case, somebody who may, and the case, decided and about to be told."""
    robot, hanna, ivo = places(world)
    case = ask(world, robot, category="salary", callback_url=CALLBACK)
    sort(hanna, case, "hr")
    assert hanna.decide(hanna.live(case["id"])).status_code == 200
    return ivo, hanna, case


@pytest.mark.req("A3", "R-ROLE-08")
def test_a_callback_of_a_case_that_one_may_not_know_is_not_listed(world: World) -> None:
    """Neither in the list nor by its id, as the case itself; whoever looks after callbacks sees it all the same."""
    ivo, hanna, case = hidden_outcome(world)
    (listed,) = hanna.get("/v1/deliveries")["items"]
    assert listed["handoff_ids"] == [case["id"]]
    assert ivo.get("/v1/deliveries") == {"items": [], "cursor": None}
    problem(ivo.send("GET", f"/v1/deliveries/{listed['id']}"), 404, "not_found")
    assert world.person("Sam", roles=["sre"]).get("/v1/deliveries")["items"] == [listed]


@pytest.mark.req("A3", "R-ROLE-08")
def test_of_a_group_one_reads_those_of_ones_own_workflow(world: World) -> None:
    """A callback that tells of two workflows names to each of their people the cases of theirs."""
    robot, kim, lee = world.automation(), *(world.person(n, workflows=[w]) for n, w in (("Kim", "a"), ("Lee", "b")))
    group = world.open_group(robot, [{"workflow_id": "a"}, {"workflow_id": "b"}], callback_url=CALLBACK)
    for by, case in zip((kim, lee), group["handoffs"], strict=True):
        assert by.decide(by.live(case["id"])).status_code == 200
    for by, workflow, case in ((kim, "a", group["handoffs"][0]), (lee, "b", group["handoffs"][1])):
        (listed,) = by.get("/v1/deliveries")["items"]
        assert (listed["handoff_ids"], listed["workflow_id"]) == ([case["id"]], workflow)


@pytest.mark.req("A3", "R-ROLE-08")
def test_what_people_decided_today_is_counted_as_far_as_one_may_know(world: World) -> None:
    """Of another queue's cases not even their number is told."""
    ivo, hanna, _ = hidden_outcome(world)
    assert [by.get("/v1/handoffs")["decided_today"] for by in (hanna, ivo)] == [1, 0]
    assert ivo.get("/v1/handoffs", state="decided")["decided_today"] == 0


@pytest.mark.req("A3", "R-ROLE-08")
def test_the_cursor_of_outcomes_stands_still_where_nothing_is_to_be_known(world: World) -> None:
    """It does not tell that another queue decided something; what comes later is read behind it all the same."""
    ivo, hanna, _ = hidden_outcome(world)
    assert ivo.get("/v1/decisions") == {"items": [], "cursor": "0"}
    case = ask(world, world.automation(), category="net")
    sort(hanna, case, "it")
    assert ivo.decide(ivo.live(case["id"])).status_code == 200
    first = ivo.get("/v1/decisions", limit=1)
    assert [one["id"] for one in first["items"]] == [case["id"]]
    assert ivo.get("/v1/decisions", cursor=first["cursor"]) == {"items": [], "cursor": first["cursor"]}


@pytest.mark.req("A3", "R-ROLE-08")
@pytest.mark.parametrize("path", ["/v1/decisions", "/v1/deliveries"])
def test_whoever_reads_on_gets_past_many_that_are_not_theirs(
    world: World, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Of so many that they would take too long for one answer: a page is short then, and the next goes on behind."""
    for module in ("decisions", "deliveries"):
        monkeypatch.setattr(f"companion.web.{module}.LOOKED_AT", 2)
    robot, hanna, ivo = places(world)
    queues = ["it", *["hr"] * 7, "it"]
    for queue in queues:
        case = ask(world, robot, category="salary" if queue == "hr" else "net", callback_url=CALLBACK)
        sort(hanna, case, queue)
        assert hanna.decide(hanna.live(case["id"])).status_code == 200
    seen, cursor = [], {}
    for _ in queues:
        page = ivo.get(path, limit=1, **cursor)
        seen += page["items"]
        cursor = cursor if page["cursor"] is None else {"cursor": page["cursor"]}
        if page["cursor"] is None:
            break
    assert len({one["id"] for one in seen}) == len(seen) == 2


# Two reviews


@pytest.mark.req("R-GATE-12", "R-ROLE-02")
def test_on_call_reads_no_reasons_that_they_may_have_to_look_past(world: World) -> None:
    """Below the emergency level they decide nothing, but the case can come up to them: they are blind before."""
    governed(world)
    robot, ann, dora = world.automation(), world.person("Ann"), world.person("Dora", roles=["on_call"])
    case = ask(world, robot, approvals_needed=2)
    assert ann.decide(ann.live(case["id"]), rationale="It equals the letter.").status_code == 200
    assert "equals the letter" not in dora.send("GET", f"/v1/handoffs/{case['id']}").text
