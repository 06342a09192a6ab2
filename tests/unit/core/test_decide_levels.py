"""Who has a case and until when: levels, targets, assignees, the first look, and clocks that stand still."""

from dataclasses import replace
from typing import Any

import pytest

from companion.core import commands as c
from companion.core.decide import Accepted, Timer, decide
from companion.core.handoff import SYSTEM, Assignee, FirstReview, Handoff, State
from companion.core.terms import EscalationTarget
from tests.unit.core.cases import (
    ANN,
    BEN,
    EVENT_ID,
    GATE,
    NOW_MS,
    OLGA,
    ROBOT,
    accepted,
    command,
    follow_up,
    handoff_in,
    opened,
    passed,
    refused,
    verdict,
    verified,
)

MINUTE_MS = 60_000
DUE_MS = NOW_MS + 30 * MINUTE_MS
LADDER = (
    EscalationTarget("level_1", "Standard reviewer", 1, backup="Bo", respond_within_minutes=60),
    EscalationTarget("level_2", "Specialist", 2, skills=("payroll",), backup="Bea", respond_within_minutes=120),
    EscalationTarget("level_3", "Manager", 3, queue="managers", backup="Max", respond_within_minutes=240),
    EscalationTarget("level_4", "On-call owner", 4, backup="Ola", respond_within_minutes=15),
    EscalationTarget("legal", "Legal", 4, "legal", ("law",), "Lea", 30),
    EscalationTarget("domain", "Domain owner", 2),
)
MOVE_UP = c.MoveUp(EVENT_ID)


def due(state: State = State.PENDING, **changes: Any) -> Handoff:
    handoff, _ = handoff_in(state)
    terms = replace(handoff.terms, escalation_targets=LADDER)
    return replace(handoff, **{"due_at_ms": DUE_MS, "terms": terms, **changes})


@pytest.mark.req("R-STORE-16", "R-ROLE-04", "R-ROLE-05")
def test_a_late_case_moves_up_and_says_so() -> None:
    """At its time and not before; to the next level with what that asks for, its backup and its own time."""
    handoff = due()
    assert refused(handoff, MOVE_UP, DUE_MS - 1) == "not_due"
    came = accepted(handoff, MOVE_UP, DUE_MS)
    after = came.handoff
    assert (after.state, after.reviewer_level, after.skills) == (State.PENDING, 2, ("payroll",))
    assert after.due_at_ms == DUE_MS + 120 * MINUTE_MS
    assert after.version == handoff.version + 1
    assert came.timers == (Timer("move_up", after.due_at_ms),)
    event = came.events[0]
    assert (event["event_type"], event["decision_actor"]["type"]) == ("handoff.overdue", "system")
    assert event["to_actor"] == "reviewer level 2 (backup: Bea)"
    assert (event["decision_action"], came.settles) == (None, False)


@pytest.mark.req("R-STORE-16", "R6")
def test_being_late_goes_up_to_level_three_one_step_a_level() -> None:
    """Each level once; an emergency is called by a person, and closing is left to the deadline."""
    handoff, now_ms, levels = due(), DUE_MS, []
    for _ in range(2):
        came = accepted(handoff, MOVE_UP, now_ms)
        handoff = came.handoff
        levels.append(handoff.reviewer_level)
        assert handoff.due_at_ms is not None
        assert refused(handoff, MOVE_UP, now_ms) == ("not_due"), "the same timer, fired twice, moves nothing twice"
        now_ms = handoff.due_at_ms
    assert levels == [2, 3]
    assert (handoff.queue, came.timers) == ("managers", (Timer("move_up", None),))
    assert refused(handoff, MOVE_UP, now_ms) == "no_higher_level"


@pytest.mark.req("R-STORE-16")
def test_a_level_without_a_time_of_its_own_keeps_the_case() -> None:
    """The time that is over is not looked at again, whatever happens to the case later."""
    handoff = due(terms=handoff_in(State.PENDING)[0].terms)
    came = accepted(handoff, MOVE_UP, DUE_MS)
    assert (came.handoff.reviewer_level, came.handoff.due_at_ms) == (2, None)
    assert came.timers == (Timer("move_up", None),)
    assert came.events[0]["to_actor"] == "reviewer level 2"


