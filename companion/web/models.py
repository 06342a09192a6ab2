"""The bodies that the API takes. Strict: "1" is not 1, true is not 1, unknown fields are refused (security row A6)."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
Line = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=8_000)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=8_000, pattern=r"\S")]
"""Why somebody changes or stops something: words, not blanks."""
Flag = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Moment = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$")]
Url = Annotated[str, StringConstraints(min_length=8, max_length=4_000)]
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Score = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Json = Annotated[Any, Field(description="Any JSON value")]


class Strict(BaseModel):
    """Base of every body."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Model(Strict):
    """The model that made the output."""

    name: Line | None = None
    type: Line | None = None
    version: Line | None = None
    hash: Line | None = None
    retrained_at: Moment | None = None


class InputSource(Strict):
    """Data that the model used, and how fresh it was (R-CTX-08)."""

    name: Line
    as_of: Moment | None = None
    url: Url | None = None
    stale: bool = False


class Feature(Strict):
    """Something that moved the prediction, and how much (R-CTX-12)."""

    name: Line
    value: Json = None
    weight: Number | None = None


class Harm(Strict):
    """What a wrong decision could do (R-CTX-11)."""

    kind: Literal["financial_loss", "customer_privacy", "regulatory_breach", "other"]
    text: Text | None = None


class Evidence(Strict):
    """What supports the recommendation (R-CTX-15)."""

    title: Line
    text: Text | None = None
    url: Url | None = None


class Display(Strict):
    """How one field of the item is shown: a JSON pointer into request or model_output, a label and a kind."""

    label: Line
    path: Annotated[str, StringConstraints(pattern=r"^/(request|model_output)(/.*)?$", max_length=300)]
    kind: Literal["text", "long_text", "table", "link", "image", "pdf", "number", "date"] = "text"


class Attachment(Strict):
    """A file shown beside the item; at most 1 MiB."""

    name: Line
    media_type: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.+-]+/[a-z0-9.+-]+$", max_length=120)]
    content_base64: Annotated[str, StringConstraints(max_length=1_400_000)]


class Source(Strict):
    """Which execution of which workflow asks."""

    system: Line | None = None
    execution_id: Line | None = None
    node_id: Line | None = None
    run_index: Annotated[int, Field(ge=0, le=10**9)] | None = None
    execution_url: Url | None = None
    workflow_name: Line | None = None


class Opening(Strict):
    """One question to a person. Only workflow_id, request and model_output are required."""

    workflow_id: Identifier
    request: Json
    model_output: Json
    task_id: Line | None = None
    title: Line | None = None
    question: Line | None = None
    approve_label: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = None
    instructions: Annotated[list[Line], Field(max_length=20)] | None = None
    confidence: Score | None = None
    confidence_kind: Literal["probability", "calibrated", "self_reported", "heuristic"] | None = None
    threshold: Score | None = None
    risk_score: Score | None = None
    risk_tier: Literal["low", "medium", "high", "critical"] | None = None
    service_tier: Annotated[int, Field(ge=1, le=3)] | None = None
    priority: Line | None = None
    domain: Line | None = None
    category: Line | None = None
    requester: Line | None = None
    impact: Text | None = None
    amount: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    urgency: Text | None = None
    time_sensitive: bool = False
    sla_feasible: bool | None = None
    rationale: Text | None = None
    reversible: bool | None = None
    intent: Line | None = None
    action: Line | None = None
    action_reversible: bool | None = None
    model_error: Literal["none", "error", "timeout"] | None = None
    prompt_characters: Annotated[int, Field(ge=0, le=2**53 - 1)] | None = None
    flags: Annotated[list[Flag], Field(max_length=40)] | None = None
    model: Model | None = None
    sources: Annotated[list[InputSource], Field(max_length=40)] | None = None
    features: Annotated[list[Feature], Field(max_length=40)] | None = None
    counterfactuals: Annotated[list[Text], Field(max_length=20)] | None = None
    harms: Annotated[list[Harm], Field(max_length=20)] | None = None
    evidence: Annotated[list[Evidence], Field(max_length=40)] | None = None
    response_form: Annotated[dict[str, Any], Field(max_length=40)] | None = None
    display: Annotated[list[Display], Field(max_length=40)] | None = None
    attachments: Annotated[list[Attachment], Field(max_length=10)] | None = None
    allow_edit: bool = True
    approvals_needed: Annotated[int, Field(ge=1, le=2)] = 1
    expires_in_s: Annotated[int, Field(ge=1, le=365 * 24 * 3600)] | None = None


class OpenHandoff(Opening):
    """Body of POST /v1/handoffs."""

    callback_url: Url | None = None
    callback_expects: Literal["2xx", "acknowledgement"] = "2xx"
    source: Source | None = None


