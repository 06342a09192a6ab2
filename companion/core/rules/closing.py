"""A case ends without an answer: its time is over, or its workflow needs none any more. Nothing here approves (R7)."""

from typing import Literal

from companion.core import commands as c
from companion.core.events import event
from companion.core.handoff import SYSTEM, Actor, Decision, Handoff, State, moved
from companion.core.result import Accepted, Refused
from companion.core.rules import clocks
from companion.core.rules.passing_on import asked_by_the_companion
from companion.core.rules.people import is_requester, without_duty


def expire(handoff: Handoff, command: c.Expire, now_ms: int) -> Accepted | Refused:
    """The deadline is over: no decision, or the rejection that is configured."""
    if now_ms < handoff.expires_at_ms:
        return Refused("not_due", "The time to decide this is not over.")
    rejects = handoff.safe_verdict == "reject"
    after = closed(
        handoff,
        State.REJECTED if rejects else State.EXPIRED,
        command.event_id,
        "expired",
        SYSTEM,
        now_ms,
        action="reject" if rejects else None,
        rationale="Nobody decided in time.",
    )
    happened = event(
        command.event_id,
        "handoff.expired",
        after,
        SYSTEM,
        now_ms,
        decision_action="reject" if rejects else None,
        justification="Nobody decided in time.",
        to_actor=f"workflow {handoff.workflow_id}",
    )
    return Accepted(after, (happened,), clocks.timers_off(handoff), settles=True)


def withdraw(handoff: Handoff, command: c.Withdraw, now_ms: int) -> Accepted | Refused:
    """The workflow no longer needs an answer."""
    refused = without_duty(handoff, "withdraw", command.actor) or asked_by_the_companion(handoff, command.actor)
    if refused is not None:
        return refused
    if handoff.subject is not None and is_requester(handoff, command.actor):
        # The second look at a decision is asked for in the name of whoever gave it.
        return Refused("not_yours_to_change", "This looks at what you did; somebody else withdraws it.")
    after = closed(
        handoff, State.WITHDRAWN, command.event_id, "withdrawn", command.actor, now_ms, rationale=command.reason
    )
    happened = event(
        command.event_id,
        "handoff.withdrawn",
        after,
        command.actor,
        now_ms,
        justification=command.reason,
        to_actor=f"workflow {handoff.workflow_id}",
    )
    return Accepted(after, (happened,), clocks.timers_off(handoff), settles=True)


def closed(
    handoff: Handoff,
    state: State,
    event_id: str,
    cause: Literal["expired", "withdrawn", "stopped"],
    actor: Actor,
    now_ms: int,
    *,
    action: Literal["reject"] | None = None,
    rationale: str | None = None,
) -> Handoff:
    """The handoff closed by time, by a rule or by its workflow."""
    decision = Decision(
        event_id=event_id,
        action=action,
        cause=cause,
        by_kind=actor.kind,
        by_id=actor.id,
        by_name=actor.name,
        by_email=actor.email,
        at_ms=now_ms,
        reason_code=None,
        rationale=rationale,
        package_digest=handoff.package_digest,
        view_digest=None,
        final_output_digest=None,
    )
    return moved(clocks.resumed(handoff, now_ms), state=state, decision=decision, claim=None)
