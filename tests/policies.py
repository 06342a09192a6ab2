"""Policies and items for tests of the router: what is surely let through, and documents around it."""

import json
from itertools import count
from typing import Any, Final

from werkzeug.test import TestResponse

from tests.application import Agent, World

SURE: Final[dict[str, Any]] = {
    "workflow_id": "tickets",
    "request": {"text": "Where is my order?"},
    "model_output": {"answer": "It left on Monday."},
    "confidence": 0.97,
    "risk_score": 0.1,
    "risk_tier": "low",
    "reversible": True,
    "model": {"name": "bart", "version": "3"},
}
"""An item that the default policy lets through."""

_numbers = count(1)


def document(workflow_id: str = "tickets", **fields: Any) -> dict[str, Any]:
    """A policy of a workflow's own."""
    owner = {"name": "Olga", "contact": "olga@example.com"}
    return {"schema_version": 1, "workflow_id": workflow_id, "owner": owner, **fields}


def save(by: Agent, policy: dict[str, Any], version: int = 0, reason: str = "Reviewed last week.") -> TestResponse:
    """Put a policy in place of `version`."""
    path = f"/v1/policies/{policy['workflow_id']}"
    return by.send("PUT", path, {"document": policy, "reason": reason}, {"If-Match": f'"{version}"'})


def route(by: Agent, *items: dict[str, Any], key: str | None = None, **body: Any) -> list[dict[str, Any]]:
    """Route items; each stands beside or instead of SURE."""
    headers = {} if key is None else {"Idempotency-Key": key}
    given = {"items": [{**SURE, "item_id": f"item-{next(_numbers)}"} | item for item in items], **body}
    answer = by.send("POST", "/v1/routes", given, headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["items"]  # type: ignore[index]
    return found


def settle(world: World, workflow_id: str = "tickets") -> None:
    """Whatever waits for governance is approved by somebody who did not propose it."""
    state, _, _ = world.services.policies.view(workflow_id)
    if state.proposal is not None:
        name = f"Gwen{state.revision}"
        gwen = world.person(name, roles=["governance"])
        body = {"proposal_id": state.proposal["id"], "verdict": "approve", "reason": "Agreed."}
        assert gwen.send("POST", f"/v1/policies/{workflow_id}/approvals", body).status_code == 200


def written_by_a_newer_one(world: World, workflow_id: str = "tickets") -> World:
    """The policy in force becomes one that this Handoff cannot read; a process that has not read it before."""
    key = f"{{p00}}:policy:{workflow_id}"
    record = json.loads(world.admin.hget(key, "v:1"))
    record["document"]["schema_version"] = 99
    world.admin.hset(key, "v:1", json.dumps(record))
    return World(world.url, world.clock)
