"""Somebody at the desk wants more than their part: to decide alone, to read what is hidden, to act during a pause."""

from ipaddress import ip_network
from typing import Any, Final

import pytest

from tests.application import BECAUSE, ORIGIN, Agent, World, problem
from tests.desk import CARD, GATE, HIDDEN, ask, governed, passed, verify
from tests.flows.test_paused_and_resumed import pause
from tests.web.test_page_elsewhere import PAGE, code_of, exchange
from tests.web.test_step_up import body_of, confirm, with_passkey

OTHER: Final = "1111-2222-3333-4444"


def rewrite(robot: Agent, handoff_id: str, **changed: Any) -> Any:
    version = robot.live(handoff_id)["version"]
    return robot.send("PATCH", f"/v1/handoffs/{handoff_id}", changed, {"If-Match": f'"{version}"'})


def disagreed(world: World, robot: Agent) -> Any:
    """A case of two reviews that Ann approved and Ben rejected."""
    ann, ben = world.person("Ann"), world.person("Ben")
    case = ask(world, robot, approvals_needed=2)
    assert ann.decide(ann.live(case["id"])).status_code == 200
    assert ben.decide(ben.live(case["id"]), "reject").status_code == 200
    return case


# Deciding alone


@pytest.mark.req("R-ROLE-10", "R-ACT-10")
def test_answering_ones_own_question_is_no_way_to_edit(world: World) -> None:
    """Where no edits are taken, a reviewer who asks, answers with another output and approves it gets none through."""
    governed(world)
    robot, ann = world.automation(), world.person("Ann")
    case = ask(world, robot, allow_edit=False)
    assert ann.act(case["id"], "questions", {"text": "Is that so?"}).status_code == 200
    ann.act(case["id"], "answers", {"text": "It is.", "model_output": {"pay": "Ann"}})
    live = ann.live(case["id"])
    ann.decide(live, version=live["version"])
    assert robot.live(case["id"]).get("output") != {"pay": "Ann"}


@pytest.mark.req("R-CTX-18", "X-17")
def test_an_answer_does_not_write_where_its_author_may_not_read(world: World) -> None:
    """What an edit is refused for, an answer is refused for as well: the card of another person in a hidden place."""
    governed(world, redaction=HIDDEN)
    robot, ann = world.automation(), world.person("Ann")
    case = ask(world, robot, **CARD)
    assert ann.act(case["id"], "questions", {"text": "Is that so?"}).status_code == 200
    came = ann.act(case["id"], "answers", {"text": "No.", "model_output": {"card": OTHER, "amount": 12}})
    assert came.status_code in (403, 422), came.text


@pytest.mark.req("R-ROLE-06")
def test_the_requester_does_not_replace_the_output_that_others_decide(world: World) -> None:
    """Whoever asked for the case answers in words; the output is the workflow's."""
    governed(world)
    robot, ann, rita = world.automation(), world.person("Ann"), world.person("Rita")
    case = ask(world, robot, requester="rita@example.com")
    assert ann.act(case["id"], "questions", {"text": "Who are you?"}).status_code == 200
    came = rita.act(case["id"], "answers", {"text": "Me.", "model_output": {"pay": "Rita"}})
    assert came.status_code in (403, 422), came.text


@pytest.mark.req("R-GATE-15", "R-ROLE-07")
def test_a_third_settles_what_two_disagreed_about_and_nothing_newer(world: World) -> None:
    """The workflow changes the output after the disagreement: of that, two people must approve again."""
    governed(world)
    robot, cyd = world.automation(), world.person("Cyd")
    case = disagreed(world, robot)
    assert rewrite(robot, case["id"], model_output={"pay": 1_000_000}).status_code == 200
    assert cyd.decide(cyd.live(case["id"])).status_code == 200
    assert world.stored(case["id"]).state.value == "awaiting_second_review"


@pytest.mark.req("R-GATE-15", "R-ROLE-07")
def test_a_third_does_not_settle_with_an_output_of_their_own(world: World) -> None:
    """An edit that nobody else has seen is no answer to which of two was right."""
    governed(world)
    robot, cyd = world.automation(), world.person("Cyd")
    case = disagreed(world, robot)
    cyd.decide(cyd.live(case["id"]), "modify", edited_output={"pay": "Cyd"})
    assert world.stored(case["id"]).state.value not in ("approved", "modified")


