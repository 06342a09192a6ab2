"""The connection to the server: standalone, Sentinel or Cluster by address, and every failure under one name."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.cluster import RedisCluster
from redis.exceptions import (
    BusyLoadingError,
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

UNWRITABLE: Final = {
    "MISCONF": "it cannot save to its disk; look at its log, and whether that disk is full",
    "NOREPLICAS": "too few of its replicas follow it; look at those",
    "OOM": "its memory is full; give it more",
    "READONLY": "it is a read-only replica; name the primary in HANDOFF_REDIS_URL",
    "LOADING": "it is still loading its data; try again in a moment",
    "CLUSTERDOWN": "a part of the cluster is away; look at its nodes",
    "TRYAGAIN": "the cluster moves its data just now; try again in a moment",
}
"""Error code of a server that is there but takes no write now -> words."""

CODES: Final = {
    OutOfMemoryError: "OOM",
    ReadOnlyError: "READONLY",
    BusyLoadingError: "LOADING",
    ClusterDownError: "CLUSTERDOWN",
    TryAgainError: "TRYAGAIN",
}
"""The client takes the code off where it has a class for it."""


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
        return LazyCluster(url.replace("redis+cluster", "redis", 1), options)
    if parts.scheme == "redis+sentinel":
        hosts = [
            (part.rsplit(":", 1)[0], int(part.rsplit(":", 1)[1])) for part in parts.netloc.rsplit("@", 1)[-1].split(",")
        ]
        service = parts.path.strip("/") or "mymaster"
        password = parse_qs(parts.query).get("password", [None])[0]
        # A request waits for the first Sentinel that answers, and not for several tries at each that does not.
        asked = {**options, "socket_timeout": CONNECT_TIMEOUT_S}
        sentinel: Any = Sentinel(hosts, sentinel_kwargs=asked)  # type: ignore[no-untyped-call]
        return sentinel.master_for(service, password=password, **options)
    return redis.Redis.from_url(url, **options)


class LazyCluster:
    """A cluster client that asks for the cluster's nodes when it is first used.

    redis-py's own asks when it is made: a process could not start before its store.
    """

    def __init__(self, url: str, options: dict[str, Any]) -> None:
        self._url = url
        self._options = options
        self._made: Any = None
        self._lock = Lock()

    def __getattr__(self, name: str) -> Any:
        """An attribute of the client. Raises what the client raises while no node answers."""
        if self._made is None:
            with self._lock:
                if self._made is None:
                    self._made = RedisCluster.from_url(self._url, **self._options)
        return getattr(self._made, name)


@contextmanager
def failures_named() -> Iterator[None]:
    """Turn what the client raises when the server is away or cannot write into StoreUnavailable."""
    try:
        yield
    except (OutOfMemoryError, ReadOnlyError, BusyLoadingError, ClusterDownError, TryAgainError) as error:
        raise _unwritable(next(code for kind, code in CODES.items() if isinstance(error, kind))) from error
    except (redis.ConnectionError, redis.TimeoutError, OSError) as error:
        raise StoreUnavailable(f"the store does not answer ({type(error).__name__})") from error
    except RedisClusterException as error:
        raise StoreUnavailable("the store's cluster does not answer as a whole") from error
    except redis.ResponseError as error:
        code = str(error).split(" ", 1)[0]
        if code in UNWRITABLE:
            raise _unwritable(code) from error
        raise


def _unwritable(code: str) -> StoreUnavailable:
    return StoreUnavailable(f"the store takes no write now ({code}): {UNWRITABLE[code]}")
