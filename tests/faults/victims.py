"""The processes that are killed: store, web and worker, started again at once, as a supervisor would."""

import os
import random
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO

import requests

from companion.adapters.clock import SystemClock
from companion.bootstrap import Services, build
from companion.embedded import DataFolder, EmbeddedStore
from companion.settings import Settings
from tests.system.ports import free_port
from tests.system.waiting import wait_until

KINDS = ("web", "worker", "store")
UNSYNCED_BYTES = 16 * 1024


class Victims:
    """Store, web and worker as separate processes. `plant` names a fault from planted.py."""

    def __init__(self, folder: Path, plant: str | None = None) -> None:
        self._plant = plant
        self._folder = folder
        self._clock = SystemClock()
        self._data = DataFolder(folder / "data", self._clock)
        self._store = EmbeddedStore(self._data, self._clock)
        self._log: IO[bytes] = (folder / "processes.log").open("ab")
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.kills = 0
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {
            **os.environ,
            "HANDOFF_SECRET": "kill loop " + "x" * 40,
            "HANDOFF_RATE_PER_MINUTE": "0",  # the clients ask as often as they can
            "HANDOFF_REDIS_URL": self._store.url,
            "HANDOFF_PORT": str(port),
        }

    def start(self) -> Services:
        """Start everything; returns services of our own on the same store."""
        self._start("store")
        services = build(Settings.from_env(self.environment), self._clock)
        services.signer.rotate()
        for kind in ("web", "worker"):
            self._start(kind)
        self.wait_ready()
        return services

    def kill(self, kind: str) -> None:
        """SIGKILL one process, and start it again."""
        if kind == "store":
            self._kill_store()
        else:
            os.killpg(self._processes[kind].pid, signal.SIGKILL)
            self._processes[kind].wait()
        self.kills += 1
        self._start(kind)

    def wait_ready(self) -> None:
        """Until the web answers that it can do its work."""
        wait_until(self._is_ready, "the system is ready again", 30)

    def stop(self) -> None:
        """End everything."""
        for process in self._processes.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._store.stop()
        self._log.close()

    def _is_ready(self) -> bool:
        try:
            return requests.get(f"{self.url}/readyz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def _start(self, kind: str) -> None:
        if kind == "store":
            self._store.start()
            return
        command = [sys.executable, "-m", *(["tests.faults.planted", self._plant] if self._plant else ["companion"])]
        arguments = ["serve"] if kind == "web" else ["worker", "--name", "the-worker"]
        self._processes[kind] = subprocess.Popen(
            [*command, *arguments],
            env=self.environment,
            start_new_session=True,
            stdout=self._log,
            stderr=self._log,
        )

    def _kill_store(self) -> None:
        client = build(Settings.from_env(self.environment)).store.client
        pid = client.info("server")["process_id"]
        client.close()
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not Path(f"/proc/{pid}").exists() or _is_zombie(pid), "the store is dead", 10)
        if self._plant == "fsync_off":
            self._lose_what_was_not_on_the_disk()

    def _lose_what_was_not_on_the_disk(self) -> None:
        """Cut the end of the append-only file off, as a power cut does when nobody called fsync."""
        newest = max(self._folder.rglob("*.incr.aof"), key=lambda file: file.stat().st_mtime_ns)
        os.truncate(newest, max(0, newest.stat().st_size - UNSYNCED_BYTES))


def _is_zombie(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    return True


def pick(chance: random.Random) -> str:
    """Which process dies next."""
    return chance.choice(KINDS)
