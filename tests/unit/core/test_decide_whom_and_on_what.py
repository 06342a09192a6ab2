"""`decide`: who may do what, how surely they are known, and on which version of the case."""

from dataclasses import replace
from typing import Any

import pytest

from companion.core import commands as c
from companion.core.decide import Accepted, Refused, decide
from companion.core.handoff import (
    CLAIM_LEASE_MS,
    SYSTEM,
    Actor,
    Claim,
    State,
)
from companion.core.policy import presets
from tests.unit.core.cases import (
    ANN,
    BEN,
    EVENT_ID,
    LINKED,
    NOW_MS,
    OLGA,
    ROBOT,
    accepted,
    command,
    edited,
    handoff_in,
    opened,
    refused,
    verdict,
)

# Who may


@pytest.mark.req("R-SEC-04", "R-STORE-15")
@pytest.mark.parametrize("name", ["approve", "modify", "reject"])
@pytest.mark.parametrize("actor", [ROBOT, SYSTEM], ids=["automation", "system"])
def test_nobody_but_a_person_decides(name: str, actor: Actor) -> None:
    """An API key and the companion itself are refused, however sure of themselves they are."""
    handoff, package = opened()
    given_ = replace(command(name, handoff, package), actor=replace(actor, assurance="step_up"))
    assert refused(handoff, given_) == "automation_cannot_decide"


@pytest.mark.req("R-SEC-03", "L4")
@pytest.mark.parametrize("name", ["approve", "modify", "reject", "claim", "escalate", "ask", "roll_back"])
@pytest.mark.parametrize("tier", presets.RISK_TIERS)
@pytest.mark.parametrize("have", ["none", "link", "signed_in", "step_up"])
def test_what_is_at_stake_says_how_surely_a_person_must_be_known(name: str, tier: str, have: Any) -> None:
    """A personal link is enough at low risk only; from medium on a person is signed in."""
    handoff, package = handoff_in(State.APPROVED if name == "roll_back" else State.PENDING, risk_tier=tier)
    came = decide(handoff, replace(command(name, handoff, package), actor=replace(LINKED, assurance=have)), NOW_MS)
    enough = have in ("signed_in", "step_up") or (have == "link" and tier == "low")
    assert isinstance(came, Accepted) if enough else isinstance(came, Refused) and came.code == "assurance_too_low"


@pytest.mark.req("L2")
def test_a_personal_link_decides_only_with_the_word_on_the_page() -> None:
    """A scanner that opens the link and presses buttons has no word, and decides nothing."""
    handoff, _ = opened(risk_tier="low")
    for action in ("approve", "reject"):
        assert refused(handoff, verdict(handoff, action, LINKED, deliberate=False)) == "confirmation_required"
        assert accepted(handoff, verdict(handoff, action, LINKED, deliberate=True)).settles
        assert accepted(handoff, verdict(handoff, action, ANN, deliberate=False)).settles, (
            "a signed-in person needs none"
        )


@pytest.mark.req("R-ROLE-06")
@pytest.mark.parametrize("requester", [ANN.id, ANN.email, "ANN@Example.com"])
def test_whoever_asked_does_not_let_it_through(requester: str) -> None:
    """A requester is recognised by id or by mail address, whatever its capitals; they may say no to it."""
    handoff, package = opened(requester=requester)
    for name in ("approve", "modify", "claim"):
        assert refused(handoff, command(name, handoff, package)) == "self_approval"
    assert accepted(handoff, verdict(handoff, "reject")).settles
    assert accepted(handoff, verdict(handoff, actor=BEN)).settles


@pytest.mark.parametrize("name", ["approve", "reject", "modify", "claim", "escalate", "ask", "release"])
def test_while_somebody_holds_the_case_nobody_else_touches_it(name: str) -> None:
    """Others are told who holds it; the holder goes on; once the lease is over anybody may."""
    handoff, package = handoff_in(State.CLAIMED)
    theirs = replace(handoff, claim=Claim(BEN.id, BEN.name, NOW_MS + 60_000))
    came = decide(theirs, command(name, theirs, package), NOW_MS + 59_999)
    assert isinstance(came, Refused)
    assert (came.code, "Ben" in came.detail) == ("claimed_by_other", True)
    assert accepted(theirs, command(name, theirs, package), NOW_MS + 60_000)
    assert accepted(handoff, command(name, handoff, package), NOW_MS + 59_999)


