"""Numbers by which one person or account is known, by the checks of python-stdnum.

A number that shows by itself what it is (an IBAN, a Spanish NIE) needs no word beside it. One that could as well be an
order number needs both: a word such as “NHS number” before it, and a check digit that is right.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Final

from stdnum import iban, luhn

from companion.adapters.detection.folding import plainly
from companion.adapters.detection.openings import EVERY, opening
from companion.adapters.detection.texts import Mark, Meter
from companion.adapters.detection.views import View
from companion.adapters.detection.words import word_pattern

LOOK_BACK_CHARS: Final = 60
"""How far before a number the word stands that says what it is."""
LOOKED_UP: Final = 20
"""What one number costs of the budget."""

HEALTH_INSURANCE: Final = "a health insurance number"

_CARD: Final = re.compile(
    r"4\d{15}|4\d{18}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|35\d{14}|"
    r"6(?:011|4[4-9]\d|5\d\d)\d{12}"
)

Check = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of number: how it is written, the words before it where they are needed, and its check."""

    what: str
    written: re.Pattern[str]
    words: re.Pattern[str] | None
    check: Check
    opens: int
    number: bool


def stdnum(*names: str) -> Check:
    """Whether one of these modules of python-stdnum takes a number."""
    modules = [import_module(f"stdnum.{name}") for name in names]
    return lambda number: any(module.is_valid(number) for module in modules)


def is_card(number: str) -> bool:
    """A payment card by its first digits, length and check digit. Thirteen digits are articles (EAN), not cards."""
    digits = re.sub(r"\D", "", number)
    return _CARD.fullmatch(digits) is not None and len(set(digits)) > 1 and luhn.is_valid(digits)


def is_iban(number: str) -> bool:
    """An IBAN, also when a word of capital letters follows it."""
    compact = re.sub(r"[ -]", "", number).upper()
    return any(iban.is_valid(compact[:length], check_country=False) for length in range(len(compact), 14, -1))


def _has_digits(number: str) -> bool:
    return sum(map(str.isdigit, number)) >= 4


def _any(_: str) -> bool:
    return True


_STARTS: Final = r"(?<![\w.-])(?:"
_ENDS: Final = r")(?![\w-])"


def _kind(what: str, written: str, check: Check, words: str | None = None, *, number: bool = True) -> Kind:
    """A kind of number; `words` names the file with the words that it needs before it.

    `number`: all that `written` matches holds four digits near together, or is an IBAN (see views).
    """
    needed = re.compile(rf"(?<![^\W\d_])(?:{word_pattern(words)})(?![^\W\d_])") if words else None
    opens = opening(needed) if needed else EVERY
    return Kind(what, re.compile(f"{_STARTS}{written}{_ENDS}"), needed, check, opens, number)


_ANY_NATIONAL: Final = stdnum(
    "us.ssn", "us.itin", "ca.sin", "au.tfn", "gb.nhs", "in_.aadhaar", "pl.pesel", "nl.bsn", "de.idnr", "at.vnr",
    "ch.ssn", "fr.nir", "es.dni", "cl.rut", "br.cpf", "se.personnummer", "dk.cpr", "no.fodselsnummer", "be.nn",
    "za.idnr", "tr.tckimlik", "kr.rrn", "hr.oib", "bg.egn", "ro.cnp", "ee.ik", "lt.asmens", "cz.rc", "cn.ric",
    "il.idnr", "ie.pps", "pt.cc", "th.pin", "my.nric", "gr.amka", "ru.inn", "ua.rntrc",
)  # fmt: skip

_SOCIAL: Final = "a social security number"
_NATIONAL: Final = "a national identity number"
_TAX: Final = "a tax number of a person"

