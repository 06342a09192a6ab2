"""New content can ask for more than what stood there before, and takes nothing back that was asked (R-ROUTE-34)."""

from dataclasses import replace
from typing import Any, Final

from companion.core import commands as c
from companion.core.handoff import Actor, Handoff
from companion.core.policy.vocabulary import RISK_TIERS
from companion.core.result import Refused
from companion.core.rules.people import not_this_person


def risen(handoff: Handoff, raised: c.Raised | None) -> Handoff:
    """The case with what its new content asks for; nothing that was asked before is taken back (R-ROUTE-34)."""
    if raised is None:
        return handoff
    known, codes = {gate.id for gate in handoff.terms.gates}, {reason["code"] for reason in handoff.reasons}
    gates = tuple(gate for gate in raised.gates if gate.id not in known)
    return replace(
        handoff,
        risk_tier=max(handoff.risk_tier, raised.risk_tier, key=RISK_TIERS.index),
        approvals_needed=max(handoff.approvals_needed, raised.approvals_needed),
        reviewer_level=max(handoff.reviewer_level, raised.reviewer_level),
        skills=tuple(dict.fromkeys((*handoff.skills, *raised.skills))),
        flags=tuple(dict.fromkeys((*handoff.flags, *raised.flags))),
        reasons=(*handoff.reasons, *(reason for reason in raised.reasons if reason["code"] not in codes)),
        terms=replace(handoff.terms, gates=(*handoff.terms.gates, *gates)) if gates else handoff.terms,
    )


def stricter(one: c.Raised, other: c.Raised) -> c.Raised:
    """What two readings of the same content ask for together."""
    gates, codes = {gate.id for gate in one.gates}, {reason["code"] for reason in one.reasons}
    return c.Raised(
        risk_tier=max(one.risk_tier, other.risk_tier, key=RISK_TIERS.index),
        approvals_needed=max(one.approvals_needed, other.approvals_needed),
        reviewer_level=max(one.reviewer_level, other.reviewer_level),
        skills=tuple(dict.fromkeys((*one.skills, *other.skills))),
        gates=(*one.gates, *(gate for gate in other.gates if gate.id not in gates)),
        flags=tuple(dict.fromkeys((*one.flags, *other.flags))),
        reasons=(*one.reasons, *(reason for reason in other.reasons if reason["code"] not in codes)),
    )


RISES: Final = ("risk_tier", "approvals_needed", "reviewer_level", "skills", "flags")


def raised_by(before: Handoff, after: Handoff) -> dict[str, Any]:
    """What a change raised, for its event."""
    changes = [
        {"field": name, "before": getattr(before, name), "after": getattr(after, name)}
        for name in RISES
        if getattr(before, name) != getattr(after, name)
    ]
    return {"changes": changes} if changes else {}


def risen_by_edit(handoff: Handoff, raised: c.Raised | None) -> Handoff:
    """The case with what an edit of its output asks for. Checks that it brings are answered by a second person."""
    after = risen(handoff, raised)
    more = after.terms.gates != handoff.terms.gates
    return replace(after, approvals_needed=max(2, after.approvals_needed)) if more else after


def not_this_edit(handoff: Handoff, raised: c.Raised | None, actor: Actor, now_ms: int) -> Refused | None:
    """Why this person may not make an edit that the rules give to others, opened so (R-GATE-18, R-ROLE-06)."""
    refused = None if raised is None else not_this_person(risen_by_edit(handoff, raised), "modify", actor, now_ms)
    if refused is None:
        return None
    return replace(refused, detail=f"So edited it is not yours to decide. {refused.detail}", field="/edited_output")
