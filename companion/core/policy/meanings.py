"""What each field of a policy means, in the words of whoever moves it (R-DOC-02).

The published JSON Schema carries these sentences, and docs/policy-reference.md is made from it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

MEANINGS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "PolicyDocument": {
            "schema_version": "The version of this format; 1.",
            "workflow_id": "The workflow that the policy is for, as its nodes name it.",
            "extends": "The preset that gives what is left out here; null begins from nothing.",
            "title": "What people call the policy.",
            "description": "What the workflow does, and what the policy is meant to prevent.",
            "owner": "Who answers for the workflow; a policy without an owner is refused.",
            "domain": "The part of the business it belongs to.",
            "pattern": "How people stand in the workflow; the row gives the times that are left out.",
            "risk_tier": "How much a wrong decision costs. Left out, it follows from each item's risk score.",
            "reversible": "Whether what the workflow does can be undone. Unknown counts as no.",
            "service_tier": "1 informs, 2 reaches customers but can be undone, 3 cannot be undone or is regulated.",
            "effects": "What the actions can do beyond the workflow; then gates are needed, or a waiver.",
            "approval_mode": "When a person takes part: afterwards, before the action, or in the decision itself.",
            "rollback_mode": "How a wrong action is undone.",
            "thresholds": "The four numbers of the decision router.",
            "score_bands": "Bands on the risk score in place of the two thresholds on risk, as fraud scores use them.",
            "confidence_gate": "One single limit: below it a person decides, whatever the thresholds say.",
            "high_risk_variant": "What a high risk leads to: a person at once, or a person one level higher.",
            "limits": "What an ordinary item stays within.",
            "scope": "What the workflow is for and may reach; outside it a person decides or the item is refused.",
            "flags": "Which mark on an item leads where.",
            "prohibited_terms": "Words that must not stand in an output; finding one stops the line.",
            "rules": "Rules of the business, each with the sentence that a person reads when it fires.",
            "risk_signals": "What adds to the risk of an item that came without a risk score.",
            "queues": "Where reviewers look, and what they must be trained for.",
            "gates": "Narrow checks that a reviewer answers one by one before the action.",
            "gate_waiver": "Why no gate is needed although the actions reach outside.",
            "triage": "Whether a triager sorts each case before anybody reviews it.",
            "second_review": "How the second of two people reviews.",
            "assurance": "How surely a person must be known for an action; left out, it follows from the risk.",
            "actions_by_role": "What a role may do here; a role that is not named may do what is its duty.",
            "ladder": "The levels of reviewers that a case can climb.",
            "escalation_targets": "Where else a case can be escalated to, by name.",
            "undo_window_s": "Seconds in which a decision can be taken back before the workflow is told; 0: none.",
            "redaction": "Places in the package that only some roles see.",
            "impact_formula": "What a wrong answer may cost, in CEL over the item; the largest is served first.",
            "batches": "Whether several such cases may be decided together.",
            "confidence_bands": "From which confidence on the badge is green, and yellow.",
            "features_required": "How many features that moved the prediction an opening must name, exactly.",
            "evidence_at_opening": "Whether a case without evidence is refused; yes for approval before action.",
            "sampling": "Which share of what went through by itself is looked at afterwards.",
            "sla": "How soon people answer; what is left out follows from pattern and service tier.",
            "actions": "What a reviewer may do.",
            "actions_needing_reason": "For which of these a reason code and a sentence are asked.",
            "reason_codes": "The reasons a reviewer chooses from: code and words.",
            "override": "Who may overrule the model, and with what.",
            "expires_in_s": "Seconds after which an undecided case is closed by the clock.",
            "safe_verdict": "What the clock then answers: no decision, or a rejection; never an approval.",
            "instructions": "What a reviewer is asked to look at.",
            "bounds": "Between which values operators move a number without asking governance.",
            "tests": "Items and what must happen to them; a policy that fails its own tests is refused.",
        },
        "Owner": {"name": "A person or a team.", "contact": "How they are reached."},
        "Thresholds": {
            "review_below_confidence": "Below this confidence a person looks at it.",
            "synchronous_below_confidence": "Below this confidence the workflow waits for that person.",
            "review_above_risk": "Above this risk (not at it) a person looks at it.",
            "synchronous_from_risk": "From this risk on the workflow waits for that person.",
        },
        "ScoreBands": {
            "review_from": "From this score on a person looks at it.",
            "synchronous_from": "From this score on the workflow waits for that person.",
            "block_above": "Above this score (not at it) the one transaction is declined without a person.",
        },
        "Limits": {"prompt_characters": "A longer input is unusual, and goes to a person."},
        "Scope": {
            "intents": "What the workflow answers; other intents are out of scope. Empty: all.",
            "sources": "The data it may use. Empty: all.",
            "actions": "The actions it may take. Empty: all.",
        },
        "Flags": {
            "stop_the_line": "These marks stop the workflow until a person has looked at it afresh.",
            "hard_block": "Items with these marks are rejected without a person.",
            "specialist_review": "Items with these marks go to specialists.",
            "human_review": "Items with these marks go to a person.",
            "synchronous": "With these marks the workflow waits for the answer.",
        },
        "Rule": {
            "id": "A short name, unique in the policy.",
            "stage": "Where it takes part: it stops the line, blocks, or asks a person.",
            "when": "A CEL expression over the item, for example `request.amount > 1000`.",
            "words": "What a person reads when it fires.",
            "source": "Where its knowledge comes from; two independent sources raise the reviewer level.",
            "lane": "Who looks at it.",
            "queue": "Where it is put.",
            "reviewer_level": "The level that it begins at: 1 standard, 2 specialist, 3 manager.",
            "synchronous": "Whether the workflow waits for the answer.",
        },
        "RiskSignal": {
            "id": "A short name, unique in the policy.",
            "when": "A mark's name, or a CEL expression.",
            "weight": "How much it adds: 0 nothing, 1 everything.",
        },
        "Queue": {
            "title": "What people call it.",
            "skills": "What its reviewers must be trained for.",
            "categories": "Issue types and marks that lead here.",
            "stricter": "Whether it wins over the other queues that an item would fit.",
        },
        "Gate": {
            "id": "A short name, unique in the policy.",
            "title": "What the reviewer checks.",
            "criterion": "When it passes, so narrow that two people answer alike.",
            "check": "Answered with pass or fail, or with attached evidence.",
            "items": "What is checked one by one, in place of the one criterion.",
            "use": "A checklist that comes with Handoff, in place of items of its own.",
            "review": "Of two reviews, which one answers it.",
            "queues": "Only cases of these queues have it. Empty: all.",
            "roles": "Who may answer it. Empty: verifiers and whoever may decide.",
            "on_failure": "Where a case goes of which a check fails: one level up, or back to triage.",
        },
        "GateItem": {
            "id": "A short name, unique in the gate.",
            "title": "What the reviewer checks.",
            "criterion": "When it passes, so narrow that two people answer alike.",
            "check": "Answered with pass or fail, with attached evidence, or by Handoff: the policy has not changed.",
            "not_applicable": "Whether “not applicable” is an answer.",
        },
        "SecondReview": {"blind": "Whether the first reviewer's reasons are shown only after the second answer."},
        "Level": {
            "level": "1 standard, 2 specialist, 3 manager or approver, 4 on call.",
            "title": "What people call the level.",
            "role": "Which role reviews there.",
            "responsible": "The person or team that answers for the level.",
            "backup": "Who stands in when they are away.",
            "respond_within_minutes": "After how many minutes without an answer the case moves on.",
            "queue": "The queue that it is put in.",
            "skills": "What its reviewers must be trained for besides.",
        },
        "Target": {
            "title": "What people call it.",
            "level": "The reviewer level that a case has there.",
            "queue": "The queue that it is put in.",
            "skills": "What its reviewers must be trained for besides.",
            "backup": "Who stands in when they are away.",
            "respond_within_minutes": "After how many minutes without an answer the case moves on.",
        },
        "Redaction": {
            "path": "The place, such as `/request/customer/phone`; `*` stands for any one member.",
            "label": "What a reviewer reads in its place.",
            "visible_to": "The roles that see it. Empty: nobody without an audited disclosure.",
        },
        "ConfidenceBands": {
            "green_from": "From this confidence on the badge is green.",
            "yellow_from": "From this confidence on it is yellow; below it is red.",
        },
        "NearThreshold": {
            "width": "How near to a threshold counts as nearly.",
            "rate": "The share of those that is looked at.",
        },
        "Raised": {
            "drift": "The share while the model's results move away from what they were.",
            "new_data": "The share while the model sees data of a new kind.",
            "policy_change": "The share while a policy is new.",
        },
        "Sampling": {
            "rate": "The share of what goes through by itself that a person looks at afterwards.",
            "raised": "The share while something has changed.",
            "near_threshold": "Items that nearly went to a person are looked at more often.",
            "stricter_on_strong_drift": "Whether strong drift sends everything to a person.",
            "questions": "What the person answers about a sampled item.",
            "due_business_days": "In how many business days.",
        },
        "Sla": {
            "acknowledge_minutes": "Until somebody has taken the case.",
            "complete_minutes": "Until it is decided.",
            "synchronous_minutes": "Until it is decided where the workflow waits.",
            "second_review_minutes": "Until the second of two people has decided; from the opening.",
            "escalate_minutes": "Until an undecided case goes one level up.",
            "resolve_minutes": "Until a stopped line is resolved.",
            "business_hours": "Whether only business hours count.",
            "same_business_day": "Whether it is due at the close of business at the latest.",
        },
        "Override": {
            "roles": "Who may overrule the model. Empty: whoever may decide.",
            "evidence_required": "Whether evidence must be attached.",
            "blocked_until_verified": "Actions that wait until somebody has verified them.",
        },
        "Bound": {"min": "The lowest value without sign-off.", "max": "The highest value without sign-off."},
        "PolicyTest": {
            "name": "What it shows.",
            "item": "The item, with the fields that a workflow sends.",
            "signals": "Marks that detectors would find: code and source.",
            "expect": "What must happen to it.",
        },
        "Expectation": {
            "route": "What happens.",
            "lane": "Who looks at it.",
            "queue": "Where it is put.",
            "reviewer_level": "At which level.",
        },
    }
)
"""Part of the document -> field -> sentence."""


def explained(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of PolicyDocument with a description on each field. Raises KeyError for a field without one."""
    made = {**schema, "properties": _explained("PolicyDocument", schema["properties"])}
    parts = {
        name: {**part, "properties": _explained(name, part["properties"])} for name, part in schema["$defs"].items()
    }
    return {**made, "$defs": parts}


def _explained(part: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: {**field, "description": MEANINGS[part][name]} for name, field in fields.items()}
