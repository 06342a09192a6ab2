"""Times at the edges, and business days."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.core.times import DAY_MS, after_business_days, iso, parse_ms

FRIDAY_MS = 1_795_165_200_000
"""2026-11-20T09:00:00Z."""


@pytest.mark.req("R-SAMP-05")
@pytest.mark.parametrize(
    ("start", "days", "later"), [(0, 1, 3), (1, 1, 2), (2, 1, 1), (3, 1, 1), (3, 4, 4), (3, 5, 7), (0, 0, 0)]
)
def test_weekends_do_not_count(start: int, days: int, later: int) -> None:
    """From Friday, Saturday and Sunday the next business day is Monday, at the same time of day."""
    assert after_business_days(FRIDAY_MS + start * DAY_MS, days) == FRIDAY_MS + (start + later) * DAY_MS


@given(st.integers(0, 4_000_000_000_000))
def test_a_time_that_was_written_is_read_back(at_ms: int) -> None:
    """ISO 8601 with milliseconds loses nothing."""
    assert parse_ms(iso(at_ms)) == at_ms
