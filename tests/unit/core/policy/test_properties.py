"""What holds of every item and every policy, not only of those that somebody thought of."""

import itertools
import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.core.canonical import canonical_bytes
from companion.core.policy.compiled import compile_policy
from companion.core.policy.evaluate import CONDITIONS, evaluate
from companion.core.policy.item import Item
from companion.core.policy.presets import PRESETS, compiled_preset
from companion.core.policy.sampling import SamplingState
from companion.core.policy.signals import Signal
from companion.core.policy.trace import STAGES
from companion.core.policy.vocabulary import LANES, STRICTNESS
from tests.unit.core.policy.kit import DEFAULT, FIELDS, ITEMS, KEY, SHARES, SIGNALS, STATES, UNHURRIED, document, rule

POLICIES = [compiled_preset(name) for name in PRESETS]
ANY_POLICY = st.sampled_from(POLICIES)


def stricter_or_same(after: str, before: str) -> bool:
    return STRICTNESS[after] >= STRICTNESS[before]


@pytest.mark.req("R-ROUTE-17")
@given(ANY_POLICY, FIELDS, SIGNALS, STATES)
@settings(UNHURRIED)
def test_the_same_input_gives_the_same_bytes(
    policy: Any, fields: dict[str, Any], signals: list[Signal], state: SamplingState
) -> None:
    """Twice read and twice evaluated, from the record as well: one document, and it is canonical JSON."""
    item = Item.from_fields({"workflow_id": "w", **fields})
    again = Item.from_record(json.loads(json.dumps(Item.from_fields({"workflow_id": "w", **fields}).record())))
    first = evaluate(policy, item, signals, sampling=state, sampling_key=KEY).document()
    assert canonical_bytes(first) == canonical_bytes(
        evaluate(
            policy, again, [Signal.from_record(s.record()) for s in signals], sampling=state, sampling_key=KEY
        ).document()
    )


@pytest.mark.req("R-ROUTE-16", "R-ROUTE-17", "X-03")
@given(ANY_POLICY, ITEMS, SIGNALS, STATES)
@settings(UNHURRIED)
def test_every_trace_names_the_six_stages_and_only_goes_up(
    policy: Any, item: Item, signals: list[Signal], state: SamplingState
) -> None:
    """In their order, each with a sentence; a later stage is never looser than an earlier one."""
    evaluation = evaluate(policy, item, signals, sampling=state, sampling_key=KEY)
    assert tuple(stage.stage for stage in evaluation.trace) == STAGES
    routes = [stage.route for stage in evaluation.trace]
    assert all(stricter_or_same(after, before) for before, after in itertools.pairwise(routes))
    assert routes[-1] == evaluation.route
    assert all(stage.words.strip() for stage in evaluation.trace)
    assert evaluation.lane in LANES[evaluation.route]
    if evaluation.human:
        assert evaluation.reasons
        assert set(evaluation.conditions) <= set(CONDITIONS)
        assert evaluation.conditions
        assert evaluation.decided_by is not None
        assert evaluation.sla is not None
    else:
        assert evaluation.sample is not None
        assert (evaluation.sla, evaluation.reviewer_level) == (None, None)


@pytest.mark.req("R-ROUTE-19", "R-ROUTE-23", "R-ROUTE-24", "X-22", "R7")
@given(ANY_POLICY, ITEMS, SIGNALS)
@settings(UNHURRIED)
def test_nothing_goes_through_on_confidence_alone(policy: Any, item: Item, signals: list[Signal]) -> None:
    """What goes through has no mark, no fault, no error, can be undone, and is within every number."""
    evaluation = evaluate(policy, item, signals, sampling_key=KEY)
    if evaluation.route != "auto_commit":
        return
    assert not item.faults
    assert item.model_error == "none"
    assert not item.flags
    assert not signals
    assert item.reversible is True or policy.effective["reversible"] is True
    assert item.confidence is not None or policy.numbers.bands is not None
    assert evaluation.risk_score is not None
    assert item.risk_tier in (None, "low")


@pytest.mark.req("R-ROUTE-01")
@given(ANY_POLICY, ITEMS, SIGNALS)
@settings(UNHURRIED)
def test_no_words_come_from_the_engine(policy: Any, item: Item, signals: list[Signal]) -> None:
    """What a person reads is a sentence: no name of a field, no expression, no exception."""
    evaluation = evaluate(policy, item, signals, sampling_key=KEY)
    for words in [stage.words for stage in evaluation.trace] + [reason["text"] for reason in evaluation.reasons]:
        assert words[-1] in ".”"
        assert words[0].isupper() or words[0] == "“"
        ours = re.sub("“[^”]*”", "", words)
        assert not re.search(r"_|==|&&|\bNone\b|Error|\bnan\b", ours)


