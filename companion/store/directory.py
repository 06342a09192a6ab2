"""People, API keys, tokens, signing keys and sessions in the store, as JSON records by kind and id."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal

from companion.store import keys
from companion.store.connection import failures_named
from companion.store.happenings import add_happenings
from companion.store.plan import Plan
from companion.store.records import dumps
from companion.store.redis import RedisStore

Kind = Literal["api_keys", "reviewers", "tokens", "keyring", "passkeys"]
OneTime = Literal["session", "enrolment", "page_session", "code", "ceremony", "trip", "rotated", "handed_over"]
"""Records that end by themselves."""
Events = Sequence[Mapping[str, Any]]
Becomes = Callable[[dict[str, Any] | None], tuple[dict[str, Any] | None, Events] | None]
"""From a record (None: there is none) to what it turns into (None: nothing) and what tells of it; None: it stays."""

TRIES: Final = 3
"""After this many lost races the caller is told to try again, so that no request spins."""


class Contended(Exception):
    """Others changed the same record each time; nothing was written."""


class DirectoryStore:
    """Small permanent records in one hash a kind, and short-lived ones under the hash of their secret."""

    def __init__(self, store: RedisStore) -> None:
        self._store = store
        self._client = store.client

    def add(self, kind: Kind, identifier: str, record: dict[str, Any]) -> bool:
        """Write a record unless the id is taken. False if it is."""
        with failures_named():
            return bool(self._client.hsetnx(keys.directory(kind), identifier, dumps(record)))

    def change(self, kind: Kind, identifier: str, becomes: Becomes) -> dict[str, Any] | None:
        """Make, change or end a record, with the events that tell of it; returns it as it is then.

        It is written only if it still is what `becomes` was shown: else somebody's change would be undone, and a person
        who was just removed would come back. Of people everything must be as it was, because each has their own name
        and address. Raises Contended.
        """
        for _ in range(TRIES):
            with failures_named():
                # Before `becomes` looks at others: what changes after this is noticed.
                people = self._client.hget(keys.directory("people"), "version") if kind == "reviewers" else None
                text = self._client.hget(keys.directory(kind), identifier)
            before = None if text is None else json.loads(text)
            came = becomes(before)
            if came is None:
                return before
            plan = Plan().check("same", keys.directory(kind), "hash", identifier.encode() + b" " + (text or b"0"))
            if kind == "reviewers":
                plan.check("version", keys.directory("people"), "hash", people or 0)
                plan.write("HSET", keys.directory("people"), "hash", "version", int(people or 0) + 1)
            after, events = came
            if after is None:
                plan.write("HDEL", keys.directory(kind), "hash", identifier)
            else:
                plan.write("HSET", keys.directory(kind), "hash", identifier, dumps(after))
            add_happenings(plan, keys.directory("events"), events)
            if self._store.run(plan)[0] == b"OK":
                return after
        raise Contended

    def get(self, kind: Kind, identifier: str) -> dict[str, Any] | None:
        """Read a record."""
        with failures_named():
            text = self._client.hget(keys.directory(kind), identifier)
        return None if text is None else json.loads(text)

    def all(self, kind: Kind) -> list[dict[str, Any]]:
        """Every record of a kind."""
        with failures_named():
            return [json.loads(text) for text in self._client.hvals(keys.directory(kind))]

    def end(self, kind: Kind, identifier: str) -> None:
        """Take a record away, whatever stands there."""
        with failures_named():
            self._client.hdel(keys.directory(kind), identifier)

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
