"""The one place where a command changes a handoff. Pure: same handoff, command and time give the same answer.

Longer than 400 lines because all rules of a decision are read together: none may be overlooked beside another.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from companion.core import commands as c
from companion.core.events import event
from companion.core.handoff import (
    ASSURANCE_ORDER,
    CLAIM_LEASE_MS,
    SYSTEM,
    TRANSITIONS,
    UNDECIDED,
    Actor,
    Claim,
    Decision,
    FirstReview,
    Handoff,
    State,
    moved,
)
from companion.core.package import Package
from companion.core.policy.presets import ASSURANCE_BY_RISK_TIER
from companion.core.times import iso


@dataclass(frozen=True, slots=True)
class Timer:
    """Something to do at a time. `due_at_ms` None takes the timer off."""

    kind: str
    due_at_ms: int | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The command holds: what to write, all of it in one commit."""

    handoff: Handoff
    events: tuple[dict[str, Any], ...]
    timers: tuple[Timer, ...] = ()
    package: Package | None = None
    settles: bool = False
    """The handoff has an outcome now and had none before: its group counts down; the last one starts the callback."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The command does not hold, and nothing changes. `code` is stable; `detail` says how to mend it."""

    code: str
    detail: str
    field: str | None = None


MAX_REVIEWER_LEVEL: Final = 4
"""Level 4 is the emergency level; above it there is nobody to escalate to."""

PRIMARY_ACTIONS: Final = ("approve", "reject")
"""What stands on the page as a button of its own; the other ways to answer are folded below (R-UI-04, X-05)."""

ACTIONS_OFFERED: Final = ("approve", "reject", "modify", "escalate", "ask")
"""What a reviewer is offered on an undecided case, in the order of the page, as far as policy permits."""

CLOSING_TIMERS: Final = (Timer("expire", None), Timer("release", None))


def decide(handoff: Handoff | None, command: c.Command, now_ms: int) -> Accepted | Refused:
    """Apply `command` to `handoff` (None only for Open) at `now_ms`."""
    name = _name(command)
    if handoff is None:
        assert isinstance(command, c.Open), "only Open starts from nothing"
        return _open(command, now_ms)
    if handoff.state not in TRANSITIONS[name]:
        return _illegal(handoff, name)
    return _RULES[type(command)](handoff, command, now_ms)


def _name(command: c.Command) -> str:
    """The command's row in TRANSITIONS."""
    if isinstance(command, c.Decide):
        return command.action
    return "roll_back" if isinstance(command, c.RollBack) else type(command).__name__.lower()


def _illegal(handoff: Handoff, name: str) -> Refused:
    """A transition that the table does not have (R-STORE-14, R-ACT-11)."""
    if handoff.state in UNDECIDED:
        return Refused(
            "illegal_transition", f"A handoff that is {handoff.state.value} cannot {name.replace('_', ' ')}."
        )
    if name == "roll_back":
        return Refused("nothing_to_roll_back", "Only an approved handoff can be rolled back.")
    return Refused("already_decided", f"This handoff is {handoff.state.value} already; a decision is final.")


def _open(command: c.Open, now_ms: int) -> Accepted:
    handoff = command.handoff
    opened = event(
        command.event_id,
        "handoff.opened",
        handoff,
        command.actor,
        now_ms,
        justification=" ".join(reason["text"] for reason in handoff.reasons) or None,
        to_actor=f"reviewers of {handoff.workflow_id}" if command.stop is None else SYSTEM.name,
        details={"route": handoff.route, "lane": handoff.lane, "conditions": list(handoff.conditions)},
    )
    if command.stop is None:
        return Accepted(handoff, (opened,), (Timer("expire", handoff.expires_at_ms),), command.package)
    stop = command.stop
    after = _closed(handoff, State.STOPPED, stop.event_id, "stopped", SYSTEM, now_ms, rationale=stop.words)
    # Nobody has seen an earlier version.
    after = replace(after, version=1)
    stopped = event(
        stop.event_id,
        "handoff.stopped",
        after,
        SYSTEM,
        now_ms,
        justification=stop.words,
        to_actor=f"workflow {handoff.workflow_id}",
        details={"route": handoff.route, "lane": handoff.lane},
    )
    return Accepted(after, (opened, stopped), (), command.package, settles=True)


