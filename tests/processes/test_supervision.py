"""Children run as long as they are wanted, and not a moment longer."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from companion.adapters.clock import SteppedClock, SystemClock
from companion.embedded import DataFolder, EmbeddedStore, binary
from companion.embedded.processes import Child, Supervisor, free_port, why_not_listening
from companion.embedded.server import client_of
from tests.system.waiting import wait_until

ROOT = Path(__file__).parents[2]


class Unit:
    """A unit that lives until `die` is called; `fails` makes its next starts fail."""

    def __init__(self, name: str, stopped: list[str]) -> None:
        self.name = name
        self.fails = False
        self.starts = 0
        self._stopped = stopped
        self._gone = threading.Event()

    def start(self) -> None:
        self.starts += 1
        if self.fails:
            raise RuntimeError("no room")
        self._gone = threading.Event()

    def wait(self) -> str:
        self._gone.wait()
        return "it died"

    def die(self) -> None:
        self._gone.set()

    def stop(self) -> None:
        self._stopped.append(self.name)
        self._gone.set()


def step_until(supervisor: Supervisor, holds: Callable[[], object], description: str, patience_ms: int = 20) -> None:
    """Let the supervisor work until something holds."""

    def stepped() -> object:
        supervisor.step(patience_ms)
        return holds()

    wait_until(stepped, description)


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", code, *arguments]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    supervisor = Supervisor(SystemClock())
    yield supervisor
    supervisor.stop()


# Restarting


def test_what_dies_is_restarted_ever_more_slowly_until_it_runs_steadily() -> None:
    """A process that dies again and again must not eat the machine; one that ran well is back at once."""
    clock = SteppedClock()
    supervisor = Supervisor(clock)
    unit = Unit("unit", [])
    supervisor.add(unit)
    delays = []
    with capture_logs() as logged:
        unit.die()
        step_until(supervisor, lambda: supervisor.deaths() == 1, "the death was noticed", 0)
        unit.fails = True
        for _ in range(8):
            starts, waited_ms = unit.starts, 0
            while unit.starts == starts:
                waited_ms += clock.advance(10) and 10
                supervisor.step(0)
            delays.append(waited_ms)
        assert delays == [100, 200, 400, 800, 1600, 3200, 5000, 5000]
        unit.fails = False
        clock.advance(5000)
        supervisor.step(0)
        clock.advance(30_000)
        unit.die()
        step_until(supervisor, lambda: supervisor.deaths() == 1, "the death was noticed", 0)
    died = [line for line in logged if line["event"] == "died"]
    assert died[-1]["restart_in_ms"] == 100
    assert {line["reason"] for line in died} == {"it died", "no room"}


def test_the_last_started_is_stopped_first_and_nothing_is_restarted_then() -> None:
    """The store outlives its writers, and stopping does not look like dying."""
    stopped: list[str] = []
    supervisor = Supervisor(SteppedClock())
    units = [Unit(name, stopped) for name in ("store", "serve", "worker")]
    for unit in units:
        supervisor.add(unit)
    supervisor.request_stop()
    supervisor.step(None)
    supervisor.stop()
    assert stopped == ["worker", "serve", "store"]
    supervisor.step(0)
    assert [unit.starts for unit in units] == [1, 1, 1]


def test_a_killed_child_comes_back(supervisor: Supervisor, tmp_path: Path) -> None:
    """A real process that is killed is a new process moments later."""
    pids = tmp_path / "pids"
    code = "import os, sys, signal; print(os.getpid(), file=open(sys.argv[1], 'a')); signal.pause()"
    supervisor.add(Child("child", python(code, str(pids)), os.environ, 5))
    first = wait_until(lambda: pids.read_text() if pids.exists() else "", "the child started")
    os.kill(int(first), signal.SIGKILL)
    with capture_logs() as logged:
        step_until(supervisor, lambda: len(pids.read_text().split()) == 2, "the child came back")
    assert {"ended by SIGKILL"} == {line["reason"] for line in logged if line["event"] == "died"}


def test_what_a_child_prints_does_not_reach_our_stdout(capfd: pytest.CaptureFixture[str]) -> None:
    """stdout belongs to the one line of `up --json`; a child's stray print goes to stderr."""
    child = Child("child", python("print('stray')"), os.environ, 5)
    child.start()
    assert child.wait() == "ended with exit code 0"
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "stray\n")


