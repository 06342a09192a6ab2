"""What policy says of an item: marks found in it, the rules of its workflow, the pauses that hold now.

Routing and opening both come through here, so that one item is never judged by two readings of the rules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from companion.adapters.detection import Detecting
from companion.core.decide import Refused
from companion.core.handoff import Handoff
from companion.core.opening import Due, Guidance
from companion.core.policy.change import changes, verdict
from companion.core.policy.document import PolicyProblem, UnusablePolicy
from companion.core.policy.evaluate import Evaluation, asked_reasons, evaluate
from companion.core.policy.evaluate import Pause as PauseInForce
from companion.core.policy.facts import Facts, keep
from companion.core.policy.impact import impact_of
from companion.core.policy.item import Item
from companion.core.policy.ready import CompiledPolicy
from companion.core.policy.sampling import SamplingState
from companion.core.policy.signals import Signal
from companion.core.policy.vocabulary import RISK_TIERS, risk_tier
from companion.service.standing import UNREADABLE, InForce, Standing, unreadable
from companion.store.pauses import PauseBook
from companion.store.plan import Plan
from companion.store.policies import PolicyStore
from companion.store.records import dumps

SETTINGS_KEPT: Final = 200
ENDING: Final = frozenset({"auto_reject", "stop_the_line"})
"""Routes under which nobody is asked: the case is ended as it is opened."""
SHOWN: Final = (
    "route", "lane", "queue", "reviewer_level", "synchronous", "risk_score", "risk_score_source", "flags", "trace",
    "sla", "gates", "policy", "policy_version",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settings:
    """Numbers that a node sets in place of the stored policy's; the policy's marks and rules stay."""

    thresholds: tuple[tuple[str, float], ...] = ()
    sampling_rate: float | None = None
    sla_minutes: int | None = None
    queue: str | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """One item with everything that was found about it."""

    fields: Mapping[str, Any]
    item: Item
    signals: tuple[Signal, ...]
    policy: CompiledPolicy
    sampling: SamplingState
    evaluation: Evaluation
    readable: bool
    """False where the policy in force cannot be read: a person is asked by what stands in, and nothing else follows."""


class Judge:
    """Judges items under the policies and pauses that hold at that moment."""

    def __init__(self, store: PolicyStore, policies: InForce, detector: Detecting, sampling_key: bytes) -> None:
        self._store = store
        self._policies = policies
        self._detector = detector
        self._sampling_key = sampling_key
        self._adjusted: dict[tuple[str, int, Settings], CompiledPolicy] = {}

    def judge(
        self, cases: Sequence[Mapping[str, Any]], now_ms: int, *, settings: Settings | None = None
    ) -> list[Judged]:
        """Judge items; policies and pauses are read once for all of them.

        Raises UnusablePolicy for `settings` that contradict the policy.
        """
        standing, book = self._read(cases, now_ms)
        return [self._one(fields, standing[fields["workflow_id"]], settings, book) for fields in cases]

    def judge_asked(self, cases: Sequence[Mapping[str, Any]], now_ms: int) -> list[Judged] | Refused:
        """Judge cases that a person decides, pause or not; a hard rule still ends one (X-31).

        Refused where a policy cannot be read: by what stands in for it a case would be shown, sorted or edited as the
        policy forbids. A person being asked is no safe way out here: they are asked in any case.
        """
        standing, _ = self._read(cases, now_ms)
        for name, found in standing.items():
            if not found.readable:
                return unreadable(name)
        return [self._one(fields, standing[fields["workflow_id"]], None, PauseBook()) for fields in cases]

    def _read(self, cases: Sequence[Mapping[str, Any]], now_ms: int) -> tuple[dict[str, Standing], PauseBook]:
        workflows = list(dict.fromkeys(fields["workflow_id"] for fields in cases))
        states, book = self._store.states_and_pauses(workflows)
        return self._policies.standing(states, now_ms), book

    def then_and_now(self, workflow_id: str, version: int) -> tuple[CompiledPolicy, CompiledPolicy] | Refused:
        """The policy that a case of the workflow was judged under, and the one in force."""
        return self._policies.then_and_now(workflow_id, version)

    def policy_in_force(self, handoff: Handoff) -> str | None:
        """`id@version` of the workflow's policy now, where a check of the case asks for it; else nobody reads it.

        None as well where this Handoff cannot read that policy: the check fails then (R-GATE-11).
        """
        if not any(item.check == "policy_version" for gate in handoff.terms.gates for item in gate.items):
            return None
        return self._policies.standing_now(handoff.workflow_id).name

    def _one(
        self,
        fields: Mapping[str, Any],
        standing: Standing,
        settings: Settings | None,
        book: PauseBook,
    ) -> Judged:
        # Nothing goes through while the policy cannot be read, whatever a node's numbers are.
        set_by_node = settings if standing.readable else None
        policy = standing.policy if set_by_node is None else self._with(standing.policy, set_by_node)
        item = Item.from_fields(fields)
        found_signals = _detected(
            self._detector,
            fields,
            prohibited_terms=policy.effective["prohibited_terms"],
            stale_sources=[source["name"] for source in fields.get("sources") or () if source.get("stale")],
        )
        # What cannot be read must not let anything through.
        signals = (*found_signals, *(() if standing.readable else (UNREADABLE,)))
        pause = book.covering(item.workflow_id, item.model_version, decided=False)
        evaluation = evaluate(
            policy,
            item,
            signals,
            # Whether a pause covers an item is asked in one place, for callbacks and items alike.
            pauses=() if pause is None else (PauseInForce(pause.id, pause.reason, pause.by_name),),
            sampling=standing.sampling,
            sampling_key=self._sampling_key,
        )
        return Judged(fields, item, signals, policy, standing.sampling, evaluation, standing.readable)

    def _with(self, policy: CompiledPolicy, settings: Settings) -> CompiledPolicy:
        key = (policy.policy_id, policy.version, settings)
        made = self._adjusted.get(key)
        if made is None:
            if len(self._adjusted) >= SETTINGS_KEPT:
                self._adjusted.clear()
            made = self._adjusted[key] = _adjusted(policy, settings)
        return made

    def facts(self, identifier: str, judged: Judged, now_ms: int) -> str:
        """What is kept of a case for simulations and for replaying it: of the payload only what the rules read."""
        if judged.policy.reads or "title" in judged.policy.names:
            item, kept = keep(judged.policy, judged.item)
            return dumps(Facts(identifier, item, judged.signals, now_ms, None, None, kept).record())
        # Most policies read none of the payload; then there is no need to take an item apart.
        facts = Facts(identifier, judged.item, judged.signals, now_ms, None, None, ()).record()
        for name in ("request", "model_output", "title"):
            facts["item"].pop(name, None)
        return dumps(facts)

    def add_fact(self, plan: Plan, workflow_id: str, facts: str, now_ms: int, review: str | None = None) -> None:
        """Put the facts of a case into a plan. `review` is the handoff whose outcome says whether all was well."""
        self._store.add_fact(plan, workflow_id, f'{{"at_ms":{now_ms},"review":{dumps(review)},"fact":{facts}}}')

    def keep_facts(self, plan: Plan, judged: Sequence[Judged]) -> None:
        """Set when the facts of these workflows end; once for each plan that adds some."""
        for workflow_id in dict.fromkeys(one.item.workflow_id for one in judged):
            self._store.keep_facts(plan, workflow_id)


def _detected(
    detector: Detecting, fields: Mapping[str, Any], prohibited_terms: Sequence[str], stale_sources: Sequence[str]
) -> Sequence[Signal]:
    """The marks of an item, in the payload and in whatever else a reviewer is shown of it."""
    beside = {
        "title": fields.get("title"),
        "rationale": fields.get("rationale"),
        "evidence": [{name: one.get(name) for name in ("title", "text")} for one in fields.get("evidence") or ()],
        "features": [{"value": one.get("value")} for one in fields.get("features") or ()],
        "counterfactuals": fields.get("counterfactuals"),
    }
    beside = {name: value for name, value in beside.items() if value}
    request = {"request": fields["request"], **beside} if beside else fields["request"]
    found = detector.detect(
        request, fields["model_output"], prohibited_terms=prohibited_terms, stale_sources=stale_sources
    )
    if not beside:
        return found
    # They were handed over as members of the request; in the item they stand beside it.
    return [
        replace(signal, where=signal.where.removeprefix("/request")) if signal.where.startswith("/request/") else signal
        for signal in found
    ]


def _adjusted(policy: CompiledPolicy, settings: Settings) -> CompiledPolicy:
    """The policy with a node's numbers. Raises UnusablePolicy where they loosen what only governance may (X-16)."""
    if settings.queue is not None and policy.queues and settings.queue not in policy.queues:
        # Nobody would be asked for the training that the policy's queues ask for.
        sentence = f"There is no queue “{settings.queue}” in this policy. It has {', '.join(sorted(policy.queues))}."
        raise UnusablePolicy([PolicyProblem("/queue", sentence)])
    made = policy.with_settings(
        thresholds=dict(settings.thresholds) or None,
        sampling_rate=settings.sampling_rate,
        sla_minutes=settings.sla_minutes,
        queue=settings.queue,
    )
    before = policy.effective
    found = verdict(before, made.effective, before["bounds"], before["risk_tier"] or "low")
    if found.reasons and any(change.loosens for change in changes(before, made.effective)):
        # A number in a node must not go where the same number on the policy page waits for governance.
        advice = "Change the setting, or save it as a policy of this workflow, where governance can approve it."
        raise UnusablePolicy([PolicyProblem("", f"{reason} {advice}") for reason in found.reasons])
    return made


