"""Callbacks with all their attempts, and sending one again by hand."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from companion.core.ids import is_id
from companion.core.times import iso
from companion.store.protocol import DeliveryRecord, Group
from companion.web import models
from companion.web.answers import json_answer
from companion.web.callers import caller, services
from companion.web.problems import Problem, cursor_malformed, not_found

api = APIBlueprint(
    "deliveries", __name__, abp_tags=[Tag(name="Deliveries", description="Callbacks and their attempts.")]
)


@api.get("/v1/deliveries", summary="Callbacks, newest first")
def list_deliveries(query: models.CursorQuery) -> Response:
    """Only those of groups that the caller may see."""
    cursor = query.cursor
    if cursor is not None and (not is_id(cursor, "dl") or services().deliveries.load(cursor) is None):
        # Behind one that is gone the list would begin anew, and a poller go round for ever.
        raise cursor_malformed()
    page = services().deliveries.page(cursor, query.limit)
    found = [(record, _group(record)) for record in page.items]
    return json_answer({"items": [_told(record, group) for record, group in found if group], "cursor": page.cursor})


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
    group = _group(record) if record else None
    if record is None or group is None:
        raise not_found()
    return record, group


def _group(record: DeliveryRecord) -> Group | None:
    """The group of a delivery, if the caller may see its workflow."""
    group = services().store.load_group(record.group_id)
    workflows = caller().workflows
    return group if group and (workflows is None or group.workflow_id in workflows) else None


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
