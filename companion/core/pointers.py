"""JSON pointers (RFC 6901): their steps, how they are written, and how much of one leads anywhere."""

from collections.abc import Mapping
from typing import Any

Steps = tuple[str, ...]


def steps_of(pointer: str) -> Steps:
    """The steps of a pointer, unescaped."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


def pointer_to(steps: Steps) -> str:
    """The pointer of some steps."""
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def known_part(pointer: str, value: Any) -> str:
    """As much of a pointer as leads to something in a value. The rest would be in the words of whoever sent it."""
    known: list[str] = []
    for step in steps_of(pointer):
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            break
        known.append(step)
    return pointer_to(tuple(known))
