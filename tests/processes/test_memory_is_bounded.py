"""What a real web process needs while it refuses bodies that are too large, too deep or too full (row A4)."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

import pytest

from tests.processes.conftest import StartUp, Up
from tests.system.waiting import wait_until

MEGABYTE: Final = 1024 * 1024
BODY_LIMIT: Final = 8 * MEGABYTE
DEPTH: Final = 45_000  # with fewer values than are allowed
REFUSED: Final = 200
SENDERS: Final = 16
THREADS: Final = 8
BOUND_BYTES: Final = 500 * MEGABYTE
"""About 110 MB for the program, for each thread what it receives, for two what reading takes. All are 1,600 MB."""
LEFT_BYTES: Final = 350 * MEGABYTE
"""What a process has when all are refused; 500 MB where the C library keeps what is free."""


BODIES: Final[dict[str, Callable[[], bytes]]] = {
    "body_too_large": lambda: b"x" * (BODY_LIMIT + 1),
    "too_deep": lambda: (b'{"request": ' + b"[" * DEPTH + b"]" * DEPTH + b"}").ljust(BODY_LIMIT),
    "too_many_values": lambda: b'{"request": [' + b"1," * (BODY_LIMIT // 2 - 100) + b"1]}",
    "string_too_long": lambda: b'{"request": "' + b"y" * (BODY_LIMIT - 100) + b'"}',
    "number_too_long": lambda: b'{"request": ' + b"7" * (BODY_LIMIT - 100) + b"}",
}


def send(up: Up, body: bytes) -> str:
    """The code with which a body is refused; for one that is not even read, that of its length alone."""
    connection = HTTPConnection("127.0.0.1", up.port, timeout=60)
    headers = {"Authorization": f"Bearer {up.said['api_key']}", "Content-Type": "application/json"}
    try:
        connection.request("POST", "/v1/handoffs", body, {**headers, "Idempotency-Key": "memory"})
        answer = connection.getresponse()
        assert 400 <= answer.status < 500, answer.status
        return str(json.loads(answer.read())["code"])
    except ConnectionError:  # what it does not read, the server does not wait for either
        assert len(body) > BODY_LIMIT
        return "body_too_large"
    finally:
        connection.close()


def family(pid: int) -> Iterator[int]:
    """A process and all that come of it."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from family(int(child))


def memory(up: Up, measure: str) -> dict[int, int]:
    """Of each process of the web server, in bytes: the most that it had at a time (VmHWM), or what it has (VmRSS)."""
    found = {}
    for pid in family(up.pid_of("Starting granian")):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        (kilobytes,) = [line.split()[1] for line in lines if line.startswith(f"{measure}:")]
        found[pid] = int(kilobytes) * 1024
    return found


@pytest.mark.req("A4", "R-SEC-08")
def test_memory_stays_under_a_bound_while_bodies_are_refused(start_up: StartUp) -> None:
    """Two hundred bodies of 8 MB, as many at a time as threads: each is refused with its code, and none stays."""
    up = start_up(HANDOFF_THREADS=str(THREADS))
    bodies = {code: make() for code, make in BODIES.items()}
    before = memory(up, "VmHWM")
    codes = list(bodies) * (REFUSED // len(bodies))
    with ThreadPoolExecutor(SENDERS) as pool:
        assert list(pool.map(lambda code: send(up, bodies[code]), codes)) == codes
    after = memory(up, "VmHWM")
    assert after.keys() == before.keys(), "no process was ended for its memory"
    assert max(after.values()) < BOUND_BYTES
    wait_until(lambda: max(memory(up, "VmRSS").values()) < LEFT_BYTES, "the memory is given back")
    assert up.get("/healthz")[0] == 200