THRESHOLDS = st.tuples(SHARES, SHARES, SHARES, SHARES).map(
    lambda four: {
        "synchronous_below_confidence": min(four[0], four[1]),
        "review_below_confidence": max(four[0], four[1]),
        "review_above_risk": min(four[2], four[3], 0.99),
        "synchronous_from_risk": max(four[2], four[3]),
    }
)
PLAIN = st.builds(
    lambda confidence, risk: Item("w", item_id="1", confidence=confidence, risk_score=risk, reversible=True),
    SHARES,
    SHARES,
)


@pytest.mark.req("R-ROUTE-08")
@given(THRESHOLDS, THRESHOLDS, PLAIN)
@settings(UNHURRIED, max_examples=300)
def test_tightening_a_threshold_never_loosens_a_route(
    one: dict[str, float], other: dict[str, float], item: Item
) -> None:
    """Of two sets of numbers the tighter in each gives a route at least as strict as either."""
    tight = {name: (max if name.endswith("confidence") else min)(one[name], other[name]) for name in one}
    strict = evaluate(DEFAULT.with_settings(thresholds=tight), item, sampling_key=KEY).route
    for numbers in (one, other):
        loose = evaluate(DEFAULT.with_settings(thresholds=numbers), item, sampling_key=KEY).route
        assert stricter_or_same(strict, loose)


BANDS = st.tuples(SHARES, SHARES, SHARES).map(
    lambda three: dict(zip(("review_from", "synchronous_from", "block_above"), sorted(three), strict=True))
)


@pytest.mark.req("R-ROUTE-30")
@given(BANDS, BANDS, SHARES)
@settings(UNHURRIED, max_examples=60)
def test_tightening_a_band_never_loosens_a_route(one: dict[str, float], other: dict[str, float], score: float) -> None:
    """The same for the bands on the score."""
    item = Item("w", item_id="1", risk_score=score, reversible=True)

    def route(bands: dict[str, float]) -> str:
        banded = compile_policy(document(extends="default", score_bands=bands), 1)
        return evaluate(banded, item, sampling_key=KEY).route

    strict = route({name: min(one[name], other[name]) for name in one})
    assert stricter_or_same(strict, route(one))
    assert stricter_or_same(strict, route(other))


@pytest.mark.req("R-ROUTE-07")
@given(SHARES, SHARES, PLAIN)
@settings(UNHURRIED, max_examples=60)
def test_raising_the_gate_never_loosens_a_route(one: float, other: float, item: Item) -> None:
    """The same for the single gate."""

    def route(gate: float) -> str:
        return evaluate(compile_policy(document(confidence_gate=gate), 1), item, sampling_key=KEY).route

    assert stricter_or_same(route(max(one, other)), route(min(one, other)))


@pytest.mark.req("X-03", "X-22")
@given(ANY_POLICY, FIELDS, SIGNALS, st.sampled_from(["pii", "legal_commitment", "data_exposure", "of_our_own"]))
@settings(UNHURRIED)
def test_a_further_mark_never_loosens_a_route(
    policy: Any, fields: dict[str, Any], signals: list[Signal], mark: str
) -> None:
    """More that speaks against an item cannot help it."""
    item = Item.from_fields({"workflow_id": "w", **fields})
    before = evaluate(policy, item, signals, sampling_key=KEY).route
    after = evaluate(policy, item, [*signals, Signal(mark, "detector:new")], sampling_key=KEY).route
    assert stricter_or_same(after, before)


@pytest.mark.req("R-SAMP-04")
@given(ANY_POLICY, ITEMS, STATES)
@settings(UNHURRIED)
def test_sampling_changes_no_route_and_drift_only_tightens(policy: Any, item: Item, state: SamplingState) -> None:
    """Without strong drift the state of sampling leaves every route as it is; with it, none is looser."""
    calm = evaluate(policy, item, sampling_key=KEY)
    other = evaluate(policy, item, sampling=state, sampling_key=b"another key")
    assert stricter_or_same(other.route, calm.route)
    if not state.strong_drift:
        assert other.route == calm.route


@pytest.mark.req("R-ROUTE-17")
def test_ten_thousand_items_replay_to_the_same_bytes() -> None:
    """Every preset over a field of items, routed and routed again from the record as it would be stored."""
    ruled = compile_policy(document(rules=[rule("has(request.amount) && request.amount > 500")]), 1)
    policies = [*POLICIES, ruled]
    shares = [index / 16 for index in range(17)]
    count = 0
    for number in range(10_000):
        policy = policies[number % len(policies)]
        item = Item.from_fields(
            {
                "workflow_id": "w", "item_id": str(number), "confidence": shares[number * 7 % 17],
                "risk_score": None if number % 5 == 0 else shares[number * 11 % 17], "reversible": number % 3 != 0,
                "flags": [["pii"], ["fraud_indicator", "pricing"], []][number // 7 % 3],
                "category": ["identity", "refund", "billing"][number % 3], "request": {"amount": number % 1000},
            }
        )  # fmt: skip
        first = canonical_bytes(evaluate(policy, item, sampling_key=KEY).document())
        stored = json.loads(json.dumps(item.record()))
        again = canonical_bytes(evaluate(policy, Item.from_record(stored), sampling_key=KEY).document())
        count += first == again
    assert count == 10_000