def test_a_store_that_cannot_start_for_a_while_comes_back_with_its_data(
    supervisor: Supervisor, folder: DataFolder, tmp_path: Path
) -> None:
    """However long the store is away, the supervisor keeps trying, and everything acknowledged is there in the end."""
    server = tmp_path / "server"
    server.symlink_to(binary())
    store = EmbeddedStore(folder, SystemClock(), server=server)
    with folder.held("test"):
        supervisor.add(store)
        client_of(folder).set("answer", "42")
        server.unlink()
        assert store.pid is not None
        os.kill(store.pid, signal.SIGKILL)
        step_until(supervisor, lambda: supervisor.deaths() >= 4, "it failed to start several times")
        server.symlink_to(binary())
        step_until(supervisor, lambda: store.gone() is None, "the store came back")
        assert client_of(folder).get("answer") == "42"
        supervisor.stop()


# Ending


def test_a_child_that_does_not_listen_is_killed_with_its_own_children(tmp_path: Path) -> None:
    """Stopping ends within its time, and nothing that the child started stays behind."""
    pids = tmp_path / "pids"
    code = (
        "import os, sys, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); os.fork(); "
        "print(os.getpid(), file=open(sys.argv[1], 'a'), flush=True); signal.pause()"
    )
    supervisor = Supervisor(SystemClock())
    supervisor.add(Child("child", python(code, str(pids)), os.environ, 0.2))
    wait_until(lambda: pids.exists() and len(pids.read_text().split()) == 2, "the child and its child started")
    supervisor.stop()
    wait_until(lambda: not any(is_alive(int(pid)) for pid in pids.read_text().split()), "both are gone")


def test_a_child_dies_with_its_killed_parent() -> None:
    """kill -9 of `up` leaves no web process behind that holds the port."""
    child = "import sys, signal; from companion.embedded.processes import die_with_parent as d; d(int(sys.argv[1])); "
    child += "print('tied', flush=True); signal.pause()"
    parent = "import os, subprocess, sys; p = subprocess.Popen([sys.executable, '-c', sys.argv[1], str(os.getpid())]); "
    parent += "print(p.pid, flush=True); p.wait()"
    process = subprocess.Popen(python(parent, child), stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    said = {process.stdout.readline().strip(), process.stdout.readline().strip()}
    (child_pid,) = said - {"tied"}
    assert is_alive(int(child_pid))
    process.kill()
    process.wait()
    wait_until(lambda: not is_alive(int(child_pid)), "the child is gone")


def test_a_child_whose_parent_is_gone_already_ends_itself() -> None:
    """Between the start and the kernel's promise the parent may die; the child looks once more."""
    code = "from companion.embedded.processes import die_with_parent; die_with_parent(1 << 22); print('still here')"
    ended = subprocess.run(python(code), capture_output=True, text=True, cwd=ROOT, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")


# Ports


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_taken_port_is_named_with_the_option_that_changes_it(address: str) -> None:
    """On either loopback family, because browsers try both; a server that would share the port counts too."""
    port = free_port()
    assert why_not_listening("127.0.0.1", port) is None
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind((address, port))
        other.listen()
        sentence = why_not_listening("127.0.0.1", port)
        assert sentence == f"Port {port} is taken by another program; choose another one with --port or HANDOFF_PORT."
    assert why_not_listening("127.0.0.1", port) is None


def test_an_address_of_another_machine_is_said_so() -> None:
    """Listening on an address that this machine does not have names the setting."""
    sentence = why_not_listening("192.0.2.1", free_port())
    assert sentence is not None
    assert "HANDOFF_HOST" in sentence
