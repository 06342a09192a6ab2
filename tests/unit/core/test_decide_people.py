"""Who decides what: assurance, four eyes between triage and approval, training, and the deadline."""

from dataclasses import replace
from typing import Any

import pytest

from companion.core import commands as c
from companion.core.decide import Accepted, Refused, decide
from companion.core.handoff import State
from companion.core.policy.presets import ASSURANCE_BY_RISK_TIER, RISK_TIERS
from companion.core.rules.people import need
from tests.unit.core.cases import (
    ANN,
    BEN,
    EVENT_ID,
    GATE,
    NOW_MS,
    TARA,
    VERA,
    accepted,
    command,
    edited,
    fit_for,
    handoff_in,
    opened,
    passed,
    refused,
    sorted_,
    verdict,
    verified,
)

ACTS = ("approve", "reject", "modify", "escalate", "ask", "annotate", "claim", "verify", "roll_back", "undo")


@pytest.mark.req("R-SEC-03", "L5")
@pytest.mark.parametrize("have", ["none", "link", "signed_in", "step_up"])
@pytest.mark.parametrize("asked", ["link", "signed_in", "step_up"])
@pytest.mark.parametrize("name", ACTS)
def test_the_policy_says_for_each_act_how_surely_a_person_must_be_known(name: str, asked: Any, have: Any) -> None:
    """Never below what it says for that act; a signed-in person who lacks the passkey is told to confirm with it."""
    start = State.APPROVED if name in ("roll_back", "undo") else State.PENDING
    handoff, package = handoff_in(start, risk_tier="low")
    handoff = fit_for(name, handoff)
    handoff = replace(handoff, terms=replace(handoff.terms, assurance={name: asked}))
    given = replace(command(name, handoff, package), actor=replace(ANN, assurance=have))
    came = decide(handoff, given, NOW_MS + 500)
    order = ("none", "link", "signed_in", "step_up")
    if order.index(have) >= order.index(asked):
        assert isinstance(came, Accepted), came
    else:
        assert isinstance(came, Refused)
        assert came.code == ("step_up_required" if (asked, have) == ("step_up", "signed_in") else "assurance_too_low")


@pytest.mark.req("R-SEC-03")
@pytest.mark.parametrize("tier", RISK_TIERS)
def test_an_act_without_a_setting_follows_from_the_risk(tier: str) -> None:
    """What the policy says of approving says nothing of asking."""
    handoff, _ = opened(risk_tier=tier)
    handoff = replace(handoff, terms=replace(handoff.terms, assurance={"approve": "step_up"}))
    assert need(handoff, "approve") == "step_up"
    assert need(handoff, "ask") == ASSURANCE_BY_RISK_TIER[tier]


@pytest.mark.req("R-ROLE-06")
@pytest.mark.parametrize("tier", RISK_TIERS)
def test_whoever_sorted_a_high_risk_case_does_not_approve_it(tier: str) -> None:
    """Triage and approval are two people's from high risk on; a rejection lets nothing through, so it is left."""
    handoff, package = opened(risk_tier=tier)
    both = replace(ANN, roles=frozenset({"approver", "triager"}))
    waiting = replace(handoff, stage="triage")
    done = accepted(waiting, sorted_(waiting, actor=both)).handoff
    for given in (verdict(done, actor=both), replace(edited(done, package, "Edited."), actor=both)):
        came = decide(done, given, NOW_MS + 1_000)
        if tier in ("high", "critical"):
            assert isinstance(came, Refused)
            assert came.code == "triager_cannot_approve"
        else:
            assert isinstance(came, Accepted)
    assert accepted(done, verdict(done, "reject", both)).settles
    assert accepted(done, verdict(done, actor=BEN)).settles


