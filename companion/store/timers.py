"""Timers: something to do for a handoff or a delivery at a time, claimed under a lease by one worker at a time."""

from typing import Any, Final

from redis.commands.core import Script

from companion.store import keys
from companion.store.connection import failures_named

CLAIM_DUE: Final = b"""
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, member in ipairs(due) do redis.call('ZADD', KEYS[1], ARGV[2], member) end
return due
"""
"""Take due timers under a lease: until it ends no other worker sees them, and if this worker dies they come back."""

CLEAR: Final = b"""
if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1])) ~= tonumber(ARGV[2]) then return 0 end
return redis.call('ZREM', KEYS[1], ARGV[1])
"""
"""Take a claimed timer off. One that was put back meanwhile, as undoing puts a deadline back, has another time."""


class Timers:
    """The timers of one partition, over a client of the Redis protocol."""

    client: Any
    partition: str

    def claim_due_timers(self, now_ms: int, lease_ms: int, limit: int) -> list[tuple[str, str]]:
        """Due timers as (kind, id), leased: a worker that dies gives them back after the lease."""
        with failures_named():
            due = Script(self.client, CLAIM_DUE)(
                keys=[keys.shared(self.partition, "timers")], args=[now_ms, now_ms + lease_ms, limit]
            )
        return [tuple(member.decode().split(":", 1)) for member in due]

    def clear_timer(self, kind: str, identifier: str, leased_until_ms: int) -> None:
        """Take a timer off that has nothing to do any more, unless somebody set it anew since it was claimed."""
        with failures_named():
            Script(self.client, CLEAR)(
                keys=[keys.shared(keys.partition_of(identifier), "timers")],
                args=[f"{kind}:{identifier}", leased_until_ms],
            )
