"""Policies in the store: versions that never change, the pointer to the active one, and facts of what was routed.

All of it lies in one partition, so that a policy's new version and the event that tells of it are one commit.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from companion.store import keys
from companion.store.connection import failures_named
from companion.store.happenings import add_happenings, newest_first
from companion.store.pauses import PauseBook, read_book
from companion.store.plan import Plan
from companion.store.protocol import Page
from companion.store.records import dumps
from companion.store.redis import RedisStore
from companion.store.squeezed import squeeze, unsqueeze

FACTS_KEPT: Final = 50_000
"""Of one workflow; the oldest go first."""
FACTS_LIFE_MS: Final = 35 * 24 * 3600 * 1000
"""A workflow that stops routing is forgotten after it; a simulation looks back 31 days at most."""
READ_AT_ONCE: Final = 2_000
WORKFLOW_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
"""What names a workflow; a test holds that the API takes the same."""


@dataclass(frozen=True, slots=True)
class PolicyState:
    """Where the policy of one workflow stands. Version 0 means that it has none of its own."""

    workflow_id: str
    revision: int = 0
    """Counts every change of this record; a commit holds only on the revision that it was decided on."""
    active: int = 0
    latest: int = 0
    activated_at_ms: int = 0
    proposal: Mapping[str, Any] | None = None
    signals: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What raises the sampling rate now (`drift`, `new_data`) -> until when, how strongly, and why."""


