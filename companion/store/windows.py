"""Counters for rate limits that all processes on one store share, as a storage of the library `limits`."""

from collections.abc import Callable

from limits.storage import Storage

from companion.store import keys
from companion.store.connection import failures_named
from companion.store.redis import RedisStore


class Shared(Storage):
    """Windows of all processes. Each ends by itself in the store."""

    STORAGE_SCHEME: list[str] | None = None

    def __init__(self, store: RedisStore, now_ms: Callable[[], int]) -> None:
        super().__init__()
        self._client = store.client
        self._now_ms = now_ms

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, in a window that begins now if none is open."""
        name = keys.directory("rate", key)
        pipeline = self._client.pipeline(transaction=True)
        with failures_named():
            return int(pipeline.set(name, 0, ex=expiry, nx=True).incrby(name, amount).execute()[1])

    def get(self, key: str) -> int:
        """How often was counted in the open window."""
        with failures_named():
            return int(self._client.get(keys.directory("rate", key)) or 0)

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds of the clock that was given."""
        with failures_named():
            left_ms = int(self._client.pttl(keys.directory("rate", key)))
        return (self._now_ms() + max(0, left_ms)) / 1000

    def clear(self, key: str) -> None:
        """Forget a window."""
        with failures_named():
            self._client.delete(keys.directory("rate", key))

    @property
    def base_exceptions(self) -> type[Exception]:
        """None that a caller should not see as it is."""
        return LookupError

    def check(self) -> bool:
        """Always there."""
        return True

    def reset(self) -> int | None:
        """All windows end by themselves."""
        raise NotImplementedError
