"""The policies that come with Handoff, as YAML beside this module."""

from functools import cache
from importlib.resources import files
from typing import Any, Final

from companion.core.policy.reading import read_policy

NAMES: Final = (
    "default", "summarize-email", "fraud", "helpdesk", "support", "procurement", "content-tagging", "account-changes",
    "loan-denial", "clinical-recommendation", "hr", "finance", "legal", "security", "compliance",
)  # fmt: skip
"""In the order in which they are offered."""


def library_document(name: str) -> dict[str, Any] | None:
    """A preset's document by name; None for a name that is none. Do not change it: it is shared."""
    return _read(name) if name in NAMES else None


@cache
def _read(name: str) -> dict[str, Any]:
    return read_policy((files("companion.core.policy") / "library" / f"{name}.yaml").read_text("utf-8"))
