"""Being away: a person's own, or noted by an owner for somebody who cannot (R-ROLE-18)."""

from collections.abc import Collection
from typing import Any

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from companion.core.handoff import Handoff
from companion.identity.base import Busy
from companion.identity.credentials import Reviewer
from companion.identity.directory import DirectoryProblem
from companion.service.absences import DoesOtherWork
from companion.web import models, models_identity
from companion.web.answers import json_answer
from companion.web.callers import caller, services
from companion.web.conditions import moment_ms
from companion.web.problems import Problem, not_found
from companion.web.sessions import absence_told

api = APIBlueprint("reviewers", __name__, abp_tags=[Tag(name="People", description="Who is there, and who stands in.")])


@api.put("/v1/reviewers/<string:id>/absence", summary="Be away")
def leave(path: models.ById, body: models_identity.AbsenceBody) -> Response:
    """From then on, or from now, the cases of this person go to their backup; those they hold are handed over."""
    person = _one(path.id)
    if body.backup_id is not None and services().directory.find_reviewer(body.backup_id) is None:
        raise Problem("unknown_reviewer", "There is nobody of that id; see GET /v1/reviewers.", field="/backup_id")
    from_ms = None if body.from_ is None else moment_ms(body.from_, "/from")
    try:
        until_ms = moment_ms(body.until, "/until")
        away, moved = services().absences.leave(person.id, from_ms, until_ms, body.backup_id, caller().actor)
    except Busy as error:
        raise Problem("busy", str(error)) from None
    except DoesOtherWork as error:
        raise Problem("absence_unusable", str(error), field="/backup_id") from None
    except DirectoryProblem as error:
        raise Problem("absence_unusable", str(error), field="/until") from None
    return json_answer(_told(away, moved))


@api.delete("/v1/reviewers/<string:id>/absence", summary="Be back")
def come_back(path: models.ById) -> Response:
    """What was handed over stays where it is."""
    person = _one(path.id)
    try:
        return json_answer(_told(services().absences.come_back(person.id, caller().actor), []))
    except Busy as error:
        raise Problem("busy", str(error)) from None


def _one(reviewer_id: str) -> Reviewer:
    """Oneself; for an owner, whoever works on no other workflows than they do: other cases are not theirs to move."""
    who = caller()
    found = services().directory.find_reviewer(reviewer_id)
    if found is None or not (found.id == who.actor.id or ("owner" in who.roles and _all_theirs(found, who.workflows))):
        raise not_found()
    return found


def _all_theirs(person: Reviewer, workflows: Collection[str] | None) -> bool:
    """Whether a person works on some of these workflows only; None is all."""
    return workflows is None or (person.workflows is not None and set(person.workflows) <= set(workflows))


def _told(person: Reviewer, moved: list[Handoff]) -> dict[str, Any]:
    return {
        "reviewer": {"id": person.id, "name": person.name, "absence": absence_told(person)},
        "moved": [{"id": handoff.id, "title": handoff.title} for handoff in moved],
    }
