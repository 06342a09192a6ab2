"""Taking back: one's own answer within its window, and what may be done with an approval before and after."""

from dataclasses import replace
from typing import Any

import pytest

from companion.core import commands as c
from companion.core.decide import Timer
from companion.core.handoff import UNDECIDED, FirstReview, Handoff, State, moved
from companion.core.package import Package
from companion.core.revision import next_version
from companion.core.terms import Assurance
from tests.unit.core.cases import (
    ANN,
    BEN,
    EVENT_ID,
    FIELDS,
    GATE,
    NOW_MS,
    ROBOT,
    STRANGER,
    accepted,
    command,
    edited,
    handoff_in,
    opened,
    passed,
    refused,
    verdict,
)

WINDOW_MS = 60_000
AT_MS = NOW_MS + 1_000
OVER_MS = AT_MS + WINDOW_MS
UNDO = c.Undo(ANN, EVENT_ID)
SETTLE = c.Settle(EVENT_ID)


def with_window(**fields: Any) -> tuple[Handoff, Package]:
    handoff, package = opened(**fields)
    return replace(handoff, terms=replace(handoff.terms, undo_window_s=60)), package


@pytest.mark.req("R-ACT-11", "R-STORE-15")
@pytest.mark.parametrize("action", ["approve", "reject"])
def test_within_its_window_a_decision_is_told_to_nobody(action: str) -> None:
    """It stands on the case, does not settle, and a timer waits for the end of the window; then it settles once."""
    handoff, _ = with_window()
    came = accepted(handoff, verdict(handoff, action), AT_MS)
    decided = came.handoff
    assert (came.settles, decided.settled, decided.undo_until_ms) == (False, False, OVER_MS)
    assert decided.decision is not None
    assert Timer("settle", OVER_MS) in came.timers
    assert {timer.kind for timer in came.timers if timer.due_at_ms is None} == {"expire", "release"}
    assert refused(decided, SETTLE, OVER_MS - 1) == "not_due"
    settled = accepted(decided, SETTLE, OVER_MS)
    assert (settled.settles, settled.handoff.settled, settled.handoff.state) == (True, True, decided.state)
    assert settled.handoff.decision == decided.decision
    assert settled.timers == (Timer("settle", None),)
    assert settled.handoff.version == decided.version + 1, "an undo that raced with it finds another version"
    assert refused(settled.handoff, SETTLE, OVER_MS) == "nothing_to_settle"


@pytest.mark.req("R-ACT-11")
def test_an_undone_decision_leaves_the_case_as_it_was() -> None:
    """Pending again with its deadline, its event says what was undone, and anybody eligible decides anew."""
    handoff, _ = with_window()
    decided = accepted(handoff, verdict(handoff), AT_MS).handoff
    came = accepted(decided, UNDO, OVER_MS - 1)
    after = came.handoff
    assert (after.state, after.decision, after.undo_until_ms, after.approved) == (State.PENDING, None, None, None)
    assert after.version == decided.version + 1
    assert set(came.timers) == {Timer("settle", None), Timer("expire", handoff.expires_at_ms)}
    assert (came.settles, came.package) == (False, None)
    assert came.events[0]["event_type"] == "handoff.undone"
    assert came.events[0]["decision_action"] is None
    assert came.events[0]["details"]["undone"] == EVENT_ID
    assert replace(after, version=handoff.version) == handoff
    assert accepted(after, verdict(after, "reject", BEN), OVER_MS).handoff.approved is False