@pytest.mark.req("R-ROLE-06")
def test_raising_the_risk_at_triage_binds_whoever_raised_it() -> None:
    """It is the risk that the case has when it is approved that counts, not the one it came with."""
    handoff = replace(opened(risk_tier="low")[0], stage="triage")
    both = replace(ANN, roles=frozenset({"approver", "triager"}))
    done = accepted(handoff, sorted_(handoff, actor=both, risk_tier="high")).handoff
    assert refused(done, verdict(done, actor=both)) == "triager_cannot_approve"


@pytest.mark.req("R-ROLE-06")
def test_whoever_asked_answers_no_checks_either() -> None:
    """A requester cannot pass the gate of their own case."""
    handoff, _ = opened(requester=VERA.email)
    handoff = fit_for("verify", handoff)
    assert refused(handoff, verified(handoff, passed())) == "self_approval"


@pytest.mark.req("R-GATE-18", "R-ROUTE-34")
@pytest.mark.parametrize("name", ["approve", "reject", "modify", "claim", "verify"])
def test_sensitive_work_is_not_handed_over_to_the_untrained(name: str) -> None:
    """Neither taken nor checked nor decided without what the queue asks for."""
    handoff, package = opened()
    handoff = replace(fit_for(name, handoff), skills=("payroll",))
    given = command(name, handoff, package)
    assert refused(handoff, given) == "skill_missing"
    trained = replace(ANN, skills=frozenset({"payroll"}))
    assert accepted(handoff, replace(given, actor=trained))


@pytest.mark.req("R-STORE-15", "R7")
@pytest.mark.parametrize("name", ["verify", "triage"])
def test_nothing_is_checked_or_sorted_after_the_deadline(name: str) -> None:
    """A case whose time is over waits for its end only, also while the timer is late."""
    handoff, package = opened()
    handoff = fit_for(name, handoff)
    assert refused(handoff, command(name, handoff, package), handoff.expires_at_ms) == "expired"
    assert accepted(handoff, command(name, handoff, package), handoff.expires_at_ms - 1)


@pytest.mark.req("R-ACT-16")
def test_urgency_and_feasibility_are_noted_with_the_decision() -> None:
    """Both stand in the decision and in its event, and in that of an escalation."""
    handoff, _ = opened()
    came = accepted(handoff, verdict(handoff, urgency="today", sla_feasible=False))
    decision = came.handoff.decision
    assert decision is not None
    assert (decision.urgency, decision.sla_feasible) == ("today", False)
    details = came.events[0]["details"]
    assert (details["urgency"], details["sla_feasible"]) == ("today", False)
    up = c.Escalate(ANN, EVENT_ID, "needs_specialist_review", None, None, "today", True)
    details = accepted(handoff, up).events[0]["details"]
    assert (details["urgency"], details["sla_feasible"]) == ("today", True)


@pytest.mark.req("R-UI-22", "R-ACT-01")
def test_what_was_filled_in_and_marked_stands_in_the_decision() -> None:
    """The form's answers, what of it was corrected, and whether the model's mark was wrong; the event has a digest."""
    handoff, _ = opened()
    fixes = ({"field": "amount", "before": 1, "after": 2},)
    given = verdict(handoff, response={"amount": 2}, corrections=fixes, mark="false_positive", batch_id="ba_1")
    came = accepted(handoff, given)
    decision, details = came.handoff.decision, came.events[0]["details"]
    assert decision is not None
    assert (decision.response, decision.corrections) == ({"amount": 2}, fixes)
    assert (decision.mark, decision.batch_id) == ("false_positive", "ba_1")
    assert (details["mark"], details["batch_id"], details["corrections"]) == ("false_positive", "ba_1", list(fixes))
    assert details["response_digest"].startswith("sha256:")
    assert "response" not in details


@pytest.mark.req("R-ACT-04")
def test_an_edit_that_the_rules_of_its_workflow_stop_is_refused() -> None:
    """What would not have been let in is not let in by an edit; marks that policy lets pass are noted."""
    handoff, package = opened()
    edit = edited(handoff, package, {"summary": "hunter2"})
    stopped = replace(edit, refused_by_edit_check="It contains a password.")
    assert refused(handoff, stopped) == "edit_refused_by_policy"
    noted = accepted(handoff, replace(edit, edit_marks=("pii",)))
    assert noted.events[0]["details"]["marks_of_edit"] == ["pii"]


