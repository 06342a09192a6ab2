"""Refused attempts to act, and sign-ins: each leaves an event, and whoever audits reads them (R-CTX-02)."""

import re
from typing import Final

import structlog
from flask import Response, g, request
from flask_openapi3 import APIBlueprint, Tag

from companion.core.events import ACTOR_TYPES
from companion.core.ids import is_id
from companion.core.times import iso
from companion.identity.credentials import Caller
from companion.store.protocol import StoreUnavailable
from companion.web import models
from companion.web.answers import json_answer
from companion.web.callers import caller, services
from companion.web.problems import STATUS, Problem, cursor_malformed

api = APIBlueprint("attempts", __name__, abp_tags=[Tag(name="Audit", description="Who tried what.")])

REFUSED: Final = (401, 403)
READING: Final = ("GET", "HEAD", "OPTIONS")
COMING_BACK: Final = "/v1/sign-ins/oidc/callback"
"""A GET, because a browser is sent there, and an attempt to sign in all the same."""
CURSOR: Final = re.compile(r"(?!0+-0+$)[0-9]{1,15}-[0-9]{1,15}")

RULE_PART: Final = re.compile(r"<(?:[a-z]+:)?([a-z0-9]+)>")

log = structlog.get_logger("handoff.web")


@api.get("/v1/attempts", summary="Refused attempts to act, and sign-ins")
def list_attempts(query: models.CursorQuery) -> Response:
    """The newest first. Whoever sees some workflows only reads the attempts on their cases."""
    if query.cursor is not None and not CURSOR.fullmatch(query.cursor):
        raise cursor_malformed()
    page = services().attempts.newest(query.cursor, query.limit)
    items, who = list(page.items), caller()
    if who.workflows is not None:
        named = {event["handoff_id"] for event in items} - {None}
        seen = {handoff.id for handoff in services().store.load_many(named) if who.may_see(handoff)}
        items = [event for event in items if event["handoff_id"] in seen]
    return json_answer({"items": items, "cursor": page.cursor})


def note(refused: Problem) -> None:
    """Write down that this request, an attempt to act, was refused for who made it or what they showed.

    Nothing of body, headers or query is kept. What was only read is not noted: a page whose session ended asks again
    every few seconds.
    """
    only_read = request.method in READING and request.path != COMING_BACK
    if STATUS[refused.code] not in REFUSED or only_read or request.url_rule is None:
        return
    who = g.get("caller")
    named = (request.view_args or {}).get("id") or g.get("completed")
    handoff_id = named if named is not None and is_id(named, "ho") else None
    _append("attempt.refused", refused.code, None, handoff_id, who if isinstance(who, Caller) else None)


def note_sign_in(who: Caller, way: str) -> None:
    """Write down who came in, and how. Nothing of what they showed is kept."""
    _append("session.opened", None, way, who.only_handoff_id, who)


def _append(event_type: str, code: str | None, way: str | None, handoff_id: str | None, who: Caller | None) -> None:
    found, rule = services(), request.url_rule
    now_ms = found.clock.now_ms()
    event = {
        "event_id": found.clock.uuid4(),
        "event_type": event_type,
        "timestamp": iso(now_ms),
        "code": code,
        "way": way,
        "endpoint": " ".join((request.method, RULE_PART.sub(r"{\1}", rule.rule if rule else request.path))),
        "handoff_id": handoff_id,
        "decision_actor": None if who is None else _told(who),
    }
    try:
        found.attempts.append(event, now_ms)
    except StoreUnavailable as error:
        # The answer stands, whether or not it could be written down.
        kept = {name: event[name] for name in ("event_id", "event_type", "code", "way", "endpoint")}
        log.warning("attempt_not_noted", detail=str(error), **kept)


def _told(who: Caller) -> dict[str, str]:
    return {"type": ACTOR_TYPES[who.actor.kind], "id": who.actor.id, "name": who.actor.name}
