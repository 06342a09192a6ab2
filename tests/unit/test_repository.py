"""What a newcomer finds: the entries of the repository, and tests that need no network."""

import socket
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENTRIES = {
    "README.md", "companion", "docker-compose.yml", "handoff_ui", "node_pack", "tests", "workflows",
    "CHANGELOG.md", "LICENSE", "dev", "docs", "pyproject.toml", "requirements.lock",
}  # fmt: skip


@pytest.mark.req("R-SHAPE-01")
def test_the_repository_has_the_expected_entries_and_no_others() -> None:
    """At the top stand the seven parts, what a well-kept repository has, and dot-files."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    top = {line.split("/")[0] for line in listed.splitlines()}
    assert {name for name in top if not name.startswith(".")} == ENTRIES


@pytest.mark.req("R-SHAPE-10")
def test_a_fast_test_that_needs_a_network_fails() -> None:
    """An address outside this machine is refused before anything is sent; loopback is not."""
    with socket.socket() as outside, pytest.raises(AssertionError, match="needs a network"):
        outside.connect(("192.0.2.1", 80))
    with socket.create_server(("127.0.0.1", 0)) as here, socket.create_connection(here.getsockname()) as inside:
        assert inside.getpeername() == here.getsockname()
