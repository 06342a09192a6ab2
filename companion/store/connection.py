"""The connection to the server: standalone, Sentinel or Cluster by address, and every failure under one name."""

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from threading import Lock
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.cluster import RedisCluster
from redis.connection import parse_url
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    ClusterDownError,
    NoPermissionError,
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

LACKING: Final = "give its user the rights that `handoff store acl` prints"
UNTRUSTED: Final = "it is for another name, or add ?ssl_ca_certs=FILE of its authority to HANDOFF_REDIS_URL"
LACKING_IN_SCRIPT: Final = ("ACL failure in script", "The user executing the script can't")
"""How a refusal within a script begins: in Valkey and newer Redis, and in Redis 7.0."""


def connect(url: str) -> Any:
    """A client for `redis://`, `unix://`, `redis+sentinel://host:port/SERVICE` or `redis+cluster://`; `rediss` is TLS.

    Commands are never repeated by the client: a repeated write could apply twice (security row R5).
    """
    options: dict[str, Any] = {
        "socket_timeout": TIMEOUT_S,
        "socket_connect_timeout": CONNECT_TIMEOUT_S,
        "retry": Retry(NoBackoff(), 0),
        # It would introduce itself by CLIENT SETINFO, which Redis 7.0 does not know and the companion's user may not.
        "driver_info": None,
    }
    parts = urlsplit(url)
    if parts.scheme.endswith("+cluster"):
        return LazyCluster(url.replace("+cluster", "", 1), options)
    if parts.scheme.endswith("+sentinel"):
        login, _, names = parts.netloc.rpartition("@")
        hosts = [(part.rsplit(":", 1)[0], int(part.rsplit(":", 1)[1])) for part in names.split(",")]
        service = parts.path.strip("/") or "mymaster"
        scheme = parts.scheme.removesuffix("+sentinel")
        told = parse_url(f"{scheme}://{login}@?{parts.query}")  # type: ignore[no-untyped-call]
        tls = {"ssl": told.pop("connection_class", None) is not None}
        tls |= {name: told.pop(name) for name in list(told) if name.startswith("ssl_")}
        # A request waits for the first Sentinel that answers, and not for several tries at each that does not.
        asked = {**options, **tls, "socket_timeout": CONNECT_TIMEOUT_S}
        sentinel: Any = Sentinel(hosts, sentinel_kwargs=asked)  # type: ignore[no-untyped-call]
        return sentinel.master_for(service, **{**options, **tls, **told})
    return redis.Redis.from_url(url, **options)


def exposed(url: str) -> bool:
    """Whether others on the network could read what travels to the store, or answer in its place."""
    parts = urlsplit(url)
    if parts.scheme.startswith("rediss"):
        return parse_qs(parts.query).get("ssl_cert_reqs", ["required"]) != ["required"]
    hosts = [urlsplit(f"//{part}").hostname or "" for part in parts.netloc.rpartition("@")[2].split(",")]
    return parts.scheme != "unix" and not all(_is_here(host) for host in hosts)


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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
    except AuthenticationError as error:
        raise StoreUnavailable("the store knows another password, or no such user: see HANDOFF_REDIS_URL") from error
    except NoPermissionError as error:
        raise StoreUnavailable(f"the store refuses ({error}): {LACKING}") from error
    except (redis.ConnectionError, redis.TimeoutError, OSError) as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise StoreUnavailable(f"the store's certificate is not trusted: {UNTRUSTED}") from error
        raise StoreUnavailable(f"the store does not answer ({type(error).__name__})") from error
    except RedisClusterException as error:
        # It says of every failure that no node can be reached.
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, AuthenticationError | NoPermissionError):
            cause = cause.__cause__ or cause.__context__
        if cause is not None:
            with failures_named():
                raise cause from error
        raise StoreUnavailable("the store's cluster does not answer as a whole") from error
    except redis.ResponseError as error:
        code = str(error).split(" ", 1)[0]
        if code in UNWRITABLE:
            raise _unwritable(code) from error
        if str(error).startswith(LACKING_IN_SCRIPT):
            raise StoreUnavailable(f"the store's user lacks a right: {LACKING}") from error
        raise


def _unwritable(code: str) -> StoreUnavailable:
    return StoreUnavailable(f"the store takes no write now ({code}): {UNWRITABLE[code]}")
