"""GET /v1/decisions: every handoff that reached an outcome, in the order in which it did; what a poller reads."""

import re
from collections.abc import Sequence
from typing import Any

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from companion.core.handoff import Handoff
from companion.identity.credentials import Caller
from companion.store.lists import LOOKED_AT
from companion.web import models
from companion.web.answers import json_answer
from companion.web.callers import caller, sees_every_queue, services
from companion.web.permissions import workflows_seen
from companion.web.problems import cursor_malformed
from companion.web.views.redacted import outcome_seen, something_hidden

api = APIBlueprint("decisions", __name__, abp_tags=[Tag(name="Decisions", description="What became of each handoff.")])


@api.get("/v1/decisions", summary="Outcomes since a cursor")
def list_decisions(query: models.CursorQuery) -> Response:
    """Expired and withdrawn handoffs too, with `approved` null. The cursor is the commit sequence, never a time."""
    if query.cursor is not None and not re.fullmatch(r"[0-9]{1,15}", query.cursor):
        raise cursor_malformed()
    who = caller()
    found, cursor = _seen(int(query.cursor or 0), query.limit, who)
    mine = {handoff.id: (sequence, handoff) for sequence, handoff in found}
    items = [
        # A review of a routed item or of a pause answers no question of a workflow; `subject` tells them apart.
        {"sequence": mine[told["id"]][0], "subject": mine[told["id"]][1].subject, **told}
        for told in _outcomes([handoff for _, handoff in mine.values()], who)
    ]
    return json_answer({"items": items, "cursor": str(cursor)})


def _seen(after: int, limit: int, who: Caller) -> tuple[list[tuple[int, Handoff]], int]:
    """Outcomes behind a sequence number that the caller may know of, and where the next reading goes on.

    It goes on behind the last one that they are shown: a cursor that moved would tell of others. Only where LOOKED_AT
    outcomes in a row are not for them it leads past these, so that a poller never stands still.
    """
    store, workflows = services().store, workflows_seen()
    page = store.list_decided(workflows, after, limit)
    if sees_every_queue(who):
        return [(sequence, handoff) for sequence, handoff in page.items if who.may_see(handoff)], page.last_sequence
    seen: list[tuple[int, Handoff]] = []
    looked_at = limit
    while True:
        seen += [(sequence, handoff) for sequence, handoff in page.items if who.may_see(handoff)]
        if len(seen) >= limit or not page.more:
            return seen[:limit], seen[:limit][-1][0] if seen else after
        if looked_at >= LOOKED_AT:
            return seen, page.last_sequence
        looked_at += limit
        page = store.list_decided(workflows, page.last_sequence, limit)


def _outcomes(handoffs: Sequence[Handoff], who: Caller) -> list[dict[str, Any]]:
    """The outcomes as this reader may see them."""
    told = services().service.outcomes([handoff.id for handoff in handoffs])
    hiding = [handoff.id for handoff in handoffs if something_hidden(handoff, who)]
    stored = {each.handoff.id: each for each in services().store.load_packages(hiding)}
    events = services().store.histories(stored)
    return [
        outcome_seen(each, events[each["id"]], stored[each["id"]].handoff, stored[each["id"]].package, who)
        if each["id"] in stored
        else each
        for each in told
    ]
