"""The decision router: one item and its policy in, a route with its reasons out (R-ROUTE-08 … R-ROUTE-25, X-01 … X-03).

Pure: the same item, signals, policy version, pauses and sampling state give the same bytes (R-ROUTE-17).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from companion.core.policy.bands import bands, stratum_of
from companion.core.policy.case import Case
from companion.core.policy.gates import gates_at
from companion.core.policy.item import Item
from companion.core.policy.numbers import percent
from companion.core.policy.ready import CompiledPolicy
from companion.core.policy.sampling import NEAR, Sample, SamplingState, choose, identity_of
from companion.core.policy.signals import Signal
from companion.core.policy.stages import forced_review, hard_block, pre_escalation, stop_the_line
from companion.core.policy.trace import Reason, Stage
from companion.core.policy.vocabulary import DUAL_DOMAINS, RISK_TIERS, SECOND_SIGN_OFF, risk_tier

HUMAN: Final = frozenset({"asynchronous_human_review", "synchronous_human_review"})
AUTOMATIC: Final = frozenset({"auto_commit", "auto_reject"})
CONDITIONS: Final = ("threshold", "sensitive", "out_of_policy")
EVERY_TIME: Final = {"kind": "policy", "code": "asked_by_workflow", "text": "The workflow asks a person each time."}


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause that is on; without workflow and model version it holds everything (R-SAMP-04, X-31)."""

    id: str
    reason: str
    started_by: str
    workflow_id: str | None = None
    model_version: str | None = None

    def covers(self, item: Item) -> bool:
        """Whether the item is in its scope."""
        return self.workflow_id in (None, item.workflow_id) and self.model_version in (None, item.model_version)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What happens to an item, who is asked, and why."""

    route: str
    lane: str
    queue: str | None
    skills: tuple[str, ...]
    reviewer_level: int | None
    synchronous: bool
    approvals_needed: int
    risk_score: float | None
    risk_score_source: str
    risk_tier: str
    gates: tuple[Mapping[str, Any], ...]
    sla: Mapping[str, Any] | None
    sample: Sample | None
    signals: tuple[Signal, ...]
    trace: tuple[Stage, ...]
    paused: Pause | None
    why: tuple[Reason, ...]
    decider: tuple[str, str, str] | None
    policy_id: str
    policy_version: int

    @property
    def human(self) -> bool:
        """Whether a person is needed, to review or to start a stopped line again."""
        return self.route not in AUTOMATIC

    @property
    def flags(self) -> tuple[str, ...]:
        """The marks, each once."""
        return tuple(dict.fromkeys([signal.code for signal in self.signals]))

    @property
    def reasons(self) -> list[dict[str, str]]:
        """Why a person is asked: kind, code and text of each reason; the model's first, then rules, then context."""
        return [reason.document() for reason in sorted(self.why, key=lambda reason: reason.rank)]

    @property
    def conditions(self) -> tuple[str, ...]:
        """Which declared conditions asked for a person (R-ROUTE-35)."""
        found = {reason.condition for reason in self.why}
        return tuple(condition for condition in CONDITIONS if condition in found)

    @property
    def decided_by(self) -> dict[str, str] | None:
        """The signal that settled the route (R-ROUTE-16); None where nothing objected."""
        if self.decider is None:
            return None
        stage, code, source = self.decider
        return {"stage": stage, "code": code, "source": source}

    def document(self) -> dict[str, Any]:
        """As plain JSON; equal for equal input, byte for byte in canonical form."""
        return {
            "route": self.route,
            "lane": self.lane,
            "queue": self.queue,
            "skills": list(self.skills),
            "reviewer_level": self.reviewer_level,
            "synchronous": self.synchronous,
            "approvals_needed": self.approvals_needed,
            "risk_score": self.risk_score,
            "risk_score_source": self.risk_score_source,
            "risk_tier": self.risk_tier,
            "gates": [dict(gate) for gate in self.gates],
            "sla": None if self.sla is None else dict(self.sla),
            "sample": None if self.sample is None else self.sample.document(),
            "flags": list(self.flags),
            "reasons": self.reasons,
            "conditions": list(self.conditions),
            "decided_by": self.decided_by,
            "trace": [stage.document() for stage in self.trace],
            "policy": {"id": self.policy_id, "version": self.policy_version},
            "policy_version": self.policy_version,
            "paused": None if self.paused is None else {"id": self.paused.id, "reason": self.paused.reason},
        }


def evaluate(
    policy: CompiledPolicy,
    item: Item,
    signals: Iterable[Signal] = (),
    *,
    pauses: Iterable[Pause] = (),
    sampling: SamplingState = SamplingState(),  # noqa: B008 - frozen
    sampling_key: bytes,
) -> Evaluation:
    """Route one item. Never raises for anything that the item holds.

    `signals` are the detectors' marks; the item's own flags count as the workflow's. `pauses` are all that are on.
    """
    case = Case(policy, item, tuple(signals))
    stop_the_line(case)
    hard_block(case)
    forced_review(case)
    pre_escalation(case)
    bands(case, strong_drift=sampling.strong_drift)
    pause = next((pause for pause in pauses if pause.covers(item)), None)
    if pause is not None:
        _hold(case, pause)
    sample = _draw(case, sampling, sampling_key)
    route, person = case.route, case.route in HUMAN
    queue, tier = _queue(case), _risk_tier(case)
    return Evaluation(
        route=route,
        lane=_lane(case),
        queue=queue,
        skills=_skills(case, queue),
        reviewer_level=None if route in AUTOMATIC else case.level,
        synchronous=route in ("synchronous_human_review", "stop_the_line"),
        approvals_needed=2 if person and _two_people(case, tier) else 1,
        risk_score=case.risk,
        risk_score_source=case.risk_source,
        risk_tier=tier,
        gates=gates_at(policy.gates, queue) if person and policy.gates else (),
        sla=policy.slas.get(route),
        sample=sample,
        signals=case.marks,
        trace=tuple(case.trace),
        paused=pause,
        why=tuple(case.reasons),
        decider=case.decided_by,
        policy_id=policy.policy_id,
        policy_version=policy.version,
    )


