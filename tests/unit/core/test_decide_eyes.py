"""Four eyes are two people's: two accounts of one person, two opinions, and edits that ask for more."""

from dataclasses import replace
from typing import Any

import pytest

from companion.core import commands as c
from companion.core.decide import Refused, decide
from companion.core.handoff import State
from companion.core.rules.rising import stricter
from tests.unit.core.cases import (
    ANN,
    BEN,
    CAT,
    EVENT_ID,
    GATE,
    NOW_MS,
    OLGA,
    TARA,
    accepted,
    command,
    edited,
    fit_for,
    follow_up,
    opened,
    passed,
    refused,
    sorted_,
    verdict,
    verified,
)

# One person, two accounts

ANN_AGAIN = replace(ANN, id="rv_ann2", name="Ann Again", email="Ann+2@Example.com")


@pytest.mark.req("R-ROLE-07", "R-GATE-12")
def test_two_accounts_of_one_mailbox_are_one_reviewer() -> None:
    """Not the second of two, not the third after a disagreement, nor the approver of what their other one sorted."""
    handoff, _ = opened(approvals_needed=2)
    first = accepted(handoff, verdict(handoff)).handoff
    assert refused(first, verdict(first, actor=ANN_AGAIN)) == "second_reviewer_must_differ"
    between = accepted(first, verdict(first, "reject", BEN)).handoff
    assert refused(between, verdict(between, actor=ANN_AGAIN)) == "already_reviewed"
    assert refused(between, verdict(between, actor=replace(ANN_AGAIN, email="ben+2@example.com"))) == "already_reviewed"
    waiting = replace(opened(risk_tier="high")[0], stage="triage")
    done = accepted(waiting, sorted_(waiting, actor=replace(ANN, roles=TARA.roles))).handoff
    assert refused(done, verdict(done, actor=ANN_AGAIN)) == "triager_cannot_approve"


@pytest.mark.req("R-ROLE-07")
def test_a_record_without_addresses_goes_by_ids() -> None:
    """Written by an older version, or about somebody who has no address: nobody is taken for somebody else."""
    handoff, _ = opened(approvals_needed=2)
    first = accepted(handoff, verdict(handoff)).handoff
    older = replace(first, mailboxes={})
    assert refused(older, verdict(older)) == "second_reviewer_must_differ"
    assert accepted(older, verdict(older, actor=ANN_AGAIN)).settles
    for someone in (replace(BEN, email=None), replace(BEN, email="")):
        assert accepted(older, verdict(older, actor=someone)).settles
        assert accepted(first, verdict(first, actor=someone)).settles


@pytest.mark.req("R-ROLE-06")
def test_a_name_asks_only_where_no_address_does() -> None:
    """What a sender writes in front of their address bars nobody who is called so."""
    named = opened(requester="ann")[0]
    assert refused(named, verdict(named)) == "self_approval"
    beside = opened(requester="Ann <mallory@example.org>")[0]
    assert accepted(beside, verdict(beside)).settles


@pytest.mark.req("R-ROLE-02")
@pytest.mark.parametrize("by", ["escalate", "verify", "reject"])
def test_whoever_carries_a_case_to_an_emergency_is_noted(by: str) -> None:
    """By escalating, by failing a check, by disagreeing: an emergency of one's own making gives no right to decide."""
    handoff, _ = opened(approvals_needed=2)
    handoff = replace(fit_for("verify", handoff), reviewer_level=3)
    if by == "reject":
        handoff = replace(handoff, terms=replace(handoff.terms, gates=()))
        handoff = accepted(handoff, verdict(handoff, actor=BEN)).handoff
    given: dict[str, c.Command] = {
        "escalate": c.Escalate(ANN, EVENT_ID, "needs_specialist_review", None),
        "verify": verified(handoff, passed(result="fail"), actor=ANN, reason_code="insufficient_evidence"),
        "reject": verdict(handoff, "reject"),
    }
    after = accepted(handoff, given[by]).handoff
    assert (after.reviewer_level, after.emergency_by) == (4, ANN.id)
    calls = frozenset({"on_call"})
    for own in (replace(ANN, roles=calls), replace(ANN_AGAIN, roles=calls)):
        assert refused(after, verdict(after, actor=own)) == "role_missing"


