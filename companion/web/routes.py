"""The decision router over HTTP: route a batch, read what was routed, have it looked at."""

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag

from companion.core.decide import Refused
from companion.core.policy.document import UnusablePolicy
from companion.core.redaction import hidden
from companion.service.judge import Settings
from companion.service.openings import Asking
from companion.web import models
from companion.web.answers import identified, json_answer, problem_of
from companion.web.callers import caller, services
from companion.web.conditions import idempotency_key
from companion.web.handoffs import fields_of
from companion.web.problems import Problem, not_found, policy_problem

api = APIBlueprint("routes", __name__, abp_tags=[Tag(name="Routes", description="Let policy decide who decides.")])

BATCH_CHARACTERS: Final = 1024 * 1024
"""Of a batch without its largest item. Every character is looked through, while others wait for this process."""


@api.post("/v1/routes", summary="Route items")
def route_items(body: models.RouteBatch) -> Response:
    """Route 1 to 500 items: for each a route, a lane, and the trace of how that came about.

    With an Idempotency-Key the same batch gets the same answer again.
    """
    _check_size()
    items = [fields_of(item, f"/items/{at}") for at, item in enumerate(body.items)]
    who = caller()
    if body.open and "open" not in who.scopes:
        raise Problem("scope_missing", "With open: true, this API key needs the scope “open” as well.", field="/open")
    key = idempotency_key()
    fingerprint = sha256(request.get_data()).hexdigest()
    asking = Asking(who.actor.id, who.actor.name, key or f"route-{fingerprint}", fingerprint, None, "2xx", None)
    # The same key may open handoffs elsewhere: these are other requests.
    once = None if key is None else replace(asking, idempotency_key=f"routes\n{key}").once
    try:
        came = services().routing.route(
            items, who.actor, settings=_settings(body.settings), asking=asking if body.open else None, once=once
        )
    except UnusablePolicy as error:
        raise policy_problem("settings_unusable", error, "/settings") from None
    if isinstance(came, Refused):
        raise problem_of(came)
    answer = Response('{"items":[' + ",".join(came.items) + "]}", content_type="application/json")
    if came.replayed:
        answer.headers["Idempotency-Replayed"] = "true"
    return answer


def _check_size() -> None:
    """Refuse what can be sent in smaller batches; an item that is large by itself goes alone, or beside small ones.

    Characters count, not bytes: so the node can cut its batches without knowing how they are encoded.
    """
    if len(request.get_data()) <= BATCH_CHARACTERS:
        return
    given = request.get_json()["items"]
    sizes = [len(json.dumps(item, ensure_ascii=False, separators=(",", ":"))) for item in given]
    if sum(sizes) - max(sizes) > BATCH_CHARACTERS:
        raise Problem(
            "body_too_large",
            f"The items have {sum(sizes)} characters; send them in smaller batches, of {BATCH_CHARACTERS} at most.",
            field="/items",
        )


def _settings(given: models.RouteSettings | None) -> Settings | None:
    if given is None:
        return None
    numbers = given.thresholds.model_dump(exclude_none=True) if given.thresholds else {}
    return Settings(tuple(sorted(numbers.items())), given.sampling_rate, given.sla_minutes, given.queue)


@api.get("/v1/routes/<string:id>", summary="One routed item")
def read_route(path: models.ById) -> Response:
    """What was decided and why, and the facts it was decided on; no payload."""
    return identified(_shown(_visible(path.id)))


@api.post("/v1/routes/<string:id>/review", summary="Have a routed item looked at")
def review(path: models.ById, body: models.ReviewBody) -> Response:
    """Open a review of what was decided without a person. Asked for again, it gives the same one.

    The payload is not kept here; an automation may send it for the reviewer to see, a person asks without.
    """
    record = _visible(path.id)
    shown = {name: getattr(body, name) for name in body.model_fields_set}
    came = services().routing.review(record, shown, caller().actor)
    if isinstance(came, Refused):
        raise problem_of(came)
    document = {"id": came, "subject": path.id, "review_url": services().service.review_url(came)}
    return json_answer(document, 201)


def _visible(identifier: str) -> dict[str, Any]:
    """The record, if the caller works on its workflow."""
    record = services().routing.read(identifier)
    if record is None or not caller().sees(record["workflow_id"]):
        raise not_found()
    return record


def _shown(record: dict[str, Any]) -> dict[str, Any]:
    answer, who = record["answer"], caller()
    places = services().routing.hidden_places(record)
    # What policies hide that cannot be read is not known.
    if who.kind == "human" and (isinstance(places, Refused) or hidden(places, who.roles)):
        record, answer = _without_payload(record)
    by_hand = None if record["review"] else services().routing.review_of(record["id"])
    return {
        **answer,
        "workflow_id": record["workflow_id"],
        "routed_at": record["routed_at"],
        "facts": record["facts"],
        "digests": record["digests"],
        "review": record["review"] or by_hand,
        "events": record["events"],
    }


def _without_payload(record: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A routed item without anything that could repeat what is hidden; the payload itself, to mask by, is not kept."""
    item = {name: value for name, value in record["facts"]["item"].items() if name in PLAIN}
    events = [{name: value for name, value in event.items() if name in PLAIN_OF_EVENT} for event in record["events"]]
    trace = [stage | {"words": None} for stage in record["answer"]["trace"]]
    kept = record | {"facts": record["facts"] | {"item": item, "signals": []}, "digests": {}, "events": events}
    return kept, record["answer"] | {"item_id": None, "trace": trace, "reasons": []}


PLAIN: Final = frozenset(
    {
        "workflow_id", "confidence", "confidence_kind", "risk_score", "risk_tier", "service_tier", "domain", "category",
        "reversible", "flags", "model_error", "model_name", "model_version", "harms", "faults",
    }
)  # fmt: skip
"""Facts of an item that hold nothing of its payload."""
PLAIN_OF_EVENT: Final = frozenset(
    {"event_id", "event_type", "timestamp", "workflow_id", "decision_actor", "decision_action", "policy_version"}
)
