"""The lists of cases without an outcome that stands: which of them a case is in, and where in them."""

from typing import Any

from companion.core.handoff import CLAIM_LEASE_MS, UNDECIDED, Handoff
from companion.core.priority import rank
from companion.store import keys
from companion.store.connection import failures_named
from companion.store.lists import readable
from companion.store.plan import Plan


def lists_of(handoff: Handoff) -> tuple[str, ...]:
    """The lists of open cases by the training they ask for, or those of decisions that can still be taken back.

    None once the outcome stands: then it is listed by commit sequence. So each case is in one kind of list at a time.
    """
    if handoff.undo_until_ms is not None:
        name = keys.UNDOABLE
    elif handoff.state in UNDECIDED:
        name = keys.open_list(handoff.skills)
    else:
        return ()
    return (name, f"{name}:{handoff.workflow_id}")


def add_place(plan: Plan, before: Handoff | None, after: Handoff) -> None:
    """Put into a plan how a case joins the lists, goes where training and rank now put it, or leaves them.

    A decision leaves the open ones at once, also while it can still be undone; undoing puts it back.
    """
    partition = keys.partition_of(after.id)
    old, new = lists_of(before) if before is not None else (), lists_of(after)
    for name in old:
        if name not in new:
            plan.write("ZREM", keys.shared(partition, name), "zset", after.id)
    place = rank(after) if new else 0
    if new == old and (before is None or rank(before) == place):
        return
    for name in new:
        plan.write("ZADD", keys.shared(partition, name), "zset", place, after.id)
    if after.skills and new and new != old:
        plan.write("SADD", keys.shared(partition, "skillsets"), "set", keys.skillset(after.skills))


def add_claim(plan: Plan, before: Handoff, after: Handoff) -> None:
    """Put into a plan how a case joins those that one person holds, or leaves them."""
    old, new = (each.claim if each.state in UNDECIDED else None for each in (before, after))
    if old is not None and (new is None or new.by_id != old.by_id):
        plan.write("ZREM", _claims(after.id, old.by_id), "zset", after.id)
    if new is not None and new != old:
        key = _claims(after.id, new.by_id)
        plan.write("ZADD", key, "zset", new.until_ms, after.id).write("PEXPIRE", key, "zset", CLAIM_LEASE_MS)


def _claims(identifier: str, reviewer_id: str) -> str:
    return keys.shared(keys.partition_of(identifier), "claims", reviewer_id)


class Places:
    """Keeps the places of one partition right, over a client of the Redis protocol."""

    client: Any
    partition: str
    _looked_to = (0, 0)
    """Which list, and how far into it."""

    def run(self, plan: Plan) -> list[Any]:
        """Run a plan as one script."""
        raise NotImplementedError

    def claims_of(self, reviewer_id: str, now_ms: int) -> set[str]:
        """The cases that a person holds now."""
        with failures_named():
            found = self.client.zrangebyscore(keys.shared(self.partition, "claims", reviewer_id), f"({now_ms}", "+inf")
        return {identifier.decode() for identifier in found}

    def rank_anew(self, limit: int) -> int:
        """Look at the next `limit` open cases, round and round, and put those right that an older Handoff placed.

        Older versions listed by deadline. Returns how many were moved.
        """
        with failures_named():
            skillsets = sorted(self.client.smembers(keys.shared(self.partition, "skillsets")))
            names = ["open", *(keys.open_list(tuple(found.decode().split("+"))) for found in skillsets)]
            number, start = self._looked_to
            name = names[number % len(names)]
            found = self.client.zrange(keys.shared(self.partition, name), start, start + limit - 1, withscores=True)
            moved = sum(self._placed_anew(member.decode(), int(score)) for member, score in found)
        self._looked_to = (number, start + limit) if len(found) == limit else ((number + 1) % len(names), 0)
        return moved

    def _placed_anew(self, identifier: str, place: int) -> bool:
        key = keys.of(identifier, "handoff")
        text = self.client.hget(key, "record")
        handoff = None if text is None else readable(text)
        if handoff is None or not lists_of(handoff) or rank(handoff) == place:
            return False
        plan = Plan().check("version", key, "hash", handoff.version)
        add_place(plan, None, handoff)
        return bool(self.run(plan)[0] == b"OK")
