"""Gates: a verifier checks item by item, and nothing goes on before every check has passed."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.application import Agent, World, problem
from tests.flows.conftest import Receiver, Workflow
from tests.policies import document, save, settle

FACTS = {
    "id": "facts", "title": "Facts",
    "items": [
        {"id": "sources", "title": "Sources", "check": "pass_fail",
         "criterion": "Each number in the text stands in one of the sources."},
        {"id": "entity", "title": "Customer", "check": "pass_fail",
         "criterion": "Name and number in the text are those of the customer in the request."},
    ],
}  # fmt: skip
TONE = {
    "id": "tone", "title": "Tone", "on_failure": "triage",
    "items": [
        {"id": "promise", "title": "No promise", "check": "pass_fail",
         "criterion": "The text promises no date, price or refund.", "not_applicable": True},
    ],
}  # fmt: skip
IN_FORCE = {
    "id": "policy", "title": "Policy",
    "items": [
        {"id": "version", "title": "Policy version", "check": "policy_version",
         "criterion": "The policy in force is the one that the case was routed under."},
    ],
}  # fmt: skip
FAILED = {"reason_code": "insufficient_evidence", "rationale": "The number is nowhere."}


def ticks(gate: str, **results: str) -> list[dict[str, Any]]:
    return [{"gate": gate, "item": item, "result": result} for item, result in results.items()]


def verify(by: Agent, live: Any, answers: list[dict[str, Any]], **more: Any) -> Any:
    body = {"package_digest": live["package_digest"], "answers": answers, **more}
    match = {"If-Match": f'"{live["version"]}"'}
    return by.send("POST", f"/v1/handoffs/{live['id']}/verifications", body, match)


def with_gates(world: World, *gates: dict[str, Any], **fields: Any) -> Agent:
    owner = world.person("Olga", roles=["owner"])
    saved = save(owner, document("letters", gates=list(gates), **fields))
    assert saved.status_code in (200, 202), saved.text
    settle(world, "letters")
    return owner


@pytest.mark.req("R-GATE-03", "R-GATE-06", "R-GATE-09", "R-GATE-10", "R-ROLE-01")
def test_a_verifier_checks_and_an_approver_approves(
    world: World, workflow: Workflow, receiver: Receiver, callbacks: Callable[[], int]
) -> None:
    """Two gates in order, answered by somebody who cannot approve; only then does the approval hold."""
    with_gates(world, FACTS, TONE)
    ann, vera = world.person("Ann"), world.person("Vera", roles=["verifier"])
    opened = world.open(workflow.agent, workflow_id="letters", callback_url=receiver.url)
    problem(vera.decide(opened), 403, "role_missing")
    problem(ann.decide(opened), 422, "gate_results_missing", "/gate_results")
    problem(verify(vera, opened, ticks("tone", promise="pass")), 409, "gate_not_open")
    half = verify(vera, opened, ticks("facts", sources="pass", entity="pass")).json
    assert [gate["open"] for gate in half["gates"]] == [True, True]
    problem(ann.decide(half), 422, "gate_results_missing")
    problem(verify(vera, opened, ticks("tone", promise="pass")), 412, "version_stale")
    whole = verify(vera, half, ticks("tone", promise="not_applicable")).json
    assert ann.decide(whole).json["approved"] is True
    assert callbacks() == 1
    (told,) = receiver.received[0].data["handoffs"]
    assert told["gate_results"] == [
        {"gate": "facts", "item": "sources", "result": "pass"}, {"gate": "facts", "item": "entity", "result": "pass"},
        {"gate": "tone", "item": "promise", "result": "not_applicable"},
    ]  # fmt: skip


@pytest.mark.req("R-GATE-04", "R-GATE-09", "R-GATE-10", "R-ACT-13")
def test_what_fails_goes_up_or_back_and_is_never_executed(
    world: World, workflow: Workflow, receiver: Receiver, callbacks: Callable[[], int]
) -> None:
    """A failed fact goes up a level, a failed tone back to triage; each answer stands in the history of events."""
    with_gates(world, FACTS, TONE)
    ann, vera = world.person("Ann"), world.person("Vera", roles=["verifier"])
    tara, ada = world.person("Tara", roles=["triager"]), world.person("Ada", roles=["auditor"])
    opened = world.open(workflow.agent, workflow_id="letters", callback_url=receiver.url)
    problem(verify(vera, opened, ticks("facts", sources="fail")), 422, "reason_code_required")
    failed = verify(vera, opened, ticks("facts", sources="fail", entity="pass"), **FAILED).json
    assert (failed["state"], failed["stage"], failed["reviewer_level"]) == ("pending", "review", 2)
    problem(ann.decide(failed), 422, "gate_failed")
    execute = {"output_digest": opened["output_digest"]}
    path, key = f"/v1/handoffs/{opened['id']}/execution", {"Idempotency-Key": "execute-1"}
    problem(workflow.agent.send("POST", path, execute, key), 409, "not_approved")
    mended = verify(vera, failed, ticks("facts", sources="pass")).json
    back = verify(vera, mended, ticks("tone", promise="fail"), **FAILED).json
    assert (back["stage"], back["reviewer_level"]) == ("triage", 2)
    problem(ann.decide(back), 409, "triage_first")
    sort = {"If-Match": f'"{back["version"]}"'}
    sorted_ = tara.send("POST", f"/v1/handoffs/{opened['id']}/triage", {"category": "complaint"}, sort).json
    assert (sorted_["stage"], sorted_["category"]) == ("review", "complaint")
    assert callbacks() == 0
    stored = world.services.store.surroundings(world.stored(opened["id"]))[0]
    trail = [
        (each["item"], each["result"], each["by_id"], each["reason_code"], each["policy_version"])
        for event in stored
        for each in (event.get("details") or {}).get("gate_results", ())
    ]
    policy = f"letters@{world.stored(opened['id']).policy_version}"
    assert trail == [
        ("sources", "fail", vera.id, "insufficient_evidence", policy), ("entity", "pass", vera.id, None, policy),
        ("sources", "pass", vera.id, None, policy), ("promise", "fail", vera.id, "insufficient_evidence", policy),
    ]  # fmt: skip
    told = ada.live(opened["id"])["history"]
    assert "handoff.gate_failed" in [entry["type"] for entry in told]
    assert [
        (each["item"], each["result"], entry["by"]["id"], each["reason_code"], each["policy_version"])
        for entry in told
        for each in entry["gate_results"]
    ] == trail, "an answer that another one replaced is still told, with its person and time"


@pytest.mark.req("R-GATE-10", "R-CTX-03")
def test_what_was_checked_before_the_workflow_changed_it_is_checked_anew(world: World, workflow: Workflow) -> None:
    """A gate that was answered for an older package lets nothing through."""
    with_gates(world, FACTS)
    ann, vera = world.person("Ann"), world.person("Vera", roles=["verifier"])
    opened = world.open(workflow.agent, workflow_id="letters")
    checked = verify(vera, opened, ticks("facts", sources="pass", entity="pass")).json
    match = {"If-Match": f'"{checked["version"]}"'}
    body = {"model_output": {"summary": "Quite another text."}}
    changed = workflow.agent.send("PATCH", f"/v1/handoffs/{opened['id']}", body, match).json
    problem(ann.decide(changed), 422, "gate_results_missing")
    problem(verify(vera, {**changed, "package_digest": opened["package_digest"]}, ticks("facts", sources="pass")), 409,
            "package_digest_mismatch")  # fmt: skip
    all_ = ticks("facts", sources="pass", entity="pass")
    assert ann.decide(changed, gate_results=all_).json["approved"] is True


@pytest.mark.req("R-GATE-11")
def test_a_policy_that_changed_meanwhile_sends_the_case_back_to_triage(world: World, workflow: Workflow) -> None:
    """The check of the policy version fails by itself; sorted again, the case is decided under the policy in force."""
    olga = with_gates(world, IN_FORCE)
    ann, tara = world.person("Ann"), world.person("Tara", roles=["triager"])
    opened, same = (world.open(workflow.agent, workflow_id="letters") for _ in range(2))
    assert ann.decide(same).json["approved"] is True, "nothing changed, so nothing is asked of anybody"
    changed = save(olga, document("letters", gates=[IN_FORCE], instructions=["Be brief."]), 1)
    assert changed.status_code in (200, 202), changed.text
    settle(world, "letters")
    problem(ann.decide(opened), 422, "gate_failed")
    back = verify(ann, opened, []).json
    assert back["stage"] == "triage"
    match = {"If-Match": f'"{back["version"]}"'}
    sorted_ = tara.send("POST", f"/v1/handoffs/{opened['id']}/triage", {}, match).json
    assert sorted_["policy_version"] == "letters@2"
    assert ann.decide(sorted_).json["approved"] is True
