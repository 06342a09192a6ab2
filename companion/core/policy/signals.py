"""Signals: marks on an item that ask for attention, each with the place it came from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

WORKFLOW: Final = "workflow"
MODEL: Final = "model"
CONTEXT: Final = "context"
RISK_SCORE: Final = "risk_score"
BUSINESS_RULE: Final = "business_rule"


@dataclass(frozen=True, slots=True)
class Signal:
    """One mark.

    `code` is a flag's name. `source` is the independent origin: `workflow`, `model`, `context`, `risk_score`,
    `business_rule`, `detector:pii` …; two marks of one origin are one opinion (R-ROUTE-33). `words` is a sentence that
    a person reads, `where` a JSON pointer into the item or the rule that fired.
    """

    code: str
    source: str
    words: str = ""
    where: str = ""

    def document(self) -> dict[str, str]:
        """As it stands in a trace; words stand beside it there."""
        return {"code": self.code, "source": self.source, "where": self.where}

    def record(self) -> dict[str, str]:
        """As it is stored, so that `from_record` gives the same signal."""
        return {"code": self.code, "source": self.source, "words": self.words, "where": self.where}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Signal":
        """The signal that `record` was made of."""
        return cls(record["code"], record["source"], record.get("words") or "", record.get("where") or "")


def independent(signals: Iterable[Signal]) -> bool:
    """Whether two of the signals say different things and come from different places (R-ROUTE-33).

    One thing told twice is no second reason, and neither is a second remark of the same teller. With two codes and two
    sources among the signals there is always a pair that differs in both.
    """
    codes: set[str] = set()
    sources: set[str] = set()
    for signal in signals:
        codes.add(signal.code)
        sources.add(signal.source)
    return len(codes) > 1 and len(sources) > 1