def _claim(handoff: Handoff, command: c.Claim, now_ms: int) -> Accepted | Refused:
    if (held := _held_by_other(handoff, command.actor, now_ms)) is not None:
        return held
    if (unsure := _too_unsure(handoff, command.actor)) is not None:
        return unsure
    claim = Claim(command.actor.id, command.actor.name, now_ms + CLAIM_LEASE_MS)
    after = moved(handoff, state=State.CLAIMED, claim=claim)
    happened = event(command.event_id, "handoff.claimed", after, command.actor, now_ms, to_actor=command.actor.id)
    return Accepted(after, (happened,), (Timer("release", claim.until_ms),))


def _release(handoff: Handoff, command: c.Release, now_ms: int) -> Accepted | Refused:
    if command.actor.kind == "system":
        if handoff.holder(now_ms) is not None:
            return Refused("claim_still_runs", "The claim has not run out.")
    elif (held := _held_by_other(handoff, command.actor, now_ms)) is not None:
        return held
    after = moved(handoff, state=State.PENDING, claim=None)
    happened = event(command.event_id, "handoff.released", after, command.actor, now_ms)
    return Accepted(after, (happened,), (Timer("release", None),))


def _decide(handoff: Handoff, command: c.Decide, now_ms: int) -> Accepted | Refused:
    for check in (_late, _right_person, _right_version, _permitted, _reasoned, _evidenced, _edited):
        if (refused := check(handoff, command, now_ms)) is not None:
            return refused
    shown_digest, final_digest = handoff.package_digest, handoff.current_output_digest
    after, details = handoff, {}
    if command.edit is not None:
        after, final_digest = with_package(handoff, command.edit.package), command.edit.package.output_digest
        details = {"parent_digest": shown_digest, "changes": command.edit.changes}
    package = command.edit.package if command.edit else None
    if command.action != "reject" and handoff.approvals_needed > 1 and handoff.first_review is None:
        return _first_of_two(after, package, command, now_ms, details)
    first = handoff.first_review
    action = "modify" if first and first.action == "modify" and command.action == "approve" else command.action
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
        package_digest=shown_digest,
        view_digest=command.view_digest,
        final_output_digest=None if action == "reject" else final_digest,
    )
    state = {"approve": State.APPROVED, "modify": State.MODIFIED, "reject": State.REJECTED}[action]
    after = moved(after, state=state, decision=decision, claim=None, question_open=None)
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
            "shown_package_digest": shown_digest,
            "final_output_digest": decision.final_output_digest,
            "conditions": list(handoff.conditions),
            **({"evidence": [dict(entry) for entry in command.evidence]} if command.evidence else {}),
            **details,
        },
    )
    return Accepted(after, (happened,), CLOSING_TIMERS, package, settles=True)


def _first_of_two(
    handoff: Handoff, package: Package | None, command: c.Decide, now_ms: int, details: dict[str, Any]
) -> Accepted:
    """One of two approvals: nothing goes on yet, and approved stays null."""
    review = FirstReview(
        command.actor.id,
        command.actor.name,
        now_ms,
        "modify" if command.edit else "approve",
        command.reason_code,
        command.rationale,
    )
    after = moved(handoff, state=State.AWAITING_SECOND_REVIEW, first_review=review, claim=None, question_open=None)
    happened = event(
        command.event_id,
        "handoff.first_approval",
        after,
        command.actor,
        now_ms,
        reason_code=command.reason_code,
        justification=command.rationale,
        view_digest=command.view_digest,
        details=details,
    )
    return Accepted(after, (happened,), (Timer("release", None),), package)


