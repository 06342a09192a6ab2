"""Callbacks: take them from the outbox, send, write down what came of it, plan the next attempt.

A delivery is in one pair of hands at a time: the outbox gives an entry to one consumer, and another takes it over only
when the time-out of a request is long past. So retries never run beside each other (security row W3).
"""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from threading import BoundedSemaphore
from typing import Any, Final

import structlog

from companion.bootstrap import Services
from companion.core.callback import callback_body
from companion.core.delivery import Attempt, Delivered, Failed, Retry, Uncertain, Verdict, classify
from companion.core.handoff import State
from companion.store.pauses import Pause
from companion.store.protocol import DeliveryRecord, Group, StoreUnavailable

THREADS: Final = 16
TAKE_OVER_AFTER_MS: Final = 60_000
"""Four times the longest request: whoever held the entry is gone by then."""
DETAIL_CHARACTERS: Final = 300
HELD_BATCH: Final = 200
UNRECORDED: Final = ("lost",)
"""An entry that was taken and never finished: its attempt may have arrived, so "no longer waits" is no failure then."""

log = structlog.get_logger("handoff.deliveries")


class DeliveryWorker:
    """Sends callbacks from the outbox with a pool of threads."""

    def __init__(self, services: Services, consumer: str, threads: int = THREADS) -> None:
        self._services = services
        self._consumer = consumer
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="delivery")
        # No more in hand than threads: what waits in memory would be lost to other workers until it is taken over.
        self._free = BoundedSemaphore(threads)
        self._threads = threads

    def start(self) -> int:
        """Make the consumer group and go on with what this consumer had in hand when it was stopped."""
        self._services.deliveries.prepare()
        again = self._services.deliveries.take_again(self._consumer)
        for entry, delivery_id in again:
            self._submit_again(entry, delivery_id)
        return len(again)

    def run_once(self, block_ms: int = 0) -> int:
        """Take what waits, up to the free threads, and start sending it. Returns how many that was."""
        self._free.acquire()
        free = 1
        while free < self._threads and self._free.acquire(blocking=False):
            free += 1
        taken: list[tuple[str, str]] = []
        try:
            taken = self._services.deliveries.take(self._consumer, free, block_ms)
        finally:
            for _ in range(free - len(taken)):
                self._free.release()
        for entry, delivery_id in taken:
            self._pool.submit(self._deliver, entry, delivery_id).add_done_callback(self._finished)
        return len(taken)

    def take_over(self) -> int:
        """Take what a consumer that is gone left behind."""
        left = self._services.deliveries.take_over(self._consumer, TAKE_OVER_AFTER_MS, self._threads)
        for entry, delivery_id in left:
            self._submit_again(entry, delivery_id)
        return len(left)

    def drain(self) -> None:
        """Wait until everything in hand is done."""
        self._pool.shutdown(wait=True)

    def _submit_again(self, entry: str, delivery_id: str) -> None:
        self._free.acquire()
        self._pool.submit(self._deliver, entry, delivery_id, UNRECORDED).add_done_callback(self._finished)

    def _finished(self, future: Future[None]) -> None:
        self._free.release()
        error = future.exception()
        if isinstance(error, StoreUnavailable):
            # The entry stays in this consumer's hands and is sent again; the receiver's own check makes that harmless.
            log.warning("delivery_not_recorded", detail=str(error))
        elif error is not None:
            log.error("delivery_crashed", exc_info=error)

    def _deliver(self, entry: str, delivery_id: str, unrecorded: tuple[str, ...] = ()) -> None:
        """One attempt, from the record to what is written about it.

        `unrecorded` are attempts that may have been made and were never written down.
        """
        services = self._services
        found = services.deliveries.load_with_group(delivery_id)
        callback_url = found[1].callback_url if found else None
        if found is None or callback_url is None:
            services.deliveries.forget(entry)
            return
        record, group = found
        if (
            (record.attempts or unrecorded)
            and group.wait_id
            and services.store.newest_in_wait(group.wait_id) != group.id
        ):
            superseded = (
                "A newer question of the same workflow step is open; sending this one again could answer the wrong one."
            )
            services.deliveries.finish(entry, record, _closed(record, "superseded", superseded))
            return
        pause = self._held_by(group)
        if pause is not None:
            if unrecorded:
                # What may have arrived must be known when it goes out again.
                record = replace(record, attempts=(*record.attempts, _unfinished(services.clock.now_ms())))
            words = f"{pause.by_name} paused this: {pause.reason}"[:DETAIL_CHARACTERS]
            services.deliveries.hold(entry, record, _closed(record, "held", words), services.clock.now_ms())
            return
        outcomes = services.service.outcomes(group.handoff_ids)
        started_ms = services.clock.now_ms()
        body = callback_body(
            group_id=group.id,
            idempotency_key=group.idempotency_key,
            workflow_id=group.workflow_id,
            outcomes=outcomes,
            # Not the time of this attempt: one webhook-id has one body, so that a receiver may compare them.
            now_ms=record.created_at_ms,
        )
        secrets = services.directory.signing_secrets(group.api_key_id)
        attempt = services.webhooks.send(callback_url, record.id, secrets, body, started_ms)
        verdict = self._judge(record, group, attempt, unrecorded)
        after = _after(record, attempt, verdict, started_ms, services.clock.now_ms())
        services.deliveries.finish(entry, record, after)
        log.info(
            "delivery_attempted",
            delivery_id=record.id,
            group_id=group.id,
            status=after.status,
            http=attempt.status_code,
        )

    def _held_by(self, group: Group) -> Pause | None:
        """The pause that holds this callback back, if any; asked at each attempt, so that a pause holds at once (H6).

        A callback of which every case was stopped by a rule permits nothing: it goes out, for the workflow must learn
        that it was stopped.
        """
        book = self._services.pauses.book()
        if not book.active:
            return None
        handoffs = self._services.store.load_many(group.handoff_ids)
        if handoffs and all(handoff.state is State.STOPPED for handoff in handoffs):
            return None
        found = (book.covering(handoff.workflow_id, handoff.model_version) for handoff in handoffs)
        return next((pause for pause in found if pause is not None), None)

    def release_held(self) -> int:
        """Send what no pause holds any more. Returns how many callbacks that was."""
        deliveries = self._services.deliveries
        released = 0
        for record, group in deliveries.held(HELD_BATCH):
            if not self._is_held(record, group):
                again = replace(record, version=record.version + 1, status="pending", cause=None)
                released += deliveries.enqueue(record, again)
        return released

    def _is_held(self, record: DeliveryRecord, group: Group) -> bool:
        try:
            return self._held_by(group) is not None
        except StoreUnavailable:
            raise
        except Exception:
            # A case that cannot be read may be of what is paused; and the callbacks behind it must not wait for it.
            log.exception("held_callback_unreadable", delivery_id=record.id)
            return True

    def _judge(self, record: DeliveryRecord, group: Group, attempt: Attempt, unrecorded: tuple[str, ...]) -> Verdict:
        earlier = [*(str(made["code"]) for made in record.attempts), *unrecorded]
        since_replay = [made for made in record.attempts if made["at_ms"] >= (record.replayed_at_ms or 0)]
        jitter = self._services.clock.jitter()
        return classify(
            group.callback_expects, record.id, len(since_replay) + len(unrecorded) + 1, attempt, earlier, jitter
        )


