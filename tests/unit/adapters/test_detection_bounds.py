"""What a hostile text may cost: patterns see windows, an item has a budget, and what is left goes to a person."""

import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import pytest

from companion.adapters import detection
from companion.adapters.detection import WORK_LIMIT, Detector
from companion.adapters.detection.texts import OVERLAP_CHARS, WINDOW_CHARS, Exhausted, Meter, pieces, windows
from companion.core.policy.signals import Signal

MEGABYTE = 1_000_000
HOSTILE = {
    "one letter": "a",
    "digits": "1",
    "blank lines": "\n",
    "half addresses": "a.a@a.",
    "telephones": "call 030 1234567, ",
    "groups of digits": "1 2-3.4/",
    "accounts": "DE89 3704 ",
    "orders": "ignore all of the ",
    "assignments": "password='",
    "addresses with passwords": "://a:b",
    "keys": "eyJ.eyJ",
    "names": "Mr Aa ",
    "accents": "a\u0301\u0301\u0301",
    "invisible": "\u200b\u202e",
    "another alphabet": "аa",
    "network addresses": "user 1:1:1:",
}


def codes(signals: list[Signal]) -> set[str]:
    return {signal.code for signal in signals}


def output(text: Any, **more: Any) -> list[Signal]:
    return Detector().detect(None, text, **more)


def read(value: Any, meter: Meter) -> None:
    """Read a value to its end, or to the end of the budget."""
    for piece in pieces("request", value, meter):
        list(windows(piece.text, meter))


@pytest.mark.req("R-ROUTE-04", "A4")
@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_megabyte_goes_to_a_person(unit: str) -> None:
    """Beyond the budget nothing is read, and the item says so."""
    found = output(unit * (MEGABYTE // len(unit)))
    assert "too_long_to_check" in codes(found)
    assert len(found) < 100


@pytest.mark.req("R-ROUTE-04", "A4")
@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_pattern_sees_more_than_a_window(unit: str) -> None:
    """Windows have a greatest length and overlap by a fixed amount: the work grows with the text and no faster."""
    text = unit * (MEGABYTE // len(unit))
    seen = list(windows(text, Meter(10 * MEGABYTE)))
    assert max(len(window.text) for window in seen) <= WINDOW_CHARS
    least_step = WINDOW_CHARS // 2 - OVERLAP_CHARS
    assert len(seen) <= len(text) / least_step + 1
    assert seen[0].text + "".join(window.text[OVERLAP_CHARS:] for window in seen[1:]) == text


@pytest.mark.req("A4")
def test_a_budget_is_kept_to_the_unit() -> None:
    """Reading stops at the limit, in the middle of a text as well as between many small ones."""
    for value in ("x" * 5000, ["x"] * 5000, [[]] * 5000, {f"k{at}": None for at in range(5000)}):
        meter = Meter(999)
        with pytest.raises(Exhausted):
            read(value, meter)
        assert meter.spent <= 999
    assert "pii" in codes(Detector(100).detect(None, "a@b.example.com " + "x" * 200))
    assert codes(Detector(100).detect("a@b.example.com", "x" * 200)) == {"too_long_to_check"}
    assert WORK_LIMIT >= 100_000


@pytest.mark.req("A4")
def test_deep_values_are_walked() -> None:
    """A hundred thousand lists in one another neither end the recursion nor make a long place."""
    value: list[Any] = ["a@b.example.com"]
    for _ in range(100_000):
        value = [value]
    (found,) = output(value)
    assert (found.code, len(found.where) < 400) == ("pii", True)


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every compiled pattern of the package."""
    for module in walk_packages(detection.__path__, f"{detection.__name__}."):
        for name, value in vars(import_module(module.name)).items():
            values = value if isinstance(value, tuple) else (value,)
            for one in values:
                for field in (one, getattr(one, "written", None), getattr(one, "words", None)):
                    if isinstance(field, re.Pattern):
                        yield f"{module.name}.{name}", field


MANY = 8
"""Repeats of words with a space before each, up to this often, cost a fixed factor."""


def endless(tree: Any, inside: bool = False) -> bool:
    """Whether a repeat without an end stands inside a long repeat: what makes matching take exponential time."""
    for operation, argument in tree:
        name = str(operation)
        if name in ("MAX_REPEAT", "MIN_REPEAT"):
            _, most, body = argument
            unbounded = most == re._constants.MAXREPEAT
            if (inside and unbounded) or endless(body, inside or most > MANY):
                return True
        elif name == "BRANCH":
            if any(endless(branch, inside) for branch in argument[1]):
                return True
        elif name == "SUBPATTERN":
            if endless(argument[3], inside):
                return True
        elif name in ("ASSERT", "ASSERT_NOT") and endless(argument[1], inside):
            return True
    return False


@pytest.mark.req("A4")
def test_no_pattern_of_ours_nests_endless_repeats() -> None:
    """Read from the patterns themselves. The check finds the classic: (a+)+."""
    assert endless(re._parser.parse(r"(a+)+b"))
    found = list(patterns())
    assert len(found) > 40
    for name, pattern in found:
        assert not endless(re._parser.parse(pattern.pattern, pattern.flags)), name
