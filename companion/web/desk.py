"""The desk: the inbox with its filters and counts, and the people whom a case can be given to."""

import re
from collections.abc import Sequence
from typing import Any, Final

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from companion.core.decide import can_work_on
from companion.core.duties import shares_work
from companion.core.handoff import UNDECIDED, Handoff
from companion.core.ids import is_id
from companion.identity.credentials import Caller
from companion.store.lists import LOOKED_AT, OpenPage, Wanted, anything
from companion.web import models_desk
from companion.web.answers import identified, json_answer
from companion.web.callers import caller, sees_every_queue, services
from companion.web.case import visible
from companion.web.permissions import workflows_seen
from companion.web.problems import cursor_malformed
from companion.web.views.redacted import something_hidden
from companion.web.views.rows import may_act, row

api = APIBlueprint("desk", __name__, abp_tags=[Tag(name="Handoffs")])

FROM_THE_NEWEST: Final = "9" * 15
"""The cursor of outcomes that stands before all of them."""
OPEN_CURSOR: Final = re.compile(r"[0-9]{1,16}\.ho_[0-9a-z]{28}")
UNDOABLE_CURSOR: Final = re.compile(r"u([0-9]{1,16}\.ho_[0-9a-z]{28})?")
"""Of decisions that can still be taken back; without a place it stands before all of them."""
OUTCOME_CURSOR: Final = re.compile(r"[0-9]{1,15}")
TITLES_OF: Final = 100
"""Of as many workflows the titles of queues are looked up."""