@pytest.mark.req("R-STORE-16", "R-STORE-15")
def test_a_case_is_opened_with_its_times() -> None:
    """One timer for the deadline, and one for its level where policy gives that a time."""
    handoff, package = opened()
    given = c.Open(replace(handoff, due_at_ms=DUE_MS), package, ROBOT, EVENT_ID)
    came = decide(None, given, NOW_MS)
    assert isinstance(came, Accepted)
    assert came.timers == (Timer("expire", handoff.expires_at_ms), Timer("move_up", DUE_MS))
    top = decide(None, replace(given, handoff=replace(given.handoff, reviewer_level=3)), NOW_MS)
    assert isinstance(top, Accepted)
    assert top.timers == (Timer("expire", handoff.expires_at_ms),)
    late = decide(None, replace(given, handoff=replace(given.handoff, due_at_ms=handoff.expires_at_ms)), NOW_MS)
    assert isinstance(late, Accepted)
    assert late.timers == (Timer("expire", handoff.expires_at_ms),), "it would end before it was late"


@pytest.mark.req("R-STORE-15")
def test_a_late_case_beyond_its_deadline_is_left_to_the_deadline() -> None:
    """Both timers can be late together; nothing moves then."""
    handoff = due()
    assert refused(handoff, MOVE_UP, handoff.expires_at_ms) == "expired"
    for name in ("approve", "expire", "withdraw"):
        now_ms = handoff.expires_at_ms if name == "expire" else NOW_MS
        came = accepted(handoff, command(name, handoff, opened()[1]), now_ms)
        assert Timer("move_up", None) in came.timers
        assert refused(came.handoff, MOVE_UP, DUE_MS) == "already_decided"


@pytest.mark.req("R-GATE-14")
def test_the_second_review_has_a_time_of_its_own() -> None:
    """After the first approval the second's clock runs; late, the second review moves up, and the first stays."""
    handoff = due(approvals_needed=2, second_due_at_ms=DUE_MS + 240 * MINUTE_MS)
    first = accepted(handoff, verdict(handoff))
    assert Timer("move_up", DUE_MS + 240 * MINUTE_MS) in first.timers
    assert refused(first.handoff, MOVE_UP, DUE_MS) == "not_due"
    moved = accepted(first.handoff, MOVE_UP, DUE_MS + 240 * MINUTE_MS).handoff
    assert (moved.state, moved.reviewer_level) == (State.AWAITING_SECOND_REVIEW, 2)
    assert moved.first_review == first.handoff.first_review


@pytest.mark.req("R-ACT-08")
def test_time_to_decide_stands_still_while_a_question_is_open() -> None:
    """Nothing moves up meanwhile; after the answer the time that was left is left still. The deadline does not wait."""
    handoff, package = due(), opened()[1]
    asked = accepted(handoff, c.Ask(ANN, EVENT_ID, "Which?"), NOW_MS + 5 * MINUTE_MS)
    assert Timer("move_up", None) in asked.timers
    assert refused(asked.handoff, MOVE_UP, DUE_MS) == "illegal_transition"
    answer = c.Answer(OLGA, EVENT_ID, "This.", follow_up(asked.handoff, package, request={"order": 7}))
    came = accepted(asked.handoff, answer, NOW_MS + 65 * MINUTE_MS)
    assert came.handoff.due_at_ms == DUE_MS + 60 * MINUTE_MS
    assert came.timers == (Timer("move_up", DUE_MS + 60 * MINUTE_MS),)
    assert came.handoff.expires_at_ms == handoff.expires_at_ms


# Escalating


