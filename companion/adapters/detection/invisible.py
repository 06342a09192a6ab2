"""Text that a reader does not see as the machine reads it (rows H3, H4).

What belongs to a script or an emoji is left alone: joiners in Persian and Hindi, direction marks beside Arabic and
Hebrew, the parts of a flag, one variation selector.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from companion.adapters.detection.folding import LOOK_ALIKES
from companion.adapters.detection.texts import Mark

BLANK_LINES: Final = 40
"""More than anybody scrolls past without wondering."""

_SUSPECT: Final = re.compile(
    "[\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_WORD: Final = re.compile(r"[^\W\d_]{4,60}")
_OTHER_ALPHABET: Final = re.compile("[" + "".join(map(chr, LOOK_ALIKES)) + "]")
_BLANK: Final = re.compile(rf"(?:[ \t\r]{{0,20}}\n){{{BLANK_LINES}}}")

_BIDI: Final = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_MARKS: Final = set("\u200e\u200f\u061c")
_JOINERS: Final = set("\u200c\u200d")


def find(text: str, *, at_start: bool) -> Iterator[Mark]:
    """At most one mark of each kind for a window. `at_start`: the window is the first of its text."""
    said: set[str] = set()
    plain = text.isascii()
    for match in () if plain else _SUSPECT.finditer(text):
        what = _judged(text, match.start(), at_start)
        if what and what not in said:
            said.add(what)
            yield Mark("invisible_text", what, match.start())
    if not plain:
        for word in _WORD.finditer(text):
            if _OTHER_ALPHABET.search(word[0]) and len(re.findall(r"[A-Za-z]", word[0])) > 1:
                yield Mark("invisible_text", "letters of another alphabet that look like ours", word.start())
                break
    blank = _BLANK.search(text) if text.count("\n") >= BLANK_LINES else None
    if blank and text[blank.end() :].strip():
        yield Mark("invisible_text", f"more than {BLANK_LINES} blank lines with text after them", blank.start())


def _judged(text: str, at: int, at_start: bool) -> str:
    """What is wrong with the invisible character at `at`, or nothing."""
    character, before = text[at], text[at - 1] if at else ""
    if character in _BIDI:
        return "characters that turn the direction of reading"
    if character in _MARKS:
        return "" if any(map(_right_to_left, text)) else "characters that turn the direction of reading"
    if character in _JOINERS:
        return "" if _joins(before, text[at + 1 : at + 2]) else "invisible characters"
    if character == "\ufeff" and at == 0 and at_start:
        return ""
    if "\ufe00" <= character <= "\ufe0f":
        return (
            ""
            if before and not _is_selector(before) and not (before.isascii() and before.isalpha())
            else "invisible characters"
        )
    if "\U000e0100" <= character <= "\U000e01ef":
        return (
            "" if before and "\u2e80" <= before <= "\U0003ffff" and not _is_selector(before) else "invisible characters"
        )
    if "\U000e0000" <= character <= "\U000e007f":
        # 🏴 and up to six tag characters, closed by the cancel tag, are the flag of a region such as Scotland.
        return (
            ""
            if re.search("\U0001f3f4[\U000e0030-\U000e007a]{0,6}$", text[max(0, at - 7) : at])
            else "invisible characters"
        )
    return "invisible characters"


def _joins(before: str, after: str) -> bool:
    """Whether a joiner has something to join: letters of a script that needs it, or two parts of one emoji."""
    if not before or not after:
        return False
    needs = "\u0590" <= before <= "\u109f" or "\u1780" <= before <= "\u18af" or "\ua800" <= before <= "\uabff"
    return needs or before == "\ufe0f" or unicodedata.category(before) == "So" or "\U0001f3fb" <= before <= "\U0001f3ff"


def _is_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _right_to_left(character: str) -> bool:
    return unicodedata.bidirectional(character) in ("R", "AL")
