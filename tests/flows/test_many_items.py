"""Many items behind one callback: each has its own outcome, and the workflow goes on once."""

from collections.abc import Callable

import pytest

from tests.application import World
from tests.flows.conftest import Receiver, Workflow


@pytest.mark.req("R-STORE-08", "R-STORE-09", "R-ACT-14")
def test_each_item_is_told_in_its_place(
    world: World, workflow: Workflow, receiver: Receiver, callbacks: Callable[[], int], timers: Callable[[], int]
) -> None:
    """Approved, rejected, edited, withdrawn and expired in one group: told together, in the order of the items."""
    ann = world.person("Ann")
    items = [{"model_output": {"n": n}, "expires_in_s": 3600 if n == 4 else 86_400} for n in range(5)]
    group = world.open_group(workflow.agent, items, callback_url=receiver.url)
    third, second, first, zeroth = (group["handoffs"][n] for n in (3, 2, 1, 0))
    workflow.agent.act(third["id"], "withdrawal", {"reason": "The order was cancelled."})
    ann.decide(second, "modify", edited_output={"n": "two"})
    ann.decide(first, "reject")
    ann.decide(zeroth)
    assert callbacks() == 0, "one is still open"
    world.clock.advance(3_600_000)
    timers()
    assert callbacks() == 1
    data = receiver.received[0].data
    assert (data["group_id"], [told["index"] for told in data["handoffs"]]) == (group["id"], [0, 1, 2, 3, 4])
    assert [told["approved"] for told in data["handoffs"]] == [True, False, True, None, None]
    assert [told["cause"] for told in data["handoffs"]] == [None, None, None, "withdrawn", "expired"]
    assert [told["output"] for told in data["handoffs"]] == [{"n": 0}, None, {"n": "two"}, None, None]
    assert len({told["event_id"] for told in data["handoffs"]}) == 5
    assert len(receiver.received) == 1
