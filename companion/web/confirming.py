"""The caller of an act, as surely known as its body shows: with a passkey's signature under this very act (row L5)."""

from dataclasses import replace
from typing import Final

from flask import request

from companion.core.handoff import Actor
from companion.core.ids import is_id
from companion.store.protocol import Once
from companion.web.answers import problem_of
from companion.web.callers import caller, in_a_browser, services
from companion.web.case import visible
from companion.web.conditions import once
from companion.web.models_desk import StepUp

ACTION_AT: Final = {
    "escalations": "escalate", "questions": "ask", "annotations": "annotate", "rollback": "roll_back",
    "triage": "triage", "verifications": "verify",
}  # fmt: skip
"""What is done at the addresses whose body names no action: signed for one act, it is nothing for another."""


def actor_for(handoff_id: str, step_up: StepUp | None, version: int | None = None) -> Actor:
    """Who acts. The signature is held against the body as it arrived, not against what became of it.

    `version` is the one that the act names; where it names none, the case must still be as it was when it was asked.
    """
    who = caller()
    # A personal link stays one, whatever is signed: it may be in other hands.
    if step_up is None or who.assurance == "link":
        return who.actor
    if _did(handoff_id, once(handoff_id)):
        # Sent again, because the answer was lost: the nonce is used up, and nothing is done twice.
        return who.actor
    act = {"action": ACTION_AT.get(request.path.rsplit("/", 1)[-1]), **request.get_json()}
    now = visible(handoff_id).handoff.version
    if version not in (None, now):
        # Meant for another version, or sent again after it was done: the rules say what became of the case since.
        return who.actor
    # No script confirms anything: what the passkey signed in a browser is nothing beside a token.
    refused = services().step_ups.verify(handoff_id, now, act, in_a_browser())
    if refused is not None:
        raise problem_of(refused)
    return replace(who.actor, assurance="step_up")


def _did(handoff_id: str, guard: Once | None) -> bool:
    """Whether an act under this Idempotency-Key was done before."""
    return guard is not None and is_id(handoff_id, "ho") and services().store.done(handoff_id, guard) is not None