def _late(handoff: Handoff, command: c.Decide, now_ms: int) -> Refused | None:
    """The timer may be late, the deadline is not: past it nobody approves, whoever runs first (R-STORE-15)."""
    if now_ms >= handoff.expires_at_ms:
        return Refused(
            "expired", "The time to decide this is over. Ask for the case to be opened again if it still matters."
        )
    return None


def _right_person(handoff: Handoff, command: c.Decide, now_ms: int) -> Refused | None:
    if command.actor.kind != "human":
        return Refused(
            "automation_cannot_decide", "An API key belongs to an automation; deciding needs a person's credential."
        )
    if (held := _held_by_other(handoff, command.actor, now_ms)) is not None:
        return held
    if is_requester(handoff, command.actor):
        return Refused("self_approval", "Whoever asked for this cannot decide it; somebody else must.")
    if (untrained := _untrained(handoff, command.actor)) is not None:
        return untrained
    first = handoff.first_review
    if first is not None and first.by_id == command.actor.id:
        return Refused(
            "second_reviewer_must_differ", "You gave the first of two approvals; a different person gives the second."
        )
    return _too_unsure(handoff, command.actor, deliberate=command.deliberate)


def _untrained(handoff: Handoff, actor: Actor) -> Refused | None:
    """Specialists decide only what they are trained for (R-ROUTE-34)."""
    missing = [skill for skill in handoff.skills if skill not in actor.skills]
    if not missing:
        return None
    words = ", ".join(skill.replace("_", " ") for skill in missing)
    return Refused("skill_missing", f"This queue needs a reviewer trained for: {words}.")


def is_requester(handoff: Handoff, actor: Actor) -> bool:
    """Whether this person asked for the case, by id or by mail address, whatever its capitals (R-ROLE-06)."""
    asked = (handoff.requester or "").strip().casefold()
    return asked != "" and asked in (actor.id.casefold(), (actor.email or "").casefold())


def _too_unsure(handoff: Handoff, actor: Actor, deliberate: bool = True) -> Refused | None:
    """Is the actor known surely enough for this case (design section 7)?"""
    need = ASSURANCE_BY_RISK_TIER[handoff.risk_tier]
    if ASSURANCE_ORDER.index(actor.assurance) < ASSURANCE_ORDER.index(need):
        return Refused(
            "assurance_too_low",
            f"This case needs {need.replace('_', ' ')}; open your enrolment link in this browser first.",
        )
    if actor.assurance == "link" and not deliberate:
        return Refused(
            "confirmation_required", "Deciding from a personal link needs the word shown on the page.", "/confirm_word"
        )
    return None


def _right_version(handoff: Handoff, command: c.Decide, now_ms: int) -> Refused | None:
    if command.expected_version is not None and command.expected_version != handoff.version:
        return Refused("version_stale", f"This case moved on to version {handoff.version}; look at it again.")
    if command.package_digest != handoff.package_digest:
        return Refused(
            "package_digest_mismatch",
            "What you were shown is not what stands here now; load the case again.",
            "/package_digest",
        )
    return None


def _permitted(handoff: Handoff, command: c.Decide, now_ms: int) -> Refused | None:
    roles = handoff.terms.override_roles
    if command.action != "approve" and roles and not command.actor.roles & set(roles):
        # Who can overrule the model is a setting of the policy (R-ROLE-10).
        return Refused("override_not_permitted", f"Overruling the model needs here: {' or '.join(roles)}.", "/action")
    if command.action == "modify" and not handoff.allow_edit:
        return Refused(
            "action_not_permitted", "The workflow does not take edits here: approve or reject it as it is.", "/action"
        )
    return _not_offered(handoff, command.action)


def _not_offered(handoff: Handoff, action: str) -> Refused | None:
    """A forged button gives nothing that the policy leaves out (R-ACT-10)."""
    if action in handoff.terms.actions:
        return None
    return Refused("action_not_permitted", "The policy of this workflow does not offer this.", "/action")


