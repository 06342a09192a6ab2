"""Refusals that several use cases give, each in one wording."""

from typing import Final

from companion.core.result import Refused

NOT_FOUND: Final = Refused("not_found", "There is nothing here, or it is not yours to see.")
"""What does not exist, and what is not the caller's, look alike (security row A3)."""
KEY_REUSED: Final = Refused("idempotency_key_reused", "This Idempotency-Key was used for another body; make a new one.")


def made_and_gone(did: str) -> Refused:
    """A repeated request whose first answer cannot be given again; `did` is what that request did: opened, routed."""
    return Refused("idempotency_key_reused", f"What this Idempotency-Key {did} is over and gone; make a new key.")
