"""Reading one case: its live view for the caller, its package, its large values, and the group it came in."""

import json
from dataclasses import replace
from typing import Any, Final

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from companion.core.decide import Refused
from companion.core.handoff import Handoff
from companion.core.ids import is_id
from companion.core.redaction import redact_value, view
from companion.service.handoffs import BuildCommand, Done
from companion.store.protocol import Once, Stored
from companion.web import models as m
from companion.web.answers import identified, json_answer, problem_of
from companion.web.callers import caller, services
from companion.web.offered import (
    actions,
    assurance,
    duties,
    escalation_targets,
    gates,
    policy_in_force,
    second_review,
    triage,
    undo,
)
from companion.web.problems import Problem, not_found
from companion.web.seen import (
    Words,
    as_seen,
    blind_to,
    blobs_shown,
    events_seen,
    form_shown,
    scrubbed,
    scrubbed_members,
    something_hidden,
    unsettled,
)
from companion.web.shown import delivery_summary, disagreements, reason_codes, routing, row, story

api = APIBlueprint("reading", __name__, abp_tags=[Tag(name="Handoffs")])


@api.get("/v1/groups/<string:id>", summary="One group")
def read_group(path: m.ById) -> Response:
    """A group, its handoffs and what became of its callback."""
    store, who = services().store, caller()
    group = store.load_group(path.id) if is_id(path.id, "gr") else None
    handoffs = [h for h in store.load_many(group.handoff_ids) if who.may_see(h)] if group else []
    if group is None or not handoffs:
        raise not_found()
    now_ms = services().clock.now_ms()
    return identified(
        {
            "id": group.id,
            "workflow_id": group.workflow_id,
            "handoffs": [row(h, who, now_ms, services().service.review_url(h.id)) for h in handoffs],
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
    told, seen = events_seen(events, handoff, who), as_seen(handoff, who)
    history, notes = story(told, blind_to(handoff, who))
    shown = json.loads(view(package, handoff.terms.redactions, who.roles) if who.kind == "human" else package)
    beside = {
        **row(handoff, who, now_ms, found.service.review_url(handoff.id), reasoned=True),
        "disagreements": disagreements(handoff, _names(handoff)),
        "gates": gates(seen, who, policy_in_force(handoff, found.policies), now_ms),
        "notes": notes,
        "history": history,
    }
    if something_hidden(handoff, who):
        masked = scrubbed_members(beside, handoff, package, who)
        beside = Words(told, handoff, package, who).put_into(masked, beside)
    document: dict[str, Any] = beside | {
        "delivery": delivery_summary(delivery),
        "actions": actions(seen, who, now_ms),
        "duties": duties(handoff, who),
        "reason_codes": reason_codes(handoff),
        "escalation_targets": escalation_targets(handoff),
        "response_form": form_shown(handoff, package, who),
        "confidence_bands": dict(zip(("green_from", "yellow_from"), handoff.terms.confidence_bands, strict=True)),
        "routing": routing(handoff, shown),
        "assurance": assurance(handoff, who),
        "triage": triage(handoff, who, found.policies),
        "second_review": second_review(handoff, who),
        "undo": undo(seen, who),
        "receipt": receipt(seen),
        "redacted": [place["label"] for place in shown.get("redacted", ())],
        "confirm_word": found.directory.confirm_word(handoff, who) if who.assurance == "link" else None,
        "execution_url": handoff.execution_url,
    }
    if seen.approved:
        output = found.service.approved_output(handoff, package)
        hides = something_hidden(handoff, who)
        document["output"] = (
            redact_value(output, "model_output", package, handoff.terms.redactions, who.roles) if hides else output
        )
    if seen.decision is not None and who.kind == "automation":
        # For the copy that a workflow keeps when it does not verify callbacks and asks here instead.
        document["event"] = next((e for e in told if e["event_id"] == seen.decision.event_id), None)
    return document


def _names(handoff: Handoff) -> dict[str, str]:
    """The names of those who disagreed."""
    if not handoff.disagreements:
        return {}
    return {person.id: person.name for person in services().directory.list_reviewers()}


def receipt(handoff: Handoff) -> dict[str, str] | None:
    """By what a decision is found again: its event, and the digest of the package that was shown (R-UI-27)."""
    decision = handoff.decision
    return None if decision is None else {"event_id": decision.event_id, "digest": decision.package_digest}


def visible(handoff_id: str) -> Stored:
    """The handoff with its package, if the caller may see it; else the 404 of one that does not exist (row A3)."""
    stored = services().store.load(handoff_id) if is_id(handoff_id, "ho") else None
    if stored is None or not caller().may_see(stored.handoff):
        raise not_found()
    found: Stored = stored
    return found


@api.get("/v1/handoffs/<string:id>/package", summary="The signed context package")
def read_package(path: m.ById) -> Response:
    """The package as a token: whole for the automation that opened it, as a reviewer may see it for a person."""
    stored, who = visible(path.id), caller()
    handoff, ring = stored.handoff, services().ring
    if who.kind == "automation":
        seen = as_seen(handoff, who)
        package = stored.package
        if seen.package_version != handoff.package_version:
            package = services().store.older_package(handoff.id, seen.package_version) or package
        token, _ = ring.mint("n8n", path.id, package)
    else:
        token = ring.mint_view(path.id, stored.package, handoff.package_digest, handoff.terms.redactions, who.roles)
    return json_answer({"package_token": token})


@api.get("/v1/handoffs/<string:id>/blobs/<string:sha256>", summary="A large value or an attachment")
def read_blob(path: m.ByBlob) -> Response:
    """The bytes, never as something a browser would run; the page checks the hash."""
    stored, who = visible(path.id), caller()
    handoff = stored.handoff
    there = path.sha256 in handoff.blobs and (
        # What an older version held is hidden as well: nobody looks for hidden places in it any more.
        path.sha256 in blobs_shown(stored.package, handoff, who) if something_hidden(handoff, who) else True
    )
    content = services().store.blob(handoff.id, path.sha256) if there else None
    if content is None:
        raise not_found()
    answer = Response(content, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = "attachment"
    return answer


# What acts are answered with


def act(handoff_id: str, build: BuildCommand, once: Once | None = None) -> Response:
    """Run one command of the caller and answer with the case as it stands then."""
    return acted(handoff_id, services().service.act(handoff_id, build, may_see=caller().may_see, once=once))


def acted(handoff_id: str, done: Done | Refused) -> Response:
    """The answer to an act: the handoff as it stands now, and the event that records the act."""
    if isinstance(done, Refused):
        raise refusal(handoff_id, done)
    document = live(done.handoff, done.package)
    seen = as_seen(done.handoff, caller())
    decision_action = seen.decision.decision_action if seen.decision else None
    answer = json_answer(document | {"event_id": done.event_id, "decision_action": decision_action})
    if done.replayed:
        answer.headers["Idempotency-Replayed"] = "true"
    return answer


def refusal(handoff_id: str, refused: Refused) -> Problem:
    """The problem of a refused act, with the case as it stands for the caller."""
    if refused.code == "not_found":
        return not_found()
    current = services().store.load(handoff_id)
    if current is None:
        return problem_of(refused)
    if unsettled(current.handoff, caller()):
        # The words of the refusal would tell an automation of a decision that may still be taken back.
        refused = NOT_APPROVED if refused.code in ("not_approved", "output_changed") else BEING_DECIDED
    # The words may quote the case: the title of a field, a name.
    refused = replace(refused, detail=scrubbed(refused.detail, current.handoff, current.package, caller()))
    return problem_of(refused, live(current.handoff, current.package))


NOT_APPROVED: Final = Refused("not_approved", "Nobody approved this; nothing may be done with it.")
BEING_DECIDED: Final = Refused("busy", "Somebody is deciding this case at the moment; try again.")
