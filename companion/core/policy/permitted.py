"""From an effective policy to the terms of its cases (R-GOV-22)."""

from collections.abc import Iterator, Mapping
from typing import Any

from companion.core.policy.gates import gate_of, gates_at
from companion.core.terms import EscalationTarget, Redaction, Terms


def terms_in(effective: Mapping[str, Any], queue: str | None) -> Terms:
    """What a case in this queue is decided under; where nobody is asked, nothing of it is used."""
    override, bands = effective["override"], effective["confidence_bands"]
    return Terms(
        actions=tuple(effective["actions"]),
        actions_needing_reason=tuple(effective["actions_needing_reason"]),
        reason_codes=dict(effective["reason_codes"]),
        gates=tuple(gate_of(gate) for gate in gates_at(effective["gates"], queue)),
        override_roles=tuple(override["roles"]),
        evidence_required=override["evidence_required"],
        assurance=dict(effective["assurance"]),
        actions_by_role={role: tuple(names) for role, names in effective["actions_by_role"].items()},
        escalation_targets=tuple(_targets(effective)),
        undo_window_s=effective["undo_window_s"],
        second_review_blind=effective["second_review"]["blind"],
        redactions=tuple(
            Redaction(each["path"], each["label"], tuple(each["visible_to"])) for each in effective["redaction"]
        ),
        batches=effective["batches"],
        confidence_bands=(bands["green_from"], bands["yellow_from"]),
    )


def _targets(effective: Mapping[str, Any]) -> Iterator[EscalationTarget]:
    """The levels of the ladder as `level_1` to `level_4`, then the named ones."""
    for step in effective["ladder"]:
        yield _target(f"level_{step['level']}", step)
    for name, target in effective["escalation_targets"].items():
        yield _target(name, target)


def _target(name: str, given: Mapping[str, Any]) -> EscalationTarget:
    return EscalationTarget(
        name,
        given["title"],
        given["level"],
        given["queue"],
        tuple(given["skills"]),
        given["backup"],
        given["respond_within_minutes"],
    )
