"""Schemas of the desk: a case as a row and as its live view, the inbox, batches, and what acts are answered with."""

from typing import Final

from companion.web.schemas import (
    APPROVED,
    MAYBE_MOMENT,
    MAYBE_OBJECT,
    MAYBE_TEXT,
    MOMENT,
    TEXT,
    WHOLE,
    YES_OR_NO,
    Schema,
    list_of,
    named,
    object_of,
)

NUMBER: Final[Schema] = {"type": "number"}
OBJECT: Final[Schema] = {"type": "object"}
ASSURANCE: Final[Schema] = {"enum": ["none", "link", "signed_in", "step_up"]}
LEVELS: Final[Schema] = {"type": "object", "additionalProperties": ASSURANCE}

_ROW: Final[dict[str, Schema]] = {
    "id": TEXT,
    "group_id": TEXT,
    "group": {**object_of(size=WHOLE, index=WHOLE), "description": "`index` counts from 0."},
    "workflow_id": TEXT,
    "task_id": MAYBE_TEXT,
    "title": TEXT,
    "question": TEXT,
    "state": TEXT,
    "stage": {"enum": ["triage", "review"]},
    "approved": APPROVED,
    "version": WHOLE,
    "package_digest": TEXT,
    "category": MAYBE_TEXT,
    "risk_tier": TEXT,
    "service_tier": WHOLE,
    "confidence": {"type": ["number", "null"]},
    "stop_reasons": list_of(OBJECT),
    "impact": MAYBE_TEXT,
    "impact_score": {"type": ["number", "null"]},
    "reviewer_level": WHOLE,
    "approvals_needed": WHOLE,
    "route": TEXT,
    "lane": TEXT,
    "queue": MAYBE_TEXT,
    "skills": list_of(TEXT),
    "subject": MAYBE_TEXT,
    "may_batch": YES_OR_NO,
    "due_at": MAYBE_MOMENT,
    "second_due_at": MAYBE_MOMENT,
    "created_at": MOMENT,
    "expires_at": MOMENT,
    "acknowledged_at": MAYBE_MOMENT,
    "assignee": MAYBE_OBJECT,
    "undo_until": {**MAYBE_MOMENT, "description": "Until then the decision can be taken back; automations read none."},
    "decided_at": MAYBE_MOMENT,
    "decided_by": MAYBE_OBJECT,
    "decision": MAYBE_OBJECT,
    "claim": MAYBE_OBJECT,
    "first_approval": MAYBE_OBJECT,
    "question_open": MAYBE_TEXT,
    "review_url": TEXT,
}
_GATE: Final[Schema] = object_of(
    id=TEXT,
    title=TEXT,
    review={"enum": [1, 2]},
    roles=list_of(TEXT),
    on_failure={"enum": ["escalate", "triage"]},
    open=YES_OR_NO,
    may_answer=YES_OR_NO,
    items=list_of(
        object_of(
            id=TEXT,
            title=TEXT,
            criterion=TEXT,
            check={"enum": ["pass_fail", "evidence", "policy_version"]},
            not_applicable=YES_OR_NO,
            result={"enum": ["pass", "fail", "not_applicable", None]},
            note=MAYBE_TEXT,
            by=MAYBE_OBJECT,
            at=MAYBE_MOMENT,
        )
    ),
)
_RESULT: Final[Schema] = object_of(
    id=TEXT, status={"enum": ["done", "refused"]}, code=MAYBE_TEXT, detail=MAYBE_TEXT, event_id=MAYBE_TEXT
)
_BATCH_ROW: Final = {**_ROW, "result": {"anyOf": [_RESULT, {"type": "null"}]}}
DESK_SCHEMAS: Final[dict[str, Schema]] = {
    "HandoffRow": object_of(**_ROW),
    "Handoff": object_of(
        **_ROW,
        delivery=MAYBE_OBJECT,
        actions=list_of(OBJECT),
        duties=list_of(TEXT),
        gates=list_of(_GATE),
        reason_codes=list_of(OBJECT),
        escalation_targets=list_of(object_of(id=TEXT, title=TEXT, level=WHOLE)),
        response_form=MAYBE_OBJECT,
        confidence_bands=object_of(green_from=NUMBER, yellow_from=NUMBER),
        routing=OBJECT,
        assurance=object_of(have=ASSURANCE, need=ASSURANCE, by_action=LEVELS),
        triage=MAYBE_OBJECT,
        second_review=MAYBE_OBJECT,
        disagreements=list_of(OBJECT),
        undo=MAYBE_OBJECT,
        receipt=MAYBE_OBJECT,
        redacted=list_of(TEXT),
        confirm_word=MAYBE_TEXT,
        notes=list_of(OBJECT),
        history=list_of(OBJECT),
        execution_url=MAYBE_TEXT,
    ),
    "Inbox": object_of(
        items=list_of(named("HandoffRow")),
        cursor=MAYBE_TEXT,
        waiting={**WHOLE, "description": "How many open cases fit the query and are served to the caller."},
        waiting_exact={**YES_OR_NO, "description": "False where more cases would have to be read than are."},
        decided_today={**WHOLE, "description": "How many of these workflows people decided since midnight UTC."},
    ),
    "Group": object_of(id=TEXT, workflow_id=TEXT, handoffs=list_of(named("HandoffRow")), delivery=MAYBE_OBJECT),
    "EditChecks": object_of(marks=list_of(object_of(code=TEXT, text=TEXT)), refused=MAYBE_TEXT, allowed=YES_OR_NO),
    "Disclosed": object_of(package_token=TEXT, event_id=TEXT),
    "Executed": object_of(id=TEXT, event_id=TEXT, executed={"const": True}, output_digest=TEXT),
    "Reviewers": object_of(items=list_of(object_of(id=TEXT, name=TEXT, roles=list_of(TEXT)))),
    "Batch": object_of(
        id=TEXT,
        workflow_id=TEXT,
        queue=MAYBE_TEXT,
        until=MOMENT,
        actions=list_of(TEXT),
        needs_reason=list_of(TEXT),
        reason_codes=list_of(OBJECT),
        items=list_of(object_of(**_BATCH_ROW)),
        outliers=list_of(object_of(id=TEXT, why=list_of(TEXT))),
        left_out=list_of(object_of(id=TEXT, why=TEXT)),
    ),
    "BatchResults": object_of(results=list_of(_RESULT)),
}
