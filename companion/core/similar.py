"""Which decided cases are most like a new one, for the reviewer's eye (R-CTX-16)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from companion.core.canonical import canonical_bytes
from companion.core.handoff import Handoff
from companion.core.times import iso

MOST_SHOWN: Final = 5
NEARLY: Final = 0.1
"""Within this two confidences count as about the same."""


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

    Cases of another queue, or that ask for a skill which this one does not ask for, are left out: its reviewers may
    not know of them. Each entry has queue and skills of its case, for `known_here`.
    """
    mine, trained = frozenset(flags), frozenset(skills)
    case = (category, risk_tier, mine, queue, confidence)
    scored = [(_likeness(one, *case), one) for one in decided if _may_know(one.queue, one.skills, queue, trained)]
    alike = sorted((-score, -one.at_ms, one.id, one) for score, one in scored if score > 0)
    return [_shown(one, _why(one, *case)) for *_, one in alike[:MOST_SHOWN]]


def known_here(canonical: bytes, handoff: Handoff) -> bytes:
    """The package with those similar cases only that reviewers may know where the case is now, as a view shows them.

    They were chosen for where it was opened; sorted or escalated, it comes to people who may not know of them.
    """
    content = json.loads(canonical)
    if not content["metadata"].get("similar_cases"):
        return canonical
    here = (handoff.queue, frozenset(handoff.skills))
    content["metadata"]["similar_cases"] = [
        {name: value for name, value in one.items() if name not in WHERE}
        for one in content["metadata"]["similar_cases"]
        # An older Handoff did not say where they are.
        if set(one) >= WHERE and _may_know(one["queue"], frozenset(one["skills"]), *here)
    ]
    return canonical_bytes(content)


WHERE: Final = frozenset({"queue", "skills"})


def _may_know(queue: str | None, skills: frozenset[str], here: str | None, trained: frozenset[str]) -> bool:
    """Whether everybody who may see a case here may see one of this queue that asks for these skills."""
    return skills <= trained and queue in (None, here)


def _likeness(
    one: Decided,
    category: str | None,
    risk_tier: str,
    flags: frozenset[str],
    queue: str | None,
    confidence: float | None,
) -> float:
    score = 4.0 * (category is not None and one.category == category)
    if common := len(flags & one.flags):
        score += 3 * common / len(flags | one.flags)
    score += (queue is not None and one.queue == queue) + (one.risk_tier == risk_tier)
    return score + 0.5 * _about_as_sure(one.confidence, confidence)


def _why(
    one: Decided,
    category: str | None,
    risk_tier: str,
    flags: frozenset[str],
    queue: str | None,
    confidence: float | None,
) -> str:
    """What both have in common, in the words of whoever reads it."""
    common = sorted(flags & one.flags)
    parts = (
        ("same topic", category is not None and one.category == category),
        ("same marks: " + ", ".join(mark.replace("_", " ") for mark in common[:3]), bool(common)),
        ("same queue", queue is not None and one.queue == queue),
        ("same risk", one.risk_tier == risk_tier),
        ("about as sure", _about_as_sure(one.confidence, confidence)),
    )
    return "; ".join(words for words, holds in parts if holds)


def _about_as_sure(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and abs(one - other) <= NEARLY


def _shown(one: Decided, why: str) -> dict[str, Any]:
    return {
        "id": one.id,
        "decision": one.decision,
        "at": iso(one.at_ms),
        "reason_code": one.reason_code,
        "by": one.by,
        "why": why,
        "queue": one.queue,
        "skills": sorted(one.skills),
    }
