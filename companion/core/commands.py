"""What can be asked of a handoff. Every value that comes from a clock or from chance is in the command."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from companion.core.handoff import Actor, Handoff
from companion.core.package import Package
from companion.core.revision import Edit


@dataclass(frozen=True, slots=True)
class Stop:
    """A rule ends a case as it is opened: a hard block or a stop of the line. `words` say which and why."""

    event_id: str
    words: str


@dataclass(frozen=True, slots=True)
class Open:
    """Ask a person. The handoff and its package were built by `package.build` and `opening.build`."""

    handoff: Handoff
    package: Package
    actor: Actor
    event_id: str
    stop: Stop | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Take the case for 15 minutes, so that nobody else works on it meanwhile."""

    actor: Actor
    event_id: str


@dataclass(frozen=True, slots=True)
class Release:
    """Give a claim back, or (by the system) end one whose lease ran out."""

    actor: Actor
    event_id: str


@dataclass(frozen=True, slots=True)
class Decide:
    """Approve, reject, or approve an edited output: the only command that lets an item go on."""

    actor: Actor
    event_id: str
    action: Literal["approve", "reject", "modify"]
    expected_version: int | None
    """None only where the package token itself names the version (`/handoff/complete`)."""
    package_digest: str
    view_digest: str | None
    reason_code: str | None
    rationale: str | None
    edit: Edit | None
    """The edited output as the package version it makes; given with `modify` and with nothing else."""
    deliberate: bool
    """For a personal link: the confirm word was given (design section 7)."""
    evidence: tuple[Mapping[str, Any], ...] = ()
    """What the decider attached: title, and text or address."""


@dataclass(frozen=True, slots=True)
class Escalate:
    """Hand the case to the next reviewer level with everything known about it."""

    actor: Actor
    event_id: str
    reason_code: str
    rationale: str | None


@dataclass(frozen=True, slots=True)
class Ask:
    """Hold the case with a question to the requester or the workflow."""

    actor: Actor
    event_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer the open question; the case comes back as a new, linked package version."""

    actor: Actor
    event_id: str
    text: str
    package: Package


@dataclass(frozen=True, slots=True)
class Revise:
    """Replace the package of a case that nobody holds by a new, linked version."""

    actor: Actor
    event_id: str
    expected_version: int
    package: Package
    title: str
    question: str


@dataclass(frozen=True, slots=True)
class Annotate:
    """Add a note without deciding."""

    actor: Actor
    event_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Expire:
    """Close an undecided case whose time is over."""

    event_id: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The workflow no longer needs an answer."""

    actor: Actor
    event_id: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class RollBack:
    """Take an approval back after it was given."""

    actor: Actor
    event_id: str
    reason_code: str
    rationale: str | None


Command = Open | Claim | Release | Decide | Escalate | Ask | Answer | Revise | Annotate | Expire | Withdraw | RollBack
