"""A case goes to somebody else: up a level, to whoever asked with a question, and back with the answer."""

from companion.core import commands as c
from companion.core.duties import EMERGENCY_LEVEL
from companion.core.events import event
from companion.core.handoff import SYSTEM, Actor, Handoff, State, moved
from companion.core.result import Accepted, Refused
from companion.core.rules import clocks
from companion.core.rules.people import not_this_person
from companion.core.rules.reasons import unknown_reason
from companion.core.rules.rising import raised_by, risen
from companion.core.rules.versions import stale, with_package
from companion.core.terms import EscalationTarget


def escalate(handoff: Handoff, command: c.Escalate, now_ms: int) -> Accepted | Refused:
    """Raise the reviewer level, or hand the case to a target of the policy, with everything known about it (R-ACT-05).

    Whoever could decide before still can, where they have the training that the new place asks for (design section 5).
    """
    if (refused := not_this_person(handoff, "escalate", command.actor, now_ms)) is not None:
        return refused
    if (unknown := unknown_reason(handoff.terms, command.reason_code)) is not None:
        return unknown
    target = _target(handoff, command.target)
    if isinstance(target, Refused):
        return target
    if target is None and handoff.reviewer_level >= EMERGENCY_LEVEL:
        return Refused("no_higher_level", "This case is at the highest level already.")
    to = clocks.handed_to(
        clocks.resumed(handoff, now_ms),
        clocks.one_up(handoff) if target is None else target.level,
        target,
        now_ms,
        command.actor,
        state=State.AWAITING_SECOND_REVIEW if handoff.state is State.AWAITING_SECOND_REVIEW else State.PENDING,
        claim=None,
    )
    after = to.after
    noted = {"target": command.target, "urgency": command.urgency, "sla_feasible": command.sla_feasible}
    happened = event(
        command.event_id,
        "handoff.escalated",
        after,
        command.actor,
        now_ms,
        decision_action="escalate",
        reason_code=command.reason_code,
        justification=command.rationale,
        to_actor=to.words,
        details={
            "from_level": handoff.reviewer_level,
            "to_level": after.reviewer_level,
            **{name: value for name, value in noted.items() if value is not None},
        },
    )
    return Accepted(after, (happened,), (clocks.NO_LEASE, *clocks.timers_on_move(handoff, after)))


def _target(handoff: Handoff, name: str | None) -> EscalationTarget | Refused | None:
    if name is None:
        return None
    found = next((each for each in handoff.terms.escalation_targets if each.id == name), None)
    if found is None:
        known = ", ".join(each.id for each in handoff.terms.escalation_targets) or "none"
        return Refused("unknown_escalation_target", f"The policy of this workflow names: {known}.", "/target")
    if found.level < handoff.reviewer_level:
        return Refused("lower_level", f"{found.title} is below where this case is; it only goes up.", "/target")
    return found


def move_up(handoff: Handoff, command: c.MoveUp, now_ms: int) -> Accepted | Refused:
    """Nobody decided by the time that this level has: the next one and its backup take over (R-STORE-16)."""
    due_ms = clocks.due_ms(handoff)
    if due_ms is None or now_ms < due_ms:
        return Refused("not_due", "The time of this level is not over.")
    if handoff.reviewer_level >= clocks.TOP_BY_TIME:
        return Refused("no_higher_level", "Above this there is only the emergency level; a person calls it.")
    if now_ms >= handoff.expires_at_ms:
        return Refused("expired", "The time to decide this is over.")
    level = clocks.one_up(handoff)
    to = clocks.handed_to(handoff, level, None, now_ms, SYSTEM)
    after = to.after
    happened = event(
        command.event_id,
        "handoff.overdue",
        after,
        SYSTEM,
        now_ms,
        justification="Nobody decided in the time that this level has.",
        to_actor=to.words,
        details={"from_level": handoff.reviewer_level, "to_level": level},
    )
    return Accepted(after, (happened,), (clocks.next_level(after),))


def ask(handoff: Handoff, command: c.Ask, now_ms: int) -> Accepted | Refused:
    """Hold the case with a question to whoever asked for it; the time to decide stands still meanwhile (R-ACT-08)."""
    if (refused := not_this_person(handoff, "ask", command.actor, now_ms)) is not None:
        return refused
    after = moved(handoff, state=State.AWAITING_INFORMATION, question_open=command.text, asked_at_ms=now_ms, claim=None)
    happened = event(
        command.event_id,
        "handoff.question",
        after,
        command.actor,
        now_ms,
        justification=command.text,
        to_actor=handoff.requester or "the workflow",
    )
    return Accepted(after, (happened,), (clocks.NO_LEASE, *clocks.timers_on_move(handoff, after)))


def answer(handoff: Handoff, command: c.Answer, now_ms: int) -> Accepted | Refused:
    """The case comes back as a new, linked package version. What its workflow changes is a revision."""
    if (refused := not_this_person(handoff, "answer", command.actor, now_ms)) is not None:
        return refused
    after = moved(with_package(clocks.resumed(handoff, now_ms), command.package), state=State.PENDING)
    happened = event(
        command.event_id,
        "handoff.answer",
        after,
        command.actor,
        now_ms,
        justification=command.text,
        to_actor=f"reviewers of {handoff.workflow_id}",
        details={"parent_digest": handoff.package_digest},
    )
    return Accepted(after, (happened,), clocks.timers_on_move(handoff, after), package=command.package)


def revise(handoff: Handoff, command: c.Revise, now_ms: int) -> Accepted | Refused:
    """The workflow replaces what is asked."""
    if (not_yours := asked_by_the_companion(handoff, command.actor)) is not None:
        return not_yours
    if (refused := stale(handoff, command.expected_version)) is not None:
        return refused
    after = moved(risen(with_package(handoff, command.package), command.raised))
    happened = event(
        command.event_id,
        "handoff.revised",
        after,
        command.actor,
        now_ms,
        details={"parent_digest": handoff.package_digest, **raised_by(handoff, after)},
    )
    return Accepted(after, (happened,), clocks.timers_on_move(handoff, after), package=command.package)


def asked_by_the_companion(handoff: Handoff, actor: Actor) -> Refused | None:
    """The review of a pause or of a sample judges the workflow; an automation neither rewrites nor withdraws it."""
    if handoff.subject is None or actor.kind != "automation":
        return None
    return Refused(
        "not_yours_to_change", "The companion asks this itself, to have a workflow looked at; no API key changes it."
    )
