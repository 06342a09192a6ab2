"""The newest cases that people decided, kept for a moment, so that an opening can show what became of similar ones."""

from collections.abc import Sequence
from typing import Final

from companion.adapters.clock import Clock
from companion.core.similar import Decided
from companion.store.decided import NewestDecided
from companion.store.redis import RedisStore

KEPT_MS: Final = 5_000
"""How old the list may be: a decision that is a few seconds newer is shown to the next case."""
COMPARED: Final = 40
MOST_WORKFLOWS: Final = 500


class DecidedLately:
    """Reads the newest outcomes of a workflow, at most once in KEPT_MS and process."""

    def __init__(self, store: RedisStore, clock: Clock) -> None:
        self._outcomes = NewestDecided(store)
        self._clock = clock
        self._kept: dict[str, tuple[int, Sequence[Decided]]] = {}

    def newest(self, workflow_id: str) -> Sequence[Decided]:
        """What people decided last in this workflow, the newest first."""
        now_ms = self._clock.monotonic_ms()
        kept = self._kept.get(workflow_id)
        if kept is not None and now_ms - kept[0] < KEPT_MS:
            return kept[1]
        made = [Decided.of(handoff) for handoff in self._outcomes.read(workflow_id, COMPARED)]
        found = tuple(one for one in made if one is not None)
        if len(self._kept) >= MOST_WORKFLOWS:
            self._kept.clear()
        self._kept[workflow_id] = (now_ms, found)
        return found
