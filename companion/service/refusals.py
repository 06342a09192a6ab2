"""Refusals that several use cases give, each in one wording."""

from typing import Final

from companion.core.handoff import Handoff
from companion.core.result import Refused
from companion.core.rules.people import untrained
from companion.identity.credentials import Caller

NOT_FOUND: Final = Refused("not_found", "There is nothing here, or it is not yours to see.")
"""What does not exist, and what is not the caller's, look alike (security row A3)."""
KEY_REUSED: Final = Refused("idempotency_key_reused", "This Idempotency-Key was used for another body; make a new one.")


def unseen(handoff: Handoff | None, who: Caller) -> Refused:
    """Why this caller does not get to see a case: as if there were none, or what training they lack for its queue.

    They work on that queue, and must learn that their qualification ran out, and nothing else of the case (R-GATE-18).
    """
    if handoff is None or not who.lacks_only_training(handoff):
        return NOT_FOUND
    return untrained(handoff, who.actor) or NOT_FOUND


def made_and_gone(did: str) -> Refused:
    """A repeated request whose first answer cannot be given again; `did` is what that request did: opened, routed."""
    return Refused("idempotency_key_reused", f"What this Idempotency-Key {did} is over and gone; make a new key.")
