"""A case changes while people look at it, by its workflow, an answer or an edit: the rules hold for what it became."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.application import Agent, World, problem
from tests.desk import CARD, HIDDEN, NUMBER, ask, governed, passed, verify
from tests.flows.conftest import Receiver, Workflow

FACTS: dict[str, Any] = {
    "id": "facts", "title": "Facts",
    "items": [{"id": "sources", "title": "Sources", "criterion": "Each number has a source.", "check": "pass_fail"}],
}  # fmt: skip
AGAIN: dict[str, Any] = {
    "id": "again", "title": "Again", "review": 2,
    "items": [{"id": "sum", "title": "Sum", "criterion": "The sum equals that of the invoice.", "check": "pass_fail"}],
}  # fmt: skip


def change(by: Agent, live: Any, **fields: Any) -> Any:
    return by.send("PATCH", f"/v1/handoffs/{live['id']}", fields, {"If-Match": f'"{live["version"]}"'})


BLOCK: dict[str, Any] = {
    "id": "much", "stage": "hard_block", "words": "Never that much.",
    "when": "has(request.amount) && request.amount > 1000.0",
}  # fmt: skip


@pytest.mark.req("R-ROUTE-22", "R-CTX-03")
def test_what_would_have_been_stopped_does_not_come_in_by_a_change(world: World, workflow: Workflow) -> None:
    """A revision that the rules end is refused with the words of the rule, and the case stays as it was."""
    governed(world, rules=[BLOCK])
    opened = ask(world, workflow.agent, request={"amount": 5})
    refused = problem(change(workflow.agent, opened, request={"amount": 5000}), 422, "revision_refused_by_policy")
    assert "Never that much." in refused["detail"]
    live = workflow.agent.live(opened["id"])
    assert (live["version"], live["package_digest"]) == (1, opened["package_digest"])
    assert change(workflow.agent, opened, request={"amount": 6}).status_code == 200


@pytest.mark.req("R-ROUTE-34", "R-ROLE-07")
def test_what_a_change_brings_in_raises_what_is_asked_of_reviewers(world: World, workflow: Workflow) -> None:
    """Risk, the number of approvals and marks rise with the new content, and never fall again."""
    governed(world, prohibited_terms=["project nightfall"])
    opened = ask(world, workflow.agent)
    before = world.stored(opened["id"])
    answer = change(workflow.agent, opened, model_output={"summary": "Write to dana.doe@example.com."})
    assert answer.status_code == 200, answer.text
    after = world.stored(opened["id"])
    assert "pii" not in before.flags
    assert "pii" in after.flags
    assert after.approvals_needed >= before.approvals_needed
    ann = world.person("Ann")
    package = world.services.store.load(opened["id"])
    assert package is not None
    assert b'"pii"' in package.package, "the reviewer sees the mark"
    calm = change(workflow.agent, ann.live(opened["id"]), model_output={"summary": "Nothing."})
    assert calm.status_code == 200, calm.text
    assert "pii" in world.stored(opened["id"]).flags, "what was found once stays"


@pytest.mark.req("R-ACT-08", "R-ACT-10")
def test_a_person_answers_and_does_not_write_the_output(world: World, workflow: Workflow) -> None:
    """Else they could approve what they wrote themselves, or edit by a request that they rewrote for it."""
    governed(world, redaction=HIDDEN)
    ann = world.person("Ann")
    opened = ask(world, workflow.agent, allow_edit=False, **CARD)
    asked = ann.act(opened["id"], "questions", {"text": "Which order?"}).json
    for part in ("model_output", "request"):
        answer = ann.act(opened["id"], "answers", {"text": "This one.", part: {"amount": 99_999}})
        problem(answer, 422, "invalid_field", f"/{part}")
    assert world.stored(opened["id"]).version == asked["version"]
    assert ann.act(opened["id"], "answers", {"text": "Number 7."}).json["state"] == "pending"


@pytest.mark.req("R-CTX-18", "R-SEC-05")
def test_a_changed_title_is_masked_like_the_first(world: World, workflow: Workflow) -> None:
    """What is hidden from anybody stands in no title or question, whichever version brought it in."""
    governed(world, redaction=HIDDEN)
    opened = ask(world, workflow.agent, **CARD)
    assert change(workflow.agent, opened, title=f"Card {NUMBER}", question=f"Pay to {NUMBER}?").status_code == 200
    stored = world.stored(opened["id"])
    assert (stored.title, stored.question) == ("Card [redacted 1]", "Pay to [redacted 1]?")
    ann = world.person("Ann")
    assert NUMBER not in ann.client.get("/v1/handoffs", headers=ann.headers).text


@pytest.mark.req("R-CTX-18", "R-SEC-05", "X-17")
def test_what_was_hidden_stays_hidden_after_it_was_replaced(world: World, workflow: Workflow) -> None:
    """A note of somebody who saw the old card number does not tell it once the workflow sent another one."""
    governed(world, redaction=HIDDEN)
    carl, ann = world.person("Carl", roles=["compliance"]), world.person("Ann")
    opened = ask(world, workflow.agent, **CARD)
    noted = carl.act(opened["id"], "annotations", {"text": f"Card {NUMBER} is stolen."})
    assert noted.status_code == 200, noted.text
    for last in ("1111", "2222"):
        new = f"4111-1111-1111-{last}"
        changed = change(
            workflow.agent, workflow.agent.live(opened["id"]), request={"card": new}, model_output={"card": new}
        )
        assert changed.status_code == 200, changed.text
    told = ann.client.get(f"/v1/handoffs/{opened['id']}", headers=ann.headers).text
    assert "is stolen" in told
    assert NUMBER not in told
    assert NUMBER in carl.client.get(f"/v1/handoffs/{opened['id']}", headers=carl.headers).text


@pytest.mark.req("R-GATE-09", "R-GATE-10", "R-ACT-04")
def test_an_edit_is_checked_as_an_edit(world: World, workflow: Workflow) -> None:
    """What was checked before somebody edited says nothing of the edit: every check is answered with it."""
    governed(world, gates=[FACTS])
    ann, vera = world.person("Ann"), world.person("Vera", roles=["verifier"])
    opened = ask(world, workflow.agent)
    checked = verify(vera, opened, passed("facts/sources")).json
    edit = {"edited_output": {"pay": 9}}
    problem(ann.decide(checked, "modify", **edit), 422, "gate_results_missing", "/gate_results")
    done = ann.decide(checked, "modify", **edit, gate_results=passed("facts/sources"))
    assert done.status_code == 200, done.text
    assert done.json["state"] == "modified"


@pytest.mark.req("R-GATE-12", "R-GATE-16")
def test_the_second_reviewer_checks_the_firsts_edit_from_the_beginning(world: World, workflow: Workflow) -> None:
    """After an edit all gates are open again to the second, and none of the first's answers counts."""
    governed(world, gates=[FACTS, AGAIN])
    ann, ben = world.person("Ann"), world.person("Ben")
    opened = ask(world, workflow.agent, approvals_needed=2)
    given = passed("facts/sources")
    first = ann.decide(opened, "modify", edited_output={"pay": 9}, gate_results=given).json
    assert first["state"] == "awaiting_second_review"
    live = ben.live(opened["id"])
    assert [(gate["id"], gate["open"], gate["items"][0]["result"]) for gate in live["gates"]] == [
        ("facts", True, None), ("again", False, None),
    ]  # fmt: skip
    problem(ben.decide(live, gate_results=passed("again/sum")), 409, "gate_not_open")
    problem(ben.decide(live), 422, "gate_results_missing")
    assert ben.decide(live, gate_results=passed("facts/sources", "again/sum")).json["state"] == "modified"


