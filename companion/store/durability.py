"""What the server promises for a write that it acknowledged; said plainly in /readyz (design section 6)."""

from dataclasses import dataclass
from typing import Any, Final, Literal

import redis

from companion.store.connection import failures_named

DurabilityName = Literal["every_write", "every_second", "none", "unknown"]


@dataclass(frozen=True, slots=True)
class DurabilityClass:
    """`name` in one word, `detail` in a sentence, `problems` that an operator should mend."""

    name: DurabilityName
    detail: str
    problems: tuple[str, ...]


SENTENCES: dict[DurabilityName, str] = {
    "every_write": "Each acknowledged write is on the disk before the answer.",
    "every_second": "Up to one second of writes can be lost when the machine stops; set appendfsync always.",
    "none": "Writes are kept in memory only and are lost when the server stops; set appendonly yes.",
    "unknown": "The server does not tell its persistence settings; allow CONFIG GET, or ask whoever runs it.",
}

EXPOSED: Final = (
    "Others on the network can read what travels to the store; use rediss:// with a certificate that is checked, or "
    "say HANDOFF_REDIS_NETWORK=private where nobody else is on it."
)


def durability(client: Any) -> DurabilityClass:
    """Read the server's persistence and eviction settings."""
    with failures_named():
        try:
            told = {**client.config_get("append*"), **client.config_get("maxmemory-policy")}
        except redis.ResponseError:
            told = {}
    settings = {_text(name): _text(value) for name, value in told.items()}
    name = _class_of(settings)
    problems = [] if name == "every_write" else [SENTENCES[name]]
    if settings.get("maxmemory-policy", "noeviction") != "noeviction":
        problems.append(
            "The server may throw open handoffs away when memory runs short; set maxmemory-policy noeviction."
        )
    return DurabilityClass(name, SENTENCES[name], tuple(problems))


def _class_of(settings: dict[str, str]) -> DurabilityName:
    if "appendonly" not in settings:
        return "unknown"
    if settings["appendonly"] != "yes" or settings.get("appendfsync") == "no":
        return "none"
    return "every_write" if settings.get("appendfsync") == "always" else "every_second"


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