class PolicyStore:
    """Policies, and the records of what they decided, of one partition."""

    def __init__(self, store: RedisStore) -> None:
        self._store = store
        self._client = store.client
        self.partition = store.partition

    # Policies

    def workflows(self) -> list[str]:
        """The workflows that have a policy of their own, or had one proposed, by name."""
        with failures_named():
            return sorted(name.decode() for name in self._client.smembers(self._shared("policies")))

    def states(self, workflow_ids: Sequence[str]) -> dict[str, PolicyState]:
        """Where the policies of some workflows stand, in one reading."""
        return self.states_and_pauses(workflow_ids)[0]

    def states_and_pauses(self, workflow_ids: Sequence[str]) -> tuple[dict[str, PolicyState], PauseBook]:
        """The same, with the pauses that hold, in one command: what every item is judged under.

        Raises ValueError for what is no name of a workflow: the pauses lie beside the policies, and are none.
        """
        names = [_workflow(name) for name in workflow_ids]
        with failures_named():
            pauses, *found = self._client.hmget(self._shared("in_force"), [keys.PAUSES, *names])
        states = {name: _state(name, text) for name, text in zip(workflow_ids, found, strict=True)}
        return states, read_book(pauses)

    def state(self, workflow_id: str) -> PolicyState:
        """Where one workflow's policy stands."""
        return self.states([workflow_id])[workflow_id]

    def version(self, workflow_id: str, number: int) -> dict[str, Any] | None:
        """One version, as it was saved."""
        with failures_named():
            text = self._client.hget(self._policy(workflow_id), f"v:{number}")
        return None if text is None else json.loads(text)

    def versions(self, workflow_id: str, latest: int) -> list[dict[str, Any]]:
        """Every version, the newest first."""
        if latest == 0:
            return []
        with failures_named():
            texts = self._client.hmget(self._policy(workflow_id), [f"v:{number}" for number in range(latest, 0, -1)])
        return [json.loads(text) for text in texts if text is not None]

    def commit(
        self,
        before: PolicyState,
        after: PolicyState,
        version: Mapping[str, Any] | None,
        events: Sequence[Mapping[str, Any]],
    ) -> bool:
        """Write a new state, the version that it adds, and the events. False when somebody was quicker.

        Raises ValueError for what is no name of a workflow.
        """
        key = self._policy(after.workflow_id)
        plan = Plan().check("version", key, "hash", before.revision)
        after = replace(after, revision=before.revision + 1)
        plan.write("HSET", key, "hash", "version", after.revision)
        plan.write("HSET", self._shared("in_force"), "hash", after.workflow_id, _state_text(after))
        if version is not None:
            plan.write("HSET", key, "hash", f"v:{version['version']}", dumps(version))
        if version is not None or after.proposal is not None:
            # Before its first version, a proposal is all that there is to find a workflow by.
            plan.write("SADD", self._shared("policies"), "set", after.workflow_id)
        self.add_events(plan, events)
        return bool(self._store.run(plan)[0] == b"OK")

    # Events of governance

    def add_events(self, plan: Plan, events: Sequence[Mapping[str, Any]]) -> None:
        """Write events that belong to no handoff as part of a commit."""
        add_happenings(plan, self._shared("governance"), events)

    def events(self, limit: int = 100) -> list[dict[str, Any]]:
        """Events of policies and pauses, the newest first."""
        with failures_named():
            found = self._client.xrevrange(self._shared("governance"), count=limit)
        return [json.loads(fields[b"event"]) for _, fields in found]

    def events_before(self, cursor: str | None, limit: int, wanted: Callable[[Mapping[str, Any]], bool]) -> Page:
        """Events that are wanted, also of people and their credentials, before the cursor, the newest first.

        Only the last page has less than `limit`.
        """
        streams = (self._shared("governance"), keys.directory("events"))
        found: list[tuple[str, dict[str, Any]]] = []
        for place, event in newest_first(self._client, streams, cursor):
            if not wanted(event):
                continue
            if len(found) == limit:
                return Page([one for _, one in found], found[-1][0])
            found.append((place, event))
        return Page([one for _, one in found], None)

    # What was routed

    def add_routed(self, plan: Plan, identifier: str, text: str) -> None:
        """Write the record of a routed item, which ends with the retention time."""
        plan.write("SET", keys.of(identifier, "routed"), "string", squeeze(text), "PX", self._store.retention_ms)

    def add_fact(self, plan: Plan, workflow_id: str, text: str) -> None:
        """Write what simulations need of one case."""
        key = self._shared("facts", workflow_id)
        plan.write("XADD", key, "stream", "MAXLEN", "~", FACTS_KEPT, "*", "fact", squeeze(text))

    def keep_facts(self, plan: Plan, workflow_id: str) -> None:
        """Set when the facts of a workflow end; once for each commit that writes some."""
        key = self._shared("facts", workflow_id)
        plan.write("PEXPIRE", key, "stream", FACTS_LIFE_MS)

    def facts(self, workflow_id: str, since_ms: int, limit: int) -> list[dict[str, Any]]:
        """The newest facts since a time, oldest first."""
        key = self._shared("facts", workflow_id)
        found: list[dict[str, Any]] = []
        end = "+"
        with failures_named():
            while len(found) < limit:
                entries = self._client.xrevrange(key, max=end, count=min(READ_AT_ONCE, limit - len(found)))
                read = [json.loads(unsqueeze(fields[b"fact"])) for _, fields in entries]
                found += [fact for fact in read if fact["at_ms"] >= since_ms]
                if len(entries) < READ_AT_ONCE or read[-1]["at_ms"] < since_ms:
                    break
                end = "(" + entries[-1][0].decode()
        return found[::-1]

    def routed(self, identifiers: Sequence[str]) -> list[dict[str, Any] | None]:
        """Records of routed items, None for what has gone."""
        with failures_named():
            pipeline = self._client.pipeline(transaction=False)
            for identifier in identifiers:
                pipeline.get(keys.of(identifier, "routed"))
            return [None if data is None else json.loads(unsqueeze(data)) for data in pipeline.execute()]

    def _policy(self, workflow_id: str) -> str:
        return self._shared("policy", _workflow(workflow_id))

    def _shared(self, *names: str) -> str:
        return keys.shared(self.partition, *names)


def _workflow(name: str) -> str:
    if not WORKFLOW_ID.fullmatch(name):
        raise ValueError(f"{name[:40]!r} is no name of a workflow")
    return name


def _state(workflow_id: str, text: bytes | None) -> PolicyState:
    return PolicyState(workflow_id) if text is None else PolicyState(workflow_id, **json.loads(text))


def _state_text(state: PolicyState) -> str:
    return dumps(
        {
            "revision": state.revision,
            "active": state.active,
            "latest": state.latest,
            "activated_at_ms": state.activated_at_ms,
            "proposal": state.proposal,
            "signals": dict(state.signals),
        }
    )