@pytest.mark.req("R-GATE-15", "R-ROLE-07")
def test_a_third_settles_only_what_two_disagreed_on(world: World, workflow: Workflow) -> None:
    """Changed meanwhile, or edited by the third, it needs two people again."""
    ann, ben, cat, dan = (world.person(name) for name in ("Ann", "Ben", "Cat", "Dan"))
    opened, other = (ask(world, workflow.agent, approvals_needed=2) for _ in range(2))
    for one in (opened, other):
        assert ben.decide(ann.decide(one).json, "reject").status_code == 200
    changed = change(workflow.agent, workflow.agent.live(opened["id"]), model_output={"pay": 1_000_000}).json
    first = cat.decide(changed).json
    assert (first["state"], first["approved"]) == ("awaiting_second_review", None)
    problem(ann.decide(first), 403, "already_reviewed")
    assert dan.decide(first).json["state"] == "approved"
    edited = cat.decide(cat.live(other["id"]), "modify", edited_output={"pay": 2}).json
    assert edited["state"] == "awaiting_second_review"
    assert dan.decide(edited).json["state"] == "modified"


@pytest.mark.req("H6", "R-CONT-06", "R-ACT-13")
def test_nothing_is_executed_while_its_workflow_is_paused(world: World, workflow: Workflow) -> None:
    """Neither for the first time nor again: the answer names the pause."""
    ann, dora = world.person("Ann"), world.person("Dora", roles=["on_call"])
    done, late = (ask(world, workflow.agent) for _ in range(2))
    for one in (done, late):
        assert ann.decide(one).status_code == 200

    def execute(one: Any) -> Any:
        body, key = {"output_digest": one["output_digest"]}, {"Idempotency-Key": f"execute-{one['id']}"}
        return workflow.agent.send("POST", f"/v1/handoffs/{one['id']}/execution", body, key)

    assert execute(done).status_code == 200
    made = dora.send("POST", "/v1/pauses", {"reason": "Wrong refunds.", "workflow_id": "tickets"})
    assert made.status_code == 201, made.text
    for one in (late, done):
        assert "Dora" in problem(execute(one), 409, "paused")["detail"]


