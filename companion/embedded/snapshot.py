"""A snapshot of a running store: everything that it acknowledged before the snapshot was begun, as of one moment."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import IO, Any, Final

import redis

from companion.adapters.clock import Clock
from companion.embedded.folder import DataFolder, wait_for
from companion.embedded.reasons import StoreError
from companion.embedded.server import client_of

CHUNK_BYTES: Final = 1024 * 1024
FORK_S: Final = 60.0
OTHERS_MS: Final = 600_000
"""How long another snapshot, or the server's rewriting of its own file, may take before ours can begin."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The server's own file (RDB), open for reading and gone from the folder, and what is known of it."""

    file: IO[bytes]
    bytes: int
    sha256: str
    keys: int
    made_by: str


@contextmanager
def snapshot(folder: DataFolder, clock: Clock) -> Iterator[Snapshot]:
    """A snapshot of the folder's running store, begun after this call. Raises StoreError."""
    path = folder.store / "dump.rdb"
    lock = folder.snapshot_lock(OTHERS_MS)
    if lock is None:
        raise StoreError("Another backup runs; try again later.", "snapshot")
    client = client_of(folder, FORK_S)
    try:
        saved = _begin(client, clock)
        if not _succeeds(client, clock, saved):
            sentence = "The store could not write its snapshot: is there room on the disk, and does it still run?"
            raise StoreError(sentence, "snapshot")
        keys = int(client.dbsize())
        server = client.info("server")
        file = path.open("rb")
        path.unlink()
    except redis.RedisError as error:
        sentence = f"The store did not make a snapshot ({type(error).__name__}); look whether it runs."
        raise StoreError(sentence, "snapshot") from error
    finally:
        client.close()
        os.close(lock)
    with file:
        digest = sha256()
        for chunk in iter(lambda: file.read(CHUNK_BYTES), b""):
            digest.update(chunk)
        size = file.tell()
        file.seek(0)
        yield Snapshot(file, size, digest.hexdigest(), keys, f"valkey {server.get('valkey_version', 'unknown')}")


def _begin(client: Any, clock: Clock) -> int:
    """Begin a snapshot of our own, once no other one runs. Returns how many there were before it."""
    saved = 0

    def begun() -> bool:
        nonlocal saved
        saved = int(client.info("persistence")["rdb_saves"])
        try:
            client.bgsave(schedule=False)
        except redis.ResponseError as error:
            if "in progress" not in str(error):
                raise
            # Somebody else's may have been begun before what we are to keep was acknowledged.
            return False
        return True

    if not wait_for(begun, clock, OTHERS_MS):
        raise StoreError("The store is busy with another snapshot; try again later.", "snapshot")
    return saved


def _succeeds(client: Any, clock: Clock, saved: int) -> bool:
    """Whether the snapshot after the `saved` ones before it was written; waits however long it takes while it runs."""
    told: dict[str, Any] = {}

    def over() -> bool:
        nonlocal told
        told = client.info("persistence")
        return not int(told["rdb_bgsave_in_progress"])

    while not wait_for(over, clock, 5_000):
        pass
    # A store that ended meanwhile and was started again counts from 0, and has nothing in progress.
    return told["rdb_last_bgsave_status"] == "ok" and int(told["rdb_saves"]) > saved
