"""Terms that a policy prohibits, on word boundaries (R-SEC-09)."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from companion.adapters.detection.folding import folded, folded_term
from companion.adapters.detection.texts import Mark, Window

LONGEST_TERM_CHARS: Final = 140
"""A window and the next share more than this, so that no occurrence falls between them."""


class ProhibitedTerms:
    """The terms of one policy, ready to be looked for."""

    def __init__(self, terms: Sequence[str]) -> None:
        self._numbers: dict[str, int] = {}
        for number, term in enumerate(terms, 1):
            self._numbers.setdefault(folded_term(term)[:LONGEST_TERM_CHARS], number)
        self._numbers.pop("", None)
        # The longest first: of two terms that begin alike, the more exact one is named.
        ordered = sorted(self._numbers, key=len, reverse=True)
        self._pattern = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, ordered)) + r")(?!\w)") if ordered else None

    def find(self, window: Window) -> Iterator[Mark]:
        """One mark for each term found. It is named by its number: only who may read the policy learns the term."""
        if self._pattern is None:
            return
        text = folded(window.text)
        for match in self._pattern.finditer(text.text):
            number = self._numbers[match.group()]
            yield Mark("prohibited_content", f"prohibited term {number} of the policy", text.origin[match.start()])


@lru_cache(maxsize=256)
def prohibited(terms: tuple[str, ...]) -> ProhibitedTerms:
    """These terms, made ready once."""
    return ProhibitedTerms(terms)
