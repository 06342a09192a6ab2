"""Identifiers: a prefix, the partition, and 104 random bits in lower-case letters and digits."""

import re
from typing import Final

_PATTERN: Final = re.compile(r"(ho|gr|dl|rt|pa|pp|ba)_[0-9a-f]{2}[0-9a-z]{26}")
RANDOM_BYTES: Final = 13
BATCH_BYTES: Final = 11
"""Of a batch of routed items; the last four digits of an item's id are its place in the batch."""


def new_id(prefix: str, partition: str, random: bytes) -> str:
    """`ho_00` and 26 characters, from RANDOM_BYTES random bytes: too many to guess one (security row A3)."""
    return f"{prefix}_{partition}{random.hex()}"


def new_batch(partition: str, random: bytes) -> str:
    """What the ids of one batch of routed items begin with, from BATCH_BYTES random bytes."""
    return f"rt_{partition}{random.hex()}"


def routed_id(batch: str, index: int) -> str:
    """The id of the item at `index` (0 to 65,535) of a batch."""
    return f"{batch}{index:04x}"


def is_id(text: str, prefix: str) -> bool:
    """Whether `text` has the form of an id of this kind. What has not, is not found, and never reaches the store."""
    return _PATTERN.fullmatch(text) is not None and text.startswith(prefix)


def delivery_of(group_id: str) -> str:
    """The id of the callback that tells a group's outcome: a group has one, so either id gives the other."""
    return "dl" + group_id[2:]


def group_of(delivery_id: str) -> str:
    """The group whose outcome a callback tells."""
    return "gr" + delivery_id[2:]
