"""One record that cannot be read, as after going back to an older Handoff, stands in nobody else's way."""

import json
from collections.abc import Callable

import pytest

from companion.store import keys
from companion.workers.deliveries import DeliveryWorker
from companion.workers.timers import TimerWorker
from tests.application import World, problem
from tests.flows.conftest import Receiver, Workflow
from tests.flows.test_paused_and_resumed import pause

HOUR_MS = 3_600_000


def spoil(world: World, handoff_id: str) -> None:
    """The record as a newer Handoff would have written it."""
    key = keys.of(handoff_id, "handoff")
    record = json.loads(world.admin.hget(key, "record")) | {"schema_version": 99}
    world.admin.hset(key, "record", json.dumps(record))


@pytest.mark.req("R-STORE-15", "R-STORE-16")
def test_the_clocks_of_other_cases_go_on(world: World, workflow: Workflow, timers: Callable[[], int]) -> None:
    """Its timer fails again and again; every other case expires in time, and the log names the one that fails."""
    ids = sorted(world.open(workflow.agent, expires_in_s=3600)["id"] for _ in range(3))
    spoil(world, ids[0])
    world.admin.zadd(keys.shared("00", "timers"), {"unheard_of:ho_00": 1})
    world.clock.advance(2 * HOUR_MS)
    timers()
    assert [world.stored(one).state.value for one in ids[1:]] == ["expired", "expired"]
    failed = [json.loads(line) for line in world.log.getvalue().splitlines() if '"timer_failed"' in line]
    assert {(line["kind"], line["id"]) for line in failed} == {("expire", ids[0]), ("unheard_of", "ho_00")}


@pytest.mark.req("R-STORE-11")
def test_the_inbox_shows_the_others(world: World, workflow: Workflow) -> None:
    """It is left out, and the log says so once, however often the inbox is read; the case itself says what is wrong."""
    ann = world.person("Ann")
    bad, good = world.open(workflow.agent), world.open(workflow.agent)
    spoil(world, bad["id"])
    for _ in range(3):
        assert [row["id"] for row in ann.get("/v1/handoffs")["items"]] == [good["id"]]
    assert world.log.getvalue().count('"record_unreadable"') == 1
    problem(ann.send("GET", f"/v1/handoffs/{bad['id']}"), 500, "internal_error")


@pytest.mark.req("R-STORE-11")
def test_other_places_are_put_right(world: World, workflow: Workflow) -> None:
    """The round that looks after lists goes on behind it."""
    ids = sorted(world.open(workflow.agent)["id"] for _ in range(2))
    spoil(world, ids[0])
    world.admin.zadd(keys.shared("00", "open"), {one: number for number, one in enumerate(ids)})
    TimerWorker(world.services).prune()
    assert world.admin.zscore(keys.shared("00", "open"), ids[1]) > 1


@pytest.mark.req("H6", "R-CONT-06")
def test_other_callbacks_leave_when_a_pause_is_over(
    world: World, workflow: Workflow, receiver: Receiver, callbacks: Callable[[], int]
) -> None:
    """A held callback whose case cannot be read stays held, whatever it was of; those behind it are sent."""
    ann, dora = world.person("Ann"), world.person("Dora", roles=["on_call"])
    bad, good = (world.open(workflow.agent, workflow_id=name, callback_url=receiver.url) for name in ("a", "b"))
    made = [pause(dora, workflow_id=name) for name in ("a", "b")]
    pause(dora, workflow_id="c")
    for one in (bad, good):
        assert ann.decide(one).status_code == 200
    callbacks()
    spoil(world, bad["id"])
    world.clock.advance(60_000)
    for one in made:
        assert ann.decide(ann.live(one["review"])).status_code == 200
        body = {"reason": "The cause is gone."}
        assert dora.send("POST", f"/v1/pauses/{one['id']}/resumption", body).status_code == 200
    worker = DeliveryWorker(world.services, "held", threads=1)
    assert worker.release_held() == 1
    worker.drain()
    callbacks()
    assert len(receiver.received) == 1