# Two opinions, and whose words they are about


@pytest.mark.req("R-GATE-12")
def test_the_second_reviewer_who_failed_a_check_is_not_second_again() -> None:
    """They read the first one's reasons since; of another output, or where nobody is blind, that does not matter."""
    handoff, package = opened(approvals_needed=2)
    handoff = replace(handoff, terms=replace(handoff.terms, gates=(replace(GATE, review=2),)))

    def once_more(case: Any) -> Any:
        first = accepted(case, verdict(case)).handoff
        fails = verified(first, passed(result="fail"), actor=BEN, reason_code="insufficient_evidence")
        return accepted(first, fails).handoff

    back = once_more(handoff)
    first = accepted(back, verdict(back)).handoff
    assert refused(first, verdict(first, actor=BEN, gate_answers=(passed(),))) == "already_reviewed"
    assert refused(first, verified(first, passed(), actor=BEN)) == "already_reviewed"
    assert accepted(first, verdict(first, "reject", BEN))
    assert accepted(back, verdict(back, actor=BEN)).handoff.state is State.AWAITING_SECOND_REVIEW
    new = accepted(back, command("revise", back, package)).handoff
    first = accepted(new, verdict(new)).handoff
    assert accepted(first, verdict(first, actor=BEN, gate_answers=(passed(),))).settles
    seeing = once_more(replace(handoff, terms=replace(handoff.terms, second_review_blind=False)))
    first = accepted(seeing, verdict(seeing)).handoff
    assert accepted(first, verdict(first, actor=BEN, gate_answers=(passed(),))).settles


@pytest.mark.req("R-ACT-01", "R-ACT-03")
def test_what_a_person_edited_is_never_recorded_as_accepted() -> None:
    """However the case went on after the edit; what the workflow puts in its place is the workflow's again."""
    handoff, package = opened(approvals_needed=2)
    handoff = replace(handoff, terms=replace(handoff.terms, gates=(replace(GATE, review=2),)))
    came = accepted(handoff, edited(handoff, package, "Edited."))
    assert came.package is not None
    fails = verified(came.handoff, passed(result="fail"), actor=BEN, reason_code="insufficient_evidence")
    back = accepted(came.handoff, fails).handoff
    assert back.edited_by == ANN.id
    asked = accepted(back, command("ask", back, package)).handoff
    words = follow_up(asked, came.package)
    back = accepted(asked, c.Answer(OLGA, EVENT_ID, "It is.", words)).handoff
    first = accepted(back, verdict(back, actor=BEN)).handoff
    done = accepted(first, verdict(first, actor=CAT, gate_answers=(passed(),))).handoff
    assert done.decision is not None
    assert (done.state, done.decision.decision_action) == (State.MODIFIED, "modify")
    assert accepted(back, command("revise", back, words)).handoff.edited_by is None


NOTHING = c.Raised("low", 1, 1, (), (), (), ())


@pytest.mark.req("R-GATE-18", "R-ROUTE-34", "R-ROLE-06")
def test_an_edit_to_what_is_not_ones_own_to_decide_is_refused() -> None:
    """Opened so it would have asked for a training, for somebody who is signed in, or for another than its triager."""
    handoff, package = opened(risk_tier="low")
    edit = edited(handoff, package, "Edited.")
    lawyers = replace(NOTHING, skills=("law",))
    came = decide(handoff, replace(edit, raised=lawyers), NOW_MS + 1_000)
    assert isinstance(came, Refused)
    assert (came.code, came.field, "law" in came.detail) == ("skill_missing", "/edited_output", True)
    lea = replace(ANN, skills=frozenset({"law"}))
    assert accepted(handoff, replace(edit, raised=lawyers, actor=lea)).settles
    risky = replace(edit, raised=replace(NOTHING, risk_tier="high"))
    assert refused(handoff, replace(risky, actor=replace(ANN, assurance="link"))) == "assurance_too_low"
    assert refused(replace(handoff, triaged_by=(ANN.id,)), risky) == "triager_cannot_approve"
    assert accepted(handoff, replace(edit, raised=NOTHING)).settles


