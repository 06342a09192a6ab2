"""Bodies of the desk's acts that have two readings, or none, or say too much (security rows A4, A6)."""

from typing import Any

import pytest

from companion.identity.credentials import ALL_ROLES
from tests.application import Agent, World, problem

DESK = ("/v1/handoffs/{id}", "/v1/batches", "/handoff/complete")
DIGEST = "sha256:" + "0" * 64
AMBIGUOUS = [
    ("", "invalid_json"),
    ("{", "invalid_json"),
    ("[]", "not_an_object"),
    ("null", "not_an_object"),
    ('{"a": NaN}', "number_not_finite"),
    ('{"a": 1e999}', "number_not_exact"),
    ('{"a": 1, "a": 2}', "duplicate_member"),
    ('{"a": "\\ud800"}', "lone_surrogate"),
    ('{"a": ' + "[" * 31 + "]" * 31 + "}", "too_deep"),
    ('{"a": "\xff"}'.encode("latin-1"), "not_utf8"),
]


def taking_bodies(world: World) -> list[tuple[str, str]]:
    """Every operation on a case or a batch that takes a body, as the description has them."""
    paths = world.nobody().get("/openapi.json")["paths"]
    desk = {path: item for path, item in paths.items() if path.startswith(DESK)}
    return [(method.upper(), path) for path, item in desk.items() for method, op in item.items() if "requestBody" in op]


def callers(world: World) -> tuple[Agent, Agent]:
    return world.automation(), world.person("Olga", roles=[role for role in ALL_ROLES if role != "sre"])


@pytest.mark.req("A4", "A6", "R-SEC-06")
def test_a_body_with_two_readings_changes_nothing_anywhere(world: World) -> None:
    """On each act of the desk: malformed JSON is named by its fault, other types are refused, nothing is written."""
    robot, olga = callers(world)
    opened = world.open(robot)
    batch = olga.send("POST", "/v1/batches", {"like": world.open(robot)["id"]}).json
    rows = taking_bodies(world)
    assert len(rows) >= 16
    before = world.dump()
    for method, template in rows:
        path = template.replace("{id}", batch["id"] if "batches" in template else opened["id"])
        agent = robot if template.endswith(("/execution",)) or method == "PATCH" else olga
        headers = {**agent.headers, "If-Match": '"1"', "Idempotency-Key": "k"}
        send = agent.client.open
        for body, code in AMBIGUOUS:
            answer = send(path, method=method, data=body, content_type="application/json", headers=headers)
            problem(answer, 400, code)
        answer = send(path, method=method, data='{"text": "x"}', content_type="text/plain", headers=headers)
        problem(answer, 415, "not_json")
        if template.endswith("/challenges"):
            continue  # takes the body of any act: what is signed there is held against that act's own model later
        unknown = send(path, method=method, json={"unknown": 1}, headers=headers)
        assert unknown.status_code == 422, (template, unknown.text)
        assert "/unknown" in [error["field"] for error in unknown.json["errors"]], template
    assert world.dump() == before


APPROVE: dict[str, Any] = {"action": "approve", "package_digest": DIGEST}
CHECK: dict[str, Any] = {"gate": "g", "item": "i", "result": "pass"}
VERIFY: dict[str, Any] = {"package_digest": DIGEST, "answers": [CHECK]}
ACTS: list[tuple[str, str, Any, str]] = [
    ("POST", "decision", APPROVE | {"gate_results": [CHECK | {"result": "yes"}]}, "/gate_results/0/result"),
    ("POST", "decision", APPROVE | {"gate_results": [CHECK | {"result": True}]}, "/gate_results/0/result"),
    ("POST", "decision", APPROVE | {"gate_results": [CHECK] * 101}, "/gate_results"),
    ("POST", "decision", APPROVE | {"gate_results": [CHECK | {"by": "rv_x"}]}, "/gate_results/0/by"),
    ("POST", "decision", APPROVE | {"response": []}, "/response"),
    ("POST", "decision", APPROVE | {"mark": "wrong"}, "/mark"),
    ("POST", "decision", APPROVE | {"sla_feasible": "yes"}, "/sla_feasible"),
    ("POST", "decision", APPROVE | {"urgency": ""}, "/urgency"),
    ("POST", "decision", APPROVE | {"batch_id": "ba_x"}, "/batch_id"),
    ("POST", "decision", APPROVE | {"step_up": {"nonce": "x"}}, "/step_up/credential"),
    ("POST", "decision", APPROVE | {"step_up": True}, "/step_up"),
    ("POST", "decision", APPROVE | {"assurance": "step_up"}, "/assurance"),
    ("POST", "verifications", VERIFY | {"action": "approve"}, "/action"),
    ("POST", "verifications", {"answers": [CHECK]}, "/package_digest"),
    ("POST", "verifications", VERIFY | {"answers": CHECK}, "/answers"),
    ("POST", "triage", {"risk_tier": "none"}, "/risk_tier"),
    ("POST", "triage", {"queue": "a b"}, "/queue"),
    ("POST", "triage", {"skills": []}, "/skills"),
    ("PUT", "assignee", {}, "/reviewer_id"),
    ("PUT", "assignee", {"reviewer_id": 7}, "/reviewer_id"),
    ("POST", "escalations", {"reason_code": "policy_violation", "level": 4}, "/level"),
    ("POST", "disclosures", {"reason": " "}, "/reason"),
    ("POST", "edit-checks", {}, "/edited_output"),
]


@pytest.mark.req("A6", "R-ACT-02", "R-GATE-03")
@pytest.mark.parametrize(("method", "noun", "body", "pointer"), ACTS)
def test_an_act_of_the_desk_that_does_not_fit_changes_nothing(
    world: World, method: str, noun: str, body: Any, pointer: str
) -> None:
    """Nobody says in a body who they are, how surely they are known, or in which batch they decide."""
    robot, olga = callers(world)
    opened = world.open(robot)
    before = world.dump()
    answer = olga.send(method, f"/v1/handoffs/{opened['id']}/{noun}", body, {"If-Match": '"1"'})
    problem(answer, 422, "invalid_field", pointer)
    assert world.dump() == before