FORM: dict[str, Any] = {
    "type": "object",
    "properties": {"total": {"type": "number", "default": 10}, "note": {"type": "string"}},
    "required": ["total"],
}


@pytest.mark.req("R-UI-22", "R-GATE-12")
def test_what_the_first_filled_in_is_what_both_approved(
    world: World, workflow: Workflow, receiver: Receiver, callbacks: Callable[[], int]
) -> None:
    """The workflow is told the first's answers, with their corrections and digest; the second cannot put in others."""
    ann, ben = world.person("Ann"), world.person("Ben")
    filled = {"total": 12, "note": "Two more."}
    for second in ({}, {"response": filled}):
        opened = ask(world, workflow.agent, approvals_needed=2, response_form=FORM, callback_url=receiver.url)
        first = ann.decide(opened, response=filled).json
        problem(ben.decide(first, response={"total": 13}), 422, "response_differs", "/response")
        done = ben.decide(first, **second)
        assert done.status_code == 200, done.text
        callbacks()
        (told,) = receiver.received[-1].data["handoffs"]
        assert told["response"] == filled
        assert [(one["field"], one["before"], one["after"]) for one in told["corrections"]] == [("total", 10, 12)]
        assert told["event"]["details"]["response_digest"] == told["response_digest"]


@pytest.mark.req("R-CTX-18", "X-17")
def test_trying_values_in_an_edit_tells_nothing(world: World, workflow: Workflow) -> None:
    """Whether a guess equals what is hidden is not told by another refusal."""
    governed(world, redaction=HIDDEN, gates=[FACTS])
    ann = world.person("Ann")
    opened = ask(world, workflow.agent, **CARD | {"model_output": {"text": f"Pay to {NUMBER}."}})
    for guess in (NUMBER, "4556-7375-8689-0000"):
        edit = {"edited_output": {"text": f"Pay to {guess}."}, "gate_results": []}
        problem(ann.decide(opened, "modify", **edit), 422, "gate_results_missing")
    same = {"edited_output": {"text": "Pay to [redacted 1]."}, "gate_results": passed("facts/sources")}
    problem(ann.decide(opened, "modify", **same), 422, "edited_output_unchanged")


@pytest.mark.req("R-ROLE-06", "R-GATE-17")
def test_whoever_sorted_it_where_less_is_asked_does_not_approve_it(world: World, workflow: Workflow) -> None:
    """The rules' queue has a check, the chosen one has none: a triager who may approve leaves that to somebody else."""
    queues = {
        "strict": {"title": "Strict", "skills": [], "categories": ["refund"]},
        "open": {"title": "Open", "skills": []},
    }
    governed(world, queues=queues, triage="required", gates=[FACTS | {"queues": ["strict"]}])
    ann, tom = world.person("Ann"), world.person("Tom", roles=["approver", "triager"])
    eased, plain = (ask(world, workflow.agent, category="refund", risk_tier="low") for _ in range(2))
    for one, queue in ((eased, "open"), (plain, "strict")):
        match = {"If-Match": f'"{one["version"]}"'}
        answer = tom.send("POST", f"/v1/handoffs/{one['id']}/triage", {"queue": queue}, match)
        assert answer.status_code == 200, answer.text
    problem(tom.decide(tom.live(eased["id"])), 403, "triager_cannot_approve")
    assert ann.decide(ann.live(eased["id"])).json["approved"] is True
    assert tom.decide(tom.live(plain["id"]), gate_results=passed("facts/sources")).json["approved"] is True


@pytest.mark.req("R-ACT-11", "R-CAN-07")
def test_what_can_still_be_undone_is_no_outcome_for_simulations(world: World, workflow: Workflow) -> None:
    """A replay of the newest cases counts an approval once its window is over."""
    governed(world, undo_window_s=60)
    ann = world.person("Ann")
    opened = ask(world, workflow.agent)
    assert ann.decide(opened).status_code == 200

    def outcomes() -> list[str | None]:
        return [one.outcome for one in world.services.policies.facts("tickets", 30, 100)]

    assert outcomes() == [None]
    world.clock.advance(61_000)
    world.services.service.settle(opened["id"])
    assert outcomes() == ["approved"]