@pytest.mark.req("R-ROLE-07", "R-GATE-12")
@pytest.mark.parametrize("raised", [replace(NOTHING, approvals_needed=2), replace(NOTHING, gates=(GATE,))])
def test_an_edit_to_what_two_decide_is_the_first_of_two(raised: c.Raised) -> None:
    """What the rules ask for the edited output holds for the second, who answers its checks too; the event says it."""
    handoff, package = opened()
    came = accepted(handoff, replace(edited(handoff, package, "Edited."), raised=replace(raised, flags=("pricing",))))
    first = came.handoff
    assert (first.state, first.approvals_needed) == (State.AWAITING_SECOND_REVIEW, 2)
    assert {each["field"] for each in came.events[0]["details"]["raised"]} >= {"approvals_needed", "flags"}
    assert refused(first, verdict(first)) == "second_reviewer_must_differ"
    if raised.gates:
        assert refused(first, verdict(first, actor=BEN)) == "gate_results_missing"
    done = accepted(first, verdict(first, actor=BEN, gate_answers=(passed(),) if raised.gates else ())).handoff
    assert done.state is State.MODIFIED


# Who comes after


@pytest.mark.req("R-GATE-15", "R-GOV-22")
def test_a_third_settles_no_form_that_nobody_kept() -> None:
    """A record of before kept no answers of the first: with a form, the next approval is the first of two again."""
    form = {"type": "object", "properties": {"total": {"type": "number"}}}
    for response_form in (None, form):
        handoff, _ = opened(approvals_needed=2, response_form=response_form)
        first = accepted(handoff, verdict(handoff)).handoff
        between = accepted(first, verdict(first, "reject", BEN)).handoff
        (disagreement,) = between.disagreements
        older = replace(between, disagreements=(replace(disagreement, first=None),))
        assert accepted(between, verdict(between, actor=CAT)).settles
        assert accepted(older, verdict(older, actor=CAT)).settles is (response_form is None)


@pytest.mark.req("R-GATE-12")
def test_checks_of_the_second_review_count_since_the_first() -> None:
    """Whoever passed them before two were needed was no second; whoever does so after the first approval is one."""
    second = replace(GATE, review=2)
    handoff = fit_for("verify", opened()[0])
    handoff = replace(handoff, terms=replace(handoff.terms, gates=(second,)))
    checked = accepted(handoff, verified(handoff, passed(), actor=OLGA)).handoff
    assert accepted(checked, verdict(checked)).settles, "one who decides alone goes by every answer"
    raised = replace(checked, approvals_needed=2)
    first = accepted(raised, verdict(raised)).handoff
    assert refused(first, verdict(first, actor=BEN)) == "gate_results_missing"
    answered = accepted(first, verified(first, passed(), actor=OLGA)).handoff
    assert accepted(answered, verdict(answered, actor=BEN)).settles


@pytest.mark.req("R-ROLE-02")
def test_whoever_sorts_a_case_to_an_emergency_does_not_decide_it_by_that() -> None:
    """A topic whose rule begins at the highest level gives nobody a right of their own making."""
    waiting = replace(opened()[0], stage="triage")
    raised = c.Raised("low", 1, 4, (), (), (), ())
    done = accepted(waiting, sorted_(waiting, raised=raised)).handoff
    assert (done.reviewer_level, done.emergency_by) == (4, TARA.id)


@pytest.mark.req("R-ROUTE-34")
def test_two_readings_together_ask_for_what_either_does() -> None:
    """In both orders, and nothing twice."""
    reason = {"kind": "policy", "code": "big", "text": "A large sum."}
    one = c.Raised("low", 2, 1, ("law",), (GATE,), ("pii",), (reason,))
    other = c.Raised("high", 1, 3, ("law", "cash"), (GATE, replace(GATE, id="more")), (), (reason,))
    for both in (stricter(one, other), stricter(other, one)):
        assert (both.risk_tier, both.approvals_needed, both.reviewer_level) == ("high", 2, 3)
        assert (set(both.skills), {gate.id for gate in both.gates}) == ({"law", "cash"}, {"facts", "more"})
        assert (both.flags, both.reasons) == (("pii",), (reason,))
