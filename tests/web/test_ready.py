"""/readyz says whether the companion can do its work: whether the store takes a write, not only whether it answers."""

from collections.abc import Iterator

import pytest
import redis

from tests.application import World, problem
from tests.servers import RedisServer


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis 7.0 of this test's own, to be put into trouble."""
    server = RedisServer(tmp_path_factory.mktemp("store"))
    server.start()
    yield server
    server.process.kill()


TROUBLES = {
    "its memory is full": lambda client, on: client.config_set("maxmemory", "1mb" if on else "0"),
    "too few of its replicas": lambda client, on: client.config_set("min-replicas-to-write", "1" if on else "0"),
    "it is a read-only replica": lambda client, on: client.replicaof(*(("127.0.0.1", "1") if on else ("NO", "ONE"))),
}


@pytest.mark.req("R-STORE-02", "R1")
@pytest.mark.parametrize("words", TROUBLES)
def test_a_store_that_answers_but_takes_no_write_is_not_ready(server: RedisServer, words: str) -> None:
    """Full memory, no replica to write to, a replica in place of the primary: 503 and why, until it is over."""
    world = World(server.url)
    nobody, client = world.nobody(), server.client()
    assert nobody.send("GET", "/readyz").json["status"] == "ready"
    world.clock.advance(1_000)
    TROUBLES[words](client, True)
    assert client.ping(), "the server itself is well"
    refused = problem(nobody.send("GET", "/readyz"), 503, "store_unavailable")
    assert words in refused["detail"]
    assert nobody.send("GET", "/readyz").status_code == 503
    TROUBLES[words](client, False)
    assert nobody.send("GET", "/readyz").status_code == 200
    assert client.dbsize() == 0, "the proof leaves nothing behind"


@pytest.mark.req("R1")
def test_asking_often_does_not_write_often(server: RedisServer) -> None:
    """Anybody may ask; a write that succeeded is believed for a second, so that asking costs the disk nothing."""
    world = World(server.url)
    client: redis.Redis = server.client()

    def written() -> int:
        return int(client.info("persistence")["aof_current_size"])

    world.nobody().send("GET", "/readyz")
    before = written()
    for _ in range(50):
        assert world.nobody().send("GET", "/readyz").status_code == 200
    assert written() == before
    world.clock.advance(1_000)
    world.nobody().send("GET", "/readyz")
    assert written() > before