@pytest.mark.req("R-ACT-11")
def test_only_the_one_who_decided_undoes_and_only_in_time() -> None:
    """Not a colleague, not after the window, not without one, and not by who has become too unsure."""
    handoff, _ = with_window()
    decided = accepted(handoff, verdict(handoff), AT_MS).handoff
    assert refused(decided, replace(UNDO, actor=BEN), AT_MS) == "not_your_decision"
    assert refused(decided, replace(UNDO, actor=replace(ANN, assurance="link")), AT_MS) == "assurance_too_low"
    assert refused(decided, UNDO, OVER_MS) == "undo_over"
    settled = accepted(decided, SETTLE, OVER_MS).handoff
    assert refused(settled, UNDO, OVER_MS - 1) == "undo_over"
    plain, _ = handoff_in(State.APPROVED)
    assert refused(plain, UNDO) == "undo_over"
    assert refused(handoff, UNDO) == "illegal_transition"


@pytest.mark.req("R-ACT-11", "R-SEC-04", "L4", "R7")
@pytest.mark.parametrize("asked", [None, "signed_in", "step_up"])
@pytest.mark.parametrize("risk_tier", ["low", "critical"])
@pytest.mark.parametrize("action", ["approve", "modify", "reject"])
def test_taking_back_only_holds_back(action: str, risk_tier: str, asked: Assurance | None) -> None:
    """Nobody takes back by a link, whatever the risk. Signed in is enough, where a passkey decided too: nothing is
    told to a workflow or executed by it, and letting it through afterwards needs all that it needed before."""
    handoff, package = with_window(risk_tier=risk_tier)
    assurance = {} if asked is None else dict.fromkeys(("approve", "modify", "reject"), asked)
    handoff = replace(handoff, terms=replace(handoff.terms, assurance=assurance))
    sure = replace(ANN, assurance="step_up")
    given = edited(handoff, package, {"summary": "Edited."}) if action == "modify" else verdict(handoff, action)
    came = accepted(handoff, replace(given, actor=sure), AT_MS)
    decided, before = came.handoff, None
    if came.package is not None:
        before = next_version(decided, came.package.canonical, {}, "5c" * 16, model_output=FIELDS["model_output"])
    undo = replace(UNDO, package=before)
    linked = replace(ANN, assurance="link")
    assert refused(decided, replace(undo, actor=linked), AT_MS) == "assurance_too_low"
    undone = accepted(decided, undo, AT_MS)
    after = undone.handoff
    assert (after.state, after.approved, after.decision, undone.settles) == (State.PENDING, None, None, False)
    for digest in {handoff.output_digest, decided.decision and decided.decision.final_output_digest} - {None}:
        assert refused(after, c.Execute(ROBOT, EVENT_ID, digest), OVER_MS) == "not_approved"
    assert refused(after, SETTLE, OVER_MS) == "illegal_transition"
    needed = asked or ("link" if risk_tier == "low" else "signed_in")
    less = {"link": STRANGER.assurance, "signed_in": "link", "step_up": "signed_in"}[needed]
    unsure = verdict(after, actor=replace(ANN, assurance=less))
    assert refused(after, unsure, OVER_MS) == ("step_up_required" if needed == "step_up" else "assurance_too_low")


@pytest.mark.req("R-STORE-15", "R7")
def test_a_deadline_within_the_window_closes_nothing() -> None:
    """The case has an answer; only when that is undone does its time count again."""
    handoff, _ = with_window()
    late_ms = handoff.expires_at_ms - 1
    decided = accepted(handoff, verdict(handoff), late_ms).handoff
    expire = c.Expire(EVENT_ID)
    assert refused(decided, expire, handoff.expires_at_ms) == "already_decided"
    undone = accepted(decided, UNDO, handoff.expires_at_ms).handoff
    assert refused(undone, verdict(undone), handoff.expires_at_ms) == "expired"
    assert accepted(undone, expire, handoff.expires_at_ms).handoff.state is State.EXPIRED


