"""Personal data: addresses, birth dates, named people, and what identifiers and phones find (R-SEC-10).

A name in running text is not found: that takes a language model, and none is shipped. Names are found where a form of
address or a member's name announces them.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import ip_address
from typing import Final

from companion.adapters.detection import identifiers, phones
from companion.adapters.detection.openings import closing, opening
from companion.adapters.detection.texts import Mark, Meter
from companion.adapters.detection.views import View
from companion.adapters.detection.words import lines, phrase_pattern

_EMAIL: Final = re.compile(
    r"(?<![\w.+@-])[\w.!#$%&'*+=?^{|}~-]{1,64}@(?:[\w-]{1,63}\.){1,6}[^\W\d_]{2,24}(?![\w@])|"
    r"[\w-]{2,40} ?[(\[] ?(?:at|@|ät) ?[)\]] ?[\w-]{2,40} ?(?:\.|[(\[] ?(?:dot|punkt|\.) ?[)\]]) ?\w{2,10}|"
    r"\b[\w-]{2,40}(?:\.| dot )[\w-]{2,40} at [\w-]{2,40}(?:\.| dot )(?:com|org|net|io|eu|de|fr|es|it|nl|uk)\b"
)
_SPOKEN_AT: Final = re.compile(r"[(\[] ?(?:at|@|ät) ?[)\]]| at [\w-]{2,40}(?:\.| dot )")
"""In every mailbox that is written without a plain `@`."""
_NO_MAILBOX: Final = re.compile(r"git@|hg@|svn@")
_IN_URL: Final = re.compile(r"://\S{0,80}$")
_DATE: Final = (
    r"(?:\d{1,4}[./-] ?(?:\d{1,2}|[^\W\d_]{3})[./-] ?\d{1,4}|"
    r"\d{1,2}(?:st|nd|rd|th|er|\.)? (?:de )?[^\W\d_]{3,10}\.?,? (?:de )?\d{4}|[^\W\d_]{3,10}\.? \d{1,2},? \d{4})"
)
_BIRTH_WORDS: Final = "|".join(lines("births"))
_BIRTH: Final = re.compile(
    rf"(?<![^\W\d_])(?:{_BIRTH_WORDS})(?: (?:is|ist|was))?(?: (?:the|der|le|el))?[\s:=\"'(]{{0,4}}{_DATE}(?!\d)",
    re.IGNORECASE,
)
_BIRTH_OPENS: Final = opening(_BIRTH)
_BIRTH_MEMBER: Final = re.compile(rf"{_BIRTH_WORDS}|geburtstag|naissance|nacimiento", re.IGNORECASE)
_ADDRESS: Final = phrase_pattern("postal-addresses")
_PLACE_OPENS: Final = closing(
    "strasse|str|weg|gasse|allee|platz|damm|ufer|straat|laan|plein|gracht|gatan|gade|vej|veien|katu"
) | opening(
    re.compile(
        r"\b(?:rue|avenue|boulevard|place|chemin|impasse|quai|[Cc]alle|C/|avda|paseo|plaza|via|piazza|corso|rua|travessa|"
        r"ul\.|ulica|al\.|avenida|viale|p\b|po\b|pobox|postfach)"
    )
)
_HOUSE: Final = re.compile(r"\d[A-Za-z]? [A-ZÀ-Þ]")
"""A place is told by its kind of road, or has a number before a word with a capital."""
_NAME: Final = re.compile("|".join(lines("names")).replace("@", r"[A-ZÀ-ÞĀ-Ž][\w'’-]{1,25}"))
_NAME_OPENS: Final = opening(_NAME)
_NAME_MEMBER: Final = re.compile(
    r"(?:full|first|last|given|family|sur|middle|customer|patient|contact|employee|applicant|holder|account_holder|"
    r"maiden|legal)_?name|vorname|nachname|nom_de_famille|prenom|apellidos?",
    re.IGNORECASE,
)
_NETWORK: Final = re.compile(
    r"(?<![\w.:/-])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{1,4}(?::{1,2}[0-9A-Fa-f]{1,4}){2,7})(?![\w:]|\.\d|/\d)"
)
_SOMEBODY: Final = re.compile(
    r"\b(?:user|login|log-?in|signed in|client|visitor|account|customer|session|nutzer|kunde|ip_?(?:address)?)\b",
    re.IGNORECASE,
)


_SOMEBODY_OPENS: Final = opening(_SOMEBODY)


def find(view: View, key: str, meter: Meter) -> Iterator[Mark]:
    """Marks for the personal data in a window. `key` is the name of the member that holds the text."""
    text = view.text
    taken: list[tuple[int, int]] = []
    for mark, end in identifiers.find(view, key, meter):
        taken.append((mark.start, end))
        yield mark
    yield from phones.find(view, key, meter, taken)
    for match in _EMAIL.finditer(text) if "@" in text or _SPOKEN_AT.search(text) else ():
        # `://user:password@host` is no mailbox; the detector of secrets looks after it.
        before = text[max(0, match.start() - 90) : match.start()]
        if not _NO_MAILBOX.match(match.group()) and not _IN_URL.search(before):
            yield Mark("pii", "an e-mail address", match.start())
    for pattern, what, may in (
        (_BIRTH, "a date of birth", view.digits and view.opens & _BIRTH_OPENS),
        (_ADDRESS, "a postal address", view.digits and (view.opens & _PLACE_OPENS or _HOUSE.search(text))),
        (_NAME, "a person's name", view.opens & _NAME_OPENS),
    ):
        for match in pattern.finditer(text) if may else ():
            yield Mark("pii", what, match.start())
    birth, name, somebody = _told_by(key)
    if birth and any(map(str.isdigit, text)):
        yield Mark("pii", "a date of birth", 0)
    if name and any(map(str.isalpha, text)):
        yield Mark("pii", "a person's name", 0)
    if (text.count(".") > 2 or text.count(":") > 1) and (
        somebody or (view.opens & _SOMEBODY_OPENS and _SOMEBODY.search(text))
    ):
        yield from _network_addresses(text)


@lru_cache(maxsize=512)
def _told_by(key: str) -> tuple[bool, bool, bool]:
    """Whether a member of this name holds a date of birth, a name, or what somebody did."""
    birth = _BIRTH_MEMBER.fullmatch(key.replace("_", " ")) is not None
    return birth, _NAME_MEMBER.fullmatch(key) is not None, _SOMEBODY.search(key) is not None


def _network_addresses(text: str) -> Iterator[Mark]:
    """Public addresses beside somebody's session: data of a person, as courts of the Union hold."""
    for match in _NETWORK.finditer(text):
        try:
            public = ip_address(match.group()).is_global
        except ValueError:
            continue
        if public:
            yield Mark("pii", "a network address of a person", match.start())
