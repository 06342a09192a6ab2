"""Being away: a person's own, or noted by an owner for somebody who cannot (R-ROLE-18)."""

from typing import Any

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from companion.core.handoff import Handoff
from companion.core.times import END_OF_TIMES_MS, parse_ms
from companion.identity.credentials import Reviewer
from companion.identity.directory import DirectoryProblem
from companion.web import models as m
from companion.web import models_identity as mi
from companion.web.answers import json_answer
from companion.web.callers import caller, services
from companion.web.problems import Problem, not_found
from companion.web.sessions import absence_told

api = APIBlueprint("reviewers", __name__, abp_tags=[Tag(name="People", description="Who is there, and who stands in.")])


@api.put("/v1/reviewers/<string:id>/absence", summary="Be away")
def leave(path: m.ById, body: mi.AbsenceBody) -> Response:
    """From then on, or from now, the cases of this person go to their backup; those they hold are handed over."""
    person = _one(path.id)
    if body.backup_id is not None and services().directory.find_reviewer(body.backup_id) is None:
        raise Problem("unknown_reviewer", "There is nobody of that id; see GET /v1/reviewers.", field="/backup_id")
    from_ms = None if body.from_ is None else _moment(body.from_, "/from")
    try:
        away, moved = services().absences.leave(person.id, from_ms, _moment(body.until, "/until"), body.backup_id)
    except DirectoryProblem as error:
        raise Problem("absence_unusable", str(error), field="/until") from None
    return json_answer(_told(away, moved))


@api.delete("/v1/reviewers/<string:id>/absence", summary="Be back")
def come_back(path: m.ById) -> Response:
    """What was handed over stays where it is."""
    return json_answer(_told(services().absences.come_back(_one(path.id).id), []))


def _one(reviewer_id: str) -> Reviewer:
    """Oneself; for an owner, anybody."""
    who = caller()
    found: Reviewer | None = services().directory.find_reviewer(reviewer_id)
    if found is None or (found.id != who.actor.id and "owner" not in who.roles):
        raise not_found()
    return found


def _moment(text: str, field: str) -> int:
    """A moment that can be shown again; the pattern lets a thirteenth month pass."""
    try:
        at_ms = parse_ms(text)
    except (ValueError, OverflowError):
        raise Problem("invalid_field", "This is no moment in time.", field=field) from None
    # Near the ends of the calendar an offset leads to a year that cannot be shown.
    if not 0 <= at_ms < END_OF_TIMES_MS:
        raise Problem("invalid_field", "A moment lies in the years 1970 to 9998 (UTC).", field=field)
    return at_ms


def _told(person: Reviewer, moved: list[Handoff]) -> dict[str, Any]:
    return {
        "reviewer": {"id": person.id, "name": person.name, "absence": absence_told(person)},
        "moved": [{"id": handoff.id, "title": handoff.title} for handoff in moved],
    }
