"""Which patterns a text can match at all, told by how its words begin.

Most patterns of this package begin with a word. From the pattern itself we read the words that its matches can begin
with, and ask the words of a text for them once, for all patterns together. That is a necessary condition, never a
sufficient one: what it lets through, the pattern decides. It is read for texts in ASCII; any other text opens all.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Final

HEAD: Final = 5
"""As many letters of a word are looked at."""
EVERY: Final = -1
"""What a text opens of which nothing is known."""

_MOST: Final = 12
_EDGE: Final = "\0"
"""Stands for anything that is no letter, and for the edge of a word."""
_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_WORD: Final = re.compile(r"[A-Za-z]+")

_TAIL: Final = 3

_exact: dict[str, int] = {}
_paired: dict[str, dict[str, int]] = {}
_begun: dict[str, int] = {}
_ended: dict[str, int] = {}
_patterns: list[re.Pattern[str]] = []


def opening(pattern: re.Pattern[str]) -> int:
    """The bit by which `opened` tells whether a text may match `pattern`. Raises ValueError if no word begins it."""
    bit = 1 << len(_patterns)
    _patterns.append(pattern)
    for head, whole, following in heads(pattern):
        if following:
            _paired.setdefault(head, {}).setdefault(following, 0)
            _paired[head][following] |= bit
        else:
            known = _exact if whole else _begun
            known[head] = known.get(head, 0) | bit
    _of_head.cache_clear()
    return bit


def closing(stems: str) -> int:
    """The bit by which `opened` tells whether a word of a text ends with one of these stems, set apart by `|`."""
    bit = 1 << len(_patterns)
    _patterns.append(re.compile(stems))
    for stem in stems.split("|"):
        _ended[stem[-_TAIL:]] = _ended.get(stem[-_TAIL:], 0) | bit
    return bit


def opened(text: str) -> int:
    """The bits of all patterns that `text` may match."""
    if not text.isascii():
        return EVERY
    bits = 0
    words = _WORD.findall(text.lower())
    for word, following in pairwise(words):
        known = _paired.get(word)
        if known:
            bits |= known.get(following[:2], 0) | known.get(following[:1], 0)
    for word in set(words):
        bits |= _of_head(word[:HEAD]) | _ended.get(word[-_TAIL:], 0)
    return bits


@lru_cache(maxsize=8192)
def _of_head(head: str) -> int:
    bits = _exact.get(head, 0) if len(head) < HEAD else 0
    for length in range(1, len(head) + 1):
        bits |= _begun.get(head[:length], 0)
    return bits


def heads(pattern: re.Pattern[str]) -> set[tuple[str, bool, str]]:
    """How the first word of a match in ASCII begins, whether that is the whole word, and how the next one begins."""
    found = set()
    for text, ended in _expanded(list(parser.parse(pattern.pattern, pattern.flags))):
        if not text.startswith(_EDGE):
            raise ValueError(f"a match may begin inside a word: {text!r}")
        word, edge, rest = text.lstrip(_EDGE).partition(_EDGE)
        if not word:
            raise ValueError(f"a match may begin with any word: {ended}")
        whole = bool(edge) and len(word) < HEAD
        following = rest.partition(_EDGE)[0][:2].lower() if whole else ""
        found.add((word[:HEAD].lower(), whole, following))
    return found


def _expanded(items: list[Any]) -> Iterator[tuple[str, bool]]:
    """The beginnings of what a sequence matches, each as letters and edges, and whether it goes on to the end."""
    texts = {("", True)}
    for item in items:
        grown: set[tuple[str, bool]] = set()
        parts = None
        for text, going in texts:
            if not going or len(text.lstrip(_EDGE)) > HEAD + 2:
                grown.add((text, False))
                continue
            if parts is None:
                parts = set(_of_item(item))
            grown.update((_joined(text, part), on) for part, on in parts)
        texts = grown
    yield from texts


def _joined(text: str, part: str) -> str:
    return text + part.lstrip(_EDGE) if text.endswith(_EDGE) else text + part


def _of_item(item: tuple[Any, Any]) -> Iterator[tuple[str, bool]]:
    """The beginnings of what one node of a pattern matches in a text of ASCII."""
    code, value = item
    if code is codes.LITERAL:
        if value < 128:
            yield (chr(value) if chr(value) in _LETTERS else _EDGE), True
        elif chr(value).lower().isascii() or chr(value).upper().isascii():
            yield "", False
    elif code is codes.IN:
        members = _members(value)
        letters = members & _LETTERS
        if len(letters) > _MOST:
            yield "", False
        else:
            yield from ((letter, True) for letter in letters)
        if members - _LETTERS:
            yield _EDGE, True
    elif code is codes.BRANCH:
        for branch in value[1]:
            yield from _expanded(list(branch))
    elif code is codes.SUBPATTERN:
        yield from _expanded(list(value[3]))
    elif code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
        least, most, body = value
        if least == 0:
            yield "", True
        for text, on in _expanded(list(body)):
            # More of what is no letter adds nothing; after a letter that repeats, anything may follow.
            yield text, on and (most == 1 or not text.strip(_EDGE))
    elif code is codes.AT:
        yield (_EDGE if value in (codes.AT_BOUNDARY, codes.AT_BEGINNING) else ""), True
    elif code is codes.ASSERT_NOT:
        body = list(value[1])
        edge = len(body) == 1 and body[0][0] is codes.IN and _members(body[0][1]) >= _LETTERS
        yield (_EDGE if edge else ""), True
    elif code is codes.ASSERT:
        yield "", True
    else:
        yield "", False


def _members(items: list[tuple[Any, Any]]) -> set[str]:
    """The ASCII characters that a class holds; for a class that ignores case, letters of both."""
    found: set[str] = set()
    for code, value in items:
        if code is codes.LITERAL:
            found.add(chr(value))
        elif code is codes.RANGE:
            found.update(map(chr, range(value[0], min(value[1], 127) + 1)))
        elif code is codes.CATEGORY:
            name = {"WORD": r"\w", "DIGIT": r"\d", "SPACE": r"\s"}[str(value).rsplit("_", 1)[1]]
            sign = name.upper() if "_NOT_" in str(value) else name
            found.update(re.findall(sign, "".join(map(chr, range(128)))))
    everything = set(map(chr, range(128)))
    return everything - found if items[0][0] is codes.NEGATE else found & everything
