"""An approval that is taken back: before the workflow heard of it, and after."""

from collections.abc import Callable

import pytest

from tests.application import BECAUSE, World, problem
from tests.flows.conftest import Receiver, Workflow


@pytest.mark.req("R-ACT-06", "R-ACT-11", "X-12")
def test_taken_back_in_time_it_never_reaches_the_workflow(
    world: World, workflow: Workflow, receiver: Receiver, callbacks: Callable[[], int]
) -> None:
    """The callback that was waiting tells of the rollback, not of the approval."""
    ann = world.person("Ann")
    opened = world.open(workflow.agent, callback_url=receiver.url)
    ann.decide(opened)
    taken = ann.act(opened["id"], "rollback", BECAUSE).json
    assert (taken["state"], taken["approved"]) == ("rolled_back", True)
    callbacks()
    (told,) = receiver.received[0].data["handoffs"]
    assert (told["state"], told["approved"], told["output"]) == ("rolled_back", None, None)


@pytest.mark.req("R-ACT-06", "R-ACT-11")
def test_taken_back_late_it_is_recorded_and_told_no_second_time(
    world: World, workflow: Workflow, receiver: Receiver, callbacks: Callable[[], int]
) -> None:
    """What was delivered is not delivered again; the record says that it no longer holds; twice is refused."""
    ann = world.person("Ann")
    opened = world.open(workflow.agent, callback_url=receiver.url)
    ann.decide(opened)
    callbacks()
    assert ann.act(opened["id"], "rollback", BECAUSE).status_code == 200
    assert callbacks() == 0
    problem(ann.act(opened["id"], "rollback", BECAUSE), 409, "nothing_to_roll_back")
    assert [entry["type"] for entry in ann.live(opened["id"])["history"]][-2:] == [
        "handoff.decided",
        "handoff.rolled_back",
    ]
    assert len(workflow.agent.get("/v1/decisions")["items"]) == 1
