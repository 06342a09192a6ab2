"""Batches over HTTP: take similar cases together, see what stands out, decide them, give back what is left."""

from dataclasses import asdict
from typing import Any

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from companion.core.decide import Refused
from companion.core.handoff import Handoff
from companion.core.times import iso
from companion.service.batches import Shown, Verdict, result_of
from companion.store.batches import Batch
from companion.web import models, models_desk
from companion.web.answers import identified, json_answer, problem_of
from companion.web.callers import caller, services
from companion.web.case import unseen
from companion.web.conditions import once
from companion.web.problems import Problem, not_found
from companion.web.views.rows import reason_codes, row

api = APIBlueprint("batches", __name__, abp_tags=[Tag(name="Batches", description="Decide similar cases together.")])

ACTIONS = ("approve", "reject")


@api.post("/v1/batches", summary="Take similar cases together")
def make(body: models_desk.BatchBody) -> Response:
    """Claim a case and those most like it, of the same workflow, queue and route, for 15 minutes.

    What stands out among them is named, with every reason: it is looked at by itself before it is decided with others.
    """
    who = caller()
    made = services().batches.make(body.like, body.size, who, _served, once("batches"))
    if isinstance(made, Refused):
        raise unseen(body.like) if made.code == "not_found" else problem_of(made)
    return json_answer(_told(made), 201)


def _served(handoff: Handoff) -> bool:
    """Whether the caller is served cases of this level (R-ROLE-14)."""
    levels = caller().levels
    return levels is None or handoff.reviewer_level in levels


@api.get("/v1/batches/<string:id>", summary="One batch and how far it is")
def read(path: models.ById) -> Response:
    """The cases as they stand now, with what this batch decided about them."""
    return identified(_told(_mine(path.id)))


@api.post("/v1/batches/<string:id>/decision", summary="Decide cases of a batch")
def decide(path: models.ById, body: models_desk.BatchDecisionBody) -> Response:
    """One decision and one event for each case, and an answer for each: what was done, or why it was refused.

    Cases that stand out are confirmed by id, or left out of `items`. Sent again, it decides nothing twice.
    """
    batch = _mine(path.id)
    _check(batch, body)
    shown = [Shown(item.id, item.version, item.package_digest) for item in body.items]
    verdict = Verdict(body.action, body.reason_code, body.rationale)
    results = services().batches.decide(batch, shown, verdict, caller())
    return json_answer({"results": [asdict(result) for result in results]})


def _check(batch: Batch, body: models_desk.BatchDecisionBody) -> None:
    """Refuse the whole request before anything of it is done."""
    seen: set[str] = set()
    for at, item in enumerate(body.items):
        if item.id not in batch.handoff_ids:
            raise Problem("not_in_batch", "This case is not in the batch.", field=f"/items/{at}/id")
        if item.id in seen:
            raise Problem("invalid_field", "This case is named twice.", field=f"/items/{at}/id")
        seen.add(item.id)
    unconfirmed = [
        {"field": f"/items/{at}", "detail": " ".join(batch.outliers[item.id])}
        for at, item in enumerate(body.items)
        if item.id in batch.outliers and item.id not in (body.confirmed_outliers or ())
    ]
    if unconfirmed:
        raise Problem(
            "outliers_unconfirmed",
            f"{len(unconfirmed)} of these stand out from the rest; look at each, then confirm it or leave it out.",
            field="/confirmed_outliers",
            errors=unconfirmed,
        )


@api.delete("/v1/batches/<string:id>", summary="Give back what is left of a batch")
def release(path: models.ById) -> Response:
    """End the claims on cases that were not decided."""
    services().batches.release(_mine(path.id), caller())
    return Response(status=204)


def _mine(batch_id: str) -> Batch:
    batch = services().batches.load(batch_id, caller())
    if batch is None:
        raise not_found()
    return batch


def _told(batch: Batch) -> dict[str, Any]:
    found, who, now_ms = services(), caller(), services().clock.now_ms()
    cases = found.batches.cases(batch, who)
    results = {handoff.id: result_of(handoff, batch) for handoff in cases}
    terms = cases[0].terms if cases else None
    return {
        "id": batch.id,
        "workflow_id": batch.workflow_id,
        "queue": batch.queue,
        "until": iso(batch.until_ms),
        "actions": [action for action in ACTIONS if terms and action in terms.actions],
        "needs_reason": [action for action in ACTIONS if terms and action in terms.actions_needing_reason],
        "reason_codes": reason_codes(cases[0]) if cases else [],
        "items": [
            row(handoff, who, now_ms, found.service.review_url(handoff.id))
            | {"result": asdict(result) if (result := results[handoff.id]) else None}
            for handoff in cases
        ],
        "outliers": [{"id": name, "why": why} for name, why in batch.outliers.items()],
        "left_out": [dict(each) for each in batch.left_out],
    }
