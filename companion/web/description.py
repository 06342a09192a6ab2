"""The OpenAPI document: what flask-openapi3 knows of the bodies, with who may call, the headers, and every answer.

A test calls every operation with generated data and holds the answers against this document.
"""

from copy import deepcopy
from http import HTTPStatus
from typing import Any, Final

from companion.web.callers import COOKIE_LOCAL
from companion.web.permissions import TABLE
from companion.web.problems import STATUS

Schema = dict[str, Any]
TEXT: Final[Schema] = {"type": "string"}
MAYBE_TEXT: Final[Schema] = {"type": ["string", "null"]}
WHOLE: Final[Schema] = {"type": "integer"}
YES_OR_NO: Final[Schema] = {"type": "boolean"}
APPROVED: Final[Schema] = {
    "type": ["boolean", "null"],
    "description": "Null until a person decided, and without a decision.",
}
MOMENT: Final[Schema] = {"type": "string", "format": "date-time"}
MAYBE_MOMENT: Final[Schema] = {"type": ["string", "null"], "format": "date-time"}
MAYBE_OBJECT: Final[Schema] = {"type": ["object", "null"]}


def _object(**members: Schema) -> Schema:
    """An object that has at least these members."""
    return {"type": "object", "required": list(members), "properties": members}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _named(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_ROW: Final[dict[str, Schema]] = {
    "id": TEXT,
    "group_id": TEXT,
    "group": {**_object(size=WHOLE, index=WHOLE), "description": "`index` counts from 0."},
    "workflow_id": TEXT,
    "task_id": MAYBE_TEXT,
    "title": TEXT,
    "question": TEXT,
    "state": TEXT,
    "approved": APPROVED,
    "version": WHOLE,
    "package_digest": TEXT,
    "risk_tier": TEXT,
    "confidence": {"type": ["number", "null"]},
    "reviewer_level": WHOLE,
    "approvals_needed": WHOLE,
    "route": TEXT,
    "lane": TEXT,
    "queue": MAYBE_TEXT,
    "subject": MAYBE_TEXT,
    "due_at": MAYBE_MOMENT,
    "created_at": MOMENT,
    "expires_at": MOMENT,
    "decided_at": MAYBE_MOMENT,
    "decided_by": MAYBE_OBJECT,
    "decision": MAYBE_OBJECT,
    "claim": MAYBE_OBJECT,
    "question_open": MAYBE_TEXT,
    "review_url": TEXT,
}
SCHEMAS: Final[dict[str, Schema]] = {
    "Problem": {
        **_object(type=TEXT, title=TEXT, status=WHOLE, code={"enum": sorted(STATUS)}, detail=TEXT),
        "description": "RFC 9457. `field` is a JSON pointer, `current` the handoff as it stands.",
    },
    "Opened": _object(
        id=TEXT,
        group_id=TEXT,
        state=TEXT,
        version=WHOLE,
        package_token=TEXT,
        package_digest=TEXT,
        request_digest=TEXT,
        output_digest=TEXT,
        review_url=TEXT,
        expires_at=MOMENT,
    ),
    "OpenedGroup": _object(id=TEXT, handoffs=_list(_named("Opened")), review_url=TEXT),
    "HandoffRow": _object(**_ROW),
    "Handoff": _object(
        **_ROW,
        delivery=MAYBE_OBJECT,
        actions=_list({"type": "object"}),
        reason_codes=_list({"type": "object"}),
        routing={"type": "object"},
        assurance={"type": "object"},
        confirm_word=MAYBE_TEXT,
        notes=_list({"type": "object"}),
        history=_list({"type": "object"}),
        execution_url=MAYBE_TEXT,
    ),
    "Inbox": _object(
        items=_list(_named("HandoffRow")),
        cursor=MAYBE_TEXT,
        waiting=WHOLE,
        decided_today={**WHOLE, "description": "How many of these workflows people decided since midnight UTC."},
    ),
    "Group": _object(id=TEXT, workflow_id=TEXT, handoffs=_list(_named("HandoffRow")), delivery=MAYBE_OBJECT),
    "PackageToken": _object(package_token=TEXT),
    "Outcome": _object(
        sequence=WHOLE,
        subject=MAYBE_TEXT,
        id=TEXT,
        workflow_id=TEXT,
        state=TEXT,
        approved=APPROVED,
        decision_action=MAYBE_TEXT,
        cause=MAYBE_TEXT,
        output={},
        output_omitted=YES_OR_NO,
        decided_at=MOMENT,
        decided_by={"type": "object"},
        event_id=TEXT,
    ),
    "Outcomes": _object(items=_list(_named("Outcome")), cursor=TEXT),
    "Delivery": _object(
        id=TEXT,
        group_id=TEXT,
        handoff_ids=_list(TEXT),
        workflow_id=TEXT,
        status=TEXT,
        cause=MAYBE_TEXT,
        created_at=MOMENT,
        next_attempt_at=MAYBE_MOMENT,
        url_origin=TEXT,
        attempts=_list({"type": "object"}),
    ),
    "Deliveries": _object(items=_list(_named("Delivery")), cursor=MAYBE_TEXT),
    "Session": _object(
        reviewer=_object(id=TEXT, name=TEXT, email=MAYBE_TEXT, roles=_list(TEXT)),
        assurance=TEXT,
        expires_at=MAYBE_MOMENT,
    ),
    "Sessions": _object(
        items=_list(_object(id=TEXT, created_at=MOMENT, expires_at=MOMENT, assurance=TEXT, current=YES_OR_NO))
    ),
    "Attempt": _object(
        event_id=TEXT,
        event_type={"const": "attempt.refused"},
        timestamp=MOMENT,
        code={"enum": sorted(STATUS)},
        endpoint=TEXT,
        handoff_id=MAYBE_TEXT,
        decision_actor=MAYBE_OBJECT,
        left_out={**WHOLE, "description": "How many before it were counted and not kept."},
    ),
    "Attempts": _object(items=_list(_named("Attempt")), cursor=MAYBE_TEXT),
    "Event": _object(
        event_id=TEXT,
        event_type=TEXT,
        timestamp=MOMENT,
        workflow_id=MAYBE_TEXT,
        decision_actor={"type": "object"},
        justification=MAYBE_TEXT,
        policy_version=MAYBE_TEXT,
    ),
    "Events": _object(items=_list(_named("Event")), cursor=MAYBE_TEXT),
    "PublicKeys": _object(keys=_list({"type": "object"})),
    "Health": _object(status={"const": "ok"}),
    "Readiness": _object(status={"const": "ready"}, mode=TEXT, store={"type": "object"}),
}

_ROUTED: Final[dict[str, Schema]] = {
    "id": TEXT,
    "item_id": MAYBE_TEXT,
    "route": TEXT,
    "lane": TEXT,
    "queue": MAYBE_TEXT,
    "skills": _list(TEXT),
    "reviewer_level": {"type": ["integer", "null"]},
    "synchronous": YES_OR_NO,
    "risk_score": {"type": ["number", "null"]},
    "risk_score_source": TEXT,
    "risk_tier": TEXT,
    "gates": _list({"type": "object"}),
    "sla": MAYBE_OBJECT,
    "sample": MAYBE_OBJECT,
    "flags": _list(TEXT),
    "trace": _list(_object(stage=TEXT, outcome=TEXT, route=MAYBE_TEXT, words=MAYBE_TEXT)),
    "policy": _object(id=TEXT, version=WHOLE),
    "policy_version": WHOLE,
    "paused": MAYBE_OBJECT,
    "event_id": TEXT,
    "handoff": MAYBE_OBJECT,
}
_PAUSE: Final[Schema] = _object(
    id=TEXT,
    workflow_id=MAYBE_TEXT,
    model_version=MAYBE_TEXT,
    all=YES_OR_NO,
    scope=TEXT,
    reason=TEXT,
    started_at=MOMENT,
    started_by={"type": "object"},
    review=TEXT,
    review_url=TEXT,
    ended_at=MAYBE_MOMENT,
    ended_by=MAYBE_OBJECT,
)
SCHEMAS.update(
    {
        "RoutedItem": _object(**_ROUTED),
        "RoutedItems": _object(items=_list(_named("RoutedItem"))),
        "RoutedRecord": _object(
            **_ROUTED, workflow_id=TEXT, routed_at=MOMENT, facts={"type": "object"}, digests={"type": "object"},
            review=MAYBE_TEXT, events=_list({"type": "object"}),
        ),
        "RouteReview": _object(id=TEXT, subject=TEXT, review_url=TEXT),
        "Samples": _object(items=_list(_named("RouteReview"))),
        "PolicyList": _object(
            items=_list(
                _object(workflow_id=TEXT, version=WHOLE, title=MAYBE_TEXT, preset=YES_OR_NO, proposal=YES_OR_NO)
            )
        ),
        "Policy": _object(
            workflow_id=TEXT,
            version=WHOLE,
            document={"type": "object"},
            effective={"type": "object"},
            settings=_list({"type": "object"}),
            inherits=MAYBE_TEXT,
            saved_at=MAYBE_MOMENT,
            saved_by=MAYBE_OBJECT,
            approved_by=MAYBE_OBJECT,
            reason=MAYBE_TEXT,
            test_result=MAYBE_OBJECT,
            proposal=MAYBE_OBJECT,
            may_save=YES_OR_NO,
            may_approve=YES_OR_NO,
        ),
        "PolicyVersions": _object(items=_list(_object(version=WHOLE, saved_at=MOMENT, reason=TEXT))),
        "PolicyVersion": _object(version=WHOLE, document={"type": "object"}, saved_at=MOMENT, reason=TEXT),
        "PolicySaved": _object(status={"enum": ["active", "proposed", "rejected"]}),
        "SimulationReport": _object(
            items=WHOLE, before={"type": "object"}, after={"type": "object"}, changed=WHOLE,
            per_day=_list({"type": "object"}), wrongly_approved=WHOLE, examples=_list({"type": "object"}),
        ),
        "Presets": _object(items=_list(_object(name=TEXT, document={"type": "object"}))),
        "Pause": _PAUSE,
        "Pauses": _object(items=_list(_named("Pause"))),
    }
)  # fmt: skip

_ACTS: Final = {row: (200, "Handoff") for row in TABLE if row[0] != "GET" and row[1].startswith("/v1/handoffs/{id}")}
ANSWERS: Final[dict[tuple[str, str], tuple[int, str | None]]] = _ACTS | {
    ("POST", "/v1/handoffs"): (201, "Opened"),
    ("POST", "/v1/groups"): (201, "OpenedGroup"),
    ("GET", "/v1/handoffs"): (200, "Inbox"),
    ("GET", "/v1/handoffs/{id}"): (200, "Handoff"),
    ("GET", "/v1/handoffs/{id}/package"): (200, "PackageToken"),
    ("GET", "/v1/handoffs/{id}/blobs/{sha256}"): (200, None),
    ("GET", "/v1/groups/{id}"): (200, "Group"),
    ("POST", "/handoff/complete"): (200, "Handoff"),
    ("GET", "/v1/decisions"): (200, "Outcomes"),
    ("GET", "/v1/attempts"): (200, "Attempts"),
    ("GET", "/v1/events"): (200, "Events"),
    ("GET", "/v1/deliveries"): (200, "Deliveries"),
    ("GET", "/v1/deliveries/{id}"): (200, "Delivery"),
    ("POST", "/v1/deliveries/{id}/replay"): (202, "Delivery"),
    ("POST", "/v1/routes"): (200, "RoutedItems"),
    ("GET", "/v1/routes/{id}"): (200, "RoutedRecord"),
    ("POST", "/v1/routes/{id}/review"): (201, "RouteReview"),
    ("POST", "/v1/samples"): (201, "Samples"),
    ("GET", "/v1/policies"): (200, "PolicyList"),
    ("GET", "/v1/policies/{workflow_id}"): (200, "Policy"),
    ("PUT", "/v1/policies/{workflow_id}"): (200, "PolicySaved"),
    ("GET", "/v1/policies/{workflow_id}/versions"): (200, "PolicyVersions"),
    ("GET", "/v1/policies/{workflow_id}/versions/{version}"): (200, "PolicyVersion"),
    ("POST", "/v1/policies/{workflow_id}/simulations"): (200, "SimulationReport"),
    ("POST", "/v1/policies/{workflow_id}/approvals"): (200, "PolicySaved"),
    ("GET", "/v1/policy-presets"): (200, "Presets"),
    ("GET", "/policy.schema.json"): (200, None),
    ("GET", "/v1/pauses"): (200, "Pauses"),
    ("POST", "/v1/pauses"): (201, "Pause"),
    ("POST", "/v1/pauses/{id}/resumption"): (200, "Pause"),
    ("POST", "/v1/enrolments"): (200, "Session"),
    ("POST", "/v1/sessions"): (200, "Session"),
    ("GET", "/v1/sessions"): (200, "Sessions"),
    ("GET", "/v1/sessions/current"): (200, "Session"),
    ("DELETE", "/v1/sessions/current"): (204, None),
    ("DELETE", "/v1/sessions/{id}"): (204, None),
    ("GET", "/.well-known/jwks.json"): (200, "PublicKeys"),
    ("GET", "/healthz"): (200, "Health"),
    ("GET", "/readyz"): (200, "Readiness"),
    ("GET", "/openapi.json"): (200, None),
}
"""Status and shape of each success; None for what is no JSON document of ours."""

_OR_LATER: Final = frozenset({("PUT", "/v1/policies/{workflow_id}")})
"""What can also be answered by 202: done when somebody else agrees."""
_STORELESS: Final = frozenset({"/healthz", "/openapi.json", "/policy.schema.json"})
_ONCE: Final = frozenset({("POST", "/v1/handoffs"), ("POST", "/v1/groups")})
_ON_A_VERSION: Final = frozenset(
    {
        ("POST", "/v1/handoffs/{id}/decision"),
        ("PATCH", "/v1/handoffs/{id}"),
        ("PUT", "/v1/policies/{workflow_id}"),
    }
)
_MAY_CONFLICT: Final = frozenset({"/handoff/complete", "/v1/pauses", "/v1/routes"})
_MAYBE_ONCE: Final = frozenset(
    ("POST", f"/v1/handoffs/{{id}}/{noun}") for noun in ("annotations", "questions", "escalations", "rollback")
) | {("POST", "/v1/routes")}
_BINARY: Final[Schema] = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


def described(app: Any) -> dict[str, Any]:
    """The whole description, made once per application."""
    made = app.extensions.get("handoff_description")
    if made is None:
        made = app.extensions["handoff_description"] = _completed(deepcopy(app.api_doc))
    return dict(made)


def _completed(found: dict[str, Any]) -> dict[str, Any]:
    components = found["components"]
    components["schemas"].pop("ValidationErrorModel", None)
    components["schemas"] |= SCHEMAS
    components["securitySchemes"]["session"] = {"type": "apiKey", "in": "cookie", "name": COOKIE_LOCAL}
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            row = (method.upper(), path)
            allowed = TABLE[row]
            signed_in: list[Schema] = [{"session": []}] if allowed.roles else []
            operation["security"] = [] if allowed.anybody else [{"bearer": []}, *signed_in]
            operation["parameters"] = operation.get("parameters", []) + _headers(row)
            operation["responses"] = _success(row) | {
                str(status): _problem(status) for status in _refusals(row, operation)
            }
    return found


def _headers(row: tuple[str, str]) -> list[Schema]:
    if row in _ONCE | _MAYBE_ONCE:
        pattern = {"type": "string", "pattern": r"^[\x21-\x7e]{1,255}$"}
        return [{"name": "Idempotency-Key", "in": "header", "required": row in _ONCE, "schema": pattern}]
    if row in _ON_A_VERSION:
        pattern = {"type": "string", "pattern": r'^"[0-9]{1,9}(-[0-9a-f]+)?"$'}
        return [{"name": "If-Match", "in": "header", "required": True, "schema": pattern}]
    return []


def _success(row: tuple[str, str]) -> dict[str, Schema]:
    status, name = ANSWERS[row]
    answer: Schema = {"description": HTTPStatus(status).phrase}
    if name is not None:
        answer["content"] = {"application/json": {"schema": _named(name)}}
    elif row[1].endswith("{sha256}"):
        answer["content"] = _BINARY
    elif status != 204:
        answer["content"] = {"application/json": {"schema": {"type": "object"}}}
    return {str(status): answer} | ({"202": answer} if row in _OR_LATER else {})


def _problem(status: int) -> Schema:
    content = {"application/problem+json": {"schema": _named("Problem")}}
    return {"description": HTTPStatus(status).phrase, "content": content}


def _refusals(row: tuple[str, str], operation: Schema) -> list[int]:
    """The statuses with which an operation can be refused."""
    method, path = row
    statuses = {500} if path in _STORELESS else {500, 503}
    if not TABLE[row].anybody or method == "POST":
        statuses |= {401, 403}
    if "{" in path or path == "/handoff/complete":
        statuses.add(404)
    if "requestBody" in operation:
        statuses |= {400, 413, 415, 422}
    if any(parameter["in"] == "query" for parameter in operation["parameters"]):
        statuses |= {400, 422}
    if "{workflow_id}" in path:
        statuses.add(422)
    if method in ("POST", "PUT", "PATCH", "DELETE") and ("{" in path or path in _MAY_CONFLICT):
        statuses.add(409)
    if row in _ON_A_VERSION:
        statuses |= {412, 428}
    return sorted(statuses)
