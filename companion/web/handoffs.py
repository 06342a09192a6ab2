"""Opening handoffs, one by one or many behind one callback, and what else the workflow that asked may do with them."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag

from companion.core import commands as c
from companion.core.decide import Refused
from companion.service.openings import Asking, alone
from companion.web import models, models_desk
from companion.web.answers import json_answer, problem_of
from companion.web.callers import caller, services
from companion.web.case import act, acted
from companion.web.conditions import expected_version, needed_key, needed_once, once
from companion.web.problems import Problem

api = APIBlueprint("handoffs", __name__, abp_tags=[Tag(name="Handoffs", description="Ask a person; read; decide.")])


@api.post("/v1/handoffs", summary="Open one handoff")
def open_handoff(body: models.OpenHandoff) -> Response:
    """Ask a person about one item. Needs an Idempotency-Key: the same key gives the same answer and opens once."""
    answer = services().service.open_group([fields_of(body)], _asking(body))
    if isinstance(answer, Refused):
        raise problem_of(alone(answer))
    return _opened(answer.handoffs[0], answer.replayed)


@api.post("/v1/groups", summary="Open several handoffs behind one callback")
def open_group(body: models.OpenGroup) -> Response:
    """Ask about 1 to 500 items; the callback is sent when all of them have an outcome."""
    openings = [fields_of(opening, f"/handoffs/{at}") for at, opening in enumerate(body.handoffs)]
    answer = services().service.open_group(openings, _asking(body))
    if isinstance(answer, Refused):
        raise problem_of(answer if answer.field is None else replace(answer, field=f"/handoffs{answer.field}"))
    many = len(answer.handoffs) > 1
    url = f"{services().service.page_url}/#/g/{answer.group_id}" if many else answer.handoffs[0]["review_url"]
    return _opened({"id": answer.group_id, "handoffs": answer.handoffs, "review_url": url}, answer.replayed)


def _asking(body: models.OpenHandoff | models.OpenGroup) -> Asking:
    """Who asks and how they are told; refuses a callback address that we would never call."""
    key = needed_key()
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


def fields_of(opening: models.Opening, at: str = "") -> dict[str, Any]:
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


# What becomes of it


@api.patch("/v1/handoffs/<string:id>", summary="Replace the package of a pending case")
def revise(path: models.ById, body: models.Revision) -> Response:
    """Make a new, linked package version; whoever looked at the old one has to look again."""
    version, who = expected_version(), caller()
    changed = body.model_dump(exclude_none=True)
    if not changed:
        raise Problem("invalid_field", "Send at least one of request, model_output, title, question.")
    return acted(path.id, services().service.revise(path.id, who.actor, version, changed, may_see=who.may_see))


@api.post("/v1/handoffs/<string:id>/withdrawal", summary="Withdraw the question")
def withdraw(path: models.ById, body: models.Withdrawal) -> Response:
    """The workflow no longer needs an answer; it is told so, by the No Decision way."""
    return act(path.id, lambda _, event_id: c.Withdraw(caller().actor, event_id, body.reason), once(path.id))


@api.post("/v1/handoffs/<string:id>/execution", summary="Say that what was approved is now done")
def execute(path: models.ById, body: models_desk.Execution) -> Response:
    """Ask, right before doing it, whether the approval still stands for exactly this output (R-ACT-13, R-GATE-09).

    Refused unless the outcome is settled, approved, not taken back, and its output has this digest.
    """
    who, guard = caller(), needed_once(path.id)
    done = services().service.execute(path.id, who.actor, body.output_digest, may_see=who.may_see, once=guard)
    if isinstance(done, Refused):
        return acted(path.id, done)
    told = {"id": path.id, "event_id": done.event_id, "executed": True, "output_digest": body.output_digest}
    answer = json_answer(told)
    if done.replayed:
        answer.headers["Idempotency-Replayed"] = "true"
    return answer
