"""`handoff backup` and `handoff restore`: what was acknowledged before the backup is there after the restore."""

import json
import os
import stat
import tarfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Any
from urllib.request import Request, urlopen

import pytest

from companion.adapters.clock import SystemClock
from companion.core.handoff import SCHEMA_VERSION
from companion.embedded import DataFolder, StoreError, backups
from companion.embedded.server import client_of, processes_with_open
from tests.processes.conftest import RunHandoff, StartStore, StartUp, Up
from tests.processes.test_up import open_handoff
from tests.system.ports import free_port
from tests.system.waiting import wait_until

pytestmark = pytest.mark.req("R-STORE-02", "R1")


def silent(_: int) -> Callable[[int], None]:
    """Nobody watches the progress."""
    return lambda _: None


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[DataFolder]:
    """Another data folder, whose store is killed after the test."""
    folder = DataFolder(tmp_path / "elsewhere", SystemClock())
    yield folder
    for pid in processes_with_open(folder.store / "lock") if (folder.store / "lock").exists() else ():
        with suppress(ProcessLookupError):
            os.kill(pid, 9)


@pytest.fixture
def start_elsewhere(elsewhere: DataFolder, tmp_path: Path) -> Iterator[Callable[..., Up]]:
    """Starts `handoff up` there."""
    started: list[Up] = []

    def start(**environment: str) -> Up:
        started.append(Up(elsewhere, free_port(), tmp_path, environment))
        return started[-1]

    yield start
    for up in started:
        up.kill()


def decide(up: Up, token: str, identifier: str) -> Any:
    """The answer to an approval in the name of whoever has the token."""
    _, live = up.get(f"/v1/handoffs/{identifier}")
    headers = {
        "Authorization": f"Bearer {token}", "If-Match": f'"{live["version"]}"', "Content-Type": "application/json",
    }  # fmt: skip
    body = json.dumps({"action": "approve", "package_digest": live["package_digest"]}).encode()
    request = Request(f"http://127.0.0.1:{up.port}/v1/handoffs/{identifier}/decision", body, headers)
    with urlopen(request, timeout=30) as answer:
        return json.load(answer)


def filled(start_store: StartStore, folder: DataFolder, count: int = 200) -> None:
    """A running store with so many keys in it."""
    start_store()
    client = client_of(folder)
    client.mset({f"key:{n}": n for n in range(count)})
    client.close()


def test_what_was_acknowledged_before_a_backup_under_load_is_there_after_the_restore(
    start_up: StartUp, start_elsewhere: Callable[..., Up], folder: DataFolder, elsewhere: DataFolder,
    handoff: RunHandoff, tmp_path: Path,
) -> None:  # fmt: skip
    """Every handoff and every decision, with people and keys: the restored companion goes on where the old one was."""
    up, file, stop = start_up(), tmp_path / "handoff.backup", Event()
    data = ("--data", str(folder.path))
    handoff("reviewer", "add", "Ada", *data)
    token = handoff("token", "create", "--reviewer", "Ada", "--json", *data).json["token"]
    acknowledged: list[str] = []
    decided: list[dict[str, Any]] = []

    def load(number: int) -> None:
        count = 0
        while not stop.is_set():
            count += 1
            identifier = open_handoff(up, f"{number}-{count}")
            acknowledged.append(identifier)
            if count % 2:
                decided.append(decide(up, token, identifier))

    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(load, number) for number in range(3)]
        wait_until(lambda: len(decided) >= 20, "there is something to lose")
        before, outcomes = acknowledged[:], decided[:]
        made = handoff("backup", str(file), "--with-secret", "--json", *data).json
        wait_until(lambda: len(acknowledged) > len(before), "the work went on meanwhile")
        stop.set()
        for each in running:
            each.result()
    assert made["with_secret"] is True
    up.kill()
    said = handoff("restore", str(file), "--data", str(elsewhere.path), "--json").json
    assert said["sha256"] == made["sha256"]
    restored = start_elsewhere()
    assert restored.said["api_key"] == up.said["api_key"]
    for identifier in before:
        assert restored.get(f"/v1/handoffs/{identifier}")[0] == 200, identifier
    for outcome in outcomes:
        live = restored.get(f"/v1/handoffs/{outcome['id']}")[1]
        assert (live["state"], live["decision"]["event_id"]) == ("approved", outcome["event_id"])
    pending = next(one for one in before if one not in {outcome["id"] for outcome in decided})
    assert decide(restored, token, pending)["approved"] is True
    assert open_handoff(restored, "0-1") == before[0] or open_handoff(restored, "0-1") in before, "keys are remembered"


def test_a_backup_holds_the_secret_only_when_asked(
    start_up: StartUp, start_elsewhere: Callable[..., Up], folder: DataFolder, elsewhere: DataFolder,
    handoff: RunHandoff, tmp_path: Path,
) -> None:  # fmt: skip
    """Without it nobody can use the file alone; both commands say so, and the former secret makes it whole again."""
    up, file = start_up(), tmp_path / "handoff.backup"
    identifier = open_handoff(up, "first")
    made = handoff("backup", str(file), "--data", str(folder.path))
    assert "The secret is not in it." in made.stdout
    secret = folder.kept("secret") or ""
    content = file.read_bytes()
    for text in (secret, up.said["api_key"], up.said["signing_secret"]):
        assert text.encode() not in content
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    up.kill()
    said = handoff("restore", str(file), "--data", str(elsewhere.path))
    assert "HANDOFF_SECRET" in said.stdout
    refused = handoff(
        "key", "list", "--data", str(elsewhere.path), HANDOFF_SECRET="k3Jx8Qm2Zk9VtY4nLw7Rc1PfHs6DgUa0EiX"
    )
    assert refused.is_one_sentence
    assert "set the former one" in refused.stderr
    restored = start_elsewhere(HANDOFF_SECRET=secret)
    assert restored.get(f"/v1/handoffs/{identifier}")[0] == 200


