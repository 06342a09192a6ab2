"""Receivers of callbacks that behave as badly as a test wants, on real sockets of this machine."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread

Behaviour = Callable[[socket.socket, bytes], bool]
"""Given the connection and one whole request, answer it; false ends the connection."""

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


def says(answer: bytes, *, then_close: bool = False) -> Behaviour:
    """Always answer with these bytes."""

    def behave(connection: socket.socket, request: bytes) -> bool:
        connection.sendall(answer)
        return not then_close

    return behave


def drips(first: bytes, drop: bytes, stop: Event) -> Behaviour:
    """Send `first`, then `drop` ten times a second without an end, until the other side or `stop` ends it."""

    def behave(connection: socket.socket, request: bytes) -> bool:
        connection.sendall(first)
        with suppress(OSError):
            while not stop.wait(0.1):
                connection.sendall(drop)
        return False

    return behave


class Receiver:
    """A server of one port that counts connections and keeps the requests it got."""

    def __init__(
        self, behaviour: Behaviour, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None, port: int = 0
    ) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.stop = Event()
        self._behaviour = behaviour
        self._tls = tls
        self._lock = Lock()
        self._listener = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=512
        )
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._serving = 0
        Thread(target=self._accept, daemon=True).start()

    def open_connections(self) -> int:
        """How many the other side has not closed yet."""
        return self._serving

    def hang_up(self) -> None:
        """Close all connections, as a server does with idle ones."""
        with self._lock:
            closing, self._open = self._open, []
        for connection in closing:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def close(self) -> None:
        self.stop.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with self._lock:
                    self.connections += 1
                    self._open.append(connection)
                Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
                with self._lock:
                    self._open.append(connection)
            with self._counted(connection):
                unread = b""
                while True:
                    request, unread = self._request(connection, unread)
                    with self._lock:
                        self.requests.append(request)
                    if not self._behaviour(connection, request):
                        return

    @contextmanager
    def _counted(self, connection: socket.socket) -> Iterator[None]:
        with self._lock:
            self._serving += 1
        try:
            with connection:
                yield
        finally:
            with self._lock:
                self._serving -= 1

    @staticmethod
    def _request(connection: socket.socket, unread: bytes) -> tuple[bytes, bytes]:
        def more() -> bytes:
            data = connection.recv(65536)
            if not data:
                raise ConnectionError("the other side closed")
            return data

        while b"\r\n\r\n" not in unread:
            unread += more()
        head, _, rest = unread.partition(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        while len(rest) < length:
            rest += more()
        return head + b"\r\n\r\n" + rest[:length], rest[length:]


@contextmanager
def receiving(
    behaviour: Behaviour, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None, port: int = 0
) -> Iterator[Receiver]:
    """A receiver for the length of a block."""
    receiver = Receiver(behaviour, host, tls, port)
    try:
        yield receiver
    finally:
        receiver.close()
