"""Where things are kept: this checkout, its git-ignored folder, and the cache outside it."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
LOCAL = CHECKOUT / ".handoff"  # git-ignored: what is built, logs, and the data of `./dev up`
LOGS = LOCAL / "logs"


def cache_folder() -> Path:
    """Big things that outlive a checkout: n8n (2.2 GB) and the proxy."""
    environment = os.environ
    if environment.get("HANDOFF_CACHE"):
        return Path(environment["HANDOFF_CACHE"])
    if environment.get("XDG_CACHE_HOME"):
        return Path(environment["XDG_CACHE_HOME"]) / "handoff"
    return Path.home() / ".cache" / "handoff"


def digest_of(paths: Iterable[Path], *salt: str) -> str:
    """Twelve hex digits that change with the files' names and bytes."""
    digest = hashlib.sha256("\0".join(salt).encode())
    for path in sorted(paths):
        digest.update(b"\0" + path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def installed_once(name: str, install: Callable[[Path], None]) -> Path:
    """The cache folder's entry `name`, made by `install(folder)` if it is not there.

    A name exists only when its installation ended well, because it gets that name last. Two runs that need the same
    entry at once wait for each other.
    """
    final = cache_folder() / name
    if final.exists():
        return final
    final.parent.mkdir(parents=True, exist_ok=True)
    with one_at_a_time(final.with_name(f"{name}.lock")):
        if final.exists():  # the run that we waited for made it
            return final
        unfinished = final.with_name(f"{name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        install(unfinished)
        unfinished.rename(final)
    return final


@contextmanager
def one_at_a_time(lock: Path) -> Iterator[None]:
    """Held by one process at a time; let go by the system when that process dies."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
