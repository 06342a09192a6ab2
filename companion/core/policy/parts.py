"""The parts of a policy document and the kinds of its values; `document` joins them."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

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
Act = Literal["approve", "reject", "modify", "escalate", "ask", "annotate", "roll_back", "claim"]
Assurance = Literal["link", "signed_in", "step_up"]
Role = Literal[
    "triager", "verifier", "approver", "auditor", "on_call", "owner", "operator", "governance", "compliance", "sre"
]
Roles = Annotated[tuple[Role, ...], Field(max_length=20)]
Raise = Literal["drift", "new_data", "policy_change"]

PLACE: Final = (
    r"^/(request|model_output|attachments|"
    r"metadata/(rationale|evidence|features|sources|counterfactuals|impact|urgency|harms))(/([^~/]|~0|~1)+)*$"
)
"""What can be hidden of a package: the payload, its files, and what the workflow wrote beside it."""


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


class GateItem(Strict):
    """One thing to check, with a criterion that two people would judge alike (R-GATE-05)."""

    id: Name
    title: Line
    criterion: Text
    check: Literal["pass_fail", "evidence", "policy_version"]
    not_applicable: bool = False


class Gate(Strict):
    """A checklist before the action: `items`, a set that comes with Handoff (`use`), or one `criterion` (R-GATE-06)."""

    id: Name
    title: Line
    criterion: Text | None = None
    check: Literal["pass_fail", "evidence"] | None = None
    items: Annotated[tuple[GateItem, ...], Field(max_length=20)] = ()
    use: Literal["verification_checks", "verification_checklist"] | None = None
    review: Annotated[int, Field(ge=1, le=2)] = 1
    queues: Annotated[tuple[Name, ...], Field(max_length=100)] = ()
    roles: Roles = ()
    on_failure: Literal["escalate", "triage"] = "escalate"


class SecondReview(Strict):
    """The second of two people (R-GATE-12)."""

    blind: bool = True


class Level(Strict):
    """One step of the ladder: who reviews there, who stands in, and in what time (R-ROLE-03, R-ROLE-05)."""

    level: Annotated[int, Field(ge=1, le=4)]
    title: Line
    role: Line
    responsible: Line | None = None
    backup: Line
    respond_within_minutes: Minutes
    queue: Name | None = None
    skills: Annotated[tuple[Code, ...], Field(max_length=20)] = ()


class Target(Strict):
    """Somewhere beside the ladder that a case can be escalated to, such as legal (R-ROLE-19)."""

    title: Line
    level: Annotated[int, Field(ge=1, le=4)]
    queue: Name | None = None
    skills: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    backup: Line | None = None
    respond_within_minutes: Minutes | None = None


class Redaction(Strict):
    """A place in the package that only some roles see (R-CTX-18, R-SEC-05)."""

    path: Annotated[str, StringConstraints(pattern=PLACE, max_length=300)]
    label: Line
    visible_to: Roles = ()


class ConfidenceBands(Strict):
    """The colours of the confidence badge (R-SUP-02); below yellow it is red."""

    green_from: Share = 0.85
    yellow_from: Share = 0.6


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
