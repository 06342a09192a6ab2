"""Which of the items that went through by themselves a person looks at afterwards (R-SAMP-01 … 05, 10)."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from companion.core.canonical import NotCanonical, canonical_bytes
from companion.core.policy.item import Item

NEAR: Final = "near_threshold"
ROUTINE: Final = "routine"


@dataclass(frozen=True, slots=True)
class SamplingState:
    """What has changed lately around a workflow; `raised_by` of: drift, new_data, policy_change (R-SAMP-03).

    Strong drift moves every item one review tier up where policy wants that (R-SAMP-04).
    """

    raised_by: frozenset[str] = frozenset()
    strong_drift: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """The draw of one item. The probability is kept, so that figures made of samples can be weighted back."""

    chosen: bool
    inclusion_probability: float
    stratum: str

    def document(self) -> dict[str, object]:
        """As plain JSON."""
        return {
            "chosen": self.chosen,
            "inclusion_probability": self.inclusion_probability,
            "stratum": self.stratum,
        }


def choose(identity: bytes, stratum: str, rate: float, sampling_key: bytes) -> Sample:
    """Draw one item: the same item under the same key has the same lot whatever the rate.

    A higher rate therefore only adds to what a lower one picks. Without the key nobody can tell who is picked.
    """
    lot = int.from_bytes(hmac.digest(sampling_key, identity, "sha256")[:7], "big") / 2**56
    return Sample(lot < rate, rate, stratum)


def identity_of(item: Item) -> bytes:
    """What makes an item this one and no other: its own id, its task's, or its content."""
    if item.item_id is not None or item.task_id is not None:
        return "\0".join((item.workflow_id, item.task_id or "", item.item_id or "")).encode()
    try:
        return item.workflow_id.encode() + sha256(canonical_bytes(item.record())).digest()
    except NotCanonical:
        return item.workflow_id.encode() + sha256(repr(item).encode()).digest()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item that could be reviewed for learning: its id, category, and distance to the nearest threshold."""

    id: str
    category: str | None
    distance: float


def select(candidates: Sequence[Candidate], number: int, sampling_key: bytes) -> tuple[str, ...]:
    """Pick `number` ids for learning: every category in turn, in each the least certain first (R-SAMP-10).

    Ties fall by lot under the key, so that the order of arrival gives no advantage.
    """
    groups: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(candidate.category or "", []).append(candidate)

    def lot(text: str) -> bytes:
        return hmac.digest(sampling_key, text.encode(), "sha256")

    ranked = [
        sorted(group, key=lambda one: (one.distance, lot(one.id)))
        for _, group in sorted(groups.items(), key=lambda entry: lot("category:" + entry[0]))
    ]
    picked: list[str] = []
    depth = 0
    while len(picked) < number and any(depth < len(group) for group in ranked):
        picked += [group[depth].id for group in ranked if depth < len(group)]
        depth += 1
    return tuple(picked[:number])
