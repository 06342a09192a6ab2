"""Schemas of the answers that the API gives, as its description has them."""

from typing import Any, Final

from companion.web.problems import STATUS

Schema = dict[str, Any]
TEXT: Final[Schema] = {"type": "string"}
MAYBE_TEXT: Final[Schema] = {"type": ["string", "null"]}
WHOLE: Final[Schema] = {"type": "integer"}
YES_OR_NO: Final[Schema] = {"type": "boolean"}
APPROVED: Final[Schema] = {
    "type": ["boolean", "null"],
    "description": "Null until a person decided, and without a decision.",
}
MOMENT: Final[Schema] = {"type": "string", "format": "date-time"}
MAYBE_MOMENT: Final[Schema] = {"type": ["string", "null"], "format": "date-time"}
MAYBE_OBJECT: Final[Schema] = {"type": ["object", "null"]}


def object_of(**members: Schema) -> Schema:
    """An object that has at least these members."""
    return {"type": "object", "required": list(members), "properties": members}


def list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def named(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


SCHEMAS: Final[dict[str, Schema]] = {
    "Problem": {
        **object_of(type=TEXT, title=TEXT, status=WHOLE, code={"enum": sorted(STATUS)}, detail=TEXT),
        "description": "RFC 9457. `field` is a JSON pointer, `current` the handoff as it stands.",
    },
    "Opened": object_of(
        id=TEXT,
        group_id=TEXT,
        state=TEXT,
        version=WHOLE,
        package_token=TEXT,
        package_digest=TEXT,
        request_digest=TEXT,
        output_digest=TEXT,
        review_url=TEXT,
        expires_at=MOMENT,
    ),
    "OpenedGroup": object_of(id=TEXT, handoffs=list_of(named("Opened")), review_url=TEXT),
    "PackageToken": object_of(package_token=TEXT),
    "Outcome": object_of(
        sequence=WHOLE,
        subject=MAYBE_TEXT,
        id=TEXT,
        workflow_id=TEXT,
        state=TEXT,
        approved=APPROVED,
        decision_action=MAYBE_TEXT,
        cause=MAYBE_TEXT,
        output={},
        output_omitted=YES_OR_NO,
        decided_at=MOMENT,
        decided_by={"type": "object"},
        event_id=TEXT,
    ),
    "Outcomes": object_of(items=list_of(named("Outcome")), cursor=TEXT),
    "Delivery": object_of(
        id=TEXT,
        group_id=TEXT,
        handoff_ids=list_of(TEXT),
        workflow_id=TEXT,
        status=TEXT,
        cause=MAYBE_TEXT,
        created_at=MOMENT,
        next_attempt_at=MAYBE_MOMENT,
        url_origin=TEXT,
        attempts=list_of({"type": "object"}),
    ),
    "Deliveries": object_of(items=list_of(named("Delivery")), cursor=MAYBE_TEXT),
    "Attempt": object_of(
        event_id=TEXT,
        event_type={"enum": ["attempt.refused", "session.opened"]},
        timestamp=MOMENT,
        code={"enum": [*sorted(STATUS), None], "description": "Why it was refused."},
        way={**MAYBE_TEXT, "description": "How somebody came in: enrolment, passkey, oidc, proxy, link or code."},
        endpoint=TEXT,
        handoff_id=MAYBE_TEXT,
        decision_actor=MAYBE_OBJECT,
        left_out={**WHOLE, "description": "How many before it were counted and not kept."},
    ),
    "Attempts": object_of(items=list_of(named("Attempt")), cursor=MAYBE_TEXT),
    "Event": object_of(
        event_id=TEXT,
        event_type=TEXT,
        timestamp=MOMENT,
        workflow_id=MAYBE_TEXT,
        decision_actor={"type": "object"},
        justification=MAYBE_TEXT,
        policy_version=MAYBE_TEXT,
    ),
    "Events": object_of(items=list_of(named("Event")), cursor=MAYBE_TEXT),
    "PublicKeys": object_of(keys=list_of({"type": "object"})),
    "Health": object_of(status={"const": "ok"}),
    "Readiness": object_of(status={"const": "ready"}, mode=TEXT, store={"type": "object"}),
}

_ROUTED: Final[dict[str, Schema]] = {
    "id": TEXT,
    "item_id": MAYBE_TEXT,
    "route": TEXT,
    "lane": TEXT,
    "queue": MAYBE_TEXT,
    "skills": list_of(TEXT),
    "reviewer_level": {"type": ["integer", "null"]},
    "synchronous": YES_OR_NO,
    "risk_score": {"type": ["number", "null"]},
    "risk_score_source": TEXT,
    "risk_tier": TEXT,
    "gates": list_of({"type": "object"}),
    "sla": MAYBE_OBJECT,
    "sample": MAYBE_OBJECT,
    "flags": list_of(TEXT),
    "trace": list_of(object_of(stage=TEXT, outcome=TEXT, route=MAYBE_TEXT, words=MAYBE_TEXT)),
    "policy": object_of(id=TEXT, version=WHOLE),
    "policy_version": WHOLE,
    "paused": MAYBE_OBJECT,
    "event_id": TEXT,
    "handoff": MAYBE_OBJECT,
}
_PAUSE: Final[Schema] = object_of(
    id=TEXT,
    workflow_id=MAYBE_TEXT,
    model_version=MAYBE_TEXT,
    all=YES_OR_NO,
    scope=TEXT,
    reason=TEXT,
    started_at=MOMENT,
    started_by={"type": "object"},
    review=TEXT,
    review_url=TEXT,
    ended_at=MAYBE_MOMENT,
    ended_by=MAYBE_OBJECT,
)
SCHEMAS.update(
    {
        "RoutedItem": object_of(**_ROUTED),
        "RoutedItems": object_of(items=list_of(named("RoutedItem"))),
        "RoutedRecord": object_of(
            **_ROUTED, workflow_id=TEXT, routed_at=MOMENT, facts={"type": "object"}, digests={"type": "object"},
            review=MAYBE_TEXT, events=list_of({"type": "object"}),
        ),
        "RouteReview": object_of(id=TEXT, subject=TEXT, review_url=TEXT),
        "Samples": object_of(items=list_of(named("RouteReview"))),
        "PolicyList": object_of(
            items=list_of(
                object_of(workflow_id=TEXT, version=WHOLE, title=MAYBE_TEXT, preset=YES_OR_NO, proposal=YES_OR_NO)
            )
        ),
        "Policy": object_of(
            workflow_id=TEXT,
            version=WHOLE,
            document={"type": "object"},
            effective={"type": "object"},
            settings=list_of({"type": "object"}),
            inherits=MAYBE_TEXT,
            saved_at=MAYBE_MOMENT,
            saved_by=MAYBE_OBJECT,
            approved_by=MAYBE_OBJECT,
            reason=MAYBE_TEXT,
            test_result=MAYBE_OBJECT,
            proposal=MAYBE_OBJECT,
            may_save=YES_OR_NO,
            may_approve=YES_OR_NO,
        ),
        "PolicyVersions": object_of(items=list_of(object_of(version=WHOLE, saved_at=MOMENT, reason=TEXT))),
        "PolicyVersion": object_of(version=WHOLE, document={"type": "object"}, saved_at=MOMENT, reason=TEXT),
        "PolicySaved": object_of(status={"enum": ["active", "proposed", "rejected"]}),
        "SimulationReport": object_of(
            items=WHOLE, before={"type": "object"}, after={"type": "object"}, changed=WHOLE,
            per_day=list_of({"type": "object"}), wrongly_approved=WHOLE, examples=list_of({"type": "object"}),
        ),
        "Presets": object_of(items=list_of(object_of(name=TEXT, document={"type": "object"}))),
        "Pause": _PAUSE,
        "Pauses": object_of(items=list_of(named("Pause"))),
    }
)  # fmt: skip
