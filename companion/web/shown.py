"""How a handoff is told to its readers: the live view of the page, and rows of lists."""

import json
from typing import Any, Final

from companion.core.decide import ACTIONS_OFFERED, PRIMARY_ACTIONS, is_requester
from companion.core.handoff import ASSURANCE_ORDER, TRANSITIONS, UNDECIDED, Handoff, State
from companion.core.policy.presets import ASSURANCE_BY_RISK_TIER, stop_reasons
from companion.core.times import iso
from companion.credentials import Caller
from companion.store.protocol import DeliveryRecord
from companion.web.permissions import DECIDERS

HISTORY_WORDS = {
    "handoff.opened": "The workflow asked",
    "handoff.claimed": "Took the case",
    "handoff.released": "Gave the case back",
    "handoff.decided": "Decided",
    "handoff.first_approval": "Gave the first of two approvals",
    "handoff.escalated": "Escalated",
    "handoff.question": "Asked a question",
    "handoff.answer": "Answered",
    "handoff.revised": "The workflow changed the case",
    "handoff.note": "Left a note",
    "handoff.expired": "Nobody decided in time",
    "handoff.withdrawn": "Withdrew the case",
    "handoff.rolled_back": "Took the approval back",
    "handoff.stopped": "A rule stopped it",
}


def row(handoff: Handoff, now_ms: int, review_url: str) -> dict[str, Any]:
    """A handoff as a row of a list."""
    decision, claim = handoff.decision, handoff.holder(now_ms)
    state = State.PENDING if handoff.state is State.CLAIMED and claim is None else handoff.state
    return {
        "id": handoff.id,
        "group_id": handoff.group_id,
        "group": {"size": handoff.group_size, "index": handoff.index},
        "workflow_id": handoff.workflow_id,
        "task_id": handoff.task_id,
        "title": handoff.title,
        "question": handoff.question,
        "state": state.value,
        "approved": handoff.approved,
        "version": handoff.version,
        "package_digest": handoff.package_digest,
        "risk_tier": handoff.risk_tier,
        "confidence": handoff.confidence,
        "stop_reasons": reasons_of(handoff),
        "impact": handoff.impact,
        "reviewer_level": handoff.reviewer_level,
        "approvals_needed": handoff.approvals_needed,
        "policy_version": f"{handoff.policy_id}@{handoff.policy_version}",
        "route": handoff.route,
        "lane": handoff.lane,
        "queue": handoff.queue,
        "skills": list(handoff.skills),
        "subject": handoff.subject,
        "due_at": iso(handoff.due_at_ms) if handoff.due_at_ms is not None else None,
        "created_at": iso(handoff.created_at_ms),
        "expires_at": iso(handoff.expires_at_ms),
        "decided_at": iso(decision.at_ms) if decision else None,
        "decided_by": {"id": decision.by_id, "name": decision.by_name} if decision else None,
        "decision": {
            "action": decision.action,
            "decision_action": decision.decision_action,
            "reason_code": decision.reason_code,
            "rationale": decision.rationale,
            "event_id": decision.event_id,
            "edited": decision.final_output_digest not in (None, handoff.output_digest),
            "cause": decision.cause,
        }
        if decision
        else None,
        "claim": {"by": {"id": claim.by_id, "name": claim.by_name}, "until": iso(claim.until_ms)} if claim else None,
        "first_approval": {
            "by": {"id": handoff.first_review.by_id, "name": handoff.first_review.by_name},
            "at": iso(handoff.first_review.at_ms),
        }
        if handoff.first_review
        else None,
        "question_open": handoff.question_open,
        "review_url": review_url,
    }


def reasons_of(handoff: Handoff) -> list[dict[str, str]]:
    """Why a person is asked. Records of schema version 1 did not keep it, and there it followed from these."""
    kept = [dict(reason) for reason in handoff.reasons]
    return kept or stop_reasons(handoff.confidence, handoff.ask_below_confidence, list(handoff.flags))


def delivery_summary(delivery: DeliveryRecord | None) -> dict[str, Any] | None:
    """What became of the callback, in few words."""
    if delivery is None:
        return None
    return {
        "id": delivery.id,
        "status": delivery.status,
        "cause": delivery.cause,
        "attempts": len(delivery.attempts),
        "last_attempt_at": iso(delivery.attempts[-1]["at_ms"]) if delivery.attempts else None,
    }


