"""The kill switch over HTTP: pause at once; resume after a fresh review."""

from typing import Any

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from companion.core.decide import Refused
from companion.core.handoff import UNDECIDED, Handoff
from companion.core.ids import is_id
from companion.core.times import iso
from companion.service.pauses import Scope
from companion.store.pauses import Pause
from companion.web import models
from companion.web.answers import identified, json_answer, problem_of
from companion.web.callers import caller, services
from companion.web.problems import Problem, not_found

api = APIBlueprint("pauses", __name__, abp_tags=[Tag(name="Pauses", description="Stop what runs by itself.")])


@api.get("/v1/pauses", summary="Pauses, those that hold first")
def list_pauses() -> Response:
    """What stands still now and why, and the pauses that ended last."""
    book = services().pauses.book()
    ordered = [*book.active, *(pause for pause in book.pauses if pause.ended_at_ms is not None)]
    mine = [pause for pause in ordered if _concerns(pause)]
    reviews = services().pauses.reviews(mine)
    return identified({"items": [_shown(pause, reviews.get(pause.id)) for pause in mine]})


@api.post("/v1/pauses", summary="Pause")
def start_pause(body: models.PauseBody) -> Response:
    """From now on nothing in the scope is decided without a person, and its callbacks are held."""
    named = body.workflow_id is not None or body.model_version is not None
    if named == bool(body.all):
        raise Problem("invalid_field", "Name workflow_id, model_version or both; or send all: true.", field="/all")
    workflows = caller().workflows
    if workflows is not None and body.workflow_id not in workflows:
        raise Problem("scope_too_wide", "You work on some workflows only; pause one of these.", field="/workflow_id")
    came = services().pauses.start(Scope(body.workflow_id, body.model_version), body.reason, caller().actor)
    if isinstance(came, Refused):
        raise problem_of(came)
    return json_answer(_shown(came), 201)


@api.post("/v1/pauses/<string:id>/resumption", summary="Resume")
def resume(path: models.ById, body: models.Because) -> Response:
    """End a pause, after its own review was approved by a person; callbacks that were held go out."""
    pause = services().pauses.book().find(path.id) if is_id(path.id, "pa") else None
    workflows = caller().workflows
    if pause is None or (workflows is not None and pause.workflow_id not in workflows):
        raise not_found()
    came = services().pauses.resume(path.id, body.reason, caller().actor)
    if isinstance(came, Refused):
        raise problem_of(came)
    return json_answer(_shown(came))


def _concerns(pause: Pause) -> bool:
    """Whether the pause touches what the caller works on."""
    return pause.workflow_id is None or caller().sees(pause.workflow_id)


def _shown(pause: Pause, review: Handoff | None = None) -> dict[str, Any]:
    return {
        "id": pause.id,
        "workflow_id": pause.workflow_id,
        "model_version": pause.model_version,
        "all": pause.workflow_id is None and pause.model_version is None,
        "scope": Scope(pause.workflow_id, pause.model_version).words,
        "reason": pause.reason,
        "started_at": iso(pause.started_at_ms),
        "started_by": {"id": pause.by_id, "name": pause.by_name},
        "review": pause.review_id,
        "review_outcome": None if review is None else _outcome(review),
        "review_url": services().service.review_url(pause.review_id),
        "ended_at": None if pause.ended_at_ms is None else iso(pause.ended_at_ms),
        "ended_by": None if pause.ended_by_name is None else {"name": pause.ended_by_name},
    }


def _outcome(review: Handoff) -> dict[str, Any] | None:
    """What became of the review, so that nobody presses resume in vain; None while it waits."""
    if review.state in UNDECIDED or review.decision is None:
        return None
    decision = review.decision
    return {
        "state": review.state.value,
        "at": iso(decision.at_ms),
        "by": {"id": decision.by_id, "name": decision.by_name},
        "rationale": decision.rationale if caller().may_see(review) else None,
    }
