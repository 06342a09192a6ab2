"""Sessions: how long a browser stays signed in, and how its secret is replaced on the way.

A session keeps its id for its whole life; the secret in the cookie is replaced once a day. The secret before is still
taken for a while, because a browser that lost one answer has only that.
"""

from dataclasses import dataclass
from typing import Any, Final

from companion.core.links import SecretKind, new_secret, read_secret
from companion.core.terms import Assurance
from companion.identity.credentials import Caller, Method, Reviewer, human
from companion.identity.links import Links

SIGNED_IN_TTL_MS: Final = 30 * 24 * 3600 * 1000
OUTSIDE_TTL_MS: Final = 24 * 3600 * 1000
"""With an identity from outside: whoever loses it there is out here within a day, and signs in again by one click."""
LINK_TTL_MS: Final = 12 * 3600 * 1000
ROTATE_MS: Final = 24 * 3600 * 1000
AGAIN_MS: Final = 60 * 1000
"""How soon a secret can be replaced once more, for a browser that did not get the new one."""
FORMER_MS: Final = 10 * 60 * 1000
"""How long the secret before is taken."""


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that was just made, or its new secret; `secret` goes to the browser and nowhere else."""

    secret: str
    caller: Caller
    ttl_s: int
    expires_at_ms: int


class Sessions(Links):
    """Begins, lists, renews and ends sessions."""

    def enrol(self, text: str, browser: str | None = None) -> NewSession | None:
        """Use a one-time enrolment link: of two browsers that try it, one is signed in."""
        presented = read_secret(text, SecretKind.ENROLMENT)
        record = self._store.take("enrolment", presented.sha256) if presented else None
        person = self.find_reviewer(record["reviewer_id"]) if record else None
        if record is None or person is None or record.get("enrolments", 0) != person.enrolments:
            return None
        return self.sign_in(person, "enrolment", browser)

    def sign_in(self, person: Reviewer, method: Method, browser: str | None = None) -> NewSession:
        """A session of somebody who was just recognised."""
        ttl_ms = OUTSIDE_TTL_MS if method in ("oidc", "proxy") else SIGNED_IN_TTL_MS
        return self._session(person, "signed_in", method, ttl_ms, None, browser)

    def open_link(
        self, handoff_id: str, reviewer_id: str, generation: int, mac: str, browser: str | None = None
    ) -> NewSession | None:
        """Open a personal link."""
        person = self.owner_of_link(handoff_id, reviewer_id, generation, mac)
        return None if person is None else self._session(person, "link", "link", LINK_TTL_MS, handoff_id, browser)

    def sessions_of(self, reviewer_id: str) -> list[tuple[str, dict[str, Any]]]:
        """A person's sessions, as (id, record)."""
        return self._store.sessions_of(reviewer_id)

    def end_session(self, reviewer_id: str, session_id: str) -> None:
        """End a session of this person, with the page sessions that came from it; it is refused within a second."""
        record = self._store.get_for("session", session_id)
        if record is not None and record["reviewer_id"] == reviewer_id:
            self._store.end_session(reviewer_id, session_id)

    def sign_out(self, who: Caller) -> None:
        """End the session that this person came by; nothing where they came by a token."""
        if who.session_id is not None:
            self.end_session(who.actor.id, who.session_id)

    def renew(self, text: str) -> NewSession | None:
        """Replace the secret of a session; None when that happened a moment ago, or the session is over."""
        presented = read_secret(text, SecretKind.SESSION)
        record = self._store.get_for("session", presented.public_id) if presented else None
        person = self.find_reviewer(record["reviewer_id"]) if record else None
        if presented is None or record is None or person is None:
            return None
        if not self._store.first_to("rotated", presented.public_id, AGAIN_MS):
            # Of two requests that come at once one answers with the new secret.
            return None
        now_ms = self._clock.now_ms()
        secret = new_secret(SecretKind.SESSION, self._clock.random_bytes, presented.public_id)
        changed = {"sha256": secret.sha256, "former": [presented.sha256, now_ms + FORMER_MS], "renewed_at_ms": now_ms}
        if not self._store.change_for("session", presented.public_id, record | changed):
            return None
        return self._new(secret.text, person, presented.public_id, record)

    def _session(
        self, person: Reviewer, assurance: Assurance, method: Method, ttl_ms: int, only: str | None, browser: str | None
    ) -> NewSession:
        secret = new_secret(SecretKind.SESSION, self._clock.random_bytes)
        now_ms = self._clock.now_ms()
        record = {
            "sha256": secret.sha256,
            "reviewer_id": person.id,
            "assurance": assurance,
            "method": method,
            "only_handoff_id": only,
            "generation": person.generation,
            "browser": browser,
            "created_at_ms": now_ms,
            "renewed_at_ms": now_ms,
            "expires_at_ms": now_ms + ttl_ms,
        }
        self._store.put_for("session", secret.public_id, record, ttl_ms)
        self._store.note_session(person.id, secret.public_id, SIGNED_IN_TTL_MS)
        return self._new(secret.text, person, secret.public_id, record)

    def _new(self, text: str, person: Reviewer, session_id: str, record: dict[str, Any]) -> NewSession:
        now_ms = self._clock.now_ms()
        left_s = max(1, (record["expires_at_ms"] - now_ms) // 1000)
        return NewSession(text, of_session(person, record, session_id, now_ms), left_s, record["expires_at_ms"])


def of_session(
    person: Reviewer, record: dict[str, Any], session_id: str | None, now_ms: int, *, renew: bool = False
) -> Caller:
    """The caller that a session's record makes of a person; `renew` where its secret is due to be replaced."""
    return human(
        person,
        record["assurance"],
        record["method"],
        now_ms,
        only_handoff_id=record["only_handoff_id"],
        session_id=session_id,
        signed_in_at_ms=record["created_at_ms"],
        renew=renew,
    )
