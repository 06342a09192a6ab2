"""Opening, reading and the acts on a handoff: each act a noun, each a POST, PUT or DELETE; no GET changes anything."""

import re
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag

from companion.core import commands as c
from companion.core.decide import Refused
from companion.core.handoff import Handoff
from companion.core.ids import is_id
from companion.openings import Asking
from companion.service import Done
from companion.store.protocol import Once, Stored
from companion.web import models as m
from companion.web.answers import identified, json_answer, problem_of
from companion.web.callers import caller, services
from companion.web.permissions import workflows_seen
from companion.web.problems import Problem
from companion.web.shown import actions, assurance, delivery_summary, reason_codes, routing, row, story

api = APIBlueprint("handoffs", __name__, abp_tags=[Tag(name="Handoffs", description="Ask a person; read; decide.")])

FROM_THE_NEWEST: Final = "9" * 15
"""The cursor of decided handoffs that stands before all of them."""

IDEMPOTENCY_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")


# Opening


@api.post("/v1/handoffs", summary="Open one handoff")
def open_handoff(body: m.OpenHandoff) -> Response:
    """Ask a person about one item. Needs an Idempotency-Key: the same key gives the same answer and opens once."""
    answer = services().service.open_group([fields_of(body)], _asking(body))
    if isinstance(answer, Refused):
        raise problem_of(answer)
    return _opened(answer.handoffs[0], answer.replayed)


@api.post("/v1/groups", summary="Open several handoffs behind one callback")
def open_group(body: m.OpenGroup) -> Response:
    """Ask about 1 to 500 items; the callback is sent when all of them have an outcome."""
    openings = [fields_of(opening, f"/handoffs/{at}") for at, opening in enumerate(body.handoffs)]
    answer = services().service.open_group(openings, _asking(body))
    if isinstance(answer, Refused):
        if len(openings) == 1 and answer.code == "package_unusable":
            answer = replace(answer, field=f"/handoffs/0{answer.field}")
        raise problem_of(answer)
    many = len(answer.handoffs) > 1
    url = f"{services().service.page_url}/#/g/{answer.group_id}" if many else answer.handoffs[0]["review_url"]
    return _opened({"id": answer.group_id, "handoffs": answer.handoffs, "review_url": url}, answer.replayed)


def _asking(body: m.OpenHandoff | m.OpenGroup) -> Asking:
    """Who asks and how they are told; refuses a callback address that we would never call."""
    key = _idempotency_key()
    if key is None:
        raise Problem(
            "idempotency_key_missing", "Send an Idempotency-Key header, so that a repeated request opens nothing twice."
        )
    if body.callback_url is not None:
        refused = services().egress.check(body.callback_url)
        if refused is not None:
            raise Problem("callback_url_refused", refused, field="/callback_url")
    who = caller()
    return Asking(
        api_key_id=who.actor.id,
        api_key_name=who.actor.name,
        idempotency_key=key,
        body_digest=sha256(request.get_data()).hexdigest(),
        callback_url=body.callback_url,
        callback_expects=body.callback_expects,
        source=None if body.source is None else body.source.model_dump(),
    )


def _idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not IDEMPOTENCY_KEY.fullmatch(key):
        raise Problem(
            "idempotency_key_malformed", "An Idempotency-Key has 1 to 255 printable ASCII characters without spaces."
        )
    return key


def fields_of(opening: m.Opening, at: str = "") -> dict[str, Any]:
    """The body as plain values; request and model_output untouched, because their digests bind the workflow."""
    who = caller()
    if who.workflows is not None and opening.workflow_id not in who.workflows:
        detail = f"This API key does not work for {opening.workflow_id}."
        raise Problem("workflow_not_yours", detail, field=f"{at}/workflow_id")
    fields = opening.model_dump(exclude={"request", "model_output"}, exclude_none=True)
    return fields | {"request": opening.request, "model_output": opening.model_output}


def _opened(document: dict[str, Any], replayed: bool) -> Response:
    answer = json_answer(document, 201)
    if replayed:
        answer.headers["Idempotency-Replayed"] = "true"
    return answer


# Reading


