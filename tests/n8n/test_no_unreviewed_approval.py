"""n8n gives an item that nobody reviewed to a node's first output; that is No Decision, and never Approved."""

import uuid
from typing import Any

import pytest

from tests.n8n import nodes
from tests.n8n.outcomes import by_output
from tests.n8n.stage import Stage
from tests.system.n8n_clients import items_of, ran

pytestmark = [pytest.mark.real_n8n, pytest.mark.timeout(180)]

Json = dict[str, Any]

ITEM = {"email": "Where is my desk?", "summary": "Asks for the desk."}


def asking(stage: Stage, **more: Any) -> str:
    return stage.publish(nodes.asking(f"unreviewed-{uuid.uuid4().hex[:8]}", "handoff", **more))


@pytest.fixture(scope="module")
def without_companion(_stage: Stage) -> dict[str, Json]:
    """What became of two items while the companion was away, for each setting of On Error."""
    settings = ("continueRegularOutput", "continueErrorOutput", "stopWorkflow")
    workflows = {on_error: asking(_stage, onError=on_error) for on_error in settings}
    _stage.companion.stop()
    try:
        begun = {on_error: _stage.send(workflow_id, ITEM, ITEM) for on_error, workflow_id in workflows.items()}
        return {on_error: _stage.wait_for(begun[on_error], "success", "error") for on_error in settings}
    finally:
        _stage.companion.start()


@pytest.mark.req("R7", "R-STORE-15")
def test_with_continue_items_that_nobody_saw_leave_by_no_decision(without_companion: dict[str, Json]) -> None:
    """On Error: Continue, and no companion: No Decision, with the error beside the item's own fields."""
    execution = without_companion["continueRegularOutput"]
    assert {"Approved", "Rejected"}.isdisjoint(ran(execution))
    items = by_output(execution)["No Decision"]
    assert [item["summary"] for item in items] == [ITEM["summary"]] * 2
    assert all("did not answer" in item["error"] for item in items)


@pytest.mark.req("R7", "R-STORE-15")
def test_with_an_error_output_items_that_nobody_saw_leave_by_it(without_companion: dict[str, Json]) -> None:
    """On Error: Continue (Using Error Output), and no companion: the error output alone has the items."""
    execution = without_companion["continueErrorOutput"]
    assert set(nodes.OUTPUTS).isdisjoint(ran(execution))
    assert len(items_of(execution, "Ask", len(nodes.OUTPUTS))) == 2


@pytest.mark.req("R7", "R-STORE-15")
def test_otherwise_the_workflow_stops_with_words_that_help(without_companion: dict[str, Json]) -> None:
    """On Error: Stop, and no companion: a failed execution that says what to check; nothing goes on."""
    execution = without_companion["stopWorkflow"]
    assert set(nodes.OUTPUTS).isdisjoint(ran(execution))
    assert execution["status"] == "error"
    error = execution["data"]["resultData"]["error"]
    assert "did not answer" in error["message"]
    assert "Base URL of the Handoff API credential" in error["description"]


@pytest.mark.req("R7", "R-STORE-15")
def test_a_deactivated_node_approves_nothing(stage: Stage) -> None:
    """Deactivated in the editor, the node lets its items pass by No Decision, as n8n does with any first output."""
    execution = stage.ended(stage.send(asking(stage, disabled=True), ITEM))
    assert items_of(execution, "No Decision") == [ITEM]
    assert "Approved" not in ran(execution)


@pytest.mark.req("R7", "R-STORE-15")
def test_a_case_that_the_companion_refuses_is_not_approved(stage: Stage) -> None:
    """A setting that cannot be sent (a confidence of 61) stops the workflow with words that say what to mend."""
    execution_id = stage.send(
        stage.publish(nodes.asking(f"refused-{uuid.uuid4().hex[:8]}", "handoff", {"confidence": "61"})), ITEM
    )
    execution = stage.wait_for(execution_id, "success", "error")
    assert execution["status"] == "error"
    error = execution["data"]["resultData"]["error"]
    assert error["message"] == "Confidence is 61, but must be from 0 to 1"
    assert "divide it by 100: 0.61" in error["description"]
    assert "Approved" not in ran(execution)
