"""Which of the items that went through by themselves a person looks at afterwards."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.core.policy.compiled import CompiledPolicy
from companion.core.policy.evaluate import evaluate
from companion.core.policy.presets import compiled_preset
from companion.core.policy.sampling import Candidate, Sample, SamplingState, choose, identity_of, select
from tests.unit.core.policy.kit import DEFAULT, KEY, UNHURRIED, item, policy, routed, stage

MANY = 10_000
CALM = SamplingState()


def picked(under: CompiledPolicy = DEFAULT, state: SamplingState = CALM, **fields: object) -> set[int]:
    """The numbers of the items that are picked, of ten thousand."""
    drawn = (
        (number, evaluate(under, item(item_id=str(number), **fields), sampling=state, sampling_key=KEY).sample)
        for number in range(MANY)
    )
    return {number for number, sample in drawn if sample is not None and sample.chosen}


@pytest.mark.req("R-SAMP-01", "R-SAMP-02")
def test_one_in_twenty_is_picked_and_always_the_same_ones() -> None:
    """Five percent within four standard deviations over ten thousand items; a second run picks the very same."""
    first = picked()
    assert abs(len(first) - 0.05 * MANY) < 4 * (MANY * 0.05 * 0.95) ** 0.5
    assert picked() == first
    assert evaluate(DEFAULT, item(), sampling_key=KEY).sample == Sample(False, 0.05, "routine")


@pytest.mark.req("R-SAMP-03")
@pytest.mark.parametrize(("cause", "share"), [("drift", 0.2), ("new_data", 0.1), ("policy_change", 0.1)])
def test_each_of_three_changes_raises_the_rate(cause: str, share: float) -> None:
    """More are picked, and everything that was picked before still is."""
    raised = picked(state=SamplingState(frozenset({cause})))
    assert abs(len(raised) - share * MANY) < 4 * (MANY * share * (1 - share)) ** 0.5
    assert picked() < raised
    shown = stage(routed(state=SamplingState(frozenset({cause}))), "sampling")
    assert f"{share * 100:g}\u00a0%" in shown["words"]


def test_of_several_changes_the_highest_rate_counts() -> None:
    """And a cause that the policy does not know raises nothing."""
    both = SamplingState(frozenset({"new_data", "drift"}))
    sample = routed(state=both).sample
    assert sample is not None
    assert sample.inclusion_probability == 0.2
    assert routed(state=SamplingState(frozenset({"moon"}))).sample == routed().sample


@pytest.mark.req("R-SAMP-10")
@pytest.mark.parametrize(
    ("fields", "stratum", "rate"),
    [
        ({}, "routine", 0.05), ({"category": "billing"}, "category:billing", 0.05),
        ({"confidence": 0.9}, "near_threshold", 0.15), ({"confidence": 0.901}, "routine", 0.05),
        ({"confidence": 0.85}, "near_threshold", 0.15), ({"risk_score": 0.55}, "near_threshold", 0.15),
        ({"risk_score": 0.549}, "routine", 0.05), ({"risk_score": 0.6, "category": "x"}, "near_threshold", 0.15),
    ],
)  # fmt: skip
def test_what_nearly_went_to_a_person_is_picked_more_often(
    fields: dict[str, object], stratum: str, rate: float
) -> None:
    """Near a threshold by five hundredths, both ends included; else by category. The probability is kept."""
    sample = routed(**fields).sample
    assert sample is not None
    assert (sample.stratum, sample.inclusion_probability) == (stratum, rate)
    assert sample.document() == {"chosen": sample.chosen, "inclusion_probability": rate, "stratum": stratum}


@pytest.mark.req("R-SAMP-10")
def test_every_category_is_in_the_sample_by_its_share() -> None:
    """The lot does not depend on the category, so none is left out."""
    assert picked(category="billing") == picked(category="access") == picked()


@pytest.mark.req("X-36")
def test_what_is_blocked_without_a_person_is_sampled_too() -> None:
    """Near the edge more often; what a person looks at anyway is not drawn."""
    fraud = compiled_preset("fraud")
    assert routed(fraud, risk_score=0.96).sample == Sample(False, 0.15, "near_threshold")
    assert routed(fraud, risk_score=0.8).sample is None
    assert stage(routed(flags=["pii"]), "sampling")["outcome"] == "not_drawn"


@pytest.mark.req("R-SAMP-01")
def test_hard_constraints_come_before_the_sample() -> None:
    """An item that fails one is not approved by itself, picked or not."""
    everything = policy(sampling={"rate": 1.0})
    assert routed(everything).sample == Sample(True, 1.0, "routine")
    assert routed(everything, flags=["pii"]).sample is None


@pytest.mark.req("R-SAMP-05")
def test_the_sampled_item_has_two_questions_and_a_day() -> None:
    """Accuracy and policy compliance, within one business day."""
    sampling = DEFAULT.effective["sampling"]
    assert sampling["due_business_days"] == 1
    assert sampling["questions"] == ["Was the answer right?", "Did it keep to policy?"]


def test_the_lot_is_secret_and_of_the_item() -> None:
    """Another key picks others; an item without any id is known by its content."""
    ids = [str(number).encode() for number in range(2_000)]
    ours, theirs = ([choose(id_, "routine", 0.5, key).chosen for id_ in ids] for key in (KEY, b"another"))
    assert 0.4 < sum(a == b for a, b in zip(ours, theirs, strict=True)) / len(ids) < 0.6
    assert identity_of(item(item_id=None, request={"a": 1})) == identity_of(item(item_id=None, request={"a": 1}))
    assert identity_of(item(item_id=None, request={"a": 1})) != identity_of(item(item_id=None, request={"a": 2}))
    assert identity_of(item(item_id=None, request=object()))
    assert identity_of(item(item_id="a", task_id="b")) != identity_of(item(item_id="b", task_id="a"))


@given(st.binary(max_size=8), st.floats(0, 1), st.floats(0, 1))
@settings(UNHURRIED)
def test_a_higher_rate_only_adds(identity: bytes, one: float, other: float) -> None:
    """Whoever is picked at a rate is picked at every higher one; none at zero, all at one."""
    low, high = sorted([one, other])
    assert choose(identity, "s", high, KEY).chosen >= choose(identity, "s", low, KEY).chosen
    assert not choose(identity, "s", 0, KEY).chosen
    assert choose(identity, "s", 1, KEY).chosen


@pytest.mark.req("R-SAMP-10")
def test_learning_takes_the_least_certain_of_every_category() -> None:
    """One of each category before a second of any, the closest to a threshold first, and every item once."""
    crowd = [Candidate(f"a{n}", "a", n / 100) for n in range(90)]
    few = [Candidate("b0", "b", 0.4), Candidate("b1", "b", 0.3), Candidate("c0", None, 0.9)]
    chosen = select([*crowd, *few], 6, KEY)
    assert set(chosen[:3]) == {"a0", "b1", "c0"}
    assert set(chosen[3:5]) == {"a1", "b0"}
    assert chosen[5] == "a2"
    assert select([*few, *reversed(crowd)], 6, KEY) == chosen
    assert len(set(select([*crowd, *few], 1_000, KEY))) == 93
    assert select([], 5, KEY) == ()
