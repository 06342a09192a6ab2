"""Streams of events that belong to no handoff: of policies and pauses, and of people and their credentials.

What they tell of lies in two slots of a cluster, so each is written with what it tells of, and they are read as one.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from heapq import merge
from typing import Any, Final

from companion.store.connection import failures_named
from companion.store.plan import Plan
from companion.store.records import dumps

KEPT: Final = 10_000
"""Of one stream; the oldest go first."""
READ_AT_ONCE: Final = 200

Place = tuple[int, int]
"""Where an event stands among all: its millisecond, and its number there, by which its stream can be told."""


def add_happenings(plan: Plan, key: str, events: Sequence[Mapping[str, Any]]) -> None:
    """Write events as part of a commit."""
    for event in events:
        plan.write("XADD", key, "stream", "MAXLEN", "~", KEPT, "*", "event", dumps(event))


def newest_first(client: Any, streams: Sequence[str], before: str | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Events of some streams before a cursor, the newest first, each with the cursor that stands behind it."""
    place = None if before is None else _place(before)
    each = (_backwards(client, key, number, len(streams), place) for number, key in enumerate(streams))
    for (at_ms, number), event in merge(*each, key=lambda found: found[0], reverse=True):
        yield f"{at_ms}-{number}", event


def _backwards(
    client: Any, key: str, stream: int, streams: int, before: Place | None
) -> Iterator[tuple[Place, dict[str, Any]]]:
    """One stream; its entries within a millisecond are numbered between those of the others."""
    # Rounded up: an entry that another stream has under the same name stands behind it, and must not be lost.
    end = "+" if before is None else f"({before[0]}-{-((stream - before[1]) // streams)}"
    while end != "(0-0":
        with failures_named():
            read = client.xrevrange(key, max=end, count=READ_AT_ONCE)
        for name, fields in read:
            at_ms, number = _place(name.decode())
            yield (at_ms, number * streams + stream), json.loads(fields[b"event"])
        if len(read) < READ_AT_ONCE:
            return
        end = "(" + read[-1][0].decode()


def _place(name: str) -> Place:
    at_ms, _, number = name.partition("-")
    return int(at_ms), int(number)
