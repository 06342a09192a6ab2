"""A policy that can be asked. `compiled.compile_policy` makes it; nothing else does."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final, Literal

from companion.core.policy.checks import crossing_numbers
from companion.core.policy.document import UnusablePolicy, check_shape
from companion.core.policy.expressions import Expression, Plan
from companion.core.policy.impact import Impact
from companion.core.policy.numbers import Numbers
from companion.core.terms import Terms

Group = Literal["stop_the_line", "hard_block", "specialist_review", "human_review"]
GROUPS: Final[tuple[Group, ...]] = ("stop_the_line", "hard_block", "specialist_review", "human_review")
"""Where a mark can lead, the strictest first."""


@dataclass(frozen=True, slots=True)
class ReadyRule:
    """A rule of the business with its compiled condition."""

    id: str
    stage: str
    condition: Expression
    words: str
    source: str
    lane: str | None
    queue: str | None
    reviewer_level: int | None
    synchronous: bool
    repeats: bool
    """It looks at marks or at the score: what it says was said already, so it is no second opinion (R-ROUTE-33)."""


@dataclass(frozen=True, slots=True)
class ReadyRiskSignal:
    """What adds to a missing risk score: a mark's name, or a condition."""

    id: str
    flag: str | None
    condition: Expression | None
    weight: float


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """The rules of one workflow, ready to be asked; never changed, shared between threads."""

    policy_id: str
    version: int
    document: Mapping[str, Any]
    """As it was sent."""
    effective: Mapping[str, Any]
    """With everything that it inherits and everything that follows from its rows."""
    inherits: str | None
    numbers: Numbers
    groups: Mapping[str, Group]
    """Mark -> the strictest group that names it."""
    waits_for: frozenset[str]
    """Marks that make the workflow wait."""
    rules: tuple[ReadyRule, ...]
    risk_signals: tuple[ReadyRiskSignal, ...]
    names: frozenset[str]
    """What the rules and risk signals ask about."""
    reads: frozenset[str]
    """Paths of the payload that they read."""
    plan: Plan
    scope: Mapping[str, frozenset[str]]
    blocked_actions: frozenset[str]
    queues: Mapping[str, Mapping[str, Any]]
    gates: tuple[Mapping[str, Any], ...]
    terms_by_queue: Mapping[str | None, Terms]
    """What a case of each queue is decided under; None for a queue that the policy does not know."""
    impact: Impact | None
    """The policy's own formula for what a wrong answer may cost."""
    slas: Mapping[str, Mapping[str, Any]]
    """Route -> its minutes."""
    test_result: Mapping[str, Any]
    queue_of_node: str | None = None
    """The queue that a node's settings name; it goes before the policy's choice by category."""

    @property
    def terms(self) -> Terms:
        """The terms of a case that stands in no queue of the policy."""
        return self.terms_by_queue[None]

    def terms_in(self, queue: str | None) -> Terms:
        """The terms of a case in a queue."""
        return self.terms_by_queue.get(queue) or self.terms

    def with_settings(
        self,
        *,
        thresholds: Mapping[str, float] | None = None,
        sampling_rate: float | None = None,
        sla_minutes: int | None = None,
        queue: str | None = None,
    ) -> "CompiledPolicy":
        """The same rules with the numbers of a node's settings in place of the stored ones. Raises UnusablePolicy.

        A single confidence gate takes the number below which a person is asked; marks and rules stay. Whether the
        numbers may be so is not asked here.
        """
        effective = deepcopy(dict(self.effective))
        if thresholds:
            effective["thresholds"] = {**effective["thresholds"], **thresholds}
            if effective["confidence_gate"] is not None and "review_below_confidence" in thresholds:
                effective["confidence_gate"] = thresholds["review_below_confidence"]
        if sampling_rate is not None:
            effective["sampling"]["rate"] = sampling_rate
        if sla_minutes is not None:
            effective["sla"]["complete_minutes"] = sla_minutes
            effective["sla"]["synchronous_minutes"] = min(sla_minutes, effective["sla"]["synchronous_minutes"])
        shown = {name: effective[name] for name in ("thresholds", "sampling", "sla")}
        check_shape({"schema_version": 1, "workflow_id": self.policy_id, **shown})
        if problems := crossing_numbers(effective):
            raise UnusablePolicy(problems)
        return replace(
            self,
            effective=MappingProxyType(effective),
            numbers=Numbers.of(effective),
            slas=slas_of(effective),
            queue_of_node=queue if queue is not None else self.queue_of_node,
        )


def slas_of(effective: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Route -> acknowledge, complete and escalate in minutes (R-SLA-05, R-SLA-06, R-SLA-08)."""
    sla = effective["sla"]
    common = {
        "acknowledge_minutes": sla["acknowledge_minutes"],
        "complete_minutes": sla["complete_minutes"],
        "escalate_minutes": sla["escalate_minutes"],
        "business_hours": sla["business_hours"],
        "same_business_day": sla["same_business_day"],
        "second_review_minutes": sla["second_review_minutes"],
    }
    quick = {"business_hours": False, "same_business_day": False}
    waits: dict[str, Any] = {**common, "complete_minutes": sla["synchronous_minutes"]}
    if sla["second_review_minutes"] is None:
        # The workflow stands still: half an hour is half an hour of the wall clock (X-34 leaves dual reviews theirs).
        waits |= quick
    else:
        waits["complete_minutes"] = sla["complete_minutes"]
    stopped = {**common, **quick, "complete_minutes": sla["resolve_minutes"], "second_review_minutes": None}
    return MappingProxyType(
        {
            "asynchronous_human_review": common,
            "synchronous_human_review": waits,
            "stop_the_line": stopped,
        }
    )
