"""POST /v1/samples: an auditor has decisions of people looked at again."""

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from companion.web import models
from companion.web.answers import json_answer
from companion.web.callers import caller, services
from companion.web.permissions import workflows_seen

api = APIBlueprint("samples", __name__, abp_tags=[Tag(name="Samples", description="Look at decisions again.")])


@api.post("/v1/samples", summary="Draw decided cases for a second look")
def draw(body: models.SampleBody) -> Response:
    """Draw cases that people decided, every workflow and kind of decision in turn; each is looked at once.

    For each a review opens for people other than its decider. The answer is empty when nothing new was decided.
    """
    workflows, who = workflows_seen(), caller()
    if body.workflow_id is not None:
        if workflows is not None and body.workflow_id not in workflows:
            return json_answer({"items": []}, 201)
        workflows = (body.workflow_id,)
    drawn = services().samples.draw(who.actor, workflows, who.may_see, body.number)
    items = [
        {"id": review_id, "subject": handoff_id, "review_url": services().service.review_url(review_id)}
        for handoff_id, review_id in drawn
    ]
    return json_answer({"items": items}, 201)
