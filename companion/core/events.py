"""Audit events: what happened, to a handoff or to what governs it, with the fields of R-AUD-01."""

from collections.abc import Mapping
from typing import Any

from companion.core.handoff import Actor, DecisionAction, Handoff
from companion.core.redaction import hidden
from companion.core.times import iso

HIDDEN_FROM_AUTHOR = "hidden_from_author"
"""In the details of an event: the places of the case that whoever did it was not shown."""
ACTOR_TYPES = {"human": "human", "automation": "AI", "system": "system"}


def event(
    event_id: str,
    event_type: str,
    handoff: Handoff,
    actor: Actor,
    now_ms: int,
    *,
    decision_action: DecisionAction | None = None,
    reason_code: str | None = None,
    justification: str | None = None,
    view_digest: str | None = None,
    to_actor: str | None = None,
    details: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """One event as plain JSON.

    `event_id` is a UUID made by the server (R-AUD-09). `input_snapshot` is a hashed pointer, never the input (X-06).
    """
    unseen = hidden(handoff.terms.redactions, actor.roles) if actor.kind == "human" else ()
    if unseen:
        # What they write holds nothing of these places, and is not masked for it: the mask would tell them more.
        details = {**(details or {}), HIDDEN_FROM_AUTHOR: [each.path for each in unseen]}
    return {
        "event_id": event_id,
        "event_type": event_type,
        "timestamp": iso(now_ms),
        "handoff_id": handoff.id,
        "workflow_id": handoff.workflow_id,
        "task_id": handoff.task_id,
        "model_version": handoff.model_version,
        "model_hash": handoff.model_hash,
        "input_snapshot": {"sha256": handoff.request_digest, "pointer": f"handoff:{handoff.id}/package/1#/request"},
        "model_output": {"digest": handoff.output_digest, "confidence": handoff.confidence},
        "decision_actor": {"type": ACTOR_TYPES[actor.kind], "id": actor.id, "name": actor.name},
        "decision_action": decision_action,
        "justification": justification,
        "reason_code": reason_code,
        "policy_version": f"{handoff.policy_id}@{handoff.policy_version}",
        "package_digest": handoff.package_digest,
        "view_digest": view_digest,
        "version": handoff.version,
        "to_actor": to_actor,
        **({"details": details} if details else {}),
    }


def happening(
    event_id: str,
    event_type: str,
    actor: Actor,
    now_ms: int,
    *,
    workflow_id: str | None,
    policy_version: str | None,
    task_id: str | None = None,
    model_version: str | None = None,
    model_hash: str | None = None,
    input_snapshot: Mapping[str, Any] | None = None,
    model_output: Mapping[str, Any] | None = None,
    decision_action: DecisionAction | None = None,
    justification: str | None = None,
    to_actor: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """An event that belongs to no handoff: of a routed item, a policy or a pause; the same fields."""
    return {
        "event_id": event_id,
        "event_type": event_type,
        "timestamp": iso(now_ms),
        "handoff_id": None,
        "workflow_id": workflow_id,
        "task_id": task_id,
        "model_version": model_version,
        "model_hash": model_hash,
        "input_snapshot": input_snapshot,
        "model_output": model_output,
        "decision_actor": {"type": ACTOR_TYPES[actor.kind], "id": actor.id, "name": actor.name},
        "decision_action": decision_action,
        "justification": justification,
        "reason_code": None,
        "policy_version": policy_version,
        "package_digest": None,
        "view_digest": None,
        "version": None,
        "to_actor": to_actor,
        "details": dict(details or {}),
    }
