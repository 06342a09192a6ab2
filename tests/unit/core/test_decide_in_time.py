"""`decide`: deadlines and sequences, two approvals, and what comes after: escalating, asking, taking back."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from companion.core import commands as c
from companion.core.decide import Refused, decide
from companion.core.handoff import (
    SYSTEM,
    TRANSITIONS,
    UNDECIDED,
    Actor,
    FirstReview,
    State,
)
from companion.core.revision import changes_between
from companion.core.rules.holding import MOST_NOTES
from tests.unit.core.cases import (
    ANN,
    BEN,
    CAT,
    EVENT_ID,
    LINKED,
    NOW_MS,
    REASON,
    ROBOT,
    STRANGER,
    accepted,
    command,
    edited,
    handoff_in,
    opened,
    refused,
    verdict,
    when,
)

# When


@pytest.mark.req("R-STORE-15", "R7", "R6")
@pytest.mark.parametrize("name", ["approve", "modify", "reject"])
@pytest.mark.parametrize("state", sorted(UNDECIDED))
def test_a_decision_after_the_deadline_is_refused_even_when_the_timer_is_late(name: str, state: State) -> None:
    """The deadline decides, not who runs first; one millisecond before it is in time."""
    if state not in TRANSITIONS[name]:
        return
    handoff, package = handoff_in(state)
    handoff = replace(handoff, claim=None)
    assert refused(handoff, command(name, handoff, package), handoff.expires_at_ms) == "expired"
    assert accepted(handoff, command(name, handoff, package), handoff.expires_at_ms - 1)


@pytest.mark.req("R-STORE-15", "R7")
@pytest.mark.parametrize("state", sorted(UNDECIDED))
@pytest.mark.parametrize(
    ("verdict_", "end", "approved", "action"),
    [("no_decision", State.EXPIRED, None, None), ("reject", State.REJECTED, False, "reject")],
)
def test_time_closes_a_case_with_its_safe_verdict(
    state: State, verdict_: Any, end: State, approved: bool | None, action: str | None
) -> None:
    """Expiry gives no decision, or the configured rejection by the system; it never approves, and never comes early."""
    handoff, _ = handoff_in(state)
    handoff = replace(handoff, safe_verdict=verdict_)
    assert refused(handoff, c.Expire(EVENT_ID), handoff.expires_at_ms - 1) == "not_due"
    came = accepted(handoff, c.Expire(EVENT_ID), handoff.expires_at_ms)
    decision = came.handoff.decision
    assert decision is not None
    assert (came.handoff.state, came.handoff.approved) == (end, approved)
    assert (decision.cause, decision.by_kind, decision.decision_action) == ("expired", "system", action)
    assert decision.final_output_digest is None
    assert came.events[0]["decision_actor"]["type"] == "system"


@given(
    names=st.lists(st.sampled_from([name for name in TRANSITIONS if name != "open"]), max_size=12),
    times=st.lists(st.integers(0, 80 * 3600 * 1000), min_size=12, max_size=12),
    actors=st.lists(st.sampled_from([ANN, BEN, CAT, LINKED, STRANGER, ROBOT, SYSTEM]), min_size=12, max_size=12),
    needed=st.sampled_from([1, 2]), safe=st.sampled_from(["no_decision", "reject"]), window=st.sampled_from([0, 3600]),
)  # fmt: skip
@pytest.mark.req("R-STORE-15", "R7", "R-ACT-11", "R-GATE-15")
def test_no_sequence_of_commands_approves_without_a_person(
    names: list[str], times: list[int], actors: list[Actor], needed: int, safe: Any, window: int
) -> None:
    """Whoever does whatever in any order at any time: `approved` is true only by a signed-in person's accept or modify
    in time (two people where two are needed, or a third who settles what two saw differently), an outcome settles once,
    and versions only grow."""
    handoff, package = opened(approvals_needed=needed)
    handoff = replace(handoff, safe_verdict=safe, terms=replace(handoff.terms, undo_window_s=window))
    settled, looked = [], set()
    for name, after_ms, actor in zip(names, sorted(times), actors, strict=False):
        now_ms = NOW_MS + after_ms
        if name == "undo" and handoff.package_version > 1:
            continue
        given_ = command(name, handoff, package)
        if hasattr(given_, "actor"):
            given_ = replace(given_, actor=actor)
        came = decide(handoff, given_, now_ms)
        if isinstance(came, Refused):
            continue
        assert came.handoff.version in (handoff.version, handoff.version + 1)
        if name in ("approve", "modify", "reject"):
            assert actor in (ANN, BEN, CAT)
            assert now_ms < handoff.expires_at_ms
            looked.add(actor.id)
        if came.settles:
            settled.append(came.handoff.decision)
            assert came.handoff.settled
        handoff, package = came.handoff, came.package or package
        if handoff.approved:
            assert len(looked) >= needed
    assert len(settled) <= 1
    if settled:
        assert handoff.decision == settled[0]


# Two approvals


@pytest.mark.req("R-ROLE-07", "R-GATE-16")
def test_two_approvals_come_from_two_people() -> None:
    """The first leaves `approved` null and nothing settled; the same person twice is refused; the second settles."""
    handoff, _ = opened(approvals_needed=2)
    first = accepted(handoff, verdict(handoff, actor=ANN))
    assert (first.handoff.approved, first.settles, first.handoff.decision) == (None, False, None)
    assert first.events[0]["event_type"] == "handoff.first_approval"
    assert first.events[0]["decision_action"] is None, "one of two approvals is no decision yet"
    for action in ("approve", "reject"):
        assert refused(first.handoff, verdict(first.handoff, action, ANN)) == "second_reviewer_must_differ"
    second = accepted(first.handoff, verdict(first.handoff, actor=BEN))
    assert (second.handoff.approved, second.settles, second.handoff.state) == (True, True, State.APPROVED)


@pytest.mark.req("R-ROLE-07")
def test_the_second_approves_the_edit_of_the_first_and_cannot_edit_again() -> None:
    """What goes on is what both saw: the edited bytes, stored as `modify`."""
    handoff, package = opened(approvals_needed=2)
    first = accepted(handoff, edited(handoff, package, {"summary": "Edited."}))
    assert first.package is not None
    assert first.handoff.first_review == FirstReview(ANN.id, ANN.name, NOW_MS + 1_000, "modify", *REASON.values())
    again = edited(first.handoff, first.package, {"summary": "Edited twice."})
    assert refused(first.handoff, replace(again, actor=BEN)) == "illegal_transition"
    second = accepted(first.handoff, verdict(first.handoff, actor=BEN))
    assert second.handoff.decision is not None
    assert (second.handoff.state, second.handoff.decision.decision_action) == (State.MODIFIED, "modify")
    assert second.handoff.decision.final_output_digest == first.package.output_digest
    assert accepted(first.handoff, verdict(first.handoff, "reject", BEN)).handoff.approved is None, "nothing goes on"


# Escalating, asking, taking back


@pytest.mark.req("R-ACT-05", "R-ACT-15")
def test_escalating_raises_the_level_and_keeps_everything() -> None:
    """The next level sees the same case; a claim ends; above the highest level there is nobody to hand it to."""
    handoff, package = handoff_in(State.CLAIMED)
    came = accepted(handoff, command("escalate", handoff, package)).handoff
    assert (came.reviewer_level, came.state, came.claim, came.decision) == (2, State.PENDING, None, None)
    assert (came.package_digest, came.expires_at_ms) == (handoff.package_digest, handoff.expires_at_ms)
    assert accepted(came, verdict(came, actor=ANN)), "who could decide before still can"
    for level in (2, 3):
        assert came.reviewer_level == level
        came = accepted(came, command("escalate", came, package)).handoff
    assert refused(came, command("escalate", came, package)) == "no_higher_level"


def test_escalating_between_two_approvals_keeps_the_first() -> None:
    """The first approval is not lost, and its giver still cannot give the second."""
    handoff, package = handoff_in(State.AWAITING_SECOND_REVIEW)
    came = accepted(handoff, command("escalate", handoff, package)).handoff
    assert (came.state, came.first_review) == (State.AWAITING_SECOND_REVIEW, handoff.first_review)


@pytest.mark.req("R-ACT-08", "R-SUP-03", "R-CTX-03", "X-28")
def test_a_question_holds_the_case_and_its_answer_brings_it_back_as_a_new_version() -> None:
    """The question stands on the case until it is answered; the answer is a package that names its parent."""
    handoff, package = handoff_in(State.CLAIMED)
    asked = accepted(handoff, command("ask", handoff, package)).handoff
    assert (asked.state, asked.question_open, asked.claim) == (State.AWAITING_INFORMATION, "Which order?", None)
    came = accepted(asked, command("answer", asked, package))
    assert (came.handoff.state, came.handoff.question_open) == (State.PENDING, None)
    assert came.package is not None
    assert json.loads(came.package.canonical)["parent_digest"] == package.digest
    assert came.handoff.package_digest == came.package.digest != package.digest
    assert came.handoff.request_digest == handoff.request_digest, "the workflow still checks what it sent"


@pytest.mark.parametrize("name", ["approve", "reject", "modify", "escalate", "expire", "withdraw"])
def test_no_open_question_outlives_its_case(name: str) -> None:
    """Once the case is decided, handed up or over, the page does not show it as still waiting for an answer."""
    handoff, package = handoff_in(State.AWAITING_INFORMATION)
    assert accepted(handoff, command(name, handoff, package), when(name, handoff)).handoff.question_open is None
    two, package = handoff_in(State.AWAITING_INFORMATION, approvals_needed=2)
    assert accepted(two, verdict(two)).handoff.question_open is None


@pytest.mark.req("R-ACT-06", "X-12")
def test_a_rollback_keeps_what_was_decided() -> None:
    """The state says that the approval was taken back; the decision itself stays as it was given."""
    handoff, package = handoff_in(State.APPROVED)
    came = accepted(handoff, command("roll_back", handoff, package))
    assert (came.handoff.state, came.handoff.approved, came.settles) == (State.ROLLED_BACK, True, False)
    assert came.handoff.decision == handoff.decision
    pending, package = opened()
    assert refused(pending, command("roll_back", pending, package)) == "illegal_transition"


@pytest.mark.req("X-07", "R-ACT-06")
@pytest.mark.parametrize("rationale", [None, "", "  "])
def test_a_rollback_without_a_sentence_is_refused(rationale: str | None) -> None:
    """What was approved is not taken back on a code alone."""
    handoff, package = handoff_in(State.APPROVED)
    taken = replace(command("roll_back", handoff, package), rationale=rationale)
    assert refused(handoff, taken) == "rationale_required"


@pytest.mark.req("R-ACT-07", "R-UI-24")
@pytest.mark.parametrize("state", State)
def test_a_note_changes_nothing(state: State) -> None:
    """A note can be left on any case, and nobody's version of the page goes stale by it; they are counted."""
    handoff, package = handoff_in(state)
    came = accepted(handoff, command("annotate", handoff, package))
    assert came.handoff == replace(handoff, notes=1)
    assert (came.timers, came.package, came.settles) == ((), None, False)
    assert came.events[0]["justification"] == "Called the customer."