def guidance(judged: Judged) -> Guidance:
    """How a case is asked about, by what its policy says. Opening always asks: it commits nothing by itself."""
    evaluation, effective, policy = judged.evaluation, judged.policy.effective, judged.policy
    document = evaluation.document()
    shown = {name: document.get(name) for name in SHOWN}
    route, lane = evaluation.route, evaluation.lane
    if route == "auto_commit":
        # The workflow asks all the same: the policy alone would not have.
        shown["policy_route"], route, lane = route, "asynchronous_human_review", "human_review"
        shown |= {"route": route, "lane": lane}
    gate = effective["confidence_gate"]
    ask_below = effective["thresholds"]["review_below_confidence"] if gate is None else gate
    stated = risk_tier(judged.item.risk_tier, judged.item.risk_score)
    tier = max(stated, evaluation.risk_tier or stated, key=RISK_TIERS.index)
    return Guidance(
        policy_id=policy.policy_id,
        policy_version=policy.version,
        ask_below_confidence=ask_below,
        expires_in_s=effective["expires_in_s"],
        safe_verdict=effective["safe_verdict"],
        terms=policy.terms_in(evaluation.queue),
        route=route,
        lane=lane,
        queue=evaluation.queue,
        skills=tuple(evaluation.skills),
        reviewer_level=evaluation.reviewer_level or 1,
        risk_tier=tier,
        flags=tuple(evaluation.flags),
        conditions=tuple(evaluation.conditions),
        approvals_needed=evaluation.approvals_needed,
        instructions=tuple(effective["instructions"]),
        stop=deciding_words(evaluation) if evaluation.route in ENDING else None,
        reasons=tuple(asked_reasons(evaluation)),
        shown=shown,
        triage=effective["triage"] == "required",
        service_tier=effective["service_tier"],
        # A risk that is computed from no mark at all is none that was given: by it nothing would weigh anything.
        impact_score=impact_of(
            policy.impact, judged.item, evaluation.flags, evaluation.risk_score or judged.item.risk_score, tier
        ),
        due=Due.of(policy.slas.get(route), evaluation.approvals_needed),
        evidence_needed=effective["evidence_at_opening"],
        features_needed=effective["features_required"],
    )


def deciding_words(evaluation: Evaluation) -> str:
    """Why an item took its route, as a sentence: that of the stage that settled it, or of the last that let it pass."""
    stages = [stage for stage in evaluation.trace if stage.stage != "sampling"]
    settled = (stage for stage in stages if stage.route == evaluation.route and stage.outcome != "clear")
    return next(settled, stages[-1]).words
