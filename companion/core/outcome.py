"""What a workflow is told: the outcome of each handoff, with the digests by which the node checks it (row H1)."""

from collections.abc import Mapping
from typing import Any, Final

from companion.core.canonical import canonical_bytes
from companion.core.handoff import Handoff, State
from companion.core.package import digest_of, full_value
from companion.core.times import iso

INLINE_LIMIT_BYTES: Final = 64 * 1024
"""A larger approved output that equals the original is left out of the callback; the workflow has it already."""


def outcome(
    handoff: Handoff, package: bytes, blobs: Mapping[str, bytes], happened: Mapping[str, Any] | None, review_url: str
) -> dict[str, Any]:
    """The outcome of one handoff, as the callback and `/v1/decisions` give it.

    `happened` is the audit event of the outcome, for the copy that workflows keep; its event_id makes repeats collapse
    (X-37). `output` is exactly what was approved, None unless it was. A handoff that was rolled back before it was told
    is told as rolled back: its approval must not reach the workflow any more.
    """
    decision = handoff.decision
    assert decision is not None, "only a handoff with an outcome can be told"
    approved = handoff.approved if handoff.state is not State.ROLLED_BACK else None
    edited = approved is True and decision.final_output_digest != handoff.output_digest
    output = full_value(package, "model_output", blobs) if approved else None
    # Without blobs all of the package fits a token, and so does its output.
    omitted = approved is True and not edited and bool(blobs) and len(canonical_bytes(output)) > INLINE_LIMIT_BYTES
    # What was filled in belongs to an approval; one that was taken back gives nothing to act upon.
    response = decision.response if approved else None
    return {
        "id": handoff.id,
        "index": handoff.index,
        "workflow_id": handoff.workflow_id,
        "task_id": handoff.task_id,
        "state": handoff.state.value,
        "approved": approved,
        "decision_action": decision.decision_action,
        "cause": decision.cause,
        "reason_code": decision.reason_code,
        "rationale": decision.rationale,
        "request_digest": handoff.request_digest,
        "output_digest": handoff.output_digest,
        "package_digest": decision.package_digest,
        "output": None if omitted else output,
        "output_omitted": omitted,
        "edited": edited,
        "final_output_digest": decision.final_output_digest if approved else None,
        "response": response,
        "response_digest": None if response is None else digest_of(canonical_bytes(response)),
        "corrections": [dict(each) for each in decision.corrections] if approved else [],
        "gate_results": [
            {"gate": each.gate, "item": each.item, "result": each.result} for each in handoff.gate_results
        ],
        "decided_at": iso(decision.at_ms),
        "decided_by": {"id": decision.by_id, "name": decision.by_name, "email": decision.by_email},
        "event_id": decision.event_id,
        "event": happened,
        "review_url": review_url,
    }