@pytest.mark.req("R-GATE-12", "R-GATE-10")
def test_the_second_reviewer_checks_what_the_first_one_edited(world: World) -> None:
    """Checks were answered for the output before the edit; the edited one does not go on unchecked."""
    governed(world, gates=[GATE])
    robot, ann, ben = world.automation(), world.person("Ann"), world.person("Ben")
    case = ask(world, robot, approvals_needed=2)
    checks = passed("invoice/amount", "invoice/payee")
    edited = ann.decide(ann.live(case["id"]), "modify", edited_output={"pay": 9}, gate_results=checks)
    assert edited.status_code == 200, edited.text
    problem(ben.decide(ben.live(case["id"])), 422, "gate_results_missing")


@pytest.mark.req("R-ROLE-06")
@pytest.mark.parametrize("written", ["Ann <ann@example.com>", "ann+shop@example.com", "ａnn@example.com", "Ann"])
def test_whoever_asked_is_known_however_they_are_written(world: World, written: str) -> None:
    """A display name, a tag behind a plus, wide letters or the bare name do not make one's own case another's."""
    governed(world)
    robot, ann = world.automation(), world.person("Ann")
    case = ask(world, robot, requester=written)
    problem(ann.decide(ann.live(case["id"])), 403, "self_approval")


@pytest.mark.req("R-ROUTE-12")
def test_what_is_blocked_at_the_opening_is_blocked_in_a_revision(world: World) -> None:
    """A workflow opens something harmless and replaces it by what a rule of its policy forbids."""
    rule = {"id": "much", "stage": "hard_block", "words": "Never that much.",
            "when": "has(request.amount) && request.amount > 1000.0"}  # fmt: skip
    governed(world, rules=[rule])
    robot, ann = world.automation(), world.person("Ann")
    assert ask(world, robot, request={"amount": 5000})["state"] == "stopped"
    case = ask(world, robot, request={"amount": 5})
    rewrite(robot, case["id"], request={"amount": 5000})
    live = ann.live(case["id"])
    ann.decide(live, version=live["version"])
    told = world.services.store.load(case["id"])
    assert told is not None
    assert not (told.handoff.approved and b"5000" in told.package)


@pytest.mark.req("H6", "R-ACT-13")
def test_nothing_is_carried_out_during_a_pause(world: World) -> None:
    """An approval from before: the automation asks right before it acts, and is told that the line stands still."""
    governed(world)
    robot, ann, dora = world.automation(), world.person("Ann"), world.person("Dora", roles=["on_call"])
    case = ask(world, robot)
    assert ann.decide(case).status_code == 200
    digest = robot.get("/v1/decisions")["items"][0]["final_output_digest"]
    pause(dora, workflow_id="tickets")
    path, key = f"/v1/handoffs/{case['id']}/execution", {"Idempotency-Key": "pay-1"}
    assert robot.send("POST", path, {"output_digest": digest}, key).status_code == 409


@pytest.mark.req("R-ROLE-02")
def test_on_call_does_not_call_the_emergency_that_lets_it_decide(world: World) -> None:
    """Whoever decides at the highest level only, does not bring a case there alone and approve it."""
    governed(world)
    robot, dora = world.automation(), world.person("Dora", roles=["on_call"])
    case = ask(world, robot)
    problem(dora.decide(dora.live(case["id"])), 403, "role_missing")
    for _ in range(3):
        dora.act(case["id"], "escalations", BECAUSE)
    live = dora.live(case["id"])
    dora.decide(live, version=live["version"])
    assert world.stored(case["id"]).approved is None


@pytest.mark.req("R-ROUTE-34", "R-ACT-05")
def test_triage_does_not_shed_what_an_escalation_asked_for(world: World) -> None:
    """Legal has it; a check that fails and a triager who likes another queue do not open it to everybody."""
    target = {"title": "Legal", "level": 3, "queue": "legal", "skills": ["law"], "backup": "Bo",
              "respond_within_minutes": 60}  # fmt: skip
    queues = {"open": {"title": "Open", "skills": []}, "legal": {"title": "Legal", "skills": ["law"]}}
    checked = [GATE | {"on_failure": "triage"}]
    governed(world, queues=queues, gates=checked, escalation_targets={"legal": target})
    robot, ann = world.automation(), world.person("Ann")
    lex = world.person("Lex", roles=["approver", "triager"], skills=["law"])
    case = ask(world, robot)
    path = f"/v1/handoffs/{case['id']}"
    assert ann.act(case["id"], "escalations", BECAUSE | {"target": "legal"}).status_code == 200
    assert ann.send("GET", path).status_code == 403
    failed = verify(lex, lex.live(case["id"]), passed("invoice/amount", result="fail"), **BECAUSE)
    assert failed.status_code == 200, failed.text
    version = lex.live(case["id"])["version"]
    lex.send("POST", f"{path}/triage", {"queue": "open"}, {"If-Match": f'"{version}"'})
    assert ann.send("GET", path).status_code == 403


