"""What every part of the directory works with: the store, the clock, and the keys made from the server secret."""

from collections.abc import Sequence
from typing import Any

from companion.adapters.clock import Clock
from companion.core.links import LinkKeys
from companion.core.sealing import derive_key
from companion.store.directory import DirectoryStore


class DirectoryProblem(Exception):
    """What was asked of the directory cannot be done; the text is one sentence that says how to mend it."""


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
