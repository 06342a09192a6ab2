"""Timers of an open case, and what a case is given when it goes to another level."""

from dataclasses import dataclass, replace
from typing import Any, Final

from companion.core.duties import EMERGENCY_LEVEL
from companion.core.handoff import Actor, Handoff, State, moved
from companion.core.result import Timer
from companion.core.rules.people import known_with
from companion.core.terms import EscalationTarget

MINUTE_MS: Final = 60_000
TOP_BY_TIME: Final = 3
"""Being late takes a case up to here; an emergency is something that a person calls one."""

NO_LEASE: Final = Timer("release", None)


def due_ms(handoff: Handoff) -> int | None:
    """When somebody should have decided, or given the second of two reviews (R-GATE-14)."""
    if handoff.state is State.AWAITING_SECOND_REVIEW and handoff.second_due_at_ms is not None:
        return handoff.second_due_at_ms
    return handoff.due_at_ms


def next_level(handoff: Handoff) -> Timer:
    """The timer that moves a late case up; off where it has nowhere to go, waits for an answer, or ends before."""
    due = due_ms(handoff)
    stays = handoff.state is State.AWAITING_INFORMATION or handoff.reviewer_level >= TOP_BY_TIME
    return Timer("move_up", None if stays or due is None or due >= handoff.expires_at_ms else due)


def resumed(handoff: Handoff, now_ms: int) -> Handoff:
    """The case without its question, answered or not: both times to decide get back what it was open (section 5)."""
    waited_ms = 0 if handoff.asked_at_ms is None else max(0, now_ms - handoff.asked_at_ms)
    return replace(
        handoff,
        question_open=None,
        asked_at_ms=None,
        due_at_ms=None if handoff.due_at_ms is None else handoff.due_at_ms + waited_ms,
        second_due_at_ms=None if handoff.second_due_at_ms is None else handoff.second_due_at_ms + waited_ms,
    )


def timers_on_opening(handoff: Handoff) -> tuple[Timer, ...]:
    """The timers of a case that waits for people, from nothing."""
    moves = next_level(handoff)
    return (Timer("expire", handoff.expires_at_ms), *((moves,) if moves.due_at_ms is not None else ()))


def timers_on_move(before: Handoff, after: Handoff) -> tuple[Timer, ...]:
    """What the move of an open case does to the timer of its next level; nothing where that stays."""
    was, is_ = next_level(before), next_level(after)
    return () if was == is_ else (is_,)


def timers_off(handoff: Handoff) -> tuple[Timer, ...]:
    """Every timer off that an open case can have."""
    moves = (Timer("move_up", None),) if handoff.due_at_ms is not None or handoff.second_due_at_ms is not None else ()
    return (Timer("expire", None), NO_LEASE, *moves)


@dataclass(frozen=True, slots=True)
class Handover:
    """A case at its next place, and who takes it, in words."""

    after: Handoff
    words: str


def handed_to(
    handoff: Handoff, level: int, target: EscalationTarget | None, now_ms: int, by: Actor, **state: Any
) -> Handover:
    """Give a case to a level. What the policy says of that level goes along: queue, training, time to respond.

    `state` are the other fields that change with it; the clock that runs afterwards is the one that is set. Without a
    time of its own the level keeps what is left of the old one. Whoever carries it to an emergency is noted, by
    whatever act they did that.
    """
    its = target or level_of(handoff, level)
    words = f"reviewer level {level}" if target is None else target.title
    after = replace(handoff, reviewer_level=level, mailboxes=known_with(handoff, by), **state)
    if level >= EMERGENCY_LEVEL > handoff.reviewer_level:
        after = replace(after, emergency_by=by.id)
    if its is not None:
        if its.queue is not None:
            after = replace(after, queue=its.queue)
        skills, kept = (tuple(dict.fromkeys((*old, *its.skills))) for old in (after.skills, after.skills_kept))
        after = replace(after, skills=skills, skills_kept=kept)
        if its.respond_within_minutes is not None:
            after = _due_at(after, now_ms + its.respond_within_minutes * MINUTE_MS)
        if its.backup is not None:
            words += f" (backup: {its.backup})"
    # A time that is over is of the level before: looked at again, it would move the case once more at once.
    while (due := due_ms(after)) is not None and due <= now_ms:
        after = _due_at(after, None)
    return Handover(moved(after), words)


def _due_at(handoff: Handoff, at_ms: int | None) -> Handoff:
    """Set the clock that runs now."""
    if handoff.state is State.AWAITING_SECOND_REVIEW and handoff.second_due_at_ms is not None:
        return replace(handoff, second_due_at_ms=at_ms)
    return replace(handoff, due_at_ms=at_ms)


def level_of(handoff: Handoff, level: int) -> EscalationTarget | None:
    """The step of the ladder with this level, as the policy of the case has it."""
    return next((each for each in handoff.terms.escalation_targets if each.id == f"level_{level}"), None)


def one_up(handoff: Handoff) -> int:
    """The next level; the highest stays where it is."""
    return min(handoff.reviewer_level + 1, EMERGENCY_LEVEL)