def actions(handoff: Handoff, who: Caller, now_ms: int) -> list[dict[str, Any]]:
    """What this caller may do now, and why not where they may not. The server decides again when it is done."""
    terms = handoff.terms
    if handoff.state not in UNDECIDED:
        return _take_back(handoff, who) if "roll_back" in terms.actions else []
    labels = {
        "approve": handoff.approve_label,
        "reject": "Reject",
        "modify": "Edit first",
        "escalate": "Escalate",
        "ask": "Ask a question",
    }
    why_not = _why_not(handoff, who, now_ms)
    overrides = {"reject", "modify"} if terms.override_roles and not who.roles & set(terms.override_roles) else set()
    offered = []
    for action in ACTIONS_OFFERED:
        if action not in terms.actions or (action == "modify" and not handoff.allow_edit):
            continue
        # An act that the state rules out would be refused (R-STORE-14), so it is not offered as possible either.
        hindrance = why_not or (None if handoff.state in TRANSITIONS[action] else _STATE_FORBIDS[handoff.state])
        if hindrance is None and action in overrides:
            hindrance = f"Overruling the model needs here: {' or '.join(terms.override_roles)}."
        offered.append(
            {
                "action": action,
                "label": labels[action],
                "primary": action in PRIMARY_ACTIONS,
                "needs_reason": action in terms.actions_needing_reason,
                "allowed": hindrance is None,
                "why_not": hindrance,
            }
        )
    return offered


def _take_back(handoff: Handoff, who: Caller) -> list[dict[str, Any]]:
    """The one act on a decided case: offered on an approval, to who may do it."""
    sure = ASSURANCE_ORDER.index(who.assurance) >= ASSURANCE_ORDER.index(ASSURANCE_BY_RISK_TIER[handoff.risk_tier])
    if handoff.state not in TRANSITIONS["roll_back"] or who.assurance == "link" or not (sure and DECIDERS & who.roles):
        return []
    offer = {"action": "roll_back", "label": "Take back", "primary": False, "needs_reason": True}
    return [offer | {"allowed": True, "why_not": None}]


_STATE_FORBIDS: Final = {
    State.AWAITING_INFORMATION: "A question is open already.",
    State.AWAITING_SECOND_REVIEW: "Somebody approved these very words; approve them too, reject them, or escalate.",
}


def _why_not(handoff: Handoff, who: Caller, now_ms: int) -> str | None:
    claim, need = handoff.holder(now_ms), ASSURANCE_BY_RISK_TIER[handoff.risk_tier]
    if who.kind != "human" or not (DECIDERS & who.roles):
        return "You may read this, not decide it."
    if claim is not None and claim.by_id != who.actor.id:
        return f"{claim.by_name} is working on this."
    if now_ms >= handoff.expires_at_ms:
        return "The time to decide this is over."
    if is_requester(handoff, who.actor):
        return "You asked for this, so somebody else decides it."
    if not who.actor.skills.issuperset(handoff.skills):
        return "This queue needs a reviewer trained for it."
    if handoff.first_review is not None and handoff.first_review.by_id == who.actor.id:
        return "You gave the first approval; somebody else gives the second."
    if ASSURANCE_ORDER.index(who.assurance) < ASSURANCE_ORDER.index(need):
        return "This case needs you to be signed in: open your enrolment link in this browser."
    return None


def assurance(handoff: Handoff, who: Caller) -> dict[str, str]:
    """How surely the caller is known, and how surely this case needs them to be."""
    return {"have": who.assurance, "need": ASSURANCE_BY_RISK_TIER[handoff.risk_tier]}


def reason_codes(handoff: Handoff) -> list[dict[str, str]]:
    """The codes a reviewer of this case chooses from."""
    return [{"code": code, "label": label} for code, label in handoff.terms.reason_codes.items()]


def routing(handoff: Handoff, package: bytes) -> dict[str, Any]:
    """What policy said of the case when it was opened, with the trace that its package carries."""
    shown: dict[str, Any] = json.loads(package)["metadata"].get("routing") or {}
    return {
        "trace": [],
        **shown,
        "route": handoff.route,
        "lane": handoff.lane,
        "queue": handoff.queue,
        "skills": list(handoff.skills),
        "reviewer_level": handoff.reviewer_level,
        "conditions": list(handoff.conditions),
        "gates": [dict(gate) for gate in handoff.terms.gates],
        "evidence_required": handoff.terms.evidence_required,
        "policy": {"id": handoff.policy_id, "version": handoff.policy_version},
    }


def story(events: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """History and notes from the events, oldest first."""
    history, notes = [], []
    for happened in events:
        by = {"id": happened["decision_actor"]["id"], "name": happened["decision_actor"].get("name")}
        if happened["event_type"] == "handoff.note":
            notes.append({"at": happened["timestamp"], "by": by, "text": happened["justification"]})
            continue
        words = HISTORY_WORDS.get(happened["event_type"], happened["event_type"])
        if happened["event_type"] == "handoff.decided":
            words = {"accept": "Approved", "reject": "Rejected", "modify": "Approved an edited version"}[
                happened["decision_action"]
            ]
        text = words if not happened.get("justification") else f"{words}: {happened['justification']}"
        history.append(
            {
                "at": happened["timestamp"],
                # Each transfer of control by name: who gave, who took, and why (R-ROUTE-41).
                "from": by["name"],
                "to": happened.get("to_actor"),
                "type": happened["event_type"],
                "text": text,
                "by": by,
                "event_id": happened["event_id"],
                "package_digest": happened["package_digest"],
            }
        )
    return history, notes
