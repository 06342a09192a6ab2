"""The tools that everything else is tested with."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.doc_links import dead_links
from tests.system.places import CHECKOUT, installed_once
from tests.system.processes import ServerFailed, ServerProcess
from tests.system.waiting import wait_until

STARTS_A_SERVER = """
import os, sys, time
from pathlib import Path
from tests.system.processes import ServerProcess
folder = Path(sys.argv[1])
command = ["sh", "-c", "sleep 600 & wait"]
server = ServerProcess("sleep", command, folder=folder, log=folder / "log", environment=os.environ)
server.start(lambda: True, 10)
(folder / "pid").write_text(str(server.pid))
time.sleep(600)
"""


def group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_server_does_not_outlive_a_killed_test_run(tmp_path: Path) -> None:
    """SIGKILL to whoever started a server ends the server and its children."""
    parent = subprocess.Popen([sys.executable, "-c", STARTS_A_SERVER, str(tmp_path)], cwd=CHECKOUT)
    try:
        pid = int(wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text(), "it started"))
        assert group_lives(pid)
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    wait_until(lambda: not group_lives(pid), "the server and its child were gone")


def test_a_server_that_ends_says_why(tmp_path: Path) -> None:
    """A server that ends instead of becoming ready is an error at once, with the end of its log."""
    command = ["sh", "-c", "echo the disk is full; exit 3"]
    server = ServerProcess("a server", command, folder=tmp_path, log=tmp_path / "log", environment=os.environ)
    with pytest.raises(ServerFailed, match=r"exit code 3.\n.*\nthe disk is full"):
        server.start(lambda: False, 10)


def test_an_interrupted_installation_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in the cache was installed to its end; what was not is not found there."""
    monkeypatch.setenv("HANDOFF_CACHE", str(tmp_path))

    def half(folder: Path) -> None:
        (folder / "first").write_text("half")
        raise KeyboardInterrupt

    def whole(folder: Path) -> None:
        assert list(folder.iterdir()) == []
        (folder / "second").write_text("whole")

    with pytest.raises(KeyboardInterrupt):
        installed_once("thing", half)
    folder = installed_once("thing", whole)
    assert [path.name for path in folder.iterdir()] == ["second"]
    assert installed_once("thing", half) == folder


def test_dead_links_are_found(tmp_path: Path) -> None:
    """A link to no file or no heading is named; code, other sites, and what exists are not."""
    (tmp_path / "there.md").write_text("# What it `does`, and why\n\n## Twice\n\n## Twice\n")
    page = tmp_path / "page.md"
    good = "[a](there.md) [b](there.md#what-it-does-and-why) [c](there.md#twice-1) [d](https://example.com/x) `[e](no)`"
    page.write_text(f"{good}\n[f](gone.md)\n[g](there.md#nothing)\n[h]: gone-too.md\n```\n[i](no)\n```\n")
    assert dead_links(page) == [
        "gone.md leads to no file",
        "there.md#nothing leads to no heading",
        "gone-too.md leads to no file",
    ]


def test_up_says_which_port_is_taken(tmp_path: Path) -> None:
    """`./dev up` on a taken port is one sentence that says what to do, and nothing is started."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        command = [sys.executable, "-m", "tests.system.up", "--data", str(tmp_path / "up"), "--ports-from", port]
        result = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 1
    assert f"Taken by another program: port {port}" in result.stdout
    assert not (tmp_path / "up" / "n8n").exists()
