"""What was acknowledged survives: another process sees it, and so does a server that was killed (R-STORE-10)."""

from pathlib import Path

import pytest

from companion.adapters.clock import SystemClock
from companion.embedded import DataFolder, EmbeddedStore
from tests.application import World
from tests.servers import USERS, RedisServer
from tests.system.waiting import wait_until


@pytest.mark.req("R-STORE-10", "R-STORE-02")
def test_another_companion_on_the_same_store_goes_on_where_the_first_stopped(world: World) -> None:
    """Inbox, cases, credentials, links and sessions are in the store and nowhere else."""
    robot, ann = world.automation(), world.person("Ann")
    opened = [world.open(robot, expires_in_s=600 + 60 * n) for n in range(5)]
    assert ann.act(opened[0]["id"], "claim", method="PUT").status_code == 200
    before = [ann.get("/v1/handoffs"), ann.live(opened[0]["id"])]
    other = World(world.url, world.clock)
    again = other.bearer(ann.headers["Authorization"].removeprefix("Bearer "), ann.id)
    assert [again.get("/v1/handoffs"), again.live(opened[0]["id"])] == before
    assert [item["id"] for item in before[0]["items"]] == [item["id"] for item in opened], "in the order of deadlines"
    assert again.decide(opened[0], version=2).status_code == 200
    assert ann.live(opened[0]["id"])["state"] == "approved"


@pytest.mark.req("R-STORE-10", "R8")
def test_a_redis_that_is_killed_and_started_again_has_lost_nothing(tmp_path: Path) -> None:
    """With `appendfsync always` every acknowledged opening and decision is there after kill -9, in the same order."""
    server = RedisServer(tmp_path / "redis")
    server.start()
    try:
        world = World(server.url)
        robot, ann = world.automation(), world.person("Ann")
        opened = [world.open(robot, expires_in_s=600 + n) for n in range(20)]
        decided = [ann.decide(handoff).json["id"] for handoff in opened[:10]]
        dump = world.dump()
        server.process.kill()
        assert ann.send("GET", "/v1/handoffs").status_code == 503
        server.start()
        assert wait_until(lambda: world.dump() == dump, "everything was back")
        assert [item["id"] for item in ann.get("/v1/handoffs")["items"]] == [item["id"] for item in opened[10:]]
        assert [item["id"] for item in ann.get("/v1/decisions")["items"]] == decided
    finally:
        server.process.kill()


@pytest.mark.req("R-STORE-10")
def test_an_embedded_store_that_is_stopped_and_started_again_has_lost_nothing(tmp_path: Path) -> None:
    """The same for the store that `handoff up` brings."""
    folder = DataFolder(tmp_path / "data", SystemClock())
    with folder.held("test"):
        store = EmbeddedStore(folder, SystemClock(), settings=USERS)
        store.start()
        try:
            world = World(store.url)
            robot, ann = world.automation(), world.person("Ann")
            opened = [world.open(robot) for _ in range(5)]
            assert ann.decide(opened[0]).status_code == 200
            dump = world.dump()
            store.stop()
            store.start()
            assert world.dump() == dump
            assert ann.live(opened[0]["id"])["state"] == "approved"
            assert ann.decide(opened[1], "reject").status_code == 200
        finally:
            store.stop()
