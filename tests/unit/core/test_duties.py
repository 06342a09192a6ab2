"""Roles and duties: what each role is there for, and that nobody does another's work."""

from dataclasses import replace
from typing import Any

import pytest

from companion.core import commands as c
from companion.core.decide import Accepted, Refused, decide, hindrance
from companion.core.duties import DUTIES, may, roles_with
from companion.core.handoff import Actor, Handoff, State
from companion.core.package import Package
from tests.unit.core.cases import (
    ANN,
    EVENT_ID,
    NOW_MS,
    accepted,
    command,
    fit_for,
    follow_up,
    handoff_in,
    opened,
    refused,
    verdict,
)

ROLES = (
    "approver", "auditor", "owner", "operator", "governance", "on_call", "triager", "verifier", "compliance", "sre",
)  # fmt: skip

WHO: dict[str, set[str]] = {
    "approve": {"approver", "owner"},
    "reject": {"approver", "owner"},
    "modify": {"approver", "owner"},
    "claim": {"approver", "owner", "on_call", "triager", "verifier"},
    "acknowledge": {"approver", "owner", "on_call", "triager", "verifier"},
    "escalate": {"approver", "owner", "on_call", "triager", "verifier"},
    "ask": {"approver", "owner", "triager", "verifier"},
    "answer": {"approver", "owner"},
    "annotate": set(ROLES) - {"sre"},
    "triage": {"triager"},
    "verify": {"approver", "owner", "verifier"},
    "assign": {"owner", "on_call", "triager"},
    "withdraw": {"owner"},
    "undo": {"approver", "owner"},
    "roll_back": {"approver", "owner"},
    "disclose": {"compliance"},
}
"""Command -> the roles that may give it, on a case of an ordinary level."""

IN_EMERGENCIES = {"approve", "reject", "modify", "verify", "undo"}
"""What somebody on call does besides, on a case that came up to level 4."""

STARTS = {"undo": State.APPROVED, "roll_back": State.APPROVED, "answer": State.AWAITING_INFORMATION}


def case_for(name: str, level: int = 1) -> tuple[Handoff, Package]:
    handoff, package = handoff_in(STARTS.get(name, State.PENDING))
    return replace(fit_for(name, handoff), reviewer_level=level), package


def by(name: str, handoff: Handoff, package: Package, actor: Actor) -> Any:
    """The command of that name, from this person."""
    made = replace(command(name, handoff, package), actor=actor)
    if isinstance(made, c.Answer):
        return replace(made, package=follow_up(handoff, package, request={"order": 7}))
    return made


@pytest.mark.req("R-ROLE-01", "R-ROLE-02", "R-ACT-02")
@pytest.mark.parametrize("level", [1, 3, 4])
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", sorted(WHO))
def test_each_role_does_its_own_work_and_is_refused_the_others(name: str, role: str, level: int) -> None:
    """Triager, verifier, approver, auditor and the rest: what is not a role's duty is refused, and changes nothing."""
    handoff, package = case_for(name, level)
    who = replace(ANN, roles=frozenset({role}))
    if name == "escalate" and level == 4:
        return
    came = decide(handoff, by(name, handoff, package, who), NOW_MS + 500)
    if role in WHO[name] or (role == "on_call" and level == 4 and name in IN_EMERGENCIES):
        assert isinstance(came, Accepted), came
    else:
        assert isinstance(came, Refused)
        assert came.code == "role_missing"


@pytest.mark.req("R-ROLE-01")
@pytest.mark.parametrize("name", sorted(set(WHO) - {"answer", "withdraw"}))
@pytest.mark.parametrize("role", ROLES)
def test_what_is_offered_is_what_would_hold(name: str, role: str) -> None:
    """The page is told beforehand, by the very rule that refuses afterwards."""
    handoff, package = case_for(name)
    who = replace(ANN, roles=frozenset({role}))
    came = decide(handoff, by(name, handoff, package, who), NOW_MS + 500)
    told = hindrance(handoff, name, who, NOW_MS + 500)
    assert told == (came if isinstance(came, Refused) else None)


