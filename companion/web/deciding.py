"""Deciding a case: approve, reject or edit; check without deciding; take a decision back before anybody was told."""

from collections.abc import Sequence
from typing import Any

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from companion.core import commands as c
from companion.core.decide import Refused
from companion.core.handoff import Handoff
from companion.core.policy.vocabulary import words_of
from companion.service.handoffs import DecisionForm
from companion.web import models, models_desk
from companion.web.answers import json_answer, problem_of
from companion.web.callers import caller, services
from companion.web.case import acted, visible
from companion.web.conditions import expected_version
from companion.web.confirming import actor_for
from companion.web.views.redacted import response_meant

api = APIBlueprint("deciding", __name__, abp_tags=[Tag(name="Handoffs")])


@api.post("/v1/handoffs/<string:id>/decision", summary="Decide")
def decide(path: models.ById, body: models_desk.DecisionBody) -> Response:
    """Approve, reject, or approve an edited output. Final: another answer needs a rollback."""
    return decided(path.id, body, body.action, expected_version(), body.package_digest, body.view_digest, None)


def decided(
    handoff_id: str,
    body: models_desk.DecisionBody | models_desk.Completion,
    action: Any,
    version: int | None,
    package_digest: str,
    view_digest: str | None,
    jti: str | None,
) -> Response:
    """Run a decision and answer with the live view and its receipt."""
    who = caller()

    def deliberate(handoff: Handoff) -> bool:
        return who.assurance != "link" or services().directory.confirmed(handoff, who, body.confirm_word)

    form = DecisionForm(
        action=action,
        expected_version=version,
        package_digest=package_digest,
        view_digest=view_digest,
        reason_code=body.reason_code,
        rationale=body.rationale,
        edited_output=body.edited_output,
        evidence=evidence_of(body.evidence),
        gate_answers=answers_of(body.gate_results),
        response=_meant(handoff_id, body.response),
        mark=body.mark,
        urgency=body.urgency,
        sla_feasible=body.sla_feasible,
        deliberate=deliberate,
        jti=jti,
    )
    actor = actor_for(handoff_id, body.step_up, version)
    done = services().service.decide(handoff_id, actor, may_see=who.may_see, form=form)
    return acted(handoff_id, done)


def _meant(handoff_id: str, response: dict[str, Any] | None) -> Any:
    """The filled-in form with what the reviewer was not shown of it put back."""
    if response is None:
        return None
    stored = visible(handoff_id)
    return response_meant(response, stored.handoff, stored.package, caller())


def evidence_of(given: Sequence[models.Evidence] | None) -> tuple[dict[str, Any], ...]:
    """What was attached, as plain values."""
    return tuple(entry.model_dump(exclude_none=True) for entry in given or ())


def answers_of(given: Sequence[models_desk.GateResultBody] | None) -> tuple[c.GateAnswer, ...]:
    """Answers to checks as the core takes them."""
    return tuple(c.GateAnswer(each.gate, each.item, each.result, each.note) for each in given or ())


@api.delete("/v1/handoffs/<string:id>/decision", summary="Take one's decision back before anybody is told")
def undo(path: models.ById) -> Response:
    """Possible for the decider while the policy's undo window is open; the case waits again."""
    who = caller()
    return acted(path.id, services().service.undo(path.id, who.actor, may_see=who.may_see))


@api.post("/v1/handoffs/<string:id>/verifications", summary="Answer checks without deciding")
def verify(path: models.ById, body: models_desk.VerificationBody) -> Response:
    """Each item passes, fails, or does not apply. What fails sends the case on, or back to triage (R-GATE-04)."""
    version, who = expected_version(), caller()
    done = services().service.verify(
        path.id,
        actor_for(path.id, body.step_up, version),
        may_see=who.may_see,
        expected_version=version,
        package_digest=body.package_digest,
        answers=answers_of(body.answers),
        reason_code=body.reason_code,
        rationale=body.rationale,
        evidence=evidence_of(body.evidence),
    )
    return acted(path.id, done)


@api.post("/v1/handoffs/<string:id>/edit-checks", summary="Check an edited output")
def check_edit(path: models.ById, body: models_desk.EditCheckBody) -> Response:
    """What policy finds in an edit, and whether it would be refused. Nothing changes."""
    stored, who = visible(path.id), caller()
    found = services().service.check_edit(stored, who.actor, body.edited_output)
    if isinstance(found, Refused):
        raise problem_of(found)
    marks = [{"code": mark, "text": words_of(mark)} for mark in found.marks]
    return json_answer({"marks": marks, "refused": found.refused, "allowed": found.refused is None})
