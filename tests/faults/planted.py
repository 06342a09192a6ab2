"""Faults to plant, so that the kill loop is seen to catch them: `python -m tests.faults.planted NAME serve`.

Each is one careless line that a busy developer could write. None of this is imported by the product.
"""

import sys
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from companion.adapters.webhook import WebhookSender
from companion.cli import main
from companion.store import redis as redis_store
from companion.store.plan import Plan
from companion.store.protocol import Opened
from companion.store.redis import RedisStore
from companion.workers import deliveries as delivery_worker
from companion.workers.timers import TimerWorker

GAP_S = 0.15
"""How long a planted gap between two steps lasts: long enough for a kill to fall into it."""


def version_check_removed() -> None:
    """Two people decide at once, and both are told that theirs counts."""
    _without_check("version")
    _without_check("same")  # each commit compares the count of writes as well


def idempotency_check_removed() -> None:
    """A repeated request opens a second handoff."""
    _without_check("absent")


def reply_before_write() -> None:
    """The opening is acknowledged, and written a moment later."""
    opened = RedisStore.open

    def open_later(self: RedisStore, *arguments: Any) -> Any:
        threading.Thread(target=lambda: (time.sleep(GAP_S), opened(self, *arguments)), daemon=True).start()
        return Opened()

    RedisStore.open = open_later  # type: ignore[method-assign]


def outbox_written_after_the_reply() -> None:
    """The decision is committed, and its callback is queued a moment later."""
    _write_later("XADD")


def outcome_list_written_after_the_reply() -> None:
    """The decision is committed, and its place among the outcomes is written a moment later."""
    _write_later("ZADDSEQ")


def history_written_after_the_reply() -> None:
    """The decision is committed, and its audit event is written a moment later."""
    _write_later("RPUSH")


def outbox_forgotten_before_sending() -> None:
    """The entry is taken off the outbox before the callback is sent."""
    deliver = delivery_worker.DeliveryWorker._deliver

    def forget_first(self: Any, entry: str, delivery_id: str) -> None:
        self._services.deliveries.forget(entry)
        time.sleep(GAP_S)
        deliver(self, entry, delivery_id)

    delivery_worker.DeliveryWorker._deliver = forget_first  # type: ignore[method-assign]


def timer_removed_before_it_ran() -> None:
    """A due deadline is taken off the list first, and handled a moment later."""
    run = TimerWorker._run

    def remove_first(self: Any, kind: str, identifier: str, leased_until_ms: int) -> None:
        self._services.store.clear_timer(kind, identifier, leased_until_ms)
        time.sleep(GAP_S)
        run(self, kind, identifier, leased_until_ms)

    TimerWorker._run = remove_first  # type: ignore[method-assign]


def new_callback_id_for_each_attempt() -> None:
    """A retry looks like a new message, so no receiver can tell it from a second decision."""
    send = WebhookSender.send

    def send_renamed(self: WebhookSender, target_url: str, webhook_id: str, *rest: Any) -> Any:
        return send(self, target_url, f"{webhook_id}-{uuid.uuid4()}", *rest)

    WebhookSender.send = send_renamed  # type: ignore[method-assign]


def original_delivered_for_an_edit() -> None:
    """A person approves an edit, and the workflow gets the original."""
    callback_body = delivery_worker.callback_body

    def with_original(*, outcomes: Any, **rest: Any) -> bytes:
        told = [one | {"final_output_digest": one["output_digest"]} if one["edited"] else one for one in outcomes]
        return callback_body(outcomes=told, **rest)

    delivery_worker.callback_body = with_original


def fsync_off() -> None:
    """The last writes were never on the disk; planted in victims.py, which cuts them off when it kills the store."""


FAULTS: dict[str, Callable[[], None]] = {
    fault.__name__: fault
    for fault in (
        version_check_removed, idempotency_check_removed, reply_before_write, outbox_written_after_the_reply,
        outcome_list_written_after_the_reply, history_written_after_the_reply, outbox_forgotten_before_sending,
        timer_removed_before_it_ran, new_callback_id_for_each_attempt, original_delivered_for_an_edit, fsync_off,
    )
}  # fmt: skip


def _without_check(what: str) -> None:
    check = Plan.check

    def unchecked(self: Plan, kind: str, *arguments: Any) -> Plan:
        return self if kind == what else check(self, kind, *arguments)

    Plan.check = unchecked  # type: ignore[method-assign]


def _write_later(command: str) -> None:
    """Split one kind of write off the commit and do it a moment later, as a second step after the reply would."""
    run = RedisStore.run

    def run_split(self: RedisStore, plan: Plan) -> Any:
        writes, first, later = plan._writes, [], []
        at = 0
        while at < len(writes):
            step = writes[at : at + 3 + int(writes[at + 2])]
            (later if step[0] == command else first).append(step)
            at += len(step)
        plan._writes = [value for step in first for value in _shortened(step, command)]
        answer = run(self, plan)
        names = {number: name for name, number in plan._numbers.items()}

        def write() -> None:
            time.sleep(GAP_S)
            for step in later:
                if command == "ZADDSEQ":
                    self.client.zadd(names[step[1]], {step[3]: answer[1]})
                else:
                    self.client.execute_command(command, names[step[1]], *step[3:])

        if answer[0] == b"OK" and later:
            threading.Thread(target=write, daemon=True).start()
        return answer

    redis_store.RedisStore.run = run_split  # type: ignore[method-assign]


def _shortened(step: list[Any], command: str) -> list[Any]:
    """A COUNTDOWN guards four writes; without the outbox write it guards three."""
    return [*step[:3], 3] if step[0] == "COUNTDOWN" and command == "XADD" else step


if __name__ == "__main__":
    FAULTS[sys.argv[1]]()
    sys.argv = ["handoff", *sys.argv[2:]]
    main()
