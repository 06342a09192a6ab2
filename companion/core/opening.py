"""From the checked body of an opening to a handoff and its first package."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, Literal

from companion.core.canonical import canonical_bytes
from companion.core.decide import Refused
from companion.core.handoff import Handoff, State
from companion.core.package import METADATA_LIMIT_BYTES, Package, UnusablePackage, build
from companion.core.policy.presets import policy_for, stop_reasons
from companion.core.policy.vocabulary import risk_tier
from companion.core.redaction import PUBLIC, Earlier, public_texts
from companion.core.response import check_form
from companion.core.terms import TERMS_BEFORE_POLICIES, Terms
from companion.core.times import due_at, iso

ROUTING_KEY_BYTES: Final = len(b',"routing":')
ROW_CHARACTERS = 160
"""As much of the impact as a row of the inbox shows; the package has all of it."""

OPTIONAL_TEXTS = (
    "intent",
    "action",
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
class Due:
    """By when somebody should have decided, in minutes from the opening; the second of two people too (X-34)."""

    minutes: int
    second_minutes: int | None = None
    business_hours: bool = False
    same_business_day: bool = False

    @classmethod
    def of(cls, sla: Mapping[str, Any] | None, approvals_needed: int) -> "Due | None":
        """What the minutes of a route mean for one case."""
        if sla is None:
            return None
        second = sla["second_review_minutes"] if approvals_needed > 1 else None
        return cls(sla["complete_minutes"], second, sla["business_hours"], sla["same_business_day"])

    def at(self, now_ms: int) -> tuple[int, int | None]:
        """When the first answer is due, and the second."""
        counted = {"business_hours": self.business_hours, "same_business_day": self.same_business_day}
        second = None if self.second_minutes is None else due_at(now_ms, self.second_minutes, **counted)
        return due_at(now_ms, self.minutes, **counted), second


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
    triage: bool = False
    """Whether a triager sorts the case first."""
    service_tier: int | None = None
    impact_score: float | None = None
    due: Due | None = None
    evidence_needed: bool = False
    features_needed: int | None = None
    earlier: Earlier = field(default_factory=dict)
    """What hidden places of a case held that this one looks at again; it is masked here as well."""


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
    similar_cases: Sequence[Mapping[str, Any]] = (),
) -> tuple[Handoff, Package]:
    """Build the handoff and its package from a validated body.

    `fields` has the members of the opening body (design section 8), absent ones missing or None. `subject` is the
    routed item or the pause that the case reviews. Raises UnusablePackage.
    """
    guidance = guidance or built_in(fields["workflow_id"])
    second_due_at_ms = None
    if due_at_ms is None and guidance.due is not None:
        due_at_ms, second_due_at_ms = guidance.due.at(now_ms)
    redactions = guidance.terms.redactions
    expires_in_s = fields.get("expires_in_s") or default_expires_in_s or guidance.expires_in_s
    expires_at_ms = now_ms + expires_in_s * 1000
    metadata = _metadata(fields, guidance, source, now_ms, expires_at_ms)
    whole = {"request": fields["request"], "model_output": fields["model_output"], "metadata": dict(metadata)}
    # Lists and messages show these before anybody's role is asked.
    metadata |= public_texts({name: metadata[name] for name in PUBLIC}, whole, redactions)
    metadata |= _times(fields, due_at_ms, second_due_at_ms, expires_at_ms)
    if similar_cases:
        metadata["similar_cases"] = list(similar_cases)
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
        redactions=redactions,
        earlier=guidance.earlier,
    )
    impact = public_texts({"impact": metadata["impact"]}, whole, redactions)["impact"]
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
        impact=impact and impact[:ROW_CHARACTERS],
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
        second_due_at_ms=second_due_at_ms,
        category=metadata["category"],
        service_tier=metadata["service_tier"] or 1,
        impact_score=float(metadata["impact_score"]),
        stage="triage" if guidance.triage else "review",
        response_form=fields.get("response_form"),
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
        "service_tier": max(fields.get("service_tier") or 0, guidance.service_tier or 0) or None,
        "amount": fields.get("amount"),
        "impact_score": _short(guidance.impact_score or 0.0),
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


def _short(number: float) -> float:
    """A whole number without its point: with 10.0 in it, a package takes three times as long to be written."""
    return int(number) if number.is_integer() and number < 2**53 else number


def _times(
    fields: Mapping[str, Any], due_at_ms: int | None, second_due_at_ms: int | None, expires_at_ms: int
) -> dict[str, Any]:
    """By when it is due, and for a case that does not keep, whether that can still be met (R-CTX-17)."""
    feasible = fields.get("sla_feasible")
    if feasible is None and fields.get("time_sensitive") and due_at_ms is not None:
        # A case that ends before its reviewers' time is over cannot have all of it.
        feasible = due_at_ms <= expires_at_ms
    times = {"time_sensitive": bool(fields.get("time_sensitive")), "sla_feasible": feasible}
    for name, moment in (("due_at", due_at_ms), ("second_due_at", second_due_at_ms)):
        if moment is not None:
            times[name] = iso(moment)
    return times


def missing_parts(fields: Mapping[str, Any], guidance: Guidance) -> Refused | None:
    """What the policy asks of an opening and did not get; None where nothing is missing."""
    if fields.get("time_sensitive") and not fields.get("urgency"):
        return Refused("urgency_missing", "Say in “urgency” why the case does not keep.", "/urgency")
    form = fields.get("response_form")
    if form is not None and (problem := check_form(form)) is not None:
        return Refused("package_unusable", problem.sentence, f"/response_form{problem.pointer}")
    if guidance.evidence_needed and not fields.get("evidence"):
        sentence = "People decide here before the action, and on evidence: send “evidence”, a list of at least one."
        return Refused("evidence_missing", sentence, "/evidence")
    needed, given = guidance.features_needed, len(fields.get("features") or ())
    if needed is not None and given != needed:
        sentence = f"The policy asks for the {needed} features that weigh most; {given} were sent."
        return Refused("features_missing", sentence, "/features")
    return None


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
