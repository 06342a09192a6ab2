"""The detector: marks on request and model output that ask for a person (R-SEC-09, R-SEC-10, R-ROUTE-36)."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, Protocol

from companion.adapters.detection import exposure, health, invisible, personal, steering
from companion.adapters.detection.terms import ProhibitedTerms, prohibited
from companion.adapters.detection.texts import Exhausted, Mark, Meter, Piece, Window, pieces, windows
from companion.adapters.detection.views import view
from companion.core.policy.signals import CONTEXT, Signal

WORK_LIMIT: Final = 200_000
"""Characters read of one item, roughly; each telephone number that is looked up counts as 200 more."""
SAME_LIMIT: Final = 10
"""Signals of one kind that an item gets: a table of a thousand addresses says the same thing a thousand times."""

SOURCES: Final = {
    "pii": "detector:pii",
    "phi": "detector:phi",
    "data_exposure": "detector:secrets",
    "regulated_data": "detector:secrets",
    "prohibited_content": "detector:terms",
    "prompt_injection": "detector:injection",
    "invisible_text": "detector:invisible",
    "too_long_to_check": "detector:limit",
}
"""Code -> the independent origin that a signal names (R-ROUTE-33)."""


class Detecting(Protocol):
    """Whoever looks at an item before it is routed."""

    def detect(
        self,
        request: Any,
        model_output: Any,
        *,
        prohibited_terms: Sequence[str] = (),
        stale_sources: Sequence[str] = (),
    ) -> list[Signal]:
        """The signals of one item, never with what was found itself.

        `stale_sources` are the names of sources that the workflow marks as out of date (R-CTX-08).
        """


class NullDetector:
    """Looks at nothing, for deployments that switch detection off. What a workflow says of its sources still counts."""

    def detect(
        self,
        request: Any,  # noqa: ARG002 -- the shape is that of Detecting
        model_output: Any,  # noqa: ARG002
        *,
        prohibited_terms: Sequence[str] = (),  # noqa: ARG002
        stale_sources: Sequence[str] = (),
    ) -> list[Signal]:
        return [_stale(name) for name in stale_sources[:SAME_LIMIT]]


class Detector:
    """Detects offline, by patterns and check digits. Holds no state between calls; threads may share one."""

    def __init__(self, work_limit: int = WORK_LIMIT) -> None:
        self._work_limit = work_limit

    def detect(
        self,
        request: Any,
        model_output: Any,
        *,
        prohibited_terms: Sequence[str] = (),
        stale_sources: Sequence[str] = (),
    ) -> list[Signal]:
        found: dict[tuple[str, str], list[Signal]] = {}
        terms = prohibited(tuple(prohibited_terms))
        meter = Meter(self._work_limit)
        # The output first: when the budget does not last for all, what the model said is what matters most.
        for part, value in (("model_output", model_output), ("request", request)):
            try:
                for piece in pieces(part, value, meter):
                    for first, window in enumerate(windows(piece.text, meter)):
                        for mark in _marks(part, piece, window, terms, meter, at_start=first == 0):
                            _add(found, _signal(piece, window, mark))
            except Exhausted:
                _add(found, _too_long(part))
                break
        signals = [signal for same in found.values() for signal in same]
        return signals + [_stale(name) for name in stale_sources[:SAME_LIMIT]]


def _marks(
    part: str, piece: Piece, window: Window, terms: ProhibitedTerms, meter: Meter, *, at_start: bool
) -> Iterator[Mark]:
    """What all detectors find in one window."""
    seen = view(window.text)
    for mark in exposure.find(seen, piece.key):
        # A secret that a customer sends is no leak of ours, and must not let him stop the line; it is not for all eyes.
        yield mark if part == "model_output" else Mark("regulated_data", mark.what, mark.start)
    if part == "model_output":
        yield from terms.find(window)
    yield from steering.find(seen)
    yield from health.find(seen, piece.key)
    yield from invisible.find(window.text, at_start=at_start)
    yield from personal.find(seen, piece.key, meter)


def _add(found: dict[tuple[str, str], list[Signal]], signal: Signal) -> None:
    """Keep a signal, unless it is there already or enough of its kind are."""
    kind = (signal.code, signal.words.split(" (", 1)[0])
    same = found.setdefault(kind, [])
    if len(same) < SAME_LIMIT and all(other.where != signal.where for other in same):
        same.append(signal)


def _signal(piece: Piece, window: Window, mark: Mark) -> Signal:
    """A mark in words, with its place: `/model_output/summary#L4`."""
    line = window.line_of(mark.start)
    lines = line > 1 or "\n" in piece.text
    words = f"Contains {mark.what} ({piece.name}, line {line})." if lines else f"Contains {mark.what} ({piece.name})."
    return Signal(mark.code, SOURCES[mark.code], words, f"{piece.pointer}#L{line}" if lines else piece.pointer)


def _too_long(part: str) -> Signal:
    code = "too_long_to_check"
    return Signal(code, SOURCES[code], "Too long to be checked to the end, so a person has to read it.", f"/{part}")


def _stale(name: str) -> Signal:
    return Signal("weak_context", CONTEXT, f"The source “{name[:100]}” is marked as out of date.", "/sources")