def _reasoned(handoff: Handoff, command: c.Decide, now_ms: int) -> Refused | None:
    """An override needs a reason code and a sentence (R-ACT-09, R-UI-14, X-07)."""
    if command.reason_code is not None and (unknown := _unknown_reason(handoff, command.reason_code)) is not None:
        return unknown
    if command.action in handoff.terms.actions_needing_reason:
        if command.reason_code is None:
            return Refused("reason_code_required", "Say why with a reason code.", "/reason_code")
        if not (command.rationale or "").strip():
            return Refused("rationale_required", "Say why in a sentence.", "/rationale")
    return None


def _unknown_reason(handoff: Handoff, code: str) -> Refused | None:
    codes = handoff.terms.reason_codes
    return None if code in codes else Refused("unknown_reason_code", f"Use one of: {', '.join(codes)}.", "/reason_code")


def _evidenced(handoff: Handoff, command: c.Decide, now_ms: int) -> Refused | None:
    """What must be attached to overrule the model is a setting of the policy (R-ROLE-10)."""
    if command.action == "approve" or not handoff.terms.evidence_required or command.evidence:
        return None
    return Refused(
        "evidence_required", "Attach what shows that the model is wrong: a title, and text or link.", "/evidence"
    )


def _edited(handoff: Handoff, command: c.Decide, now_ms: int) -> Refused | None:
    if command.action != "modify":
        if command.edit is not None:
            return Refused(
                "edited_output_unexpected", "An edited output goes with the action modify only.", "/edited_output"
            )
        return None
    if command.edit is None:
        return Refused("edited_output_required", "Send the whole edited output.", "/edited_output")
    if command.edit.package.output_digest == handoff.current_output_digest:
        return Refused("edited_output_unchanged", "Nothing was changed: approve it instead.", "/edited_output")
    return None


def _held_by_other(handoff: Handoff, actor: Actor, now_ms: int) -> Refused | None:
    held = handoff.holder(now_ms)
    if held is None or held.by_id == actor.id:
        return None
    return Refused("claimed_by_other", f"{held.by_name} is working on this until {iso(held.until_ms)}.")


def _escalate(handoff: Handoff, command: c.Escalate, now_ms: int) -> Accepted | Refused:
    """Raise the reviewer level; whoever could decide before still can (design section 5)."""
    if (held := _held_by_other(handoff, command.actor, now_ms)) is not None:
        return held
    if (unsure := _too_unsure(handoff, command.actor)) is not None:
        return unsure
    if (not_offered := _not_offered(handoff, "escalate")) is not None:
        return not_offered
    if (unknown := _unknown_reason(handoff, command.reason_code)) is not None:
        return unknown
    if handoff.reviewer_level >= MAX_REVIEWER_LEVEL:
        return Refused("no_higher_level", "This case is at the highest level already.")
    state = handoff.state if handoff.state is State.AWAITING_SECOND_REVIEW else State.PENDING
    after = moved(handoff, state=state, reviewer_level=handoff.reviewer_level + 1, claim=None, question_open=None)
    happened = event(
        command.event_id,
        "handoff.escalated",
        after,
        command.actor,
        now_ms,
        decision_action="escalate",
        reason_code=command.reason_code,
        justification=command.rationale,
        to_actor=f"reviewer level {after.reviewer_level}",
    )
    return Accepted(after, (happened,), (Timer("release", None),))


def _ask(handoff: Handoff, command: c.Ask, now_ms: int) -> Accepted | Refused:
    if (held := _held_by_other(handoff, command.actor, now_ms)) is not None:
        return held
    if (unsure := _too_unsure(handoff, command.actor)) is not None:
        return unsure
    if (not_offered := _not_offered(handoff, "ask")) is not None:
        return not_offered
    after = moved(handoff, state=State.AWAITING_INFORMATION, question_open=command.text, claim=None)
    happened = event(
        command.event_id,
        "handoff.question",
        after,
        command.actor,
        now_ms,
        justification=command.text,
        to_actor=handoff.requester or "the workflow",
    )
    return Accepted(after, (happened,), (Timer("release", None),))


