"""People, API keys, tokens, signing keys and sessions in the store, as JSON records by kind and id."""

import json
from typing import Any, Literal

from companion.store import keys
from companion.store.connection import failures_named
from companion.store.records import dumps
from companion.store.redis import RedisStore

Kind = Literal["api_keys", "reviewers", "tokens", "keyring", "passkeys"]
OneTime = Literal["session", "enrolment", "page_session", "code", "ceremony", "trip", "rotated", "handed_over"]
"""Records that end by themselves."""


class DirectoryStore:
    """Small permanent records in one hash a kind, and short-lived ones under the hash of their secret."""

    def __init__(self, store: RedisStore) -> None:
        self._client = store.client

    def put(self, kind: Kind, identifier: str, record: dict[str, Any]) -> None:
        """Write a record."""
        with failures_named():
            self._client.hset(keys.directory(kind), identifier, dumps(record))

    def add(self, kind: Kind, identifier: str, record: dict[str, Any]) -> bool:
        """Write a record unless the id is taken. False if it is."""
        with failures_named():
            return bool(self._client.hsetnx(keys.directory(kind), identifier, dumps(record)))

    def get(self, kind: Kind, identifier: str) -> dict[str, Any] | None:
        """Read a record."""
        with failures_named():
            text = self._client.hget(keys.directory(kind), identifier)
        return None if text is None else json.loads(text)

    def all(self, kind: Kind) -> list[dict[str, Any]]:
        """Every record of a kind."""
        with failures_named():
            return [json.loads(text) for text in self._client.hvals(keys.directory(kind))]

    def remove(self, kind: Kind, identifier: str) -> bool:
        """Remove a record. False if there was none."""
        with failures_named():
            return bool(self._client.hdel(keys.directory(kind), identifier))

    def put_for(self, kind: OneTime, name: str, record: dict[str, Any], ttl_ms: int) -> None:
        """Write a record that ends by itself."""
        with failures_named():
            self._client.set(keys.directory(kind, name), dumps(record), px=ttl_ms)

    def first_to(self, kind: OneTime, name: str, ttl_ms: int) -> bool:
        """Whether nobody came here before, as long as that is remembered: of two that ask at once one is told so."""
        with failures_named():
            return bool(self._client.set(keys.directory(kind, name), b"1", px=ttl_ms, nx=True))

    def change_for(self, kind: OneTime, name: str, record: dict[str, Any]) -> bool:
        """Write such a record anew, without making its life longer. False if it is over."""
        with failures_named():
            return bool(self._client.set(keys.directory(kind, name), dumps(record), xx=True, keepttl=True))

    def get_for(self, kind: OneTime, name: str) -> dict[str, Any] | None:
        """Read such a record."""
        with failures_named():
            text = self._client.get(keys.directory(kind, name))
        return None if text is None else json.loads(text)

    def take(self, kind: OneTime, name: str) -> dict[str, Any] | None:
        """Read such a record and end it, in one step: of two takers one gets it."""
        with failures_named():
            text = self._client.getdel(keys.directory(kind, name))
        return None if text is None else json.loads(text)

    def note_session(self, reviewer_id: str, session_id: str, ttl_ms: int) -> None:
        """Remember a reviewer's session, so that it can be listed and ended; forget those that ran out."""
        key = keys.directory("sessions_of", reviewer_id)
        with failures_named():
            listed = list(self._client.smembers(key))
            alive = self._client.pipeline(transaction=False)
            for member in listed:
                alive.exists(keys.directory("session", member.decode()))
            over = [member for member, lives in zip(listed, alive.execute(), strict=True) if not lives]
            if over:
                self._client.srem(key, *over)
            # As one, so that no list of sessions stays for ever when we are killed between the two.
            self._client.pipeline(transaction=True).sadd(key, session_id).pexpire(key, ttl_ms).execute()

    def end_session(self, reviewer_id: str, session_id: str) -> None:
        """End a session and forget its id, in one step."""
        pipeline = self._client.pipeline(transaction=True)
        with failures_named():
            pipeline.delete(keys.directory("session", session_id))
            pipeline.srem(keys.directory("sessions_of", reviewer_id), session_id).execute()

    def forget_sessions(self, reviewer_id: str) -> None:
        """Forget the hashes of all sessions of a reviewer, those that ran out too."""
        with failures_named():
            self._client.delete(keys.directory("sessions_of", reviewer_id))

    def sessions_of(self, reviewer_id: str) -> list[tuple[str, dict[str, Any]]]:
        """A reviewer's sessions as (id, record), without those that ran out."""
        key = keys.directory("sessions_of", reviewer_id)
        found = []
        with failures_named():
            for member in self._client.smembers(key):
                record = self.get_for("session", member.decode())
                if record is not None:
                    found.append((member.decode(), record))
        return found
