"""What comes of a command: what to write, or why nothing changes."""

from dataclasses import dataclass
from typing import Any

from companion.core.handoff import Handoff
from companion.core.package import Package


@dataclass(frozen=True, slots=True)
class Timer:
    """Something to do at a time. `due_at_ms` None takes the timer off."""

    kind: str
    due_at_ms: int | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The command holds: what to write, all of it in one commit. Without events nothing happened."""

    handoff: Handoff
    events: tuple[dict[str, Any], ...]
    timers: tuple[Timer, ...] = ()
    package: Package | None = None
    settles: bool = False
    """The outcome stands now and did not before: the group counts down; the last one starts the callback."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The command does not hold, and nothing changes. `code` is stable; `detail` says how to mend it."""

    code: str
    detail: str
    field: str | None = None
