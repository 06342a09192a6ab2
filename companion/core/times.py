"""Integer milliseconds UTC inside, ISO 8601 at the edges."""

from datetime import UTC, datetime


def iso(at_ms: int) -> str:
    """`2026-11-21T08:00:00.000Z` for milliseconds since the epoch."""
    return f"{datetime.fromtimestamp(at_ms // 1000, UTC).isoformat()[:19]}.{at_ms % 1000:03d}Z"
