"""Counters for rate limits in the memory of one process, as a storage of the library `limits`."""

from collections import OrderedDict
from threading import Lock
from typing import Final

from limits.storage import Storage

from companion.adapters.clock import Clock

ENTRIES: Final = 50_000
"""Windows that a process remembers; beyond that it forgets the one that was used longest ago."""


class InMemory(Storage):
    """Windows of one process."""

    STORAGE_SCHEME: list[str] | None = None

    def __init__(self, clock: Clock, entries: int = ENTRIES) -> None:
        super().__init__()
        self._clock = clock
        self._entries = entries
        self._windows: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._lock = Lock()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, in a window that begins now if none is open."""
        now_ms = self._clock.monotonic_ms()
        with self._lock:
            count, until_ms = self._windows.pop(key, (0, 0))
            if until_ms <= now_ms:
                count, until_ms = 0, now_ms + expiry * 1000
            self._windows[key] = (count + amount, until_ms)
            while len(self._windows) > self._entries:
                self._windows.popitem(last=False)
        return count + amount

    def get(self, key: str) -> int:
        """How often was counted in the open window."""
        count, until_ms = self._windows.get(key, (0, 0))
        return count if until_ms > self._clock.monotonic_ms() else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds of the clock that never jumps."""
        return self._windows.get(key, (0, 0))[1] / 1000

    def clear(self, key: str) -> None:
        """Forget a window."""
        self._windows.pop(key, None)

    def __len__(self) -> int:
        return len(self._windows)

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
