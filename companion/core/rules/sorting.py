"""A triager says what a case is about, who works on it, and how risky it is (R-ROLE-01)."""

from dataclasses import replace
from typing import Any

from companion.core import commands as c
from companion.core.duties import EMERGENCY_LEVEL
from companion.core.events import event
from companion.core.handoff import ASSURANCE_ORDER, Handoff, State, moved
from companion.core.policy.vocabulary import RISK_TIERS
from companion.core.result import Accepted, Refused
from companion.core.rules import clocks
from companion.core.rules.people import known_with, need, not_this_person
from companion.core.rules.reasons import unknown_reason
from companion.core.rules.rising import risen
from companion.core.rules.versions import stale


def triage(handoff: Handoff, command: c.Triage, now_ms: int) -> Accepted | Refused:
    """Sorted, the case is decided under the policy in force now. Risk and approvals only rise."""
    if handoff.stage != "triage":
        return Refused("not_in_triage", "This case was sorted already.")
    if (refused := not_this_person(handoff, "triage", command.actor, now_ms)) is not None:
        return refused
    if (refused := stale(handoff, command.expected_version)) is not None:
        return refused
    if command.refused_by_policy is not None:
        return Refused("sorting_refused_by_policy", command.refused_by_policy)
    risk = command.risk_tier or handoff.risk_tier
    if RISK_TIERS.index(risk) < RISK_TIERS.index(handoff.risk_tier):
        return Refused(
            "risk_only_rises", f"This case has {handoff.risk_tier} risk; it can be raised only.", "/risk_tier"
        )
    if (unknown := unknown_reason(command.terms, command.reason_code)) is not None:
        return unknown
    asked = risen(replace(handoff, risk_tier=risk, **command.texts), command.raised)
    after = moved(
        asked,
        state=State.PENDING,
        stage="review",
        claim=None,
        category=command.category or handoff.category,
        queue=command.queue or handoff.queue,
        # Whoever a case was escalated to keeps it from those who lack the training, also after a check failed.
        skills=tuple(dict.fromkeys((*command.skills, *handoff.skills_kept))),
        terms=command.terms,
        policy_id=command.policy_id,
        policy_version=command.policy_version,
        approvals_needed=max(asked.approvals_needed, command.approvals_needed),
        triaged_by=tuple(dict.fromkeys((*handoff.triaged_by, command.actor.id))),
        mailboxes=known_with(handoff, command.actor),
    )
    if command.eases or _asks_less(handoff, after):
        after = replace(after, eased_by=tuple(dict.fromkeys((*handoff.eased_by, command.actor.id))))
    if after.reviewer_level >= EMERGENCY_LEVEL > handoff.reviewer_level:
        after = replace(after, emergency_by=command.actor.id)
    happened = event(
        command.event_id,
        "handoff.triaged",
        after,
        command.actor,
        now_ms,
        reason_code=command.reason_code,
        justification=command.rationale,
        to_actor=f"reviewers of {after.queue or handoff.workflow_id}",
        details={"changes": _changes(handoff, after)},
    )
    return Accepted(after, (happened,), (clocks.NO_LEASE, *clocks.timers_on_move(handoff, after)))


def _asks_less(before: Handoff, after: Handoff) -> bool:
    """Whether the case asks for less training, fewer checks, or to know less surely who approves it (R-ROLE-06)."""
    if not _asked(before) <= _asked(after):
        return True
    return any(
        ASSURANCE_ORDER.index(need(after, action)) < ASSURANCE_ORDER.index(need(before, action))
        for action in ("approve", "modify")
    )


def _asked(handoff: Handoff) -> set[str | tuple[str, str]]:
    """The training that a case asks for, and the checks, each by gate and item."""
    return {*handoff.skills, *((gate.id, item.id) for gate in handoff.terms.gates for item in gate.items)}


SORTED = (
    "category", "queue", "skills", "risk_tier", "approvals_needed", "reviewer_level", "flags", "policy_id",
    "policy_version",
)  # fmt: skip


def _changes(before: Handoff, after: Handoff) -> list[dict[str, Any]]:
    return [
        {"field": name, "before": getattr(before, name), "after": getattr(after, name)}
        for name in SORTED
        if getattr(before, name) != getattr(after, name)
    ]
