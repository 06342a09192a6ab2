"""Batches in the store: which cases one person took together, and what was said of them then."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from companion.store import keys
from companion.store.connection import failures_named
from companion.store.plan import Plan
from companion.store.protocol import Once
from companion.store.records import dumps
from companion.store.redis import RedisStore

KEPT_MS: Final = 24 * 3600 * 1000
"""Longer than anybody works on a batch: a request that was lost is sent again and answered."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch never changes: what became of its cases stands on the cases."""

    id: str
    reviewer_id: str
    workflow_id: str
    queue: str | None
    until_ms: int
    """When the claims that it made run out."""
    handoff_ids: tuple[str, ...]
    outliers: Mapping[str, list[str]] = field(default_factory=dict)
    """Case -> why it stands out."""
    left_out: tuple[Mapping[str, str], ...] = ()
    compared: Mapping[str, list[Any]] = field(default_factory=dict)
    """Case -> package digest, reviewer level and risk tier as they were compared."""


class BatchStore:
    """Writes and reads batches."""

    def __init__(self, store: RedisStore) -> None:
        self._store = store

    def add(self, batch: Batch, once: Once | None) -> bool:
        """Write a batch. False, and nothing written, when another one was made under this Idempotency-Key."""
        plan = Plan()
        if once is not None:
            self._store.add_once(plan, once, batch.id, KEPT_MS)
        plan.write("SET", keys.of(batch.id, "batch"), "string", dumps(asdict(batch)), "PX", KEPT_MS)
        return bool(self._store.run(plan)[0] == b"OK")

    def made_once(self, once: Once) -> tuple[str, str] | None:
        """The batch that this Idempotency-Key made, and the fingerprint of its body."""
        return self._store.made_once(once.name)

    def load(self, batch_id: str) -> Batch | None:
        """One batch."""
        with failures_named():
            text = self._store.client.get(keys.of(batch_id, "batch"))
        if text is None:
            return None
        record: dict[str, Any] = json.loads(text)
        record |= {"handoff_ids": tuple(record["handoff_ids"]), "left_out": tuple(record["left_out"])}
        return Batch(**record)

    def remove(self, batch_id: str) -> None:
        """Forget a batch."""
        with failures_named():
            self._store.client.delete(keys.of(batch_id, "batch"))
