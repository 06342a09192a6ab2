"""The body of a callback: the outcome of every handoff of a group (contract with the node and with any receiver)."""

from collections.abc import Sequence
from typing import Any, Final

from companion.core.canonical import canonical_bytes
from companion.core.times import iso

EVENT_TYPE: Final = "handoff.group.completed"


def callback_body(
    *, group_id: str, idempotency_key: str, workflow_id: str, outcomes: Sequence[dict[str, Any]], now_ms: int
) -> bytes:
    """Canonical JSON. The idempotency key is what the node compares: a retry must not resume a later wait (row W4)."""
    document = {
        "type": EVENT_TYPE,
        "timestamp": iso(now_ms),
        "data": {
            "group_id": group_id,
            "idempotency_key": idempotency_key,
            "workflow_id": workflow_id,
            "handoffs": sorted(outcomes, key=lambda told: told["index"]),
        },
    }
    return canonical_bytes(document)
