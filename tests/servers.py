"""Real stores for the tests: the embedded Valkey, Debian's Redis 7.0, and a cluster of three of its processes.

Import the fixtures into a folder's conftest.py. Each server lives for the session and is killed at its end; one that
cannot start is an error, never a skip.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
import redis

from companion.adapters.clock import SystemClock
from companion.embedded import DataFolder, EmbeddedStore
from companion.store.access import rights
from tests.system.ports import free_port
from tests.system.processes import ServerProcess, _Reaper
from tests.system.waiting import wait_until

FLOOR: Final = "7.0."
"""The oldest Redis that the store promises to run on; Debian 12 ships it."""
SLOTS: Final = 16384
STARTING_S: Final = 20.0
COMPANION: Final = ("companion", "of-these-tests")
"""User and password with the rights that an operator is told to give, and no others."""
USERS: Final = ("--user", COMPANION[0], "on", f">{COMPANION[1]}", *rights())


def as_companion(url: str) -> str:
    """The address of a server of this file as the companion has it; `url` itself is that of an administrator."""
    scheme, rest = url.split("://", 1)
    return url if urlsplit(url).username else f"{scheme}://{':'.join(COMPANION)}@{rest}"


class RedisServer:
    """One redis-server of Debian on a port of loopback, with an append-only file that is synced on every write."""

    def __init__(self, folder: Path, *settings: str) -> None:
        binary = shutil.which("redis-server")
        if binary is None:
            raise RuntimeError("redis-server is missing; install Debian's package redis-server.")
        self.port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        options = [
            "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "", "--appendonly", "yes",
            "--appendfsync", "always", *USERS, *settings,
        ]  # fmt: skip
        self.process = ServerProcess(
            f"redis-{self.port}",
            [binary, *options],
            folder=folder,
            log=folder / "redis.log",
            environment=dict(os.environ),
        )

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self.process.start(self._answers, STARTING_S)

    def client(self) -> "redis.Redis":
        return redis.Redis(port=self.port, socket_timeout=5)

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


@pytest.fixture(scope="session")
def embedded_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The store that `handoff up` brings."""
    folder = DataFolder(tmp_path_factory.mktemp("embedded"), SystemClock())
    with folder.held("tests"):
        store = EmbeddedStore(folder, SystemClock(), settings=USERS)
        store.start()
        # It is made to outlive whoever started it; a test run that is killed must not leave it behind.
        _Reaper.the_one().tell(f"+{store.pid}")
        yield store.url
        store.stop()
        _Reaper.the_one().tell(f"-{store.pid}")


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis of the oldest version that is promised."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    try:
        with server.client() as client:
            found = client.info("server")["redis_version"]
        if not found.startswith(FLOOR):
            raise RuntimeError(f"These tests hold for Redis {FLOOR}x; the redis-server here is {found}.")
        yield server
    finally:
        server.process.kill()


@pytest.fixture(scope="session")
def cluster_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Three masters that share the slots."""
    folder = tmp_path_factory.mktemp("cluster")
    # The bus would take the port ten thousand above, which may not exist.
    buses = [free_port() for _ in range(3)]
    nodes = [
        RedisServer(
            folder / str(bus), "--cluster-enabled", "yes", "--cluster-port", str(bus), "--cluster-node-timeout", "2000"
        )
        for bus in buses
    ]
    try:
        for node in nodes:
            node.start()
        clients = [node.client() for node in nodes]
        for n, client in enumerate(clients):
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", n * SLOTS // 3, (n + 1) * SLOTS // 3 - 1)
            client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", n + 1)
        for node, bus in zip(nodes[1:], buses[1:], strict=True):
            clients[0].execute_command("CLUSTER", "MEET", "127.0.0.1", node.port, bus)
        wait_until(
            lambda: all(client.execute_command("CLUSTER INFO")["cluster_state"] == "ok" for client in clients),
            "the cluster's nodes knew each other",
            STARTING_S,
        )
        for client in clients:
            client.close()
        yield f"redis+cluster://127.0.0.1:{nodes[0].port}/0"
    finally:
        for node in nodes:
            node.process.kill()
