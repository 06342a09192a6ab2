"""After the answer: taken back unseen, settled, acted upon, or taken back when the workflow may know already."""

from dataclasses import replace

from companion.core import commands as c
from companion.core.events import event
from companion.core.handoff import SYSTEM, Handoff, State, moved
from companion.core.result import Accepted, Refused, Timer
from companion.core.rules import clocks
from companion.core.rules.people import not_this_person
from companion.core.rules.reasons import unknown_reason, without_words
from companion.core.rules.versions import with_package
from companion.core.times import iso

NOT_SETTLING = Timer("settle", None)


def undo(handoff: Handoff, command: c.Undo, now_ms: int) -> Accepted | Refused:
    """One's own answer, within its window: the case waits for people again as it did before."""
    decision = handoff.decision
    assert decision is not None, "the table lets only an outcome be undone"
    if handoff.undo_until_ms is None or now_ms >= handoff.undo_until_ms:
        return Refused("undo_over", "The time to undo this is over; the workflow may know already.")
    if decision.by_id != command.actor.id:
        return Refused("not_your_decision", f"Only {decision.by_name} can undo this.")
    if (refused := not_this_person(handoff, "undo", command.actor, now_ms)) is not None:
        return refused
    edited = decision.package_digest != handoff.package_digest
    assert edited is (command.package is not None), "an edit is undone by what was shown before it, nothing else is"
    before = handoff if command.package is None else with_package(handoff, command.package)
    after = moved(before_decision(before))
    happened = event(
        command.event_id,
        "handoff.undone",
        after,
        command.actor,
        now_ms,
        to_actor=f"reviewers of {handoff.workflow_id}",
        details={
            "undone": decision.event_id,
            "action": decision.decision_action,
            **({"parent_digest": handoff.package_digest} if edited else {}),
        },
    )
    return Accepted(after, (happened,), (NOT_SETTLING, *clocks.timers_on_opening(after)), command.package)


def before_decision(handoff: Handoff) -> Handoff:
    """The case without its decision, and without the checklist that was part of it; package and version stay."""
    decision = handoff.decision
    assert decision is not None, "what was not decided is as it was before"
    with_it = {(by_id, decision.at_ms) for by_id in (decision.by_id, SYSTEM.id)}
    return replace(
        handoff,
        state=State.PENDING if handoff.first_review is None else State.AWAITING_SECOND_REVIEW,
        decision=None,
        undo_until_ms=None,
        gate_results=tuple(each for each in handoff.gate_results if (each.by_id, each.at_ms) not in with_it),
    )


def settle(handoff: Handoff, command: c.Settle, now_ms: int) -> Accepted | Refused:
    """The window is over. A version of its own: an undo that was decided on before this cannot be committed after."""
    if handoff.undo_until_ms is None:
        return Refused("nothing_to_settle", "This outcome stands already.")
    if now_ms < handoff.undo_until_ms:
        return Refused("not_due", "The time to undo this is not over.")
    after = moved(handoff, undo_until_ms=None)
    happened = event(
        command.event_id,
        "handoff.settled",
        after,
        SYSTEM,
        now_ms,
        to_actor=f"workflow {handoff.workflow_id}",
    )
    return Accepted(after, (happened,), (NOT_SETTLING,), settles=True)


def execute(handoff: Handoff, command: c.Execute, now_ms: int) -> Accepted | Refused:
    """The last look before something is done that cannot be undone: only what was approved, byte for byte."""
    decision = handoff.decision
    assert decision is not None, "the table lets only an approval be executed"
    if handoff.undo_until_ms is not None:
        until = iso(handoff.undo_until_ms)
        return Refused("not_approved", f"The approval can still be taken back, until {until}.")
    if command.output_digest != decision.final_output_digest:
        return Refused("output_changed", "This is not the output that was approved; nothing may be done with it.")
    if handoff.executed_at_ms is not None:
        since = iso(handoff.executed_at_ms)
        words = f"This was confirmed at {since} already. See whether it was done; to do it again, ask a person again."
        return Refused("executed_already", words)
    # A version of its own: of two that ask at the same moment one is refused.
    after = moved(handoff, executed_at_ms=now_ms)
    happened = event(
        command.event_id,
        "handoff.executed",
        after,
        command.actor,
        now_ms,
        to_actor=command.actor.name,
        details={"output_digest": command.output_digest, "decision": decision.event_id},
    )
    return Accepted(after, (happened,))


def roll_back(handoff: Handoff, command: c.RollBack, now_ms: int) -> Accepted | Refused:
    """An approval no longer holds, whether or not the workflow knows of it."""
    if (refused := not_this_person(handoff, "roll_back", command.actor, now_ms)) is not None:
        return refused
    if handoff.undo_until_ms is not None:
        if now_ms < handoff.undo_until_ms:
            return Refused("undo_instead", "Nobody was told of this yet: undo it instead.")
        # The group waits for this one to settle, and a case that was rolled back before would never.
        return Refused("busy", "The workflow is being told of this now; try again in a moment.")
    if (unknown := unknown_reason(handoff.terms, command.reason_code)) is not None:
        return unknown
    if (wordless := without_words(command.rationale)) is not None:
        return wordless
    after = moved(handoff, state=State.ROLLED_BACK)
    happened = event(
        command.event_id,
        "handoff.rolled_back",
        after,
        command.actor,
        now_ms,
        decision_action="rollback",
        reason_code=command.reason_code,
        justification=command.rationale,
    )
    return Accepted(after, (happened,))
