"""Who holds a credential that came in: looked up, and believed for half a second."""

from threading import Lock
from typing import Any, Final

from companion.core.links import Presented, SecretKind, read_secret
from companion.identity.base import Base
from companion.identity.credentials import Caller, Reviewer, api_key_of, automation, human, reviewer_of
from companion.identity.sessions import AGAIN_MS, ROTATE_MS, of_session

CACHE_MS: Final = 500
"""How long a process may believe a credential that it looked up: revoking takes effect within a second (row A2)."""
CACHE_ENTRIES: Final = 10_000


class Lookup(Base):
    """Finds callers by their secrets."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._cache: dict[str, tuple[int, Caller | None]] = {}
        self._lock = Lock()

    def by_bearer(self, text: str) -> Caller | None:
        """The automation or the person whose API key or personal token this is."""
        presented = read_secret(text, SecretKind.API_KEY, SecretKind.PERSONAL_TOKEN)
        return None if presented is None else self._cached(presented)

    def by_session(self, text: str) -> Caller | None:
        """The person whose session this is."""
        presented = read_secret(text, SecretKind.SESSION)
        return None if presented is None else self._cached(presented)

    def by_page_session(self, text: str) -> Caller | None:
        """The person whose session on a page elsewhere this is."""
        presented = read_secret(text, SecretKind.PAGE_SESSION)
        return None if presented is None else self._cached(presented)

    def caller_of(self, person: Reviewer) -> Caller:
        """The caller that a person would be if they signed in now: what they see, and what they may."""
        return human(person, "signed_in", "enrolment", self._clock.now_ms())

    def forget(self, text: str) -> None:
        """Believe this credential no longer, in this process; others take half a second."""
        presented = read_secret(text, *SecretKind)
        if presented is not None:
            self._cache.pop(presented.sha256, None)

    def _cached(self, presented: Presented) -> Caller | None:
        now_ms = self._clock.monotonic_ms()
        held = self._cache.get(presented.sha256)
        if held is not None and now_ms - held[0] < CACHE_MS:
            return held[1]
        found = self._LOOK_UP[presented.kind](self, presented)
        with self._lock:
            if len(self._cache) >= CACHE_ENTRIES:
                # Guesses must not fill the memory.
                self._cache.clear()
            self._cache[presented.sha256] = (now_ms, found)
        return found

    def _api_key_caller(self, presented: Presented) -> Caller | None:
        record = self._store.get("api_keys", presented.public_id)
        if record is None or record["revoked_at_ms"] is not None or not presented.is_that_of(record["sha256"]):
            return None
        return automation(api_key_of(record))

    def _token_caller(self, presented: Presented) -> Caller | None:
        record = self._store.get("tokens", presented.public_id)
        if record is None or not presented.is_that_of(record["sha256"]):
            return None
        person = self._store.get("reviewers", record["reviewer_id"])
        return None if person is None else human(reviewer_of(person), "signed_in", "token", self._clock.now_ms())

    def _session_caller(self, presented: Presented) -> Caller | None:
        record = self._store.get_for("session", presented.public_id)
        if record is None:
            return None
        now_ms = self._clock.now_ms()
        former, former_until_ms = record.get("former") or ("", 0)
        newest = presented.is_that_of(record["sha256"])
        if not newest and not (former_until_ms > now_ms and presented.is_that_of(former)):
            return None
        age_ms = now_ms - record["renewed_at_ms"]
        due = record["assurance"] == "signed_in" and age_ms >= (ROTATE_MS if newest else AGAIN_MS)
        return self._of_record(record, presented.public_id, renew=due)

    def _page_session_caller(self, presented: Presented) -> Caller | None:
        record = self._store.get_for("page_session", presented.public_id)
        if record is None or not presented.is_that_of(record["sha256"]):
            return None
        parent = record["parent"]
        if parent is not None and self._store.get_for("session", parent) is None:
            return None
        return self._of_record(record, parent, renew=False)

    def _of_record(self, record: dict[str, Any], session_id: str | None, *, renew: bool) -> Caller | None:
        person = self._store.get("reviewers", record["reviewer_id"])
        if person is None or (record["assurance"] == "link" and record["generation"] != person["generation"]):
            return None
        return of_session(reviewer_of(person), record, session_id, self._clock.now_ms(), renew=renew)

    _LOOK_UP: Final = {
        SecretKind.API_KEY: _api_key_caller,
        SecretKind.PERSONAL_TOKEN: _token_caller,
        SecretKind.SESSION: _session_caller,
        SecretKind.PAGE_SESSION: _page_session_caller,
    }
