"""Which decided cases are most like a new one, for the reviewer's eye (R-CTX-16)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from companion.core.handoff import Handoff
from companion.core.times import iso

MOST_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Decided:
    """What is compared of a case that people decided."""

    id: str
    decision: str
    at_ms: int
    reason_code: str | None
    by: str
    category: str | None
    risk_tier: str
    flags: frozenset[str]
    queue: str | None
    skills: frozenset[str]
    confidence: float | None

    @classmethod
    def of(cls, handoff: Handoff) -> "Decided | None":
        """The decision of a case; None where no person decided it, or may still take it back, and for a second look."""
        decision = handoff.decision
        if decision is None or decision.action is None or not handoff.settled or handoff.subject is not None:
            return None
        return cls(
            handoff.id,
            handoff.state.value,
            decision.at_ms,
            decision.reason_code,
            decision.by_name,
            handoff.category,
            handoff.risk_tier,
            frozenset(handoff.flags),
            handoff.queue,
            frozenset(handoff.skills),
            handoff.confidence,
        )


def choose(
    decided: Iterable[Decided],
    *,
    category: str | None,
    risk_tier: str,
    flags: Iterable[str],
    queue: str | None,
    skills: Iterable[str],
    confidence: float | None,
) -> list[dict[str, Any]]:
    """At most five cases, the most alike first, the newer first among equals: decision, time, reason, and why.

    Cases that ask for a skill which this one does not ask for are left out: its reviewers may not know of them.
    """
    mine = frozenset(flags)
    scored = []
    trained = frozenset(skills)
    for one in decided:
        if not one.skills <= trained:
            continue
        score, why = _likeness(one, category, risk_tier, mine, queue, confidence)
        if score > 0:
            scored.append((-score, -one.at_ms, one.id, one, why))
    return [_shown(one, why) for *_, one, why in sorted(scored, key=lambda each: each[:3])[:MOST_SHOWN]]


def _likeness(
    one: Decided,
    category: str | None,
    risk_tier: str,
    flags: frozenset[str],
    queue: str | None,
    confidence: float | None,
) -> tuple[float, list[str]]:
    score, why = 0.0, []
    if category is not None and one.category == category:
        score += 4
        why.append("same topic")
    if common := sorted(flags & one.flags):
        score += 3 * len(common) / len(flags | one.flags)
        why.append("same marks: " + ", ".join(mark.replace("_", " ") for mark in common[:3]))
    if queue is not None and one.queue == queue:
        score += 1
        why.append("same queue")
    if one.risk_tier == risk_tier:
        score += 1
        why.append("same risk")
    if confidence is not None and one.confidence is not None and abs(confidence - one.confidence) <= 0.1:
        score += 0.5
        why.append("about as sure")
    return score, why


def _shown(one: Decided, why: list[str]) -> dict[str, Any]:
    return {
        "id": one.id,
        "decision": one.decision,
        "at": iso(one.at_ms),
        "reason_code": one.reason_code,
        "by": one.by,
        "why": "; ".join(why),
    }
