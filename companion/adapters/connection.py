"""One HTTP/1.1 connection to addresses that were judged before, with an end in time for everything (rows W2, W6, W7).

It stands under `requests` in place of urllib3: it sends the path byte for byte (n8n has signed it), tells what was sent
from what was not, and takes a third of the processor time.
"""

import select
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from typing import Any, Final, cast

from companion.adapters.clock import Clock
from companion.adapters.egress import PinnedTarget

BODY_BYTES: Final = 64 * 1024
"""As much of an answer as is read; what goes on longer costs the connection."""

_NEXT_ADDRESS_S: Final = 4.0
"""After so long without a connection the host's next address is tried."""


class NotSent(Exception):
    """There was no connection, so nothing was sent; the text says why."""


class AnswerLost(Exception):
    """Something may have arrived, but no whole answer came back; `status` where its first line did."""

    def __init__(self, *, timed_out: bool, status: int | None) -> None:
        super().__init__("no answer in time" if timed_out else "the connection broke before the answer")
        self.timed_out = timed_out
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that was read to its end, or to BODY_BYTES. `reusable` tells whether the connection can go on."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    reusable: bool


def tls_context(authorities: str) -> ssl.SSLContext:
    """Checks certificate and name. Trusts the machine's authorities (and SSL_CERT_FILE), and those in a file."""
    context = ssl.create_default_context(cafile=authorities)
    context.load_default_certs()
    context.sslsocket_class = _TimedTlsSocket
    return context


class Connection:
    """A connection to an address that was judged for this origin."""

    def __init__(self, target: PinnedTarget, tls: ssl.SSLContext, clock: Clock) -> None:
        self.origin = target.url.origin
        self.address = ""
        self.idle_since_ms = 0
        self._target = target
        self._tls = tls
        self._clock = clock
        self._socket: _TimedSocket | _TimedTlsSocket | None = None

    def post(self, target: str, headers: Mapping[str, str], body: bytes, deadline_ms: int) -> Answer:
        """Send and read the answer, until `deadline_ms` on the monotonic clock. Raises NotSent, AnswerLost."""
        head = _head(target, headers, len(body))
        if self._socket is None:
            self._socket = self._connected(deadline_ms)
        self._socket.deadline_ms = deadline_ms
        status = None
        try:
            # A receiver may refuse and close before it has read all; its answer is there all the same.
            with suppress(BrokenPipeError, ConnectionResetError):
                self._socket.sendall(head + body)
            with HTTPResponse(self._socket, method="POST") as response:
                response.begin()
                status = response.status
                content = response.read(BODY_BYTES)
                # Without length or chunks only the connection's end tells the end, and a broken one looks the same.
                ended_by_closing = response.length is None and not response.chunked and not content
                if ended_by_closing or (response.length and len(content) < BODY_BYTES):
                    raise AnswerLost(timed_out=False, status=status)
                reusable = response.isclosed() and not response.will_close
        except TimeoutError:
            raise AnswerLost(timed_out=True, status=status) from None
        except (OSError, HTTPException, ValueError):
            raise AnswerLost(timed_out=False, status=status) from None
        return Answer(status, response.reason, dict(response.headers), content, reusable)

    def close(self) -> None:
        """Close it; what was on the way is lost."""
        if self._socket is not None:
            self._socket.close()

    def is_quiet(self) -> bool:
        """Whether the other side has neither closed nor sent anything since."""
        if self._socket is None:
            return False
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return not poll.poll(0)

    def _connected(self, deadline_ms: int) -> "_TimedSocket | _TimedTlsSocket":
        """Raises NotSent."""
        plain = self._first_that_answers(deadline_ms)
        if self._target.url.scheme == "http":
            return plain
        try:
            secured = self._tls.wrap_socket(plain, server_hostname=self._target.url.host)
        except ssl.SSLCertVerificationError as error:
            raise NotSent(f"Its certificate is not valid: {error.verify_message}.") from None
        except TimeoutError:
            raise NotSent("It did not finish the TLS handshake in time.") from None
        except OSError:
            raise NotSent("It does not speak TLS as we do; is it plain http?") from None
        finally:
            plain.close()
        timed = cast("_TimedTlsSocket", secured)
        timed.clock = self._clock
        return timed

    def _first_that_answers(self, deadline_ms: int) -> "_TimedSocket":
        """Try the judged addresses in their order. Raises NotSent."""
        timed_out = False
        for place, address in enumerate(self._target.addresses):
            left_s = (deadline_ms - self._clock.monotonic_ms()) / 1000
            if left_s <= 0:
                timed_out = True
                break
            plain = _TimedSocket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
            plain.clock, plain.deadline_ms = self._clock, deadline_ms
            is_last = place == len(self._target.addresses) - 1
            plain.settimeout(left_s if is_last else min(left_s, _NEXT_ADDRESS_S))
            try:
                plain.connect((address, self._target.url.port))
                plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                plain.arm()
            except OSError as error:
                timed_out = isinstance(error, TimeoutError)
                plain.close()
                continue
            self.address = address
            return plain
        if timed_out:
            raise NotSent("It did not answer the attempt to connect.")
        raise NotSent("Nothing accepts connections there.")


def _head(target: str, headers: Mapping[str, str], length: int) -> bytes:
    """Request line and headers, the target byte for byte. Raises ValueError for what would begin another header."""
    lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    if not all(line.isascii() and line.isprintable() for line in lines):
        raise ValueError("A header holds a character that would end it.")
    return "\r\n".join([*lines, f"Content-Length: {length}", "", ""]).encode("ascii")


class _Timed(socket.socket):
    """A socket whose reads and writes all end at one moment, however slowly the other side drips."""

    clock: Clock
    deadline_ms: int = 0

    def arm(self) -> None:
        """Let the next call take what is left. Raises TimeoutError when nothing is."""
        left_ms = self.deadline_ms - self.clock.monotonic_ms()
        if left_ms <= 0:
            raise TimeoutError("no time left")
        self.settimeout(left_ms / 1000)

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        """As in socket."""
        self.arm()
        return super().recv_into(buffer, nbytes or len(buffer), flags)


class _TimedSocket(_Timed):
    """Without TLS; sendall keeps one time-out for the whole."""

    def sendall(self, data: Any, flags: int = 0) -> None:
        """As in socket."""
        self.arm()
        super().sendall(data, flags)


class _TimedTlsSocket(_Timed, ssl.SSLSocket):
    """With TLS, where sendall is made of many sends."""

    def send(self, data: Any, flags: int = 0) -> int:
        """As in ssl.SSLSocket."""
        self.arm()
        return super().send(data, flags)