class OpenGroup(Strict):
    """Body of POST /v1/groups: 1 to 500 handoffs behind one callback."""

    handoffs: Annotated[list[Opening], Field(min_length=1, max_length=500)]
    callback_url: Url | None = None
    callback_expects: Literal["2xx", "acknowledgement"] = "2xx"
    source: Source | None = None


class RouteItem(Opening):
    """One item for the router: the members of an opening, and the caller's own name for it."""

    item_id: Line | None = None


class Thresholds(Strict):
    """The four numbers of the router; a number left out is the policy's."""

    review_below_confidence: Score | None = None
    synchronous_below_confidence: Score | None = None
    review_above_risk: Score | None = None
    synchronous_from_risk: Score | None = None


class RouteSettings(Strict):
    """Numbers in place of the stored policy's. Its marks and rules stay in force."""

    thresholds: Thresholds | None = None
    sampling_rate: Score | None = None
    sla_minutes: Annotated[int, Field(ge=1, le=365 * 24 * 60)] | None = None
    queue: Identifier | None = None


class RouteBatch(Strict):
    """Body of POST /v1/routes. With `open`, a handoff is opened for each item that a person must decide."""

    items: Annotated[list[RouteItem], Field(min_length=1, max_length=500)]
    settings: RouteSettings | None = None
    open: bool = False


class ReviewBody(Strict):
    """Body of POST /v1/routes/{id}/review: what was routed, for the reviewer to see; its payload is not kept here."""

    request: Json = None
    model_output: Json = None


class SampleBody(Strict):
    """Body of POST /v1/samples: how many decided cases to draw, of one workflow or of all."""

    number: Annotated[int, Field(ge=1, le=50)] = 5
    workflow_id: Identifier | None = None


class PolicyBody(Strict):
    """Body of PUT /v1/policies/{workflow_id}: the whole document, and why it changes."""

    document: dict[str, Any]
    reason: Reason


class SimulatedFact(Strict):
    """A case to simulate on, as a policy sees it."""

    item: RouteItem
    at: Moment | None = None
    outcome: Literal["approved", "modified", "rejected", "rolled_back"] | None = None


class SimulationBody(Strict):
    """Body of POST /v1/policies/{workflow_id}/simulations; without items, the cases of the last days."""

    document: dict[str, Any]
    days: Annotated[int, Field(ge=1, le=31)] = 30
    items: Annotated[list[SimulatedFact], Field(min_length=1, max_length=10_000)] | None = None


class ApprovalBody(Strict):
    """Body of POST /v1/policies/{workflow_id}/approvals."""

    proposal_id: Identifier
    verdict: Literal["approve", "reject"]
    reason: Reason


class PauseBody(Strict):
    """Body of POST /v1/pauses: a workflow, a model version, both together, or all."""

    workflow_id: Identifier | None = None
    model_version: Line | None = None
    all: Literal[True] | None = None
    reason: Reason


class Because(Strict):
    """Body of an act that only needs a reason in words."""

    reason: Reason


class Revision(Strict):
    """Body of PATCH /v1/handoffs/{id}: what is left out stays as it is."""

    request: Json = None
    model_output: Json = None
    title: Line | None = None
    question: Line | None = None


class AnswerBody(Strict):
    """Body of an answer, which is words: what somebody wants to change is an edit, and held against the rules."""

    text: Text


class Withdrawal(Strict):
    """Body of a withdrawal."""

    reason: Text | None = None


class Enrolment(Strict):
    """Body of POST /v1/enrolments: the one-time secret of an enrolment link."""

    token: Annotated[str, StringConstraints(max_length=200)]


class LinkSession(Strict):
    """Body of POST /v1/sessions: what a personal link carries in its fragment."""

    handoff_id: Annotated[str, StringConstraints(max_length=64)]
    reviewer_id: Annotated[str, StringConstraints(max_length=64)]
    generation: Annotated[int, Field(ge=0, le=10**9)]
    mac: Annotated[str, StringConstraints(max_length=100)]


class ById(Strict):
    """Path of a handoff, a group or a delivery."""

    id: str


class ByWorkflow(Strict):
    """Path of a policy."""

    workflow_id: Identifier


class ByVersion(Strict):
    """Path of one version of a policy."""

    workflow_id: Identifier
    version: Annotated[int, Field(ge=0, le=10**9, strict=False)]


class ByBlob(Strict):
    """Path of a blob."""

    id: str
    sha256: str


class CursorQuery(BaseModel):
    """Query of a list that goes on from a cursor."""

    model_config = ConfigDict(extra="forbid")
    cursor: Annotated[str, StringConstraints(max_length=200)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
