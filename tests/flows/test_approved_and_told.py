"""A workflow asks, a person approves what they saw, and the workflow gets exactly that, signed, once."""

import json
from collections.abc import Callable

import pytest

from companion.core.canonical import canonical_bytes, digest
from tests.application import ITEM, World
from tests.flows.conftest import Receiver, Workflow


@pytest.mark.req("R-STORE-08", "R-STORE-09", "R-SEC-11", "H1", "R-SHAPE-02", "R-STORE-05")
def test_the_approved_bytes_reach_the_workflow(
    world: World, workflow: Workflow, receiver: Receiver, callbacks: Callable[[], int]
) -> None:
    """Opened, shown, approved, told: output, digests and decider in the callback are those of the case."""
    ann = world.person("Ann")
    opened = world.open(workflow.agent, callback_url=receiver.url)
    assert callbacks() == 0, "nothing is told before the decision"
    shown = ann.live(opened["id"])
    decided = ann.decide(shown).json
    assert callbacks() == 1
    (received,) = receiver.received
    assert received.signed_with(workflow.secret)
    (told,) = received.data["handoffs"]
    assert (told["id"], told["approved"], told["decision_action"]) == (opened["id"], True, "accept")
    assert told["output"] == ITEM["model_output"]
    assert (
        told["final_output_digest"] == told["output_digest"] == opened["output_digest"] == digest(ITEM["model_output"])
    )
    assert told["request_digest"] == opened["request_digest"] == digest(ITEM["request"])
    assert (told["event_id"], told["event"]["decision_actor"]["type"]) == (decided["event_id"], "human")
    assert received.body == canonical_bytes(json.loads(received.body))
    assert ann.live(opened["id"])["delivery"] == {
        "id": received.headers["webhook-id"], "status": "delivered", "cause": None, "attempts": 1,
        "last_attempt_at": "2026-11-21T08:00:00.000Z",
    }  # fmt: skip
    assert callbacks() == 0, "it is told once"


@pytest.mark.req("R-ACT-04", "H1")
def test_an_edit_is_what_goes_on(
    world: World, workflow: Workflow, receiver: Receiver, callbacks: Callable[[], int]
) -> None:
    """The edited output goes to the workflow, marked as edited, beside the digest of what it sent."""
    ann = world.person("Ann")
    opened = world.open(workflow.agent, callback_url=receiver.url)
    edited = {"summary": "Asks for order 7.", "checked": True}
    assert ann.decide(opened, "modify", edited_output=edited).status_code == 200
    callbacks()
    (told,) = receiver.received[0].data["handoffs"]
    assert (told["output"], told["edited"], told["decision_action"]) == (edited, True, "modify")
    assert (told["final_output_digest"], told["output_digest"]) == (digest(edited), opened["output_digest"])
    changes = told["event"]["details"]["changes"]
    assert changes == [
        {"path": "/checked", "before": None, "after": True},
        {"path": "/summary", "before": "Asks for the order.", "after": "Asks for order 7."},
    ]


@pytest.mark.req("R-STORE-09", "W2")
def test_a_lost_answer_is_tried_again_with_the_same_id(
    world: World, workflow: Workflow, receiver: Receiver, callbacks: Callable[[], int], timers: Callable[[], int]
) -> None:
    """Two faults of the receiver, then success: one id, the same data, a signature each, each attempt on record."""
    ann = world.person("Ann")
    receiver.answers = [503, 500]
    opened = world.open(workflow.agent, callback_url=receiver.url)
    ann.decide(opened)
    callbacks()
    for _ in range(2):
        world.clock.advance(15 * 60_000)
        timers()
        callbacks()
    assert len(receiver.received) == 3
    assert len({received.headers["webhook-id"] for received in receiver.received}) == 1
    assert all(received.signed_with(workflow.secret) for received in receiver.received)
    assert len({str(received.data) for received in receiver.received}) == 1
    delivery = ann.get(f"/v1/deliveries/{receiver.received[0].headers['webhook-id']}")
    assert [attempt["status_code"] for attempt in delivery["attempts"]] == [503, 500, 200]
    assert delivery["status"] == "delivered"


@pytest.mark.req("R-STORE-07", "R-STORE-09", "X-11")
def test_a_poller_sees_the_same_outcome(
    world: World, workflow: Workflow, receiver: Receiver, callbacks: Callable[[], int]
) -> None:
    """Push and poll tell the same event, by which a reader of both collapses them."""
    ann = world.person("Ann")
    ann.decide(world.open(workflow.agent, callback_url=receiver.url))
    callbacks()
    (told,) = receiver.received[0].data["handoffs"]
    (polled,) = workflow.agent.get("/v1/decisions")["items"]
    assert {name: polled[name] for name in told} == told
