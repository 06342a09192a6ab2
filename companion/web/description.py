"""The OpenAPI document: what flask-openapi3 knows of the bodies, with who may call, the headers, and every answer.

A test calls every operation with generated data and holds the answers against this document.
"""

from copy import deepcopy
from http import HTTPStatus
from typing import Any, Final

from companion.web.callers import COOKIE_LOCAL
from companion.web.permissions import TABLE
from companion.web.rate_limits import SIGN_INS
from companion.web.schemas import SCHEMAS, Schema, named
from companion.web.schemas_desk import DESK_SCHEMAS
from companion.web.schemas_identity import IDENTITY_ANSWERS, IDENTITY_SCHEMAS

_ACTS: Final = {row: (200, "Handoff") for row in TABLE if row[0] != "GET" and row[1].startswith("/v1/handoffs/{id}")}
ANSWERS: Final[dict[tuple[str, str], tuple[int, str | None]]] = (
    _ACTS
    | IDENTITY_ANSWERS
    | {
        ("POST", "/v1/handoffs"): (201, "Opened"),
        ("POST", "/v1/groups"): (201, "OpenedGroup"),
        ("GET", "/v1/handoffs"): (200, "Inbox"),
        ("GET", "/v1/handoffs/{id}"): (200, "Handoff"),
        ("GET", "/v1/handoffs/{id}/package"): (200, "PackageToken"),
        ("GET", "/v1/handoffs/{id}/blobs/{sha256}"): (200, None),
        ("POST", "/v1/handoffs/{id}/edit-checks"): (200, "EditChecks"),
        ("POST", "/v1/handoffs/{id}/disclosures"): (200, "Disclosed"),
        ("POST", "/v1/handoffs/{id}/execution"): (200, "Executed"),
        ("GET", "/v1/reviewers"): (200, "Reviewers"),
        ("POST", "/v1/batches"): (201, "Batch"),
        ("GET", "/v1/batches/{id}"): (200, "Batch"),
        ("POST", "/v1/batches/{id}/decision"): (200, "BatchResults"),
        ("DELETE", "/v1/batches/{id}"): (204, None),
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
        ("GET", "/.well-known/jwks.json"): (200, "PublicKeys"),
        ("GET", "/healthz"): (200, "Health"),
        ("GET", "/readyz"): (200, "Readiness"),
        ("GET", "/openapi.json"): (200, None),
    }
)
"""Status and shape of each success; None for what is no JSON document of ours."""

_OR_LATER: Final = frozenset({("PUT", "/v1/policies/{workflow_id}")})
"""What can also be answered by 202: done when somebody else agrees."""
_STORELESS: Final = frozenset({"/healthz", "/openapi.json", "/policy.schema.json"})
_ONCE: Final = frozenset({("POST", "/v1/handoffs"), ("POST", "/v1/groups"), ("POST", "/v1/handoffs/{id}/execution")})
_ON_A_VERSION: Final = frozenset(
    {
        ("POST", "/v1/handoffs/{id}/decision"),
        ("POST", "/v1/handoffs/{id}/triage"),
        ("POST", "/v1/handoffs/{id}/verifications"),
        ("PATCH", "/v1/handoffs/{id}"),
        ("PUT", "/v1/policies/{workflow_id}"),
    }
)
_MAY_CONFLICT: Final = frozenset(
    {"/v1/passkeys", "/v1/sign-in-codes", "/v1/tokens", "/handoff/complete", "/v1/batches", "/v1/pauses", "/v1/routes"}
)
_MAY_BE_MISSING: Final = frozenset(
    {"/v1/sign-ins/oidc", "/v1/sessions/current", "/handoff/complete", "/v1/batches", "/v1/reviewers"}
)
"""Paths without an id whose body, query or cookie names something that may not be there."""
_MAYBE_ONCE: Final = frozenset(
    ("POST", f"/v1/handoffs/{{id}}/{noun}")
    for noun in ("annotations", "questions", "answers", "escalations", "withdrawal", "rollback", "disclosures")
) | {("PUT", "/v1/handoffs/{id}/assignee"), ("POST", "/v1/batches"), ("POST", "/v1/routes")}
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
    components["schemas"] |= SCHEMAS | DESK_SCHEMAS | IDENTITY_SCHEMAS
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
        answer["content"] = {"application/json": {"schema": named(name)}}
    elif row[1].endswith("{sha256}"):
        answer["content"] = _BINARY
    elif status not in (204, 303):
        answer["content"] = {"application/json": {"schema": {"type": "object"}}}
    return {str(status): answer} | ({"202": answer} if row in _OR_LATER else {})


def _problem(status: int) -> Schema:
    content = {"application/problem+json": {"schema": named("Problem")}}
    return {"description": HTTPStatus(status).phrase, "content": content}


def _refusals(row: tuple[str, str], operation: Schema) -> list[int]:
    """The statuses with which an operation can be refused."""
    method, path = row
    statuses = {500} if path in _STORELESS else {500, 503}
    if not TABLE[row].anybody or method == "POST":
        statuses |= {401, 403}
    if not TABLE[row].anybody or row in SIGN_INS:
        statuses.add(429)
    if "{" in path or path in _MAY_BE_MISSING:
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