@pytest.mark.req("R-ACT-07")
def test_a_case_has_no_more_notes_than_people_can_read() -> None:
    """Every page that shows the case asks for all of them every two seconds; one too many is refused in words."""
    handoff, package = handoff_in(State.PENDING)
    almost = replace(handoff, notes=MOST_NOTES - 1)
    full = accepted(almost, command("annotate", almost, package)).handoff
    assert refused(full, command("annotate", full, package)) == "too_many_notes"


@pytest.mark.parametrize("name", ["approve", "reject", "modify", "expire", "withdraw"])
def test_an_outcome_takes_every_timer_off(name: str) -> None:
    """A decided case has no deadline and no lease left to fire."""
    handoff, package = handoff_in(State.CLAIMED)
    came = accepted(handoff, command(name, handoff, package), when(name, handoff))
    assert {(timer.kind, timer.due_at_ms) for timer in came.timers} == {("expire", None), ("release", None)}
    assert came.handoff.claim is None


@pytest.mark.req("R-ACT-04")
@given(
    before=st.recursive(
        st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "a"]),
        lambda x: st.lists(x, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "a/b", "~"]), x, max_size=3),
        max_leaves=8,
    ),
    after=st.recursive(
        st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "a"]),
        lambda x: st.lists(x, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "a/b", "~"]), x, max_size=3),
        max_leaves=8,
    ),
)
@example(before={}, after={"a": None})
@example(before=[1], after=[True])
@example(before={"a": None}, after={})
def test_two_values_differ_exactly_when_their_digests_do(before: Any, after: Any) -> None:
    """No edit is recorded as no change: true is not 1, a missing member is not null."""
    differs = json.dumps(before, sort_keys=True) != json.dumps(after, sort_keys=True)
    assert bool(list(changes_between(before, after))) is differs