def asked_reasons(evaluation: Evaluation) -> list[dict[str, str]]:
    """Why a person is asked who is asked in any case; never none."""
    return evaluation.reasons or [dict(EVERY_TIME)]


def _hold(case: Case, pause: Pause) -> None:
    """While a pause is on nothing goes through and nothing is turned down by itself (security row H6)."""
    words = f"{pause.started_by} paused this: {pause.reason}"
    outcome = "kept"
    if case.route in AUTOMATIC:
        outcome = "paused"
        # Set, not raised: a rejection without a person is stricter in the order of routes, and held back all the same.
        case.route = "synchronous_human_review"
        case.decided_by = ("pause", "paused", "context")
        case.reasons.append(Reason("policy", "paused", words, 2, "out_of_policy", "context"))
    case.trace.append(Stage("pause", outcome, case.route, words))


def _draw(case: Case, state: SamplingState, key: bytes) -> Sample | None:
    """Stage 6: a share of what goes through by itself is looked at afterwards; the route stays."""
    if case.route not in AUTOMATIC:
        words = "A person looks at it anyway."
        case.trace.append(Stage("sampling", "not_drawn", case.route, words))
        return None
    numbers = case.policy.numbers
    stratum = stratum_of(case)
    rate = max(numbers.rate, numbers.near_rate) if stratum == NEAR else numbers.rate
    for cause in state.raised_by:
        rate = max(rate, numbers.raised.get(cause, 0.0))
    sample = choose(identity_of(case.item), stratum, rate, key)
    if sample.chosen:
        words = f"A person looks at it afterwards, as at {percent(rate)} of such items."
    else:
        words = f"A person looks at {percent(rate)} of such items afterwards; this one is not among them."
    case.trace.append(Stage("sampling", "chosen" if sample.chosen else "not_chosen", case.route, words))
    return sample


def _lane(case: Case) -> str:
    if case.route in HUMAN:
        return "specialist_review" if case.specialist else "human_review"
    return {"auto_commit": "auto_approve", "auto_reject": "reject"}.get(case.route, "stop_the_line")


def _queue(case: Case) -> str | None:
    """Its place (R-ROUTE-34): by rule, stricter queue, mark, topic with skills, node, topic, lane, in this order."""
    policy, queues = case.policy, case.policy.queues
    for rule in case.fired:
        if rule.queue is not None and (rule.stage == "forced_review" or rule.stage == case.route):
            return rule.queue
    if not queues:
        return policy.queue_of_node
    topics = [topic for topic in (case.item.category, case.item.intent) if topic is not None]
    by_mark = [name for name, queue in queues.items() if any(code in queue["categories"] for code in case.codes)]
    by_topic = [name for name, queue in queues.items() if any(topic in queue["categories"] for topic in topics)]
    stricter = [name for name in (*by_mark, *by_topic) if queues[name]["stricter"]]
    # A node must not send past the trained what is theirs by its topic.
    trained = [name for name in by_topic if queues[name]["skills"]]
    chosen = next(iter((*stricter, *by_mark, *trained)), None) or policy.queue_of_node or next(iter(by_topic), None)
    if chosen is not None:
        return chosen
    lane = _lane(case)
    return lane if lane in queues else None


def _skills(case: Case, queue: str | None) -> tuple[str, ...]:
    """What a reviewer of the queue must be trained for; nobody reviews what went through by itself."""
    if queue is None or queue not in case.policy.queues or case.route in AUTOMATIC:
        return ()
    return tuple(case.policy.queues[queue]["skills"])


def _two_people(case: Case, tier: str) -> bool:
    """Dual review by the workflow's pattern, by what it decides about, or by the weight of this one case.

    Of the six domains every decision of high risk has two people (R-GATE-13, X-24); the mark of high impact adds the
    second one whatever the domain (R-GATE-16).
    """
    effective = case.policy.effective
    if effective["pattern"] == "dual_review" or SECOND_SIGN_OFF in case.codes:
        return True
    high = RISK_TIERS.index(tier) >= RISK_TIERS.index("high")
    return high and not DUAL_DOMAINS.isdisjoint((effective["domain"], case.item.domain))


def _risk_tier(case: Case) -> str:
    """The higher of what the item and the policy say, else by score; nothing said is medium, not low."""
    stated = [tier for tier in (case.item.risk_tier, case.policy.effective["risk_tier"]) if tier is not None]
    if stated:
        return max(stated, key=RISK_TIERS.index)
    return risk_tier(None, case.risk)
