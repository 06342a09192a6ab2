"""The numbers of a policy, taken out of its document once, with the words that go with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

NO_BREAK: str = "\u00a0"
"""Before a percent sign, so that no line breaks between number and sign."""


@dataclass(frozen=True, slots=True)
class Bands:
    """Bands on the risk score in place of the thresholds on risk."""

    review_from: float
    synchronous_from: float
    block_above: float


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the bands and the sampling compare with."""

    review_below_confidence: float
    """The gate where there is one, else the threshold (X-01)."""
    synchronous_below_confidence: float
    review_above_risk: float
    synchronous_from_risk: float
    bands: Bands | None
    prompt_characters: int
    rate: float
    raised: Mapping[str, float]
    near_width: float
    near_rate: float
    stricter_on_strong_drift: bool
    review_below_words: str
    synchronous_below_words: str

    @classmethod
    def of(cls, effective: Mapping[str, Any]) -> "Numbers":
        """Read them from an effective document."""
        thresholds, gate, bands = effective["thresholds"], effective["confidence_gate"], effective["score_bands"]
        sampling = effective["sampling"]
        review_below = thresholds["review_below_confidence"] if gate is None else gate
        # With one gate at 0.5 there is nothing between 0.5 and 0.6: below the gate the workflow waits.
        synchronous_below = min(thresholds["synchronous_below_confidence"], review_below)
        return cls(
            review_below_confidence=review_below,
            synchronous_below_confidence=synchronous_below,
            review_above_risk=thresholds["review_above_risk"],
            synchronous_from_risk=thresholds["synchronous_from_risk"],
            bands=bands and Bands(bands["review_from"], bands["synchronous_from"], bands["block_above"]),
            prompt_characters=effective["limits"]["prompt_characters"],
            rate=sampling["rate"],
            raised=sampling["raised"],
            near_width=sampling["near_threshold"]["width"],
            near_rate=sampling["near_threshold"]["rate"],
            stricter_on_strong_drift=sampling["stricter_on_strong_drift"],
            review_below_words=percent(review_below),
            synchronous_below_words=percent(synchronous_below),
        )


def percent(share: float) -> str:
    """61 %, 77.9 %: all digits that were sent; a value just below a threshold must not read as equal to it."""
    return f"{(Decimal(repr(share)) * 100).normalize():f}{NO_BREAK}%"


def plain(number: float) -> str:
    """0.7, 0.95: a score as people write it, all digits that were sent."""
    return f"{Decimal(repr(number)).normalize():f}"
