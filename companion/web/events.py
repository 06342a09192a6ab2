"""Events of policies, pauses, people and credentials: who changed what, from what to what, and why (R-AUD-18)."""

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from companion.web import models
from companion.web.answers import json_answer
from companion.web.attempts import CURSOR
from companion.web.callers import caller, services
from companion.web.problems import cursor_malformed

api = APIBlueprint("events", __name__, abp_tags=[Tag(name="Audit", description="Who tried what.")])


@api.get("/v1/events", summary="Events of policies, pauses and people")
def list_events(query: models.CursorQuery) -> Response:
    """The newest first; about 10,000 of each kind are kept.

    Whoever works on some workflows reads theirs, and what concerns all, such as changes of people.
    """
    if query.cursor is not None and not CURSOR.fullmatch(query.cursor):
        raise cursor_malformed()
    page = services().policies.events_before(query.cursor, query.limit, caller().workflows)
    return json_answer({"items": list(page.items), "cursor": page.cursor})