KINDS: Final = (
    _kind("a payment card number", r"[2-6]\d{3}(?:[ -]?\d){10,15}", is_card),
    _kind(
        "a bank account number (IBAN)",
        r"[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]{4}){2,7}(?:[ -]?[A-Za-z0-9]{1,3})?",
        is_iban,
    ),
    _kind(_SOCIAL, r"\d{3}-\d{2}-\d{4}", stdnum("us.ssn", "us.itin")),
    _kind(_SOCIAL, r"[12] ?\d\d ?[0-9]\d ?(?:\d\d|2[ABab]) ?\d{3} ?\d{3} ?\d\d", stdnum("fr.nir")),
    _kind(_SOCIAL, r"756[. ]?\d{4}[. ]?\d{4}[. ]?\d\d", stdnum("ch.ssn")),
    _kind(_SOCIAL, r"[A-CEGHJ-PRSTW-Z][A-CEGHJ-NPRSTW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]", _any),
    _kind(
        _TAX,
        r"[A-Z]{6}[0-9LMNP-V]{2}[A-EHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]",
        stdnum("it.codicefiscale"),
        number=False,
    ),
    _kind(_TAX, r"[A-Z]{5}\d{4}[A-Z]", stdnum("in_.pan")),
    _kind(_TAX, r"\d{3}\.\d{3}\.\d{3}-\d\d", stdnum("br.cpf")),
    _kind(_NATIONAL, r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d", stdnum("mx.curp")),
    _kind(_NATIONAL, r"\d{6}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]", stdnum("fi.hetu")),
    _kind(_NATIONAL, r"(?:\d\d)?\d{6}[-+]\d{4}", stdnum("se.personnummer")),
    _kind(_NATIONAL, r"[XYZ]-?\d{7}-?[A-Z]", stdnum("es.nie")),
    _kind(_NATIONAL, r"\d{5}-\d{7}-\d", stdnum("pk.cnic")),
    _kind(_NATIONAL, r"\d{7,8}[ -]?[A-Z]{1,2}", _ANY_NATIONAL, "national-ids"),
    _kind(_NATIONAL, r"\d(?:[ ./-]?\d){7,14}", _ANY_NATIONAL, "national-ids"),
    _kind(
        HEALTH_INSURANCE,
        r"[1-9][A-HJ-NP-Y][0-9A-HJ-NP-Y]\d-?[A-HJ-NP-Y][0-9A-HJ-NP-Y]\d-?[A-HJ-NP-Y]{2}\d\d|[A-Z]\d{9}",
        _any,
        "health-insurance",
        number=False,
    ),
    _kind("a driving licence number", r"[A-Z9]{5}\d{6}[A-Z9]{2}\d[A-Z]{2}", _any),
    _kind("a driving licence number", r"[A-Z0-9][A-Z0-9-]{5,17}", _has_digits, "driving-licences", number=False),
    _kind("a passport number", r"(?=[A-Z]{0,5}\d)[A-Z0-9]{6,10}", _any, "passports", number=False),
    _kind("a bank account number", r"\d\d-\d\d-\d\d|\d(?:[ -]?\d){5,16}", _any, "bank-accounts"),
)
"""Checked in this order; a number counts once."""
_WRITTEN: Final = (kind.written.pattern.removeprefix(_STARTS).removesuffix(_ENDS) for kind in KINDS if not kind.words)
_ALONE: Final = re.compile(f"{_STARTS}{'|'.join(_WRITTEN)}{_ENDS}")
"""Any number that needs no word."""


def find(view: View, key: str, meter: Meter) -> Iterator[tuple[Mark, int]]:
    """Marks for the identifiers in a window, each with its end. `key` is the member's name, which counts as a word."""
    taken: list[tuple[int, int]] = []
    name, named = _member(key)
    text, low = view.text, view.low
    alone = _ALONE.search(text) is not None if view.numbers else None
    for at, kind in enumerate(KINDS):
        if (kind.number and not view.numbers) or (kind.words is None and alone is False):
            continue
        if kind.words is not None and at not in named and not (view.opens & kind.opens and kind.words.search(low)):
            continue
        for match in kind.written.finditer(text):
            start, end = match.span()
            if any(start < stop and begin < end for begin, stop in taken):
                continue
            meter.spend(LOOKED_UP)
            before = f"{name} {low[max(0, start - LOOK_BACK_CHARS) : start]}"
            if kind.words is not None and not kind.words.search(before):
                continue
            if kind.check(match.group()):
                taken.append((start, end))
                yield Mark("pii", kind.what, start), end
                if kind.what == HEALTH_INSURANCE:
                    yield Mark("phi", kind.what, start), end


@lru_cache(maxsize=512)
def _member(key: str) -> tuple[str, frozenset[int]]:
    """A member's name as words are looked for, and the numbers of the kinds that it names."""
    name = plainly(key.replace("_", " "))
    return name, frozenset(at for at, kind in enumerate(KINDS) if kind.words is not None and kind.words.search(name))
