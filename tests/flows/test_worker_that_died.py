"""A worker dies between sending a callback and writing down that it did."""

import pytest

from companion.workers.deliveries import DeliveryWorker
from tests.application import World
from tests.flows.conftest import Receiver, Workflow


@pytest.mark.req("W3", "R8")
def test_an_attempt_that_was_never_written_down_is_not_called_failed(
    world: World, workflow: Workflow, receiver: Receiver
) -> None:
    """It may have arrived: when the receiver then no longer waits, the outcome is uncertain and a person is told so."""
    ann = world.person("Ann")
    opened = world.open(workflow.agent, callback_url=receiver.url, callback_expects="acknowledgement")
    assert ann.decide(opened).status_code == 200
    deliveries = world.services.deliveries
    deliveries.prepare()
    assert len(deliveries.take("the-worker", 10, 1)) == 1, "taken, perhaps sent, and then the worker died"
    heir = DeliveryWorker(world.services, "the-worker", threads=1)
    assert heir.start() == 1
    heir.drain()
    told = ann.live(opened["id"])["delivery"]
    assert (told["status"], told["attempts"]) == ("uncertain", 1)


@pytest.mark.req("W3")
def test_a_first_attempt_that_finds_nobody_waiting_has_failed(
    world: World, workflow: Workflow, receiver: Receiver
) -> None:
    """Nothing was sent before: then the workflow no longer waits, and that is said."""
    ann = world.person("Ann")
    opened = world.open(workflow.agent, callback_url=receiver.url, callback_expects="acknowledgement")
    assert ann.decide(opened).status_code == 200
    world.services.deliveries.prepare()
    worker = DeliveryWorker(world.services, "the-worker", threads=1)
    assert worker.run_once(1) == 1
    worker.drain()
    told = ann.live(opened["id"])["delivery"]
    assert told["status"] == "failed"
    assert "no longer waits" in told["cause"]
