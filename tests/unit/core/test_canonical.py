"""RFC 8785 bytes: the fast way out and the reference agree, and what has no canonical form is refused."""

import json
import math
from enum import StrEnum
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from companion.core.canonical import NotCanonical, canonical_bytes, digest, parse_strict
from companion.core.strict_json import EXACT_INTEGER

TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["", "\x00\x1f\x7f", "\u2028\u2029", "</script>"]
)
KEYS = TEXT | st.sampled_from(["a", "B", "ä", "\ue000", "\uffff", "😀", "\U0010ffff", "é", "e\u0301", "1", "10", "\n"])
NUMBERS = (
    st.integers(-EXACT_INTEGER, EXACT_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(
        [0.0, -0.0, 1.0, 1e-4, 9.99e-5, 1e-5, 1e-6, 1e-7, 1e15, 1e16, 1e20, 1e21, 1e22, 5e-324, 0.1, 123456789.5]
    )
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=25,
)


@settings(max_examples=600, deadline=None)
@given(VALUES)
@example({"\ue000": 1, "😀": 2})
@example({"": {"": [[], {}, 1e21, 1e-7]}})
def test_the_fast_way_is_the_reference(value: Any) -> None:
    """For every JSON value our bytes are those of the reference library."""
    assert canonical_bytes(value) == rfc8785.dumps(value)


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_reading_back_changes_nothing(value: Any) -> None:
    """Canonical bytes read strictly give canonical bytes again, so a digest can be checked by whoever holds them."""
    data = canonical_bytes(value)
    assert canonical_bytes(parse_strict(data)) == data
    assert canonical_bytes(json.loads(data)) == data


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_any_spelling_has_one_form(value: Any) -> None:
    """However a value is spelled in JSON (escapes, blanks, order of members), its canonical bytes are one."""
    spelled = json.dumps(value, indent=2, ensure_ascii=True).encode()
    assert canonical_bytes(parse_strict(spelled)) == canonical_bytes(value)


@pytest.mark.parametrize("value", [2**53, -(2**53), 10**20, 1152921504606847000, 2**53 + 2])
def test_an_integer_that_a_double_writes_with_the_same_digits_is_that_double(value: int) -> None:
    """Beyond 2**53 - 1 an integer counts only where a double is written with exactly its digits."""
    assert canonical_bytes({"n": value}) == b'{"n":%d}' % value
    assert canonical_bytes([float(value)]) == b"[%d]" % value


class Colour(StrEnum):
    """A text of a foreign type."""

    RED = "red"


def test_types_of_python_that_are_json_all_the_same() -> None:
    """Tuples and enumerated texts have a form, because the reference gives them one."""
    assert canonical_bytes({"a": (1, Colour.RED)}) == b'{"a":[1,"red"]}'


def circular() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        math.inf,
        -math.inf,
        [math.nan],
        2**53 + 1,
        10**400,
        1152921504606846976,
        "\ud800",
        {"\udfff": 1},
        {1: 2},
        {None: 1},
        {True: 1},
        {1: 1, "a": 2},
        b"x",
        {1, 2},
        object(),
        1j,
        circular(),
        {"a": [{"b": b""}]},
    ],
)
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    """Numbers a double cannot hold, lone surrogates, keys that are no text, cycles and foreign types are refused."""
    with pytest.raises(NotCanonical):
        canonical_bytes(value)


def test_a_digest_is_of_bytes_or_of_canonical_bytes() -> None:
    """The digest of a value is that of its canonical bytes (SHA-256 of `{}` from the outside: FIPS 180-4 tools)."""
    empty = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert digest({}) == digest(b"{}") == empty
    assert digest({"b": 1.0, "a": 2}) == digest(b'{"a":2,"b":1}')
