"""The key that `handoff up` makes is in the hands of n8n, and histories call it so."""

from pathlib import Path

import pytest

from companion.adapters.clock import SystemClock
from companion.commands.up import _kept_key
from companion.embedded import DataFolder
from tests.application import World


@pytest.mark.req("R-UI-21")
def test_the_key_of_up_is_named_for_who_uses_it(world: World, tmp_path: Path) -> None:
    """Reviewers read "n8n" as who asked them, not by which command its key was made."""
    text, _ = _kept_key(DataFolder(tmp_path / "data", SystemClock()), world.services)
    caller = world.services.directory.by_bearer(text)
    assert caller is not None
    assert caller.actor.name == "n8n"
