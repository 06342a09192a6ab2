"""The data folder of `handoff up`: who uses it, what lies in it, and where its socket is.

DATA/            700 when we make it
  lock           held by the one process that runs the store here; says which
  secret         600, the server's secret (local mode)
  api_key        600, the key that `up` prints; signing_secret beside it
  address        600, under which addresses `up` last served, so that other commands make working links
  store/         700, owned by the user who runs us
    lock         held by the store's own process, so that its life is known without trusting a pid
    snapshot.lock held by the backup whose snapshot the store writes
    socket       where the store listens, unless its path is too long for one
    appendonlydir/, valkey.log
"""

import fcntl
import json
import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from companion.adapters.clock import Clock

LONGEST_SOCKET_PATH_BYTES: Final = 99
"""The kernel's own limit is 108 on Linux and 104 on macOS, the terminating zero included."""

HOLDER_BYTES: Final = 100
BETWEEN_TRIES_S: Final = 0.02


class DataFolderError(Exception):
    """The folder cannot be used; the text is one sentence that says why and what to do."""


class FolderInUseError(DataFolderError):
    """Another process runs the store of this folder."""

    def __init__(self, folder: Path, pid: int | None, role: str) -> None:
        self.pid = pid
        self.role = role
        holder = f"process {pid} ({role})" if pid else "another process"
        super().__init__(f"The data folder {folder} is in use by {holder}; stop that first, or use another --data.")


class DataFolder:
    """One data folder. Making the object makes the folder; nothing is locked yet."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Make what is missing. Raises DataFolderError when the folder cannot be made or belongs to somebody else."""
        self._clock = clock
        try:
            path.expanduser().mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path = path.expanduser().resolve(strict=True)
            self.store = self.path / "store"
            self.store.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise DataFolderError(f"The data folder {path} cannot be made: {error.strerror}.") from error
        owner = self.store.stat().st_uid
        if owner != os.geteuid():
            # A root shell that started the store here would leave files behind that the owner cannot open.
            sentence = f"The data folder {self.path} belongs to user {owner}; run this command as that user."
            raise DataFolderError(sentence)
        self.store.chmod(0o700)

    @property
    def socket(self) -> Path:
        """Where the store listens. A path that is too long for a socket moves to a private folder of this user."""
        inside = self.store / "socket"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH_BYTES:
            return inside
        name = sha256(os.fsencode(self.path)).hexdigest()[:16]
        return _private_folder(Path(f"/tmp/handoff-{os.geteuid()}")) / name  # noqa: S108 -- checked in _private_folder

    @contextmanager
    def held(self, role: str, patience_ms: int = 0) -> Iterator[None]:
        """Hold the folder as `role` while the block runs. The kernel lets go when this process dies, however it dies.

        Waits up to `patience_ms` for another holder, then raises FolderInUseError, which names it.
        """
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if not _acquired(descriptor, self._clock, patience_ms):
                raise FolderInUseError(self.path, *_holder(descriptor))
            # Written over the former holder's text at one length, so that a full disk does not stop us here.
            os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "role": role}).ljust(HOLDER_BYTES).encode(), 0)
            yield
        finally:
            os.close(descriptor)

    def store_lock(self, patience_ms: int = 0) -> int | None:
        """A descriptor that locks the store's files, or None while a store process lives.

        The caller hands it to the new store process and closes its own copy.
        """
        return self._locked("lock", patience_ms)

    def snapshot_lock(self, patience_ms: int) -> int | None:
        """A descriptor to hold while a snapshot is made and taken, or None: two backups must not take each other's."""
        return self._locked("snapshot.lock", patience_ms)

    def _locked(self, name: str, patience_ms: int) -> int | None:
        descriptor = os.open(self.store / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if _acquired(descriptor, self._clock, patience_ms):
            return descriptor
        os.close(descriptor)
        return None

    def kept(self, name: str, make: Callable[[], str] | None = None) -> str | None:
        """The text of the private file `name`; with `make`, written first when it is missing or empty."""
        path = self.path / name
        try:
            with path.open(encoding="utf-8") as file:
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                text = file.read().strip()
        except FileNotFoundError:
            mode, text = 0, ""
        if mode & 0o077:
            raise DataFolderError(f"{path} can be read by others; run: chmod 600 {path}")
        if text or make is None:
            return text or None
        self.keep(name, make())
        return self.kept(name)

    def keep(self, name: str, text: str) -> None:
        """Write a private file, whole or not at all: a half-written secret would lock everybody out.

        Nothing is written when it holds `text` already, so that a full disk does not stop a start.
        """
        if self.kept(name) == text:
            return
        unfinished = self.path / f".{name}.{os.getpid()}"
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self.path / name)
        folder = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def wait_for(holds: Callable[[], bool], clock: Clock, patience_ms: int) -> bool:
    """Whether `holds` came true within `patience_ms`; it is asked at least once."""
    deadline_ms = clock.monotonic_ms() + patience_ms
    pause = threading.Event()
    while not holds():
        if clock.monotonic_ms() >= deadline_ms:
            return False
        pause.wait(BETWEEN_TRIES_S)
    return True


def _acquired(descriptor: int, clock: Clock, patience_ms: int) -> bool:
    def attempt() -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            raise DataFolderError(f"The data folder is on a file system without locks: {error.strerror}.") from error
        return True

    return wait_for(attempt, clock, patience_ms)


def _holder(descriptor: int) -> tuple[int | None, str]:
    """Pid and role of who holds the lock; unknown in the moment between its locking and its writing."""
    try:
        holder = json.loads(os.pread(descriptor, HOLDER_BYTES, 0))
        return int(holder["pid"]), str(holder["role"])
    except (ValueError, KeyError, TypeError):
        return None, ""


def _private_folder(path: Path) -> Path:
    """`path` as a folder that only this user can enter. In a public folder somebody else may have been there first."""
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise DataFolderError(f"{path} is not a private folder of this user; remove it, or use a shorter --data path.")
    return path
