"""The loops around the workers, in one process. Any number of such processes may run beside each other."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Final

import structlog

from companion.bootstrap import Services
from companion.store.protocol import StoreUnavailable
from companion.workers.deliveries import DeliveryWorker
from companion.workers.timers import TimerWorker

BLOCK_MS: Final = 1_000
"""How long one reading of the outbox waits; a callback that comes in meanwhile is taken at once."""
TIMER_PAUSE_S: Final = 0.25
STORE_PAUSE_S: Final = 0.5
TAKE_OVER_EVERY_MS: Final = 10_000
PRUNE_EVERY_MS: Final = 60_000

log = structlog.get_logger("handoff.worker")


def run_workers(services: Services, stop: Event, consumer: str) -> None:
    """Run until `stop` is set. A store that is away is waited for; nothing else ends a loop.

    `consumer` names this process in the outbox. A name that comes back after a kill -9 gets its unfinished callbacks
    back at once, so no two living processes may share one.
    """
    loops = (_deliver, _timers, _housekeeping)
    threads = [
        Thread(target=_guarded, args=(loop, services, stop, consumer), name=loop.__name__, daemon=True)
        for loop in loops
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


Loop = Callable[[Services, Event, str], None]


def _guarded(loop: Loop, services: Services, stop: Event, consumer: str) -> None:
    """Run a loop again when the store comes back, and after a bug of ours: a stopped clock would keep cases open."""
    while not stop.is_set():
        try:
            loop(services, stop, consumer)
        except StoreUnavailable as error:
            log.warning("worker_waits_for_store", loop=loop.__name__, detail=str(error))
        except Exception:
            log.exception("worker_crashed", loop=loop.__name__)
        stop.wait(STORE_PAUSE_S)


def _deliver(services: Services, stop: Event, consumer: str) -> None:
    worker = DeliveryWorker(services, consumer)
    try:
        worker.start()
        while not stop.is_set():
            worker.run_once(BLOCK_MS)
    finally:
        worker.drain()


def _timers(services: Services, stop: Event, name: str) -> None:
    worker = TimerWorker(services)
    held = DeliveryWorker(services, f"{name}-held", threads=1)
    while not stop.is_set():
        if worker.run_once(services.clock.now_ms()) + held.release_held() == 0:
            stop.wait(TIMER_PAUSE_S)


def _housekeeping(services: Services, stop: Event, consumer: str) -> None:
    """Callbacks that a dead worker left, lists of records that have gone, and cases of people who went away."""
    deliveries, timers = DeliveryWorker(services, consumer), TimerWorker(services)
    services.deliveries.prepare()
    taken_ms = pruned_ms = services.clock.monotonic_ms()
    while not stop.is_set():
        now_ms = services.clock.monotonic_ms()
        if now_ms - taken_ms >= TAKE_OVER_EVERY_MS:
            deliveries.take_over()
            taken_ms = now_ms
        if now_ms - pruned_ms >= PRUNE_EVERY_MS:
            timers.prune()
            services.absences.hand_over_begun()
            pruned_ms = now_ms
        stop.wait(STORE_PAUSE_S)
