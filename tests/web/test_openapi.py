"""The API holds to its own description: generated requests to every operation, as an automation and as a person."""

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from companion.identity.credentials import ALL_ROLES
from companion.web.description import ANSWERS
from companion.web.permissions import TABLE
from tests.application import World
from tests.policies import SURE, document, save

CHECKS = (
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
)  # fmt: skip
EXAMPLES = 12
HIDDEN = {("GET", "/"), ("GET", "/{path}"), ("GET", "/config.json"), ("GET", "/docs"), ("GET", "/docs.css")}


def test_every_operation_is_described_with_who_may_call_it(world: World) -> None:
    """OpenAPI 3.1: each operation of the table with its security, success and refusals; no dangling reference."""
    document = world.nobody().get("/openapi.json")
    assert document["openapi"].startswith("3.1")
    operations = {(method.upper(), path): op for path, item in document["paths"].items() for method, op in item.items()}
    assert set(operations) == set(TABLE) - HIDDEN == set(ANSWERS)
    for row, operation in operations.items():
        assert operation["summary"]
        assert bool(operation["security"]) is not TABLE[row].anybody
        assert str(ANSWERS[row][0]) in operation["responses"]
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                assert list(answer["content"]) == ["application/problem+json"], row
    text = json.dumps(document)
    for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in document["components"]["schemas"]


@pytest.mark.req("A5", "R-INT-01")
def test_the_documentation_page_shows_every_operation(world: World) -> None:
    """The page for people is made from the description, without script."""
    page = world.nobody().send("GET", "/docs")
    assert page.content_type.startswith("text/html")
    assert "<script" not in page.text
    for method, path in ANSWERS:
        assert f"<b>{method}</b> <code>{path}</code>" in page.text


@pytest.mark.req("A5", "A6", "R-SEC-06")
@pytest.mark.parametrize(("method", "path"), sorted(ANSWERS), ids=lambda part: part)
def test_generated_requests_get_answers_that_were_promised(world: World, method: str, path: str) -> None:
    """Fitting and unfitting data, real and invented ids: no 5xx, and each status, type and shape is a described one."""
    robot, person = world.automation(), world.person("Olga", roles=ALL_ROLES)
    group = world.open_group(robot, [{"request": {"body": "x" * 20_000}}], callback_url="http://localhost:1/x")
    opened = group["handoffs"][0]
    handoff = world.stored(opened["id"])
    token = person.get(f"/v1/handoffs/{opened['id']}/package")["package_token"]
    routed = robot.send("POST", "/v1/routes", {"items": [SURE]}).json["items"][0]
    paused = person.send("POST", "/v1/pauses", {"workflow_id": "tickets", "reason": "x"}).json
    assert save(person, document()).status_code == 200
    batch = person.send("POST", "/v1/batches", {"like": world.open(robot)["id"]}).json
    ids = {
        "groups": group["id"],
        "deliveries": str(handoff.delivery_id),
        "routes": routed["id"],
        "batches": batch["id"],
        "pauses": paused["id"],
    }
    real = ids.get(path.split("/")[2] if path.count("/") > 1 else "", opened["id"])
    schema: Any = schemathesis.openapi.from_wsgi("/openapi.json", world.app)
    operation = schema[path][method]
    modes = [operation.as_strategy(generation_mode=mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
             if mode is GenerationMode.POSITIVE or operation.body or operation.query or operation.headers]  # fmt: skip

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=st.one_of(modes), known=st.booleans(), fitting=st.booleans())
    def calls(case: Any, known: bool, fitting: bool) -> None:
        if known and "workflow_id" in (case.path_parameters or {}):
            case.path_parameters["workflow_id"] = "tickets"
            if fitting and isinstance(case.body, dict) and "document" in case.body:
                case.body["document"] = document(title="Tried")
        if known and "id" in (case.path_parameters or {}):
            case.path_parameters["id"] = real
            if "sha256" in case.path_parameters:
                case.path_parameters["sha256"] = handoff.blobs[0]
        if fitting and isinstance(case.body, dict):
            if "package_digest" in case.body:
                case.body["package_digest"] = opened["package_digest"]
            if "package_token" in case.body:
                case.body["package_token"] = token
        for agent in (robot, person):
            answer = case.call(headers=agent.headers)
            case.validate_response(answer, checks=CHECKS)
            if answer.status_code >= 400:
                problem = answer.json()
                assert problem["status"] == answer.status_code
                assert problem["code"]

    calls()
