"""Timers that are due: deadlines, levels and claims that ran out, ends of undo windows, and callbacks to try again.

A timer can fire twice; that is harmless, because `decide` refuses what is late (security row R6).
"""

from dataclasses import replace
from typing import Final

import structlog

from companion.bootstrap import Services
from companion.core.decide import Refused
from companion.store.deliveries import TIMER_KIND
from companion.store.protocol import StoreUnavailable

LEASE_MS: Final = 10_000
"""How long a worker may take for what it claimed, before another one sees it again."""
BATCH: Final = 100
PRUNE_BATCH: Final = 200

log = structlog.get_logger("handoff.timers")


class TimerWorker:
    """Claims due timers and runs them."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def run_once(self, now_ms: int) -> int:
        """Run what is due at `now_ms`. Returns how many timers that was."""
        due = self._services.store.claim_due_timers(now_ms, LEASE_MS, BATCH)
        for kind, identifier in due:
            try:
                self._run(kind, identifier, now_ms + LEASE_MS)
            except StoreUnavailable:
                raise
            except Exception:
                # The lease brings it back. What stands behind it must not wait for it: its clocks would stand still.
                log.exception("timer_failed", kind=kind, id=identifier)
        return len(due)

    def prune(self) -> int:
        """Take list entries off whose records have gone with their retention time, and place open cases anew."""
        self._services.store.rank_anew(PRUNE_BATCH)
        return self._services.store.prune(PRUNE_BATCH) + self._services.deliveries.prune(PRUNE_BATCH)

    def _run(self, kind: str, identifier: str, leased_until_ms: int) -> None:
        if kind == TIMER_KIND:
            self._retry(identifier, leased_until_ms)
            return
        service = self._services.service
        done = {
            "expire": service.expire,
            "move_up": service.move_up,
            "release": service.release_lapsed_claim,
            "settle": service.settle,
        }[kind](identifier)
        if isinstance(done, Refused):
            if done.code == "busy":
                # The lease brings it back.
                return
            if done.code not in ("not_due", "claim_still_runs"):
                # Decided, undone, gone, or not claimed any more: nothing is left to do.
                self._services.store.clear_timer(kind, identifier, leased_until_ms)
            return
        log.info("timer_ran", kind=kind, handoff_id=identifier, state=done.handoff.state.value)

    def _retry(self, delivery_id: str, leased_until_ms: int) -> None:
        """Put a callback into the outbox again when its time has come."""
        deliveries = self._services.deliveries
        record = deliveries.load(delivery_id)
        if record is None or record.next_attempt_at_ms is None:
            self._services.store.clear_timer(TIMER_KIND, delivery_id, leased_until_ms)
            return
        deliveries.enqueue(record, replace(record, version=record.version + 1, next_attempt_at_ms=None))
