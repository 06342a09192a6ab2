"""Fixtures that start the outside world. A server that cannot start is an error, never a skip."""

import socket
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import pytest

from tests.system.browser import Browser
from tests.system.bucket import Bucket
from tests.system.companion import Companion
from tests.system.mailbox import Mailbox
from tests.system.proxy import Proxy


@pytest.fixture(scope="session")
def _session_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with Proxy(tmp_path_factory.mktemp("proxy")) as proxy:
        yield proxy


@pytest.fixture
def proxy(_session_proxy: Proxy) -> Proxy:
    """Slack and Cloudflare, with their usual answers and an empty record."""
    _session_proxy.forget()
    return _session_proxy


@pytest.fixture(scope="session")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bucket]:
    """One S3 bucket for the session: write under a prefix of your own."""
    with Bucket(tmp_path_factory.mktemp("bucket")) as bucket:
        yield bucket


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the session: take a context of your own for each person."""
    with Browser() as browser:
        yield browser


@pytest.fixture
def companion(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Companion]:
    """A fresh companion with its own store, as `handoff up` runs it."""
    with Companion(tmp_path_factory.mktemp("companion")) as companion:
        yield companion


@pytest.fixture
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    """An empty mailbox."""
    with Mailbox(tmp_path_factory.mktemp("mailbox")) as mailbox:
        yield mailbox


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fast tests talk to this machine only (R-SHAPE-10): connecting elsewhere fails, with or without a net."""
    if any(request.node.get_closest_marker(name) for name in ("real_n8n", "browser")):
        return
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not ip_address(address[0].replace("localhost", "127.0.0.1")).is_loopback:
            raise AssertionError(f"A fast test connects to {address}: it needs a network.")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_here)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--kills N` makes the kill loop longer than its default."""
    parser.addoption("--kills", type=int, default=100, help="How many processes the kill loop kills.")
