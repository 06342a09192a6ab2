"""From the checked body of an opening to a handoff and its first package."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Literal

from companion.core.canonical import canonical_bytes
from companion.core.handoff import Handoff, State
from companion.core.package import METADATA_LIMIT_BYTES, Package, UnusablePackage, build
from companion.core.policy.presets import policy_for, risk_tier, stop_reasons
from companion.core.terms import TERMS_BEFORE_POLICIES, Terms
from companion.core.times import iso

ROUTING_KEY_BYTES: Final = len(b',"routing":')
ROW_CHARACTERS = 160
"""As much of the impact as a row of the inbox shows; the package has all of it."""

OPTIONAL_TEXTS = (
    "intent",
    "action",
    "service_tier",
    "priority",
    "domain",
    "category",
    "requester",
    "impact",
    "urgency",
    "rationale",
)
OPTIONAL_LISTS = ("sources", "features", "counterfactuals", "harms", "evidence", "display", "instructions")


@dataclass(frozen=True, slots=True)
class Guidance:
    """What the policy says of one case: how it is asked, by whom it is decided, and what they may do."""

    policy_id: str
    policy_version: int
    ask_below_confidence: float
    expires_in_s: int
    safe_verdict: Literal["no_decision", "reject"]
    terms: Terms
    route: str = "synchronous_human_review"
    lane: str = "human_review"
    queue: str | None = None
    skills: tuple[str, ...] = ()
    reviewer_level: int = 1
    risk_tier: str | None = None
    flags: tuple[str, ...] = ()
    """Flags that were found, besides those that the workflow gave."""
    conditions: tuple[str, ...] = ()
    approvals_needed: int = 1
    instructions: tuple[str, ...] = ()
    stop: str | None = None
    """Why the case is ended as it is opened, in words; None for a case that people decide."""
    reasons: tuple[Mapping[str, str], ...] = ()
    """Why the policy wants a person, beside what follows from confidence and marks."""
    shown: Mapping[str, Any] | None = None
    """`metadata.routing` of the package: route, lane, trace and what else a reviewer may want to know."""


def built_in(workflow_id: str) -> Guidance:
    """The guidance of the built-in policies, for cases that no policy was evaluated for."""
    policy = policy_for(workflow_id)
    return Guidance(
        policy.id,
        policy.version,
        policy.ask_below_confidence,
        policy.expires_in_s,
        policy.safe_verdict,
        TERMS_BEFORE_POLICIES,
    )


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
    guidance: Guidance | None = None,
    subject: str | None = None,
    due_at_ms: int | None = None,
) -> tuple[Handoff, Package]:
    """Build the handoff and its package from a validated body.

    `fields` has the members of the opening body (design section 8), absent ones missing or None. `subject` is the
    routed item or the pause that the case reviews. Raises UnusablePackage.
    """
    guidance = guidance or built_in(fields["workflow_id"])
    expires_in_s = fields.get("expires_in_s") or default_expires_in_s or guidance.expires_in_s
    expires_at_ms = now_ms + expires_in_s * 1000
    metadata = _metadata(fields, guidance, source, now_ms, expires_at_ms)
    if due_at_ms is not None:
        metadata["due_at"] = iso(due_at_ms)
    if subject is not None:
        metadata["subject"] = subject
    if guidance.shown is not None:
        metadata |= _fitting(guidance.shown, metadata)
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
        policy_id=guidance.policy_id,
        policy_version=guidance.policy_version,
        safe_verdict=guidance.safe_verdict,
        allow_edit=fields.get("allow_edit", True),
        approvals_needed=max(fields.get("approvals_needed") or 1, guidance.approvals_needed),
        reviewer_level=guidance.reviewer_level,
        model_version=model["version"],
        model_hash=model["hash"],
        execution_url=(source or {}).get("execution_url"),
        requester=fields.get("requester"),
        delivery_id=delivery_id,
        group_expires_at_ms=expires_at_ms,
        terms=guidance.terms,
        route=guidance.route,
        lane=guidance.lane,
        queue=guidance.queue,
        skills=guidance.skills,
        conditions=guidance.conditions,
        reasons=tuple(metadata["stop_reasons"]),
        subject=subject,
        due_at_ms=due_at_ms,
        blobs=tuple(package.blobs),
    ), package


def _reasons(plain: list[dict[str, Any]], of_policy: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """What follows from confidence and marks, and what else the policy says; never empty, nothing twice."""
    said = {reason["code"] for reason in plain}
    more = [dict(reason) for reason in of_policy if reason["code"] not in said and reason["kind"] != "confidence"]
    if more and said == {"asked_by_workflow"}:
        return more
    return plain + more


def _fitting(shown: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The routing as far as there is room: how it came about is dropped before a case is refused for its size."""
    room = METADATA_LIMIT_BYTES - len(canonical_bytes(metadata)) - ROUTING_KEY_BYTES
    for routing in (shown, {**shown, "trace": [], "trace_omitted": True}):
        if len(canonical_bytes(routing)) <= room:
            return {"routing": dict(routing)}
    return {}


def _metadata(
    fields: Mapping[str, Any], guidance: Guidance, source: Mapping[str, Any] | None, now_ms: int, expires_at_ms: int
) -> dict[str, Any]:
    """What surrounds request and output. Every field is present, so that absence is visible as null (R-CTX-07)."""
    confidence = fields.get("confidence")
    threshold: float | None = fields.get("threshold")
    ask_below = guidance.ask_below_confidence if threshold is None else threshold
    flags = list(dict.fromkeys([*(fields.get("flags") or []), *guidance.flags]))
    title = fields.get("title") or f"A case of {fields['workflow_id']}"
    kind = fields.get("confidence_kind")
    model = fields.get("model") or {}
    given = fields.get("instructions")
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
        "risk_tier": guidance.risk_tier or risk_tier(fields.get("risk_tier"), fields.get("risk_score")),
        "reversible": fields.get("reversible"),
        "model": {name: model.get(name) for name in ("name", "type", "version", "hash", "retrained_at")},
        "flags": flags,
        "stop_reasons": _reasons(stop_reasons(confidence, ask_below, flags), guidance.reasons),
        "thresholds": {"confidence": ask_below},
        "policy": {"id": guidance.policy_id, "version": guidance.policy_version},
        "similar_cases": [],
        "response_form": fields.get("response_form"),
        "source": dict(source or {}),
        **{name: fields.get(name) for name in OPTIONAL_TEXTS},
        **{name: fields.get(name) or [] for name in OPTIONAL_LISTS},
        **({"instructions": list(guidance.instructions)} if guidance.instructions and not given else {}),
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
