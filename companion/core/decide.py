"""The one place where a command changes a handoff. Pure: same handoff, command and time give the same answer.

The rules stand in companion/core/rules/, one module for each part of a case's life; here is the table that leads there.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from companion.core import commands as c
from companion.core.handoff import TRANSITIONS, UNDECIDED, Actor, Handoff, State
from companion.core.result import Accepted, Refused, Timer
from companion.core.rules import answering, checking, closing, holding, opening, passing_on, sorting, taking_back
from companion.core.rules.people import not_this_person

__all__ = [
    "Accepted",
    "Refused",
    "Timer",
    "can_work_on",
    "decide",
    "hindrance",
]


def decide(handoff: Handoff | None, command: c.Command, now_ms: int) -> Accepted | Refused:
    """Apply `command` to `handoff` (None only for Open) at `now_ms`."""
    if handoff is None:
        assert isinstance(command, c.Open), "only Open starts from nothing"
        return opening.open_(command, now_ms)
    name = command.action if isinstance(command, c.Decide) else NAMES[type(command)]
    if handoff.state not in TRANSITIONS[name]:
        return _illegal(handoff, name)
    return _RULES[type(command)](handoff, command, now_ms)


def hindrance(handoff: Handoff, action: str, actor: Actor, now_ms: int) -> Refused | None:
    """Why this person may not do this to this case now, whatever they would send; None where they may.

    `action` is one of approve, reject, modify, verify, triage, escalate, ask, roll_back, claim, acknowledge, annotate,
    assign, undo and disclose.
    """
    if handoff.state not in TRANSITIONS[action]:
        return _illegal(handoff, action)
    refused = not_this_person(handoff, action, actor, now_ms)
    if refused is None and action == "modify":
        return checking.cannot_check_edit(handoff, actor)
    return refused


PARTS: Final = ("approve", "triage", "verify")
"""What a case needs of people, in the end. Who could only reject it, having asked for it, moves it nowhere."""


def can_work_on(handoff: Handoff, actor: Actor, now_ms: int) -> bool:
    """Whether this person could take the case if nobody held it, and do a part of it: sort, check or approve it.

    To others it is not given to look after: it would lie there with a name on it (R-ROLE-01, R-ROLE-18). How surely
    they are known is asked when they act.
    """
    free, known = replace(handoff, claim=None), replace(actor, assurance="step_up")
    return any(hindrance(free, part, known, now_ms) is None for part in PARTS)


def _illegal(handoff: Handoff, name: str) -> Refused:
    """A transition that the table does not have (R-STORE-14, R-ACT-11)."""
    if name == "execute":
        if handoff.state is State.ROLLED_BACK:
            return Refused("rolled_back", "The approval was taken back; nothing may be done with this output.")
        return Refused("not_approved", "Nobody approved this; nothing may be done with it.")
    if handoff.state in UNDECIDED:
        return Refused(
            "illegal_transition", f"A handoff that is {handoff.state.value} cannot {name.replace('_', ' ')}."
        )
    if name == "roll_back":
        return Refused("nothing_to_roll_back", "Only an approved handoff can be rolled back.")
    return Refused("already_decided", f"This handoff is {handoff.state.value} already; a decision is final.")


NAMES: Final[dict[type, str]] = {
    c.Open: "open",
    c.Acknowledge: "acknowledge",
    c.Assign: "assign",
    c.Claim: "claim",
    c.Release: "release",
    c.Triage: "triage",
    c.Verify: "verify",
    c.Escalate: "escalate",
    c.MoveUp: "move_up",
    c.Ask: "ask",
    c.Answer: "answer",
    c.Revise: "revise",
    c.Annotate: "annotate",
    c.Expire: "expire",
    c.Withdraw: "withdraw",
    c.Undo: "undo",
    c.Settle: "settle",
    c.RollBack: "roll_back",
    c.Disclose: "disclose",
    c.Execute: "execute",
}
"""Each command's row in TRANSITIONS; a decision has that of its action."""

_RULES: Final[dict[type, Callable[[Handoff, Any, int], Accepted | Refused]]] = {
    c.Acknowledge: holding.acknowledge,
    c.Assign: holding.assign,
    c.Claim: holding.claim,
    c.Release: holding.release,
    c.Triage: sorting.triage,
    c.Verify: checking.verify,
    c.Decide: answering.decide,
    c.Escalate: passing_on.escalate,
    c.MoveUp: passing_on.move_up,
    c.Ask: passing_on.ask,
    c.Answer: passing_on.answer,
    c.Revise: passing_on.revise,
    c.Annotate: holding.annotate,
    c.Expire: closing.expire,
    c.Withdraw: closing.withdraw,
    c.Undo: taking_back.undo,
    c.Settle: taking_back.settle,
    c.RollBack: taking_back.roll_back,
    c.Disclose: holding.disclose,
    c.Execute: taking_back.execute,
}
