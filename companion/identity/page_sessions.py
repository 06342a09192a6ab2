"""Sessions of a page on another origin: a code from the companion's own page becomes a bearer that lives in memory.

Such a session hangs on the one in the companion's cookie: when that ends, it is over as well.
"""

import hmac
from hashlib import sha256
from typing import Any, Final

from companion.core.links import SecretKind, new_secret, read_secret
from companion.core.sealing import b64url
from companion.identity.credentials import Caller, Reviewer
from companion.identity.sessions import LINK_TTL_MS, NewSession, Sessions, of_session

CODE_TTL_MS: Final = 60 * 1000
PAGE_TTL_MS: Final = 12 * 3600 * 1000


class PageSessions(Sessions):
    """Makes codes and exchanges them."""

    def make_code(self, who: Caller, challenge: str) -> str:
        """A code that whoever knows the challenge's verifier exchanges once, within a minute."""
        secret = new_secret(SecretKind.SIGN_IN_CODE, self._clock.random_bytes)
        record = {"session_id": who.session_id, "challenge": challenge}
        self._store.put_for("code", secret.sha256, record, CODE_TTL_MS)
        return secret.text

    def exchange(self, code: str, verifier: str) -> NewSession | None:
        """The session of the page that asked for the code; None for a code that is used, over or another's."""
        presented = read_secret(code, SecretKind.SIGN_IN_CODE)
        taken = self._store.take("code", presented.sha256) if presented else None
        if taken is None:
            return None
        answered = b64url(sha256(verifier.encode()).digest())
        if not hmac.compare_digest(answered.encode(), taken["challenge"].encode()):
            return None
        parent = self._store.get_for("session", taken["session_id"])
        person = self.find_reviewer(parent["reviewer_id"]) if parent else None
        if parent is None or person is None:
            return None
        return self._page_session(person, parent, taken["session_id"], PAGE_TTL_MS)

    def open_link_on_page(self, handoff_id: str, reviewer_id: str, generation: int, mac: str) -> NewSession | None:
        """Open a personal link on a page that has no cookie here."""
        person = self.owner_of_link(handoff_id, reviewer_id, generation, mac)
        if person is None:
            return None
        now_ms = self._clock.now_ms()
        like = {"assurance": "link", "method": "link", "only_handoff_id": handoff_id, "generation": generation}
        return self._page_session(person, like | {"created_at_ms": now_ms}, None, LINK_TTL_MS)

    def end_page_session(self, text: str) -> None:
        """End a page session and the one that it came from: else the next load would sign in again by itself."""
        presented = read_secret(text, SecretKind.PAGE_SESSION)
        record = self._store.take("page_session", presented.public_id) if presented else None
        if record is not None and record["parent"] is not None:
            self.end_session(record["reviewer_id"], record["parent"])

    def _page_session(self, person: Reviewer, like: dict[str, Any], parent: str | None, longest_ms: int) -> NewSession:
        secret = new_secret(SecretKind.PAGE_SESSION, self._clock.random_bytes)
        now_ms = self._clock.now_ms()
        ttl_ms = max(1, min(longest_ms, like.get("expires_at_ms", now_ms + longest_ms) - now_ms))
        kept = {name: like[name] for name in ("assurance", "method", "only_handoff_id", "generation", "created_at_ms")}
        record = kept | {
            "sha256": secret.sha256,
            "reviewer_id": person.id,
            "parent": parent,
            "expires_at_ms": now_ms + ttl_ms,
        }
        self._store.put_for("page_session", secret.public_id, record, ttl_ms)
        caller = of_session(person, record, parent, now_ms)
        return NewSession(secret.text, caller, ttl_ms // 1000, record["expires_at_ms"])