@api.get("/v1/handoffs", summary="The inbox")
def list_handoffs(query: m.ListQuery) -> Response:
    """Handoffs of the caller's workflows: open ones by deadline, decided ones newest first, or those of one group."""
    workflows = workflows_seen()
    if query.workflow_id is not None:
        if workflows is not None and query.workflow_id not in workflows:
            return json_answer({"items": [], "cursor": None, "waiting": 0, "decided_today": 0})
        workflows = (query.workflow_id,)
    skills = caller().skills_seen
    store, service = services().store, services().service
    now_ms = services().clock.now_ms()
    if query.group_id is not None:
        group = store.load_group(query.group_id) if is_id(query.group_id, "gr") else None
        found = [h for h in store.load_many(group.handoff_ids) if caller().may_see(h)] if group else []
        next_cursor = None
    elif query.state == "open":
        page = store.list_open(workflows, _open_cursor(query.cursor), query.limit, skills)
        found, next_cursor = list(page.items), page.cursor
    elif query.state == "decided":
        found, next_cursor = _decided(workflows, query.cursor, query.limit)
    else:
        found, next_cursor = _all(workflows, query.cursor, query.limit)
    items = [row(handoff, now_ms, service.review_url(handoff.id)) for handoff in found]
    counts = {
        "waiting": store.count_open(workflows, skills),
        "decided_today": store.count_decided_on(workflows, now_ms),
    }
    return identified({"items": items, "cursor": next_cursor, **counts})


Part = tuple[list[Handoff], str | None]
"""Handoffs of a list, and the cursor behind them; None at its end."""


def _decided(workflows: tuple[str, ...] | None, cursor: str | None, limit: int) -> Part:
    """Handoffs with an outcome, the newest first."""
    if cursor is not None and not re.fullmatch(r"[0-9]{1,15}", cursor):
        raise cursor_malformed()
    found = services().store.list_decided_newest(workflows, int(cursor or FROM_THE_NEWEST), limit)
    mine = [handoff for _, handoff in found.items if caller().may_see(handoff)]
    return mine, str(found.last_sequence) if found.more else None


def _all(workflows: tuple[str, ...] | None, cursor: str | None, limit: int) -> Part:
    """Open ones first, then decided ones; the two kinds of cursor say where a reader is."""
    if cursor is not None and "." not in cursor:
        return _decided(workflows, cursor, limit)
    page = services().store.list_open(workflows, _open_cursor(cursor), limit, caller().skills_seen)
    found = list(page.items)
    if page.cursor is not None or len(found) == limit:
        return found, page.cursor or FROM_THE_NEWEST
    decided, next_cursor = _decided(workflows, None, limit - len(found))
    return found + decided, next_cursor


def _open_cursor(cursor: str | None) -> str | None:
    if cursor is not None and not re.fullmatch(r"[0-9]{1,15}\.ho_[0-9a-z]{28}", cursor):
        raise cursor_malformed()
    return cursor


def cursor_malformed() -> Problem:
    """A cursor that no answer of ours gave."""
    return Problem("cursor_malformed", "Use the cursor of the answer before, unchanged.", field="/cursor")


@api.get("/v1/groups/<string:id>", summary="One group")
def read_group(path: m.ById) -> Response:
    """A group, its handoffs and what became of its callback."""
    store = services().store
    group = store.load_group(path.id) if is_id(path.id, "gr") else None
    handoffs = [h for h in store.load_many(group.handoff_ids) if caller().may_see(h)] if group else []
    if group is None or not handoffs:
        raise not_found()
    now_ms = services().clock.now_ms()
    return identified(
        {
            "id": group.id,
            "workflow_id": group.workflow_id,
            "handoffs": [row(h, now_ms, services().service.review_url(h.id)) for h in handoffs],
            "delivery": delivery_summary(services().deliveries.load(group.delivery_id)) if group.delivery_id else None,
        }
    )


@api.get("/v1/handoffs/<string:id>", summary="One handoff as it stands")
def read_handoff(path: m.ById) -> Response:
    """State, what the caller may do, notes and history. Supports If-None-Match, so that a page can watch it cheaply."""
    stored = visible(path.id)
    return identified(live(stored.handoff, stored.package))


