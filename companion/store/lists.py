"""Lists of handoffs: those that wait, the most urgent first, and those with an outcome, by commit sequence.

Between the two stand decisions that can still be taken back: decided for people, open for the workflow that asked.
"""

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import structlog

from companion.core.handoff import UNDECIDED, Handoff, UnknownSchemaVersion
from companion.store import keys
from companion.store.connection import failures_named
from companion.store.protocol import Outcomes, Stored
from companion.store.records import read_handoff, read_stored

Wanted = Callable[[Handoff], bool]

LOOKED_AT: Final = 1_000
"""As many records are read for one answer, so that a filter that fits little cannot hold the process up."""
CHUNK: Final = 200


RECORDS_KEPT: Final = 2_048
"""An inbox that is watched reads the same records every few seconds; a record's text says all of it."""

_read = lru_cache(RECORDS_KEPT)(read_handoff)

log = structlog.get_logger("handoff.store")


def readable(text: bytes) -> Handoff | None:
    """A handoff from its record; None, and once a line in the log, for a record that this Handoff cannot read.

    For what looks at many cases: one record of a newer Handoff, or a broken one, must not hide all others.
    """
    try:
        return _read(text)
    except (UnknownSchemaVersion, ValueError, LookupError, TypeError, AttributeError) as error:
        _log_once(f"{type(error).__name__}: {error}"[:300], text)
        return None


@lru_cache(RECORDS_KEPT)
def _log_once(detail: str, text: bytes) -> None:
    log.error("record_unreadable", detail=detail, begins=text[:120].decode(errors="replace"))


def anything(_: Handoff) -> bool:
    """No filter."""
    return True


def _undecided(handoff: Handoff) -> bool:
    return handoff.state in UNDECIDED


def _undoable(handoff: Handoff) -> bool:
    return handoff.undo_until_ms is not None


def _unsettled(handoff: Handoff) -> bool:
    return _undecided(handoff) or _undoable(handoff)


@dataclass(frozen=True, slots=True)
class OpenPage:
    """Part of the undecided handoffs; `cursor` is None at their end, `after` has the cursor behind each item."""

    items: Sequence[Handoff]
    cursor: str | None
    after: Sequence[str]

    def first(self, limit: int) -> "OpenPage":
        """The first of them."""
        if len(self.items) <= limit:
            return self
        return OpenPage(self.items[:limit], self.after[limit - 1], self.after[:limit])


