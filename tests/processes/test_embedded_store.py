"""The embedded store keeps what it acknowledged, through every way in which it or its parent can end."""

import os
import re
import resource
import signal
import stat
import subprocess
from pathlib import Path

import pytest
import redis
from structlog.testing import capture_logs

from companion.embedded import DataFolder, FolderInUseError, StoreError, await_store, binary, version
from companion.embedded import server as server_module
from companion.embedded.server import client_of, processes_with_open
from tests.processes.conftest import StartHolder, StartStore
from tests.system.waiting import wait_until

OLDEST_SERVER = Path("/usr/bin/redis-server")
"""Redis 7.0 of Debian, the oldest server that we support."""

pytestmark = pytest.mark.req("R-STORE-02")


def processes_of(folder: DataFolder) -> list[int]:
    return processes_with_open(folder.store / "lock")


def append_only_file(folder: DataFolder) -> Path:
    (found,) = (folder.store / "appendonlydir").glob("*.incr.aof")
    return found


# Killed and adopted


def test_the_store_of_a_killed_parent_is_adopted(
    folder: DataFolder, start_holder: StartHolder, start_store: StartStore
) -> None:
    """After kill -9 of `up` its store lives on; the next start takes over the same process and its data."""
    parent, said = start_holder()
    client_of(folder).set("answer", "42")
    parent.kill()
    parent.wait()
    store = start_store()
    assert store.adopted
    assert store.pid == said["store_pid"]
    assert client_of(folder).get("answer") == "42"
    store.stop()
    assert processes_of(folder) == []


def test_an_adopted_store_is_watched_and_stopped_like_an_own_one(
    folder: DataFolder, start_holder: StartHolder, start_store: StartStore
) -> None:
    """The end of a process that is not our child is noticed too, with its reason."""
    parent, said = start_holder()
    parent.kill()
    parent.wait()
    store = start_store()
    os.kill(said["store_pid"], signal.SIGKILL)
    assert store.wait().cause == "killed"
    store.start()
    assert not store.adopted
    client_of(folder).shutdown()
    assert store.wait().cause == "asked"


def test_a_killed_store_comes_back_with_everything_acknowledged(folder: DataFolder, start_store: StartStore) -> None:
    """kill -9 of the store loses no acknowledged write."""
    store = start_store()
    for round_number in range(5):
        client = client_of(folder)
        client.rpush("written", *range(round_number * 100, round_number * 100 + 100))
        assert store.pid is not None
        os.kill(store.pid, signal.SIGKILL)
        assert store.wait().cause == "killed"
        store.start()
    assert client_of(folder).lrange("written", 0, -1) == [str(number) for number in range(500)]