@api.get("/v1/handoffs", summary="The inbox")
def list_handoffs(query: models_desk.InboxQuery) -> Response:
    """Handoffs of the caller's workflows: open ones by urgency, decided ones newest first, or those of one group.

    A decision that can still be taken back is among the decided ones for people, and open for an API key. Of open
    ones, a reviewer who works on some levels only is served those, unless they ask for a `level`. No more than 1,000
    cases are read for one answer: `waiting` is exact up to there, and a page can be short and have a cursor.
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
        found, cursor = _decided(workflows, query.cursor, query.limit, _filter(query, who, now_ms), who)
    else:
        found, cursor = _all(query, workflows, who, now_ms)
    waiting, exact = _waiting(workflows, _serving(query, who, now_ms), who)
    return identified(_told(found, cursor, waiting, exact, _decided_today(workflows, who, now_ms)))


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


def _decided_today(workflows: tuple[str, ...] | None, who: Caller, now_ms: int) -> int:
    """How many cases people decided since midnight, of those that the caller may know."""
    wanted = anything if sees_every_queue(who) else who.may_see
    return services().store.count_decided_on(workflows, now_ms, wanted)


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
            and (not query.claimable or may_act(handoff, who, now_ms))
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


# Where they are


def _open(query: models_desk.InboxQuery, workflows: tuple[str, ...] | None, who: Caller, now_ms: int) -> Response:
    """The open cases that the reader is served, the most urgent first."""
    wanted = _serving(query, who, now_ms)
    cursor = _open_cursor(query.cursor)
    facets = None
    if query.facets:
        every = _page(workflows, None, LOOKED_AT, _serving(_unfiltered(query), who, now_ms), who)
        facets = _facets(every.items)
    if wanted is anything or cursor is not None:
        page = _page(workflows, cursor, query.limit, wanted, who)
        waiting, exact = _waiting(workflows, wanted, who)
    else:
        # One reading for the page and for the count.
        every = _page(workflows, None, LOOKED_AT, wanted, who)
        page, waiting, exact = every.first(query.limit), len(every.items), every.cursor is None
    told = _told(page.items, page.cursor, waiting, exact, _decided_today(workflows, who, now_ms))
    return identified(told if facets is None else told | {"facets": facets})


def _unfiltered(query: models_desk.InboxQuery) -> models_desk.InboxQuery:
    return models_desk.InboxQuery(workflow_id=query.workflow_id)


def _page(workflows: tuple[str, ...] | None, cursor: str | None, limit: int, wanted: Wanted, who: Caller) -> OpenPage:
    return services().store.list_open(
        workflows, cursor, limit, who.skills_seen, wanted=wanted, until_settled=who.kind == "automation"
    )


def _waiting(workflows: tuple[str, ...] | None, wanted: Wanted, who: Caller) -> tuple[int, bool]:
    """How many open cases are wanted, and whether that is exact: only so many are read for it."""
    if wanted is anything:
        until_settled = who.kind == "automation"
        return services().store.count_open(workflows, who.skills_seen, until_settled=until_settled), True
    every = _page(workflows, None, LOOKED_AT, wanted, who)
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


def _decided(workflows: tuple[str, ...] | None, cursor: str | None, limit: int, wanted: Wanted, who: Caller) -> Part:
    """Decided handoffs that are wanted, the newest first: before the outcomes those that can still be undone.

    To an automation these are open, and no part of this list.
    """
    if cursor is not None and not OUTCOME_CURSOR.fullmatch(cursor):
        if not UNDOABLE_CURSOR.fullmatch(cursor):
            raise cursor_malformed()
        cursor = cursor.removeprefix("u") or None
    elif cursor is not None:
        return _outcomes(workflows, cursor, limit, wanted, who)
    if who.kind == "automation":
        return _outcomes(workflows, FROM_THE_NEWEST, limit, wanted, who)

    def mine(handoff: Handoff) -> bool:
        return who.may_see(handoff) and wanted(handoff)

    page = services().store.list_undoable(workflows, cursor, limit, wanted=mine)
    found = sorted(page.items, key=_decided_at_ms, reverse=True)
    if page.cursor is not None:
        return found, f"u{page.cursor}"
    if len(found) == limit:
        return found, FROM_THE_NEWEST
    return _joined(found, _outcomes(workflows, FROM_THE_NEWEST, limit - len(found), wanted, who))


def _outcomes(workflows: tuple[str, ...] | None, cursor: str, limit: int, wanted: Wanted, who: Caller) -> Part:
    """Handoffs whose outcome stands and that are wanted, the newest first."""
    before, looked_at = int(cursor), 0
    found: list[Handoff] = []
    while True:
        part = services().store.list_decided_newest(workflows, before, limit)
        for sequence, handoff in part.items:
            if len(found) == limit:
                return found, str(before)
            before = sequence
            if who.may_see(handoff) and wanted(handoff):
                found.append(handoff)
        looked_at += limit
        if len(found) < limit:
            before = part.last_sequence
        if not part.more or looked_at >= LOOKED_AT:
            return found, str(before) if part.more else None


def _all(query: models_desk.InboxQuery, workflows: tuple[str, ...] | None, who: Caller, now_ms: int) -> Part:
    """Open ones first, then decided ones; the kinds of cursor say where a reader is."""
    wanted = _filter(query, who, now_ms)
    if query.cursor is not None and not OPEN_CURSOR.fullmatch(query.cursor):
        return _decided(workflows, query.cursor, query.limit, wanted, who)
    page = _page(workflows, query.cursor, query.limit, wanted, who)
    found = list(page.items)
    if page.cursor is not None or len(found) == query.limit:
        return found, page.cursor or "u"
    return _joined(found, _decided(workflows, None, query.limit - len(found), wanted, who))


def _joined(found: Sequence[Handoff], more: Part) -> Part:
    """Two parts as one. What went from the first list to the second between the two readings is told once."""
    ids = {handoff.id for handoff in found}
    return [*found, *(handoff for handoff in more[0] if handoff.id not in ids)], more[1]


def _decided_at_ms(handoff: Handoff) -> int:
    return 0 if handoff.decision is None else handoff.decision.at_ms


def _open_cursor(cursor: str | None) -> str | None:
    if cursor is not None and not OPEN_CURSOR.fullmatch(cursor):
        raise cursor_malformed()
    return cursor


# People


@api.get("/v1/reviewers", summary="People whom a case can be given to")
def list_reviewers(query: models_desk.ReviewersQuery) -> Response:
    """Names and roles, no addresses: of those who share a workflow with the caller, or who can do a part of one case.

    `stands_in`: whether they do some of the work that the caller does, and can be named while the caller is away.
    """
    who, directory = caller(), services().directory
    handoff = None if query.handoff_id is None else visible(query.handoff_id).handoff
    items = []
    for person in directory.list_reviewers():
        other = directory.caller_of(person)
        shared = who.workflows is None or other.workflows is None or bool(set(who.workflows) & set(other.workflows))
        if shared if handoff is None else other.may_see(handoff) and _can_get(handoff, other):
            stands_in = person.id != who.actor.id and shares_work(who.roles, person.roles)
            told = {"id": person.id, "name": person.name, "roles": sorted(person.roles), "stands_in": stands_in}
            items.append(told)
    return json_answer({"items": items})


def _can_get(handoff: Handoff, other: Caller) -> bool:
    """Whether the case can be given to them; of what is decided nothing is left to do."""
    return handoff.state not in UNDECIDED or can_work_on(handoff, other.actor, services().clock.now_ms())