def test_nothing_is_written_over(
    start_store: StartStore, folder: DataFolder, elsewhere: DataFolder, handoff: RunHandoff, tmp_path: Path
) -> None:
    """A file that is there, a folder that holds data, a folder that is in use: one sentence, and nothing changed."""
    filled(start_store, folder)
    file = tmp_path / "handoff.backup"
    clock = SystemClock()
    backups.write(file, folder, clock, with_secret=False, progress=silent)
    before = file.read_bytes()
    again = handoff("backup", str(file), "--data", str(folder.path))
    assert again.is_one_sentence
    assert "is there already" in again.stderr
    assert file.read_bytes() == before
    in_use = handoff("restore", str(file), "--data", str(folder.path))
    assert in_use.is_one_sentence
    assert "in use by" in in_use.stderr
    with elsewhere.held("test"):
        backups.restore(file, elsewhere, clock, silent)
    kept = sorted(path.name for path in elsewhere.store.rglob("*.rdb"))
    twice = handoff("restore", str(file), "--data", str(elsewhere.path))
    assert twice.is_one_sentence
    assert "holds data already" in twice.stderr
    assert sorted(path.name for path in elsewhere.store.rglob("*.rdb")) == kept
    assert client_of(folder).dbsize() == 200


def rewritten(source: Path, target: Path, **changes: Any) -> Path:
    """A copy of a backup with other members: of backup.json by name, of the archive as `rdb`."""
    rdb = changes.pop("rdb", None)
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old.getmembers():
            content = old.extractfile(member).read()  # type: ignore[union-attr]
            if member.name == "backup.json":
                content = json.dumps(json.loads(content) | changes).encode()
            if member.name == "store.rdb" and rdb is not None:
                content = rdb(content)
            (target.parent / "member").write_bytes(content)
            new.add(target.parent / "member", member.name)
    return target


@pytest.mark.parametrize("damage", ["newer records", "newer format", "cut off", "altered", "something else"])
def test_what_cannot_be_restored_leaves_the_folder_as_it_was(
    start_store: StartStore, folder: DataFolder, elsewhere: DataFolder, handoff: RunHandoff, tmp_path: Path, damage: str
) -> None:
    """A backup of a newer Handoff, half a file, changed bytes, no backup at all: one sentence, and an empty folder."""
    filled(start_store, folder)
    good, bad = tmp_path / "good", tmp_path / "bad"
    backups.write(good, folder, SystemClock(), with_secret=True, progress=silent)
    match damage:
        case "newer records":
            rewritten(good, bad, schema_version=SCHEMA_VERSION + 1)
        case "newer format":
            rewritten(good, bad, format=backups.FORMAT + 1)
        case "cut off":
            bad.write_bytes(good.read_bytes()[: good.stat().st_size // 3])
        case "altered":
            rewritten(good, bad, rdb=lambda content: content[:-20] + b"x" + content[-19:])
        case _:
            bad.write_bytes(b"PK\x03\x04 something else")
    refused = handoff("restore", str(bad), "--data", str(elsewhere.path))
    assert refused.is_one_sentence, refused.stderr
    assert ("newer Handoff" in refused.stderr) == damage.startswith("newer")
    assert not list(elsewhere.store.glob("appendonlydir*"))
    assert elsewhere.kept("secret") is None
    with elsewhere.held("test"):
        assert backups.restore(good, elsewhere, SystemClock(), silent).keys == 200


def test_two_backups_at_once_do_not_take_each_others_snapshot(
    start_store: StartStore, folder: DataFolder, tmp_path: Path
) -> None:
    """Each holds what was acknowledged before it was begun, and the store's folder is clean afterwards."""
    filled(start_store, folder)

    def take(number: int) -> int:
        client = client_of(folder)
        client.set(f"before:{number}", 1)
        client.close()
        made = backups.write(tmp_path / str(number), folder, SystemClock(), with_secret=False, progress=silent)
        return made.bytes

    with ThreadPoolExecutor(4) as pool:
        sizes = list(pool.map(take, range(4)))
    assert not list(folder.store.glob("*.rdb"))
    for number, size in enumerate(sizes):
        with tarfile.open(tmp_path / str(number)) as tar:
            rdb = tar.extractfile("store.rdb").read()  # type: ignore[union-attr]
        assert len(rdb) == size
        assert f"before:{number}".encode() in rdb


def test_a_snapshot_that_cannot_be_written_is_an_error_and_stops_no_writes(
    start_store: StartStore, folder: DataFolder, tmp_path: Path
) -> None:
    """Something stands where the server puts its file: no backup, a sentence, and the store goes on taking writes."""
    filled(start_store, folder)
    (folder.store / "dump.rdb").mkdir()
    with pytest.raises(StoreError, match="could not write its snapshot"):
        backups.write(tmp_path / "file", folder, SystemClock(), with_secret=False, progress=silent)
    assert not (tmp_path / "file").exists()
    assert client_of(folder).set("after", 1)


def test_another_store_is_backed_up_with_its_own_tools(handoff: RunHandoff, tmp_path: Path) -> None:
    """A snapshot of the wrong store would be worse than none."""
    (tmp_path / "file").touch()
    for command in (
        ("backup", str(tmp_path / "new")),
        ("restore", str(tmp_path / "file"), "--data", str(tmp_path / "d")),
    ):
        ended = handoff(*command, HANDOFF_REDIS_URL="redis://127.0.0.1:1/0")
        assert ended.is_one_sentence
        assert "with its own tools" in ended.stderr
    assert not (tmp_path / "d").exists()
