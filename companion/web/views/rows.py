"""How a handoff is told to its readers: the live view of the page, and rows of lists."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from companion.core.batch import takes_batches
from companion.core.decide import PARTS, hindrance
from companion.core.handoff import Decision, FirstReview, Handoff, State
from companion.core.policy.presets import stop_reasons
from companion.core.redaction import hidden
from companion.core.rules.two_reviews import first_given
from companion.core.times import iso
from companion.identity.credentials import Caller
from companion.store.protocol import DeliveryRecord
from companion.web.views.offers import confirmed
from companion.web.views.redacted import as_seen, something_hidden

HISTORY_WORDS: Final = {
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
    "handoff.assigned": "Gave the case to somebody to look after",
    "handoff.triaged": "Sorted the case",
    "handoff.verified": "Answered checks",
    "handoff.gate_failed": "A check failed",
    "handoff.disagreement": "Disagreed with the first review",
    "handoff.overdue": "Nobody decided by the time this level has",
    "handoff.undone": "Took the decision back before anybody was told",
    "handoff.settled": "The time to undo it is over",
    "handoff.disclosed": "Was shown the whole case",
    "handoff.executed": "The workflow did what was approved",
    "handoff.acknowledged": "Opened the case",
}

DECIDED_WORDS: Final = {"accept": "Approved", "reject": "Rejected", "modify": "Approved an edited version"}


def row(case: Handoff, who: Caller, now_ms: int, review_url: str, *, reasoned: bool | None = None) -> dict[str, Any]:
    """A handoff as a row of a list, for this reader.

    `reasoned` is True where what is hidden from the reader is masked afterwards; else they get no free text of a case
    of which something is hidden from them, for whoever sees more may have quoted it.
    """
    handoff = as_seen(case, who)
    decision, claim, first = handoff.decision, handoff.holder(now_ms), first_given(handoff)
    state = State.PENDING if handoff.state is State.CLAIMED and claim is None else handoff.state
    words = reasoned or not something_hidden(handoff, who)
    return {
        "id": handoff.id,
        "group_id": handoff.group_id,
        "group": {"size": handoff.group_size, "index": handoff.index},
        "workflow_id": handoff.workflow_id,
        # The workflow's own name for it is masked nowhere, and may repeat what is hidden.
        "task_id": None if something_hidden(handoff, who) else handoff.task_id,
        "title": handoff.title,
        "question": handoff.question,
        "state": state.value,
        "stage": handoff.stage,
        "approved": handoff.approved,
        "version": handoff.version,
        "package_digest": handoff.package_digest,
        "category": handoff.category,
        "risk_tier": handoff.risk_tier,
        "service_tier": handoff.service_tier,
        "confidence": handoff.confidence,
        "stop_reasons": reasons_of(handoff),
        "impact": None if _impact_hidden(handoff, who) else handoff.impact,
        # A formula may read what is hidden, and give it as it is.
        "impact_score": None if something_hidden(handoff, who) else handoff.impact_score,
        "reviewer_level": handoff.reviewer_level,
        "approvals_needed": handoff.approvals_needed,
        "policy_version": f"{handoff.policy_id}@{handoff.policy_version}",
        "route": handoff.route,
        "lane": handoff.lane,
        "queue": handoff.queue,
        "skills": list(handoff.skills),
        "subject": handoff.subject,
        "may_batch": takes_batches(handoff) is None and not _is_own(handoff, who, now_ms),
        "may_act": may_act(case, who, now_ms),
        "due_at": _moment(handoff.due_at_ms),
        "second_due_at": _moment(handoff.second_due_at_ms),
        "created_at": iso(handoff.created_at_ms),
        "expires_at": iso(handoff.expires_at_ms),
        "acknowledged_at": _moment(handoff.acknowledged_at_ms),
        "assignee": _assignee(handoff),
        "undo_until": _moment(handoff.undo_until_ms),
        "decided_at": _moment(decision.at_ms) if decision else None,
        "decided_by": {"id": decision.by_id, "name": decision.by_name} if decision else None,
        "decision": _decision(handoff, decision, words) if decision else None,
        "claim": {"by": {"id": claim.by_id, "name": claim.by_name}, "until": iso(claim.until_ms)} if claim else None,
        "first_approval": _first_approval(first, words) if first else None,
        "question_open": handoff.question_open if words else None,
        "review_url": review_url,
    }


def _decision(handoff: Handoff, decision: Decision, words: bool) -> dict[str, Any]:
    return {
        "action": decision.action,
        "decision_action": decision.decision_action,
        "reason_code": decision.reason_code,
        "rationale": decision.rationale if words else None,
        "event_id": decision.event_id,
        "edited": decision.final_output_digest not in (None, handoff.output_digest),
        "cause": decision.cause,
        "mark": decision.mark,
        "batch_id": decision.batch_id,
        "response": decision.response if words else None,
        "corrections": [dict(each) for each in decision.corrections] if words else [],
    }


def _first_approval(first: FirstReview, words: bool) -> dict[str, Any]:
    """Who approved first, and what they filled in: no reason, but what the next one agrees to, as to an edit."""
    return {
        "by": {"id": first.by_id, "name": first.by_name},
        "at": iso(first.at_ms),
        "response": first.response if words else None,
        "corrections": [dict(each) for each in first.corrections] if words else [],
    }


def _moment(at_ms: int | None) -> str | None:
    return None if at_ms is None else iso(at_ms)


def may_act(handoff: Handoff, who: Caller, now_ms: int) -> bool:
    """Whether this person may take the case now and do their part of it."""
    if who.kind != "human" or hindrance(handoff, "claim", confirmed(who), now_ms) is not None:
        return False
    return any(hindrance(handoff, part, confirmed(who), now_ms) is None for part in PARTS)


def _is_own(handoff: Handoff, who: Caller, now_ms: int) -> bool:
    """Whether this person asked for it themselves, so that somebody else decides it (R-ROLE-07)."""
    refused = hindrance(handoff, "approve", confirmed(who), now_ms) if who.kind == "human" else None
    return refused is not None and refused.code == "self_approval"


def _assignee(handoff: Handoff) -> dict[str, str] | None:
    given = handoff.assignee
    return None if given is None else {"id": given.id, "name": given.name, "since": iso(given.since_ms)}


def _impact_hidden(handoff: Handoff, who: Caller) -> bool:
    if who.kind != "human":
        return False
    return any(each.path == "/metadata/impact" for each in hidden(handoff.terms.redactions, who.roles))


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


def reason_codes(handoff: Handoff) -> list[dict[str, str]]:
    """The codes a reviewer of this case chooses from."""
    return [{"code": code, "label": label} for code, label in handoff.terms.reason_codes.items()]


def routing(handoff: Handoff, package: Mapping[str, Any]) -> dict[str, Any]:
    """What policy said of the case when it was opened, with the trace that its package carries.

    `package` is what the reader sees of it. What is checked stands in `gates` of the live view.
    """
    kept = package["metadata"].get("routing") or {}
    shown = {name: value for name, value in kept.items() if name != "gates"}
    return {
        "trace": [],
        **shown,
        "route": handoff.route,
        "lane": handoff.lane,
        "queue": handoff.queue,
        "skills": list(handoff.skills),
        "reviewer_level": handoff.reviewer_level,
        "conditions": list(handoff.conditions),
        "evidence_required": handoff.terms.evidence_required,
        "policy": {"id": handoff.policy_id, "version": handoff.policy_version},
    }


def story(
    events: Sequence[Mapping[str, Any]], blind: Collection[str] = ()
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """History and notes from the events, oldest first. Of the people `blind` it tells deeds, not words."""
    history, notes = [], []
    for happened in events:
        by = {"id": happened["decision_actor"]["id"], "name": happened["decision_actor"].get("name")}
        untold = by["id"] in blind
        if happened["event_type"] == "handoff.note":
            if not untold:
                notes.append({"at": happened["timestamp"], "by": by, "text": happened["justification"]})
            continue
        # An older or newer Handoff may have written a type that this one has no words for.
        words = HISTORY_WORDS.get(happened["event_type"], happened["event_type"])
        if happened["event_type"] == "handoff.decided":
            words = DECIDED_WORDS[happened["decision_action"]]
        said = None if untold else " ".join(filter(None, (happened.get("justification"), _time_words(happened))))
        history.append(
            {
                "at": happened["timestamp"],
                # Each transfer of control by name: who gave, who took, and why (R-ROUTE-41).
                "from": by["name"],
                "to": happened.get("to_actor"),
                "type": happened["event_type"],
                "text": f"{words}: {said}" if said else words,
                "by": by,
                "event_id": happened["event_id"],
                "package_digest": happened["package_digest"],
                "gate_results": _checks(happened, untold),
            }
        )
    return history, notes


def _checks(happened: Mapping[str, Any], untold: bool) -> list[dict[str, Any]]:
    """What was answered to each check in this step; the live view alone shows only the last answer (R-GATE-10)."""
    given = (happened.get("details") or {}).get("gate_results", ())
    return [
        {
            "gate": each["gate"],
            "item": each["item"],
            "result": each["result"],
            "note": None if untold else each["note"],
            "reason_code": None if untold else each.get("reason_code"),
            "policy_version": each["policy_version"],
        }
        for each in given
    ]


def _time_words(happened: Mapping[str, Any]) -> str | None:
    """What was said of the time with an escalation, for whoever takes the case up (R-ACT-16)."""
    details = happened.get("details") or {}
    if happened["event_type"] != "handoff.escalated":
        return None
    urgent = f"Urgent: {details['urgency']}" if details.get("urgency") else None
    in_time = details.get("sla_feasible")
    feasible = None if in_time is None else f"It can {'' if in_time else 'not '}be done in time."
    return " ".join(filter(None, (urgent, feasible))) or None


def disagreements(handoff: Handoff, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Where two reviewers answered differently (R-GATE-15)."""
    return [
        {
            "at": iso(each.at_ms),
            "first_by": {"id": each.first_by_id, "name": names.get(each.first_by_id)},
            "first_action": each.first_action,
            "second_by": {"id": each.second_by_id, "name": names.get(each.second_by_id)},
            "second_action": each.second_action,
        }
        for each in handoff.disagreements
    ]