def test_a_store_whose_socket_was_removed_is_replaced(
    folder: DataFolder, start_holder: StartHolder, start_store: StartStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a cleaner took the socket away, the old server is ended first: two never write the same files."""
    monkeypatch.setattr(server_module, "ADOPTING_MS", 100)
    parent, said = start_holder()
    client_of(folder).set("answer", "42")
    folder.socket.unlink()
    parent.kill()
    parent.wait()
    with capture_logs() as logged:
        store = start_store()
    assert {"event": "store_silent_ended", "by": "SIGTERM"}.items() <= logged[0].items()
    assert not store.adopted
    assert processes_of(folder) == [store.pid]
    assert store.pid != said["store_pid"]
    assert client_of(folder).get("answer") == "42"


def test_a_hanging_store_is_killed_in_the_end(
    folder: DataFolder, start_holder: StartHolder, start_store: StartStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stopped server neither answers nor ends when asked; it does not block the next start for ever."""
    monkeypatch.setattr(server_module, "ADOPTING_MS", 100)
    monkeypatch.setattr(server_module, "STOPPING_MS", 500)
    parent, said = start_holder()
    client_of(folder).set("answer", "42")
    parent.kill()
    parent.wait()
    os.kill(said["store_pid"], signal.SIGSTOP)
    store = start_store()
    assert store.pid != said["store_pid"]
    assert client_of(folder).get("answer") == "42"


def test_a_store_that_is_no_longer_durable_is_not_adopted(
    folder: DataFolder, start_holder: StartHolder, start_store: StartStore
) -> None:
    """Somebody changed its settings by hand: it is started anew with ours, and keeps its data."""
    parent, said = start_holder()
    client_of(folder).set("answer", "42")
    client_of(folder).config_set("appendfsync", "everysec")
    parent.kill()
    parent.wait()
    store = start_store()
    assert not store.adopted
    assert store.pid != said["store_pid"]
    assert client_of(folder).config_get("appendfsync") == {"appendfsync": "always"}
    assert client_of(folder).get("answer") == "42"


def test_a_store_of_another_version_is_replaced_and_a_newer_one_s_files_are_refused(
    folder: DataFolder, start_store: StartStore
) -> None:
    """After an upgrade the new server takes over the old one's data; going back is refused in words."""
    assert version(OLDEST_SERVER) != version(binary())
    old = start_store(server=OLDEST_SERVER)
    client_of(folder).set("answer", "42")
    new = start_store()
    assert not new.adopted
    assert new.pid != old.pid
    assert client_of(folder).get("answer") == "42"
    client_of(folder).bgrewriteaof()
    wait_until(lambda: not client_of(folder).info("persistence")["aof_rewrite_in_progress"], "the file was rewritten")
    new.stop()
    with pytest.raises(StoreError, match="newer version") as caught:
        start_store(server=OLDEST_SERVER)
    assert caught.value.cause == "unreadable"


# Files


def test_a_torn_tail_leaves_old_or_new_never_a_mixture(folder: DataFolder, start_store: StartStore) -> None:
    """R2: cut anywhere, the file loses whole last writes only, and the operator reads that it happened."""
    store = start_store()
    client = client_of(folder)
    for number in range(60):
        script = "redis.call('SET', KEYS[1], ARGV[1]); redis.call('HSET', KEYS[2], 'f', ARGV[1]); return 1"
        client.eval(script, 2, "first", "second", f"{number:040}")
    store.stop()
    whole = append_only_file(folder).read_bytes()
    last = 60
    with capture_logs() as logged:
        for cut in range(0, 3000, 64):
            append_only_file(folder).write_bytes(whole[: len(whole) - cut])
            store = start_store()
            client = client_of(folder)
            first, second = int(client.get("first")), int(client.hget("second", "f"))
            assert first == second, f"mixed after a cut of {cut} bytes"
            assert last >= first >= 58 - cut // 100
            last = first
            assert store.pid is not None
            os.kill(store.pid, signal.SIGKILL)
            store.wait()
    assert last < 50
    assert "store_tail_cut" in [line["event"] for line in logged]


def test_damage_in_the_middle_is_refused_in_words(folder: DataFolder, start_store: StartStore) -> None:
    """A damaged file is never served in part: the store says that a backup is needed."""
    store = start_store()
    for number in range(50):
        client_of(folder).set(f"key{number}", "x" * 50)
    store.stop()
    file = append_only_file(folder)
    content = bytearray(file.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 40] = b"\xff" * 40
    file.write_bytes(content)
    with pytest.raises(StoreError, match="restore a backup") as caught:
        start_store()
    assert caught.value.cause == "unreadable"


def test_a_full_disk_ends_the_store_in_words_and_loses_nothing(
    folder: DataFolder, start_store: StartStore, tmp_path: Path
) -> None:
    """A write that finds no space is not acknowledged; what was acknowledged is there when there is space again."""
    store = start_store()
    client = client_of(folder)
    client.set("kept", "yes")
    # The kernel answers ENOSPC to the store's next write to its file, as it does on a full disk.
    full = subprocess.Popen(
        ["strace", "-f", "-p", str(store.pid), "-P", str(append_only_file(folder)), "-o", str(tmp_path / "strace.txt"),
         "-e", "trace=write", "-e", "inject=write:error=ENOSPC"],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert full.stderr is not None
    assert "attached" in full.stderr.readline()
    with pytest.raises(redis.RedisError):
        client.set("lost", "yes")
    ended = store.wait()
    full.communicate()
    assert ended.cause == "disk_full"
    assert "no room" in str(ended)
    assert str(folder.path) in str(ended)
    store.start()
    assert client_of(folder).get("kept") == "yes"
    assert client_of(folder).get("lost") is None


def test_a_limit_on_file_sizes_ends_the_store_in_words(folder: DataFolder, start_store: StartStore) -> None:
    """A write that is cut short by the limit is not acknowledged, and its half is not read later."""
    store = start_store()
    assert store.pid is not None
    client = client_of(folder)
    client.set("kept", "yes")
    limit = append_only_file(folder).stat().st_size + 20_000
    resource.prlimit(store.pid, resource.RLIMIT_FSIZE, (limit, limit))
    with pytest.raises(redis.RedisError):
        client.set("lost", "x" * 40_000)
    assert store.wait().cause == "disk_full"
    store.start()
    assert client_of(folder).get("kept") == "yes"
    assert client_of(folder).get("lost") is None


def test_nothing_is_open_to_others(folder: DataFolder, start_store: StartStore) -> None:
    """The store listens on its socket only, and nobody but its user can reach socket or files."""
    store = start_store()
    client = client_of(folder)
    client.set("a", "b")
    assert client.config_get("port") == {"port": "0"}
    assert stat.S_IMODE(folder.path.stat().st_mode) == stat.S_IMODE(folder.store.stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.socket.stat().st_mode) == 0o700
    assert stat.S_IMODE(append_only_file(folder).stat().st_mode) == 0o600
    listening = Path(f"/proc/{store.pid}/net/tcp").read_text() + Path(f"/proc/{store.pid}/net/tcp6").read_text()
    sockets = {os.readlink(link) for link in Path(f"/proc/{store.pid}/fd").iterdir() if link.is_symlink()}
    inodes = {match[1] for match in map(re.compile(r"socket:\[(\d+)\]").fullmatch, sockets) if match}
    assert not [line for line in listening.splitlines() if line.split()[9] in inodes]


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    """A data folder may lie deep: its socket then lies in a private folder, the same one for every command."""
    from companion.adapters.clock import SystemClock
    from companion.embedded import EmbeddedStore

    deep = DataFolder(tmp_path / ("d" * 120), SystemClock())
    assert len(os.fsencode(deep.socket)) < 100
    assert deep.socket == DataFolder(tmp_path / ("d" * 120), SystemClock()).socket
    assert stat.S_IMODE(deep.socket.parent.stat().st_mode) == 0o700
    with deep.held("test"):
        store = EmbeddedStore(deep, SystemClock())
        store.start()
        assert await_store(deep, SystemClock(), 1_000)
        store.stop()
    assert not deep.socket.exists()


# Loading


def test_ready_means_loaded(folder: DataFolder, start_store: StartStore) -> None:
    """The store is ready only when all data is in memory, however long loading takes."""
    store = start_store()
    client_of(folder).eval("for i = 1, 30000 do redis.call('SET', 'k' .. i, i) end", 0)
    store.stop()
    store = start_store(settings=["--key-load-delay", "5", "--loading-process-events-interval-bytes", "1024"])
    assert client_of(folder).dbsize() == 30000


# One at a time


def test_a_second_holder_is_told_who_is_first(
    folder: DataFolder, start_holder: StartHolder, start_store: StartStore
) -> None:
    """Two supervisors of one folder would fight; the second one reads, in one sentence, which process is in its way."""
    parent, _ = start_holder()
    with pytest.raises(FolderInUseError, match=rf"process {parent.pid} \(handoff up\)") as caught:
        start_store()
    assert caught.value.pid == parent.pid
    assert "\n" not in str(caught.value)


def test_a_killed_holder_leaves_no_lock(folder: DataFolder, start_holder: StartHolder) -> None:
    """The kernel takes the lock back when its holder dies, so nobody ever deletes a stale lock file by hand."""
    parent, _ = start_holder()
    parent.kill()
    parent.wait()
    with folder.held("test"):
        pass


def test_no_binary_for_this_machine_is_said_in_words(
    folder: DataFolder, start_store: StartStore, tmp_path: Path
) -> None:
    """A binary that cannot run names itself; nothing is left half-started."""
    broken = tmp_path / "valkey-server"
    broken.touch(mode=0o600)
    with pytest.raises(StoreError, match=r"cannot be started: Permission denied"):
        start_store(server=broken)
    assert processes_of(folder) == []
