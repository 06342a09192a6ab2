"""Somebody at the desk wants more than their part: to decide alone, to read what is hidden, to act during a pause."""

from ipaddress import ip_network
from typing import Any, Final

import pytest

from tests.application import BECAUSE, ORIGIN, Agent, World, problem
from tests.desk import CARD, GATE, HIDDEN, NUMBER, ask, governed, passed, verify
from tests.flows.test_paused_and_resumed import pause
from tests.policies import document
from tests.web.test_page_elsewhere import PAGE, code_of, exchange
from tests.web.test_step_up import body_of, confirm, with_passkey

OTHER: Final = "1111-2222-3333-4444"
SALARY: Final = 51250
SALARY_HIDDEN: Final = [{"path": "/request/salary", "label": "Salary", "visible_to": ["compliance"]}]
PAID: Final[dict[str, Any]] = {"request": {"salary": SALARY, "text": "Pay me."}, "model_output": {"raise": 1}}


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
    assert ann.send("GET", path).status_code == 404
    failed = verify(lex, lex.live(case["id"]), passed("invoice/amount", result="fail"), **BECAUSE)
    assert failed.status_code == 200, failed.text
    version = lex.live(case["id"])["version"]
    lex.send("POST", f"{path}/triage", {"queue": "open"}, {"If-Match": f'"{version}"'})
    assert ann.send("GET", path).status_code == 404


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


# Reading what is hidden


@pytest.mark.req("R-CTX-18", "R-SEC-05")
def test_a_note_full_of_guesses_tells_nothing(world: World) -> None:
    """Whoever may not see a value finds their own words as they wrote them, whether or not they hit it."""
    governed(world, redaction=SALARY_HIDDEN)
    robot, ann = world.automation(), world.person("Ann")
    case = ask(world, robot, **PAID)
    text = " ".join(str(guess) for guess in range(SALARY - 100, SALARY + 100))
    assert ann.act(case["id"], "annotations", {"text": text}).status_code == 200
    assert ann.live(case["id"])["notes"][0]["text"] == text


@pytest.mark.req("R-CTX-18", "R-UI-22")
def test_a_form_is_not_prefilled_with_what_is_hidden(world: World) -> None:
    """The default of a field repeats the card: neither the live view nor a refusal says it."""
    governed(world, redaction=HIDDEN)
    robot, ann = world.automation(), world.person("Ann")
    field = {"type": "string", "default": NUMBER, "title": f"Card {NUMBER}"}
    case = ask(world, robot, **CARD, response_form={"type": "object", "properties": {"card": field}})
    seen = ann.send("GET", f"/v1/handoffs/{case['id']}").text
    refused = ann.decide(ann.live(case["id"]), response={"card": 5}).text
    assert NUMBER not in seen
    assert NUMBER not in refused


@pytest.mark.req("R-CTX-18")
def test_a_revised_title_is_masked_like_the_first(world: World) -> None:
    """In the list nobody's role is asked, so what is hidden from anybody stands in no title and is not found there."""
    governed(world, redaction=HIDDEN)
    robot, ann = world.automation(), world.person("Ann")
    case = ask(world, robot, **CARD)
    assert rewrite(robot, case["id"], title=f"Refund to {NUMBER}", question=f"Pay {NUMBER}?").status_code == 200
    assert NUMBER not in ann.send("GET", "/v1/handoffs").text
    assert ann.get("/v1/handoffs", q=NUMBER)["items"] == []


@pytest.mark.req("R-CTX-18")
def test_what_was_hidden_in_an_older_version_stays_hidden_in_notes(world: World) -> None:
    """Compliance quoted the card; that the workflow replaced it since does not show the old one."""
    governed(world, redaction=HIDDEN)
    robot, ann, cora = world.automation(), world.person("Ann"), world.person("Cora", roles=["compliance"])
    case = ask(world, robot, **CARD)
    assert cora.act(case["id"], "annotations", {"text": f"{NUMBER} is stolen."}).status_code == 200
    assert rewrite(robot, case["id"], request={"card": OTHER}, model_output={"card": OTHER}).status_code == 200
    assert NUMBER not in ann.send("GET", f"/v1/handoffs/{case['id']}").text


