"""Times at the edges, and business days."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.core.times import CLOSE_OF_BUSINESS_MS, DAY_MS, after_business_days, due_at, iso, parse_ms
from tests.unit.core.policy.kit import UNHURRIED

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


HOUR_MS = 3_600_000
MIDNIGHT_MS = FRIDAY_MS - 9 * HOUR_MS


@pytest.mark.req("R-SLA-03", "R-SLA-17", "X-08")
@pytest.mark.parametrize(
    ("hour", "minutes", "later"),
    [
        (9, 240, 13), (20, 240, 24), (20, 300, 3 * 24 + 1), (24, 60, 3 * 24 + 1), (30, 60, 3 * 24 + 1),
        (71, 60, 3 * 24 + 1), (72, 60, 3 * 24 + 1), (9, 0, 9), (9, 15 * 60 + 1, 3 * 24 + 1 / 60),
        (9, 60 * 24 * 5, 7 * 24 + 9), (30, 0, 72),
    ],
)  # fmt: skip
def test_business_hours_pass_over_the_weekend(hour: int, minutes: int, later: float) -> None:
    """From Friday evening four hours end on Friday; what is left begins again on Monday."""
    due_ms = due_at(MIDNIGHT_MS + hour * HOUR_MS, minutes, business_hours=True, same_business_day=False)
    assert due_ms == MIDNIGHT_MS + later * HOUR_MS


@pytest.mark.req("R-SLA-17")
def test_wall_time_knows_no_weekend() -> None:
    """A stopped line is a stopped line on Sunday too."""
    saturday_ms = MIDNIGHT_MS + 30 * HOUR_MS
    assert due_at(saturday_ms, 60, business_hours=False, same_business_day=False) == saturday_ms + HOUR_MS


@pytest.mark.req("R-SLA-08", "X-08")
@pytest.mark.parametrize(
    ("hour", "minutes", "due_hour"), [(9, 480, 17), (9, 60, 10), (16, 480, 17), (17, 480, 25 + 48), (18, 60, 19),
                                      (30, 1200, 3 * 24 + 17), (18, 9_999, 3 * 24 + 17)],
)  # fmt: skip
def test_the_same_business_day_ends_at_its_close(hour: int, minutes: int, due_hour: int) -> None:
    """At the latest; opened after the close, it is the next business day's."""
    due_ms = due_at(MIDNIGHT_MS + hour * HOUR_MS, minutes, business_hours=True, same_business_day=True)
    assert due_ms == MIDNIGHT_MS + due_hour * HOUR_MS
    assert CLOSE_OF_BUSINESS_MS == 17 * HOUR_MS


@given(st.integers(0, 4_000_000_000_000), st.integers(0, 100_000), st.booleans(), st.booleans())
@UNHURRIED
def test_nothing_is_due_before_it_was_opened(at_ms: int, minutes: int, business: bool, same_day: bool) -> None:
    """And never on a Saturday or Sunday, where those do not count."""
    due_ms = due_at(at_ms, minutes, business_hours=business, same_business_day=same_day)
    assert due_ms >= at_ms
    if business:
        assert (due_ms // DAY_MS + 3) % 7 < 5 or due_ms % DAY_MS == 0
