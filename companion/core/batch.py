"""Cases that one person decides together: which are alike, and which of them stand out and why (R-UI-16)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import Final

from companion.core.handoff import Handoff
from companion.core.policy.numbers import percent
from companion.core.policy.vocabulary import RISK_TIERS
from companion.core.rules.people import need

FAR_CONFIDENCE: Final = 0.15
"""A confidence nearer than this to the middle of the batch never stands out."""
SPREADS: Final = 4
"""How many times the usual distance from the middle is far."""
MANY_TIMES: Final = 3
"""An impact or a length that many times that of the middle stands out."""
LENGTH_SLACK: Final = 300
"""Characters by which a length may differ all the same: of short texts one is soon thrice as long as another."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case as it is compared with others, and how long request and output are for the reader."""

    handoff: Handoff
    length: int
    impact_score: float | None
    """What is at stake; None where the reader may not know it."""


@dataclass(frozen=True, slots=True)
class Outlier:
    """A case that stands out of its batch, and why in words."""

    id: str
    why: tuple[str, ...]


def takes_batches(handoff: Handoff) -> str | None:
    """Why such a case is looked at by itself only; None where it may be decided together with others."""
    terms = handoff.terms
    if not terms.batches:
        return "The policy of this workflow has each case decided by itself."
    if handoff.stage != "review":
        return "It is not sorted yet."
    if terms.gates:
        return "It has checks to answer."
    if handoff.response_form is not None:
        return "It has a form to fill in."
    if handoff.approvals_needed > 1:
        return "Two people decide it."
    if handoff.disagreements:
        return "Two reviewers disagreed about it."
    if handoff.subject is not None:
        return "It reviews what was decided before."
    if "step_up" in (need(handoff, "approve"), need(handoff, "reject")):
        return "It has to be confirmed with a passkey."
    return None


def alike(one: Handoff, other: Handoff) -> bool:
    """Whether two cases ask the same kind of question: one workflow, one queue, one route."""
    return (one.workflow_id, one.queue, one.route) == (other.workflow_id, other.queue, other.route)


def similar(like: Handoff, candidates: Sequence[Handoff], size: int) -> tuple[Handoff, ...]:
    """`like` and the nearest of `candidates`, `size` in all; of equally near ones those that stand first."""
    others = [each for each in candidates if each.id != like.id and alike(like, each)]
    return (like, *sorted(others, key=lambda other: _distance(like, other))[: size - 1])


def _distance(one: Handoff, other: Handoff) -> float:
    """How unlike two cases of one kind are: topic first, then risk, marks and confidence."""
    marks, others = set(one.flags), set(other.flags)
    unshared = len(marks ^ others) / len(marks | others) if marks | others else 0.0
    risk = abs(RISK_TIERS.index(one.risk_tier) - RISK_TIERS.index(other.risk_tier))
    known = one.confidence is not None and other.confidence is not None
    unsure = (
        abs((one.confidence or 0) - (other.confidence or 0)) if known else float(one.confidence != other.confidence)
    )
    return 2 * (one.category != other.category) + risk + unshared + unsure


def outliers(batch: Sequence[Candidate]) -> tuple[Outlier, ...]:
    """The cases that stand out, with every reason. One that stands out is looked at by itself before it is decided."""
    found = []
    for each in batch:
        why = tuple(words for rule in _RULES for words in rule(each, batch))
        if why:
            found.append(Outlier(each.handoff.id, why))
    return tuple(found)


def _by_confidence(case: Candidate, batch: Sequence[Candidate]) -> list[str]:
    known = [each.handoff.confidence for each in batch if each.handoff.confidence is not None]
    confidence = case.handoff.confidence
    if confidence is None:
        return ["The model gave no confidence; for most others it did."] if 2 * len(known) > len(batch) else []
    middle = median_low(known)
    usual = median_low([abs(value - middle) for value in known])
    if abs(confidence - middle) <= max(FAR_CONFIDENCE, SPREADS * usual):
        return []
    return [f"The model was {percent(confidence)} sure; of the others about {percent(middle)}."]


def _by_risk(case: Candidate, batch: Sequence[Candidate]) -> list[str]:
    middle = median_low([RISK_TIERS.index(each.handoff.risk_tier) for each in batch])
    if RISK_TIERS.index(case.handoff.risk_tier) <= middle:
        return []
    return [f"Its risk is {case.handoff.risk_tier}; that of most others is {RISK_TIERS[middle]}."]


def _by_marks(case: Candidate, batch: Sequence[Candidate]) -> list[str]:
    # A mark is a warning: it is told where half of them carry it, too.
    rare = _rare(case, batch, lambda each: each.handoff.flags, at_most=len(batch) // 2)
    return [f"It is marked “{mark.replace('_', ' ')}”; most others are not." for mark in rare]


def _by_reasons(case: Candidate, batch: Sequence[Candidate]) -> list[str]:
    """Why a person is asked. Marks are reasons too, and told as marks."""
    rare = _rare(case, batch, lambda each: [why["code"] for why in each.handoff.reasons])
    told = {why["code"]: why["text"] for why in case.handoff.reasons}
    return [
        f"A person is asked for a reason of its own: {told[code]}" for code in rare if code not in case.handoff.flags
    ]


def _by_model(case: Candidate, batch: Sequence[Candidate]) -> list[str]:
    rare = _rare(case, batch, lambda each: [each.handoff.model_version or ""])
    return ["Another version of the model made it."] if rare else []


def _rare(
    case: Candidate, batch: Sequence[Candidate], of: Callable[[Candidate], Sequence[str]], at_most: int | None = None
) -> list[str]:
    """What this case has and most of the batch has not."""
    limit = (len(batch) - 1) // 2 if at_most is None else at_most
    return [each for each in of(case) if sum(each in of(other) for other in batch) <= limit]


def _by_impact(case: Candidate, batch: Sequence[Candidate]) -> list[str]:
    known = [each.impact_score for each in batch if each.impact_score is not None]
    if case.impact_score is None or case.impact_score <= MANY_TIMES * median_low(known):
        return []
    return ["More is at stake than with most others."]


def _by_length(case: Candidate, batch: Sequence[Candidate]) -> list[str]:
    middle = median_low([each.length for each in batch])
    if case.length > MANY_TIMES * middle and case.length - middle > LENGTH_SLACK:
        return ["It is much longer than most others."]
    if MANY_TIMES * case.length < middle and middle - case.length > LENGTH_SLACK:
        return ["It is much shorter than most others."]
    return []


_RULES: Final = (_by_risk, _by_marks, _by_reasons, _by_impact, _by_confidence, _by_length, _by_model)
