"""The helpdesk's queue for questions of identity asks for more than its other queues."""

from typing import Any

import pytest

from tests.application import World, problem
from tests.flows.conftest import Workflow

CASE: dict[str, Any] = {"workflow_id": "helpdesk", "reversible": False, "risk_score": 0.1, "confidence": 0.97}
USUAL = [("entity_match", "entity_match"), ("safe_action", "safe_action")]
STRICT = [("identity_verification", item) for item in ("second_channel", "document", "manager")]
PROOF = [{"title": "Call to the number in the directory", "text": "Confirmed at 9:40."}]


def answered(*items: tuple[str, str], result: str = "pass") -> list[dict[str, str]]:
    return [{"gate": gate, "item": item, "result": result} for gate, item in items]


@pytest.mark.req("R-GATE-17", "R-GATE-03", "R-GATE-09", "R-ROUTE-29")
def test_the_default_checks_are_not_enough_for_a_question_of_identity(world: World, workflow: Workflow) -> None:
    """The three items of the stricter queue are missing, and named; with them it goes on."""
    ida = world.person("Ida", skills=["security", "identity"])
    opened = world.open(workflow.agent, **CASE, category="identity")
    short = ida.decide(opened, gate_results=answered(*USUAL), evidence=PROOF)
    told = problem(short, 422, "gate_results_missing", "/gate_results")
    assert all(f"Identity verification: {title}" in told["detail"] for title in ("A second channel", "A document"))
    assert world.stored(opened["id"]).decision is None
    done = ida.decide(opened, gate_results=answered(*USUAL, *STRICT), evidence=PROOF)
    assert done.status_code == 200, done.text


@pytest.mark.req("R-GATE-17")
def test_a_password_reset_does_not_ask_for_a_passport(world: World, workflow: Workflow) -> None:
    """The default gates are enough there, and the stricter one is unknown."""
    ann = world.person("Ann")
    opened = world.open(workflow.agent, **CASE, category="password_reset")
    unknown = ann.decide(opened, gate_results=answered(*USUAL, *STRICT), evidence=PROOF)
    problem(unknown, 422, "unknown_gate_item")
    done = ann.decide(opened, gate_results=answered(*USUAL), evidence=PROOF)
    assert done.status_code == 200, done.text
