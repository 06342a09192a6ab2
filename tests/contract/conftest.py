"""What every store must do is asked of three: the embedded Valkey, Redis 7.0, and a cluster of three (R-STORE-02)."""

import pytest

from tests.application import World
from tests.servers import RedisServer, cluster_url, embedded_url, redis_server

__all__ = ["cluster_url", "embedded_url", "redis_server"]

STORES = ("embedded", "redis-7.0", "cluster")


@pytest.fixture(params=STORES)
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of each store in turn."""
    if request.param == "redis-7.0":
        server: RedisServer = request.getfixturevalue("redis_server")
        return server.url
    name = {"embedded": "embedded_url", "cluster": "cluster_url"}[request.param]
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture
def world(store_url: str) -> World:
    """A companion on an empty store of each kind."""
    return World(store_url).emptied()


@pytest.fixture
def embedded_world(embedded_url: str) -> World:
    """A companion on the embedded store, for what hangs on our own code and not on the server."""
    return World(embedded_url).emptied()