@pytest.mark.req("R-CTX-18")
def test_a_hidden_file_of_an_older_version_is_not_handed_out(world: World) -> None:
    """Whoever knows its hash, or tries that of a document they know, does not get it after the case changed either."""
    governed(world, redaction=[{"path": "/request/letter", "label": "Letter", "visible_to": ["compliance"]}])
    robot, ann = world.automation(), world.person("Ann")
    case = ask(world, robot, request={"letter": "in confidence " * 20_000, "text": "Please read."})
    (name,) = world.stored(case["id"]).blobs
    path = f"/v1/handoffs/{case['id']}/blobs/{name}"
    assert ann.send("GET", path).status_code == 404
    assert rewrite(robot, case["id"], request={"text": "Please read."}).status_code == 200
    assert ann.send("GET", path).status_code == 404


@pytest.mark.req("R-CTX-18", "R-STORE-11")
def test_the_impact_does_not_tell_the_number_that_it_is_made_of(world: World) -> None:
    """A formula may read what a reviewer may not: then they are not told its result."""
    governed(world, redaction=SALARY_HIDDEN, impact_formula="has(request.salary) ? double(request.salary) : 0.0")
    robot, ann = world.automation(), world.person("Ann")
    case = ask(world, robot, **PAID)
    assert str(SALARY) not in ann.send("GET", f"/v1/handoffs/{case['id']}").text
    assert str(SALARY) not in ann.send("GET", "/v1/handoffs").text


@pytest.mark.req("R-CTX-18")
def test_the_topic_of_a_case_does_not_repeat_what_is_hidden(world: World) -> None:
    """Nor do the filters of the desk that are made of it."""
    governed(world, redaction=HIDDEN)
    robot, ann = world.automation(), world.person("Ann")
    ask(world, robot, **CARD, category=f"Card {NUMBER}")
    assert NUMBER not in ann.send("GET", "/v1/handoffs?facets=true").text


@pytest.mark.req("R-CTX-18", "R-CAN-07")
def test_a_simulation_does_not_answer_questions_about_hidden_values(world: World) -> None:
    """A reader tries policies that compare the hidden number with one more and one less: both look the same."""
    rule = {"id": "much", "stage": "forced_review", "words": "Much.",
            "when": "has(request.salary) && request.salary > 90000.0"}  # fmt: skip
    governed(world, redaction=SALARY_HIDDEN, rules=[rule])
    robot, ann = world.automation(), world.person("Ann")
    ask(world, robot, **PAID)

    def changed(guess: int) -> Any:
        when = f"has(request.salary) && request.salary >= {guess}.0"
        tried = document(redaction=SALARY_HIDDEN, rules=[rule | {"stage": "hard_block", "when": when}])
        answer = ann.send("POST", "/v1/policies/tickets/simulations", {"document": tried, "days": 30})
        return answer.status_code, (answer.json or {}).get("changed")

    assert changed(SALARY) == changed(SALARY + 1)


@pytest.mark.req("R-CTX-18")
def test_a_refused_edit_does_not_say_whether_a_guess_was_right(world: World) -> None:
    """A text whose hidden part is guessed is refused for the same reason, whether the guess is right or wrong."""
    governed(world, redaction=SALARY_HIDDEN, gates=[GATE])
    robot, ann = world.automation(), world.person("Ann")
    case = ask(world, robot, request={"salary": str(SALARY)}, model_output={"text": f"Salary is {SALARY}."})

    def code(guess: int) -> Any:
        came = ann.decide(ann.live(case["id"]), "modify", edited_output={"text": f"Salary is {guess}."})
        return (came.json or {}).get("code")

    assert code(SALARY) == code(SALARY + 1)


@pytest.mark.req("X-17")
def test_one_reason_discloses_one_version(world: World) -> None:
    """Sent again under the same key after the case changed, a disclosure is another one, and recorded."""
    governed(world, redaction=HIDDEN)
    robot, cora = world.automation(), world.person("Cora", roles=["compliance"])
    case = ask(world, robot, **CARD)
    path, key = f"/v1/handoffs/{case['id']}/disclosures", {"Idempotency-Key": "see-1"}
    assert cora.send("POST", path, {"reason": "A complaint."}, key).status_code == 200
    assert rewrite(robot, case["id"], request={"card": OTHER}).status_code == 200
    again = cora.send("POST", path, {"reason": "A complaint."}, key)
    told = [one for one in cora.live(case["id"])["history"] if one["type"] == "handoff.disclosed"]
    assert again.status_code != 200 or len(told) == 2


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
