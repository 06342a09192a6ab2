"""What a case offers its reader: acts, checks, targets, and how surely they must be known. Decided again when done."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, Final, get_args

from companion.core.decide import hindrance
from companion.core.duties import Duty, may
from companion.core.handoff import UNDECIDED, Actor, GateResult, Handoff, State
from companion.core.rules.checking import gate_open, item_result, results_now
from companion.core.rules.people import need
from companion.core.rules.two_reviews import one_is_enough
from companion.core.terms import Gate, GateItem
from companion.core.times import iso
from companion.identity.credentials import Caller
from companion.service.policies import Policies
from companion.web.views.redacted import blind_to

ACTIONS_OFFERED: Final = ("approve", "reject", "modify", "escalate", "ask")
"""What a reviewer is offered on an undecided case, in the order of the page, as far as policy permits."""

PRIMARY_ACTIONS: Final = ("approve", "reject")
"""What stands on the page as a button of its own; the other ways to answer are folded below (R-UI-04, X-05)."""

STOPPED: Final = "stop_the_line"
"""The queue of what a rule stopped: nobody works on it, so nobody sorts a case into it."""

LABELS: Final = {"reject": "Reject", "modify": "Edit first", "escalate": "Escalate", "ask": "Ask a question"}
ASSURED: Final = (
    "approve", "reject", "modify", "escalate", "ask", "annotate", "claim", "roll_back", "triage", "verify",
)  # fmt: skip
"""The acts for which a reader is told how surely they must be known."""


def actions(handoff: Handoff, who: Caller, now_ms: int) -> list[dict[str, Any]]:
    """What this caller may do now, and why not where they may not."""
    terms = handoff.terms
    if handoff.state not in UNDECIDED:
        return _take_back(handoff, who, now_ms)
    offered = []
    for action in ACTIONS_OFFERED:
        if action not in terms.actions or (action == "modify" and not handoff.allow_edit):
            continue
        # An act that would be refused is not offered as possible either (R-STORE-14).
        refused = hindrance(handoff, action, confirmed(who), now_ms)
        offered.append(
            {
                "action": action,
                "label": handoff.approve_label if action == "approve" else LABELS[action],
                "primary": action in PRIMARY_ACTIONS,
                "needs_reason": action in terms.actions_needing_reason,
                "allowed": refused is None,
                "why_not": None if refused is None else refused.detail,
            }
        )
    return offered


def _take_back(handoff: Handoff, who: Caller, now_ms: int) -> list[dict[str, Any]]:
    """The one act on a decided case: offered on an approval, to who may do it."""
    hindered = who.assurance == "link" or hindrance(handoff, "roll_back", confirmed(who), now_ms) is not None
    if hindered or "roll_back" not in handoff.terms.actions or handoff.undo_until_ms is not None:
        return []
    offer = {"action": "roll_back", "label": "Take back", "primary": False, "needs_reason": True}
    return [offer | {"allowed": True, "why_not": None}]


def confirmed(who: Caller) -> Actor:
    """The caller as they will be known once they confirmed with their passkey, which is asked for when they act."""
    return replace(who.actor, assurance="step_up") if who.assurance == "signed_in" else who.actor


def duties(handoff: Handoff, who: Caller) -> list[str]:
    """What the caller's roles are there for on this case, whatever its state is now."""
    return [duty for duty in get_args(Duty) if who.kind == "human" and may(who.roles, duty, handoff)]


def assurance(handoff: Handoff, who: Caller) -> dict[str, Any]:
    """How surely the caller is known, and how surely each act on this case needs them to be."""
    by_action = {action: need(handoff, action) for action in ASSURED}
    return {"have": who.assurance, "need": by_action["approve"], "by_action": by_action}


def escalation_targets(handoff: Handoff) -> list[dict[str, Any]]:
    """Where this case can be escalated to from where it is."""
    return [
        {
            "id": target.id,
            "title": target.title,
            "level": target.level,
            "queue": target.queue,
            "respond_within_minutes": target.respond_within_minutes,
        }
        for target in handoff.terms.escalation_targets
        if target.level >= handoff.reviewer_level
    ]


def gates(handoff: Handoff, who: Caller, in_force: str | None, now_ms: int) -> list[dict[str, Any]]:
    """The checklist: what each item asks, what was answered for the package as it is now, and what is open."""
    results, blind = results_now(handoff), blind_to(handoff, who)
    hindered = who.kind != "human" or hindrance(handoff, "verify", confirmed(who), now_ms) is not None
    shown = []
    for gate in handoff.terms.gates:
        opened = handoff.state in UNDECIDED and gate_open(handoff, gate, in_force)
        items = [_item(item, _result(handoff, gate, item, results.get((gate.id, item.id)), in_force), blind)
                 for item in gate.items]  # fmt: skip
        shown.append(
            {
                "id": gate.id,
                "title": gate.title,
                "review": gate.review,
                "roles": list(gate.roles),
                "on_failure": gate.on_failure,
                "open": opened,
                "may_answer": not hindered and (not gate.roles or bool(who.roles & set(gate.roles))),
                "items": items,
            }
        )
    return shown


def _result(
    handoff: Handoff, gate: Gate, item: GateItem, kept: GateResult | None, in_force: str | None
) -> dict[str, Any]:
    if kept is None or item.check == "policy_version":
        # What the rules answer themselves has nobody's name (R-GATE-11).
        return {"result": item_result(handoff, gate, item, in_force), "note": None, "by": None, "at": None}
    by = {"id": kept.by_id, "name": kept.by_name}
    return {"result": kept.result, "note": kept.note, "by": by, "at": iso(kept.at_ms)}


def _item(item: GateItem, result: dict[str, Any], blind: Collection[str]) -> dict[str, Any]:
    if result["by"] is not None and result["by"]["id"] in blind:
        result = result | {"note": None}
    return {
        "id": item.id,
        "title": item.title,
        "criterion": item.criterion,
        "check": item.check,
        "not_applicable": item.not_applicable,
        **result,
    }


def triage(handoff: Handoff, who: Caller, policies: Policies) -> dict[str, Any] | None:
    """What a triager chooses from; None for whoever sorts no cases."""
    if who.kind != "human" or not may(who.roles, "triage", handoff) or handoff.state not in UNDECIDED:
        return None
    queues: Sequence[tuple[str, Any]] = sorted(policies.standing_now(handoff.workflow_id).policy.queues.items())
    return {
        "needed": handoff.stage == "triage",
        "queues": [{"id": name, "title": queue["title"]} for name, queue in queues if name != STOPPED],
        "categories": sorted({category for _, queue in queues for category in queue["categories"]}),
    }


def second_review(handoff: Handoff, who: Caller) -> dict[str, Any] | None:
    """How a case stands that two people look at; None where one is enough, as after two disagreed (R-GATE-15)."""
    if one_is_enough(handoff):
        return None
    first = handoff.first_review
    waits = handoff.state is State.AWAITING_SECOND_REVIEW
    return {
        "blind_until_you_decide": bool(blind_to(handoff, who)),
        "first_action": first.action if waits and first is not None else None,
    }


def undo(handoff: Handoff, who: Caller) -> dict[str, Any] | None:
    """Until when the decision can be taken back unseen, and whether by this caller."""
    if handoff.undo_until_ms is None or handoff.decision is None:
        return None
    mine = handoff.decision.by_id == who.actor.id and who.assurance != "link"
    return {"until": iso(handoff.undo_until_ms), "mine": mine}
