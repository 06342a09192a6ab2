"""A companion on an empty store, its workers by hand, and a receiver that stands where n8n would."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from standardwebhooks import Webhook

from companion.workers.deliveries import DeliveryWorker
from companion.workers.timers import TimerWorker
from tests.application import Agent, World
from tests.servers import embedded_url

__all__ = ["embedded_url"]


@dataclass
class Received:
    """One callback as it arrived."""

    headers: dict[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.body)["data"]

    def signed_with(self, secret: str) -> bool:
        """Whether the Standard Webhooks library signs these bytes in the same way."""
        at = datetime.fromtimestamp(int(self.headers["webhook-timestamp"]), UTC)
        wanted = Webhook(secret).sign(self.headers["webhook-id"], at, self.body.decode())
        return wanted in self.headers["webhook-signature"].split(" ")


@dataclass
class Receiver:
    """Keeps what it was sent. `answers` are the statuses it gives next; 200 when there is none left."""

    url: str
    received: list[Received] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A real HTTP server on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.received.append(Received({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(found.answers.pop(0) if found.answers else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found = Receiver(f"http://127.0.0.1:{server.server_port}/webhook-waiting/1?signature=abc")
    thread = Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def world(embedded_url: str) -> World:
    """A companion on an empty store."""
    return World(embedded_url).emptied()


@dataclass
class Workflow:
    """An automation with the secret that its callbacks are signed with."""

    agent: Agent
    secret: str


@pytest.fixture
def workflow(world: World) -> Workflow:
    """The workflow that asks."""
    key, text, secret = world.services.directory.create_api_key("n8n")
    return Workflow(world.bearer(text, key.id), secret)


@pytest.fixture
def timers(world: World) -> Callable[[], int]:
    """Runs what is due now; returns how much that was."""
    worker = TimerWorker(world.services)
    return lambda: worker.run_once(world.clock.now_ms())


@pytest.fixture
def callbacks(world: World) -> Callable[[], int]:
    """Sends what waits in the outbox and waits for the end of it; returns how many that were."""

    def run() -> int:
        worker = DeliveryWorker(world.services, "flow", threads=2)
        worker.start()
        taken = worker.run_once(block_ms=1)
        worker.drain()
        return taken

    return run