@pytest.mark.req("R-STORE-14", "R-ROLE-01")
@pytest.mark.parametrize("name", ["approve", "reject", "modify", "verify"])
def test_a_case_in_triage_is_sorted_first(name: str) -> None:
    """Nobody decides or checks what nobody sorted; escalating, asking and notes are left."""
    handoff, package = opened()
    handoff = replace(fit_for(name, handoff), stage="triage")
    assert refused(handoff, command(name, handoff, package)) == "triage_first"
    for left in ("escalate", "ask", "annotate", "claim", "withdraw"):
        assert accepted(handoff, command(left, handoff, package))


@pytest.mark.req("R-ROLE-06")
@pytest.mark.parametrize("less", ["skills", "gates", "items", "assurance", "nothing"])
def test_who_sorts_a_case_to_where_less_is_asked_than_before_does_not_approve_it(less: str) -> None:
    """Less training, fewer checks, or less sure of who approves: whatever they said of it."""
    handoff, _ = opened(risk_tier="low")
    items = (*GATE.items, replace(GATE.items[0], id="numbers"))
    terms = replace(handoff.terms, gates=(replace(GATE, items=items),), assurance={"approve": "signed_in"})
    waiting = replace(handoff, stage="triage", skills=("cash",), terms=terms)
    afterwards = {
        "gates": replace(terms, gates=()),
        "items": replace(terms, gates=(GATE,)),
        "assurance": replace(terms, assurance={}),
    }
    both = replace(ANN, roles=frozenset({"approver", "triager"}), skills=frozenset({"cash"}))
    given = sorted_(
        waiting, actor=both, skills=() if less == "skills" else ("cash",), terms=afterwards.get(less, terms)
    )
    assert accepted(waiting, given).handoff.eased_by == (() if less == "nothing" else (ANN.id,))


@pytest.mark.req("R-ROLE-01", "R-GOV-22")
def test_sorting_says_what_changed_and_lets_risk_only_rise() -> None:
    """The case goes on under the policy in force; its event names each field that changed, before and after."""
    handoff = replace(handoff_in(State.CLAIMED, risk_tier="medium")[0], stage="triage", claim=None)
    terms = replace(handoff.terms, undo_window_s=60)
    came = accepted(
        handoff,
        sorted_(
            handoff, category="tax", queue="payroll", skills=("payroll",), risk_tier="high", terms=terms,
            policy_version=7, approvals_needed=2,
        ),
    )  # fmt: skip
    after = came.handoff
    assert (after.state, after.stage, after.claim, after.version) == (
        State.PENDING,
        "review",
        None,
        handoff.version + 1,
    )
    assert (after.category, after.queue, after.skills, after.risk_tier) == ("tax", "payroll", ("payroll",), "high")
    assert (after.terms, after.policy_version, after.approvals_needed) == (terms, 7, 2)
    assert after.triaged_by == (TARA.id,)
    changed = {each["field"]: (each["before"], each["after"]) for each in came.events[0]["details"]["changes"]}
    assert changed["risk_tier"] == ("medium", "high")
    assert changed["queue"] == (None, "payroll")
    assert refused(handoff, sorted_(handoff, risk_tier="low")) == "risk_only_rises"
    assert refused(handoff, sorted_(handoff, expected_version=1)) == "version_stale"
    assert refused(handoff, sorted_(handoff, reason_code="because")) == "unknown_reason_code"
    two = replace(handoff, approvals_needed=2)
    assert accepted(two, sorted_(two, approvals_needed=1)).handoff.approvals_needed == 2
    assert refused(after, sorted_(after)) == "not_in_triage"