@pytest.mark.req("R-ACT-05", "R-ROLE-03", "R-ROLE-19")
def test_a_case_goes_to_a_named_target_with_what_that_asks_for() -> None:
    """Level, queue, training and time of the target; what was asked for before is asked for still."""
    handoff = due(skills=("payroll",))
    up = c.Escalate(ANN, EVENT_ID, "needs_specialist_review", "A threat to sue.", "legal")
    came = accepted(handoff, up, NOW_MS)
    after = came.handoff
    assert (after.reviewer_level, after.queue, after.skills) == (4, "legal", ("payroll", "law"))
    assert after.due_at_ms == NOW_MS + 30 * MINUTE_MS
    assert came.events[0]["to_actor"] == "Legal (backup: Lea)"
    assert came.events[0]["details"] == {"from_level": 1, "to_level": 4, "target": "legal"}
    assert Timer("move_up", None) in came.timers, "above the levels that time leads to"


@pytest.mark.req("R-ACT-05")
def test_escalating_goes_up_and_to_known_places_only() -> None:
    """A target that policy does not name, or one below, is refused; one on the same level is no step down."""
    handoff = due(reviewer_level=3)
    up = c.Escalate(ANN, EVENT_ID, "needs_specialist_review", None)
    assert refused(handoff, replace(up, target="nobody")) == "unknown_escalation_target"
    assert refused(handoff, replace(up, target="domain")) == "lower_level"
    top = replace(handoff, reviewer_level=4)
    assert refused(top, up) == "no_higher_level"
    assert accepted(top, replace(up, target="legal")).handoff.queue == "legal"


@pytest.mark.req("R-ACT-05", "R-ROLE-04")
def test_the_next_level_brings_what_policy_says_of_it() -> None:
    """Without a target the ladder says training and time; who is trained for it can still decide."""
    handoff = due()
    after = accepted(handoff, c.Escalate(ANN, EVENT_ID, "needs_specialist_review", None), NOW_MS).handoff
    assert (after.reviewer_level, after.skills, after.due_at_ms) == (2, ("payroll",), NOW_MS + 120 * MINUTE_MS)
    assert refused(after, verdict(after)) == "skill_missing"
    assert accepted(after, verdict(after, actor=replace(ANN, skills=frozenset({"payroll"}))))


# Looking after


@pytest.mark.req("R-STORE-16", "R-ROLE-18")
def test_assigning_names_who_looks_after_a_case() -> None:
    """By an owner, or by the companion when somebody is away; others may decide it all the same."""
    handoff, _ = opened()
    for who in (OLGA, SYSTEM):
        came = accepted(handoff, c.Assign(who, EVENT_ID, BEN.id, BEN.name, "Ann is away."))
        assert came.handoff.assignee == Assignee(BEN.id, BEN.name, NOW_MS + 1_000)
        assert came.handoff.version == handoff.version + 1
        assert (came.events[0]["event_type"], came.events[0]["to_actor"]) == ("handoff.assigned", "Ben")
        assert accepted(came.handoff, verdict(came.handoff))
    freed = accepted(came.handoff, c.Assign(OLGA, EVENT_ID, None, None, None)).handoff
    assert freed.assignee is None
    assert refused(handoff, c.Assign(ANN, EVENT_ID, BEN.id, BEN.name, None)) == "role_missing"


@pytest.mark.req("R-ROLE-18")
def test_assigning_ends_what_another_person_holds() -> None:
    """The backup need not wait for the lease of somebody who left; a claim of their own stays."""
    handoff, _ = handoff_in(State.CLAIMED)
    came = accepted(handoff, c.Assign(SYSTEM, EVENT_ID, BEN.id, BEN.name, None))
    assert (came.handoff.state, came.handoff.claim) == (State.PENDING, None)
    assert came.timers == (Timer("release", None),)
    own = accepted(handoff, c.Assign(SYSTEM, EVENT_ID, ANN.id, ANN.name, None))
    assert (own.handoff.state, own.handoff.claim, own.timers) == (State.CLAIMED, handoff.claim, ())
    nobody = accepted(handoff, c.Assign(SYSTEM, EVENT_ID, None, None, None))
    assert nobody.handoff.claim == handoff.claim


