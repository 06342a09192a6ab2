"""Callbacks in the store: the outbox of what to attempt now, and a record of all attempts."""

from collections.abc import Sequence
from typing import Any, Final

import redis

from companion.core.ids import group_of
from companion.store import keys
from companion.store.connection import failures_named
from companion.store.plan import Plan
from companion.store.protocol import DeliveryRecord, Group, Page
from companion.store.records import delivery_text, read_delivery, read_group
from companion.store.redis import RedisStore

CONSUMER_GROUP: Final = "deliveries"
TIMER_KIND: Final = "deliver"


class Deliveries:
    """The outbox stream and the delivery records of one partition."""

    def __init__(self, store: RedisStore) -> None:
        self._store = store
        self._client = store.client
        self._outbox = keys.shared(store.partition, "outbox")
        self._held = keys.shared(store.partition, "held")
        self._pruned_to = 0
        self._held_from = 0

    def prepare(self) -> None:
        """Make the consumer group, once."""
        with failures_named():
            try:
                self._client.xgroup_create(self._outbox, CONSUMER_GROUP, id="0", mkstream=True)
            except redis.ResponseError as error:
                if not str(error).startswith("BUSYGROUP"):
                    raise

    def take(self, consumer: str, count: int, block_ms: int) -> list[tuple[str, str]]:
        """Up to `count` deliveries to attempt now, as (outbox entry, delivery id); waits `block_ms` for the first."""
        # To the server a block of 0 means for ever.
        block = block_ms or None
        with failures_named():
            answer = self._client.xreadgroup(CONSUMER_GROUP, consumer, {self._outbox: ">"}, count=count, block=block)
        return _entries(answer)

    def take_again(self, consumer: str) -> list[tuple[str, str]]:
        """What this consumer took before it was killed, and had not finished."""
        with failures_named():
            answer = self._client.xreadgroup(CONSUMER_GROUP, consumer, {self._outbox: "0"}, count=10_000)
        return _entries(answer)

    def take_over(self, consumer: str, idle_ms: int, count: int) -> list[tuple[str, str]]:
        """What other consumers took at least `idle_ms` ago and never finished."""
        with failures_named():
            answer = self._client.xautoclaim(self._outbox, CONSUMER_GROUP, consumer, idle_ms, "0-0", count=count)
        return [(entry.decode(), fields[b"delivery"].decode()) for entry, fields in answer[1] if fields]

    def load_with_group(self, delivery_id: str) -> tuple[DeliveryRecord, Group] | None:
        """One delivery and the group whose outcome it tells, in one reading."""
        with failures_named():
            pipeline = self._client.pipeline(transaction=False)
            pipeline.hget(keys.of(delivery_id, "delivery"), "record")
            pipeline.hget(keys.of(group_of(delivery_id), "group"), "record")
            delivery, group = pipeline.execute()
        return None if delivery is None or group is None else (read_delivery(delivery), read_group(group))

    def load(self, delivery_id: str) -> DeliveryRecord | None:
        """One delivery."""
        with failures_named():
            text = self._client.hget(keys.of(delivery_id, "delivery"), "record")
        return None if text is None else read_delivery(text)

    def finish(self, entry: str, before: DeliveryRecord, after: DeliveryRecord) -> bool:
        """Write what came of an attempt, plan the next one if there is to be one, and take the entry off the outbox.

        False when somebody else wrote the record meanwhile: then nothing was written.
        """
        plan = Plan()
        key = keys.of(after.id, "delivery")
        plan.check("version", key, "hash", before.version)
        plan.write("HSET", key, "hash", "version", after.version, "record", delivery_text(after))
        timers = keys.shared(keys.partition_of(after.id), "timers")
        if after.next_attempt_at_ms is not None:
            plan.write("ZADD", timers, "zset", after.next_attempt_at_ms, f"{TIMER_KIND}:{after.id}")
        plan.write("XACK", self._outbox, "stream", CONSUMER_GROUP, entry)
        plan.write("XDEL", self._outbox, "stream", entry)
        return bool(self._store.run(plan)[0] == b"OK")

    def hold(self, entry: str, before: DeliveryRecord, after: DeliveryRecord, now_ms: int) -> bool:
        """Take a delivery off the outbox that a pause holds back, and remember it. False if it changed meanwhile."""
        key = keys.of(after.id, "delivery")
        plan = Plan().check("version", key, "hash", before.version)
        plan.write("HSET", key, "hash", "version", after.version, "record", delivery_text(after))
        plan.write("ZADD", self._held, "zset", now_ms, after.id)
        plan.write("XACK", self._outbox, "stream", CONSUMER_GROUP, entry)
        plan.write("XDEL", self._outbox, "stream", entry)
        return bool(self._store.run(plan)[0] == b"OK")

    def held(self, limit: int) -> list[tuple[DeliveryRecord, Group]]:
        """The next `limit` deliveries that a pause held, round and round, with their groups."""
        with failures_named():
            start = self._held_from
            ids = [member.decode() for member in self._client.zrange(self._held, start, start + limit - 1)]
            pipeline = self._client.pipeline(transaction=False)
            for identifier in ids:
                pipeline.hget(keys.of(identifier, "delivery"), "record")
                pipeline.hget(keys.of(group_of(identifier), "group"), "record")
            answers = pipeline.execute() if ids else []
        found = []
        for identifier, record, group in zip(ids, answers[::2], answers[1::2], strict=True):
            delivery = None if record is None else read_delivery(record)
            if delivery is None or group is None or delivery.status != "held":
                with failures_named():
                    self._client.zrem(self._held, identifier)
            else:
                found.append((delivery, read_group(group)))
        # What was taken off moved the others up.
        self._held_from = start + len(found) if len(ids) == limit else 0
        return found

    def forget(self, entry: str) -> None:
        """Take an entry off the outbox whose delivery has gone with its retention time."""
        self._store.run(
            Plan()
            .write("XACK", self._outbox, "stream", CONSUMER_GROUP, entry)
            .write("XDEL", self._outbox, "stream", entry)
        )

    def enqueue(self, before: DeliveryRecord, after: DeliveryRecord) -> bool:
        """Put a delivery into the outbox: a retry that is due, or a replay by hand. False if it changed meanwhile."""
        key = keys.of(after.id, "delivery")
        plan = Plan().check("version", key, "hash", before.version)
        plan.write("HSET", key, "hash", "version", after.version, "record", delivery_text(after))
        plan.write("ZREM", keys.shared(keys.partition_of(after.id), "timers"), "zset", f"{TIMER_KIND}:{after.id}")
        plan.write("XADD", self._outbox, "stream", "*", "delivery", after.id)
        if before.status == "held":
            plan.write("ZREM", self._held, "zset", after.id)
        return bool(self._store.run(plan)[0] == b"OK")

    def page(self, cursor: str | None, limit: int) -> Page:
        """Deliveries, newest first."""
        key = keys.shared(self._store.partition, "deliveries")
        with failures_named():
            start = 0
            if cursor is not None:
                rank = self._client.zrevrank(key, cursor)
                start = 0 if rank is None else rank + 1
            ids = [member.decode() for member in self._client.zrevrange(key, start, start + limit)]
        records = self.load_many(ids[:limit])
        return Page(records, ids[limit - 1] if len(ids) > limit else None)

    def load_many(self, ids: Sequence[str]) -> list[DeliveryRecord]:
        """The deliveries that still exist."""
        with failures_named():
            pipeline = self._client.pipeline(transaction=False)
            for identifier in ids:
                pipeline.hget(keys.of(identifier, "delivery"), "record")
            return [read_delivery(text) for text in pipeline.execute() if text is not None]

    def prune(self, limit: int) -> int:
        """Look at the next `limit` deliveries, round and round, and take those off the list whose records have gone."""
        key = keys.shared(self._store.partition, "deliveries")
        removed = 0
        with failures_named():
            found = self._client.zrange(key, self._pruned_to, self._pruned_to + limit - 1)
            for member in found:
                if not self._client.exists(keys.of(member.decode(), "delivery")):
                    removed += self._client.zrem(key, member)
        self._pruned_to = self._pruned_to + limit - removed if len(found) == limit else 0
        return removed


def _entries(answer: Any) -> list[tuple[str, str]]:
    """(entry, delivery id) pairs of a stream reading; RESP2 gives a list of streams, RESP3 a map."""
    streams = answer.items() if isinstance(answer, dict) else answer or []
    found: list[tuple[str, str]] = []
    for _, entries in streams:
        rows = entries[0] if isinstance(answer, dict) else entries
        found += [(entry.decode(), fields[b"delivery"].decode()) for entry, fields in rows if fields]
    return found
