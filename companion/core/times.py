"""Integer milliseconds UTC inside, ISO 8601 at the edges."""

from datetime import UTC, datetime, timedelta
from typing import Final

DAY_MS: Final = 24 * 3600 * 1000
SATURDAY: Final = 5
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
        if datetime.fromtimestamp(at_ms // 1000, UTC).weekday() < SATURDAY:
            days -= 1
    return at_ms


def parse_ms(moment: str) -> int:
    """Milliseconds since the epoch for an RFC 3339 time; digits behind the third are cut off. Raises ValueError."""
    return (datetime.fromisoformat(moment) - _EPOCH) // timedelta(milliseconds=1)
