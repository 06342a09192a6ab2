"""Refused attempts to act, the newest of them: capped in number, rate and time, so that nobody can fill the store."""

import json
from threading import Lock
from typing import Any, Final

from companion.store import keys
from companion.store.connection import failures_named
from companion.store.protocol import Page
from companion.store.records import dumps
from companion.store.redis import RedisStore

KEPT: Final = 5_000
"""How many are kept, about; at half a kilobyte each."""

KEPT_MS: Final = 90 * 24 * 3600 * 1000
PER_MINUTE: Final = 120
"""How many one process writes in a minute; the rest is counted, for each write waits for the disk."""

MINUTE_MS: Final = 60_000


class Attempts:
    """A capped stream of events; one for the whole store."""

    def __init__(self, store: RedisStore) -> None:
        self._client = store.client
        self._minute = 0
        self._written = 0
        self._left_out = 0
        self._lock = Lock()

    def append(self, event: dict[str, Any], now_ms: int) -> None:
        """Write an event, or count it when this minute has had its share. Raises StoreUnavailable."""
        with self._lock:
            if now_ms // MINUTE_MS != self._minute:
                self._minute, self._written = now_ms // MINUTE_MS, 0
            if self._written >= PER_MINUTE:
                self._left_out += 1
                return
            self._written += 1
            left_out, self._left_out = self._left_out, 0
        key = keys.directory("attempts")
        text = dumps(event | {"left_out": left_out})
        with failures_named():
            pipeline = self._client.pipeline(transaction=True)
            pipeline.xadd(key, {"event": text}, maxlen=KEPT, approximate=True).pexpire(key, KEPT_MS).execute()

    def newest(self, cursor: str | None, limit: int) -> Page:
        """Events before the cursor, the newest first. Raises StoreUnavailable."""
        before = "+" if cursor is None else f"({cursor}"
        with failures_named():
            found = self._client.xrevrange(keys.directory("attempts"), before, "-", count=limit + 1)
        last = found[limit - 1][0].decode() if len(found) > limit else None
        return Page([json.loads(fields[b"event"]) for _, fields in found[:limit]], last)