class HandoffLists:
    """What one partition lists, over a client of the Redis protocol."""

    def __init__(self, client: Any, partition: str) -> None:
        self.client = client
        self.partition = partition

    def load_many(self, handoff_ids: Iterable[str]) -> list[Handoff]:
        """The handoffs that still exist, in the order asked. Raises UnknownSchemaVersion."""
        return [_read(text) for text in self._records(handoff_ids)]

    def _records(self, handoff_ids: Iterable[str]) -> list[bytes]:
        with failures_named():
            pipeline = self.client.pipeline(transaction=False)
            for identifier in handoff_ids:
                pipeline.hget(keys.of(identifier, "handoff"), "record")
            return [text for text in pipeline.execute() if text is not None]

    def load_packages(self, handoff_ids: Iterable[str]) -> list[Stored]:
        """The same with their packages."""
        with failures_named():
            pipeline = self.client.pipeline(transaction=False)
            for identifier in handoff_ids:
                pipeline.hmget(keys.of(identifier, "handoff"), "record", "package")
            found = [read_stored(record, package) for record, package in pipeline.execute()]
        return [stored for stored in found if stored is not None]

    def list_open(
        self,
        workflows: Sequence[str] | None,
        cursor: str | None,
        limit: int,
        skills: frozenset[str] | None = None,
        *,
        wanted: Wanted = anything,
        look_at: int = LOOKED_AT,
        until_settled: bool = False,
    ) -> OpenPage:
        """Undecided handoffs that are `wanted`, the most urgent first, of some workflows or of all (None).

        `skills` are those of the reader, None for one who sees all: cases that ask for another are left out.
        `until_settled`: for who is told of no decision that can be taken back, such cases are open as well. No more
        than `look_at` are read; the cursor stands behind the last of them, so that a reader can go on.
        """
        names = self._open_lists(workflows, skills)
        if not until_settled:
            return self._walk(names, cursor, limit, _undecided, wanted, look_at)
        # Before and after: a case that is decided or undone between two readings would be in neither.
        undoable = _names(keys.UNDOABLE, workflows)
        return self._walk([*undoable, *names, *undoable], cursor, limit, _unsettled, wanted, look_at)

    def list_undoable(
        self, workflows: Sequence[str] | None, cursor: str | None, limit: int, *, wanted: Wanted = anything
    ) -> OpenPage:
        """Decided handoffs that are `wanted` and can still be taken back, in the order of the open ones."""
        return self._walk(_names(keys.UNDOABLE, workflows), cursor, limit, _undoable, wanted, LOOKED_AT)

    def _walk(
        self, names: Sequence[str], cursor: str | None, limit: int, belongs: Wanted, wanted: Wanted, look_at: int
    ) -> OpenPage:
        items: list[Handoff] = []
        after: list[str] = []
        looked_at, ended = 0, False
        while not ended:
            chunk = min(limit + 1 if wanted is anything else max(limit + 1, CHUNK), look_at - looked_at + 1)
            first: dict[str, int] = {}
            for rank, identifier in heapq.merge(*(self._range(name, cursor, chunk) for name in names)):
                first.setdefault(identifier, rank)
            places = [(rank, identifier) for identifier, rank in first.items()][:chunk]
            read = map(readable, self._records(identifier for _, identifier in places))
            found = {handoff.id: handoff for handoff in read if handoff is not None}
            for rank, identifier in places:
                if len(items) == limit or looked_at == look_at:
                    return OpenPage(items, cursor, after)
                looked_at += 1
                cursor = f"{rank}.{identifier}"
                handoff = found.get(identifier)
                # Of a place whose record went or was decided meanwhile, or cannot be read, nothing is shown.
                if handoff is not None and belongs(handoff) and wanted(handoff):
                    items.append(handoff)
                    after.append(cursor)
            ended = len(places) < chunk
        return OpenPage(items, None, after)

    def _range(self, name: str, cursor: str | None, count: int) -> list[tuple[int, str]]:
        """Members after the cursor. Many can share one rank, so the cursor names a member, not only a score."""
        key = keys.shared(self.partition, name)
        score, _, member = (cursor or "-1.").partition(".")
        after = (int(score), member)
        found: list[tuple[int, str]] = []
        with failures_named():
            rank = self.client.zrank(key, member)
            # The cursor's member may be in another list, or decided since: then begin at its rank.
            start = self.client.zcount(key, "-inf", f"({score}") if rank is None else rank + 1
            while len(found) < count:
                chunk = self.client.zrange(key, start, start + count - 1, withscores=True)
                read = [(int(score_), identifier.decode()) for identifier, score_ in chunk]
                found += [place for place in read if place > after]
                if len(chunk) < count:
                    break
                start += count
        return found[:count]

    def count_open(
        self, workflows: Sequence[str] | None, skills: frozenset[str] | None = None, *, until_settled: bool = False
    ) -> int:
        """How many handoffs wait for a reader with these skills; `until_settled` as in `list_open`."""
        names = self._open_lists(workflows, skills) + (_names(keys.UNDOABLE, workflows) if until_settled else [])
        with failures_named():
            return sum(self.client.zcard(keys.shared(self.partition, name)) for name in names)

    def _open_lists(self, workflows: Sequence[str] | None, skills: frozenset[str] | None) -> list[str]:
        """The lists of undecided cases that a reader may see."""
        with failures_named():
            found = [name.decode() for name in self.client.smembers(keys.shared(self.partition, "skillsets"))]
        asked = [tuple(name.split("+")) for name in sorted(found)]
        mine = [needed for needed in asked if skills is None or skills.issuperset(needed)]
        return [each for needed in [(), *mine] for each in _names(keys.open_list(needed), workflows)]

    def count_decided_on(self, workflows: Sequence[str] | None, at_ms: int, wanted: Wanted = anything) -> int:
        """How many handoffs that are `wanted` people decided on the day (UTC) of `at_ms`; filtered, 1,000 at most."""
        of: Sequence[str | None] = [None] if workflows is None else workflows
        days = [keys.decided_on(self.partition, at_ms, workflow) for workflow in of]
        with failures_named():
            if wanted is anything:
                return sum(self.client.scard(day) for day in days)
            found = sorted(identifier.decode() for day in days for identifier in self.client.smembers(day))
        read = map(readable, self._records(found[:LOOKED_AT]))
        return sum(handoff is not None and wanted(handoff) for handoff in read)

    def list_decided(self, workflows: Sequence[str] | None, after_sequence: int, limit: int) -> Outcomes:
        """Outcomes after a sequence number, in the order in which they were committed."""
        lists = []
        for name in _names("decided", workflows):
            with failures_named():
                found = self.client.zrangebyscore(
                    keys.shared(self.partition, name), f"({after_sequence}", "+inf", 0, limit, withscores=True
                )
            lists.append([(int(score), member.decode().split("@")[0]) for member, score in found])
        return self._outcomes(list(heapq.merge(*lists))[:limit], after_sequence, limit)

    def list_decided_newest(self, workflows: Sequence[str] | None, before_sequence: int, limit: int) -> Outcomes:
        """Outcomes before a sequence number, the newest first; `last_sequence` is where the next reading goes on."""
        lists = []
        for name in _names("decided", workflows):
            with failures_named():
                found = self.client.zrevrangebyscore(
                    keys.shared(self.partition, name), f"({before_sequence}", "-inf", 0, limit, withscores=True
                )
            lists.append([(int(score), member.decode().split("@")[0]) for member, score in found])
        return self._outcomes(list(heapq.merge(*lists, reverse=True))[:limit], before_sequence, limit)

    def _outcomes(self, places: list[tuple[int, str]], from_sequence: int, limit: int) -> Outcomes:
        found_by_id = {handoff.id: handoff for handoff in self.load_many(identifier for _, identifier in places)}
        items = [(sequence, found_by_id[identifier]) for sequence, identifier in places if identifier in found_by_id]
        return Outcomes(items, places[-1][0] if places else from_sequence, more=len(places) == limit)


def _names(name: str, workflows: Sequence[str] | None) -> list[str]:
    return [name] if workflows is None else [f"{name}:{workflow}" for workflow in workflows]
