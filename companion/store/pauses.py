"""The book of pauses: which hold now, and which ended last."""

import json
import re
import unicodedata
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Final

from companion.store import keys
from companion.store.connection import failures_named
from companion.store.plan import Plan
from companion.store.records import dumps
from companion.store.redis import RedisStore

ENDED_KEPT: Final = 50
"""How many pauses that are over are still listed; the events have all."""


@lru_cache(maxsize=4096)
def plain_version(version: str | None) -> str | None:
    """A model version as it is compared; None where nothing readable is left of it.

    Another spelling of a paused version must not run on: capitals, blanks, wide letters, signs that nobody sees.
    """
    if version is None:
        return None
    seen = "".join(sign for sign in version if unicodedata.category(sign) not in _UNSEEN and not _BLANK.match(sign))
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold()).strip() or None


_UNSEEN: Final = frozenset({"Cc", "Cf"})
_BLANK: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Signs of other categories that are drawn as nothing."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Automation stands still within a scope: a workflow, a model version, both together, or (None, None) all."""

    id: str
    workflow_id: str | None
    model_version: str | None
    reason: str
    by_id: str
    by_name: str
    started_at_ms: int
    review_id: str
    """The handoff whose approval allows to resume."""
    ended_at_ms: int | None = None
    ended_by_name: str | None = None
    repeated_at_ms: int | None = None
    """When the same scope was last stopped again; what was approved before does not count."""

    def covers(self, workflow_id: str, model_version: str | None, *, decided: bool) -> bool:
        """Whether a case lies in the scope.

        A case that names no model version could be of the paused one, so it counts as such. Not so where a person
        `decided` it and the pause is of a version everywhere: most workflows name none, and all of them would wait.
        """
        if self.workflow_id is not None and self.workflow_id != workflow_id:
            return False
        if self.model_version is None:
            return True
        version = plain_version(model_version)
        if version is None:
            return self.workflow_id is not None or not decided
        return version == plain_version(self.model_version)


@dataclass(frozen=True, slots=True)
class PauseBook:
    """All pauses as they stand, the newest first."""

    version: int = 0
    pauses: tuple[Pause, ...] = ()

    @property
    def active(self) -> tuple[Pause, ...]:
        """Those that hold now."""
        return tuple(pause for pause in self.pauses if pause.ended_at_ms is None)

    def covering(self, workflow_id: str, model_version: str | None, *, decided: bool = True) -> Pause | None:
        """The pause that holds a case, if any; `decided` where a person decided it and only its callback waits."""
        held = (pause for pause in self.active if pause.covers(workflow_id, model_version, decided=decided))
        return next(held, None)

    def find(self, pause_id: str) -> Pause | None:
        """One pause."""
        return next((pause for pause in self.pauses if pause.id == pause_id), None)

    def with_pause(self, changed: Pause) -> "PauseBook":
        """The book with a new or a changed pause; of those that ended it keeps the newest."""
        others = [pause for pause in self.pauses if pause.id != changed.id]
        if len(others) < len(self.pauses):
            everything = [changed if pause.id == changed.id else pause for pause in self.pauses]
        else:
            everything = [changed, *others]
        ended = [pause.id for pause in everything if pause.ended_at_ms is not None][ENDED_KEPT:]
        return replace(self, pauses=tuple(pause for pause in everything if pause.id not in ended))


class PauseStore:
    """The book of pauses of one partition."""

    def __init__(self, store: RedisStore) -> None:
        self._client = store.client
        self._store = store
        self._guard = keys.shared(store.partition, "pauses")
        self._in_force = keys.shared(store.partition, "in_force")

    def book(self) -> PauseBook:
        """The pauses as they stand now."""
        with failures_named():
            return read_book(self._client.hget(self._in_force, keys.PAUSES))

    def write(self, plan: Plan, before: PauseBook, after: PauseBook) -> None:
        """Put the book into a plan, on the condition that nobody changed it meanwhile."""
        version = before.version + 1
        plan.check("version", self._guard, "hash", before.version).write(
            "HSET", self._guard, "hash", "version", version
        )
        record = {"version": version, "pauses": [asdict(pause) for pause in after.pauses]}
        plan.write("HSET", self._in_force, "hash", keys.PAUSES, dumps(record))

    def run(self, plan: Plan) -> bool:
        """Run a plan that holds the book. False when somebody was quicker."""
        return bool(self._store.run(plan)[0] == b"OK")


def read_book(text: bytes | None) -> PauseBook:
    """A book from its record, for readings that fetch it beside other things."""
    if text is None:
        return PauseBook()
    record = json.loads(text)
    return PauseBook(record["version"], tuple(Pause(**entry) for entry in record["pauses"]))
