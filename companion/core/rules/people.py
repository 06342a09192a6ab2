"""Whether somebody may act on a case at all: duty, assurance, training, and four eyes where there must be four."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from companion.core.duties import EMERGENCY_LEVEL, Duty, fit
from companion.core.handoff import ASSURANCE_ORDER, Actor, Handoff
from companion.core.mailboxes import mailbox, mailboxes_in, names_in, words_in
from companion.core.policy.presets import ASSURANCE_BY_RISK_TIER
from companion.core.result import Refused
from companion.core.terms import Assurance
from companion.core.times import iso

ANSWERS: Final = ("approve", "reject", "modify")
DUTY_OF: Final[dict[str, Duty]] = {
    "approve": "decide", "reject": "decide", "modify": "decide", "escalate": "escalate", "ask": "ask",
    "annotate": "annotate", "roll_back": "roll_back", "claim": "claim", "acknowledge": "claim", "verify": "verify",
    "triage": "triage", "assign": "assign", "undo": "undo", "disclose": "disclose",
    "answer": "answer",
}  # fmt: skip
"""What people do -> the duty that it belongs to."""

OF_POLICY: Final = frozenset({*ANSWERS, "escalate", "ask", "roll_back"})
"""Acts that the policy of a workflow offers or leaves out."""

LIMITABLE: Final = frozenset({*OF_POLICY, "annotate"})
"""Acts that a policy can take from a role; others belong to the duty itself."""

EXCLUSIVE: Final = frozenset({*ANSWERS, "claim", "verify", "triage", "escalate", "ask"})
"""Acts that wait while somebody else holds the case."""

JUDGING: Final = frozenset({*ANSWERS, "verify"})
NOT_OF_ONES_OWN: Final = frozenset({"approve", "modify", "verify", "claim", "triage"})
"""What nobody does to a case that they asked for. Rejecting lets nothing through, whoever does it."""
TIMED: Final = frozenset({*JUDGING, "triage", "ask", "answer"})
HIGH_RISK: Final = frozenset({"high", "critical"})


def need(handoff: Handoff, action: str) -> Assurance:
    """How surely somebody must be known for an act on this case: by its policy, else by its risk (design section 7).

    Undoing is signed in whatever the risk: not by a link, which may be in other hands. Nor by a passkey: it only holds
    back, and whoever sees a slip has seconds. An edit approves what it makes of the output, be it one more space.
    """
    if action == "modify":
        return max(_need(handoff, "approve"), _need(handoff, "modify"), key=ASSURANCE_ORDER.index)
    return _need(handoff, action)


def _need(handoff: Handoff, action: str) -> Assurance:
    undoing: Assurance | None = "signed_in" if action == "undo" else None
    return handoff.terms.assurance.get(action) or undoing or ASSURANCE_BY_RISK_TIER[handoff.risk_tier]


def is_requester(handoff: Handoff, actor: Actor) -> bool:
    """Whether this person asked for the case: their id or mail address stands anywhere in it, however written.

    A name counts only where no address stands beside it: senders write what they like in front of theirs (R-ROLE-06).
    """
    asked = handoff.requester or ""
    addresses = mailboxes_in(asked)
    words = words_in(asked)
    if not addresses.isdisjoint(actor.mailboxes) or not words_in(actor.id).isdisjoint(words):
        return True
    if any(same_person(handoff, by_id, actor) for by_id in handoff.mailboxes if by_id in words):
        # Under the id that they had before they were removed and added again.
        return True
    return not addresses and not names_in(actor.name).isdisjoint(names_in(asked))


def same_person(handoff: Handoff, by_id: str | None, actor: Actor) -> bool:
    """Whether whoever is noted under this id is this person, who may have two accounts (R-ROLE-07)."""
    if by_id is None:
        return False
    return by_id == actor.id or handoff.mailboxes.get(by_id) in actor.mailboxes


def known_with(handoff: Handoff, actor: Actor) -> Mapping[str, str]:
    """The mailboxes of those who are noted in the record, this person's among them."""
    its = mailbox(actor.email) if actor.kind == "human" else None
    return handoff.mailboxes if its is None else {**handoff.mailboxes, actor.id: its}


