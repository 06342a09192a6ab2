"""The bodies of the acts on a case, of batches, and the queries of the inbox. As strict as the others."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from companion.web.models import Digest, Evidence, Flag, Identifier, Json, Line, Reason, Strict, Text

HandoffId = Annotated[str, StringConstraints(max_length=64)]
RiskTier = Literal["low", "medium", "high", "critical"]
Version = Annotated[int, Field(ge=1, le=10**9)]


class GateResultBody(Strict):
    """One answer to a checklist."""

    gate: Identifier
    item: Identifier
    result: Literal["pass", "fail", "not_applicable"]
    note: Text | None = None


class StepUp(Strict):
    """A passkey's answer to the challenge of exactly this decision."""

    nonce: Annotated[str, StringConstraints(max_length=2_000)]
    credential: Annotated[dict[str, Any], Field(max_length=20)]


class DecisionBody(Strict):
    """Body of POST /v1/handoffs/{id}/decision."""

    action: Literal["approve", "reject", "modify"]
    package_digest: Digest
    view_digest: Digest | None = None
    reason_code: Flag | None = None
    rationale: Text | None = None
    edited_output: Json = None
    evidence: Annotated[list[Evidence], Field(max_length=10)] | None = None
    gate_results: Annotated[list[GateResultBody], Field(max_length=100)] | None = None
    response: Annotated[dict[str, Any], Field(max_length=40)] | None = None
    mark: Literal["false_positive", "false_negative"] | None = None
    urgency: Text | None = None
    sla_feasible: bool | None = None
    step_up: StepUp | None = None
    confirm_word: Annotated[str, StringConstraints(max_length=64)] | None = None


class Completion(Strict):
    """Body of POST /handoff/complete: the handoff is named by its package token; seven actions (R-ACT-02)."""

    package_token: Annotated[str, StringConstraints(max_length=20_000)]
    action: Literal["approve", "reject", "modify", "escalate", "rollback", "annotate", "request_info"]
    reason_code: Flag | None = None
    rationale: Text | None = None
    text: Text | None = None
    edited_output: Json = None
    evidence: Annotated[list[Evidence], Field(max_length=10)] | None = None
    gate_results: Annotated[list[GateResultBody], Field(max_length=100)] | None = None
    response: Annotated[dict[str, Any], Field(max_length=40)] | None = None
    mark: Literal["false_positive", "false_negative"] | None = None
    urgency: Text | None = None
    sla_feasible: bool | None = None
    target: Identifier | None = None
    step_up: StepUp | None = None
    confirm_word: Annotated[str, StringConstraints(max_length=64)] | None = None


class VerificationBody(Strict):
    """Body of POST /v1/handoffs/{id}/verifications: answers to checks, and nothing decided.

    None are needed where the check that failed is one that the rules answer themselves.
    """

    package_digest: Digest
    answers: Annotated[list[GateResultBody], Field(max_length=100)]
    reason_code: Flag | None = None
    rationale: Text | None = None
    evidence: Annotated[list[Evidence], Field(max_length=10)] | None = None
    step_up: StepUp | None = None


class TriageBody(Strict):
    """Body of POST /v1/handoffs/{id}/triage; what is left out stays as it is."""

    category: Line | None = None
    queue: Identifier | None = None
    risk_tier: RiskTier | None = None
    reason_code: Flag | None = None
    rationale: Text | None = None
    step_up: StepUp | None = None


class AssigneeBody(Strict):
    """Body of PUT /v1/handoffs/{id}/assignee; null gives the case to nobody in particular."""

    reviewer_id: Annotated[str, StringConstraints(max_length=64)] | None
    rationale: Text | None = None


class Note(Strict):
    """Body of an annotation or a question."""

    text: Text
    step_up: StepUp | None = None


class EscalationBody(Strict):
    """Body of an escalation; without a target it goes to the next level."""

    reason_code: Flag
    rationale: Text | None = None
    target: Identifier | None = None
    urgency: Text | None = None
    sla_feasible: bool | None = None
    step_up: StepUp | None = None


class RollbackBody(Strict):
    """Body of a rollback."""

    reason_code: Flag
    rationale: Text | None = None
    step_up: StepUp | None = None


class EditCheckBody(Strict):
    """Body of POST /v1/handoffs/{id}/edit-checks."""

    edited_output: Json


class DisclosureBody(Strict):
    """Body of POST /v1/handoffs/{id}/disclosures: why somebody has to see what is hidden from them."""

    reason: Reason


class Execution(Strict):
    """Body of POST /v1/handoffs/{id}/execution: the digest of the output that is about to be carried out."""

    output_digest: Digest


class BatchBody(Strict):
    """Body of POST /v1/batches: a case, and how many like it to take along with it."""

    like: HandoffId
    size: Annotated[int, Field(ge=2, le=50)] = 10


class BatchItem(Strict):
    """One case of a batch as it was shown."""

    id: HandoffId
    version: Version
    package_digest: Digest


class BatchDecisionBody(Strict):
    """Body of POST /v1/batches/{id}/decision."""

    action: Literal["approve", "reject"]
    reason_code: Flag | None = None
    rationale: Text | None = None
    items: Annotated[list[BatchItem], Field(min_length=1, max_length=50)]
    confirmed_outliers: Annotated[list[HandoffId], Field(max_length=50)] | None = None


class InboxQuery(BaseModel):
    """Query of GET /v1/handoffs."""

    model_config = ConfigDict(extra="forbid")
    state: Literal["open", "decided", "all"] = "open"
    workflow_id: Identifier | None = None
    group_id: Identifier | None = None
    queue: Identifier | None = None
    risk_tier: RiskTier | None = None
    level: Annotated[int, Field(ge=1, le=4)] | None = None
    issue: Line | None = None
    mine: bool = False
    claimable: bool = False
    facets: bool = False
    q: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str, StringConstraints(max_length=200)] | None = None


class ReviewersQuery(BaseModel):
    """Query of GET /v1/reviewers: with a case, only those who may look after it."""

    model_config = ConfigDict(extra="forbid")
    handoff_id: HandoffId | None = None
