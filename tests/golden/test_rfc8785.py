"""Canonical JSON against vectors from outside: the RFC, its author's test data, and what a JavaScript engine writes."""

import json
import struct
from pathlib import Path

import pytest

from companion.core.canonical import NotCanonical, canonical_bytes, parse_strict
from companion.core.strict_json import MalformedJson

VECTORS = Path(__file__).parent / "vectors"
DOCUMENTS = json.loads((VECTORS / "rfc8785_documents.json").read_text())["documents"]
ES6_NUMBERS = json.loads((VECTORS / "es6_numbers.json").read_text())
"""Doubles in hexadecimal and what JSON.stringify of Node 24.19 makes of them."""

RFC_APPENDIX_B = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("ffefffffffffffff", "-1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"),
    ("41b3de4355555556", "333333333.3333334"),
    ("41b3de4355555557", "333333333.33333343"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]


def double(hexadecimal: str) -> float:
    (value,) = struct.unpack(">d", bytes.fromhex(hexadecimal))
    return float(value)


@pytest.mark.parametrize(("bits", "text"), RFC_APPENDIX_B + [tuple(pair) for pair in ES6_NUMBERS])
def test_numbers_are_written_as_ecmascript_does(bits: str, text: str) -> None:
    """Each number of RFC 8785 appendix B, and 400 from a JavaScript engine, are written alike and read back."""
    assert canonical_bytes(double(bits)) == text.encode()
    assert canonical_bytes({"n": [double(bits)]}) == b'{"n":[%s]}' % text.encode()
    assert parse_strict(text.encode()) == double(bits)


@pytest.mark.parametrize("bits", ["7fffffffffffffff", "7ff0000000000000", "fff0000000000000"])
def test_numbers_that_are_none_have_no_form(bits: str) -> None:
    """NaN and the infinities of appendix B are errors."""
    with pytest.raises(NotCanonical):
        canonical_bytes(double(bits))


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != "values"])
def test_the_authors_documents(name: str) -> None:
    """The test data of RFC 8785's author give exactly the author's bytes."""
    assert canonical_bytes(parse_strict(DOCUMENTS[name]["input"].encode())) == DOCUMENTS[name]["output"].encode()


@pytest.mark.req("A6")
def test_the_author_accepts_a_number_that_we_refuse() -> None:
    """333333333.33333329 of the RFC's example is altered by a double: it is refused, and read loosely it fits."""
    document = DOCUMENTS["values"]
    assert canonical_bytes(json.loads(document["input"])) == document["output"].encode()
    with pytest.raises(MalformedJson) as caught:
        parse_strict(document["input"].encode())
    assert (caught.value.code, caught.value.pointer) == ("number_not_exact", "/numbers/0")