def test_the_first_look_is_kept_and_disturbs_nobody() -> None:
    """Acknowledged by opening or by claiming, once; nobody's version goes stale, and a second look is no event."""
    handoff, _ = opened()
    came = accepted(handoff, c.Acknowledge(ANN, EVENT_ID))
    assert came.handoff == replace(handoff, acknowledged_at_ms=NOW_MS + 1_000)
    again = accepted(came.handoff, c.Acknowledge(BEN, EVENT_ID), NOW_MS + 9_000)
    assert (again.handoff, again.events) == (came.handoff, ())
    claimed = accepted(handoff, c.Claim(ANN, EVENT_ID)).handoff
    assert claimed.acknowledged_at_ms == NOW_MS + 1_000
    assert accepted(came.handoff, c.Claim(BEN, EVENT_ID), NOW_MS + 9_000).handoff.acknowledged_at_ms == NOW_MS + 1_000


@pytest.mark.req("R-GATE-14", "R-STORE-16")
def test_a_disagreement_gets_the_time_of_its_new_level() -> None:
    """The third person has the next level's time, and the case its timer."""
    review = FirstReview(ANN.id, ANN.name, NOW_MS, "approve", None, None)
    waiting = due(State.AWAITING_SECOND_REVIEW, first_review=review, second_due_at_ms=DUE_MS)
    came = accepted(waiting, verdict(waiting, "reject", BEN), NOW_MS)
    assert came.handoff.due_at_ms == NOW_MS + 120 * MINUTE_MS
    assert Timer("move_up", NOW_MS + 120 * MINUTE_MS) in came.timers


@pytest.mark.req("R-ACT-08", "R-GATE-14")
def test_the_time_of_the_second_review_stands_still_with_it() -> None:
    """Fifty hours of waiting for an answer are nobody's delay: the second review still has what it had."""
    second_due_ms = DUE_MS + 240 * MINUTE_MS
    handoff, package = due(approvals_needed=2, second_due_at_ms=second_due_ms), opened()[1]
    asked = accepted(handoff, c.Ask(ANN, EVENT_ID, "Which?"), NOW_MS).handoff
    answer = c.Answer(OLGA, EVENT_ID, "This.", follow_up(asked, package, request={"order": 7}))
    came = accepted(asked, answer, NOW_MS + 3_000 * MINUTE_MS).handoff
    assert came.second_due_at_ms == second_due_ms + 3_000 * MINUTE_MS
    assert refused(accepted(came, verdict(came)).handoff, MOVE_UP, second_due_ms) == "not_due"


WAITED_MS = 20 * MINUTE_MS


def ending_the_question(name: str, asked: Handoff) -> c.Command:
    """An act that ends the open question without an answer to it."""
    if name == "escalate":
        return c.Escalate(ANN, EVENT_ID, "policy_violation", "Look.", "domain")
    if name == "approve":
        return verdict(asked)
    return verified(asked, passed(result="fail"), reason_code="policy_violation")


@pytest.mark.req("R-ACT-08", "R-STORE-16")
@pytest.mark.parametrize("name", ["escalate", "approve", "check_fails", "check_fails_to_triage"])
def test_whatever_ends_a_question_gives_the_waiting_time_back(name: str) -> None:
    """Escalated to somebody without a time of their own, approved once of twice, or sent back: the clock goes on."""
    gate = replace(GATE, on_failure="triage" if name == "check_fails_to_triage" else "escalate")
    terms = replace(opened()[0].terms, escalation_targets=(), gates=() if name in ("escalate", "approve") else (gate,))
    terms = replace(terms, escalation_targets=(LADDER[-1],)) if name == "escalate" else terms
    handoff = due(approvals_needed=2, second_due_at_ms=DUE_MS + 60 * MINUTE_MS, terms=terms)
    asked = accepted(handoff, c.Ask(BEN, EVENT_ID, "Which?"), NOW_MS).handoff
    came = accepted(asked, ending_the_question(name, asked), NOW_MS + WAITED_MS)
    after = came.handoff
    assert (after.due_at_ms, after.second_due_at_ms) == (DUE_MS + WAITED_MS, DUE_MS + 60 * MINUTE_MS + WAITED_MS)
    assert (after.question_open, after.asked_at_ms) == (None, None)
    runs_ms = after.second_due_at_ms if name == "approve" else after.due_at_ms
    assert Timer("move_up", runs_ms) in came.timers