def live(handoff: Handoff, package: bytes) -> dict[str, Any]:
    """The live view of one handoff for the caller."""
    found, who, now_ms = services(), caller(), services().clock.now_ms()
    events, delivery = found.store.surroundings(handoff)
    history, notes = story(events)
    document = row(handoff, now_ms, found.service.review_url(handoff.id)) | {
        "delivery": delivery_summary(delivery),
        "actions": actions(handoff, who, now_ms),
        "reason_codes": reason_codes(handoff),
        "routing": routing(handoff, package),
        "assurance": assurance(handoff, who),
        "confirm_word": found.directory.confirm_word(handoff, who) if who.assurance == "link" else None,
        "notes": notes,
        "history": history,
        "execution_url": handoff.execution_url,
    }
    if handoff.approved:
        document["output"] = found.service.approved_output(handoff, package)
    if handoff.decision is not None and who.kind == "automation":
        # For the copy that a workflow keeps when it does not verify callbacks and asks here instead.
        document["event"] = next((e for e in events if e["event_id"] == handoff.decision.event_id), None)
    return document


def visible(handoff_id: str) -> Stored:
    """The handoff with its package, if the caller may see it; else the 404 of one that does not exist (row A3)."""
    stored = services().store.load(handoff_id) if is_id(handoff_id, "ho") else None
    if stored is None or not caller().may_see(stored.handoff):
        raise not_found()
    found: Stored = stored
    return found


def not_found() -> Problem:
    """One shape for what does not exist and what is not the caller's."""
    return Problem("not_found", "There is nothing here, or it is not yours to see.")


@api.get("/v1/handoffs/<string:id>/package", summary="The signed context package")
def read_package(path: m.ById) -> Response:
    """The package as a token: whole for the automation that opened it, as a reviewer may see it for a person."""
    stored = visible(path.id)
    if caller().kind == "automation":
        token, _ = services().ring.mint("n8n", path.id, stored.package)
    else:
        token = services().ring.mint_view(path.id, stored.package, stored.handoff.package_digest, "approver")
    return json_answer({"package_token": token})


