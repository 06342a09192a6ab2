"""Which case is served first: service tier, then expected impact, then time."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.core.handoff import FirstReview, Handoff
from companion.core.priority import bucket, rank
from tests.unit.core.cases import ANN, NOW_MS, opened
from tests.unit.core.policy.kit import UNHURRIED

CASE = opened()[0]
TIERS = st.integers(1, 3)
IMPACTS = st.floats(0, 1e18) | st.floats(allow_nan=True, allow_infinity=True)
TIMES = st.integers(0, 253_370_764_800_000)


def case(tier: int = 1, impact: float = 0.0, due_ms: int | None = None, expires_ms: int = NOW_MS + 10**9) -> Handoff:
    return replace(CASE, service_tier=tier, impact_score=impact, due_at_ms=due_ms, expires_at_ms=expires_ms)


@pytest.mark.req("R-STORE-13")
@given(TIERS, TIERS, IMPACTS, IMPACTS, TIMES, TIMES)
@UNHURRIED
def test_a_higher_tier_is_always_served_before_a_lower_one(
    one: int, other: int, impact: float, other_impact: float, due_ms: int, other_due_ms: int
) -> None:
    """However much is at stake below, and however late it is there: low-risk work never delays high-impact work."""
    first, second = case(one, impact, due_ms), case(other, other_impact, other_due_ms)
    if one != other:
        assert (rank(first) < rank(second)) is (one > other)


@pytest.mark.req("R-STORE-11")
@given(TIERS, IMPACTS, IMPACTS, TIMES, TIMES)
@UNHURRIED
def test_within_a_tier_the_impact_counts_and_then_the_time(
    tier: int, impact: float, other_impact: float, due_ms: int, other_due_ms: int
) -> None:
    """By steps of impact; within one step the earlier deadline, never the earlier arrival."""
    last_ms = 253_370_764_800_000
    first, second = (-bucket(impact), due_ms // 1_000), (-bucket(other_impact), other_due_ms // 1_000)
    places = [
        rank(case(tier, stake, at_ms, last_ms)) for stake, at_ms in ((impact, due_ms), (other_impact, other_due_ms))
    ]
    assert (places[0] < places[1]) is (first < second)


@given(TIERS, IMPACTS, TIMES, TIMES)
@UNHURRIED
def test_a_rank_fits_a_sorted_set_and_a_cursor(tier: int, impact: float, due_ms: int, expires_ms: int) -> None:
    """A whole number of at most 15 digits: a sorted set keeps scores as doubles."""
    place = rank(case(tier, impact, due_ms, expires_ms))
    assert 0 <= place < 10**15
    assert int(float(place)) == place


@pytest.mark.req("R-STORE-11")
def test_a_later_case_of_high_impact_goes_first() -> None:
    """Ten times the impact is a step; a little more is none, and then the time decides."""
    assert rank(case(impact=1_000, due_ms=NOW_MS + 9_000_000)) < rank(case(impact=100, due_ms=NOW_MS))
    assert rank(case(impact=111, due_ms=NOW_MS + 600_000)) > rank(case(impact=110, due_ms=NOW_MS))
    assert bucket(0) == bucket(-1) == bucket(float("nan")) == 0 < bucket(0.001)


def test_what_ends_sooner_than_it_is_due_counts_by_its_end() -> None:
    """And a case that waits for its second review by that review's time."""
    assert rank(case(due_ms=NOW_MS + 10**9, expires_ms=NOW_MS)) == rank(case(due_ms=NOW_MS))
    first = FirstReview(ANN.id, ANN.name, NOW_MS, "approve", None, None)
    second = replace(case(due_ms=NOW_MS), first_review=first, second_due_at_ms=NOW_MS + 7_200_000)
    assert rank(second) == rank(case(due_ms=NOW_MS + 7_200_000))