def test_a_claim_is_a_lease_of_a_quarter_of_an_hour() -> None:
    """Claiming sets a timer at the end of the lease; the system may end it then, and not before."""
    handoff, _ = opened()
    came = accepted(handoff, c.Claim(ANN, EVENT_ID), NOW_MS)
    assert came.handoff.claim == Claim(ANN.id, ANN.name, NOW_MS + CLAIM_LEASE_MS)
    assert [(timer.kind, timer.due_at_ms) for timer in came.timers] == [("release", NOW_MS + 15 * 60_000)]
    release = c.Release(SYSTEM, EVENT_ID)
    assert refused(came.handoff, release, NOW_MS + CLAIM_LEASE_MS - 1) == "claim_still_runs"
    freed = accepted(came.handoff, release, NOW_MS + CLAIM_LEASE_MS).handoff
    assert (freed.state, freed.claim) == (State.PENDING, None)


# On what


@pytest.mark.req("R-STORE-17")
def test_a_decision_on_what_was_seen_before_is_refused() -> None:
    """Another version, or another package than the one shown, is not decided on: look again."""
    handoff, package = opened()
    other = "sha256:" + "0" * 64
    for action in ("approve", "reject"):
        assert refused(handoff, verdict(handoff, action, expected_version=2)) == "version_stale"
        assert refused(handoff, verdict(handoff, action, package_digest=other)) == "package_digest_mismatch"
        assert accepted(handoff, verdict(handoff, action, expected_version=None)).settles, (
            "the package digest names it too"
        )
    revise = replace(command("revise", handoff, package), expected_version=7)
    assert refused(handoff, revise) == "version_stale"


@pytest.mark.req("R-ACT-09", "R-UI-13", "R-UI-14", "R-UI-15", "X-07")
@pytest.mark.parametrize("action", ["approve", "reject", "modify"])
@pytest.mark.parametrize("code", [None, "policy_violation", "no_such_code", "Policy violation"])
@pytest.mark.parametrize("rationale", [None, "", "  \n ", "It names a customer."])
def test_an_override_says_why(action: str, code: str | None, rationale: str | None) -> None:
    """Reject and modify need a known code and a sentence; approve needs neither, but takes no unknown code."""
    handoff, package = opened()
    edit = edited(handoff, package, {"summary": "Edited."}).edit if action == "modify" else None
    came = decide(handoff, verdict(handoff, action, reason_code=code, rationale=rationale, edit=edit), NOW_MS)
    said = bool((rationale or "").strip())
    if code not in (None, *presets.REASON_CODES):
        wanted = "unknown_reason_code"
    elif action == "approve" or (code and said):
        assert isinstance(came, Accepted)
        return
    else:
        wanted = "rationale_required" if code else "reason_code_required"
    assert isinstance(came, Refused)
    assert (came.code, came.field) == (wanted, "/rationale" if wanted == "rationale_required" else "/reason_code")


@pytest.mark.req("R-ACT-09")
def test_the_four_reason_codes_ship() -> None:
    """The taxonomy holds the four that every reviewer needs."""
    assert list(presets.REASON_CODES) == [
        "wrong_category", "insufficient_evidence", "policy_violation", "needs_specialist_review",
    ]  # fmt: skip
    handoff, _ = opened()
    assert refused(handoff, c.Escalate(ANN, EVENT_ID, "because", None)) == "unknown_reason_code"
    done, _ = handoff_in(State.APPROVED)
    assert refused(done, c.RollBack(ANN, EVENT_ID, "because", None)) == "unknown_reason_code"


def test_an_edit_goes_with_modify_and_changes_something() -> None:
    """Approve with an edit, modify without one, and an edit that changes nothing are each refused by name."""
    handoff, package = opened()
    edit = edited(handoff, package, {"summary": "Edited."}).edit
    assert refused(handoff, verdict(handoff, "approve", edit=edit)) == "edited_output_unexpected"
    assert refused(handoff, verdict(handoff, "reject", edit=edit)) == "edited_output_unexpected"
    assert refused(handoff, verdict(handoff, "modify")) == "edited_output_required"
    same = edited(handoff, package, {"lines": [1, 2], "summary": "Asks for the order."})
    assert refused(handoff, same) == "edited_output_unchanged"