@api.get("/v1/handoffs/<string:id>/blobs/<string:sha256>", summary="A large value or an attachment")
def read_blob(path: m.ByBlob) -> Response:
    """The bytes, never as something a browser would run; the page checks the hash."""
    handoff = visible(path.id).handoff
    content = services().store.blob(handoff.id, path.sha256) if path.sha256 in handoff.blobs else None
    if content is None:
        raise not_found()
    answer = Response(content, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = "attachment"
    return answer


# Acts


def expected_version() -> int:
    """The version in If-Match: what the caller looked at when they decided."""
    header = request.headers.get("If-Match")
    if header is None:
        raise Problem("version_required", 'Send If-Match: "<version>" with the version you looked at.')
    match = re.fullmatch(r'"([0-9]{1,9})(?:-[0-9a-f]+)?"', header.strip())
    if match is None:
        raise Problem("version_malformed", 'If-Match looks like "3", with the version in quotation marks.')
    return int(match.group(1))


@api.post("/v1/handoffs/<string:id>/decision", summary="Decide")
def decide(path: m.ById, body: m.DecisionBody) -> Response:
    """Approve, reject, or approve an edited output. Final: another answer needs a rollback."""
    return decided(path.id, body, expected_version(), body.package_digest, body.view_digest, None)


def decided(
    handoff_id: str, body: m.DecisionBody | m.Completion, version: int | None, package_digest: str,
    view_digest: str | None, jti: str | None,
) -> Response:  # fmt: skip
    """Run a decision and answer with the live view and its receipt."""
    who = caller()

    def deliberate(handoff: Handoff) -> bool:
        return who.assurance != "link" or services().directory.confirmed(handoff, who, body.confirm_word)

    done = services().service.decide(
        handoff_id,
        who.actor,
        may_see=who.may_see,
        action=body.action,
        expected_version=version,
        package_digest=package_digest,
        view_digest=view_digest,
        reason_code=body.reason_code,
        rationale=body.rationale,
        edited_output=body.edited_output,
        deliberate=deliberate,
        jti=jti,
        evidence=[entry.model_dump(exclude_none=True) for entry in body.evidence or ()],
    )
    return acted(handoff_id, done)


def acted(handoff_id: str, done: Done | Refused) -> Response:
    """The answer to an act: the handoff as it stands now, and the event that records the act."""
    if isinstance(done, Refused):
        if done.code == "not_found":
            raise not_found()
        current = services().store.load(handoff_id)
        raise problem_of(done, None if current is None else live(current.handoff, current.package))
    document = live(done.handoff, done.package)
    decision_action = done.handoff.decision.decision_action if done.handoff.decision else None
    answer = json_answer(document | {"event_id": done.event_id, "decision_action": decision_action})
    if done.replayed:
        answer.headers["Idempotency-Replayed"] = "true"
    return answer


@api.put("/v1/handoffs/<string:id>/claim", summary="Take the case for 15 minutes")
def claim(path: m.ById) -> Response:
    """While the claim lasts, others see who holds the case and cannot decide it."""
    return _act(path.id, lambda _, event_id: c.Claim(caller().actor, event_id))


@api.delete("/v1/handoffs/<string:id>/claim", summary="Give the case back")
def release(path: m.ById) -> Response:
    """End one's own claim."""
    return _act(path.id, lambda _, event_id: c.Release(caller().actor, event_id))


@api.post("/v1/handoffs/<string:id>/escalations", summary="Hand the case to the next reviewer level")
def escalate(path: m.ById, body: m.Reasoned) -> Response:
    """Raise the reviewer level; everything known about the case goes along."""
    who, once = caller().actor, _once(path.id)
    return _act(path.id, lambda _, event_id: c.Escalate(who, event_id, body.reason_code, body.rationale), once)


@api.post("/v1/handoffs/<string:id>/annotations", summary="Leave a note")
def annotate(path: m.ById, body: m.Note) -> Response:
    """Add a note; nothing is decided."""
    return _act(path.id, lambda _, event_id: c.Annotate(caller().actor, event_id, body.text), _once(path.id))


@api.post("/v1/handoffs/<string:id>/questions", summary="Ask for information")
def ask(path: m.ById, body: m.Note) -> Response:
    """Hold the case with a question to whoever asked."""
    return _act(path.id, lambda _, event_id: c.Ask(caller().actor, event_id, body.text), _once(path.id))


@api.post("/v1/handoffs/<string:id>/answers", summary="Answer the open question")
def answer(path: m.ById, body: m.AnswerBody) -> Response:
    """The case comes back to its reviewers as a new package version."""
    changed, who = {"request": body.request, "model_output": body.model_output}, caller()
    return acted(path.id, services().service.answer(path.id, who.actor, body.text, changed, may_see=who.may_see))


@api.post("/v1/handoffs/<string:id>/withdrawal", summary="Withdraw the question")
def withdraw(path: m.ById, body: m.Withdrawal) -> Response:
    """The workflow no longer needs an answer; it is told so, by the No Decision way."""
    return _act(path.id, lambda _, event_id: c.Withdraw(caller().actor, event_id, body.reason))


@api.post("/v1/handoffs/<string:id>/rollback", summary="Take an approval back")
def roll_back(path: m.ById, body: m.Reasoned) -> Response:
    """Record that an approval no longer holds."""
    who, once = caller().actor, _once(path.id)
    return _act(path.id, lambda _, event_id: c.RollBack(who, event_id, body.reason_code, body.rationale), once)


@api.patch("/v1/handoffs/<string:id>", summary="Replace the package of a pending case")
def revise(path: m.ById, body: m.Revision) -> Response:
    """Make a new, linked package version; whoever looked at the old one has to look again."""
    version, who = expected_version(), caller()
    changed = body.model_dump(exclude_none=True)
    if not changed:
        raise Problem("invalid_field", "Send at least one of request, model_output, title, question.")
    return acted(path.id, services().service.revise(path.id, who.actor, version, changed, may_see=who.may_see))


def _act(handoff_id: str, build: Any, once: Once | None = None) -> Response:
    return acted(handoff_id, services().service.act(handoff_id, build, may_see=caller().may_see, once=once))


def _once(handoff_id: str) -> Once | None:
    """The guard of an act that was sent with an Idempotency-Key: a browser may send it again by itself."""
    key = _idempotency_key()
    if key is None:
        return None
    name = sha256(f"{caller().actor.id}\n{handoff_id}\n{key}".encode()).hexdigest()
    return Once(name, sha256(request.path.encode() + b"\n" + request.get_data()).hexdigest())
