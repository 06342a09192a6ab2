"""The connection to the server: standalone, Sentinel or Cluster by address, and every failure under one name."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.cluster import RedisCluster
from redis.exceptions import (
    ClusterDownError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
    TryAgainError,
)
from redis.retry import Retry
from redis.sentinel import Sentinel

from companion.store.protocol import StoreUnavailable

TIMEOUT_S: Final = 5.0
CONNECT_TIMEOUT_S: Final = 1.0

UNWRITABLE: Final = (OutOfMemoryError, ReadOnlyError, ClusterDownError, TryAgainError)
UNWRITABLE_WORDS: Final = ("MISCONF", "NOREPLICAS")
"""Answers of a server that is there but cannot take a write now; the client has a class for some, words for others."""


def connect(url: str) -> Any:
    """A client for `redis://`, `rediss://`, `unix://`, `redis+sentinel://host:port/SERVICE` or `redis+cluster://`.

    Commands are never repeated by the client: a repeated write could apply twice (security row R5).
    """
    options: dict[str, Any] = {
        "socket_timeout": TIMEOUT_S,
        "socket_connect_timeout": CONNECT_TIMEOUT_S,
        "retry": Retry(NoBackoff(), 0),
    }
    parts = urlsplit(url)
    if parts.scheme == "redis+cluster":
        return RedisCluster.from_url(url.replace("redis+cluster", "redis", 1), **options)
    if parts.scheme == "redis+sentinel":
        hosts = [
            (part.rsplit(":", 1)[0], int(part.rsplit(":", 1)[1])) for part in parts.netloc.rsplit("@", 1)[-1].split(",")
        ]
        service = parts.path.strip("/") or "mymaster"
        password = parse_qs(parts.query).get("password", [None])[0]
        sentinel: Any = Sentinel(hosts, socket_timeout=CONNECT_TIMEOUT_S)  # type: ignore[no-untyped-call]
        return sentinel.master_for(service, password=password, **options)
    return redis.Redis.from_url(url, **options)


@contextmanager
def failures_named() -> Iterator[None]:
    """Turn what the client raises when the server is away or cannot write into StoreUnavailable."""
    try:
        yield
    except (redis.ConnectionError, redis.TimeoutError, OSError) as error:
        raise StoreUnavailable(f"the store does not answer ({type(error).__name__})") from error
    except UNWRITABLE as error:
        raise StoreUnavailable(f"the store cannot write now ({type(error).__name__})") from error
    except RedisClusterException as error:
        raise StoreUnavailable("the store's cluster does not answer as a whole") from error
    except redis.ResponseError as error:
        if str(error).startswith(UNWRITABLE_WORDS):
            raise StoreUnavailable(f"the store cannot write now ({str(error).split(' ', 1)[0]})") from error
        raise
