"""The policy document: what a team may write, strictly read, and refused in plain words (R-ROUTE-06)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from companion.core.policy.meanings import explained
from companion.core.policy.refusals import sentence_of

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Line = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
Expression = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Minutes = Annotated[int, Field(ge=1, le=365 * 24 * 60)]
Codes = Annotated[tuple[Code, ...], Field(max_length=200)]
Names = Annotated[tuple[Line, ...], Field(max_length=500)]

Domain = Literal[
    "support", "security", "finance", "hr", "it", "legal", "compliance", "procurement", "content", "clinical", "other"
]
PatternName = Literal[
    "auto_approve_with_sampling", "triage_with_prefill", "approval_before_action", "dual_review", "stop_the_line"
]
RiskTier = Literal["low", "medium", "high", "critical"]
Route = Literal["auto_commit", "asynchronous_human_review", "synchronous_human_review", "auto_reject", "stop_the_line"]
Lane = Literal["auto_approve", "human_review", "specialist_review", "reject", "stop_the_line"]
Action = Literal["approve", "reject", "modify", "escalate", "ask", "annotate", "roll_back"]
Raise = Literal["drift", "new_data", "policy_change"]


class Strict(BaseModel):
    """Base of every part: "1" is not 1, true is not 1, unknown fields are refused."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Owner(Strict):
    """Who answers for the workflow."""

    name: Line
    contact: Line


class Thresholds(Strict):
    """The four numbers of the decision router (R-ROUTE-08); a number left out comes from `extends`."""

    review_below_confidence: Share = 0.85
    synchronous_below_confidence: Share = 0.6
    review_above_risk: Share = 0.6
    synchronous_from_risk: Share = 0.9


class ScoreBands(Strict):
    """Bands on the risk score in place of the thresholds on risk (R-ROUTE-30, X-35)."""

    review_from: Share = 0.7
    synchronous_from: Share = 0.9
    block_above: Share = 0.95


class Limits(Strict):
    """What an ordinary item stays within."""

    prompt_characters: Annotated[int, Field(ge=1, le=2**53 - 1)] = 20_000


class Scope(Strict):
    """What the workflow is for, and what it may reach; an empty list does not limit (R-ROUTE-05, R-SEC-14)."""

    intents: Names = ()
    sources: Names = ()
    actions: Names = ()


class Flags(Strict):
    """Which mark leads where. A mark that stands nowhere goes to a person all the same."""

    stop_the_line: Codes = ()
    hard_block: Codes = ()
    specialist_review: Codes = ()
    human_review: Codes = ()
    synchronous: Codes = ()
    """Beside one of the above: the workflow waits for the answer (R-ROUTE-28)."""


class Rule(Strict):
    """A rule of the business, in CEL, with the sentence that a person reads when it fires."""

    id: Name
    stage: Literal["stop_the_line", "hard_block", "forced_review"]
    when: Expression
    words: Text
    source: Line | None = None
    """Where its knowledge comes from (R-ROUTE-33); left out, `business_rule`."""
    lane: Literal["human_review", "specialist_review"] | None = None
    queue: Name | None = None
    reviewer_level: Annotated[int, Field(ge=1, le=3)] | None = None
    synchronous: bool = False


class RiskSignal(Strict):
    """What adds to the risk of an item that came without a score: a mark's name, or CEL."""

    id: Name
    when: Expression
    weight: Share


class Queue(Strict):
    """Where reviewers of one kind look. `categories` are issue types and marks that lead here (R-ROUTE-34)."""

    title: Line
    skills: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    categories: Names = ()
    stricter: bool = False


class Gate(Strict):
    """One narrow check before the action (R-GATE-05)."""

    id: Name
    title: Line
    criterion: Text
    check: Literal["pass_fail", "evidence"]


class NearThreshold(Strict):
    """Items that nearly went to a person are looked at more often (R-SAMP-10)."""

    width: Share = 0.05
    rate: Share = 0.15


class Raised(Strict):
    """The rate while something has changed (R-SAMP-03)."""

    drift: Share = 0.2
    new_data: Share = 0.1
    policy_change: Share = 0.1


class Sampling(Strict):
    """Which share of what went through by itself a person looks at afterwards (R-SAMP-02, R-SAMP-05)."""

    rate: Share = 0.05
    raised: Raised = Raised()
    near_threshold: NearThreshold = NearThreshold()
    stricter_on_strong_drift: bool = True
    questions: Names = ()
    due_business_days: Annotated[int, Field(ge=1, le=60)] = 1


class Sla(Strict):
    """Minutes from opening. What is left out follows from `pattern`, then from `service_tier` (R-SLA-08, R-SLA-15)."""

    acknowledge_minutes: Minutes | None = None
    complete_minutes: Minutes | None = None
    synchronous_minutes: Minutes | None = None
    """In place of complete_minutes where the workflow waits (R-SLA-06)."""
    second_review_minutes: Minutes | None = None
    escalate_minutes: Minutes | None = None
    resolve_minutes: Minutes | None = None
    business_hours: bool | None = None
    same_business_day: bool | None = None
    """Due at the close of business at the latest (X-08)."""


class Override(Strict):
    """Who may overrule the model, with what, and which actions wait for verification (R-ROLE-10)."""

    roles: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    evidence_required: bool = False
    blocked_until_verified: Names = ()


class Bound(Strict):
    """Between which values operators move a number by themselves (X-16)."""

    min: Number
    max: Number


class Expectation(Strict):
    """What a test of the policy expects."""

    route: Route
    lane: Lane | None = None
    queue: Name | None = None
    reviewer_level: Annotated[int, Field(ge=1, le=3)] | None = None


class PolicyTest(Strict):
    """An item, and what must happen to it; run each time the policy is made ready (R-CAN-07)."""

    name: Line
    item: dict[str, Any]
    signals: Annotated[tuple[dict[str, str], ...], Field(max_length=20)] = ()
    """Marks of detectors: code and source."""
    expect: Expectation


class PolicyDocument(Strict):
    """How the items of one workflow are routed, who decides on them, and in what time.

    Fields left out come from `extends`. Lists of parts with an id (rules, risk_signals, gates) are joined by id; an
    empty list clears them. All other lists replace what is inherited. `workflow_id`, `title`, `description`, `owner`
    and `tests` are never inherited.
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