def not_this_person(handoff: Handoff, action: str, actor: Actor, now_ms: int) -> Refused | None:
    """Why this person may not do this to this case now, whatever they would send; None where they may."""
    return (
        _late(handoff, action, now_ms)
        or _no_duty(handoff, action, actor)
        or _own_emergency(handoff, action, actor)
        or (held_by_other(handoff, actor, now_ms) if action in EXCLUSIVE else None)
        or _own_case(handoff, action, actor)
        or _untrained(handoff, action, actor)
        or _same_eyes(handoff, action, actor)
        or _unsorted(handoff, action)
        or _triager(handoff, action, actor)
        or _unsure(handoff, action, actor)
        or _not_offered(handoff, action, actor)
    )


def _late(handoff: Handoff, action: str, now_ms: int) -> Refused | None:
    """The timer may be late, the deadline is not: past it nobody approves, whoever runs first (R-STORE-15)."""
    if action in TIMED and now_ms >= handoff.expires_at_ms:
        return Refused(
            "expired", "The time to decide this is over. Ask for the case to be opened again if it still matters."
        )
    return None


def without_duty(handoff: Handoff, duty: Duty, actor: Actor) -> Refused | None:
    """For acts that automations do too, with a scope: a person needs the duty."""
    if actor.kind != "human" or fit(actor.roles, duty, handoff):
        return None
    return Refused("role_missing", "This is not among the duties of your role.")


def _no_duty(handoff: Handoff, action: str, actor: Actor) -> Refused | None:
    if actor.kind != "human":
        return Refused(
            "automation_cannot_decide", "An API key belongs to an automation; deciding needs a person's credential."
        )
    its = fit(actor.roles, DUTY_OF[action], handoff)
    if not its:
        return Refused("role_missing", "This is not among the duties of your role.")
    limits = handoff.terms.actions_by_role
    acts = {"approve", "modify"} if action == "modify" else {action}
    if action in LIMITABLE and limits and not any(acts.issubset(limits.get(role, acts)) for role in its):
        # A forged button gives nothing that the policy leaves out for this role (R-ACT-10).
        return Refused("action_not_permitted", "The policy of this workflow does not leave this to your role.")
    return None


def _own_emergency(handoff: Handoff, action: str, actor: Actor) -> Refused | None:
    """Whoever may judge in emergencies only has not called this one (R-ROLE-02)."""
    if action not in JUDGING or not same_person(handoff, handoff.emergency_by, actor):
        return None
    calm = replace(handoff, reviewer_level=EMERGENCY_LEVEL - 1)
    if fit(actor.roles, DUTY_OF[action], calm):
        return None
    return Refused("role_missing", "You raised this to an emergency; somebody else decides it.")


def held_by_other(handoff: Handoff, actor: Actor, now_ms: int) -> Refused | None:
    """Somebody else works on it: who, and until when."""
    held = handoff.holder(now_ms)
    if held is None or held.by_id == actor.id:
        return None
    return Refused("claimed_by_other", f"{held.by_name} is working on this until {iso(held.until_ms)}.")


def _own_case(handoff: Handoff, action: str, actor: Actor) -> Refused | None:
    return own_case(handoff, actor) if action in NOT_OF_ONES_OWN else None


def own_case(handoff: Handoff, actor: Actor) -> Refused | None:
    """Why somebody lets nothing through that they asked for themselves (R-ROLE-06)."""
    if not is_requester(handoff, actor):
        return None
    return Refused("self_approval", "You asked for this, so somebody else sorts and approves it; you may reject it.")


