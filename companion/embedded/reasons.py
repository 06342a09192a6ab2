"""Why the embedded store ended, in words that an operator can act on."""

import os
import re
import signal
from pathlib import Path
from typing import Final


class StoreError(Exception):
    """The embedded store does not run; the text is one sentence that says why and what to do."""

    def __init__(self, sentence: str, cause: str) -> None:
        super().__init__(sentence)
        self.cause = cause


FULL_BELOW_BYTES: Final = 64 * 1024

NO_ROOM: Final = r"No space left on device|Disk quota exceeded|File too large|Short write while writing to the AOF"
UNREADABLE: Final = (
    r"Bad file format reading the append only file|Unrecoverable error reading the append only file|"
    r"Can't handle RDB format version|Wrong signature|RDB CRC error|Internal error in RDB|"
    r"The AOF file .* doesn't exist|Invalid AOF manifest"
)

REASONS: Final = (
    (
        NO_ROOM,
        "disk_full",
        "there is no room for another write in {folder} (a full disk, a quota, ulimit -f); make room, nothing is lost",
    ),
    (r"Read-only file system", "read_only", "the file system of {folder} became read-only; look at the system's log"),
    (r"Input/output error", "disk_error", "the disk that holds {folder} reports errors; save a copy of the folder"),
    (r"Permission denied", "permission", "it may not write to {folder}; give it back to the user who runs this"),
    (
        UNREADABLE,
        "unreadable",
        "its files in {folder} cannot be read: a newer version wrote them, or they are damaged; restore a backup",
    ),
    (r"Out Of Memory|Can't allocate|Cannot allocate", "memory", "there was not enough memory"),
)
"""What the server's log says -> cause, sentence."""


def why_ended(code: int | None, said: str, folder: Path) -> StoreError:
    """Why a server ended, from its exit code (negative for a signal, None when it was not our child) and its log."""
    for pattern, cause, sentence in REASONS:
        # A disk that is full takes no log line either, so it is asked itself.
        if re.search(pattern, said) or (cause == "disk_full" and _is_full(folder)):
            return StoreError(f"The embedded store ended: {sentence.format(folder=folder)}.", cause)
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        hint = "; the kernel does that when memory runs out" if name == "SIGKILL" else ""
        return StoreError(f"The embedded store was ended by {name}{hint}.", "killed")
    if code == 0 or "User requested shutdown" in said:
        return StoreError("The embedded store was asked to end.", "asked")
    if code is None:
        return StoreError("The embedded store was killed, or crashed: its log does not say that it ended.", "killed")
    log = folder / "store" / "valkey.log"
    return StoreError(f"The embedded store ended for an unknown reason; look at {log}.", "unknown")


def _is_full(folder: Path) -> bool:
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize < FULL_BELOW_BYTES
