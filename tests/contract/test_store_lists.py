"""What the store promises of groups, lists and timers, whichever server it is."""

from dataclasses import replace
from typing import Any

import pytest

from companion.core.handoff import Actor
from companion.store import keys
from tests.application import Agent, World
from tests.contract.test_store import group_almost_settled, stored

ANN = Actor("human", "rv_ann", "Ann", None, "signed_in", frozenset({"approver"}))
CALLBACK = "http://localhost:1/callback"


# Groups and their callback


@pytest.mark.req("R-STORE-08", "R-STORE-09")
def test_the_last_outcome_of_a_group_starts_its_callback_once(world: World) -> None:
    """Not before the last, not twice, and only where somebody is called back."""
    robot, ann = world.automation(), world.person("Ann")
    world.services.deliveries.prepare()
    group = world.open_group(robot, [{}, {}, {}], callback_url=CALLBACK)
    for at, handoff in enumerate(group["handoffs"]):
        assert world.services.deliveries.take("w", 10, 0) == [], f"a callback before outcome {at + 1} of 3"
        assert ann.decide(handoff, ("approve", "reject", "approve")[at]).status_code == 200
    ((_, delivery_id),) = world.services.deliveries.take("w", 10, 0)
    record = world.services.deliveries.load(delivery_id)
    assert record is not None
    assert (record.group_id, record.status) == (group["id"], "pending")
    assert world.services.deliveries.take("w", 10, 0) == []
    assert ann.decide(world.open(robot)).status_code == 200
    assert world.services.deliveries.take("w", 10, 0) == [], "nobody asked to be called back"


# Lists


def walked(agent: Agent, path: str, limit: int, **query: Any) -> list[Any]:
    """All items of a list, page by page; the loop ends, and no page is larger than asked."""
    items: list[Any] = []
    cursor: dict[str, str] = {}
    for _ in range(100):
        page = agent.get(path, limit=limit, **query, **cursor)
        assert len(page["items"]) <= limit
        items += page["items"]
        if page["cursor"] is None or (path == "/v1/decisions" and not page["items"]):
            return items
        cursor = {"cursor": page["cursor"]}
    raise AssertionError("the list has no end")


@pytest.mark.req("R-STORE-10", "R-UI-21")
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 200])
def test_the_inbox_is_walked_without_loss_or_repetition(embedded_world: World, limit: int) -> None:
    """Many cases share a deadline and lie in several workflows; each is seen once, the earliest deadline first."""
    world = embedded_world
    robot, ann = world.automation(), world.person("Ann", workflows=["a", "b", "c"])
    opened = [
        world.open(robot, workflow_id=name, expires_in_s=seconds)["id"]
        for name in ("a", "b", "c", "other") for seconds in (600, 600, 60, 600)
    ]  # fmt: skip
    mine = [handoff_id for handoff_id, at in zip(opened, range(16), strict=True) if at < 12]
    items = walked(ann, "/v1/handoffs", limit)
    assert sorted(item["id"] for item in items) == sorted(mine)
    due = [(item["expires_at"], item["id"]) for item in items]
    assert due == sorted(due)
    assert ann.get("/v1/handoffs", limit=limit)["waiting"] == 12
    assert sorted(item["id"] for item in walked(ann, "/v1/handoffs", limit, workflow_id="b")) == sorted(mine[4:8])


def test_a_case_decided_while_somebody_pages_loses_nobody_elses_place(embedded_world: World) -> None:
    """The cursor's own case may be gone: the next page begins behind its place all the same."""
    world = embedded_world
    robot, ann = world.automation(), world.person("Ann")
    opened = {item["id"]: item for item in (world.open(robot, expires_in_s=600) for _ in range(9))}
    first = ann.get("/v1/handoffs", limit=3)
    ids = [item["id"] for item in first["items"]]
    assert ann.decide(opened[ids[-1]]).status_code == 200
    second = ann.get("/v1/handoffs", limit=10, cursor=first["cursor"])
    assert sorted(ids + [item["id"] for item in second["items"]]) == sorted(opened)


def test_all_means_open_and_decided(embedded_world: World) -> None:
    """`state=all` shows both kinds, each once, whatever the size of a page."""
    world = embedded_world
    robot, ann = world.automation(), world.person("Ann")
    opened = [world.open(robot) for _ in range(7)]
    for handoff in opened[:4]:
        ann.decide(handoff)
    for limit in (1, 2, 3, 4, 200):
        ids = [item["id"] for item in walked(ann, "/v1/handoffs", limit, state="all")]
        assert sorted(ids) == sorted(item["id"] for item in opened), limit
    assert [item["state"] for item in walked(ann, "/v1/handoffs", 2, state="decided")] == ["approved"] * 4
    assert [item["state"] for item in walked(ann, "/v1/handoffs", 2)] == ["pending"] * 3


@pytest.mark.req("R-STORE-07", "R-STORE-09")
def test_a_poller_sees_every_outcome_once_and_in_order(world: World) -> None:
    """Decided, expired and withdrawn ones, by the order of commits; polling again gives nothing new."""
    robot, ann = world.automation(), world.person("Ann")
    handoffs = [world.open(robot, workflow_id=f"w{n % 2}", expires_in_s=60) for n in range(6)]
    assert ann.decide(handoffs[3]).status_code == 200
    assert ann.decide(handoffs[0], "reject").status_code == 200
    assert robot.act(handoffs[5]["id"], "withdrawal", {}).status_code == 200
    world.clock.advance(60_000)
    for at in (4, 1):
        world.services.service.expire(handoffs[at]["id"])
    wanted = [handoffs[n]["id"] for n in (3, 0, 5, 4, 1)]
    for limit in (1, 2, 5, 200):
        items = walked(robot, "/v1/decisions", limit)
        assert [item["id"] for item in items] == wanted
        assert [item["approved"] for item in items] == [True, False, None, None, None]
        sequences = [item["sequence"] for item in items]
        assert sequences == sorted(set(sequences))
    last = robot.get("/v1/decisions", limit=200)["cursor"]
    again = robot.get("/v1/decisions", cursor=last)
    assert (again["items"], again["cursor"]) == ([], last)
    only = world.automation(workflows=["w0"])
    assert [item["id"] for item in walked(only, "/v1/decisions", 1)] == [
        i for i in wanted if i in (handoffs[0]["id"], handoffs[4]["id"])
    ]


