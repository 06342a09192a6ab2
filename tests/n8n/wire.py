"""The network between two parties, as it is on a bad day: replies get lost, or come late."""

import http.client
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Self
from urllib.parse import urlsplit

from tests.system.waiting import wait_until

TIMEOUT_S = 60.0
HOP_BY_HOP = frozenset({"connection", "content-length", "date", "host", "keep-alive", "server", "transfer-encoding"})


@dataclass(frozen=True)
class Exchange:
    """One request with the answer that its receiver gave, whether or not that answer arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    status: int
    answer: bytes


class Wire:
    """Hands requests on to `target`, an address of scheme and host, and writes down each exchange."""

    def __init__(self, target: str) -> None:
        self._host = urlsplit(target).netloc
        self._lock = Lock()
        self._exchanges: list[Exchange] = []
        self._to_lose: list[re.Pattern[str]] = []
        self._held: dict[re.Pattern[str], Event] = {}
        self._is_cut = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        self.url = f"http://localhost:{self._server.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def exchanges(self, path: str = "") -> list[Exchange]:
        """Those whose path a regular expression is found in, oldest first."""
        with self._lock:
            return [one for one in self._exchanges if re.search(path, one.path)]

    def wait_for(self, path: str, count: int = 1) -> list[Exchange]:
        return wait_until(
            lambda: self.exchanges(path) if len(self.exchanges(path)) >= count else [],
            f"{count} requests had gone to {path}",
        )

    def lose_reply(self, path: str) -> None:
        """The next request to such a path arrives; its sender sees the connection break instead of an answer."""
        with self._lock:
            self._to_lose.append(re.compile(path))

    @contextmanager
    def replies_held(self, path: str) -> Iterator[None]:
        """Requests to such a path arrive at once; their senders get the answer when the block ends."""
        pattern, release = re.compile(path), Event()
        self._held[pattern] = release
        try:
            yield
        finally:
            del self._held[pattern]
            release.set()

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Nothing arrives; senders see the connection break."""
        self._is_cut = True
        try:
            yield
        finally:
            self._is_cut = False

    def carry(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[Exchange, dict[str, str]] | None:
        """Hand a request on. None when nobody is there, or when the reply is to be lost."""
        if self._is_cut:
            return None
        connection = http.client.HTTPConnection(self._host, timeout=TIMEOUT_S)
        try:
            connection.request(method, path, body=body, headers=headers)
            reply = connection.getresponse()
            answer = reply.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        made = Exchange(method, path, headers, body, reply.status, answer)
        with self._lock:
            self._exchanges.append(made)
            lost = next((pattern for pattern in self._to_lose if pattern.search(path)), None)
            if lost is not None:
                self._to_lose.remove(lost)
                return None
        for pattern, release in list(self._held.items()):
            if pattern.search(path):
                release.wait(TIMEOUT_S)
        return made, {name: value for name, value in reply.getheaders() if name.lower() not in HOP_BY_HOP}


def _handler_of(wire: Wire) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _carry(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
            carried = wire.carry(self.command, self.path, headers, body)
            if carried is None:
                self.close_connection = True
                return
            made, reply_headers = carried
            self.send_response(made.status)
            for name, value in reply_headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(made.answer)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(made.answer)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _carry  # noqa: N815 -- http.server's names

        def log_message(self, *_: object) -> None:
            """Exchanges are kept; a line on the screen for each would hide what a test says."""

    return Handler
