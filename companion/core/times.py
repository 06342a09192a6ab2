"""Integer milliseconds UTC inside, ISO 8601 at the edges."""

from datetime import UTC, datetime, timedelta
from typing import Final

DAY_MS: Final = 24 * 3600 * 1000
SATURDAY: Final = 5
CLOSE_OF_BUSINESS_MS: Final = 17 * 3600 * 1000
"""The time of day (UTC) by which what is due on the same business day is due."""
_EPOCH: Final = datetime.fromtimestamp(0, UTC)
END_OF_TIMES_MS: Final = 253_370_764_800_000
"""The year 9999: what is later cannot be shown in every zone."""


def iso(at_ms: int) -> str:
    """`2026-11-21T08:00:00.000Z` for milliseconds since the epoch."""
    return f"{datetime.fromtimestamp(at_ms // 1000, UTC).isoformat()[:19]}.{at_ms % 1000:03d}Z"


def after_business_days(at_ms: int, days: int) -> int:
    """The same time of day, `days` business days later: Saturdays and Sundays (UTC) do not count."""
    while days > 0:
        at_ms += DAY_MS
        if _weekday(at_ms) < SATURDAY:
            days -= 1
    return at_ms


def due_at(at_ms: int, minutes: int, *, business_hours: bool, same_business_day: bool) -> int:
    """When something is due that has so many minutes: by the clock, or without Saturdays and Sundays (UTC)."""
    due_ms = _business_time(at_ms, minutes * 60_000) if business_hours else at_ms + minutes * 60_000
    return min(due_ms, _close_of_business(at_ms)) if same_business_day else due_ms


def _business_time(at_ms: int, left_ms: int) -> int:
    at_ms = _next_business_time(at_ms)
    while left_ms > (today_ms := DAY_MS - at_ms % DAY_MS):
        left_ms -= today_ms
        at_ms = _next_business_time(at_ms + today_ms)
    return at_ms + left_ms


def _next_business_time(at_ms: int) -> int:
    """The moment itself, or the beginning of the next Monday."""
    while _weekday(at_ms) >= SATURDAY:
        at_ms = at_ms - at_ms % DAY_MS + DAY_MS
    return at_ms


def _close_of_business(at_ms: int) -> int:
    """The close of this business day, or of the next one where it is past."""
    day_ms = _next_business_time(at_ms)
    close_ms = day_ms - day_ms % DAY_MS + CLOSE_OF_BUSINESS_MS
    if close_ms > at_ms:
        return close_ms
    next_ms = _next_business_time(day_ms - day_ms % DAY_MS + DAY_MS)
    return next_ms + CLOSE_OF_BUSINESS_MS


def _weekday(at_ms: int) -> int:
    """0 for Monday; the epoch was a Thursday."""
    return (at_ms // DAY_MS + 3) % 7


def parse_ms(moment: str) -> int:
    """Milliseconds since the epoch for an RFC 3339 time; digits behind the third are cut off. Raises ValueError."""
    return (datetime.fromisoformat(moment) - _EPOCH) // timedelta(milliseconds=1)
