"""The passkeys of people: made once, used to sign in and to confirm a decision."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from companion.adapters.clock import Clock
from companion.adapters.passkeys import CHALLENGE_BYTES, Ceremonies, Known
from companion.core.decide import Refused
from companion.core.sealing import b64url, from_b64url
from companion.identity.base import told
from companion.identity.credentials import Caller, Reviewer, reviewer_of
from companion.store.directory import Contended, DirectoryStore

CEREMONY_MS: Final = 5 * 60 * 1000
FRESH_MS: Final = 10 * 60 * 1000
"""How old a sign-in may be that adds or removes a passkey, once there is one."""
MOST: Final = 20
"""Passkeys that one person has."""
LONGEST_ID: Final = 2_000


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey of a person; only its public part is kept."""

    id: str
    reviewer_id: str
    name: str
    public_key: str
    sign_count: int
    backed_up: bool
    created_at_ms: int
    last_used_at_ms: int | None = None

    @property
    def known(self) -> Known:
        """What its signatures are checked against."""
        return Known(self.id, self.public_key, self.sign_count, self.backed_up)


class Passkeys:
    """Makes, lists, uses and removes passkeys."""

    def __init__(self, store: DirectoryStore, clock: Clock, ceremonies: Ceremonies) -> None:
        self._store = store
        self._clock = clock
        self._ceremonies = ceremonies

    def of(self, reviewer_id: str) -> list[Passkey]:
        """A person's passkeys, oldest first."""
        every = (Passkey(**record) for record in self._store.all("passkeys"))
        return sorted((one for one in every if one.reviewer_id == reviewer_id), key=lambda one: one.created_at_ms)

    # Making one

    def ask_to_make(self, person: Reviewer) -> tuple[dict[str, Any], str]:
        """What to ask of the browser, and the name under which we remember that."""
        challenge = self._clock.random_bytes(CHALLENGE_BYTES)
        nonce = self._remember({"for": "making", "reviewer_id": person.id, "challenge": b64url(challenge)})
        # Not the address: it could change, and an authenticator shows what it once got.
        name = person.email or person.name
        known = [one.id for one in self.of(person.id)]
        return self._ceremonies.registration(challenge, person.id.encode(), name, person.name, known), nonce

    def make(self, who: Caller, name: str, nonce: str, credential: Mapping[str, Any]) -> Passkey | Refused:
        """Keep the passkey that the browser made."""
        stale = self.too_long_ago(who)
        if stale is not None:
            return stale
        asked = self._store.take("ceremony", nonce)
        challenge = _challenge(asked, "making", who.actor.id)
        found = self._ceremonies.registered(credential, challenge) if challenge else None
        if found is None:
            return NOT_MADE
        if len(self.of(who.actor.id)) >= MOST:
            return Refused("passkey_refused", f"You have {MOST} passkeys; remove one first.")
        passkey = Passkey(
            found.id, who.actor.id, name, found.public_key, found.sign_count, found.backed_up, self._clock.now_ms()
        )
        made = told(self._clock, "passkey.made", who.actor, who.actor.name, reviewer_id=who.actor.id, name=name)

        def kept(held: dict[str, Any] | None) -> Any:
            if held is not None:
                raise _NotThis
            return asdict(passkey), made

        try:
            self._store.change("passkeys", passkey.id, kept)
        except (_NotThis, Contended):
            return Refused("passkey_known", "This passkey is registered already.")
        return passkey

    def remove(self, who: Caller, passkey_id: str) -> bool | Refused:
        """Remove one of one's own; False when there is none of that id."""
        if passkey_id not in [one.id for one in self.of(who.actor.id)]:
            return False
        stale = self.too_long_ago(who)
        if stale is not None:
            return stale

        def ended(record: dict[str, Any] | None) -> Any:
            if record is None:
                return None
            mine = {"reviewer_id": who.actor.id, "name": record["name"]}
            return None, told(self._clock, "passkey.ended", who.actor, who.actor.name, **mine)

        try:
            self._store.change("passkeys", passkey_id, ended)
        except Contended:
            return BUSY
        return True

    def too_long_ago(self, who: Caller) -> Refused | None:
        """Why this sign-in is too old to add or remove a passkey: whoever finds a browser open must not keep a key."""
        if not self.of(who.actor.id) or self._clock.now_ms() - who.signed_in_at_ms <= FRESH_MS:
            return None
        return Refused("sign_in_again", "Sign in once more with your passkey; then you can add or remove one.")

    # Using one

    def ask_to_use(self) -> tuple[dict[str, Any], str]:
        """What to ask of a browser in which nobody is signed in."""
        challenge = self._clock.random_bytes(CHALLENGE_BYTES)
        nonce = self._remember({"for": "signing in", "reviewer_id": None, "challenge": b64url(challenge)})
        return self._ceremonies.assertion(challenge), nonce

    def use(self, nonce: str, credential: Mapping[str, Any]) -> Reviewer | Refused:
        """Whose passkey answered."""
        challenge = _challenge(self._store.take("ceremony", nonce), "signing in", None)
        passkey = self.answered(credential, challenge) if challenge else None
        record = self._store.get("reviewers", passkey.reviewer_id) if passkey else None
        if record is None:
            return NOT_SIGNED_IN
        return reviewer_of(record)

    def ask_for(self, challenge: bytes, reviewer_id: str) -> dict[str, Any] | None:
        """What to ask of the browser of a person who confirms something; None when they have no passkey."""
        mine = [one.id for one in self.of(reviewer_id)]
        return self._ceremonies.assertion(challenge, mine) if mine else None

    def answered(self, credential: Mapping[str, Any], challenge: bytes) -> Passkey | None:
        """The passkey that signed this challenge, if one did."""
        named = credential.get("id")
        if not isinstance(named, str) or len(named) > LONGEST_ID:
            return None

        def used(record: dict[str, Any] | None) -> Any:
            passkey = None if record is None else Passkey(**record)
            after = passkey and self._ceremonies.asserted(credential, challenge, passkey.known)
            if passkey is None or after is None:
                raise _NotThis
            counted = replace(
                passkey, sign_count=after.sign_count, backed_up=after.backed_up, last_used_at_ms=self._clock.now_ms()
            )
            return asdict(counted), []

        try:
            # Only as it was when its signature was checked: one that its owner removes just now stays removed.
            record = self._store.change("passkeys", named, used)
        except (_NotThis, Contended):
            return None
        return None if record is None else Passkey(**record)

    def _remember(self, asked: dict[str, Any]) -> str:
        nonce = b64url(self._clock.random_bytes(16))
        self._store.put_for("ceremony", nonce, asked, CEREMONY_MS)
        return nonce


class _NotThis(Exception):
    """The passkey is there already where one is made, or did not sign where one is used."""


def _challenge(asked: Mapping[str, Any] | None, for_: str, reviewer_id: str | None) -> bytes | None:
    """The challenge of a ceremony that was begun for this, by this person."""
    if asked is None or asked["for"] != for_ or asked["reviewer_id"] != reviewer_id:
        return None
    return from_b64url(asked["challenge"])


BUSY: Final = Refused("busy", "This passkey was used or changed at the same moment; try again.")
NOT_MADE: Final = Refused("passkey_refused", "That was no passkey for this question, or it took too long; try again.")
NOT_SIGNED_IN: Final = Refused(
    "passkey_unknown", "This passkey is not known here, or it took too long. Try again, or ask for an enrolment link."
)
