"""The first half of a step-up: a challenge for exactly one act (security row L5). `confirming` has the second."""

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from companion.core.decide import Refused
from companion.core.times import iso
from companion.web import models, models_identity
from companion.web.answers import json_answer, problem_of
from companion.web.callers import in_a_browser, services
from companion.web.case import visible

api = APIBlueprint("step_up", __name__, abp_tags=[Tag(name="Handoffs")])


@api.post("/v1/handoffs/<string:id>/challenges", summary="Ask for the confirmation of an act")
def challenge(path: models.ById, body: models_identity.Challenge) -> Response:
    """The body is that of the act which follows, with its `action`; the passkey signs its hash and nothing else."""
    handoff = visible(path.id).handoff
    act = {"action": body.action, **(body.model_extra or {})}
    asked = services().step_ups.challenge(handoff.id, handoff.version, act, in_a_browser())
    if isinstance(asked, Refused):
        raise problem_of(asked)
    document = {"nonce": asked["nonce"], "options": asked["options"], "expires_at": iso(asked["expires_at_ms"])}
    return json_answer(document)
