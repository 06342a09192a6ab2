"""Reading JSON without room for two readings (rows A4, A6, J7).

What two programs could take differently is refused when it comes in, so that a digest means one value everywhere.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

EXACT_INTEGER: Final = 2**53 - 1
"""A whole number up to here is the same in every reader."""

_ALWAYS_EXACT_DIGITS: Final = 15
_POINTER_CHARS: Final = 256
_ONE_BRACKET: Final = bytes.maketrans(b"{}", b"[]")
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_SURROGATE_ESCAPE: Final = re.compile(r"\\u[dD][89a-fA-F]")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may cost; all but `number_chars` are checked before it is parsed.

    `values` counts object members and array elements together, `string_chars` the decoded characters of one string,
    `number_chars` the characters of one number as written.
    """

    body_bytes: int = 8 * 1024 * 1024
    depth: int = 32
    values: int = 100_000
    string_chars: int = 1024 * 1024
    number_chars: int = 400


DEFAULT_LIMITS: Final = Limits()


class MalformedJson(ValueError):
    """A document that is refused; `code` is stable, `pointer` (RFC 6901) names the part, `detail` says how to mend it.

    Codes: body_too_large, not_utf8, invalid_json, too_deep, too_many_values, string_too_long, duplicate_member,
    lone_surrogate, number_too_long, number_not_finite, number_not_exact.
    """

    def __init__(self, code: str, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.pointer = pointer
        self.detail = detail


def parse_strict(body: bytes, limits: Limits = DEFAULT_LIMITS) -> Any:
    """Read one JSON document: RFC 8259, less everything that a second reader could take differently (RFC 7493).

    Whole numbers up to 2**53 - 1 become int, however they are written; all others become float.
    Raises MalformedJson.
    """
    _check_cost(body, limits)
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise MalformedJson("not_utf8", "", f"Byte {error.start} is not UTF-8. Send JSON in UTF-8.") from None
    reading = _Reading(limits.number_chars)
    try:
        value = reading.decode(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise MalformedJson("invalid_json", "", f"This is not JSON: {error.msg} at {where}.") from None
    if reading.faults:
        path, fault = next((path, item) for path, item in _parts(value) if isinstance(item, _Fault))
        raise MalformedJson(fault.code, _pointer(path), fault.detail)
    # Only an escape can bring in a surrogate: UTF-8 cannot hold one.
    if _SURROGATE_ESCAPE.search(text):
        for path, item in _parts(value):
            if isinstance(item, str) and not _encodable(item):
                raise MalformedJson("lone_surrogate", _pointer(path), "Half of a surrogate pair stands alone here.")
    return value


def _check_cost(body: bytes, limits: Limits) -> None:
    """Refuse what would be dear to parse: first by counts that can only be too high, exactly only where those are."""
    if len(body) > limits.body_bytes:
        detail = f"The body has {len(body)} bytes; the limit is {limits.body_bytes}."
        raise MalformedJson("body_too_large", "", detail)
    opens = body.count(b"[") + body.count(b"{")
    commas = body.count(b",")
    if opens <= limits.depth and opens + commas <= limits.values and len(body) <= limits.string_chars:
        return
    unescaped = _unescaped(body)
    too_many = MalformedJson("too_many_values", "", f"Members and elements together may be {limits.values}.")
    # A value brings two strings at most, its key and itself; so the split below makes a bounded number of pieces.
    if unescaped.count(b'"') > 4 * limits.values + 2:
        raise too_many
    pieces = unescaped.split(b'"')
    outside = b"".join(pieces[::2])
    brackets = outside.translate(_ONE_BRACKET, _NOT_BRACKETS)
    if brackets.count(b"[") + outside.count(b",") > limits.values:
        raise too_many
    if _too_deep(brackets, limits.depth):
        raise MalformedJson("too_deep", "", f"Objects and lists may be nested {limits.depth} deep.")
    if any(len(piece) > limits.string_chars and _decoded_chars(piece) > limits.string_chars for piece in pieces[1::2]):
        raise MalformedJson("string_too_long", "", f"A string may have {limits.string_chars} characters.")


def deeper_than(body: bytes, depth: int) -> bool:
    """Whether objects and lists of a JSON document nest deeper than `depth` (a lone text is 0 deep, `[]` is 1)."""
    if body.count(b"[") + body.count(b"{") <= depth:
        return False
    outside = b"".join(_unescaped(body).split(b'"')[::2])
    return _too_deep(outside.translate(_ONE_BRACKET, _NOT_BRACKETS), depth)


def _unescaped(body: bytes) -> bytes:
    """An escaped backslash or quote as one harmless character: cut at its quotes, every second piece is a string."""
    return body.replace(b"\\\\", b"_").replace(b'\\"', b"_")


def _too_deep(brackets: bytes, depth: int) -> bool:
    """Whether brackets nest deeper than `depth`; each round takes away the innermost, so nothing recurses."""
    for _ in range(depth):
        fewer = brackets.replace(b"[]", b"")
        if len(fewer) == len(brackets):
            break
        brackets = fewer
    return b"[]" in brackets or brackets.count(b"[") > depth


def _decoded_chars(piece: bytes) -> int:
    """How many characters the inside of a string literal decodes to (an escape is one)."""
    return len(re.sub(rb"\\u[0-9A-Fa-f]{4}|\\.", b"_", piece).decode(errors="replace"))


@dataclass(frozen=True, slots=True)
class _Fault:
    """Stands in the parsed value for a part that is refused, so that its pointer can be found."""

    code: str
    detail: str


class _Reading(json.JSONDecoder):
    """One parse with the C scanner; `faults` counts the parts that are refused."""

    def __init__(self, number_chars: int) -> None:
        self.faults = 0
        self._number_chars = number_chars
        super().__init__(
            object_pairs_hook=self._members,
            parse_int=self._whole,
            parse_float=self._number,
            parse_constant=self._not_finite,
        )

    def _fault(self, code: str, detail: str) -> _Fault:
        self.faults += 1
        return _Fault(code, detail)

    def _members(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            twice = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
            members[twice] = self._fault("duplicate_member", "This member is given twice.")
        return members

    def _whole(self, text: str) -> Any:
        return int(text) if len(text) <= _ALWAYS_EXACT_DIGITS else self._number(text)

    def _number(self, text: str) -> Any:
        if len(text) > self._number_chars:
            return self._fault("number_too_long", f"A number may have {self._number_chars} characters.")
        double = float(text)
        if repr(double) != text:
            try:
                exact = Decimal(text) == Decimal(repr(double))
            except InvalidOperation:
                exact = False
            if not exact:
                detail = "This number would be altered by reading it as a double. Send it as text."
                return self._fault("number_not_exact", detail)
        return int(double) if double.is_integer() and abs(double) <= EXACT_INTEGER else double

    def _not_finite(self, text: str) -> _Fault:
        return self._fault("number_not_finite", f"{text} is not JSON. Send null, or text.")


def _parts(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every key and every value with its path; as deep as the document, which is bounded by now."""
    yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*path, key), key
            yield from _parts(item, (*path, key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _parts(item, (*path, str(place)))


def _pointer(path: tuple[str, ...]) -> str:
    """RFC 6901, cut to a length that is safe to repeat in an answer, and encodable whatever the keys hold."""
    whole = "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)
    return whole[:_POINTER_CHARS].encode(errors="backslashreplace").decode()


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
