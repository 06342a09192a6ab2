"""The values that pass between the store and those who use it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from companion.core.handoff import Handoff


@dataclass(frozen=True, slots=True)
class Group:
    """Handoffs opened together; one callback tells the outcome of all of them."""

    id: str
    handoff_ids: tuple[str, ...]
    workflow_id: str
    idempotency_key: str
    api_key_id: str
    created_at_ms: int
    callback_url: str | None
    callback_expects: Literal["2xx", "acknowledgement"]
    delivery_id: str | None
    wait_id: str | None
    """Hash of execution and node; None when the workflow did not name them."""


@dataclass(frozen=True, slots=True)
class Once:
    """The guard of an Idempotency-Key: `name` is a hash over caller and key, `fingerprint` one over the body."""

    name: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A handoff as it stands, with the bytes of its current package."""

    handoff: Handoff
    package: bytes
    written: int = 0
    """How often its record was written; a commit holds only while that is as it was, also where no version changes."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A group was opened now."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """The Idempotency-Key was used before; `group_id` is what it made then, under a body with `fingerprint`."""

    group_id: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Committed:
    """The change is durable. `sequence` is the outcome's place in the order of outcomes, 0 for other changes."""

    sequence: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """The handoff changed since it was loaded; load and decide again."""


@dataclass(frozen=True, slots=True)
class TokenUsed:
    """The package token gave a command before (security row J8)."""


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list. `cursor` is None at its end."""

    items: Sequence[Any]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Part of the list of outcomes, with their sequence numbers.

    `last_sequence` is the last one looked at, `more` whether there may be others behind it: records whose retention
    time is over are left out of `items`, and a reader must get past them.
    """

    items: Sequence[tuple[int, Handoff]]
    last_sequence: int
    more: bool


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """One callback and all attempts at it."""

    id: str
    group_id: str
    version: int
    status: str
    cause: str | None
    created_at_ms: int
    next_attempt_at_ms: int | None
    attempts: tuple[Mapping[str, Any], ...] = field(default_factory=tuple)
    replayed_at_ms: int | None = None
    """When somebody last sent it again by hand; the schedule starts anew from there."""


class StoreUnavailable(Exception):
    """The store cannot be reached or cannot write; nothing was changed. Callers may try again."""
