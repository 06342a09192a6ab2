"""`requests` over connections that go where we judged: no second look-up, no redirect, no proxy (rows W6, W7)."""

from collections.abc import Mapping
from io import BytesIO
from threading import Lock
from typing import Any, Final

from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from companion.adapters.clock import Clock
from companion.adapters.connection import Answer, Connection, tls_context
from companion.adapters.egress import PinnedTarget

_IDLE_MS: Final = 2_000
"""Node closes a connection after 5 s without a request; one that is reused just then loses a callback for nothing."""
_IDLE_CONNECTIONS: Final = 64


class PinnedRequest(PreparedRequest):
    """A POST that carries where it goes, and until when on the monotonic clock it may take."""

    def __init__(self, target: PinnedTarget, headers: Mapping[str, str], body: bytes, deadline_ms: int) -> None:
        super().__init__()
        self.method = "POST"
        self.url = target.url.origin + target.url.target
        self.headers = CaseInsensitiveDict({**headers, "Host": target.url.authority})
        self.body = body
        self._cookies = RequestsCookieJar()
        self.target = target
        self.deadline_ms = deadline_ms


class PinnedAdapter(HTTPAdapter):
    """Sends a PinnedRequest and keeps connections alive. Raises NotSent or AnswerLost; thread-safe."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._tls = tls_context(DEFAULT_CA_BUNDLE_PATH)
        self._idle: list[Connection] = []
        self._lock = Lock()

    def get_connection_with_tls_context(self, request: PreparedRequest, *_: Any, **__: Any) -> Any:
        """What `requests` calls a connection: it has `urlopen`."""
        if not isinstance(request, PinnedRequest):
            raise TypeError("Only a PinnedRequest goes out here.")
        return _Exchange(self, request)

    def cert_verify(self, *_: Any) -> None:
        """Nothing to set: the one TLS context of this adapter always checks certificate and name."""

    def close(self) -> None:
        """Close what is kept alive."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def take(self, target: PinnedTarget) -> Connection:
        """A live connection to one of the judged addresses, or a new one that is not connected yet."""
        stale = []
        found = None
        with self._lock:
            for place in range(len(self._idle) - 1, -1, -1):
                candidate = self._idle[place]
                if candidate.origin == target.url.origin and candidate.address in target.addresses:
                    del self._idle[place]
                    if self._clock.monotonic_ms() - candidate.idle_since_ms <= _IDLE_MS and candidate.is_quiet():
                        found = candidate
                        break
                    stale.append(candidate)
        for connection in stale:
            connection.close()
        return found or Connection(target, self._tls, self._clock)

    def give_back(self, connection: Connection) -> None:
        """Keep a connection for the next callback; the one that waited longest makes room."""
        connection.idle_since_ms = self._clock.monotonic_ms()
        with self._lock:
            self._idle.append(connection)
            oldest = self._idle.pop(0) if len(self._idle) > _IDLE_CONNECTIONS else None
        if oldest is not None:
            oldest.close()


class _Exchange:
    """One request and its answer."""

    def __init__(self, adapter: PinnedAdapter, request: PinnedRequest) -> None:
        self._adapter = adapter
        self._request = request

    def urlopen(self, *, body: bytes, headers: Mapping[str, str], **_: Any) -> "_RawAnswer":
        """Called by HTTPAdapter.send; what it says of redirects, retries and encodings has no use here."""
        request = self._request
        connection = self._adapter.take(request.target)
        try:
            answer = connection.post(request.target.url.target, headers, body, request.deadline_ms)
        except BaseException:
            connection.close()
            raise
        if answer.reusable:
            self._adapter.give_back(connection)
        else:
            connection.close()
        return _RawAnswer(answer)


class _RawAnswer(BytesIO):
    """An answer as `requests` wants to see it."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.body)
        self.status = answer.status
        self.reason = answer.reason
        self.headers = answer.headers
