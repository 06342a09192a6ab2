"""What is read of an item: every text of a JSON value with its place, in windows, within a budget.

No pattern ever sees more than one window, so what a hostile text costs grows with its length and no faster.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

WINDOW_CHARS: Final = 1000
OVERLAP_CHARS: Final = 150
"""What the end of a window and the start of the next share, so that nothing is missed between them."""
POINTER_CHARS: Final = 300
"""A deeper place is named by its ancestor: ten thousand nested lists must not make a long pointer each."""

_PLAIN_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}")


class Exhausted(Exception):
    """The budget of one detection is spent; what is left was not read."""


class Meter:
    """Counts work: a character read costs 1, a number that is looked up in many countries' rules costs more."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.spent = 0

    def spend(self, units: int) -> None:
        """Take `units` from the budget. Raises Exhausted when they are not left."""
        if self.spent + units > self.limit:
            raise Exhausted
        self.spent += units


@dataclass(frozen=True, slots=True)
class Piece:
    """One text of a value. `key` is the nearest member name as it was sent, `name` what a person calls the place."""

    pointer: str
    name: str
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a piece's text; `line` is the number of its first line, `text` at most WINDOW_CHARS long."""

    line: int
    text: str

    def line_of(self, position: int) -> int:
        """The line, counted from 1, of a position in this window."""
        return self.line + self.text.count("\n", 0, position)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a detector found in a window: a flag, words such as “a phone number”, and where it starts."""

    code: str
    what: str
    start: int


def pieces(part: str, value: Any, meter: Meter) -> Iterator[Piece]:
    """Every text and number of `value`, in order, as pieces below `/part`. Walks without recursion.

    A member name that is no plain identifier is a text like any other, and its pointer counts it in place of quoting
    it: `{"anna@example.com": …}` must not carry an address into a trace. Raises Exhausted.
    """
    stack: list[Iterator[tuple[str, str, str, Any]]] = [iter([(f"/{part}", part.replace("_", " "), "", value)])]
    while stack:
        entry = next(stack[-1], None)
        if entry is None:
            stack.pop()
            continue
        pointer, name, key, node = entry
        meter.spend(1)
        if isinstance(node, str):
            yield Piece(pointer, name, key, node)
        elif isinstance(node, bool) or node is None:
            continue
        elif isinstance(node, int | float):
            yield Piece(pointer, name, key, str(node) if abs(node) < 10**30 else "")
        elif isinstance(node, Mapping):
            stack.append(_members(pointer, name, node))
        elif isinstance(node, list | tuple):
            stack.append(_items(pointer, name, key, node))


def _members(pointer: str, name: str, node: Mapping[Any, Any]) -> Iterator[tuple[str, str, str, Any]]:
    """The members of an object, and before each the name that is no plain identifier."""
    for at, (key, item) in enumerate(node.items(), 1):
        text = str(key)
        if _PLAIN_NAME.fullmatch(text) and sum(map(str.isdigit, text)) < 5:
            yield _below(pointer, text), text.replace("_", " "), text, item
        else:
            place = _below(pointer, f"(member {at})")
            yield place, f"name of member {at} of {name}", "", text
            yield place, f"member {at} of {name}", text[:100], item


def _items(pointer: str, name: str, key: str, node: Sequence[Any]) -> Iterator[tuple[str, str, str, Any]]:
    """The items of a list, which go by the name of the list."""
    for at, item in enumerate(node):
        yield _below(pointer, str(at)), name, key, item


def _below(pointer: str, segment: str) -> str:
    return f"{pointer}/{segment}" if len(pointer) < POINTER_CHARS else pointer


def windows(text: str, meter: Meter) -> Iterator[Window]:
    """`text` in windows that overlap, cut between words where there is a place to. Raises Exhausted."""
    start, line = 0, 1
    while start < len(text):
        end = min(start + WINDOW_CHARS, len(text))
        if end < len(text):
            cut = max(text.rfind(" ", start, end), text.rfind("\n", start, end))
            end = cut + 1 if cut > start + WINDOW_CHARS // 2 else end
        # Half a window is better than none: what is left of the budget is still read.
        left = meter.limit - meter.spent
        if end - start > left:
            if left > 0:
                meter.spent += left
                yield Window(line, text[start : start + left])
            raise Exhausted
        meter.spend(end - start)
        yield Window(line, text[start:end])
        if end == len(text):
            return
        following = end - OVERLAP_CHARS
        line += text.count("\n", start, following)
        start = following
