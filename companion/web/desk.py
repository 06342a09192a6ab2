"""The desk: the inbox with its filters and counts, and the people whom a case can be given to."""

import re
from collections.abc import Sequence
from typing import Any, Final

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from companion.core.decide import hindrance
from companion.core.handoff import UNDECIDED, Handoff
from companion.core.ids import is_id
from companion.identity.credentials import Caller
from companion.store.lists import LOOKED_AT, OpenPage, Wanted, anything
from companion.web import models_desk
from companion.web.answers import identified, json_answer
from companion.web.callers import caller, services
from companion.web.case import visible
from companion.web.permissions import workflows_seen
from companion.web.problems import cursor_malformed
from companion.web.views.offers import confirmed
from companion.web.views.redacted import something_hidden
from companion.web.views.rows import row

api = APIBlueprint("desk", __name__, abp_tags=[Tag(name="Handoffs")])

FROM_THE_NEWEST: Final = "9" * 15
"""The cursor of decided handoffs that stands before all of them."""
OPEN_CURSOR: Final = re.compile(r"[0-9]{1,16}\.ho_[0-9a-z]{28}")
DECIDED_CURSOR: Final = re.compile(r"[0-9]{1,15}")
TITLES_OF: Final = 100
"""Of as many workflows the titles of queues are looked up."""


@api.get("/v1/handoffs", summary="The inbox")
def list_handoffs(query: models_desk.InboxQuery) -> Response:
    """Handoffs of the caller's workflows: open ones by urgency, decided ones newest first, or those of one group.

    Of open ones, a reviewer who works on some levels only is served those, unless they ask for a `level`. No more than
    1,000 cases are read for one answer: `waiting` is exact up to there, and a page can be short and have a cursor.
    """
    who, now_ms = caller(), services().clock.now_ms()
    workflows = _workflows(query)
    if workflows == ():
        return json_answer(_told([], None, 0, True, 0))
    if query.group_id is not None:
        found, cursor = _of_group(query.group_id), None
    elif query.state == "open":
        return _open(query, workflows, who, now_ms)
    elif query.state == "decided":
        found, cursor = _decided(workflows, query.cursor, query.limit, _filter(query, who, now_ms))
    else:
        found, cursor = _all(query, workflows, who, now_ms)
    waiting, exact = _waiting(workflows, _serving(query, who, now_ms), who)
    return identified(_told(found, cursor, waiting, exact, services().store.count_decided_on(workflows, now_ms)))


def _told(
    found: Sequence[Handoff], cursor: str | None, waiting: int, exact: bool, decided_today: int
) -> dict[str, Any]:
    who, now_ms, service = caller(), services().clock.now_ms(), services().service
    return {
        "items": [row(handoff, who, now_ms, service.review_url(handoff.id)) for handoff in found],
        "cursor": cursor,
        "waiting": waiting,
        "waiting_exact": exact,
        "decided_today": decided_today,
    }


def _workflows(query: models_desk.InboxQuery) -> tuple[str, ...] | None:
    """The workflows that are asked for, as far as the caller works on them."""
    mine = workflows_seen()
    if query.workflow_id is None:
        return mine
    return (query.workflow_id,) if mine is None or query.workflow_id in mine else ()


# Which cases


def _serving(query: models_desk.InboxQuery, who: Caller, now_ms: int) -> Wanted:
    """The filter of what waits for this reader: the query's, and the levels that they work on (R-ROLE-14)."""
    asked = _filter(query, who, now_ms)
    levels = who.levels if query.level is None else None
    if levels is None:
        return asked

    def served(handoff: Handoff) -> bool:
        return (handoff.reviewer_level in levels or _is_mine(handoff, who, now_ms)) and asked(handoff)

    return served


def _filter(query: models_desk.InboxQuery, who: Caller, now_ms: int) -> Wanted:
    """What the query asks for; `anything` where it asks for nothing and the reader sees every queue."""
    same = {
        "queue": query.queue,
        "risk_tier": query.risk_tier,
        "reviewer_level": query.level,
        "category": query.issue,
    }
    same = {name: value for name, value in same.items() if value is not None}
    words = None if query.q is None else query.q.casefold().strip()
    if not same and not words and not query.mine and not query.claimable and who.queues is None:
        return anything

    def wanted(handoff: Handoff) -> bool:
        return (
            who.may_see(handoff)
            and all(getattr(handoff, name) == value for name, value in same.items())
            and (not words or _says(handoff, words, who))
            and (not query.mine or _is_mine(handoff, who, now_ms))
            and (not query.claimable or _is_claimable(handoff, who, now_ms))
        )

    return wanted


def _says(handoff: Handoff, words: str, who: Caller) -> bool:
    """Whether the words stand in what names the case. Where something is hidden, what could repeat it is left out."""
    names = [handoff.id, handoff.title, handoff.question, handoff.workflow_id, handoff.category]
    if not something_hidden(handoff, who):
        names += [handoff.task_id, handoff.requester]
    return any(words in name.casefold() for name in names if name is not None)


def _is_mine(handoff: Handoff, who: Caller, now_ms: int) -> bool:
    """Whether this person looks after the case, holds it, or decided it."""
    held, decision = handoff.holder(now_ms), handoff.decision
    named = (handoff.assignee and handoff.assignee.id, held and held.by_id, decision and decision.by_id)
    return who.actor.id in named


def _is_claimable(handoff: Handoff, who: Caller, now_ms: int) -> bool:
    """Whether this person may take the case now and do their part of it."""
    if who.kind != "human" or hindrance(handoff, "claim", confirmed(who), now_ms) is not None:
        return False
    parts = ("approve", "reject", "triage", "verify")
    return any(hindrance(handoff, part, confirmed(who), now_ms) is None for part in parts)