@pytest.mark.req("R-ACT-04", "R-CTX-03")
def test_undoing_an_edit_shows_again_what_was_shown() -> None:
    """The edit stays a version of its own; what follows is a newer one with the words from before."""
    handoff, package = with_window()
    came = accepted(handoff, edited(handoff, package, {"summary": "Edited."}), AT_MS)
    assert came.package is not None
    decided = came.handoff
    output = {"summary": "Asks for the order.", "lines": [1, 2]}
    before = next_version(decided, came.package.canonical, {}, "5c" * 16, model_output=output)
    undone = accepted(decided, replace(UNDO, package=before), AT_MS)
    after = undone.handoff
    assert (after.package_version, after.package_digest) == (3, before.digest)
    assert after.current_output_digest == handoff.output_digest
    assert undone.package == before
    assert undone.events[0]["details"]["parent_digest"] == decided.package_digest


@pytest.mark.req("R-ROLE-07")
def test_undoing_the_second_of_two_approvals_keeps_the_first() -> None:
    """The case waits for a second reviewer again; whoever gave the first still cannot give it."""
    handoff, _ = with_window(approvals_needed=2)
    first = accepted(handoff, verdict(handoff, actor=BEN), AT_MS)
    assert first.handoff.undo_until_ms is None, "one of two approvals goes nowhere, so there is nothing to hold"
    decided = accepted(first.handoff, verdict(first.handoff), AT_MS).handoff
    after = accepted(decided, UNDO, AT_MS).handoff
    assert (after.state, after.first_review) == (State.AWAITING_SECOND_REVIEW, first.handoff.first_review)
    assert refused(after, verdict(after, actor=BEN), AT_MS) == "second_reviewer_must_differ"


@pytest.mark.req("R-GATE-10")
def test_a_checklist_goes_with_the_answer_that_is_taken_back() -> None:
    """What was ticked with the undone approval is open again; what a verifier passed before stays."""
    handoff, _ = with_window()
    handoff = replace(handoff, terms=replace(handoff.terms, gates=(GATE,)))
    decided = accepted(handoff, verdict(handoff, gate_answers=(passed(),)), AT_MS).handoff
    after = accepted(decided, UNDO, AT_MS + 1).handoff
    assert after.gate_results == ()
    assert refused(after, verdict(after, actor=BEN), AT_MS + 2) == "gate_results_missing"


@pytest.mark.req("R-ACT-06")
def test_while_it_can_be_undone_an_approval_is_not_rolled_back() -> None:
    """Nobody was told yet, so undoing is the way; and a case that waits to settle cannot leave its group waiting."""
    handoff, package = with_window()
    decided = accepted(handoff, verdict(handoff), AT_MS).handoff
    taken = command("roll_back", decided, package)
    assert refused(decided, taken, AT_MS) == "undo_instead"
    assert refused(decided, taken, OVER_MS) == "busy"
    settled = accepted(decided, SETTLE, OVER_MS).handoff
    assert accepted(settled, taken, OVER_MS).handoff.state is State.ROLLED_BACK


@pytest.mark.req("R-ACT-13", "R-GATE-09")
@pytest.mark.parametrize("state", sorted(State))
def test_only_what_was_approved_is_executed(state: State) -> None:
    """Asked right before something irreversible: approved or modified says yes, every other state no."""
    handoff, package = handoff_in(state)
    execute = command("execute", handoff, package)
    if state in (State.APPROVED, State.MODIFIED):
        came = accepted(handoff, execute)
        assert came.handoff == moved(handoff, executed_at_ms=AT_MS)
        assert came.events[0]["event_type"] == "handoff.executed"
        assert refused(came.handoff, execute) == "executed_already"
    else:
        wanted = "rolled_back" if state is State.ROLLED_BACK else "not_approved"
        assert refused(handoff, execute) == wanted
    assert state not in UNDECIDED or handoff.approved is None