@pytest.mark.req("R-ACT-10", "R-ROLE-10")
@pytest.mark.parametrize("name", ["approve", "reject", "modify", "escalate", "ask", "roll_back"])
def test_an_act_that_the_policy_does_not_offer_is_refused(name: str) -> None:
    """Forging a button does not help: what the workflow's policy leaves out is refused on the server."""
    handoff, package = handoff_in(State.APPROVED if name == "roll_back" else State.PENDING)
    offered = tuple(action for action in handoff.terms.actions if action != name)
    handoff = replace(handoff, terms=replace(handoff.terms, actions=offered))
    assert refused(handoff, command(name, handoff, package)) == "action_not_permitted"


@pytest.mark.req("R-ROLE-10")
@pytest.mark.parametrize("action", ["reject", "modify"])
def test_only_whom_the_policy_names_overrules_the_model(action: str) -> None:
    """Rejecting and editing need one of the roles that the case was opened under; approving what is there does not."""
    handoff, package = opened()
    handoff = replace(handoff, terms=replace(handoff.terms, override_roles=("owner",)))
    edit = edited(handoff, package, {"summary": "Edited."}).edit if action == "modify" else None
    assert refused(handoff, verdict(handoff, action, edit=edit)) == "override_not_permitted"
    assert accepted(handoff, verdict(handoff, action, OLGA, edit=edit)).settles
    assert accepted(handoff, verdict(handoff)).settles


@pytest.mark.req("R-ROLE-10")
def test_overruling_without_evidence_is_refused_where_the_policy_asks_for_it() -> None:
    """What was attached stands in the event of the decision."""
    handoff, _ = opened()
    handoff = replace(handoff, terms=replace(handoff.terms, evidence_required=True))
    assert refused(handoff, verdict(handoff, "reject")) == "evidence_required"
    shown = ({"title": "Order 7", "text": "It was delivered."},)
    done = accepted(handoff, verdict(handoff, "reject", evidence=shown))
    assert done.events[0]["details"]["evidence"] == list(shown)
    assert accepted(handoff, verdict(handoff)).settles, "approving overrules nothing"


@pytest.mark.req("R-ROUTE-34")
def test_a_case_of_specialists_is_decided_by_specialists() -> None:
    """Nobody decides what they are not trained for, whatever their role."""
    handoff = replace(opened()[0], skills=("security_trained",))
    assert refused(handoff, verdict(handoff)) == "skill_missing"
    assert accepted(handoff, verdict(handoff, actor=replace(ANN, skills=frozenset({"security_trained"})))).settles


@pytest.mark.req("R-ROUTE-22", "R-STORE-15")
def test_a_case_that_a_rule_stops_is_over_as_it_is_opened() -> None:
    """It has an outcome that approves nothing, in the words of the rule, and nobody can decide it any more."""
    handoff, package = opened()
    stop = c.Stop("00000000-0000-4000-8000-000000000009", "It contains a password.")
    came = decide(None, c.Open(handoff, package, ROBOT, EVENT_ID, stop), NOW_MS)
    assert isinstance(came, Accepted)
    assert (came.handoff.state, came.handoff.approved, came.handoff.version) == (State.STOPPED, None, 1)
    assert came.settles
    assert came.timers == ()
    decision = came.handoff.decision
    assert decision is not None
    assert (decision.cause, decision.rationale) == ("stopped", "It contains a password.")
    assert [event["event_type"] for event in came.events] == ["handoff.opened", "handoff.stopped"]
    assert refused(came.handoff, verdict(came.handoff)) == "already_decided"


def test_a_workflow_that_takes_no_edits_gets_none() -> None:
    """The Human Review variant for agents runs its original input, so an edit would be lost there."""
    handoff, package = opened(allow_edit=False)
    assert refused(handoff, edited(handoff, package, "Edited.")) == "action_not_permitted"