@pytest.mark.req("R-ROLE-01", "R-ROLE-02")
def test_the_roles_and_their_duties_are_data() -> None:
    """The permission table is made from these, so a duty that nobody has, or a role without a place, would show."""
    assert tuple(DUTIES) == ROLES
    assert roles_with("triage") == {"triager"}
    assert roles_with("decide") == {"approver", "owner", "on_call"}
    assert roles_with("verify", "disclose") == {"approver", "owner", "on_call", "verifier", "compliance"}
    assert not may(["no_such_role"], "annotate")
    assert may({"auditor", "triager"}, "triage"), "one of several roles is enough"


@pytest.mark.req("R-ROLE-02", "R-ROLE-14")
def test_whoever_is_on_call_decides_in_an_emergency_only() -> None:
    """Level 4 is where nobody else is; below it the people of that level decide."""
    handoff, _ = opened()
    on_call = replace(ANN, roles=frozenset({"on_call"}))
    assert refused(handoff, verdict(handoff, actor=on_call)) == "role_missing"
    emergency = replace(handoff, reviewer_level=4)
    assert accepted(emergency, verdict(emergency, actor=on_call)).settles
    assert may({"on_call"}, "decide")
    assert not may({"on_call"}, "decide", handoff)


@pytest.mark.req("R-ACT-10")
@pytest.mark.parametrize("name", ["approve", "reject", "modify", "escalate", "ask", "annotate", "roll_back"])
def test_a_policy_takes_acts_from_a_role(name: str) -> None:
    """What the workflow's policy leaves to a role is all that role does there; a forged button gives nothing."""
    handoff, package = case_for(name)
    others = tuple(set(WHO) - {name})

    def under(**by_role: tuple[str, ...]) -> Handoff:
        return replace(handoff, terms=replace(handoff.terms, actions_by_role=by_role))

    given = by(name, handoff, package, ANN)
    assert refused(under(approver=others), given) == "action_not_permitted"
    if name == "modify":
        assert refused(under(approver=(name,)), given) == "action_not_permitted"
    # An edit approves what it makes of the output: a role needs both for it.
    assert accepted(under(approver=(name, "approve") if name == "modify" else (name,)), given)
    assert accepted(under(verifier=()), given), "a role that is not named does what is its duty"
    both = by(name, handoff, package, replace(ANN, roles=frozenset({"approver", "owner"})))
    assert accepted(under(approver=others), both), "the other role still may"
    assert refused(under(approver=others, owner=others), both) == "action_not_permitted"


@pytest.mark.req("R-ACT-10", "R-ROLE-01")
def test_a_policy_gives_a_role_nothing_that_is_not_its_duty() -> None:
    """Naming approve for verifiers does not make them approvers."""
    handoff, _ = opened()
    handoff = replace(handoff, terms=replace(handoff.terms, actions_by_role={"verifier": ("approve",)}))
    verifier = replace(ANN, roles=frozenset({"verifier"}))
    assert refused(handoff, verdict(handoff, actor=verifier)) == "role_missing"


@pytest.mark.req("R-SEC-04")
@pytest.mark.parametrize("name", sorted(set(WHO) - {"answer", "withdraw"}))
def test_no_automation_does_what_people_are_for(name: str) -> None:
    """An API key is refused each of them, whatever roles it would claim to have."""
    handoff, package = case_for(name)
    robot = Actor("automation", ANN.id, "n8n", None, "step_up", frozenset(ROLES))
    assert refused(handoff, by(name, handoff, package, robot), NOW_MS + 500) == "automation_cannot_decide"


@pytest.mark.req("X-17")
def test_seeing_all_of_a_package_is_a_duty_with_a_reason() -> None:
    """Whoever discloses says why, and the event names what was hidden; without a reason nothing is shown."""
    handoff, package = opened()
    came = accepted(handoff, command("disclose", handoff, package))
    assert came.handoff == handoff
    assert (came.events[0]["event_type"], came.events[0]["justification"]) == (
        "handoff.disclosed", "A complaint came in.",
    )  # fmt: skip
    empty = replace(command("disclose", handoff, package), reason=" ")
    assert refused(handoff, empty) == "rationale_required"
    assert refused(handoff, c.Disclose(ANN, EVENT_ID, "Curious.")) == "role_missing"
