"""Policies over HTTP: read, change, try on last month's cases, approve."""

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from companion.core.decide import Refused
from companion.core.policy.document import UnusablePolicy, json_schema
from companion.core.policy.facts import Facts
from companion.core.policy.item import Item
from companion.core.policy.presets import PRESETS
from companion.core.policy.settings import operator_settings
from companion.service.policies import Saved
from companion.web import models
from companion.web.answers import json_answer, problem_of
from companion.web.callers import caller, services
from companion.web.conditions import expected_version, moment_ms
from companion.web.permissions import EDITORS, GOVERNANCE
from companion.web.problems import Problem, not_found, policy_problem
from companion.web.views.redacted import hides

api = APIBlueprint(
    "policies", __name__, abp_tags=[Tag(name="Policies", description="The rules of each workflow, in versions.")]
)


@api.get("/v1/policies", summary="Workflows with a policy of their own")
def list_policies() -> Response:
    """In short; every other workflow runs under a preset."""
    items = [item for item in services().policies.listed() if caller().sees(item["workflow_id"])]
    return json_answer({"items": items})


@api.get("/v1/policies/<string:workflow_id>", summary="The policy of a workflow")
def read_policy(path: models.ByWorkflow) -> Response:
    """The active version with everything that it inherits; version 0 where the workflow has none of its own."""
    workflow_id = _visible(path.workflow_id)
    state, policy, record = services().policies.view(workflow_id)
    who, proposal = caller(), state.proposal
    answer = json_answer(
        {
            "workflow_id": workflow_id,
            "version": state.active,
            "readable": services().policies.in_force(workflow_id, state.active)[1],
            "document": record.get("document") or policy.document,
            "effective": policy.effective,
            "settings": operator_settings(policy),
            "inherits": policy.inherits if state.active else policy.policy_id,
            "saved_at": record.get("saved_at"),
            "saved_by": record.get("saved_by"),
            "approved_by": record.get("approved_by"),
            "reason": record.get("reason"),
            "test_result": record.get("test_result") or {"tests": policy.test_result},
            "proposal": None if proposal is None else dict(proposal),
            "may_save": bool(EDITORS & who.roles),
            "may_approve": bool(GOVERNANCE & who.roles)
            and (proposal is None or proposal["proposed_by"]["id"] != who.actor.id),
        }
    )
    answer.set_etag(str(state.active))
    return answer


@api.put("/v1/policies/<string:workflow_id>", summary="Change the policy of a workflow")
def save_policy(path: models.ByWorkflow, body: models.PolicyBody) -> Response:
    """Within the bounds that governance set the change holds at once (200); beyond them it is proposed (202)."""
    workflow_id = _visible(path.workflow_id)
    version = expected_version()
    try:
        came = services().policies.save(workflow_id, body.document, body.reason, version, caller().actor)
    except UnusablePolicy as error:
        raise policy_problem("policy_unusable", error, "/document") from None
    return _saved(came)


@api.get("/v1/policies/<string:workflow_id>/versions", summary="Every version of a policy")
def list_versions(path: models.ByWorkflow) -> Response:
    """The newest first: who saved it, who approved it, why, and what it changed."""
    records = services().policies.versions(_visible(path.workflow_id))
    names = ("version", "saved_at", "saved_by", "approved_by", "reason", "diff", "test_result")
    return json_answer({"items": [{name: record[name] for name in names} for record in records]})


@api.get("/v1/policies/<string:workflow_id>/versions/<string:version>", summary="One version of a policy")
def read_version(path: models.ByVersion) -> Response:
    """A version as it was saved; it never changes."""
    record = services().policies.version(_visible(path.workflow_id), path.version)
    if record is None:
        raise not_found()
    return json_answer(record)


@api.post("/v1/policies/<string:workflow_id>/simulations", summary="Try a policy")
def simulate(path: models.ByWorkflow, body: models.SimulationBody) -> Response:
    """What the document would have done to the cases of the last days, beside what the active policy does.

    A document can ask whether a hidden number is above another. So, where the active policy hides something from the
    caller, only who may change policies tries one on stored cases, and no case is named.
    """
    workflow_id, who = _visible(path.workflow_id), caller()
    unseen = body.items is None and hides(services().policies.standing_now(workflow_id), who)
    if unseen and not who.roles & EDITORS:
        raise Problem(
            "role_missing",
            "Parts of this workflow's cases are hidden from you, and trying a policy on them could tell. Send `items`.",
        )
    facts = None if body.items is None else [_fact(at, entry) for at, entry in enumerate(body.items)]
    try:
        report = services().policies.simulate(workflow_id, body.document, body.days, facts)
    except UnusablePolicy as error:
        raise policy_problem("policy_unusable", error, "/document") from None
    told = report.document()
    return json_answer(told | {"examples": []} if unseen else told)


@api.post("/v1/policies/<string:workflow_id>/approvals", summary="Approve or refuse a proposal")
def approve(path: models.ByWorkflow, body: models.ApprovalBody) -> Response:
    """Governance decides, and never whoever proposed it."""
    workflow_id = _visible(path.workflow_id)
    try:
        came = services().policies.decide(workflow_id, body.proposal_id, body.verdict, body.reason, caller().actor)
    except UnusablePolicy as error:
        raise policy_problem("policy_unusable", error, "/document") from None
    if isinstance(came, Saved) and body.verdict == "reject":
        return json_answer({"status": "rejected", "proposal": dict(came.record)})
    return _saved(came)


@api.get("/v1/policy-presets", summary="Policies to begin with")
def list_presets() -> Response:
    """The documents that ship with Handoff."""
    items = [
        {"name": name, "title": preset.get("title"), "description": preset.get("description"), "document": preset}
        for name, preset in PRESETS.items()
    ]
    return json_answer({"items": items})


@api.get("/policy.schema.json", summary="Schema of a policy document")
def policy_schema() -> Response:
    """JSON Schema, for editors that check while one types."""
    return json_answer(json_schema())


def _visible(workflow_id: str) -> str:
    if not caller().sees(workflow_id):
        raise not_found()
    return workflow_id


def _saved(came: Saved | Refused) -> Response:
    if isinstance(came, Refused):
        raise problem_of(came)
    if came.status == "proposed":
        return json_answer({"status": "proposed", "proposal": dict(came.record)}, 202)
    answer = json_answer({"status": "active", **came.record})
    answer.set_etag(str(came.record["version"]))
    return answer


def _fact(at: int, entry: models.SimulatedFact) -> Facts:
    item = Item.from_fields(entry.item.model_dump())
    identifier = entry.item.item_id or entry.item.task_id or f"item-{at + 1}"
    at_ms = services().clock.now_ms() if entry.at is None else moment_ms(entry.at, f"/items/{at}/at")
    return Facts(identifier, item, (), at_ms, entry.outcome, None, None)
