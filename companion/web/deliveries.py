"""Callbacks with all their attempts, and sending one again by hand."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from companion.core.ids import is_id
from companion.core.times import iso
from companion.store.lists import LOOKED_AT
from companion.store.protocol import DeliveryRecord, Group
from companion.web import models
from companion.web.answers import json_answer
from companion.web.callers import caller, sees_every_queue, services
from companion.web.problems import Problem, cursor_malformed, not_found

api = APIBlueprint(
    "deliveries", __name__, abp_tags=[Tag(name="Deliveries", description="Callbacks and their attempts.")]
)


@api.get("/v1/deliveries", summary="Callbacks, newest first")
def list_deliveries(query: models.CursorQuery) -> Response:
    """Only those of cases that the caller may see; of a group that is partly theirs, only these are named.

    No more than 1,000 cases are looked at for one answer: a page can be short and have a cursor.
    """
    cursor = query.cursor
    if cursor is not None and (not is_id(cursor, "dl") or services().deliveries.load(cursor) is None):
        # Behind one that is gone the list would begin anew, and a poller go round for ever.
        raise cursor_malformed()
    seen: list[tuple[DeliveryRecord, Group]] = []
    passed: str | None = None
    for record, group, looked_at in _walk(cursor, query.limit):
        if looked_at >= LOOKED_AT:
            return _listed(seen, seen[-1][0].id if len(seen) == query.limit else passed)
        if group is not None and len(seen) == query.limit:
            # Behind the last that is theirs, and only where another one follows: a cursor tells of no others.
            return _listed(seen, seen[-1][0].id)
        if group is not None:
            seen.append((record, group))
        passed = record.id
    return _listed(seen, None)


def _walk(cursor: str | None, chunk: int) -> Iterator[tuple[DeliveryRecord, Group | None, int]]:
    """Each delivery behind the cursor, what of its group is the caller's, and how many cases were looked at before."""
    looked_at = 0
    while True:
        page = services().deliveries.page(cursor, chunk)
        for record in page.items:
            group = services().store.load_group(record.group_id)
            yield record, None if group is None else _seen(group), looked_at
            looked_at += len(group.handoff_ids) if group and not _sees_all() else 0
        cursor = page.cursor
        if cursor is None:
            return


def _listed(seen: list[tuple[DeliveryRecord, Group]], cursor: str | None) -> Response:
    return json_answer({"items": [_told(record, group) for record, group in seen], "cursor": cursor})


@api.get("/v1/deliveries/<string:id>", summary="One callback")
def read_delivery(path: models.ById) -> Response:
    """Status, cause and every attempt."""
    return json_answer(_told(*_visible(path.id)))


@api.post("/v1/deliveries/<string:id>/replay", summary="Send a callback again")
def replay(path: models.ById) -> Response:
    """Put it into the outbox now. The receiver's own checks keep a second copy from doing anything twice."""
    record, group = _visible(path.id)
    if record.status == "pending":
        raise Problem("delivery_under_way", "This callback is on its way already.")
    if record.status == "held":
        raise Problem("delivery_held", "A pause holds this callback; it goes out by itself when that ends.")
    now_ms = services().clock.now_ms()
    again = replace(
        record, version=record.version + 1, status="pending", cause=None, next_attempt_at_ms=None, replayed_at_ms=now_ms
    )
    if not services().deliveries.enqueue(record, again):
        raise Problem("delivery_under_way", "This callback was attempted at this very moment; read it again.")
    return json_answer(_told(again, group), 202)


def _visible(delivery_id: str) -> tuple[DeliveryRecord, Group]:
    record = services().deliveries.load(delivery_id) if is_id(delivery_id, "dl") else None
    whole = services().store.load_group(record.group_id) if record else None
    group = None if whole is None else _seen(whole)
    if record is None or group is None:
        raise not_found()
    return record, group


def _seen(group: Group) -> Group | None:
    """The group with those of its cases that the caller may see, by the workflow of the first; None without any.

    Whoever is there for the callbacks themselves reads of all queues, and of no case more than its id.
    """
    if _sees_all():
        return group
    who = caller()
    handoffs = services().store.load_many(group.handoff_ids)
    mine = [h for h in handoffs if who.may_see(h) or ("sre" in who.roles and who.sees(h.workflow_id))]
    if not mine:
        return None
    return replace(group, handoff_ids=tuple(h.id for h in mine), workflow_id=mine[0].workflow_id)


def _sees_all() -> bool:
    """Whether the caller sees the callbacks of all cases there are."""
    who = caller()
    return who.workflows is None and (sees_every_queue(who) or "sre" in who.roles)


def _told(record: DeliveryRecord, group: Group) -> dict[str, Any]:
    """A delivery as the API shows it: the origin of the address, never its signed path."""
    parts = urlsplit(group.callback_url or "")
    return {
        "id": record.id,
        "group_id": record.group_id,
        "handoff_ids": list(group.handoff_ids),
        "workflow_id": group.workflow_id,
        "status": record.status,
        "cause": record.cause,
        "created_at": iso(record.created_at_ms),
        "next_attempt_at": iso(record.next_attempt_at_ms) if record.next_attempt_at_ms is not None else None,
        "url_origin": f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else ""),
        "attempts": [
            {"at": iso(attempt["at_ms"])} | {k: v for k, v in attempt.items() if k != "at_ms"}
            for attempt in record.attempts
        ],
    }
