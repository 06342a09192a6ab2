"""What is left out for speed never changes a result: detection with all patterns asked finds the same."""

import re
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.adapters.detection import Detector, detector, exposure, openings, personal
from companion.adapters.detection.views import View, view
from companion.core.policy.signals import Signal
from tests.bench.detection import corpus

ROWS = corpus()
KEYS = (
    "note",
    "password",
    "api_key",
    "phone",
    "iban",
    "ssn",
    "diagnosis",
    "first_name",
    "ip_address",
    "dob",
    "sort_code",
)
WORDS = sorted({word for row in ROWS for word in re.findall(r"\S+", row.text)})
SIGNS = (
    "",
    " ",
    "  ",
    "\n",
    "\t",
    "_",
    "-",
    ".",
    ":",
    "=",
    "@",
    "(",
    "'",
    "\xa0",
    "’",
    "é",
    "İ",
    "ſ",
    "\u200b",
    "电话",
    "1",
)
TERMS = ("payment order", "refund", "Straße")


class Open(View):
    """A window that may hold anything."""

    def has(self, *literals: str) -> bool:
        return True


def wide(text: str) -> View:
    """A view that rules nothing out."""
    seen = view(text)
    return Open(text, seen.low, opens=openings.EVERY, longest=10**9, digits=True, numbers=True)


def detected(value: Any) -> list[Signal]:
    return Detector().detect(value, value, prohibited_terms=TERMS)


def detected_by_all(value: Any) -> list[Signal]:
    """The same without a filter."""
    every = re.compile("")
    with (
        patch.object(detector, "view", wide),
        patch.object(exposure, "_may_assign", lambda _: True),
        patch.object(personal, "_SPOKEN_AT", every),
    ):
        return detected(value)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Rows of the corpus, whole, cut or word by word, joined by all kinds of signs, in any case."""
    rows = st.sampled_from(ROWS).map(lambda row: row.text)
    cut = st.tuples(rows, st.integers(0, 200), st.integers(1, 120)).map(lambda part: part[0][part[1] :][: part[2]])
    parts = st.lists(st.one_of(rows, cut, st.sampled_from(WORDS), st.text(max_size=8)), max_size=8)
    text = draw(st.sampled_from(SIGNS)).join(draw(parts))
    return draw(st.sampled_from((str, str.upper, str.lower, str.title)))(text)


@pytest.mark.req("R-SEC-09", "R-SEC-10")
@settings(max_examples=300, deadline=None)
@given(st.one_of(texts(), st.tuples(st.sampled_from(KEYS), texts()).map(lambda pair: {pair[0]: pair[1]})))
def test_what_is_left_out_finds_nothing(value: Any) -> None:
    """Over texts mixed from the corpus, with and without the filters, every signal is the same."""
    assert detected(value) == detected_by_all(value)


@pytest.mark.req("R-SEC-09", "R-SEC-10")
@pytest.mark.parametrize("part", range(8))
def test_the_corpus_is_found_the_same_without_filters(part: int) -> None:
    """Every row as it stands, and in one word a line."""
    for row in ROWS[part::8]:
        for value in (row.value, row.text.replace(" ", "\n")):
            assert detected(value) == detected_by_all(value), row.id


def test_a_pattern_that_begins_with_any_word_has_no_opening() -> None:
    """What cannot be told from the pattern is refused when the package is loaded, not left to luck."""
    for pattern in ("phone", r"\b[a-z]{3,14}pril", r"\b.?call", r"(?<![a-z])\w+"):
        with pytest.raises(ValueError, match="a match may begin"):
            openings.heads(re.compile(pattern))
    assert openings.heads(re.compile(r"\b(?:tell|te?l\b) me")) == {
        ("tell", True, "me"),
        ("tel", True, "me"),
        ("tl", True, "me"),
    }
