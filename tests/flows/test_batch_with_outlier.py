"""Ten similar cases decided together, one of which stands out: nothing is waved through unseen."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.application import Agent, World, problem
from tests.flows.conftest import Receiver, Workflow

LIKE: dict[str, Any] = {"workflow_id": "refunds", "risk_tier": "medium"}


def ten(world: World, workflow: Workflow, receiver: Receiver) -> list[str]:
    """Nine refunds that are alike, and one of which the model knew next to nothing, at a high risk."""
    fields = [LIKE | {"confidence": round(0.3 + number / 100, 2)} for number in range(9)]
    fields.append(LIKE | {"confidence": 0.02, "risk_tier": "high", "flags": ["pricing"]})
    return [world.open(workflow.agent, callback_url=receiver.url, **each)["id"] for each in fields]


def told(callbacks: Callable[[], int]) -> int:
    """How many callbacks go out until none waits."""
    total = 0
    while sent := callbacks():
        total += sent
    return total


def take(by: Agent, like: str, size: int = 10) -> Any:
    made = by.send("POST", "/v1/batches", {"like": like, "size": size})
    assert made.status_code == 201, made.text
    return made.json


def answers(batch: Any, *, without: str | None = None, **more: Any) -> dict[str, Any]:
    """A decision on the cases of a batch as they were shown."""
    items = [
        {name: item[name] for name in ("id", "version", "package_digest")}
        for item in batch["items"]
        if item["id"] != without
    ]
    return {"action": "approve", "items": items, **more}


@pytest.mark.req("R-UI-16", "R-STORE-12", "R-ACT-14")
def test_the_one_that_stands_out_is_looked_at_before_any_is_decided(
    world: World, workflow: Workflow, receiver: Receiver, callbacks: Callable[[], int]
) -> None:
    """Ten are handed out and held; the outlier is named with every reason; unconfirmed, none is decided.

    Left out, the other nine are decided, each by its own decision with its own event, and each workflow is told.
    """
    ids = ten(world, workflow, receiver)
    ann, ben = world.person("Ann"), world.person("Ben")
    batch = take(ann, ids[0])
    assert {item["id"] for item in batch["items"]} == set(ids)
    assert {item["claim"]["by"]["name"] for item in batch["items"]} == {"Ann"}
    ((name, why),) = [(found["id"], " ".join(found["why"])) for found in batch["outliers"]]
    assert name == ids[9]
    for words in ("Its risk is high", "pricing", "2\u00a0% sure"):
        assert words in why
    path = f"/v1/batches/{batch['id']}/decision"
    refused = problem(ann.send("POST", path, answers(batch)), 422, "outliers_unconfirmed", "/confirmed_outliers")
    assert "risk is high" in refused["errors"][0]["detail"]
    assert {ben.live(one)["state"] for one in ids} == {"claimed"}
    done = ann.send("POST", path, answers(batch, without=ids[9])).json["results"]
    assert {each["status"] for each in done} == {"done"}
    assert len({each["event_id"] for each in done}) == 9
    assert [ben.live(one)["state"] for one in ids] == ["approved"] * 9 + ["claimed"]
    for each in done:
        live = ben.live(each["id"])
        assert live["decision"]["event_id"] == each["event_id"]
        assert live["decision"]["batch_id"] == batch["id"]
        assert [entry["type"] for entry in live["history"]].count("handoff.decided") == 1
    assert told(callbacks) == 9
    progress = ann.get(f"/v1/batches/{batch['id']}")
    assert [item["result"] is not None for item in progress["items"]].count(True) == 9
    assert ann.send("DELETE", f"/v1/batches/{batch['id']}").status_code == 204
    assert ben.live(ids[9])["state"] == "pending"
    problem(ann.send("GET", f"/v1/batches/{batch['id']}"), 404, "not_found")


@pytest.mark.req("R-UI-16", "R-ACT-14")
def test_an_outlier_that_was_confirmed_goes_with_the_others(
    world: World, workflow: Workflow, receiver: Receiver, callbacks: Callable[[], int]
) -> None:
    """Whoever names it has looked at it; a reason is asked of a batch as of one case."""
    ids = ten(world, workflow, receiver)
    ann = world.person("Ann")
    batch = take(ann, ids[3])
    path = f"/v1/batches/{batch['id']}/decision"
    body = answers(batch, confirmed_outliers=[ids[9]]) | {"action": "reject"}
    unreasoned = ann.send("POST", path, body).json["results"]
    assert {(each["status"], each["code"]) for each in unreasoned} == {("refused", "reason_code_required")}
    body |= {"reason_code": "policy_violation", "rationale": "None of these is covered."}
    done = ann.send("POST", path, body).json["results"]
    assert [each["status"] for each in done] == ["done"] * 10
    assert {world.stored(one).state.value for one in ids} == {"rejected"}
    assert told(callbacks) == 10
    assert len(receiver.received) == 10


@pytest.mark.req("R-ACT-14", "A1")
def test_a_batch_sent_again_decides_nothing_twice(
    world: World, workflow: Workflow, receiver: Receiver, callbacks: Callable[[], int]
) -> None:
    """A page whose connection broke sends the same again: the same answers, and one event for each case."""
    ids = ten(world, workflow, receiver)
    ann = world.person("Ann")
    batch = take(ann, ids[0])
    path = f"/v1/batches/{batch['id']}/decision"
    half = answers(batch, without=ids[9])
    first = ann.send("POST", path, half | {"items": half["items"][:4]}).json["results"]
    again = ann.send("POST", path, half).json["results"]
    assert again[:4] == first
    assert ann.send("POST", path, half).json["results"] == again
    world.clock.advance(16 * 60_000)
    assert ann.send("POST", path, half).json["results"] == again, "also when the claims are over"
    other = ann.send("POST", path, half | {"action": "reject", "reason_code": "policy_violation", "rationale": "No."})
    assert {each["code"] for each in other.json["results"]} == {"already_decided"}
    assert told(callbacks) == 9


@pytest.mark.req("R-STORE-15", "R-ACT-14")
def test_a_batch_that_lay_about_decides_nothing(world: World, workflow: Workflow, receiver: Receiver) -> None:
    """After its 15 minutes others may hold the cases: whoever is late takes them again."""
    ids = ten(world, workflow, receiver)
    ann = world.person("Ann")
    batch = take(ann, ids[0])
    world.clock.advance(15 * 60_000)
    late = ann.send("POST", f"/v1/batches/{batch['id']}/decision", answers(batch, without=ids[9])).json["results"]
    assert {(each["status"], each["code"]) for each in late} == {("refused", "batch_over")}
    assert {world.stored(one).decision for one in ids} == {None}
