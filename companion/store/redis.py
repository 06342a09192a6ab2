"""The store on a Redis-protocol server: handoffs and groups. Lists, places in them and timers have their own files."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib.resources import files
from typing import Any, Final

from redis.commands.core import Script

from companion.core.decide import Accepted
from companion.core.handoff import Handoff
from companion.store import access, keys
from companion.store.connection import LACKING, connect, exposed, failures_named
from companion.store.durability import EXPOSED, DurabilityClass, durability
from companion.store.lists import HandoffLists
from companion.store.places import Places, add_claim, add_place
from companion.store.plan import Plan
from companion.store.protocol import (
    Committed,
    Conflict,
    DeliveryRecord,
    Group,
    Once,
    Opened,
    Replayed,
    Stored,
    StoreUnavailable,
    TokenUsed,
)
from companion.store.records import (
    delivery_text,
    dumps,
    group_text,
    handoff_text,
    read_delivery,
    read_group,
    read_stored,
)
from companion.store.timers import Timers

JTI_TTL_MS: Final = 15 * 60 * 1000
PROVE: Final = b"""
local lacking = {}
for _, name in ipairs(ARGV) do
  local words = {}
  for word in string.gmatch(name, '[^|]+') do words[#words + 1] = word end
  -- Never without arguments: asked of SET or EVALSHA alone, Redis 7.0 and Valkey 9.1 crash.
  words[#words + 1], words[#words + 2] = KEYS[1], KEYS[1]
  if not redis.acl_check_cmd(unpack(words)) then lacking[#lacking + 1] = name end
end
if #lacking == 0 then
  redis.call('SET', KEYS[1], '1')
  redis.call('DEL', KEYS[1])
end
return lacking
"""
"""A write that goes through memory limit, replicas and append-only file like any other, and leaves nothing behind.

Before it the server is asked for each command that the companion needs; it returns those that its user may not run.
"""

PROOF_HOLDS_MS: Final = 1_000


class RedisStore(HandoffLists, Places, Timers):
    """Live records. `retention_ms` is how long a record stays after its outcome.

    `private` says that nobody else is on the network between this and the server, so that it needs no TLS.
    """

    def __init__(self, url: str, partition: str, retention_ms: int, *, private: bool = False) -> None:
        super().__init__(connect(url), partition)
        self._problems = () if private or not exposed(url) else (EXPOSED,)
        self.retention_ms = retention_ms
        self._pruned_to = 0
        self._commit: Any = Script(self.client, files("companion.store").joinpath("commit.lua").read_bytes())
        self._prove = Script(self.client, PROVE)
        self._proved_ms = -PROOF_HOLDS_MS

    def run(self, plan: Plan) -> list[Any]:
        """Run a plan as one script; the first element says what came of it (see commit.lua)."""
        count, arguments = plan.arguments()
        with failures_named():
            answer: list[Any] = self._commit(keys=arguments[:count], args=arguments[count:])
        return answer

    def durability(self) -> DurabilityClass:
        """What the server promises for an acknowledged write; a way to it that others can read is a problem too."""
        found = durability(self.client)
        return replace(found, problems=found.problems + self._problems)

    def prove_writable(self, monotonic_ms: int) -> None:
        """Write, and ask for all rights, unless that was done within the last second: anybody may ask.

        Raises StoreUnavailable.
        """
        if monotonic_ms - self._proved_ms < PROOF_HOLDS_MS:
            return
        with failures_named():
            lacking = self._prove(keys=[keys.shared(self.partition, "proof")], args=access.COMMANDS)
            self.client.exists(keys.directory("api_keys"))
        if lacking:
            names = ", ".join(name.decode().replace("|", " ").upper() for name in lacking)
            raise StoreUnavailable(f"the store's user may not run {names}: {LACKING}")
        self._proved_ms = monotonic_ms

    # Opening

    def open(
        self,
        group: Group,
        openings: Sequence[Accepted],
        tokens: Sequence[str],
        once: Once,
        plan: Plan | None = None,
    ) -> Opened | Replayed:
        """Write a group and its handoffs, or say that its Idempotency-Key was used.

        `plan` may hold other writes that go with them.
        """
        plan = plan or Plan()
        self.add_once(plan, once, group.id, _once_ttl_ms(group, openings))
        self.add_group(plan, group, openings, tokens)
        answer = self.run(plan)
        if answer[0] == b"REPLAY":
            group_id, fingerprint = json.loads(answer[1])
            return Replayed(group_id, fingerprint)
        return Opened()

    def add_once(self, plan: Plan, once: Once, made: Any, ttl_ms: int) -> None:
        """Put the guard of an Idempotency-Key into a plan, and what is made under it."""
        key = keys.shared(self.partition, "once", once.name)
        plan.check("absent", key, "string")
        plan.write("SET", key, "string", dumps([made, once.fingerprint]), "PX", ttl_ms)

    def made_once(self, name: str) -> tuple[Any, str] | None:
        """What an Idempotency-Key made, and the fingerprint of its body."""
        with failures_named():
            text = self.client.get(keys.shared(self.partition, "once", name))
        if text is None:
            return None
        made, fingerprint = json.loads(text)
        return made, fingerprint

    def add_group(self, plan: Plan, group: Group, openings: Sequence[Accepted], tokens: Sequence[str]) -> None:
        """Put a group and its handoffs into a plan. One that a rule stopped has its outcome with its opening."""
        group_key = keys.of(group.id, "group")
        plan.write("HSET", group_key, "hash", "record", group_text(group), "remaining", len(openings))
        if group.wait_id is not None:
            wait_key = keys.shared(self.partition, "wait", group.wait_id)
            plan.write("SET", wait_key, "string", group.id, "PX", _once_ttl_ms(group, openings))
        for accepted, token in zip(openings, tokens, strict=True):
            self._write_new(plan, accepted, token)

    def _write_new(self, plan: Plan, accepted: Accepted, token: str) -> None:
        handoff, package = accepted.handoff, accepted.package
        assert package is not None
        plan.write(
            "HSET",
            keys.of(handoff.id, "handoff"),
            "hash",
            "version",
            handoff.version,
            "record",
            handoff_text(handoff),
            "package",
            package.canonical,
            "token",
            token,
        )
        for name, content in package.blobs.items():
            plan.write("SET", keys.of(handoff.id, "blob", name), "string", content)
        self._write_happened(plan, accepted)
        if accepted.settles:
            self._write_outcome(plan, handoff)
        else:
            add_place(plan, None, handoff)

    # One command

    def load(self, handoff_id: str) -> Stored | None:
        """One handoff with its current package."""
        with failures_named():
            found = self.client.hmget(keys.of(handoff_id, "handoff"), "record", "package", "written")
        record, package, written = found
        return read_stored(record, package, int(written or 0))

    def commit(
        self, before: Stored, accepted: Accepted, jti: str | None = None, once: Once | None = None
    ) -> Committed | Conflict | TokenUsed:
        """Write one accepted command, if the handoff still has the version of `before` and `once` made nothing yet."""
        plan = Plan()
        handoff = accepted.handoff
        if once is not None:
            did, told = self._did(handoff.id, once), dumps([accepted.events[0]["event_id"], once.fingerprint])
            plan.check("absent", did, "string").write("SET", did, "string", told, "PX", keys.DID_TTL_MS)
        key = keys.of(handoff.id, "handoff")
        # Beside the count of writes below, which a process of an earlier Handoff does not move on.
        plan.check("version", key, "hash", before.handoff.version)
        if jti is not None:
            used = keys.shared(keys.partition_of(handoff.id), "jti", jti)
            plan.check("fresh", used, "string").write("SET", used, "string", handoff.id, "PX", JTI_TTL_MS)
        # Some changes leave the version as it is; what was loaded before one of them would undo it.
        plan.check("same", key, "hash", f"written {before.written}")
        if handoff != before.handoff:
            written = ("version", handoff.version, "written", before.written + 1, "record", handoff_text(handoff))
            plan.write("HSET", key, "hash", *written)
        if accepted.package is not None:
            older = f"package:{before.handoff.package_version}"
            plan.write("HSET", key, "hash", older, before.package, "package", accepted.package.canonical)
            for name, content in accepted.package.blobs.items():
                plan.write("SET", keys.of(handoff.id, "blob", name), "string", content)
        self._write_happened(plan, accepted)
        if handoff != before.handoff:
            add_place(plan, before.handoff, handoff)
            add_claim(plan, before.handoff, handoff)
        if accepted.settles:
            self._write_outcome(plan, handoff)
        answer = self.run(plan)
        if answer[0] in (b"CONFLICT", b"REPLAY"):
            return Conflict()
        return TokenUsed() if answer[0] == b"USED" else Committed(answer[1])

    def done(self, handoff_id: str, once: Once) -> tuple[str, str] | None:
        """The event that an act made under this Idempotency-Key, and the fingerprint of its body."""
        with failures_named():
            text = self.client.get(self._did(handoff_id, once))
        return None if text is None else tuple(json.loads(text))

    def _did(self, handoff_id: str, once: Once) -> str:
        return keys.shared(keys.partition_of(handoff_id), "did", once.name)

    def _write_happened(self, plan: Plan, accepted: Accepted) -> None:
        """History and timers of an accepted command."""
        identifier = accepted.handoff.id
        assert accepted.events, "without an event there is nothing to commit"
        plan.write("RPUSH", keys.of(identifier, "history"), "list", *(dumps(event) for event in accepted.events))
        timers = keys.shared(keys.partition_of(identifier), "timers")
        for timer in accepted.timers:
            if timer.due_at_ms is None:
                plan.write("ZREM", timers, "zset", f"{timer.kind}:{identifier}")
            else:
                plan.write("ZADD", timers, "zset", timer.due_at_ms, f"{timer.kind}:{identifier}")

    def _write_outcome(self, plan: Plan, handoff: Handoff) -> None:
        """The handoff joins the outcomes; the last one of a group starts its callback."""
        assert handoff.decision is not None
        partition = keys.partition_of(handoff.id)
        at_ms = handoff.decision.at_ms
        keep_ms = max(at_ms, handoff.group_expires_at_ms) - at_ms + self.retention_ms
        plan.write("SEQUENCE", keys.shared(partition, "sequence"), "string")
        of_workflow = handoff.workflow_id
        plan.write("ZADDSEQ", keys.shared(partition, "decided"), "zset", f"{handoff.id}@{of_workflow}")
        plan.write("ZADDSEQ", keys.shared(partition, "decided", of_workflow), "zset", handoff.id)
        if handoff.decision.by_kind == "human":
            # Sets and no counters: a counter that held something else would stop the script half-way.
            for workflow_id in (None, of_workflow):
                day = keys.decided_on(partition, at_ms, workflow_id)
                plan.write("SADD", day, "set", handoff.id).write("PEXPIRE", day, "set", keys.DECIDED_ON_TTL_MS)
        for key in keys.of_handoff(handoff, handoff.blobs):
            kind = "hash" if ":handoff:" in key else "list" if ":history:" in key else "string"
            plan.write("PEXPIRE", key, kind, keep_ms)
        group_key = keys.of(handoff.group_id, "group")
        plan.write("PEXPIRE", group_key, "hash", keep_ms)
        if handoff.delivery_id is None:
            return
        delivery = DeliveryRecord(handoff.delivery_id, handoff.group_id, 1, "pending", None, at_ms, at_ms)
        delivery_key = keys.of(delivery.id, "delivery")
        plan.write("COUNTDOWN", group_key, "hash", 4)
        plan.write("HSET", delivery_key, "hash", "version", 1, "record", delivery_text(delivery))
        plan.write("PEXPIRE", delivery_key, "hash", keep_ms)
        plan.write("ZADD", keys.shared(partition, "deliveries"), "zset", at_ms, delivery.id)
        plan.write("XADD", keys.shared(partition, "outbox"), "stream", "*", "delivery", delivery.id)

    # Reading

    def load_outcomes(self, handoff_ids: Iterable[str]) -> list[tuple[Stored, dict[str, Any] | None]]:
        """Handoffs whose outcome stands, with their packages and the event of the outcome."""
        with failures_named():
            pipeline = self.client.pipeline(transaction=False)
            for identifier in handoff_ids:
                pipeline.hmget(keys.of(identifier, "handoff"), "record", "package")
                pipeline.lrange(keys.of(identifier, "history"), 0, -1)
            answers = pipeline.execute()
        found = []
        for (record, package), events in zip(answers[::2], answers[1::2], strict=True):
            stored = read_stored(record, package)
            if stored is None or stored.handoff.decision is None or not stored.handoff.settled:
                # Nobody outside is told what can still be taken back.
                continue
            wanted = stored.handoff.decision.event_id.encode()
            happened = next((json.loads(text) for text in events if wanted in text), None)
            found.append((stored, happened))
        return found

    def load_group(self, group_id: str) -> Group | None:
        """One group."""
        with failures_named():
            text = self.client.hget(keys.of(group_id, "group"), "record")
        return None if text is None else read_group(text)

    def first_answer(self, handoff_id: str) -> tuple[str, bytes] | None:
        """What rebuilds the answer to the opening: the stored parts of its token, and the first package."""
        with failures_named():
            token, first, current = self.client.hmget(keys.of(handoff_id, "handoff"), "token", "package:1", "package")
        return None if token is None else (token.decode(), first or current)

    def older_package(self, handoff_id: str, version: int) -> bytes | None:
        """A package version that another one has replaced."""
        with failures_named():
            package: bytes | None = self.client.hget(keys.of(handoff_id, "handoff"), f"package:{version}")
        return package

    def surroundings(self, handoff: Handoff) -> tuple[list[dict[str, Any]], DeliveryRecord | None]:
        """The events of one handoff, oldest first, and the callback of its group."""
        with failures_named():
            pipeline = self.client.pipeline(transaction=False)
            pipeline.lrange(keys.of(handoff.id, "history"), 0, -1)
            if handoff.delivery_id is not None:
                pipeline.hget(keys.of(handoff.delivery_id, "delivery"), "record")
            events, *delivery = pipeline.execute()
        record = delivery[0] if delivery else None
        return [json.loads(text) for text in events], None if record is None else read_delivery(record)

    def histories(self, handoff_ids: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
        """The events of many handoffs by their ids, oldest first."""
        asked = list(handoff_ids)
        with failures_named():
            pipeline = self.client.pipeline(transaction=False)
            for identifier in asked:
                pipeline.lrange(keys.of(identifier, "history"), 0, -1)
            found = pipeline.execute()
        return {name: [json.loads(text) for text in texts] for name, texts in zip(asked, found, strict=True)}

    def blob(self, handoff_id: str, name: str) -> bytes | None:
        """A blob by the hex of its SHA-256."""
        with failures_named():
            content: bytes | None = self.client.get(keys.of(handoff_id, "blob", name))
        return content

    def blobs(self, handoff: Handoff) -> dict[str, bytes]:
        """All blobs of a handoff."""
        found = {name: self.blob(handoff.id, name) for name in handoff.blobs}
        return {name: content for name, content in found.items() if content is not None}

    def newest_in_wait(self, wait_id: str) -> str | None:
        """The newest group of one execution and node."""
        with failures_named():
            value = self.client.get(keys.shared(self.partition, "wait", wait_id))
        return None if value is None else value.decode()

    def prune(self, limit: int) -> int:
        """Look at the next `limit` outcomes, round and round, and take those off the lists whose records have gone."""
        decided = keys.shared(self.partition, "decided")
        removed = 0
        with failures_named():
            found = self.client.zrangebyscore(decided, f"({self._pruned_to}", "+inf", 0, limit, withscores=True)
            for member, _ in found:
                identifier, workflow = member.decode().split("@", 1)
                # No end at the first one that is there: others can have a shorter life than it.
                if not self.client.exists(keys.of(identifier, "handoff")):
                    self.client.zrem(keys.shared(self.partition, "decided", workflow), identifier)
                    removed += self.client.zrem(decided, member)
        self._pruned_to = int(found[-1][1]) if len(found) == limit else 0
        return removed


def _once_ttl_ms(group: Group, openings: Sequence[Accepted]) -> int:
    """A guard outlives what it guards by a week."""
    latest_ms = max(opened.handoff.expires_at_ms for opened in openings)
    return max(keys.ONCE_TTL_MS, latest_ms - group.created_at_ms + keys.ONCE_TTL_MS)
