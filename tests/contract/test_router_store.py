"""The router's records on every server: one commit a batch, nothing half written, every key with an end or a place."""

import json
from threading import Thread
from typing import Any

import pytest
import redis

from companion.store import keys
from companion.store.redis import RedisStore
from tests.application import World
from tests.policies import SURE, document, route, save

DAY_MS = 24 * 3600 * 1000


@pytest.mark.req("R-STORE-01", "X-29")
def test_every_key_of_the_router_ends_or_is_listed_as_permanent(world: World) -> None:
    """Policies and pauses stay; what was routed goes with the retention time, its facts after a month."""
    robot, ann = world.automation(), world.person("Ann", skills=["security_trained"])
    olga, gwen = world.person("Olga", roles=["owner"]), world.person("Gwen", roles=["governance"])
    assert save(olga, document(title="Tickets")).status_code == 200
    loose = save(olga, document(thresholds={"review_below_confidence": 0.7}), 1)
    body = {"proposal_id": loose.json["proposal"]["id"], "verdict": "approve", "reason": "Agreed."}
    assert gwen.send("POST", "/v1/policies/tickets/approvals", body).status_code == 200
    routed = route(robot, {}, {"confidence": 0.3}, key="k", open=True, settings=None)
    reviewed = route(robot, {}, settings={"sampling_rate": 1.0})
    paused = olga.send("POST", "/v1/pauses", {"workflow_id": "tickets", "reason": "x"}).json
    assert ann.decide(ann.live(paused["review"])).status_code == 200
    assert olga.send("POST", f"/v1/pauses/{paused['id']}/resumption", {"reason": "x"}).status_code == 200
    waiting = [item["id"] for item in ann.get("/v1/handoffs")["items"]]
    assert {routed[1]["handoff"]["id"], reviewed[0]["sample"]["review"]} <= set(waiting)
    for case in waiting:
        assert ann.decide(ann.live(case)).status_code == 200
    kinds: dict[str, set[str]] = {"ends": set(), "stays": set()}
    for key, told in world.dump().items():
        kinds[told.rsplit(" ", 1)[1]].add(key.split(":")[1].split("#")[0])
    assert kinds["stays"] <= keys.PERMANENT
    assert {"policies", "policy", "governance", "pauses"} <= kinds["stays"]
    assert {"routed", "facts", "once", "handoff", "history"} <= kinds["ends"]
    life_ms = world.admin.pttl(keys.of(routed[0]["id"], "routed"))
    assert 29 * DAY_MS < life_ms <= 30 * DAY_MS


@pytest.mark.req("R3")
def test_a_key_of_another_type_stops_a_batch_before_it_wrote_anything(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records, facts, reviews and handoffs of a batch are written together or not at all."""
    robot = world.automation()
    caught: list[Any] = []
    run = RedisStore.run

    def watched(store: RedisStore, plan: Any) -> Any:
        caught.append(plan.arguments())
        return run(store, plan)

    monkeypatch.setattr(RedisStore, "run", watched)
    body = {"items": [SURE, SURE | {"confidence": 0.3}], "open": True, "settings": {"sampling_rate": 1.0}}
    assert robot.send("POST", "/v1/routes", body, {"Idempotency-Key": "a"}).status_code == 200
    count, arguments = caught[-1]
    shared = [name for name in arguments[:count] if "_00" not in name]
    assert {name.split(":")[1] for name in shared} == {"once", "facts", "open", "timers"}
    client = world.admin
    for name in shared:
        saved = client.dump(name)
        client.delete(name)
        client.setbit(name, 1, 1) if ":once:" not in name else client.rpush(name, "x")
        before = world.dump()
        answer = robot.send("POST", "/v1/routes", body, {"Idempotency-Key": "a" if ":once:" in name else f"k-{name}"})
        assert answer.status_code == 500
        assert world.dump() == before, f"something was written although {name} was wrong"
        client.delete(name)
        if saved is not None:
            client.restore(name, 0, saved)


@pytest.mark.req("R-GOV-16", "A1")
def test_of_many_who_save_or_route_at_once_each_version_and_each_key_is_there_once(world: World) -> None:
    """Ten savers of version 1: one wins. Ten requests under one key: one batch."""
    robot, olga = world.automation(), world.person("Olga", roles=["owner"])
    saved: list[int] = []
    answers: list[bytes] = []

    def go(number: int) -> None:
        saved.append(save(olga, document(title=f"By {number}")).status_code)
        body = {"items": [SURE | {"item_id": "1"}]}
        answers.append(robot.send("POST", "/v1/routes", body, {"Idempotency-Key": "one"}).data)

    threads = [Thread(target=go, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert saved.count(200) == 1
    assert set(saved) <= {200, 409, 412}
    assert len({json.loads(answer)["items"][0]["id"] for answer in answers}) == 1
    assert len(world.services.policies.versions("tickets")) == 1


@pytest.mark.req("R-ROUTE-17")
def test_facts_are_read_back_in_their_order_page_by_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than one reading of the store, and a start in the middle: none is missing, none comes twice."""
    monkeypatch.setattr("companion.store.policies.READ_AT_ONCE", 7)
    robot = world.automation()
    route(robot, *({"item_id": f"a-{n}"} for n in range(20)))
    world.clock.advance(2 * DAY_MS)
    route(robot, *({"item_id": f"b-{n}"} for n in range(21)))
    policies = world.services.policies
    names = [fact.item.item_id for fact in policies.facts("tickets", 30, 1000)]
    assert names == [f"a-{n}" for n in range(20)] + [f"b-{n}" for n in range(21)]
    assert [fact.item.item_id for fact in policies.facts("tickets", 1, 1000)] == names[20:]
    assert [fact.item.item_id for fact in policies.facts("tickets", 30, 5)] == names[-5:]


def test_a_store_that_is_away_is_told_as_such(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is routed by guess when the rules cannot be read."""
    robot = world.automation()

    def away(*_: object, **__: object) -> None:
        raise redis.ConnectionError("gone")

    monkeypatch.setattr(world.services.store.client, "hmget", away)
    answer = robot.send("POST", "/v1/routes", {"items": [SURE]})
    assert (answer.status_code, answer.json["code"]) == (503, "store_unavailable")
