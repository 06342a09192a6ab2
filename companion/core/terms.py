"""What a policy permits and asks for on one case, as it stood when the case was opened (R-GOV-22, R-ROLE-10).

A case is decided under the policy that it was opened under, however often that policy changes meanwhile.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal

Assurance = Literal["none", "link", "signed_in", "step_up"]


@dataclass(frozen=True, slots=True)
class GateItem:
    """One thing to check, with a criterion that two people would judge alike (R-GATE-05)."""

    id: str
    title: str
    criterion: str
    check: Literal["pass_fail", "evidence", "policy_version"] = "pass_fail"
    """`policy_version` is answered by Handoff: the policy in force is still the one of the case (R-GATE-11)."""
    not_applicable: bool = False
    """Whether "not applicable" is an answer."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Checks that must pass before anything goes on; gates open in their order (R-GATE-06)."""

    id: str
    title: str
    items: tuple[GateItem, ...]
    review: Literal[1, 2] = 1
    """Of two reviews, which one answers it (R-GATE-12)."""
    roles: tuple[str, ...] = ()
    """Who may answer it; empty: verifiers and whoever may decide."""
    on_failure: Literal["escalate", "triage"] = "escalate"


@dataclass(frozen=True, slots=True)
class Redaction:
    """A place in the package that only some roles see, as a JSON pointer; `*` stands for one member (R-CTX-18)."""

    path: str
    label: str
    visible_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EscalationTarget:
    """Somewhere a case can be escalated to: a level of the ladder, or a queue of its own such as legal."""

    id: str
    title: str
    level: int
    queue: str | None = None
    skills: tuple[str, ...] = ()
    backup: str | None = None
    respond_within_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one case."""

    actions: tuple[str, ...]
    actions_needing_reason: tuple[str, ...]
    reason_codes: Mapping[str, str]
    """Code -> what a person reads."""
    gates: tuple[Gate, ...] = ()
    override_roles: tuple[str, ...] = ()
    """Who may overrule the model, by rejecting or editing its output; empty: whoever may decide."""
    evidence_required: bool = False
    """Whether overruling the model needs evidence attached."""
    assurance: Mapping[str, Assurance] = field(default_factory=dict)
    """Action -> how surely a person must be known for it; left out, it follows from the risk."""
    actions_by_role: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Role -> what it may do here; a role that is not named may do what is its duty (R-ACT-10)."""
    escalation_targets: tuple[EscalationTarget, ...] = ()
    undo_window_s: int = 0
    second_review_blind: bool = True
    """Whether the second reviewer sees the first one's reasons only after deciding."""
    redactions: tuple[Redaction, ...] = ()
    batches: bool = True
    """Whether several such cases may be decided together."""
    confidence_bands: tuple[float, float] = (0.85, 0.6)
    """From the first on the badge is green, from the second on yellow, below it red (R-SUP-02)."""


TERMS_BEFORE_POLICIES: Final = Terms(
    actions=("approve", "reject", "modify", "escalate", "ask", "roll_back"),
    actions_needing_reason=("reject", "modify", "escalate", "roll_back"),
    reason_codes={
        "wrong_category": "Wrong category",
        "insufficient_evidence": "Insufficient evidence",
        "policy_violation": "Policy violation",
        "needs_specialist_review": "Needs specialist review",
    },
)
"""What held for every case while records had schema version 1."""


def terms_record(terms: Terms) -> dict[str, Any]:
    """The stored shape of terms, not to be changed; what has its default is left out, because every case carries them.

    Cases of one policy share their terms, so the newest shapes are kept instead of being made again for each opening.
    """
    kept = _SHAPES.get(id(terms))
    if kept is None or kept[0] is not terms:
        if len(_SHAPES) >= SHAPES_KEPT:
            _SHAPES.clear()
        kept = _SHAPES[id(terms)] = (terms, _shape(terms))
    return kept[1]


SHAPES_KEPT: Final = 200
_SHAPES: Final[dict[int, tuple[Terms, dict[str, Any]]]] = {}
"""By identity, which holds as long as the terms themselves are kept beside their shape."""


def _shape(terms: Terms) -> dict[str, Any]:
    record = {name: value for name, default in _DEFAULTS if (value := getattr(terms, name)) != default}
    for name in ("gates", "redactions", "escalation_targets"):
        if name in record:
            record[name] = [_said(each) for each in record[name]]
    return record


_Part = Gate | GateItem | Redaction | EscalationTarget


def _said(part: _Part) -> dict[str, Any]:
    """The members that say something; a copy of everything, as `asdict` makes it, would cost each commit more."""
    said = {name: value for name in _MEMBERS[type(part)] if (value := getattr(part, name)) is not None and value != ()}
    if isinstance(part, Gate):
        said["items"] = [_said(item) for item in part.items]
    return said


_MEMBERS: Final[dict[type, tuple[str, ...]]] = {
    part: tuple(each.name for each in fields(part)) for part in (Gate, GateItem, Redaction, EscalationTarget)
}
_ALWAYS: Final = ("actions", "actions_needing_reason", "reason_codes")
_PLAIN: Final = Terms((), (), {})
_DEFAULTS: Final = tuple(
    (each.name, None if each.name in _ALWAYS else getattr(_PLAIN, each.name)) for each in fields(Terms)
)


def terms_of(record: Mapping[str, Any]) -> Terms:
    """Terms from their stored shape. Gates of schema version 2 were single checks; each becomes a gate of one item."""
    values = dict(record)
    for name in ("actions", "actions_needing_reason", "override_roles", "confidence_bands"):
        if name in values:
            values[name] = tuple(values[name])
    values["gates"] = tuple(_gate(gate) for gate in values.get("gates", ()))
    values["redactions"] = tuple(
        Redaction(each["path"], each["label"], tuple(each.get("visible_to", ())))
        for each in values.get("redactions", ())
    )
    values["escalation_targets"] = tuple(
        EscalationTarget(**each | {"skills": tuple(each.get("skills", ()))})
        for each in values.get("escalation_targets", ())
    )
    values["actions_by_role"] = {role: tuple(names) for role, names in values.get("actions_by_role", {}).items()}
    return Terms(**values)


def _gate(record: Mapping[str, Any]) -> Gate:
    if "items" not in record:
        item = GateItem(record["id"], record["title"], record["criterion"], record["check"])
        return Gate(record["id"], record["title"], (item,))
    items = tuple(GateItem(**item) for item in record["items"])
    return Gate(**dict(record) | {"items": items, "roles": tuple(record.get("roles", ()))})
