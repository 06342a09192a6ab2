"""Keeping processes running: start in order, restart what dies, stop in the opposite order, die with the parent."""

import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Final, Protocol

from companion.adapters.clock import Clock
from companion.adapters.logs import logger

FIRST_RESTART_MS: Final = 100
SLOWEST_RESTART_MS: Final = 5_000
STEADY_MS: Final = 30_000
"""A process that ran this long is believed to be well; its next restart comes quickly again."""

PR_SET_PDEATHSIG: Final = 1


class Supervised(Protocol):
    """Something that runs, may die, and can be ended."""

    @property
    def name(self) -> str:
        """How log lines call it."""

    def start(self) -> None:
        """Start it, and return when it runs. Whatever this raises counts as a death, and `str` of it as the reason."""

    def wait(self) -> object:
        """Block until it is gone; `str` of what it returns is the reason."""

    def stop(self) -> None:
        """End it, and return when it is gone. Nothing happens when it is gone already."""


class Child:
    """A command that runs as our child, leads its own process group, and writes to our stderr only."""

    def __init__(
        self, name: str, arguments: Sequence[str], environment: Mapping[str, str], stop_within_s: float
    ) -> None:
        self.name = name
        self._arguments = list(arguments)
        self._environment = dict(environment)
        self._stop_within_s = stop_within_s
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        # stdout belongs to what `up` prints; a child's stray print must not break the one line of --json.
        self._process = subprocess.Popen(  # noqa: S603 -- our own command
            self._arguments, env=self._environment, stdin=subprocess.DEVNULL, stdout=sys.stderr, process_group=0
        )

    def wait(self) -> str:
        code = self._process.wait() if self._process else 0
        return f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"

    def stop(self) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(self._stop_within_s)
        except subprocess.TimeoutExpired:
            logger("up").warning("child_killed", child=self.name, reason="it did not end in time")
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


@dataclass(slots=True)
class _Watched:
    unit: Supervised
    started_ms: int = 0
    deaths: int = 0
    restart_at_ms: int | None = None


class Supervisor:
    """Runs its units until told to stop. All methods but `request_stop` belong to the main thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._watched: list[_Watched] = []
        # SimpleQueue, because its put may be called from a signal handler that interrupted its get.
        self._events: SimpleQueue[tuple[_Watched, int, str] | None] = SimpleQueue()
        self._log = logger("up")
        self.stopping = False

    def add(self, unit: Supervised) -> None:
        """Start `unit` and keep it running. The first start is not repeated: what it raises is raised."""
        watched = _Watched(unit)
        self._watched.append(watched)
        self._start(watched)

    def deaths(self) -> int:
        """How often a unit has died since it last ran steadily; the highest of all units."""
        return max((watched.deaths for watched in self._watched), default=0)

    def request_stop(self, *_: int | FrameType | None) -> None:
        """Make `step` return and `stopping` true. Fit to be a signal handler."""
        self.stopping = True
        self._events.put(None)

    def step(self, patience_ms: int | None) -> None:
        """Handle one death or one due restart, or return after `patience_ms` (None: wait as long as it takes)."""
        now_ms = self._clock.monotonic_ms()
        until_ms = [watched.restart_at_ms for watched in self._watched if watched.restart_at_ms is not None]
        until_ms += [now_ms + patience_ms] if patience_ms is not None else []
        try:
            event = self._events.get(timeout=max(0, min(until_ms) - now_ms) / 1000 if until_ms else None)
        except Empty:
            event = None
        if event:
            watched, started_ms, reason = event
            if started_ms == watched.started_ms:
                self._died(watched, reason)
        for watched in self._watched:
            if not self.stopping and (watched.restart_at_ms or sys.maxsize) <= self._clock.monotonic_ms():
                self._restart(watched)

    def stop(self) -> None:
        """End all units, the last started first, so that the store outlives its writers."""
        self.stopping = True
        for watched in reversed(self._watched):
            watched.unit.stop()
            self._log.info("stopped", child=watched.unit.name)

    def _start(self, watched: _Watched) -> None:
        watched.restart_at_ms = None
        watched.started_ms = self._clock.monotonic_ms()
        watched.unit.start()

        def report(started_ms: int) -> None:
            self._events.put((watched, started_ms, str(watched.unit.wait())))

        threading.Thread(target=report, args=(watched.started_ms,), daemon=True, name=watched.unit.name).start()

    def _restart(self, watched: _Watched) -> None:
        try:
            self._start(watched)
        except Exception as error:
            self._died(watched, str(error))
        else:
            self._log.info("restarted", child=watched.unit.name)

    def _died(self, watched: _Watched, reason: str) -> None:
        if self.stopping:
            return
        now_ms = self._clock.monotonic_ms()
        if now_ms - watched.started_ms >= STEADY_MS:
            watched.deaths = 0
        delay_ms = min(SLOWEST_RESTART_MS, FIRST_RESTART_MS * 2 ** min(watched.deaths, 10))
        watched.deaths += 1
        watched.restart_at_ms = now_ms + delay_ms
        self._log.error("died", child=watched.unit.name, reason=reason, restart_in_ms=delay_ms)


def die_with_parent(parent_pid: int) -> None:
    """See to it that this process ends when `parent_pid`, its parent, does, even by kill -9.

    Without this a killed `up` would leave web processes behind that hold the port. To be called in the main thread of
    the child. Linux does it in the kernel; elsewhere a thread looks every second.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    else:
        threading.Thread(target=_watch_parent, args=(parent_pid,), daemon=True, name="parent").start()
    # It may have died before the call above.
    if os.getppid() != parent_pid:
        os._exit(1)


def _watch_parent(parent_pid: int) -> None:
    pause = threading.Event()
    while os.getppid() == parent_pid:
        pause.wait(1)
    os._exit(1)


def why_not_listening(host: str, port: int) -> str | None:
    """One sentence why nothing can listen on `port` now, or None. Both loopback families count: browsers try both.

    Granian listens with SO_REUSEPORT, so that a second server would silently share the port; this asks without it.
    """
    loopback = host in ("127.0.0.1", "::1", "localhost")
    for each in ("127.0.0.1", "::1") if loopback else (host,):
        try:
            with socket.socket(socket.AF_INET6 if ":" in each else socket.AF_INET) as probe:
                # As servers do: connections that linger from before a restart do not count.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((each, port))
        except OSError as error:
            if loopback and error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                continue  # A machine without IPv6 has nobody on ::1 either.
            if error.errno == errno.EADDRINUSE:
                return f"Port {port} is taken by another program; choose another one with --port or HANDOFF_PORT."
            return f"Nothing can listen on {each} port {port}: {error.strerror}; look at HANDOFF_HOST and HANDOFF_PORT."
    return None


def free_port() -> int:
    """A port that nobody uses at this moment, on the loopback interface."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
