"""Telephone numbers, by Google's rules for every country (phonenumbers).

A number with + shows by itself what it is. One written as at home needs a word such as “call” beside it, or must be
grouped as its country groups them: eight digits in a row are an order number more often than a telephone.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

import phonenumbers

from companion.adapters.detection.folding import plainly
from companion.adapters.detection.texts import Mark, Meter
from companion.adapters.detection.views import View
from companion.adapters.detection.words import phrase_pattern

REGIONS: Final = (
    "US", "GB", "DE", "FR", "ES", "IT", "NL", "BE", "AT", "CH", "PL", "SE", "NO", "DK", "FI", "IE", "PT", "CZ", "HU",
    "RO", "GR", "UA", "RU", "TR", "IL", "AE", "AU", "NZ", "IN", "PK", "BR", "MX", "JP", "KR", "CN", "TW", "SG", "ZA",
)  # fmt: skip
"""Where a number without + may be at home."""
LOOKED_UP: Final = 200
"""What one number costs of the budget: it is held against the rules of all regions."""

_WRITTEN: Final = re.compile(
    r"(?<![\w.,/+#:=@-])(?:\+|00(?=[1-9]))?\(?\d(?:[ ()./\u00a0\u2011-]{0,3}\d){5,16}(?![\w@]|:\w)"
)
_WORDS: Final = phrase_pattern("telephones")
_OTHER_NUMBERS: Final = phrase_pattern("other-numbers")
_DATE_OR_ADDRESS: Final = re.compile(
    r"\d{4}[-./]\d{1,2}[-./]\d{1,2}\b.*|\d{1,2}[-./]\d{1,2}[-./](?:19|20)?\d\d(?: .*)?|\d{1,3}(?:\.\d{1,3}){3}"
)
_THOUSANDS: Final = re.compile(r"[1-9]\d{0,2}(?: \d{3}){2,4}")
"""A number in words may be a quantity: “mobile traffic grew by 1 200 300”."""
_ANNOUNCED: Final = re.compile(r"[:.] ?$|(?:tel|phone|telefon|number|nr|no)[.:]? $", re.IGNORECASE)
_NORTH_AMERICAN: Final = re.compile(r"\(\d{3}\) ?\d{3}[-. ]\d{4}|(\d{3})([-.])\d{3}\2\d{4}")


def find(view: View, key: str, meter: Meter, taken: Sequence[tuple[int, int]] = ()) -> Iterator[Mark]:
    """Marks for the telephone numbers in a window, leaving out what is known as something else (`taken`)."""
    if not view.digits:
        return
    named, text, low = _is_telephone_member(key), view.text, view.low
    known: dict[tuple[str, bool], bool] = {}
    for match in _WRITTEN.finditer(text):
        start, end = match.span()
        number = match.group()
        if any(start < stop and begin < end for begin, stop in taken) or _DATE_OR_ADDRESS.fullmatch(number.lstrip("(")):
            continue
        before = low[max(0, start - 40) : start]
        word = named or _WORDS.search(before) or _WORDS.search(low[end : end + 20])
        if not word and not number.startswith("+") and _OTHER_NUMBERS.search(before):
            continue
        if not word and number.isdigit():
            continue
        if _THOUSANDS.fullmatch(number) and not (named or _ANNOUNCED.search(before)):
            continue
        meter.spend(LOOKED_UP)
        asked = (number, bool(word))
        if asked not in known:
            known[asked] = is_number(number, spoken_of=asked[1])
        if known[asked]:
            yield Mark("pii", "a phone number", start)


@lru_cache(maxsize=512)
def _is_telephone_member(key: str) -> bool:
    return _WORDS.search(plainly(key.replace("_", " "))) is not None


def is_number(number: str, *, spoken_of: bool) -> bool:
    """Whether `number` is a telephone number. `spoken_of`: a word beside it says so, and any valid number is taken."""
    if number.startswith(("+", "00")):
        return _is_possible("+" + number.removeprefix("+").removeprefix("00"))
    if spoken_of and re.fullmatch(r"[1-9]\d{10,14}", number) and _is_possible("+" + number):
        return True
    if not spoken_of and _NORTH_AMERICAN.fullmatch(number):
        return _is_valid(number, "US", grouped=False)
    return any(_is_valid(number, region, grouped=not spoken_of) for region in REGIONS)


def _is_possible(number: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False


def _is_valid(number: str, region: str, *, grouped: bool) -> bool:
    if grouped and not number.startswith(("0", "(")):
        return False
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return False
    if not phonenumbers.is_valid_number_for_region(parsed, region):
        return False
    if not grouped:
        return True
    usual = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return re.findall(r"\d+", usual) == re.findall(r"\d+", number)