@pytest.mark.req("R-ACT-13", "R-GATE-09", "H1")
def test_other_bytes_than_the_approved_are_not_executed() -> None:
    """The digest of the approved output is asked for; an edit's is that of the edit; in the undo window it is no."""
    handoff, package = with_window()
    decided = accepted(handoff, edited(handoff, package, {"summary": "Edited."}), AT_MS).handoff
    assert decided.decision is not None
    final = decided.decision.final_output_digest
    assert final is not None
    execute = c.Execute(ROBOT, EVENT_ID, final)
    assert refused(decided, execute, AT_MS) == "not_approved"
    assert refused(decided, execute, OVER_MS) == "not_approved", "not before it settled, however late that is"
    settled = accepted(decided, SETTLE, OVER_MS).handoff
    assert accepted(settled, execute, OVER_MS)
    assert refused(settled, replace(execute, output_digest=handoff.output_digest), OVER_MS) == "output_changed"


@pytest.mark.req("R-GATE-15", "R-GATE-12")
@pytest.mark.parametrize("action", ["approve", "modify"])
@pytest.mark.parametrize(("level", "to_level"), [(1, 2), (3, 4), (4, 4)])
def test_two_who_disagree_leave_it_to_a_third(action: Any, level: int, to_level: int) -> None:
    """Nothing goes on, both answers are recorded, and the case goes up; neither of the two decides again, and the
    next person's single answer settles it, either way."""
    handoff, package = opened(approvals_needed=2)
    handoff = replace(handoff, reviewer_level=level)
    given = verdict(handoff) if action == "approve" else edited(handoff, package, {"summary": "Edited."})
    first = accepted(handoff, given).handoff
    came = accepted(first, verdict(first, "reject", BEN), AT_MS)
    after = came.handoff
    assert (after.state, after.reviewer_level, after.approved, came.settles) == (State.PENDING, to_level, None, False)
    assert (after.decision, after.first_review) == (None, None)
    (between,) = after.disagreements
    assert (between.first_by_id, between.first_action, between.second_by_id, between.second_action) == (
        ANN.id, action, BEN.id, "reject",
    )  # fmt: skip
    event = came.events[0]
    assert (event["event_type"], event["decision_action"]) == ("handoff.disagreement", "reject")
    assert event["details"]["first"] == {"by": ANN.id, "action": action}
    for who in (ANN, BEN):
        for answer in ("approve", "reject"):
            assert refused(after, verdict(after, answer, who), AT_MS) == "already_reviewed"
    third = replace(ANN, id="rv_cat", name="Cat", email=None)
    yes = accepted(after, verdict(after, actor=third), AT_MS)
    assert (yes.settles, yes.handoff.approved) == (True, True)
    assert yes.handoff.state is (State.MODIFIED if action == "modify" else State.APPROVED)
    no = accepted(after, verdict(after, "reject", third), AT_MS)
    assert (no.settles, no.handoff.state, no.handoff.approved) == (True, State.REJECTED, False)


@pytest.mark.req("R-GATE-15")
def test_the_firsts_no_is_final() -> None:
    """Only an approval needs a second pair of eyes; a rejection lets nothing through."""
    handoff, _ = opened(approvals_needed=2)
    assert accepted(handoff, verdict(handoff, "reject")).settles


@pytest.mark.req("R-GATE-15")
def test_a_disagreement_is_not_settled_on_the_way_by_one_of_the_two() -> None:
    """Neither by claiming, nor by escalating or asking first, nor after a new package."""
    handoff, _ = opened(approvals_needed=2)
    review = FirstReview(ANN.id, ANN.name, NOW_MS, "approve", None, None)
    waiting = replace(handoff, state=State.AWAITING_SECOND_REVIEW, first_review=review)
    after = accepted(waiting, verdict(waiting, "reject", BEN)).handoff
    held = accepted(after, c.Claim(ANN, EVENT_ID)).handoff
    assert refused(held, verdict(held)) == "already_reviewed"
    up = accepted(held, c.Escalate(ANN, EVENT_ID, "needs_specialist_review", None)).handoff
    assert refused(up, verdict(up)) == "already_reviewed"
    asked = accepted(up, c.Ask(ANN, EVENT_ID, "Which?")).handoff
    assert refused(asked, verdict(asked)) == "already_reviewed"
