"""Step-up: a passkey signs exactly one act, so that nothing of it can be exchanged on the way (security row L5).

The challenge is the hash of the case, its version, the whole body of the act and a nonce. Whatever differs when the
act arrives, the hash is another one.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from companion.adapters.clock import Clock
from companion.core.canonical import canonical_bytes
from companion.core.decide import Refused
from companion.core.sealing import b64url, from_b64url
from companion.identity.credentials import Caller
from companion.identity.passkeys import CEREMONY_MS, Passkeys
from companion.store.directory import DirectoryStore

NOT_SIGNED: Final = ("step_up", "confirm_word")
"""Members of a body that are no part of what is decided."""


class StepUps:
    """Asks for the signature of an act, and checks it."""

    def __init__(self, store: DirectoryStore, clock: Clock, passkeys: Passkeys) -> None:
        self._store = store
        self._clock = clock
        self._passkeys = passkeys

    def challenge(self, handoff_id: str, version: int, act: Mapping[str, Any], who: Caller) -> dict[str, Any] | Refused:
        """What to ask of the browser before this act, the nonce to send along, and until when."""
        nonce = b64url(self._clock.random_bytes(16))
        digest = _challenge(handoff_id, version, act, nonce)
        options = self._passkeys.ask_for(digest, who.actor.id)
        if options is None:
            return Refused("passkey_missing", "This needs your passkey, and you have none: make one in your account.")
        until_ms = self._clock.now_ms() + CEREMONY_MS
        asked = {"for": "step-up", "reviewer_id": who.actor.id, "session_id": who.session_id}
        self._store.put_for("ceremony", nonce, asked, CEREMONY_MS)
        return {"nonce": nonce, "options": options, "expires_at_ms": until_ms}

    def verify(self, handoff_id: str, version: int, act: Mapping[str, Any], who: Caller) -> Refused | None:
        """Why the act's `step_up` is not this person's signature under exactly this act; None when it is.

        An answer counts once, whatever becomes of the act, and in the session that asked for it.
        """
        nonce, credential = act["step_up"]["nonce"], act["step_up"]["credential"]
        asked = self._store.take("ceremony", nonce)
        if asked is None or asked["for"] != "step-up" or asked["reviewer_id"] != who.actor.id:
            return STEP_UP_OVER
        if asked.get("session_id") != who.session_id:
            return STEP_UP_OVER
        challenge = _challenge(handoff_id, version, act, nonce)
        if _challenge_in(credential) != b64url(challenge):
            return STEP_UP_MISMATCH
        passkey = self._passkeys.answered(credential, challenge)
        if passkey is None or passkey.reviewer_id != who.actor.id:
            return STEP_UP_REFUSED
        return None


def _challenge(handoff_id: str, version: int, act: Mapping[str, Any], nonce: str) -> bytes:
    """The hash of everything that is agreed to."""
    signed = {name: value for name, value in act.items() if name not in NOT_SIGNED and value is not None}
    return sha256(canonical_bytes({"handoff": handoff_id, "version": version, "act": signed, "nonce": nonce})).digest()


def _challenge_in(credential: Mapping[str, Any]) -> Any:
    """The challenge that a browser says it signed; only to tell which refusal fits, never to accept anything."""
    response = credential.get("response")
    text = response.get("clientDataJSON") if isinstance(response, dict) else None
    data = from_b64url(text) if isinstance(text, str) else None
    try:
        said = json.loads(data or b"null")
    except (ValueError, RecursionError):
        return None
    return said.get("challenge") if isinstance(said, dict) else None


STEP_UP_OVER: Final = Refused("step_up_over", "This confirmation was used or took too long; confirm once more.")
STEP_UP_MISMATCH: Final = Refused(
    "step_up_mismatch",
    "What arrived is not what your passkey confirmed. Load the case again and look once more.",
)
STEP_UP_REFUSED: Final = Refused("step_up_refused", "This was not confirmed with a passkey of yours.")
