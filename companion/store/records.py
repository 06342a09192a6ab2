"""How values are written into the store and read back: JSON, plain types, no class names."""

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from companion.core.handoff import Handoff
from companion.core.record import from_record, to_record
from companion.store.protocol import DeliveryRecord, Group, Stored


def _plain(value: Any) -> Any:
    """Read-only views of the core as what they are views of. Raises TypeError for everything else."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain)


def dumps(value: Any) -> str:
    """JSON without white space."""
    return _ENCODER.encode(value)


def handoff_text(handoff: Handoff) -> str:
    """The record of a handoff."""
    return dumps(to_record(handoff))


def read_handoff(text: bytes) -> Handoff:
    """A handoff from its record. Raises UnknownSchemaVersion."""
    return from_record(json.loads(text))


def read_stored(text: bytes | None, package: bytes | None, written: int = 0) -> Stored | None:
    """A handoff with its package, or None where there is none."""
    return None if text is None or package is None else Stored(read_handoff(text), package, written)


def group_text(group: Group) -> str:
    """The record of a group."""
    return dumps(_members(group))


def read_group(text: bytes) -> Group:
    """A group from its record."""
    record = json.loads(text)
    return Group(**record | {"handoff_ids": tuple(record["handoff_ids"])})


def delivery_text(delivery: DeliveryRecord) -> str:
    """The record of a delivery."""
    return dumps(_members(delivery))


def read_delivery(text: bytes) -> DeliveryRecord:
    """A delivery from its record."""
    record = json.loads(text)
    return DeliveryRecord(**record | {"attempts": tuple(record["attempts"])})


def _members(value: Group | DeliveryRecord) -> dict[str, Any]:
    """The fields of a flat record; `asdict` would copy every attempt of a delivery."""
    return {field.name: getattr(value, field.name) for field in fields(value)}
