"""Nobody decides in time: the case expires, the workflow is told so, and nobody can approve it any more."""

from collections.abc import Callable

import pytest

from tests.application import World, problem
from tests.flows.conftest import Receiver, Workflow

DAY_MS = 24 * 3600 * 1000


@pytest.mark.req("R-STORE-15", "R7", "R6", "X-12")
def test_silence_is_no_approval(
    world: World, workflow: Workflow, receiver: Receiver, timers: Callable[[], int], callbacks: Callable[[], int]
) -> None:
    """Not a moment early; then expired, told with `approved` null and the cause, and closed for everybody."""
    ann = world.person("Ann")
    opened = world.open(workflow.agent, callback_url=receiver.url, expires_in_s=86_400)
    world.clock.advance(DAY_MS - 1)
    assert timers() == 0
    world.clock.advance(1)
    problem(ann.decide(opened), 409, "expired")
    assert timers() == 1
    live = ann.live(opened["id"])
    assert (live["state"], live["approved"], live["decision"]["cause"]) == ("expired", None, "expired")
    problem(ann.decide(opened), 409, "already_decided")
    callbacks()
    (told,) = receiver.received[0].data["handoffs"]
    assert (told["state"], told["approved"], told["cause"], told["output"]) == ("expired", None, "expired", None)
    assert told["event"]["decision_actor"]["type"] == "system"
    world.clock.advance(DAY_MS)
    assert (timers(), callbacks()) == (0, 0), "and that was all"


@pytest.mark.req("R6", "R-STORE-15")
def test_a_worker_that_slept_for_a_week_closes_everything_then(
    world: World, workflow: Workflow, timers: Callable[[], int]
) -> None:
    """However late the timers run: nothing was approved meanwhile, each case closes once, decided ones stay."""
    ann = world.person("Ann")
    opened = [world.open(workflow.agent, expires_in_s=3600 * (n + 1)) for n in range(5)]
    assert ann.decide(opened[4]).status_code == 200
    world.clock.advance(7 * DAY_MS)
    for handoff in opened[:4]:
        problem(ann.decide(handoff), 409, "expired")
    assert timers() == 4
    assert [ann.live(handoff["id"])["state"] for handoff in opened] == ["expired"] * 4 + ["approved"]
    assert timers() == 0


def test_a_claim_that_was_forgotten_lets_go(world: World, workflow: Workflow, timers: Callable[[], int]) -> None:
    """After a quarter of an hour others may decide, at once by the clock and in the record when the timer has run."""
    ann, ben = world.person("Ann"), world.person("Ben")
    opened = world.open(workflow.agent)
    assert ann.act(opened["id"], "claim", method="PUT").json["claim"]["by"]["name"] == "Ann"
    assert problem(ben.decide(opened, version=2), 409, "claimed_by_other")["current"]["claim"]["by"]["name"] == "Ann"
    world.clock.advance(15 * 60_000)
    assert ben.live(opened["id"])["claim"] is None
    assert timers() == 1
    live = ben.live(opened["id"])
    assert (live["state"], live["version"]) == ("pending", 3)
    assert ben.decide(live).json["decided_by"]["name"] == "Ben"