def _unfinished(at_ms: int) -> Mapping[str, Any]:
    """An attempt of which nobody knows how far it came."""
    detail = "The worker ended during this attempt."
    return {
        "at_ms": at_ms, "status_code": None, "code": "lost", "outcome": "lost", "detail": detail, "duration_ms": 0,
    }  # fmt: skip


def _closed(record: DeliveryRecord, status: str, cause: str | None) -> DeliveryRecord:
    return replace(record, version=record.version + 1, status=status, cause=cause, next_attempt_at_ms=None)


def _after(record: DeliveryRecord, attempt: Attempt, verdict: Verdict, started_ms: int, now_ms: int) -> DeliveryRecord:
    """The record with this attempt in it."""
    made: Mapping[str, Any] = {
        "at_ms": started_ms,
        "status_code": attempt.status_code,
        "code": verdict.code,
        "outcome": attempt.outcome,
        "detail": attempt.detail[:DETAIL_CHARACTERS],
        "duration_ms": attempt.duration_ms,
    }
    record = replace(record, attempts=(*record.attempts, made))
    match verdict:
        case Delivered():
            return _closed(record, "delivered", None)
        case Uncertain(cause=cause):
            return _closed(record, "uncertain", cause)
        case Failed(cause=cause):
            return _closed(record, "failed", cause)
        case Retry(after_ms=after_ms, cause=cause):
            retrying = _closed(record, "retrying", cause)
            return replace(retrying, next_attempt_at_ms=now_ms + after_ms)
