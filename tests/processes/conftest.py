"""Stores and processes that do not outlive their test."""

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest
import structlog

from companion.adapters.clock import SystemClock
from companion.cli import main
from companion.embedded import DataFolder, EmbeddedStore
from companion.embedded.server import processes_with_open
from tests.system.ports import free_port
from tests.system.waiting import wait_until

HANDOFF = [sys.executable, "-P", "-m", "companion"]

StartStore = Callable[..., EmbeddedStore]
StartHolder = Callable[[], tuple[subprocess.Popen[str], dict[str, Any]]]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[DataFolder]:
    """A data folder whose store is killed after the test, whoever started it."""
    folder = DataFolder(tmp_path / "data", SystemClock())
    yield folder
    for pid in processes_with_open(folder.store / "lock") if (folder.store / "lock").exists() else ():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def start_store(folder: DataFolder) -> Iterator[StartStore]:
    """Holds the folder and starts its store from this process; arguments go to EmbeddedStore."""
    with ExitStack() as until_the_end:

        def start(**arguments: Any) -> EmbeddedStore:
            if not hasattr(start, "held"):
                until_the_end.enter_context(folder.held("test"))
                start.held = True  # type: ignore[attr-defined]
            store = EmbeddedStore(folder, SystemClock(), **arguments)
            store.start()
            return store

        yield start


@pytest.fixture
def start_holder(folder: DataFolder) -> Iterator[StartHolder]:
    """Starts a process that holds the folder and runs its store; returns it with what it printed when ready."""
    started: list[subprocess.Popen[str]] = []

    def start() -> tuple[subprocess.Popen[str], dict[str, Any]]:
        command = [sys.executable, "-m", "tests.processes.holder", str(folder.path)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        return process, json.loads(process.stdout.readline())

    yield start
    for process in started:
        process.kill()
        process.communicate()


class Up:
    """`handoff up` as a user starts it; `said` is what it printed, `lines()` its log."""

    def __init__(self, folder: DataFolder, port: int, cwd: Path, environment: dict[str, str]) -> None:
        self.port = port
        self._log = folder.path.parent / f"up-{port}-{os.urandom(3).hex()}.log"
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [*HANDOFF, "up", "--data", str(folder.path), "--port", str(port), "--json"],
                stdout=subprocess.PIPE, stderr=log, text=True, cwd=cwd, env=clean_environment(environment),
            )  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self._log.read_text()
        self.said: dict[str, Any] = json.loads(line)

    def lines(self) -> list[dict[str, Any]]:
        """Every whole line, each of which must be JSON."""
        return [json.loads(line) for line in self._log.read_text().rpartition("\n")[0].splitlines()]

    def pid_of(self, event: str) -> int:
        """The process that logged `event` last; waits for the first such line."""
        found = wait_until(lambda: [line for line in self.lines() if event in line["event"]], f"{event} was logged")
        return int(found[-1]["pid"])

    def get(self, path: str) -> tuple[int, Any]:
        """Status and JSON of a GET with the API key; (0, None) while nobody answers."""
        request = Request(
            f"http://127.0.0.1:{self.port}{path}", headers={"Authorization": f"Bearer {self.said['api_key']}"}
        )
        try:
            with urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            return error.code, json.load(error)
        except (URLError, OSError):
            return 0, None

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def clean_environment(more: dict[str, str]) -> dict[str, str]:
    """The environment without a developer's own HANDOFF_ variables, and with one web process, to start quicker."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("HANDOFF_")}
    return own | {"HANDOFF_WORKERS": "1"} | more


@dataclass(frozen=True)
class Ended:
    """How one `handoff` command ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        assert self.code == 0, self.stderr
        return json.loads(self.stdout)

    @property
    def is_one_sentence(self) -> bool:
        """A user's mistake: it failed, with nothing on stdout and one line, no traceback, for the user."""
        errors = [line for line in self.stderr.splitlines() if not line.startswith("{")]
        return self.code != 0 and self.stdout == "" and len(errors) == 1 and errors[0].startswith("Error: ")


RunHandoff = Callable[..., Ended]


@pytest.fixture
def handoff(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[RunHandoff]:
    """Runs one `handoff` command to its end, in this process, which has imported everything already."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def run(*arguments: str, **environment: str) -> Ended:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["handoff", *arguments])
            patch.setattr(os, "environ", clean_environment(environment))
            capsys.readouterr()
            try:
                main()
                code = 0
            except SystemExit as ended:
                code = ended.code if isinstance(ended.code, int) else 1
        return Ended(code, *capsys.readouterr())

    yield run
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


StartUp = Callable[..., Up]


@pytest.fixture
def start_up(folder: DataFolder, tmp_path: Path) -> Iterator[StartUp]:
    """Starts `handoff up` on the folder and returns when it is ready; it is killed in the end, with its store."""
    started: list[Up] = []

    def start(port: int | None = None, cwd: Path = tmp_path, **environment: str) -> Up:
        started.append(Up(folder, port or free_port(), cwd, environment))
        return started[-1]

    yield start
    for up in started:
        up.kill()
