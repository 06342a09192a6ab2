"""The stored shape of a handoff, and what one of an earlier version means today (R-STORE-10)."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, Final

from companion.core.handoff import (
    SCHEMA_VERSION,
    Assignee,
    Claim,
    Decision,
    Disagreement,
    FirstReview,
    GateResult,
    Handoff,
    State,
    UnknownSchemaVersion,
)
from companion.core.terms import terms_of, terms_record

_FIELDS: Final = tuple(each.name for each in fields(Handoff))
_LISTS: Final = (
    "blobs", "flags", "skills", "conditions", "reasons", "triaged_by", "eased_by", "skills_kept", "failed_as_second",
    "approved_before",
)  # fmt: skip
_NESTED: Final = (("claim", Claim), ("first_review", FirstReview), ("decision", Decision), ("assignee", Assignee))
_NESTED_LISTS: Final = (("gate_results", GateResult), ("disagreements", Disagreement))
_MAY_BE_ABSENT: Final = (
    "task_id", "confidence", "impact", "model_version", "model_hash", "execution_url", "requester", "delivery_id",
    "queue", "subject", "due_at_ms",
)  # fmt: skip


def to_record(handoff: Handoff) -> dict[str, Any]:
    """The stored shape of a handoff: plain JSON types, fields without a value left out."""
    record = {name: value for name in _FIELDS if (value := getattr(handoff, name)) is not None}
    for name, _ in _NESTED:
        if name in record:
            record[name] = asdict(record[name])
    for name, _ in _NESTED_LISTS:
        record[name] = [asdict(each) for each in record[name]]
    record["terms"] = terms_record(handoff.terms)
    return record


def from_record(record: dict[str, Any]) -> Handoff:
    """Read a stored record back.

    Raises UnknownSchemaVersion for a record newer than this code.
    """
    if record["schema_version"] > SCHEMA_VERSION:
        raise UnknownSchemaVersion(
            f"record {record['id']} has schema version {record['schema_version']}; this Handoff knows {SCHEMA_VERSION}"
        )
    values: dict[str, Any] = {**dict.fromkeys(_MAY_BE_ABSENT), **record, "schema_version": SCHEMA_VERSION}
    values["state"] = State(values["state"])
    for name in _LISTS:
        values[name] = tuple(values.get(name, ()))
    if "terms" in values:
        values["terms"] = terms_of(values["terms"])
    for name, kind in _NESTED:
        if name in values:
            values[name] = _made(kind, values[name])
    for name, each_kind in _NESTED_LISTS:
        values[name] = tuple(_made(each_kind, each) for each in values.get(name, ()))
    return Handoff(**values)


def _made(kind: type[Any], record: Mapping[str, Any]) -> Any:
    """A part of a handoff from its record."""
    values = dict(record)
    if "corrections" in values:
        values["corrections"] = tuple(values["corrections"])
    if values.get("first") is not None:
        values["first"] = _made(FirstReview, values["first"])
    return kind(**values)
