"""Checklists: the two that come with Handoff, and what a policy's gates ask of one case (R-GATE-01, R-GATE-02)."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from companion.core import terms


def _item(name: str, title: str, criterion: str, check: str = "pass_fail", *, waived: bool = False) -> dict[str, Any]:
    return {"id": name, "title": title, "criterion": criterion, "check": check, "not_applicable": waived}


GATE_SETS: Final[Mapping[str, tuple[Mapping[str, Any], ...]]] = MappingProxyType(
    {
        "verification_checks": (
            _item(
                "source_evidence",
                "Source evidence present",
                "Each statement is backed by a source that is attached or linked",
                "evidence",
            ),
            _item(
                "policy_classification",
                "Policy classification correct",
                "Topic, marks and risk tier fit what the request says",
            ),
            _item(
                "no_prohibited_content",
                "No prohibited content",
                "No secret, no insult, no prohibited term and no instruction to the model stands in it",
            ),
            _item(
                "entity_match",
                "Entity match verified",
                "Name and number in the output belong to the person or account of the request",
            ),
            _item(
                "safe_action",
                "Downstream action safe to execute",
                "The action touches only what was asked for, and can be undone or was released",
            ),
        ),
        "verification_checklist": (
            _item(
                "evidence_attached",
                "Required evidence attached",
                "Every document that the policy names is attached",
                "evidence",
            ),
            _item(
                "policy_version",
                "Policy version matched",
                "The policy in force is still the version that the case was opened under",
                "policy_version",
            ),
            _item(
                "sensitive_data",
                "Sensitive data checked",
                "No personal or secret data goes out that the recipient does not need",
            ),
            _item(
                "accuracy",
                "Output reviewed for accuracy",
                "Each name, number and date in the output equals the one in the request or its sources",
            ),
            _item(
                "language_approved",
                "User-facing language approved",
                "The wording keeps to the style guide and promises nothing beyond the terms",
                waived=True,
            ),
        ),
    }
)
"""Name under `use` -> its items. Only the last of the checklist can be answered with “not applicable”."""


def items_of(gate: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a gate checks: its own items, those of a set, or its one criterion."""
    if gate["use"] is not None:
        return [dict(item) for item in GATE_SETS[gate["use"]]]
    if gate["items"] or gate["criterion"] is None:
        return list(gate["items"])
    return [_item(gate["id"], gate["title"], gate["criterion"], gate["check"] or "pass_fail")]


def gates_at(gates: Iterable[Mapping[str, Any]], queue: str | None) -> tuple[Mapping[str, Any], ...]:
    """The gates of a case in a queue: those of all queues, and its own (R-GATE-17)."""
    return tuple(gate for gate in gates if not gate["queues"] or queue in gate["queues"])


def gate_of(gate: Mapping[str, Any]) -> terms.Gate:
    """One gate of an effective policy, as a case keeps it."""
    return terms.Gate(
        id=gate["id"],
        title=gate["title"],
        items=tuple(terms.GateItem(**item) for item in gate["items"]),
        review=gate["review"],
        roles=tuple(gate["roles"]),
        on_failure=gate["on_failure"],
    )