def _untrained(handoff: Handoff, action: str, actor: Actor) -> Refused | None:
    """Specialists take and decide only what they are trained for (R-ROUTE-34, R-GATE-18)."""
    return untrained(handoff, actor) if action in (*JUDGING, "claim") else None


def untrained(handoff: Handoff, actor: Actor) -> Refused | None:
    """What somebody is told who is not trained for a queue, or whose qualification ran out (R-ROLE-15, R-GATE-18)."""
    missing = [skill for skill in handoff.skills if skill not in actor.skills]
    if not missing:
        return None
    words = ", ".join(skill.replace("_", " ") for skill in missing)
    return Refused("skill_missing", f"This queue needs a reviewer trained for: {words}.")


def _same_eyes(handoff: Handoff, action: str, actor: Actor) -> Refused | None:
    """Two reviews come from two people, and a disagreement of two is settled by a third (R-ROLE-07, R-GATE-15)."""
    first = handoff.first_review
    if action in JUDGING and first is not None and same_person(handoff, first.by_id, actor):
        return Refused(
            "second_reviewer_must_differ", "You gave the first of two approvals; a different person gives the second."
        )
    again = first is not None and any(same_person(handoff, by, actor) for by in handoff.failed_as_second)
    if again and action in JUDGING and action != "reject":
        return Refused(
            "already_reviewed",
            "You failed a check of this as the second reviewer; somebody else gives the second review.",
        )
    both = {by for each in handoff.disagreements for by in (each.first_by_id, each.second_by_id)}
    if action in ANSWERS and any(same_person(handoff, by, actor) for by in both):
        return Refused("already_reviewed", "You and another person answered this differently; a third settles it.")
    return None


def _unsorted(handoff: Handoff, action: str) -> Refused | None:
    if handoff.stage == "triage" and action in JUDGING:
        return Refused("triage_first", "A triager sorts this case first; then it can be decided.")
    return None


def _triager(handoff: Handoff, action: str, actor: Actor) -> Refused | None:
    """Triage and approval of one high-risk case are never one person's (R-ROLE-06), nor fewer checks and approval."""
    if action not in ("approve", "modify"):
        return None
    if handoff.risk_tier in HIGH_RISK and any(same_person(handoff, by, actor) for by in handoff.triaged_by):
        return Refused("triager_cannot_approve", "You sorted this high-risk case; somebody else approves it.")
    if any(same_person(handoff, by, actor) for by in handoff.eased_by):
        return Refused(
            "triager_cannot_approve", "You sorted this into a queue that asks for less; somebody else approves it."
        )
    return None


def _unsure(handoff: Handoff, action: str, actor: Actor) -> Refused | None:
    """Is the person known surely enough for this?"""
    needed = need(handoff, action)
    have = ASSURANCE_ORDER.index(actor.assurance)
    if have >= ASSURANCE_ORDER.index(needed):
        return None
    if needed == "step_up" and have >= ASSURANCE_ORDER.index("signed_in"):
        return Refused("step_up_required", "This needs to be confirmed with your passkey, for this very answer.")
    return Refused("assurance_too_low", "This case needs you to be signed in. Sign in on this browser first.")


def _not_offered(handoff: Handoff, action: str, actor: Actor) -> Refused | None:
    roles = handoff.terms.override_roles
    if action in ("reject", "modify") and roles and not actor.roles & set(roles):
        # Who can overrule the model is a setting of the policy (R-ROLE-10).
        return Refused("override_not_permitted", f"Overruling the model needs here: {' or '.join(roles)}.", "/action")
    if action == "modify" and not handoff.allow_edit:
        return Refused(
            "action_not_permitted", "The workflow does not take edits here: approve or reject it as it is.", "/action"
        )
    if action in OF_POLICY and action not in handoff.terms.actions:
        # A forged button gives nothing that the policy leaves out (R-ACT-10).
        return Refused("action_not_permitted", "The policy of this workflow does not offer this.", "/action")
    return None
