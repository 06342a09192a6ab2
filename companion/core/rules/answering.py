"""A person answers: approve, reject, or approve an edited output. The only way in which an output goes on."""

from dataclasses import replace
from typing import Any, Final

from companion.core import commands as c
from companion.core.canonical import canonical_bytes
from companion.core.events import event
from companion.core.handoff import Decision, Disagreement, FirstReview, Handoff, State, moved
from companion.core.package import Package, digest_of
from companion.core.result import Accepted, Refused, Timer
from companion.core.rules import clocks
from companion.core.rules.checking import blocked, checked, told
from companion.core.rules.people import known_with, not_this_person
from companion.core.rules.reasons import unknown_reason, without_words
from companion.core.rules.rising import not_this_edit, raised_by, risen_by_edit
from companion.core.rules.two_reviews import first_given, one_is_enough, without_the_second
from companion.core.rules.versions import not_shown, with_package

STATES: Final = {"approve": State.APPROVED, "modify": State.MODIFIED, "reject": State.REJECTED}


def decide(handoff: Handoff, command: c.Decide, now_ms: int) -> Accepted | Refused:
    """Deadline, person, version, policy, reason, checks; then one of two approvals, a disagreement, or the outcome."""
    if (refused := not_this_person(handoff, command.action, command.actor, now_ms)) is not None:
        return refused
    unfit = (
        _unconfirmed(command)
        or not_shown(handoff, command.expected_version, command.package_digest)
        or _unreasoned(handoff, command)
        or _unproven(handoff, command)
        or _badly_edited(handoff, command)
        or not_this_edit(handoff, command.raised, command.actor, now_ms)
        or _filled_anew(handoff, command)
    )
    if unfit is not None:
        return unfit
    checks = checked(handoff, command, now_ms)
    if isinstance(checks, Refused):
        return checks
    if command.action != "reject" and (refused := blocked(checks)) is not None:
        return refused
    if command.edit is not None and command.edit.unchanged:
        return Refused("edited_output_unchanged", "Nothing was changed: approve it instead.", "/edited_output")
    shown_digest, package = handoff.package_digest, None
    details = _details(handoff, command)
    if checks.new:
        details["gate_results"] = told(checks.new)
    after = replace(handoff, gate_results=checks.kept(handoff)) if checks.new else handoff
    if command.edit is not None:
        package = command.edit.package
        after = with_package(after, package, command.actor.id)
        details |= {"parent_digest": shown_digest, "changes": command.edit.changes}
    if handoff.first_review is not None and command.action == "reject":
        return _disagreement(after, handoff.first_review, command, now_ms, details)
    # What a third settles alone is what two others looked at; nobody but them saw an edit.
    asked = risen_by_edit(handoff, command.raised)
    alone = one_is_enough(asked) and not (command.action == "modify" and asked.approvals_needed > 1)
    if command.action != "reject" and handoff.first_review is None and not alone:
        after = risen_by_edit(after, command.raised)
        return _first_of_two(handoff, after, package, command, now_ms, details)
    return _outcome(handoff, after, package, command, now_ms, details)


def _details(handoff: Handoff, command: c.Decide) -> dict[str, Any]:
    """What the record of a decision holds beside who, when and why."""
    filled = _filled(handoff, command)
    said: dict[str, Any] = {
        "evidence": [dict(entry) for entry in command.evidence],
        "response_digest": None if filled.response is None else digest_of(canonical_bytes(filled.response)),
        "corrections": [dict(entry) for entry in filled.corrections],
        "marks_of_edit": list(command.edit_marks),
        "mark": command.mark,
        "urgency": command.urgency,
        "sla_feasible": command.sla_feasible,
        "batch_id": command.batch_id,
    }
    return {name: value for name, value in said.items() if value not in (None, [])}


def _outcome(
    handoff: Handoff,
    edited: Handoff,
    package: Package | None,
    command: c.Decide,
    now_ms: int,
    details: dict[str, Any],
) -> Accepted:
    """The answer stands; with an undo window nobody outside is told before it has run out (R-ACT-11)."""
    # Approving what a person edited is not approving what the model wrote, whatever happened to the case in between.
    action = "modify" if command.action == "approve" and handoff.edited_by is not None else command.action
    filled = _filled(handoff, command)
    decision = Decision(
        event_id=command.event_id,
        action=action,
        cause=None,
        by_kind=command.actor.kind,
        by_id=command.actor.id,
        by_name=command.actor.name,
        by_email=command.actor.email,
        at_ms=now_ms,
        reason_code=command.reason_code,
        rationale=command.rationale,
        package_digest=handoff.package_digest,
        view_digest=command.view_digest,
        final_output_digest=None if action == "reject" else edited.current_output_digest,
        response=filled.response,
        corrections=filled.corrections,
        mark=command.mark,
        urgency=command.urgency,
        sla_feasible=command.sla_feasible,
        batch_id=command.batch_id,
    )
    window_ms = handoff.terms.undo_window_s * 1000
    after = moved(
        clocks.resumed(edited, now_ms),
        state=STATES[action],
        decision=decision,
        claim=None,
        undo_until_ms=now_ms + window_ms if window_ms else None,
    )
    happened = event(
        command.event_id,
        "handoff.decided",
        after,
        command.actor,
        now_ms,
        decision_action=decision.decision_action,
        reason_code=command.reason_code,
        justification=command.rationale,
        view_digest=command.view_digest,
        to_actor=f"workflow {handoff.workflow_id}",
        details={
            "shown_package_digest": handoff.package_digest,
            "final_output_digest": decision.final_output_digest,
            "conditions": list(handoff.conditions),
            **details,
        },
    )
    timers = clocks.timers_off(handoff)
    if window_ms:
        return Accepted(after, (happened,), (*timers, Timer("settle", after.undo_until_ms)), package)
    return Accepted(after, (happened,), timers, package, settles=True)


