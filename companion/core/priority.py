"""Which case is served first: by what is at stake, then by time, never by who came first (R-STORE-11, R-STORE-13)."""

from math import log2
from typing import Final

from companion.core.handoff import Handoff

BUCKETS: Final = 64
"""Steps of impact, three to two doublings: within one step the earlier deadline goes first."""
LARGEST: Final = 2.0**100
SECONDS: Final = 2**38
"""More seconds than there are until the year 9999."""


def rank(handoff: Handoff) -> int:
    """The place of an open case; the smallest is served first. At most 15 digits: a sorted set keeps it exactly.

    A higher service tier always goes first: low-risk work never delays high-impact work. Within a tier the expected
    impact counts, in steps, and within a step the time by which somebody should have decided.
    """
    due_ms = handoff.due_at_ms if handoff.first_review is None else handoff.second_due_at_ms
    at_ms = handoff.expires_at_ms if due_ms is None else min(due_ms, handoff.expires_at_ms)
    second = max(0, min(at_ms // 1_000, SECONDS - 1))
    behind = 3 - max(1, min(handoff.service_tier, 3))
    return (behind * BUCKETS + BUCKETS - 1 - bucket(handoff.impact_score)) * SECONDS + second


def bucket(impact_score: float) -> int:
    """The step of an impact: 0 for none, one more for each factor of the square root of two."""
    if not impact_score > 0:
        return 0
    return min(BUCKETS - 1, int(1.5 * log2(1 + min(impact_score, LARGEST))) + 1)