@pytest.mark.req("R-UI-16", "R-ACT-14")
def test_a_case_that_changed_under_a_batch_is_looked_at_again(world: World) -> None:
    """Given back and rewritten meanwhile, it is not what was compared with the others: no approval unconfirmed."""
    governed(world)
    robot, ann = world.automation(), world.person("Ann")
    cases = [ask(world, robot) for _ in range(4)]
    batch = ann.send("POST", "/v1/batches", {"like": cases[0]["id"], "size": 4}).json
    assert batch is not None
    victim = cases[1]["id"]
    assert ann.act(victim, "claim", method="DELETE").status_code == 200
    assert rewrite(robot, victim, model_output={"pay": "x" * 9_000}).status_code == 200
    now = ann.get(f"/v1/batches/{batch['id']}")
    items = [{name: item[name] for name in ("id", "version", "package_digest")} for item in now["items"]]
    ann.send("POST", f"/v1/batches/{batch['id']}/decision", {"action": "approve", "items": items})
    assert world.stored(victim).approved is None


@pytest.mark.req("L5")
def test_a_script_does_not_carry_a_confirmation_of_the_browser(world: World) -> None:
    """A personal token never is a step-up, whoever's passkey signed."""
    governed(world, assurance={"approve": "step_up"})
    robot, (ann, device) = world.automation(), with_passkey(world)
    case = ask(world, robot)
    signed = confirm(ann, device, case, body_of(case))
    _, text = world.services.directory.create_token(ann.id)
    path = f"/v1/handoffs/{case['id']}/decision"
    came = world.bearer(text).send("POST", path, body_of(case) | {"step_up": signed}, {"If-Match": '"1"'})
    assert came.status_code == 403, came.text


# Coming in


class _Provider:
    """An identity provider of which only the address is asked."""

    issuer = "https://id.example.com"

    def address(self, *_: str) -> str:
        return "https://id.example.com/authorize"


@pytest.mark.req("R-SEC-08", "A4")
def test_head_does_not_escape_the_limit_of_sign_ins(world: World) -> None:
    """What a GET may do three times a minute, a HEAD may do no oftener."""
    limited = World(world.url, sign_in_rate_per_minute=3)
    limited.services.federation._provider = _Provider()  # type: ignore[assignment]
    came = [limited.nobody().send("HEAD", "/v1/sign-ins/oidc?back=/").status_code for _ in range(5)]
    assert came.count(303) <= 3


@pytest.mark.req("R-INT-14")
def test_a_page_elsewhere_holds_while_the_proxy_says_so(embedded_url: str) -> None:
    """Its bearer is worth no more than the cookie that it came from: signed out at the proxy, it is nobody's."""
    there = {"X-Forwarded-Email": "ann@example.com"}
    world = World(
        embedded_url,
        page=f"{PAGE}/approve",
        trusted_proxies=(ip_network("127.0.0.1/32"),),
        identity_header="X-Forwarded-Email",
    ).emptied()
    world.reviewer("Ann")
    browser = world.browser(**there)
    assert browser.send("POST", "/v1/sign-ins/proxy", {}).status_code == 200
    session = exchange(world, code_of(browser)).json["session"]
    page = Agent(world.app.test_client(use_cookies=False), {"Origin": PAGE, "Authorization": f"Bearer {session}"})
    assert page.send("GET", "/v1/sessions/current").status_code == 401


@pytest.mark.req("R-ROLE-16")
def test_a_new_enrolment_link_ends_the_older_one(world: World) -> None:
    """A link that went to the wrong mailbox is taken back by making another."""
    person, older = world.services.directory.add_reviewer("Eve", "eve@example.com")
    newer = world.services.directory.enrol_again(person.id)
    assert world.browser().send("POST", "/v1/enrolments", {"token": newer}).status_code == 200
    assert world.browser().send("POST", "/v1/enrolments", {"token": older}).status_code == 401


@pytest.mark.req("A5", "A6")
@pytest.mark.parametrize("until", ["2027-13-31T23:59:59Z", "9999-12-31T23:59:59-14:00"])
def test_a_moment_that_is_none_is_refused_in_words(world: World, until: str) -> None:
    """Thirteen months, or past the end of the calendar."""
    ann = world.signed_in("Ann")
    came = ann.send("PUT", f"/v1/reviewers/{ann.id}/absence", {"until": until}, {"Origin": ORIGIN})
    problem(came, 422, "invalid_field")
