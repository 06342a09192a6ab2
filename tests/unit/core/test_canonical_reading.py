"""Strict reading of JSON: one document has one reading, and no document costs more than it may."""

import json
import sys
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.core.strict_json import Limits, MalformedJson, deeper_than, parse_strict


def refusal(body: bytes, limits: Limits | None = None) -> tuple[str, str]:
    """The code and pointer with which `body` is refused."""
    with pytest.raises(MalformedJson) as caught:
        parse_strict(body, limits or Limits())
    assert caught.value.detail
    json.dumps(caught.value.pointer).encode()
    return caught.value.code, caught.value.pointer


@pytest.mark.req("A6")
@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        (b'{"a":1,"a":1}', "duplicate_member", "/a"),
        (b'{"a":1,"\\u0061":2}', "duplicate_member", "/a"),
        (b'{"x":[{},{"k/~":1,"k/~":2}]}', "duplicate_member", "/x/1/k~1~0"),
        (b'{"":0,"":0}', "duplicate_member", "/"),
        (b'{"a":{"b":1,"b":NaN},"a":2}', "duplicate_member", "/a"),
        (b"NaN", "number_not_finite", ""),
        (b'{"a":[1,Infinity]}', "number_not_finite", "/a/1"),
        (b'{"a":-Infinity}', "number_not_finite", "/a"),
        (b"[1e999]", "number_not_exact", "/0"),
        (b"[-1e999]", "number_not_exact", "/0"),
        (b"[1e-999]", "number_not_exact", "/0"),
        (b"[9007199254740993]", "number_not_exact", "/0"),
        (b"[-9007199254740993]", "number_not_exact", "/0"),
        (b"[1152921504606846976]", "number_not_exact", "/0"),
        (b'{"pi":3.141592653589793238}', "number_not_exact", "/pi"),
        (b"[0.1000000000000000055511151231257827]", "number_not_exact", "/0"),
        (b"[1e99999999999999999999999999]", "number_not_exact", "/0"),
        (b"[" + b"9" * 401 + b"]", "number_too_long", "/0"),
        (b"[0." + b"0" * 400 + b"]", "number_too_long", "/0"),
        (b'["\\ud800"]', "lone_surrogate", "/0"),
        (b'["\\udc00\\ud800"]', "lone_surrogate", "/0"),
        (b'{"a":"x\\uD83Dy"}', "lone_surrogate", "/a"),
        (b'{"\\udfff":1}', "lone_surrogate", "/\\udfff"),
        (b'["\xff"]', "not_utf8", ""),
        (b'["\xc0\x80"]', "not_utf8", ""),
        (b'["\xed\xa0\x80"]', "not_utf8", ""),
        ('["x"]'.encode("utf-16"), "not_utf8", ""),
        ('["x"]'.encode("utf-16-be"), "invalid_json", ""),
        (b"\xef\xbb\xbf{}", "invalid_json", ""),
        (b"", "invalid_json", ""),
        (b" ", "invalid_json", ""),
        (b"{}{}", "invalid_json", ""),
        (b"{} x", "invalid_json", ""),
        (b"[1,]", "invalid_json", ""),
        (b'{"a":1,}', "invalid_json", ""),
        (b"{'a':1}", "invalid_json", ""),
        (b"[01]", "invalid_json", ""),
        (b"[1.]", "invalid_json", ""),
        (b"[.5]", "invalid_json", ""),
        (b"[+1]", "invalid_json", ""),
        (b"[0x1]", "invalid_json", ""),
        (b"[1_0]", "invalid_json", ""),
        ("[١]".encode(), "invalid_json", ""),
        (b'["\t"]', "invalid_json", ""),
        (b'["\x00"]', "invalid_json", ""),
        (b'["\\x41"]', "invalid_json", ""),
        (b'["\\u00g0"]', "invalid_json", ""),
        (b'["\\u 041"]', "invalid_json", ""),
        (b"[1]//", "invalid_json", ""),
        (b"undefined", "invalid_json", ""),
        (b"nan", "invalid_json", ""),
        (b"\x0b[]", "invalid_json", ""),
        (b"\xc2\xa0[]", "invalid_json", ""),
        (b"[" * 5, "invalid_json", ""),
        (b"]" * 5, "invalid_json", ""),
        (b'"', "invalid_json", ""),
        (b'{"a"', "invalid_json", ""),
        (b"[}", "invalid_json", ""),
    ],
)
def test_a6_what_can_be_read_in_two_ways_is_refused(body: bytes, code: str, pointer: str) -> None:
    """Each of these is refused with a stable code and the place where it stands."""
    assert refusal(body) == (code, pointer)