# Where they are


def _open(query: models_desk.InboxQuery, workflows: tuple[str, ...] | None, who: Caller, now_ms: int) -> Response:
    """The open cases that the reader is served, the most urgent first."""
    store, wanted = services().store, _serving(query, who, now_ms)
    cursor = _open_cursor(query.cursor)
    facets = None
    if query.facets:
        every = _read_open(workflows, None, _serving(_unfiltered(query), who, now_ms), who)
        facets = _facets(every.items)
    if wanted is anything or cursor is not None:
        page = store.list_open(workflows, cursor, query.limit, who.skills_seen, wanted=wanted)
        waiting, exact = _waiting(workflows, wanted, who)
    else:
        # One reading for the page and for the count.
        every = _read_open(workflows, None, wanted, who)
        page, waiting, exact = every.first(query.limit), len(every.items), every.cursor is None
    told = _told(page.items, page.cursor, waiting, exact, store.count_decided_on(workflows, now_ms))
    return identified(told if facets is None else told | {"facets": facets})


def _unfiltered(query: models_desk.InboxQuery) -> models_desk.InboxQuery:
    return models_desk.InboxQuery(workflow_id=query.workflow_id)


def _read_open(workflows: tuple[str, ...] | None, cursor: str | None, wanted: Wanted, who: Caller) -> OpenPage:
    return services().store.list_open(workflows, cursor, LOOKED_AT, who.skills_seen, wanted=wanted)


def _waiting(workflows: tuple[str, ...] | None, wanted: Wanted, who: Caller) -> tuple[int, bool]:
    """How many open cases are wanted, and whether that is exact: only so many are read for it."""
    if wanted is anything:
        return services().store.count_open(workflows, who.skills_seen), True
    every = _read_open(workflows, None, wanted, who)
    return len(every.items), every.cursor is None


def _facets(found: Sequence[Handoff]) -> dict[str, Any]:
    """What the filters of a desk can be set to, of what waits for the reader."""
    queues: dict[str, str] = {}
    titles: dict[str, Any] = {}
    for handoff in found:
        if handoff.queue is None or handoff.queue in queues:
            continue
        if handoff.workflow_id not in titles and len(titles) < TITLES_OF:
            titles[handoff.workflow_id] = services().policies.standing_now(handoff.workflow_id).policy.queues
        named = titles.get(handoff.workflow_id, {}).get(handoff.queue)
        queues[handoff.queue] = handoff.queue if named is None else named["title"]
    return {
        "workflows": sorted({handoff.workflow_id for handoff in found}),
        "queues": [{"id": name, "title": title} for name, title in sorted(queues.items())],
        "issues": sorted({handoff.category for handoff in found if handoff.category is not None}),
    }


def _of_group(group_id: str) -> list[Handoff]:
    store = services().store
    group = store.load_group(group_id) if is_id(group_id, "gr") else None
    return [handoff for handoff in store.load_many(group.handoff_ids) if caller().may_see(handoff)] if group else []


Part = tuple[list[Handoff], str | None]
"""Handoffs of a list, and the cursor behind them; None at its end."""


def _decided(workflows: tuple[str, ...] | None, cursor: str | None, limit: int, wanted: Wanted) -> Part:
    """Handoffs with an outcome that are wanted, the newest first."""
    if cursor is not None and not DECIDED_CURSOR.fullmatch(cursor):
        raise cursor_malformed()
    before, looked_at = int(cursor or FROM_THE_NEWEST), 0
    found: list[Handoff] = []
    while True:
        part = services().store.list_decided_newest(workflows, before, limit)
        for sequence, handoff in part.items:
            if len(found) == limit:
                return found, str(before)
            before = sequence
            if caller().may_see(handoff) and wanted(handoff):
                found.append(handoff)
        looked_at += limit
        if len(found) < limit:
            before = part.last_sequence
        if not part.more or looked_at >= LOOKED_AT:
            return found, str(before) if part.more else None


def _all(query: models_desk.InboxQuery, workflows: tuple[str, ...] | None, who: Caller, now_ms: int) -> Part:
    """Open ones first, then decided ones; the two kinds of cursor say where a reader is."""
    wanted = _filter(query, who, now_ms)
    if query.cursor is not None and "." not in query.cursor:
        return _decided(workflows, query.cursor, query.limit, wanted)
    cursor = _open_cursor(query.cursor)
    page = services().store.list_open(workflows, cursor, query.limit, who.skills_seen, wanted=wanted)
    found = [handoff for handoff in page.items if handoff.state in UNDECIDED]
    if page.cursor is not None or len(found) == query.limit:
        return found, page.cursor or FROM_THE_NEWEST
    decided, next_cursor = _decided(workflows, None, query.limit - len(found), wanted)
    return found + decided, next_cursor


def _open_cursor(cursor: str | None) -> str | None:
    if cursor is not None and not OPEN_CURSOR.fullmatch(cursor):
        raise cursor_malformed()
    return cursor


# People


@api.get("/v1/reviewers", summary="People whom a case can be given to")
def list_reviewers(query: models_desk.ReviewersQuery) -> Response:
    """Names and roles, no addresses: of those who share a workflow with the caller, or who may see one case."""
    who, directory = caller(), services().directory
    handoff = None if query.handoff_id is None else visible(query.handoff_id).handoff
    items = []
    for person in directory.list_reviewers():
        other = directory.caller_of(person)
        shared = who.workflows is None or other.workflows is None or bool(set(who.workflows) & set(other.workflows))
        if shared if handoff is None else other.may_see(handoff):
            items.append({"id": person.id, "name": person.name, "roles": sorted(person.roles)})
    return json_answer({"items": items})
