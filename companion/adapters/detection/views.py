"""A window as the detectors read it, with what tells cheaply that a pattern cannot match it."""

import re
from dataclasses import dataclass
from typing import Final

from companion.adapters.detection.folding import plainly
from companion.adapters.detection.openings import opened

_DIGIT: Final = re.compile(r"\d")
_NUMBER: Final = re.compile(r"\d(?:[ ./-]?\d){3}|\d\d(?:[ -]?[A-Za-z0-9]{4}){2}")
"""Four digits with at most one sign between two, or the middle of an account number."""


@dataclass(frozen=True, slots=True)
class View:
    """The text of a window; `low` is it in small letters without accents, `longest` the length of its longest run
    without white space, and `opens` the bits of the patterns that its words open. `numbers`: four digits near together.
    """

    text: str
    low: str
    opens: int
    longest: int
    digits: bool
    numbers: bool

    def has(self, *literals: str) -> bool:
        """Whether one of these stands in the text, exactly so."""
        return any(literal in self.text for literal in literals)


def view(text: str) -> View:
    """`text` as the detectors read it."""
    digits = _DIGIT.search(text) is not None
    longest = max(map(len, text.split()), default=0)
    return View(text, plainly(text), opened(text), longest, digits, digits and _NUMBER.search(text) is not None)
