"""Finding a hidden value again where it was written out: plainly, with escapes, as base64, hex or a bare digest.

A paraphrase is not found, and neither is a value of one or two characters: it says nothing by itself.
"""

import base64
import html
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import md5, sha1, sha256
from typing import Any, Final, Literal

from companion.core.canonical import canonical_bytes

SHORTEST_TEXT: Final = 3
SHORTEST_NUMBER: Final = 4
LONGEST: Final = 120
NEEDS_BORDERS: Final = 6
"""A shorter text is found as a word of its own only; masking “ann” must not touch “annual”."""
MOST_SPELLED: Final = 500
MOST_IDENTIFIERS: Final = 50
_LOCAL_PART: Final = re.compile(r"[\w.+-]+\Z")
_DOMAIN: Final = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_LONG_NUMBER: Final = re.compile(r"\+?\d(?:[\s().\-/]{0,2}\d){5,40}")
_PLAIN_IN_ADDRESSES: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~")
_GAP: Final = r"[\s().,\-/]{0,2}"
_SEPARATORS: Final = re.compile(r"[\s().,\-/]")
Value = str | int | float
_Norm = Literal["NFC", "NFD", "NFKC"]
_NORMS: Final[tuple[_Norm, ...]] = ("NFC", "NFD", "NFKC")


class Masks:
    """Masks hidden values in the texts of one JSON value. Without any value in it, it changes nothing."""

    def __init__(self, values: Iterable[Value], about: Any) -> None:
        given = dict.fromkeys(values)
        self._numbers = {value for value in given if not isinstance(value, str) and _telling_number(value)}
        # Of all forms of all values only those that occur at all are looked for in each text.
        here = _Haystack("\n".join(_texts(about)))
        patterns = dict.fromkeys(form.pattern for value in given for form in _forms(value) if here.may_hold(form))
        ordered = sorted(patterns, key=len, reverse=True)
        self._found = re.compile("|".join(ordered), re.IGNORECASE) if ordered else None

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
        if isinstance(value, str):
            return self.text(value)[0]
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, int | float):
            return None if self._hides_number(value) else value
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

    def _hides_number(self, value: int | float) -> bool:
        """Whether the number is a hidden one, or is written with the digits of one."""
        if value in self._numbers:
            return True
        return self._found is not None and self._found.fullmatch(_written(value)) is not None


class _Haystack:
    """A text in which forms are looked for quickly; it finds too much rather than too little."""

    def __init__(self, text: str) -> None:
        self._folded = text.casefold()
        self._joined = _SEPARATORS.sub("", self._folded)

    def may_hold(self, form: "_Form") -> bool:
        return form.literal in (self._joined if form.gaps else self._folded)


def repeats(values: Iterable[Value], content: bytes) -> bool:
    """Whether bytes hold one of the values in any form; so a file that repeats it is found as well as a text."""
    forms = [form for value in dict.fromkeys(values) for form in _forms(value)]
    if not forms:
        return False
    haystacks = [_Haystack(content.decode(encoding, "replace")) for encoding in ("utf-8", "utf-16-le")]
    return any(haystack.may_hold(form) for haystack in haystacks for form in forms)


def _texts(value: Any) -> Iterator[str]:
    """Every text inside of a JSON value, names of members and numbers among them."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield name
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, int | float):
        yield _written(value)


def leaves(value: Any) -> Iterator[Value]:
    """Every text and number inside of a JSON value, and the names of its members are not among them."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from leaves(inner)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield value


def telling(values: Iterable[Value]) -> Iterator[Value]:
    """What is worth remembering of hidden values: short ones, and of a long text its addresses and numbers."""
    seen: set[Value] = set()
    for value in values:
        long = isinstance(value, str) and len(value) > LONGEST
        for one in _identifiers(str(value)) if long else [value]:
            if one not in seen and any(True for _ in _forms(one)):
                seen.add(one)
                yield one


@dataclass(frozen=True, slots=True)
class _Form:
    """One way in which a value may be written: a folded text that must occur, and the pattern of what is masked."""

    literal: str
    pattern: str
    gaps: bool = False
    """Whether signs may stand between its digits."""


def _forms(value: Value) -> Iterator[_Form]:
    """The forms in which a value may stand in a text."""
    if not isinstance(value, str):
        if _telling_number(value):
            whole, point, rest = _written(value).partition(".")
            pattern = _GAP.join(whole) + (rf"[.,]{rest}" if point else "")
            yield _Form(f"{whole}{rest}".replace("-", ""), rf"(?<!\d){pattern}(?!\d)", gaps=True)
        return
    text = value.strip()
    for whole in dict.fromkeys([text, *_identifiers(text)]):
        if len(whole) >= SHORTEST_TEXT:
            yield from _text_forms(whole)


def _text_forms(text: str) -> Iterator[_Form]:
    plain = re.escape(text)
    yield _Form(text.casefold(), rf"(?<!\w){plain}(?!\w)" if len(text) < NEEDS_BORDERS else plain)
    for norm in _NORMS:
        if (same := unicodedata.normalize(norm, text)) != text:
            yield _literal(same)
    if len(text) > MOST_SPELLED:
        # Nobody writes a page of text in numbers, and the bytes of all its forms would fill the memory.
        return
    digits = re.sub(r"\D", "", text)
    if len(digits) >= NEEDS_BORDERS and len(digits) >= len(_SEPARATORS.sub("", text).replace("+", "")):
        yield _Form(digits, rf"(?<!\d){_GAP.join(digits)}(?!\d)", gaps=True)
    data = text.encode("utf-8", "surrogatepass")
    spelled = {
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        "".join(f"\\u{unit:04x}" for unit in _utf16(text)),
        "".join(f"&#{ord(sign)};" for sign in text),
        "".join(f"&#x{ord(sign):x};" for sign in text),
        html.escape(text),
        _percent(data),
        _percent(data).replace("%20", "+"),
        "".join(f"%{byte:02x}" for byte in data),
        text[::-1],
    } - {text}
    yield from (_literal(form) for form in spelled if len(form) >= NEEDS_BORDERS)
    for encoded in (data, text.encode("utf-16-le", "surrogatepass")):
        if len(encoded) >= NEEDS_BORDERS:
            yield from (_literal(form) for form in (encoded.hex(), *_base64(encoded)))
    for made in (sha256, sha1, md5):
        hashed = made(data, usedforsecurity=False)
        yield _literal(hashed.hexdigest())
        yield _literal(base64.b64encode(hashed.digest()).decode().rstrip("="))


def _literal(form: str) -> _Form:
    return _Form(form.casefold(), re.escape(form))


def _identifiers(text: str) -> Iterator[str]:
    """Addresses and long numbers inside of a hidden text; they are what is repeated elsewhere."""
    for at in [found.start() for found in re.finditer("@", text)][:MOST_IDENTIFIERS]:
        # Around each sign, and not by one pattern over a megabyte of letters.
        before, after = _LOCAL_PART.search(text[max(0, at - 64) : at]), _DOMAIN.match(text[at + 1 : at + 200])
        if before and after:
            yield f"{before[0]}@{after[0]}"
    for number, found in enumerate(_LONG_NUMBER.finditer(text)):
        if number == MOST_IDENTIFIERS:
            return
        yield found[0]


def _percent(data: bytes) -> str:
    """The value as it stands in an address."""
    return "".join(chr(byte) if byte in _PLAIN_IN_ADDRESSES else f"%{byte:02X}" for byte in data)


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


def _telling_number(value: int | float) -> bool:
    return len(re.sub(r"\D", "", _written(value))) >= SHORTEST_NUMBER
