"""The caller of an act, as surely known as its body shows: with a passkey's signature under this very act (row L5)."""

from dataclasses import replace
from typing import Final

from flask import request

from companion.core.handoff import Actor
from companion.web.answers import problem_of
from companion.web.callers import caller, services
from companion.web.models_desk import StepUp

ACTION_AT: Final = {
    "escalations": "escalate", "questions": "ask", "annotations": "annotate", "rollback": "roll_back",
    "triage": "triage", "verifications": "verify",
}  # fmt: skip
"""What is done at the addresses whose body names no action: signed for one act, it is nothing for another."""


def actor_for(handoff_id: str, step_up: StepUp | None) -> Actor:
    """Who acts. The signature is held against the body as it arrived, not against what became of it."""
    who = caller()
    # A personal link stays one, whatever is signed: it may be in other hands.
    if step_up is None or who.assurance == "link":
        return who.actor
    act = {"action": ACTION_AT.get(request.path.rsplit("/", 1)[-1]), **request.get_json()}
    refused = services().step_ups.verify(handoff_id, act, who.actor.id)
    if refused is not None:
        raise problem_of(refused)
    return replace(who.actor, assurance="step_up")
