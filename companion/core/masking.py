"""Finding a hidden value again where it was written out: plainly, with escapes, as base64, hex or a bare digest.

A paraphrase is not found, and neither is a value of one or two characters: it says nothing by itself.
"""

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import md5, sha1, sha256
from typing import Any, Final
from urllib.parse import quote, quote_plus

from companion.core.canonical import canonical_bytes

SHORTEST_TEXT: Final = 3
SHORTEST_NUMBER: Final = 4
LONGEST: Final = 120
NEEDS_BORDERS: Final = 6
"""A shorter text is found as a word of its own only; masking “ann” must not touch “annual”."""
_IDENTIFIER: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\+?\d(?:[\s().\-/]{0,2}\d){5,}")
"""Addresses and long numbers inside of a hidden text; they are what is repeated elsewhere."""
_GAP: Final = r"[\s().,\-/]{0,2}"


class Masks:
    """Masks hidden values in texts. Without any value it changes nothing."""

    def __init__(self, values: Iterable[str | int | float]) -> None:
        self.values: Final = tuple(dict.fromkeys(values))
        patterns = dict.fromkeys(pattern for value in self.values for pattern in _patterns(value))
        ordered = sorted(patterns, key=len, reverse=True)
        self._found = re.compile("|".join(ordered), re.IGNORECASE) if ordered else None
        self._numbers = {value for value in self.values if not isinstance(value, str)}

    def __bool__(self) -> bool:
        return self._found is not None

    def text(self, text: str) -> tuple[str, tuple[str, ...]]:
        """The text with each hidden value as `[redacted 1]`, `[redacted 2]` …, and what stands behind these."""
        if self._found is None:
            return text, ()
        pieces: list[str] = []

        def mask(found: re.Match[str]) -> str:
            if found[0] not in pieces:
                pieces.append(found[0])
            return f"[redacted {pieces.index(found[0]) + 1}]"

        return self._found.sub(mask, text), tuple(pieces)

    def anywhere(self, value: Any) -> Any:
        """A JSON value with every text in it masked, names of members too; a number that is hidden becomes null."""
        if self._found is None:
            return value
        if isinstance(value, str):
            return self.text(value)[0]
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, int | float):
            return None if self.hides_number(value) else value
        if isinstance(value, Mapping):
            return {shown: self.anywhere(value[name]) for shown, name in self.names(value).items()}
        return [self.anywhere(inner) for inner in value]

    def names(self, members: Iterable[str]) -> dict[str, str]:
        """Masked name -> name, for the members of an object."""
        made: dict[str, str] = {}
        for name in members:
            masked = self.text(name)[0]
            while masked in made:
                # Two names that differ in what is hidden must not fall into one.
                masked += "*"
            made[masked] = name
        return made

    def hides_number(self, value: int | float) -> bool:
        """Whether the number is a hidden one, or is written with the digits of one."""
        if value in self._numbers:
            return len(_digits(value)) >= SHORTEST_NUMBER
        return self._found is not None and self._found.fullmatch(_written(value)) is not None

    def holds(self, content: bytes) -> bool:
        """Whether bytes hold something hidden; so a file that repeats it is found as well as a text."""
        if self._found is None:
            return False
        texts = {content.decode("utf-8", "replace"), content.decode("utf-16-le", "replace")}
        return any(self._found.search(text) for text in texts)


def leaves(value: Any) -> Iterator[str | int | float]:
    """Every text and number inside of a JSON value, and the names of its members are not among them."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from leaves(inner)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield value


def telling(values: Iterable[str | int | float]) -> Iterator[str | int | float]:
    """What is worth remembering of hidden values: short ones, and of a long text its addresses and numbers."""
    seen: set[str | int | float] = set()
    for value in values:
        for one in [value] if not isinstance(value, str) or len(value) <= LONGEST else _IDENTIFIER.findall(value):
            if one not in seen and any(True for _ in _patterns(one)):
                seen.add(one)
                yield one


def _patterns(value: str | int | float) -> Iterator[str]:
    """Regular expressions for one value, in the forms in which it may stand in a text."""
    if not isinstance(value, str):
        if len(_digits(value)) >= SHORTEST_NUMBER:
            whole, point, rest = _written(value).partition(".")
            digits = _GAP.join(whole) + (rf"[.,]{rest}" if point else "")
            yield rf"(?<![\d]){digits}(?!\d)"
        return
    text = value.strip()
    for whole in dict.fromkeys([text, *_IDENTIFIER.findall(text)]):
        if len(whole) >= SHORTEST_TEXT:
            yield from _forms(whole)


def _forms(text: str) -> Iterator[str]:
    plain = re.escape(text)
    bordered = len(text) < NEEDS_BORDERS
    yield rf"(?<!\w){plain}(?!\w)" if bordered else plain
    digits = re.sub(r"\D", "", text)
    if len(digits) >= NEEDS_BORDERS and len(digits) >= len(re.sub(r"[\s().,\-/+]", "", text)):
        yield rf"(?<!\d){_GAP.join(digits)}(?!\d)"
    data = text.encode("utf-8", "surrogatepass")
    escaped = {
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        "".join(f"\\u{unit:04x}" for unit in _utf16(text)),
        "".join(f"&#{ord(sign)};" for sign in text),
        "".join(f"&#x{ord(sign):x};" for sign in text),
        html.escape(text),
        quote(data, safe=""),
        quote_plus(data),
        "".join(f"%{byte:02x}" for byte in data),
        text[::-1],
    } - {text}
    yield from (re.escape(form) for form in escaped if len(form) >= NEEDS_BORDERS)
    for bytes_ in (data, text.encode("utf-16-le", "surrogatepass")):
        if len(bytes_) >= NEEDS_BORDERS:
            yield from (re.escape(form) for form in (bytes_.hex(), *_base64(bytes_)))
    for made in (sha256, sha1, md5):
        hashed = made(data, usedforsecurity=False)
        yield hashed.hexdigest()
        yield re.escape(base64.b64encode(hashed.digest()).decode().rstrip("="))


def _base64(data: bytes) -> Iterator[str]:
    """What of the value stands in base64 wherever it begins within a group of three bytes."""
    for before in range(3):
        coded = base64.b64encode(bytes(before) + data).decode().rstrip("=")
        # The first and the last sign may be mixed with what stands around.
        inner = coded[(0, 2, 3)[before] : len(coded) - (1 if (before + len(data)) % 3 else 0)]
        yield from {inner, inner.replace("+", "-").replace("/", "_")}


def _utf16(text: str) -> Iterator[int]:
    data = text.encode("utf-16-be", "surrogatepass")
    yield from (int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2))


def _written(value: int | float) -> str:
    """A number as JSON writes it."""
    return canonical_bytes(value).decode()


def _digits(value: int | float) -> str:
    return re.sub(r"\D", "", _written(value))
