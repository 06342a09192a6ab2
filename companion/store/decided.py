"""The newest outcomes of a workflow in one round trip: an opening waits for them."""

from typing import Final

from redis.commands.core import Script

from companion.core.handoff import Handoff
from companion.store import keys
from companion.store.connection import failures_named
from companion.store.lists import HandoffLists
from companion.store.records import read_handoff

NEWEST: Final = b"""
local records = {}
for _, id in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, ARGV[1] - 1)) do
  local record = redis.call('HGET', ARGV[2] .. id, 'record')
  if record then records[#records + 1] = record end
end
return records
"""
"""The records lie in the slot of the list: all of a partition does."""


class NewestDecided:
    """Reads the newest outcomes of one partition."""

    def __init__(self, store: HandoffLists) -> None:
        self._partition = store.partition
        self._script = Script(store.client, NEWEST)

    def read(self, workflow_id: str, limit: int) -> list[Handoff]:
        """The newest outcomes of a workflow, the newest first; those whose record is gone are left out."""
        decided = keys.shared(self._partition, "decided", workflow_id)
        with failures_named():
            found = self._script(keys=[decided], args=[limit, keys.shared(self._partition, "handoff", "")])
        return [read_handoff(text) for text in found]
