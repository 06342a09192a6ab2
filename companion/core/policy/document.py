"""The policy document: what a team may write, strictly read, and refused in plain words (R-ROUTE-06)."""

# ruff: noqa: RUF012 - defaults of a Pydantic model are copied for each document

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationError

from companion.core.policy.meanings import explained
from companion.core.policy.parts import (
    Act,
    Action,
    Assurance,
    Bound,
    Code,
    ConfidenceBands,
    Domain,
    Expression,
    Flags,
    Gate,
    Level,
    Limits,
    Line,
    Name,
    Override,
    Owner,
    PatternName,
    PolicyTest,
    Queue,
    Redaction,
    RiskSignal,
    RiskTier,
    Role,
    Rule,
    Sampling,
    Scope,
    ScoreBands,
    SecondReview,
    Share,
    Sla,
    Strict,
    Target,
    Text,
    Thresholds,
)
from companion.core.policy.refusals import sentence_of


class PolicyDocument(Strict):
    """How the items of one workflow are routed, who decides on them, and in what time.

    Fields left out come from `extends`. Lists of parts with an id (rules, risk_signals, gates; the ladder by level,
    redaction by path) are joined by it; an empty list clears them. All other lists replace what is inherited.
    `workflow_id`, `title`, `description`, `owner` and `tests` are never inherited.
    """

    schema_version: Annotated[int, Field(ge=1, le=1)]
    workflow_id: Name
    extends: Name | None = "default"
    title: Line | None = None
    description: Text | None = None
    owner: Owner | None = None
    domain: Domain = "other"
    pattern: PatternName = "triage_with_prefill"
    risk_tier: RiskTier | None = None
    reversible: bool | None = None
    service_tier: Annotated[int, Field(ge=1, le=3)] | None = None
    effects: Annotated[tuple[Literal["customer_facing", "financial", "access_control"], ...], Field(max_length=3)] = ()
    """What the actions can do beyond the workflow; such a policy has gates or says why not (R-ROUTE-25)."""
    approval_mode: Literal["post_hoc_audit", "human_approval", "human_in_the_loop"] | None = None
    rollback_mode: Literal["automatic", "manual", "compensation"] | None = None
    thresholds: Thresholds = Thresholds()
    score_bands: ScoreBands | None = None
    confidence_gate: Share | None = None
    high_risk_variant: Literal["synchronous", "escalate"] = "synchronous"
    limits: Limits = Limits()
    scope: Scope = Scope()
    flags: Flags = Flags()
    prohibited_terms: Annotated[tuple[Line, ...], Field(max_length=1_000)] = ()
    rules: Annotated[tuple[Rule, ...], Field(max_length=100)] = ()
    risk_signals: Annotated[tuple[RiskSignal, ...], Field(max_length=100)] = ()
    queues: Annotated[dict[Name, Queue], Field(max_length=100)] = {}
    gates: Annotated[tuple[Gate, ...], Field(max_length=30)] = ()
    gate_waiver: Text | None = None
    triage: Literal["none", "required"] = "none"
    second_review: SecondReview = SecondReview()
    assurance: dict[Act, Assurance] = {}
    actions_by_role: dict[Role, Annotated[tuple[Action, ...], Field(max_length=7)]] = {}
    ladder: Annotated[tuple[Level, ...], Field(max_length=4)] = ()
    escalation_targets: Annotated[dict[Name, Target], Field(max_length=30)] = {}
    undo_window_s: Annotated[int, Field(ge=0, le=3600)] = 0
    redaction: Annotated[tuple[Redaction, ...], Field(max_length=100)] = ()
    impact_formula: Expression | None = None
    batches: bool = True
    confidence_bands: ConfidenceBands = ConfidenceBands()
    features_required: Annotated[int, Field(ge=0, le=20)] | None = None
    evidence_at_opening: bool | None = None
    sampling: Sampling = Sampling()
    sla: Sla = Sla()
    actions: Annotated[tuple[Action, ...], Field(max_length=7)] = ()
    actions_needing_reason: Annotated[tuple[Action, ...], Field(max_length=7)] = ()
    reason_codes: Annotated[dict[Code, Line], Field(max_length=100)] = {}
    override: Override = Override()
    expires_in_s: Annotated[int, Field(ge=1, le=365 * 24 * 3600)] | None = None
    safe_verdict: Literal["no_decision", "reject"] | None = None
    instructions: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    bounds: Annotated[dict[str, Bound], Field(max_length=100)] = {}
    tests: Annotated[tuple[PolicyTest, ...], Field(max_length=200)] = ()


@dataclass(frozen=True, slots=True)
class PolicyProblem:
    """One thing that is wrong: where (RFC 6901 pointer into the document), and what, in words that mend it."""

    pointer: str
    sentence: str


class UnusablePolicy(ValueError):
    """A policy that is refused; nothing of it takes effect."""

    def __init__(self, problems: Sequence[PolicyProblem]) -> None:
        super().__init__("; ".join(f"{problem.pointer}: {problem.sentence}" for problem in problems))
        self.problems = tuple(problems)


def check_shape(document: Mapping[str, Any]) -> PolicyDocument:
    """Check fields, kinds and limits. Raises UnusablePolicy, naming every fault."""
    try:
        text = json.dumps(dict(document), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise UnusablePolicy([PolicyProblem("", "A text holds half of a character.")]) from None
    except (TypeError, ValueError, RecursionError):
        raise UnusablePolicy([PolicyProblem("", "This is no JSON object.")]) from None
    try:
        # By way of JSON: it knows no tuples, and Pydantic's strict mode takes a list for one only there.
        return PolicyDocument.model_validate_json(text)
    except ValidationError as error:
        raise UnusablePolicy(
            [
                PolicyProblem(pointer(*fault["loc"]), sentence_of(fault, PolicyDocument.model_fields))
                for fault in error.errors(include_url=False)
            ]
        ) from None


def pointer(*path: str | int) -> str:
    """The RFC 6901 pointer of a path."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the document, as `GET /policy.schema.json` publishes it."""
    schema = explained(PolicyDocument.model_json_schema())
    return {"$schema": SCHEMA_DIALECT, "title": "Handoff policy", **schema}


SCHEMA_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
