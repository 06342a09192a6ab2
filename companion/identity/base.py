"""What every part of the directory works with: the store, the clock, and the keys made from the server secret."""

from collections.abc import Sequence
from typing import Any, Final

from companion.adapters.clock import Clock
from companion.core.events import happening
from companion.core.handoff import Actor
from companion.core.links import LinkKeys
from companion.core.sealing import derive_key
from companion.identity.credentials import Reviewer
from companion.store.directory import DirectoryStore


class DirectoryProblem(Exception):
    """What was asked of the directory cannot be done; the text is one sentence that says how to mend it."""


class Busy(DirectoryProblem):
    """Others changed the same at the same moment; nothing was written."""

    def __init__(self) -> None:
        super().__init__("Somebody changed this at the same moment; try again.")


class SubjectKnown(DirectoryProblem):
    """Somebody is that person of the identity provider already."""

    def __init__(self, person: Reviewer) -> None:
        super().__init__(f"{person.name} signs in as that person of the identity provider already.")
        self.person = person


COMMAND_LINE: Final = Actor("system", "command_line", "The command line")
"""Who changes people and credentials where nobody else is named: whoever sits at this machine."""


class Base:
    """Store, clock and keys."""

    def __init__(self, store: DirectoryStore, clock: Clock, server_secret: bytes) -> None:
        self._store = store
        self._clock = clock
        self._links = LinkKeys.of(server_secret)
        self._sealing_key = derive_key(server_secret, "signing secrets")


def known(given: Sequence[Any], all_: Sequence[Any], word: str) -> None:
    """Raise DirectoryProblem for what is not among `all_`."""
    for value in given:
        if value not in all_:
            raise DirectoryProblem(f"There is no {word} {value}; use {', '.join(map(str, all_))}.")


def told(clock: Clock, event_type: str, actor: Actor, to_actor: str, **details: Any) -> list[dict[str, Any]]:
    """The event of a change to people or credentials (R-AUD-18). It belongs to no workflow."""
    return [
        happening(
            clock.uuid4(),
            event_type,
            actor,
            clock.now_ms(),
            workflow_id=None,
            policy_version=None,
            to_actor=to_actor,
            details=details,
        )
    ]