def _filled(handoff: Handoff, command: c.Decide) -> c.Decide | FirstReview:
    """Who filled in the form: the first of two, for the second agrees to that, as does a third after a disagreement."""
    first = first_given(handoff)
    return command if command.action != "approve" or first is None else first


def _first_of_two(
    before: Handoff,
    edited: Handoff,
    package: Package | None,
    command: c.Decide,
    now_ms: int,
    details: dict[str, Any],
) -> Accepted:
    """One of two approvals: nothing goes on yet, and approved stays null."""
    review = FirstReview(
        command.actor.id,
        command.actor.name,
        now_ms,
        "modify" if command.edit else "approve",
        command.reason_code,
        command.rationale,
        command.response,
        command.corrections,
    )
    after = moved(
        clocks.resumed(edited, now_ms),
        state=State.AWAITING_SECOND_REVIEW,
        first_review=review,
        gate_results=without_the_second(edited),
        claim=None,
        mailboxes=known_with(before, command.actor),
    )
    happened = event(
        command.event_id,
        "handoff.first_approval",
        after,
        command.actor,
        now_ms,
        reason_code=command.reason_code,
        justification=command.rationale,
        view_digest=command.view_digest,
        to_actor="a second reviewer",
        details={**details, **({"raised": raised["changes"]} if (raised := raised_by(before, after)) else {})},
    )
    return Accepted(after, (happened,), (clocks.NO_LEASE, *clocks.timers_on_move(before, after)), package)


def _disagreement(
    handoff: Handoff, first: FirstReview, command: c.Decide, now_ms: int, details: dict[str, Any]
) -> Accepted:
    """The second says no to what the first approved: a third person, one level up, settles it alone (R-GATE-15)."""
    between = Disagreement(
        first.by_id, first.action, command.actor.id, command.action, now_ms, handoff.package_digest, first
    )
    to = clocks.handed_to(
        handoff,
        clocks.one_up(handoff),
        None,
        now_ms,
        command.actor,
        state=State.PENDING,
        first_review=None,
        claim=None,
        disagreements=(*handoff.disagreements, between),
    )
    after = to.after
    happened = event(
        command.event_id,
        "handoff.disagreement",
        after,
        command.actor,
        now_ms,
        decision_action="reject",
        reason_code=command.reason_code,
        justification=command.rationale,
        view_digest=command.view_digest,
        to_actor=to.words,
        details={"first": {"by": first.by_id, "action": first.action}, **details},
    )
    return Accepted(after, (happened,), (clocks.NO_LEASE, *clocks.timers_on_move(handoff, after)))


def _unconfirmed(command: c.Decide) -> Refused | None:
    if command.actor.assurance == "link" and not command.deliberate:
        return Refused(
            "confirmation_required", "Deciding from a personal link needs the word shown on the page.", "/confirm_word"
        )
    return None


def _unreasoned(handoff: Handoff, command: c.Decide) -> Refused | None:
    """An override needs a reason code and a sentence (R-ACT-09, R-UI-14, X-07)."""
    if (unknown := unknown_reason(handoff.terms, command.reason_code)) is not None:
        return unknown
    if command.action not in handoff.terms.actions_needing_reason:
        return None
    if command.reason_code is None:
        return Refused("reason_code_required", "Say why with a reason code.", "/reason_code")
    return without_words(command.rationale)


def _unproven(handoff: Handoff, command: c.Decide) -> Refused | None:
    """What must be attached to overrule the model is a setting of the policy (R-ROLE-10)."""
    if command.action == "approve" or not handoff.terms.evidence_required or command.evidence:
        return None
    return Refused(
        "evidence_required", "Attach what shows that the model is wrong: a title, and text or link.", "/evidence"
    )


def _badly_edited(handoff: Handoff, command: c.Decide) -> Refused | None:
    if command.action != "modify":
        if command.edit is not None:
            return Refused(
                "edited_output_unexpected", "An edited output goes with the action modify only.", "/edited_output"
            )
        return None
    if command.edit is None:
        return Refused("edited_output_required", "Send the whole edited output.", "/edited_output")
    if command.refused_by_edit_check is not None:
        return Refused("edit_refused_by_policy", command.refused_by_edit_check, "/edited_output")
    return None


def _filled_anew(handoff: Handoff, command: c.Decide) -> Refused | None:
    """Who approves after somebody else agrees to the first's answers, as to an edit: nobody else would see new ones.

    An edit of a third is the first of two anew, with answers of its own.
    """
    first = first_given(handoff)
    if first is None or command.action != "approve" or not command.response:
        return None
    if canonical_bytes(dict(command.response)) == canonical_bytes(dict(first.response or {})):
        return None
    return NOT_FILLED_ANEW


NOT_FILLED_ANEW: Final = Refused(
    "response_differs",
    "The first reviewer's answers stand: approve without any, or reject them, and a third person settles it.",
    "/response",
)
