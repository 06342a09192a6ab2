"""Sentences that steer the model or the person who reviews (rows H4, R-SEC-01).

A mark, not a guard: whoever words it differently is not found. What keeps an injection from acting is that model text
never decides; this only tells the reviewer to look twice.
"""

import re
from collections.abc import Iterator
from typing import Final

from companion.adapters.detection.folding import folded
from companion.adapters.detection.openings import opening
from companion.adapters.detection.texts import Mark
from companion.adapters.detection.views import View
from companion.adapters.detection.words import phrase_pattern

_MODEL: Final = phrase_pattern("steering-model")
_REVIEWER: Final = phrase_pattern("steering-reviewer")
_MODEL_OPENS: Final = opening(_MODEL)
_REVIEWER_OPENS: Final = opening(_REVIEWER)
_NO_LETTERS: Final = bytes(code for code in range(256) if not 97 <= code <= 122)
_LETTERS: Final = re.compile(
    r"(?:ignore|disregard|forget)(?:all)?(?:the|your|of)?(?:previous|prior|above|earlier|preceding)(?:instructions|prompts|rules)"
)
"""The plainest order, however its letters are set apart: i g n o r e, i.g.n.o.r.e."""


def find(view: View) -> Iterator[Mark]:
    """At most one mark of each kind for a window."""
    text = folded(view.text, loosely=True)
    model = _MODEL.search(text.text) if view.opens & _MODEL_OPENS else None
    if model:
        yield Mark("prompt_injection", "words that try to steer the model", text.origin[model.start()])
    elif _LETTERS.search(text.text.encode("ascii", "ignore").translate(None, _NO_LETTERS).decode()):
        yield Mark("prompt_injection", "words that try to steer the model", 0)
    reviewer = _REVIEWER.search(text.text) if view.opens & _REVIEWER_OPENS else None
    if reviewer:
        yield Mark("prompt_injection", "words that try to steer whoever reviews", text.origin[reviewer.start()])
