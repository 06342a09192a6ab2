"""Somebody looks at a case, takes it, gives it back, is given it, leaves a note, or is shown what was hidden."""

from dataclasses import replace
from typing import Final

from companion.core import commands as c
from companion.core.events import event
from companion.core.handoff import CLAIM_LEASE_MS, Assignee, Claim, Handoff, State, moved
from companion.core.result import Accepted, Refused, Timer
from companion.core.rules import clocks
from companion.core.rules.people import held_by_other, not_this_person

MOST_NOTES: Final = 200
"""On one case: everybody who looks at it reads them all, again and again."""


def acknowledge(handoff: Handoff, command: c.Acknowledge, now_ms: int) -> Accepted | Refused:
    """The first opening by somebody who may work on it; later ones change nothing and leave no event."""
    if (refused := not_this_person(handoff, "acknowledge", command.actor, now_ms)) is not None:
        return refused
    if handoff.acknowledged_at_ms is not None:
        return Accepted(handoff, ())
    after = replace(handoff, acknowledged_at_ms=now_ms)
    return Accepted(after, (event(command.event_id, "handoff.acknowledged", after, command.actor, now_ms),))


def claim(handoff: Handoff, command: c.Claim, now_ms: int) -> Accepted | Refused:
    """A lease of 15 minutes; others see who."""
    if (refused := not_this_person(handoff, "claim", command.actor, now_ms)) is not None:
        return refused
    lease = Claim(command.actor.id, command.actor.name, now_ms + CLAIM_LEASE_MS)
    seen_ms = now_ms if handoff.acknowledged_at_ms is None else handoff.acknowledged_at_ms
    after = moved(handoff, state=State.CLAIMED, claim=lease, acknowledged_at_ms=seen_ms)
    happened = event(command.event_id, "handoff.claimed", after, command.actor, now_ms, to_actor=command.actor.id)
    return Accepted(after, (happened,), (Timer("release", lease.until_ms),))


def release(handoff: Handoff, command: c.Release, now_ms: int) -> Accepted | Refused:
    """The holder gives it back, or the lease ran out."""
    if command.actor.kind == "system":
        if handoff.holder(now_ms) is not None:
            return Refused("claim_still_runs", "The claim has not run out.")
    elif (held := held_by_other(handoff, command.actor, now_ms)) is not None:
        return held
    after = moved(handoff, state=State.PENDING, claim=None)
    happened = event(command.event_id, "handoff.released", after, command.actor, now_ms)
    return Accepted(after, (happened,), (clocks.NO_LEASE,))


def assign(handoff: Handoff, command: c.Assign, now_ms: int) -> Accepted | Refused:
    """Somebody looks after the case from now on; what another person holds of it ends (R-STORE-16, R-ROLE-18)."""
    if command.actor.kind != "system":
        refused = not_this_person(handoff, "assign", command.actor, now_ms)
        if refused is not None:
            return refused
    assignee, state, lease = None, handoff.state, handoff.claim
    if command.to_id is not None:
        assignee = Assignee(command.to_id, command.to_name or command.to_id, now_ms)
        if state is State.CLAIMED and lease is not None and lease.by_id != command.to_id:
            state, lease = State.PENDING, None
    after = moved(handoff, assignee=assignee, state=state, claim=lease)
    happened = event(
        command.event_id,
        "handoff.assigned",
        after,
        command.actor,
        now_ms,
        justification=command.rationale,
        to_actor=assignee.name if assignee else f"reviewers of {handoff.workflow_id}",
        details={"from": handoff.assignee.id if handoff.assignee else None, "to": command.to_id},
    )
    return Accepted(after, (happened,), (clocks.NO_LEASE,) if lease is not handoff.claim else ())


def annotate(handoff: Handoff, command: c.Annotate, now_ms: int) -> Accepted | Refused:
    """A note touches neither version nor state (design section 5)."""
    if (refused := not_this_person(handoff, "annotate", command.actor, now_ms)) is not None:
        return refused
    if handoff.notes >= MOST_NOTES:
        return Refused("too_many_notes", f"This case has {MOST_NOTES} notes; decide it, or hand it on with a reason.")
    after = replace(handoff, notes=handoff.notes + 1)
    happened = event(command.event_id, "handoff.note", after, command.actor, now_ms, justification=command.text)
    return Accepted(after, (happened,))


def disclose(handoff: Handoff, command: c.Disclose, now_ms: int) -> Accepted | Refused:
    """The whole package goes to somebody who usually sees less of it, and the record says why (X-17)."""
    if (refused := not_this_person(handoff, "disclose", command.actor, now_ms)) is not None:
        return refused
    if not command.reason.strip():
        return Refused("rationale_required", "Say why you need to see all of it.", "/reason")
    happened = event(
        command.event_id,
        "handoff.disclosed",
        handoff,
        command.actor,
        now_ms,
        justification=command.reason,
        to_actor=command.actor.name,
        details={"hidden": [each.label for each in handoff.terms.redactions]},
    )
    return Accepted(handoff, (happened,))
