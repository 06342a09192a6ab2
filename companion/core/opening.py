"""From the checked body of an opening to a handoff and its first package."""

import base64
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from companion.core.handoff import Handoff, State
from companion.core.package import Package, UnusablePackage, build
from companion.core.policy.presets import Policy, policy_for, risk_tier, stop_reasons
from companion.core.times import iso

ROW_CHARACTERS = 160
"""As much of the impact as a row of the inbox shows; the package has all of it."""

OPTIONAL_TEXTS = ("service_tier", "priority", "domain", "category", "requester", "impact", "urgency", "rationale")
OPTIONAL_LISTS = ("sources", "features", "counterfactuals", "harms", "evidence", "display", "instructions")


def open_one(
    fields: Mapping[str, Any],
    *,
    handoff_id: str,
    group_id: str,
    index: int,
    salt: str,
    source: Mapping[str, Any] | None,
    delivery_id: str | None,
    now_ms: int,
    default_expires_in_s: int | None = None,
) -> tuple[Handoff, Package]:
    """Build the handoff and its package from a validated body.

    `fields` has the members of the opening body (design section 8), absent ones missing or None.
    Raises UnusablePackage.
    """
    policy = policy_for(fields["workflow_id"])
    expires_in_s = fields.get("expires_in_s") or default_expires_in_s or policy.expires_in_s
    expires_at_ms = now_ms + expires_in_s * 1000
    metadata = _metadata(fields, policy, source, now_ms, expires_at_ms)
    package = build(
        handoff_id=handoff_id,
        group_id=group_id,
        version=1,
        parent_digest=None,
        salt=salt,
        request=fields["request"],
        model_output=fields["model_output"],
        metadata=metadata,
        attachments=[_attachment(entry, at) for at, entry in enumerate(fields.get("attachments") or [])],
    )
    model = metadata["model"]
    return Handoff(
        id=handoff_id,
        group_id=group_id,
        index=index,
        workflow_id=fields["workflow_id"],
        task_id=fields.get("task_id"),
        title=metadata["title"],
        question=metadata["question"],
        approve_label=metadata["approve_label"],
        state=State.PENDING,
        version=1,
        package_digest=package.digest,
        package_version=1,
        request_digest=package.request_digest,
        output_digest=package.output_digest,
        current_output_digest=package.output_digest,
        created_at_ms=now_ms,
        expires_at_ms=expires_at_ms,
        risk_tier=metadata["risk_tier"],
        confidence=metadata["confidence"],
        ask_below_confidence=metadata["thresholds"]["confidence"],
        flags=tuple(metadata["flags"]),
        impact=metadata["impact"] and metadata["impact"][:ROW_CHARACTERS],
        policy_id=policy.id,
        policy_version=policy.version,
        safe_verdict=policy.safe_verdict,
        allow_edit=fields.get("allow_edit", True),
        approvals_needed=fields.get("approvals_needed") or 1,
        reviewer_level=1,
        model_version=model["version"],
        model_hash=model["hash"],
        execution_url=(source or {}).get("execution_url"),
        requester=fields.get("requester"),
        delivery_id=delivery_id,
        group_expires_at_ms=expires_at_ms,
        blobs=tuple(package.blobs),
    ), package


def _metadata(
    fields: Mapping[str, Any], policy: Policy, source: Mapping[str, Any] | None, now_ms: int, expires_at_ms: int
) -> dict[str, Any]:
    """What surrounds request and output. Every field is present, so that absence is visible as null (R-CTX-07)."""
    confidence = fields.get("confidence")
    threshold: float | None = fields.get("threshold")
    ask_below = policy.ask_below_confidence if threshold is None else threshold
    flags = list(dict.fromkeys(fields.get("flags") or []))
    title = fields.get("title") or f"A case of {fields['workflow_id']}"
    kind = fields.get("confidence_kind")
    model = fields.get("model") or {}
    return {
        "workflow_id": fields["workflow_id"],
        "task_id": fields.get("task_id"),
        "title": title,
        "question": fields.get("question") or f"{title}: may it go on?",
        "approve_label": fields.get("approve_label") or "Approve",
        "created_at": iso(now_ms),
        "expires_at": iso(expires_at_ms),
        "confidence": confidence,
        "confidence_kind": kind,
        "calibrated": kind == "calibrated",
        "risk_score": fields.get("risk_score"),
        "risk_tier": risk_tier(fields.get("risk_tier"), fields.get("risk_score")),
        "reversible": fields.get("reversible"),
        "model": {name: model.get(name) for name in ("name", "type", "version", "hash", "retrained_at")},
        "flags": flags,
        "stop_reasons": stop_reasons(confidence, ask_below, flags),
        "thresholds": {"confidence": ask_below},
        "policy": {"id": policy.id, "version": policy.version},
        "similar_cases": [],
        "response_form": fields.get("response_form"),
        "source": dict(source or {}),
        **{name: fields.get(name) for name in OPTIONAL_TEXTS},
        **{name: fields.get(name) or [] for name in OPTIONAL_LISTS},
    }


def _attachment(entry: Mapping[str, Any], at: int) -> tuple[dict[str, Any], bytes]:
    """The description and the bytes of one attachment."""
    try:
        content = base64.b64decode(entry["content_base64"], validate=True)
    except ValueError:
        # binascii.Error is one; so is what characters beyond ASCII give.
        raise UnusablePackage(
            f"/attachments/{at}/content_base64", "This is not base64; send the file's bytes as base64."
        ) from None
    described = {
        "name": entry["name"],
        "media_type": entry["media_type"],
        "size_bytes": len(content),
        "sha256": sha256(content).hexdigest(),
    }
    return described, content
