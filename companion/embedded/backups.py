"""Backup and restore of a data folder's store: one file that holds everything as it was at one moment.

The file is a tar archive, readable by its owner only:

backup.json  format, when and by what it was made, schema version of the records, number of keys, SHA-256 of store.rdb
store.rdb    the server's own snapshot: everything that was acknowledged before it was begun
address      the data folder's file of that name, by which a wrong secret is noticed
secret, api_key, signing_secret   only when asked for: with them the file opens everything that it holds
"""

import io
import json
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Final

from companion.adapters.clock import Clock
from companion.core.handoff import SCHEMA_VERSION
from companion.core.times import iso
from companion.embedded.folder import DataFolder
from companion.embedded.reasons import StoreError
from companion.embedded.server import EmbeddedStore
from companion.embedded.snapshot import CHUNK_BYTES, snapshot

FORMAT: Final = 1
SECRETS: Final = ("secret", "api_key", "signing_secret")

AOF: Final = "appendonlydir"
BASE: Final = "appendonly.aof.1.base.rdb"
MANIFEST: Final = f"file {BASE} seq 1 type b\n"

Progress = Callable[[int], None]
"""Called with the number of bytes that were just copied."""

Begin = Callable[[int], Progress]
"""Called with the number of bytes to copy, once it is known."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup says of itself; `bytes` is the size of the snapshot."""

    made_at: str
    made_by: str
    schema_version: int
    keys: int
    bytes: int
    sha256: str
    with_secret: bool
    format: int = FORMAT


def write(target: Path, folder: DataFolder, clock: Clock, *, with_secret: bool, progress: Begin) -> Contents:
    """Write a backup of the folder's running store to `target`, whole or not at all. Raises StoreError, OSError."""
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with snapshot(folder, clock) as found:
            made = (iso(clock.now_ms()), found.made_by, SCHEMA_VERSION)
            contents = Contents(*made, found.keys, found.bytes, found.sha256, with_secret)
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w") as tar:
                texts = {"backup.json": json.dumps(asdict(contents), indent=2)}
                texts |= {name: folder.kept(name) or "" for name in ("address", *(SECRETS if with_secret else ()))}
                for name, text in texts.items():
                    _add(tar, name, io.BytesIO(text.encode()), len(text.encode()))
                _add(tar, "store.rdb", _Watched(found.file, progress(contents.bytes)), contents.bytes)
                tar.close()
                file.flush()
                os.fsync(file.fileno())
        if target.exists():
            raise StoreError(f"{target} is there already; nothing was written over.", "exists")
        unfinished.replace(target)
        return contents
    finally:
        with suppress(FileNotFoundError):
            unfinished.unlink()


def _add(tar: tarfile.TarFile, name: str, file: Any, size: int) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    tar.addfile(member, file)


class _Watched:
    """A file whose reading is told to somebody."""

    def __init__(self, file: IO[bytes], progress: Progress) -> None:
        self._file = file
        self._progress = progress

    def read(self, count: int) -> bytes:
        """Read at most `count` bytes."""
        chunk = self._file.read(count)
        self._progress(len(chunk))
        return chunk


@contextmanager
def opened(path: Path) -> Iterator[tuple[tarfile.TarFile, Contents]]:
    """A backup that this Handoff can restore. Raises StoreError for what is none, cut off, or of a newer Handoff."""
    try:
        with tarfile.open(path, mode="r:") as tar:
            yield tar, _contents(tar, path)
    except tarfile.TarError as error:
        raise _no_backup(path) from error


def _no_backup(path: Path) -> StoreError:
    return StoreError(f"{path} is no backup of Handoff, or not a whole one.", "no_backup")


def _contents(tar: tarfile.TarFile, path: Path) -> Contents:
    try:
        told = json.loads(_text(tar, "backup.json"))
        return _known(told, path)
    except (KeyError, ValueError, TypeError) as error:
        raise _no_backup(path) from error


def _known(told: dict[str, Any], path: Path) -> Contents:
    if int(told["format"]) > FORMAT or int(told["schema_version"]) > SCHEMA_VERSION:
        sentence = f"{path} was made by a newer Handoff (schema version {told['schema_version']}); this one knows"
        raise StoreError(f"{sentence} {SCHEMA_VERSION}. Install that version to restore it.", "newer")
    return Contents(**told)


def _member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    """A member of the archive. Raises tarfile.TarError where there is none: what was cut off lacks the last ones."""
    found = tar.extractfile(name) if name in tar.getnames() else None
    if found is None:
        raise tarfile.TarError(name)
    return found


def _text(tar: tarfile.TarFile, name: str) -> str:
    return _member(tar, name).read().decode().strip()


def restore(path: Path, folder: DataFolder, clock: Clock, progress: Begin) -> Contents:
    """Put a backup into a folder without data, which the caller holds. Raises StoreError; then the folder is as before.

    The store is started once, so that what it cannot read is noticed now.
    """
    with opened(path) as (tar, contents):
        if (folder.store / AOF).exists() or (folder.store / "dump.rdb").exists():
            sentence = f"The data folder {folder.path} holds data already; restore into an empty one."
            raise StoreError(sentence, "not_empty")
        texts = {name: _text(tar, name) for name in ("address", *(SECRETS if contents.with_secret else ()))}
        new = [name for name, text in texts.items() if text and folder.kept(name) is None]
        for name, text in texts.items():
            if folder.kept(name) not in (None, text):
                sentence = f"{folder.path / name} is another one than in the backup; restore into an empty folder."
                raise StoreError(sentence, "not_empty")
        unfinished = folder.store / f"{AOF}.restoring"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        try:
            _copy(tar, unfinished / BASE, contents, path, progress)
            _durable(unfinished / "appendonly.aof.manifest", MANIFEST.encode())
            # Before the data: data without its secret would get a new one at the next start, which opens nothing.
            for name in new:
                folder.keep(name, texts[name])
            unfinished.rename(folder.store / AOF)
            _prove(folder, clock)
        except BaseException:
            for place in (unfinished, folder.store / AOF):
                shutil.rmtree(place, ignore_errors=True)
            for name in new:
                (folder.path / name).unlink(missing_ok=True)
            raise
    return contents


def _copy(tar: tarfile.TarFile, target: Path, contents: Contents, path: Path, progress: Begin) -> None:
    source = _member(tar, "store.rdb")
    digest, tell = sha256(), progress(contents.bytes)
    with open(target, "xb", opener=_private) as file:
        while chunk := source.read(CHUNK_BYTES):
            digest.update(chunk)
            file.write(chunk)
            tell(len(chunk))
        file.flush()
        os.fsync(file.fileno())
    if digest.hexdigest() != contents.sha256:
        raise StoreError(f"{path} is damaged: its snapshot is not the one that was written.", "damaged")


def _durable(path: Path, content: bytes) -> None:
    with open(path, "xb", opener=_private) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


def _prove(folder: DataFolder, clock: Clock) -> None:
    """Start the store on what was restored, and end it again. Raises StoreError."""
    store = EmbeddedStore(folder, clock)
    store.start()
    store.stop()
