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


@pytest.mark.req("R-STORE-08")
def test_each_item_knows_its_place_in_the_group(world: World, workflow: Workflow) -> None:
    """A case says that it is the second of three, in the list and on its own, also after it was decided."""
    ann = world.person("Ann")
    group = world.open_group(workflow.agent, [{"model_output": n} for n in range(3)])["handoffs"]
    ann.decide(group[1], "reject")
    assert [ann.live(one["id"])["group"] for one in group] == [{"size": 3, "index": n} for n in range(3)]
    rows = {row["id"]: row["group"]["index"] for row in ann.get("/v1/handoffs", state="all")["items"]}
    assert [rows[one["id"]] for one in group] == [0, 1, 2]
    assert ann.live(world.open(workflow.agent)["id"])["group"] == {"size": 1, "index": 0}


@pytest.mark.req("A3")
def test_the_inbox_says_how_many_people_decided_today(
    world: World, workflow: Workflow, timers: Callable[[], int]
) -> None:
    """Each person's own workflows, since midnight UTC; what expired or was withdrawn, nobody decided."""
    ann, some = world.person("Ann"), world.person("Sam", workflows=["payments"])
    for workflow_id in ("payments", "summarize", "summarize"):
        ann.decide(world.open(workflow.agent, workflow_id=workflow_id))
    ann.act(ann_first := world.open(workflow.agent)["id"], "annotations", {"text": "Hm."})
    workflow.agent.act(ann_first, "withdrawal", {})
    world.open(workflow.agent, expires_in_s=60)
    world.clock.advance(60_000)
    assert timers() == 1
    assert [agent.get("/v1/handoffs")["decided_today"] for agent in (ann, some, workflow.agent)] == [3, 1, 3]
    assert ann.get("/v1/handoffs", workflow_id="summarize")["decided_today"] == 2
    assert ann.get("/v1/handoffs", state="decided")["decided_today"] == 3
    world.clock.advance(24 * 3600 * 1000)
    assert ann.get("/v1/handoffs")["decided_today"] == 0
