"""Texts as they are compared: without invisible characters, look-alikes, case and runs of white space."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

INVISIBLE: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\U000e0000-\U000e0fff"
)
"""Inside a character class: what takes no room, or turns the direction of reading."""
_DASHES: Final = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63", "-"))
LOOK_ALIKES: Final = str.maketrans(
    "асеіјорѕухԁһԛԝԍАВЕЅІЈКМНОРСТХУΑΒΕΖΗΙΚΜΝΟΡΤΥΧανορυιτκ", "aceijopsyxdhqwgABESIJKMHOPCTXYABEZHIKMNOPTYXavopuitk"
)
"""Letters of Cyrillic and Greek that a reader takes for Latin ones."""

_INVISIBLE: Final = re.compile(f"[{INVISIBLE}]")
_RUNS: Final = re.compile(r"(?s)\s+|[!-~]+(?![\u0300-\u036f])|.[\u0300-\u036f]*")
"""White space, plain letters, or one character with the accents that follow it."""


@dataclass(frozen=True)
class Folded:
    """A folded text, and what it was made of."""

    text: str
    source: str
    loosely: bool

    @cached_property
    def origin(self) -> Sequence[int]:
        """Where each character of `text` stands in `source`. Counted when asked for: most texts hold nothing."""
        return _folded(self.source, loosely=self.loosely)[1]


def folded(text: str, *, loosely: bool = False) -> Folded:
    """NFKC, case-folded, one space for each run of white space.

    `loosely` takes accents off and Latin look-alikes for Latin letters as well.
    """
    if text.isascii():
        words = " ".join(text.lower().split())
        return Folded(words + " " if words and text[-1].isspace() else words, text, loosely)
    return Folded(_folded(text, loosely=loosely)[0], text, loosely)


def _folded(text: str, *, loosely: bool) -> tuple[str, list[int]]:
    """A text folded, and the origin of each character."""
    runs: list[str] = []
    origin: list[int] = []
    for match in _RUNS.finditer(text):
        run, start = match.group(), match.start()
        if run.isspace():
            if runs and runs[-1] != " ":
                runs.append(" ")
                origin.append(start)
        elif run.isascii():
            runs.append(run.casefold())
            origin.extend(range(start, start + len(run)))
        elif not _INVISIBLE.match(run):
            run = _normal(run, loosely=loosely)
            runs.append(run)
            origin.extend([start] * len(run))
    return "".join(runs), origin


@lru_cache(maxsize=4096)
def _normal(cluster: str, *, loosely: bool) -> str:
    """One character with its accents, in its usual form."""
    cluster = unicodedata.normalize("NFKC", cluster).translate(_DASHES)
    if loosely:
        cluster = unicodedata.normalize("NFKD", cluster.translate(LOOK_ALIKES))
        cluster = "".join(character for character in cluster if not unicodedata.combining(character))
    return cluster.casefold()


def folded_term(term: str) -> str:
    """A term of a policy as it is looked for in folded texts."""
    return folded(term).text.strip()


def plainly(text: str) -> str:
    """`text` in small letters without accents, each character in its place: positions in it are those in `text`."""
    return text.lower() if text.isascii() else "".join(map(_plain, text))


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    low = unicodedata.normalize("NFD", character)[0].lower()
    return low if len(low) == 1 else character