@pytest.mark.req("R-STORE-07")
def test_a_poller_gets_past_outcomes_that_are_gone(embedded_world: World) -> None:
    """Records whose retention time is over leave places in the list: they must neither end it nor stop the poller."""
    world = embedded_world
    robot, ann, store = world.automation(), world.person("Ann"), world.services.store
    handoffs = [world.open(robot) for _ in range(12)]
    for handoff in handoffs:
        assert ann.decide(handoff).status_code == 200
    for handoff in handoffs[1:10]:
        world.admin.delete(keys.of(handoff["id"], "handoff"), keys.of(handoff["id"], "history"))
    items: list[Any] = []
    cursor = "0"
    for _ in range(8):
        page = robot.get("/v1/decisions", limit=3, cursor=cursor)
        items, cursor = items + page["items"], page["cursor"]
    wanted = [handoffs[at]["id"] for at in (0, 10, 11)]
    assert [item["id"] for item in items] == wanted
    assert [item["id"] for item in walked(robot, "/v1/handoffs", 3, state="decided")] == wanted[::-1]
    # Pruning takes the places away, also those behind one that is still there.
    assert sum(store.prune(4) for _ in range(4)) == 9
    assert world.admin.zcard(keys.shared("00", "decided")) == 3
    assert world.admin.zcard(keys.shared("00", "decided", "summarize")) == 3
    assert sum(store.prune(4) for _ in range(4)) == 0


def test_pruning_deliveries_gets_past_those_that_stay(embedded_world: World) -> None:
    """The list of callbacks loses those whose records are gone, wherever they stand in it."""
    world = embedded_world
    robot, ann = world.automation(), world.person("Ann")
    for _ in range(7):
        assert ann.decide(world.open(robot, callback_url=CALLBACK)).status_code == 200
    deliveries = world.services.deliveries
    ids = [record.id for record in deliveries.page(None, 50).items]
    for identifier in ids[1:6]:
        world.admin.delete(keys.of(identifier, "delivery"))
    assert sum(deliveries.prune(2) for _ in range(6)) == 5
    assert [record.id for record in deliveries.page(None, 50).items] == [ids[0], ids[6]]


# Timers


@pytest.mark.req("R6", "R-STORE-15")
def test_a_due_timer_is_leased_to_one_worker_and_comes_back(world: World) -> None:
    """Not early; to one worker at a time; after the lease again, when the worker died."""
    opened = world.open(world.automation(), expires_in_s=60)
    store, now_ms = world.services.store, world.clock.now_ms()
    wanted = [("expire", opened["id"])]
    assert store.claim_due_timers(now_ms + 59_999, 10_000, 10) == []
    assert store.claim_due_timers(now_ms + 60_000, 10_000, 10) == wanted
    assert store.claim_due_timers(now_ms + 69_999, 10_000, 10) == []
    assert store.claim_due_timers(now_ms + 70_000, 10_000, 10) == wanted
    store.clear_timer("expire", opened["id"], now_ms + 80_000)
    assert wanted[0] not in store.claim_due_timers(now_ms + 10**9, 10_000, 10)


def test_an_outcome_takes_its_timers_off(world: World) -> None:
    """A decided case is not looked at again by the timers."""
    robot, ann = world.automation(), world.person("Ann")
    opened = world.open(robot)
    ann.act(opened["id"], "claim", method="PUT")
    assert ann.decide(opened, version=2).status_code == 200
    assert world.services.store.claim_due_timers(world.clock.now_ms() + 10**10, 1, 10) == []


def test_a_cluster_may_spread_partitions_but_never_one_handoff(cluster_url: str) -> None:
    """All keys of a partition lie in one slot, so that one script can write them; people and keys in another."""
    world = World(cluster_url).emptied()
    group_almost_settled(world)
    client = world.admin
    slots = {key.decode().split(":")[0]: client.keyslot(key) for key in client.scan_iter()}
    assert len(slots) == 2
    for key in client.scan_iter():
        assert client.keyslot(key) == slots[key.decode().split(":")[0]]
    other = replace(
        stored(world, next(iter(world.services.store.list_open(None, None, 1).items)).id).handoff, id="ho_7f" + "0" * 26
    )
    assert keys.of(other.id, "handoff").startswith("{p7f}:")


@pytest.mark.req("R5", "R-STORE-02")
def test_no_client_repeats_a_command_by_itself(world: World) -> None:
    """A lost reply may have been a yes: repeated, a write applies twice, or its maker hears that another was first."""
    client = world.admin
    cluster = world.settings.redis_url.startswith("redis+cluster:")
    retry = client.retry if cluster else client.connection_pool.connection_kwargs["retry"]
    assert retry.get_retries() == 0
    nodes = [node.redis_connection for node in client.get_nodes()] if cluster else []
    assert all(node.connection_pool.connection_kwargs["retry"].get_retries() == 0 for node in nodes if node)