def _answer(handoff: Handoff, command: c.Answer, now_ms: int) -> Accepted | Refused:
    after = moved(with_package(handoff, command.package), state=State.PENDING, question_open=None)
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
    return Accepted(after, (happened,), package=command.package)


def _revise(handoff: Handoff, command: c.Revise, now_ms: int) -> Accepted | Refused:
    if (not_yours := _asked_by_the_companion(handoff, command.actor)) is not None:
        return not_yours
    if command.expected_version != handoff.version:
        return Refused("version_stale", f"This case moved on to version {handoff.version}; read it again.")
    after = moved(with_package(handoff, command.package), title=command.title, question=command.question)
    happened = event(
        command.event_id,
        "handoff.revised",
        after,
        command.actor,
        now_ms,
        details={"parent_digest": handoff.package_digest},
    )
    return Accepted(after, (happened,), package=command.package)


def _asked_by_the_companion(handoff: Handoff, actor: Actor) -> Refused | None:
    """The review of a pause or of a sample judges the workflow; an automation neither rewrites nor withdraws it."""
    if handoff.subject is None or actor.kind != "automation":
        return None
    return Refused(
        "not_yours_to_change", "The companion asks this itself, to have a workflow looked at; no API key changes it."
    )


def _annotate(handoff: Handoff, command: c.Annotate, now_ms: int) -> Accepted | Refused:
    """A note touches neither version nor state (design section 5)."""
    happened = event(command.event_id, "handoff.note", handoff, command.actor, now_ms, justification=command.text)
    return Accepted(handoff, (happened,))


def _expire(handoff: Handoff, command: c.Expire, now_ms: int) -> Accepted | Refused:
    if now_ms < handoff.expires_at_ms:
        return Refused("not_due", "The time to decide this is not over.")
    rejects = handoff.safe_verdict == "reject"
    after = _closed(
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
    return Accepted(after, (happened,), CLOSING_TIMERS, settles=True)


def _withdraw(handoff: Handoff, command: c.Withdraw, now_ms: int) -> Accepted | Refused:
    if (not_yours := _asked_by_the_companion(handoff, command.actor)) is not None:
        return not_yours
    after = _closed(
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
    return Accepted(after, (happened,), CLOSING_TIMERS, settles=True)


def _roll_back(handoff: Handoff, command: c.RollBack, now_ms: int) -> Accepted | Refused:
    if (unsure := _too_unsure(handoff, command.actor)) is not None:
        return unsure
    if (not_offered := _not_offered(handoff, "roll_back")) is not None:
        return not_offered
    if (unknown := _unknown_reason(handoff, command.reason_code)) is not None:
        return unknown
    if not (command.rationale or "").strip():
        return Refused("rationale_required", "Say why in a sentence.", "/rationale")
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


def _closed(
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
    """The handoff closed by time or by its workflow; no path through here approves (R7)."""
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
    return moved(handoff, state=state, decision=decision, claim=None, question_open=None)


def with_package(handoff: Handoff, package: Package) -> Handoff:
    """The handoff showing another package version. Its original digests stay: the workflow checks those."""
    return replace(
        handoff,
        package_digest=package.digest,
        package_version=package.version,
        current_output_digest=package.output_digest,
        blobs=tuple(dict.fromkeys((*handoff.blobs, *package.blobs))),
    )


_RULES: Final[dict[type, Callable[[Handoff, Any, int], Accepted | Refused]]] = {
    c.Claim: _claim,
    c.Release: _release,
    c.Decide: _decide,
    c.Escalate: _escalate,
    c.Ask: _ask,
    c.Answer: _answer,
    c.Revise: _revise,
    c.Annotate: _annotate,
    c.Expire: _expire,
    c.Withdraw: _withdraw,
    c.RollBack: _roll_back,
}
