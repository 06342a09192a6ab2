"""Acknowledged means durable: the kernel is asked to put a write on the disk before its caller hears of it.

A kill -9 cannot show this, because what the process wrote survives it in the kernel's page cache. So the order of the
store's own system calls is read from a trace.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from companion.adapters.clock import SystemClock
from companion.embedded import DataFolder, EmbeddedStore
from companion.embedded.server import client_of
from tests.faults.system_calls import Call, SystemCalls, parsed
from tests.system.waiting import wait_until

CLIENTS = 6
WRITES_OF_EACH = 20

Start = Callable[..., EmbeddedStore]

pytestmark = pytest.mark.req("R1")


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data", SystemClock())


@pytest.fixture
def start(folder: DataFolder) -> Iterator[Start]:
    """Starts the folder's store with further settings; it is stopped in the end."""
    started: list[EmbeddedStore] = []

    def start(*settings: str) -> EmbeddedStore:
        store = EmbeddedStore(folder, SystemClock(), settings=settings)
        store.start()
        started.append(store)
        return store

    with folder.held("test"):
        yield start
        for store in started:
            store.stop()


def replies_before_sync(calls: Sequence[Call], markers: Sequence[str]) -> list[str]:
    """The markers whose write was answered before an fdatasync of the append-only file had put it on the disk.

    For each marker: the request that carries it was read from a socket, then written to an append-only file; the first
    sync of that file which began after this write must have ended before the first reply on that socket began.
    Raises AssertionError where the trace does not hold request, write and reply of a marker.
    """
    early = []
    for marker in markers:
        inside = [call for call in calls if marker.encode() in call.data]
        asked = next((call for call in inside if call.target.startswith(("socket:", "UNIX"))), None)
        logged = next((call for call in inside if call.name == "write" and call.target.endswith(".aof")), None)
        assert asked, f"the trace misses the request of {marker}"
        assert logged, f"the trace misses the write of {marker} to the append-only file"
        replies = (call for call in calls if call.target == asked.target and call.name in ("write", "writev", "sendto"))
        reply = next((call for call in replies if asked.ended is not None and call.began > asked.ended), None)
        assert reply, f"the trace misses the reply to {marker}"
        synced = next(
            (
                call
                for call in calls
                if call.name in ("fdatasync", "fsync")
                and call.target == logged.target
                and logged.ended is not None
                and call.began > logged.ended
                and call.succeeded
            ),
            None,
        )
        if synced is None or synced.ended is None or synced.ended > reply.began:
            early.append(marker)
    return early


def write_from_many_clients(folder: DataFolder) -> list[str]:
    """Plain writes and scripts from several connections at once, with a rewrite of the file in their midst."""

    def writes(client_number: int) -> list[str]:
        client = client_of(folder)
        markers = [f"marker-{client_number}-{number}-" for number in range(WRITES_OF_EACH)]
        for number, marker in enumerate(markers):
            if number % 2:
                client.set(f"key:{client_number}:{number}", marker)
            else:
                client.eval("redis.call('HSET', KEYS[1], 'a', ARGV[1]); return 'done'", 1, f"h:{client_number}", marker)
            if (client_number, number) == (0, WRITES_OF_EACH // 2):
                client.bgrewriteaof()
        client.close()
        return markers

    with ThreadPoolExecutor(CLIENTS) as threads:
        markers = [marker for found in threads.map(writes, range(CLIENTS)) for marker in found]
    client = client_of(folder)
    wait_until(lambda: not client.info("persistence")["aof_rewrite_in_progress"], "the file was rewritten")
    client.close()
    return markers


def test_no_write_is_answered_before_it_is_on_the_disk(start: Start, folder: DataFolder, tmp_path: Path) -> None:
    """Each reply to a write leaves after the fdatasync of that write has returned, under load and during a rewrite."""
    store = start()
    assert store.pid is not None
    with SystemCalls([store.pid], tmp_path) as traced:
        markers = write_from_many_clients(folder)
    assert len(markers) == CLIENTS * WRITES_OF_EACH
    assert replies_before_sync(traced.calls, markers) == []


def test_the_trace_tells_a_store_that_syncs_later(start: Start, folder: DataFolder, tmp_path: Path) -> None:
    """The same trace of a store under `appendfsync everysec` shows early replies: the test above can fail."""
    store = start("--appendfsync", "everysec")
    assert store.pid is not None
    with SystemCalls([store.pid], tmp_path) as traced:
        markers = write_from_many_clients(folder)
    assert len(replies_before_sync(traced.calls, markers)) > len(markers) * 0.9


def test_the_reading_of_a_trace() -> None:
    """A sync counts when it ended well before the reply began, in whichever thread, and on the same file."""
    request = '1 read(9<socket:[7]>, "marker-a", 16386) = 8\n1 write(5</d/a.aof>, "marker-a", 8) = 8\n'
    reply = '1 write(9<socket:[7]>, "+OK\\r\\n", 5) = 5\n'
    begun, ended = "2 fdatasync(5</d/a.aof> <unfinished ...>\n", "2 <... fdatasync resumed>) = 0\n"
    failed = "1 fdatasync(5</d/a.aof>) = -1 EIO (Input/output error)\n"
    other_file = "1 fdatasync(6</d/b.aof>) = 0\n"
    assert replies_before_sync(parsed(request + begun + ended + reply), ["marker-a"]) == []
    for early in (begun + reply + ended, failed + reply, other_file + reply, reply + begun + ended):
        assert replies_before_sync(parsed(request + early), ["marker-a"]) == ["marker-a"]
    with pytest.raises(AssertionError, match="misses the reply"):
        replies_before_sync(parsed(request), ["marker-a"])