@pytest.mark.req("A6")
@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a":[true,false,null,"x",-0,0.5]}', {"a": [True, False, None, "x", 0, 0.5]}),
        (b"[1.0]", [1]),
        (b"[1e2]", [100]),
        (b"[-0.0]", [0]),
        (b"[0e999]", [0]),
        (b"[1.10]", [1.1]),
        (b"[1E-2]", [0.01]),
        (b"[9007199254740991]", [9007199254740991]),
        (b"[9007199254740992]", [9007199254740992.0]),
        (b"[100000000000000000000]", [1e20]),
        (b"[1000000000000000000000]", [1e21]),
        (b"[1152921504606847000]", [1152921504606847000.0]),
        (b"[0.30000000000000004]", [0.1 + 0.2]),
        (b"[1.7976931348623157e308]", [sys.float_info.max]),
        (b"[5e-324]", [5e-324]),
        (b'["\\ud83d\\ude00"]', ["😀"]),
        (b'["\\\\ud800"]', ["\\ud800"]),
        (b'["\\"[[[["]', ['"[[[[']),
        (b' \t\r\n"x" ', "x"),
        (b'{"__proto__":1,"":2}', {"__proto__": 1, "": 2}),
    ],
)
def test_a6_json_is_read_as_it_says(body: bytes, value: Any) -> None:
    """Everything that has one reading is read, with whole numbers as int and 1 apart from true."""
    read = parse_strict(body)
    assert read == value
    assert repr(read) == repr(value)


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
        lambda v: st.lists(v) | st.dictionaries(st.text(), v),
    )
)
def test_the_strict_reading_agrees_with_json(value: Any) -> None:
    """What both accept, the standard library and we read alike."""
    body = json.dumps(value).encode()
    try:
        body.decode().encode("utf-16")
        expected = json.loads(body)
        json.dumps(expected, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        assert refusal(body)[0] == "lone_surrogate"
    else:
        assert parse_strict(body) == expected


@pytest.mark.req("A4")
@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":', b" [ "])
def test_a4_depth_ends_at_its_limit(opening: bytes) -> None:
    """Thirty-two levels are read, thirty-three refused; strings full of brackets count for nothing."""
    per = opening.count(b"[") + opening.count(b"{")
    closing = b"".join({91: b"]", 123: b"}"}.get(byte, b"") for byte in reversed(opening))
    levels = 32 // per
    body = opening * levels + b'"[[[[{{{{\\"[[\\\\"' + closing * levels
    assert parse_strict(body)
    assert not deeper_than(body, 32)
    deeper = b"[" + body + b"]"
    assert refusal(deeper) == ("too_deep", "")
    assert deeper_than(deeper, 32)


@pytest.mark.req("A4", "A6")
def test_a4_escapes_do_not_hide_brackets() -> None:
    """A string that ends in an escaped backslash ends there: what follows is counted."""
    for text in (rb'"\\"', rb'"\\\\"', rb'"\"\\"', rb'"a\\","b\""'):
        body = b"[" + text + b"," + b"[" * 32 + b"]" * 32 + b"]"
        assert json.loads(body)
        assert refusal(body) == ("too_deep", "")
    assert refusal(b'"' * 8_000_000) == ("too_many_values", "")


GENEROUS = Limits(body_bytes=100_000_000, values=100_000_000, string_chars=100_000_000, number_chars=400)
HOSTILE = {
    "open lists": b"[" * 10_000_000,
    "nested lists": b"[" * 4_000_000 + b"]" * 4_000_000,
    "open objects": b'{"a":' * 1_600_000,
    "quotes": b'"' * 8_000_000,
    "escaped quotes": b'"' + b'\\"' * 3_900_000,
    "backslashes": b'"' + b"\\" * 7_999_998,
    "one long number": b"[" + b"9" * 7_000_000 + b"]",
    "many bad numbers": b"[" + b",".join([b"1e999"] * 90_000) + b"]",
    "one name ever again": b"{" + b",".join([b'"a":1'] * 90_000) + b"}",
    "a twin at the end": b"{" + b",".join(b'"%d":1' % n for n in range(49_000)) + b',"48999":2}',
    "surrogates": b'["' + b"\\ud83d\\ude00" * 80_000 + b'\\ud800"]',
}


@pytest.mark.req("A4")
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("limits", [Limits(), GENEROUS])
def test_a4_hostile_documents_cost_little(name: str, limits: Limits) -> None:
    """Ten megabytes made to hurt a parser are refused in time proportional to their size, never by a crash."""
    began = time.process_time()
    with pytest.raises(MalformedJson):
        parse_strict(HOSTILE[name], limits)
    assert time.process_time() - began < 4


@pytest.mark.req("A4")
def test_a4_each_limit_holds() -> None:
    """Size, values, string length and digits are each refused one beyond their limit, and read at it."""
    limits = Limits(body_bytes=100, depth=3, values=10, string_chars=20, number_chars=5)
    assert parse_strict(b'"' + b"x" * 20 + b'"' + b" " * 78, limits)
    assert refusal(b" " * 101, limits)[0] == "body_too_large"
    assert parse_strict(b"[" + b",".join([b"1"] * 10) + b"]", limits)
    assert refusal(b"[" + b",".join([b"1"] * 11) + b"]", limits)[0] == "too_many_values"
    assert refusal(b'"' + b"x" * 21 + b'"', limits)[0] == "string_too_long"
    assert parse_strict(b'"' + b"\\u00e4" * 10 + b"\\n" * 10 + b'"', limits)
    assert parse_strict("ä".encode() * 0 + b'"' + "ä".encode() * 20 + b'"', limits)
    assert refusal(b'"' + "ä".encode() * 21 + b'"', limits)[0] == "string_too_long"
    assert parse_strict(b"[12345]", limits) == [12345]
    assert refusal(b"[1.2345]", limits)[0] == "number_too_long"


def test_a_pointer_is_short_enough_to_repeat() -> None:
    """A refusal never sends a long key back."""
    key = b"k" * 5000
    code, pointer = refusal(b'{"%s":1,"%s":2}' % (key, key))
    assert code == "duplicate_member"
    assert len(pointer) == 256
