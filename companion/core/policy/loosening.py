"""Which changes of how people review loosen control: their checklists, ladder, rights, and what is hidden from them."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from companion.core.policy.vocabulary import ASSURANCES

_ANSWERS: Final[Mapping[str, int]] = {"pass_fail": 0, "evidence": 1, "policy_version": 2}


def gate_loosens(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a gate asks for less, of fewer cases, or of more people."""
    items = {item["id"]: item for item in new["items"]}
    if any(_item_loosens(item, items.get(item["id"])) for item in old["items"]):
        return True
    moved = old["review"] != new["review"] or old["on_failure"] != new["on_failure"]
    return moved or fewer_places(old["queues"], new["queues"]) or more_roles(old["roles"], new["roles"])


def _item_loosens(old: Mapping[str, Any], new: Mapping[str, Any] | None) -> bool:
    """Whether a criterion was narrowed cannot be told from its text; a changed one counts as loosened."""
    if new is None or old["criterion"] != new["criterion"]:
        return True
    waived = new["not_applicable"] and not old["not_applicable"]
    return bool(waived or _ANSWERS[new["check"]] < _ANSWERS[old["check"]])


def fewer_places(old: Collection[str], new: Collection[str]) -> bool:
    """Whether a list that limits to some, and to all when it is empty, covers less than before."""
    return bool(new) and (not old or not set(old) <= set(new))


def more_roles(old: Collection[str], new: Collection[str]) -> bool:
    """Whether a list of the only roles, which names all when it is empty, gained one."""
    return bool(old) and (not new or not set(new) <= set(old))


def redaction_loosens(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether somebody sees a hidden place who did not; empty, nobody does."""
    return not set(new["visible_to"]) <= set(old["visible_to"])


def step_loosens(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a level or target has longer to answer, asks for less training, or goes to others."""
    before, after = old["respond_within_minutes"], new["respond_within_minutes"]
    longer = before is not None and (after is None or after > before)
    lower = new["level"] < old["level"]
    return bool(longer or lower or old["queue"] != new["queue"] or not set(old["skills"]) <= set(new["skills"]))


def assurance_loosens(old: str | None, new: str | None) -> bool:
    """Whether a person may be known less surely. Left out, it follows from the risk, and that may ask for less."""
    if new is None or old is None:
        # Where the risk asks for more than the lowest, naming the lowest takes that away.
        return new is None or new == ASSURANCES[0]
    return ASSURANCES.index(new) < ASSURANCES.index(old)


def role_loosens(old: Collection[str] | None, new: Collection[str] | None) -> bool:
    """Whether a role may do more here; one that is not named may do all of its duty."""
    if new is None:
        return True
    return old is not None and not set(new) <= set(old)


def diverts(before: Mapping[str, Any], queues: Mapping[str, Mapping[str, Any]], rule: Mapping[str, Any]) -> bool:
    """Whether a new rule takes cases from a queue or a gate that asks for more: its queue goes before every other."""
    if rule["queue"] is None:
        return False
    to = queues.get(rule["queue"], {"skills": (), "stricter": False})
    others: Collection[Mapping[str, Any]] = before["queues"].values()
    asks_less = any(not set(one["skills"]) <= set(to["skills"]) or one["stricter"] > to["stricter"] for one in others)
    return asks_less or any(gate["queues"] and rule["queue"] not in gate["queues"] for gate in before["gates"])
