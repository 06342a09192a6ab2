"""What a policy inherits, and what follows from its rows: from a document to its effective form."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from companion.core.policy.document import PolicyDocument, PolicyProblem, UnusablePolicy, check_shape
from companion.core.policy.gates import items_of
from companion.core.policy.patterns import FALLBACK_SLA, PATTERN_BY_NAME, ROW_BY_TIER, SERVICE_TIERS

OWN: Final = frozenset({"schema_version", "workflow_id", "extends", "title", "description", "owner", "tests"})
"""What nobody inherits: above all an owner, who must be named each time."""

JOINED: Final[Mapping[str, str]] = {
    "rules": "id",
    "risk_signals": "id",
    "gates": "id",
    "ladder": "level",
    "redaction": "path",
}
"""Lists of parts, each with its own name: one of the same name replaces, a new one is added, an empty list clears."""


def effective_of(document: Mapping[str, Any], library: Callable[[str], Mapping[str, Any] | None]) -> dict[str, Any]:
    """The document with everything it inherits, every default, and what follows from pattern, tiers and rows.

    `library` gives a preset by name. Raises UnusablePolicy.
    """
    check_shape(document)
    merged = check_shape(_inherited(document, library)).model_dump(mode="json")
    return _filled(merged)


def _inherited(document: Mapping[str, Any], library: Callable[[str], Mapping[str, Any] | None]) -> dict[str, Any]:
    name = document.get("extends", PolicyDocument.model_fields["extends"].default)
    if name is None:
        return dict(document)
    parent = library(name)
    if parent is None:
        raise UnusablePolicy([PolicyProblem("/extends", f"There is no preset “{name}”.")])
    return _merge(_inherited(parent, library), document)


def _merge(parent: Mapping[str, Any], child: Mapping[str, Any]) -> dict[str, Any]:
    merged = {name: value for name, value in parent.items() if name not in OWN}
    for name, value in child.items():
        inherited = merged.get(name)
        if name in JOINED and value:
            merged[name] = [*{part[JOINED[name]]: part for part in (*(inherited or ()), *value)}.values()]
        elif isinstance(value, Mapping) and isinstance(inherited, Mapping):
            merged[name] = {**inherited, **_deeper(inherited, value)}
        else:
            merged[name] = value
    return merged


def _deeper(parent: Mapping[str, Any], child: Mapping[str, Any]) -> dict[str, Any]:
    """The members of `child`, each over what `parent` has there."""
    deeper: dict[str, Any] = {}
    for name, value in child.items():
        inherited = parent.get(name)
        both = isinstance(value, Mapping) and isinstance(inherited, Mapping)
        deeper[name] = {**inherited, **_deeper(inherited, value)} if both and inherited is not None else value
    return deeper


def _filled(merged: dict[str, Any]) -> dict[str, Any]:
    """What nobody wrote: approval and rollback from the risk matrix, minutes from pattern, then service tier (X-08)."""
    row = ROW_BY_TIER[merged["risk_tier"] or "low"]
    for name, value in (("approval_mode", row.approval_mode), ("rollback_mode", row.rollback_mode)):
        if merged[name] is None:
            merged[name] = value
    tier = SERVICE_TIERS[merged["service_tier"]]["sla"] if merged["service_tier"] else {}
    follows = {**FALLBACK_SLA, **tier, **PATTERN_BY_NAME[merged["pattern"]].sla}
    merged["sla"] = {name: follows.get(name) if value is None else value for name, value in merged["sla"].items()}
    if merged["evidence_at_opening"] is None:
        merged["evidence_at_opening"] = merged["pattern"] == "approval_before_action"
    merged["ladder"].sort(key=lambda step: step["level"])
    for gate in merged["gates"]:
        gate["items"] = items_of(gate)
    for rule in merged["rules"]:
        rule["source"] = rule["source"] or "business_rule"
    return merged
