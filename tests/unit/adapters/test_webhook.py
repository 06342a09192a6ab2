"""Sending callbacks: rows W1 and W2, and that nothing a receiver does can hold us up or fool us."""

import json
import logging
import socket
import ssl
import time
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from threading import Event

import pytest
import responses
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from companion.adapters.clock import SteppedClock, SystemClock
from companion.adapters.egress import Policy
from companion.adapters.webhook import TOTAL_TIMEOUT_S, WebhookSender, signed_headers
from companion.core.delivery import Attempt
from tests.system.waiting import wait_until
from tests.unit.adapters.receivers import OK, Receiver, drips, receiving, says

OLD, NEW = ("whsec_" + b64encode(letter * 32).decode() for letter in (b"o", b"n"))
ID = "dl_00" + "d" * 26
BODY = '{"data":{"note":"ünïcode 😀 and the body itself"}}'.encode()
CLOCK = SystemClock()


def sender(total_timeout_s: float = 5.0) -> WebhookSender:
    return WebhookSender(Policy("local"), CLOCK, total_timeout_s=total_timeout_s)


def send_to(
    receiver: Receiver, via: WebhookSender, target: str = "/webhook-waiting/7?signature=abc", body: bytes = BODY
) -> Attempt:
    return via.send(f"http://127.0.0.1:{receiver.port}{target}", ID, [OLD], body, CLOCK.now_ms())


def headers_of(request: bytes) -> dict[str, str]:
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


@pytest.mark.req("W1")
@responses.activate
def test_w1_the_standard_library_verifies_us() -> None:
    """The `standardwebhooks` library accepts what we send, with the old secret and with the new one in rotation."""
    responses.post("http://localhost:5678/hook", json={"handoff_ack": ID})
    attempt = sender().send("http://localhost:5678/hook", ID, [OLD, NEW], BODY, CLOCK.now_ms())
    assert (attempt.status_code, attempt.outcome, json.loads(attempt.body_excerpt)) == (
        200,
        "answered",
        {"handoff_ack": ID},
    )
    request = responses.calls[0].request
    headers = {name: str(value) for name, value in request.headers.items()}
    for secret in (OLD, NEW):
        assert Webhook(secret).verify(request.body or b"", headers) == json.loads(BODY)
    stranger = Webhook("whsec_" + b64encode(b"s" * 32).decode())
    with pytest.raises(WebhookVerificationError):
        stranger.verify(request.body or b"", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD).verify(BODY + b" ", headers)
    assert headers["webhook-signature"].count("v1,") == 2


@pytest.mark.req("W1")
def test_w1_a_retry_keeps_its_id_and_takes_a_new_timestamp() -> None:
    """Each attempt says when it was made; its id stays, so that a receiver knows it again."""
    first, second = (signed_headers(ID, [OLD], BODY, now_ms) for now_ms in (1_795_248_000_999, 1_795_248_005_000))
    assert first["webhook-id"] == second["webhook-id"] == ID
    assert (first["webhook-timestamp"], second["webhook-timestamp"]) == ("1795248000", "1795248005")
    assert first["webhook-signature"] != second["webhook-signature"]


def test_a_callback_is_never_sent_unsigned() -> None:
    """Without a secret, or with one that is none, nothing is sent."""
    with receiving(says(OK)) as receiver:
        for secrets in ([], [""], ["secret"], [OLD, "whsec_"]):
            with pytest.raises(ValueError, match="secret"):
                sender().send(f"http://127.0.0.1:{receiver.port}/", ID, secrets, BODY, 0)
        assert receiver.connections == 0


def test_what_arrives_is_byte_for_byte_what_was_meant() -> None:
    """Path and query arrive as n8n signed them, the body as it was digested, and no header of ours is missing."""
    target = "/a%2fb/%E2%82%ac//c/../d;x=1?signature=0aF%2f%2F==&a=b+c&d=~"
    with receiving(says(OK)) as receiver:
        assert send_to(receiver, sender(), target).outcome == "answered"
    request = receiver.requests[0]
    assert request.startswith(f"POST {target} HTTP/1.1\r\n".encode())
    assert request.endswith(b"\r\n\r\n" + BODY)
    headers = headers_of(request)
    assert headers["host"] == f"127.0.0.1:{receiver.port}"
    assert headers["content-type"] == "application/json"
    assert headers["content-length"] == str(len(BODY))
    assert not {"cookie", "authorization", "referer"} & set(headers)


def test_no_header_can_be_smuggled_in() -> None:
    """An id with a line break raises and sends nothing."""
    with receiving(says(OK)) as receiver:
        with pytest.raises(ValueError, match="header"):
            sender().send(f"http://127.0.0.1:{receiver.port}/", "dl\r\nX-Evil: 1", [OLD], BODY, 0)
        assert not receiver.requests


@pytest.mark.req("W2", "W6")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_w2_a_redirect_is_an_answer_and_not_followed(status: int) -> None:
    """3xx is handed on as it is; nothing is sent to where it points."""
    with receiving(says(OK)) as elsewhere:
        answer = f"HTTP/1.1 {status} Go\r\nLocation: http://127.0.0.1:{elsewhere.port}/\r\nContent-Length: 0\r\n\r\n"
        with receiving(says(answer.encode())) as receiver:
            assert send_to(receiver, sender()).status_code == status
        assert elsewhere.connections == 0


@pytest.mark.req("W6")
def test_w6_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would look names up by itself; so none is used, whatever the environment says."""
    with receiving(says(OK)) as proxy, receiving(says(OK)) as receiver:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert send_to(receiver, sender()).outcome == "answered"
        assert (proxy.connections, receiver.connections) == (0, 1)


@pytest.mark.req("W2")
def test_w2_fifteen_seconds_are_the_default() -> None:
    """The time-out that row W2 names."""
    assert TOTAL_TIMEOUT_S == 15.0


HEADERS = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.req("W2")
@pytest.mark.parametrize(
    ("first", "drop", "status"),
    [
        (b"", b"", None),
        (b"", b"H", None),
        (HEADERS, b"X-A: b\r\n", None),
        (HEADERS, b"X", None),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n", None),
        (HEADERS + b"Content-Length: 1000\r\n\r\n", b"x", 200),
        (HEADERS + b"\r\n", b"x", 200),
        (HEADERS + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", 200),
        (HEADERS + b"Transfer-Encoding: chunked\r\n\r\n", b"1", 200),
        (HEADERS + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"a: b\r\n", 200),
        (b"HTTP/1.1 503 No\r\nContent-Length: 10\r\n\r\n", b"x", 503),
    ],
    ids=[
        "silence",
        "status line",
        "headers",
        "a header",
        "continue",
        "body",
        "endless body",
        "chunks",
        "chunk size",
        "trailers",
        "error",
    ],
)
def test_w2_the_time_out_is_for_the_whole(first: bytes, drop: bytes, status: int | None) -> None:
    """A receiver that drips, in whichever part of its answer, holds us no longer than the time-out in all."""
    with receiving(says(b"")) as receiver:
        receiver._behaviour = drips(first, drop, receiver.stop)
        began_s = time.monotonic()
        attempt = send_to(receiver, sender(0.3))
        took_s = time.monotonic() - began_s
    assert 0.25 < took_s < 1.5
    assert (attempt.outcome, attempt.status_code) == ("timed_out", status)
    assert 250 <= attempt.duration_ms < 1500


@pytest.mark.req("W2")
def test_w2_a_receiver_that_reads_nothing_ends_in_time() -> None:
    """A large body that nobody reads does not block us longer than the time-out."""
    with receiving(says(OK)) as receiver:
        receiver._request = lambda connection, unread: (receiver.stop.wait(30), b"")  # type: ignore[assignment, method-assign, return-value]
        began_s = time.monotonic()
        attempt = send_to(receiver, sender(0.3), body=b"x" * 30_000_000)
        assert time.monotonic() - began_s < 1.5
    assert attempt.outcome == "timed_out"


@pytest.mark.req("W2")
def test_w2_a_name_server_that_is_silent_ends_in_time() -> None:
    """Looking the name up counts into the time-out, and then nothing was sent."""

    def slow(host: str, port: int, timeout_s: float) -> list[str]:
        assert timeout_s == 0.2
        raise TimeoutError

    via = WebhookSender(Policy("production", ("https://n8n.example.com",)), CLOCK, slow, 0.2)
    assert via.send("https://n8n.example.com/", ID, [OLD], BODY, 0).outcome == "not_sent"


@pytest.mark.req("W2")
def test_w2_what_the_look_up_took_is_gone() -> None:
    """Over a connection that is kept alive, too, sending has only the time that the look-up left."""
    clock = SteppedClock()
    with receiving(says(OK)) as receiver:
        origin = f"http://n8n.example.com:{receiver.port}"

        def slow(host: str, port: int, timeout_s: float) -> list[str]:
            clock.advance(1_700 if receiver.requests else 0)
            return ["127.0.0.1"]

        via = WebhookSender(Policy("production", (origin,), (ip_network("127.0.0.1/32"),)), clock, slow, 2.0)
        receiver._behaviour = lambda connection, request: (says(OK)(connection, request), receiver.stop.wait(30))[0]
        assert via.send(origin, ID, [OLD], BODY, 0).outcome == "answered"
        began_s = time.monotonic()
        assert via.send(origin, ID, [OLD], b"x" * 30_000_000, 0).outcome == "timed_out"
        assert time.monotonic() - began_s < 1.2
        assert receiver.connections == 1


@pytest.mark.req("W2")
def test_w2_a_host_that_accepts_no_connection_ends_in_time() -> None:
    """When the attempt to connect is not answered (a full backlog), it ends in time and nothing was sent."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = []
        for _ in range(8):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
            waiting.append(filler)
        began_s = time.monotonic()
        attempt = sender(0.4).send(f"http://127.0.0.1:{full.getsockname()[1]}/", ID, [OLD], BODY, 0)
        assert time.monotonic() - began_s < 1.5
        for filler in waiting:
            filler.close()
    assert (attempt.outcome, attempt.status_code) == ("not_sent", None)
    assert "did not answer" in attempt.detail


def test_what_was_sent_is_told_from_what_was_not() -> None:
    """A refused connection sent nothing; a connection that broke later may have delivered."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert sender().send(f"http://127.0.0.1:{port}/", ID, [OLD], BODY, 0).outcome == "not_sent"
    for cut in (
        b"",
        b"HTTP/1.1 200 OK\r\nConte",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        HEADERS + b"Transfer-Encoding: chunked\r\n\r\nzz",
    ):
        with receiving(says(cut, then_close=True)) as receiver:
            assert send_to(receiver, sender()).outcome == "lost", cut
    with receiving(says(HEADERS + b"Content-Length: 100\r\n\r\n{}", then_close=True)) as receiver:
        attempt = send_to(receiver, sender())
    assert (attempt.outcome, attempt.status_code) == ("lost", 200)


def test_an_answer_before_the_end_of_the_body_counts() -> None:
    """A receiver that refuses and closes without reading all is heard all the same."""
    with receiving(says(OK)) as receiver:

        def refuse(connection: socket.socket, unread: bytes) -> tuple[bytes, bytes]:
            connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            connection.shutdown(socket.SHUT_WR)
            raise ConnectionError

        receiver._request = refuse  # type: ignore[method-assign]
        assert send_to(receiver, sender(), body=b"x" * 5_000_000).status_code == 413


def test_an_endless_answer_is_read_only_so_far() -> None:
    """A receiver that sends without an end is cut off, and its status counts."""

    def endless(connection: socket.socket, request: bytes) -> bool:
        connection.sendall(HEADERS + b"Content-Length: 9999999999\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    with receiving(endless) as receiver:
        attempt = send_to(receiver, sender())
    assert (attempt.outcome, attempt.status_code) == ("answered", 200)
    assert len(attempt.body_excerpt) <= 16 * 1024


def test_a_packed_answer_is_not_unpacked() -> None:
    """No answer can grow in our memory: compressed bodies stay as they came."""
    bomb = HEADERS + b"Content-Encoding: gzip\r\nContent-Length: 20\r\n\r\n" + b"\x1f\x8b" + b"\0" * 18
    with receiving(says(bomb)) as receiver:
        assert send_to(receiver, sender()).status_code == 200


def test_connections_are_used_again() -> None:
    """Callbacks to one n8n share a connection; when n8n has closed it meanwhile, a new one is made without a loss."""
    with receiving(says(OK)) as receiver:
        via = sender()
        for _ in range(20):
            assert send_to(receiver, via).outcome == "answered"
        assert receiver.connections == 1
        receiver.hang_up()
        assert send_to(receiver, via).outcome == "answered"
        assert receiver.connections == 2
        via.close()
        assert send_to(receiver, via).outcome == "answered"
        assert receiver.connections == 3


def test_a_connection_that_was_long_idle_is_not_used_again() -> None:
    """n8n closes an idle connection after 5 s; we leave it after 2 s, for a callback sent just then is lost."""
    clock = SteppedClock()
    with receiving(says(OK)) as receiver:
        via = WebhookSender(Policy("local"), clock)
        for step_ms, connections in ((0, 1), (1_900, 1), (2_100, 2)):
            clock.advance(step_ms)
            assert send_to(receiver, via).outcome == "answered"
            assert receiver.connections == connections


def test_a_connection_with_something_left_in_it_is_not_used_again() -> None:
    """An answer nobody asked for never becomes the answer to the next callback."""
    extra_sent = Event()

    def says_twice(connection: socket.socket, request: bytes) -> bool:
        connection.sendall(OK)
        extra_sent.wait(0.05)
        connection.sendall(OK.replace(b"200 OK", b"500 No"))
        extra_sent.set()
        return True

    with receiving(says_twice) as receiver:
        via = sender()
        assert send_to(receiver, via).status_code == 200
        assert extra_sent.wait(5)
        assert send_to(receiver, via).status_code == 200
        assert receiver.connections == 2


def test_threads_share_connections_without_mixing_answers() -> None:
    """Sixteen threads each get the answer to their own callback."""

    def echo(connection: socket.socket, request: bytes) -> bool:
        told = headers_of(request)["webhook-id"].encode()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(told), told))
        return True

    with receiving(echo) as receiver, ThreadPoolExecutor(16) as threads:
        via = sender()

        def one(number: int) -> bool:
            return (
                via.send(f"http://127.0.0.1:{receiver.port}/", f"dl_{number}", [OLD], BODY, 0).body_excerpt
                == f"dl_{number}"
            )

        assert all(threads.map(one, range(800)))
        assert receiver.connections <= 16


def test_cookies_are_not_kept() -> None:
    """What a receiver sets is not sent back to it, nor to anybody."""
    with receiving(says(OK.replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=b\r\n\r\n"))) as receiver:
        via = sender()
        send_to(receiver, via)
        send_to(receiver, via)
    assert all("cookie" not in headers_of(request) for request in receiver.requests)


def test_the_next_address_is_tried() -> None:
    """When n8n listens on only one of the addresses of its name, it is found."""
    with receiving(says(OK), "::1") as receiver:
        attempt = sender().send(f"http://localhost:{receiver.port}/", ID, [OLD], BODY, 0)
    assert attempt.outcome == "answered"


def test_nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """At the lowest log level neither query, body, signature nor secret appears; nor in the attempt."""
    caplog.set_level(logging.DEBUG)
    with receiving(says(OK)) as receiver:
        attempts = [send_to(receiver, sender(), "/hook?signature=n8nsecret")]
    with receiving(says(b"")) as receiver:
        receiver._behaviour = drips(b"", b"", receiver.stop)
        attempts.append(send_to(receiver, sender(0.2), "/hook?signature=n8nsecret"))
    attempts.append(send_to(receiver, sender(), "/hook?signature=n8nsecret"))
    attempts.append(sender().send("http://10.0.0.1/hook?signature=n8nsecret", ID, [OLD], BODY, 0))
    assert [attempt.outcome for attempt in attempts] == ["answered", "timed_out", "not_sent", "not_allowed"]
    told = caplog.text + repr([replace(attempt, body_excerpt="") for attempt in attempts])
    for secret in ("n8nsecret", "the body itself", OLD, "v1,"):
        assert secret not in told


@pytest.mark.req("W2")
@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("999999999999", 86_400),
        ("Sat, 21 Nov 2026 08:00:30 GMT", 30),
        ("Sat, 21 Nov 2026 07:00:00 GMT", 0),
        ("Sat, 21 Nov 2099 07:00:00 GMT", 86_400),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
        ("٣", None),
        ("Sat, 99 Nov 2026 08:00:30 GMT", None),
    ],
)
def test_w2_retry_after_is_read_in_both_forms(header: str, seconds: int | None) -> None:
    """Seconds and dates are understood (RFC 9110), nonsense is not, and nothing is longer than a day."""
    now_ms = int(datetime(2026, 11, 21, 8, tzinfo=UTC).timestamp() * 1000)
    answer = f"HTTP/1.1 503 Busy\r\nRetry-After: {header}\r\nContent-Length: 0\r\n\r\n".encode()
    with receiving(says(answer)) as receiver:
        attempt = sender().send(f"http://127.0.0.1:{receiver.port}/", ID, [OLD], BODY, now_ms)
    assert (attempt.status_code, attempt.retry_after_s) == (503, seconds)


def certificate(folder: Path, name: str) -> ssl.SSLContext:
    """A TLS server for `name`, whose authority lies in folder/ca.pem."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    try:
        alternative: x509.GeneralName = x509.IPAddress(ip_address(name))
    except ValueError:
        alternative = x509.DNSName(name)
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    return context


def over_tls(
    receiver: Receiver, host: str = "n8n.example.com", total_timeout_s: float = 5.0
) -> tuple[WebhookSender, str]:
    origin = f"https://{host}:{receiver.port}"
    policy = Policy("production", (origin,), (ip_network("127.0.0.1/32"),))
    return WebhookSender(policy, CLOCK, lambda host, port, timeout_s: ["127.0.0.1"], total_timeout_s), origin


@pytest.mark.req("W6")
def test_w6_tls_proves_the_name_and_not_the_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over a pinned address the certificate must be the name's; a company's own authority counts."""
    server = certificate(tmp_path, "n8n.example.com")
    names: list[str | None] = []
    server.sni_callback = lambda _socket, name, _context: names.append(name)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with receiving(says(OK), tls=server) as receiver:
        via, origin = over_tls(receiver)
        for _ in range(5):
            assert via.send(f"{origin}/x", ID, [OLD], BODY, 0).status_code == 200
        assert (receiver.connections, names) == (1, ["n8n.example.com"])
        assert headers_of(receiver.requests[0])["host"] == f"n8n.example.com:{receiver.port}"
        other, other_origin = over_tls(receiver, "other.example.com")
        attempt = other.send(f"{other_origin}/x", ID, [OLD], BODY, 0)
        assert attempt.outcome == "not_sent"
        assert "certificate" in attempt.detail
        assert len(receiver.requests) == 5


@pytest.mark.req("W6")
def test_w6_a_certificate_of_a_stranger_is_refused(tmp_path: Path) -> None:
    """A certificate that no known authority signed is refused before anything is sent."""
    with receiving(says(OK), tls=certificate(tmp_path, "n8n.example.com")) as receiver:
        via, origin = over_tls(receiver)
        attempt = via.send(f"{origin}/x", ID, [OLD], BODY, 0)
        assert (attempt.outcome, receiver.requests) == ("not_sent", [])
        assert "certificate" in attempt.detail


def test_https_to_a_plain_port_is_named(tmp_path: Path) -> None:
    """An https address that leads to a plain http port fails with that cause, and nothing was sent."""
    with receiving(says(OK)) as receiver:
        receiver._request = lambda connection, unread: (connection.sendall(b"HTTP/1.1 400 Bad\r\n\r\n") or b"", b"")  # type: ignore[method-assign, func-returns-value]
        via, origin = over_tls(receiver)
        attempt = via.send(f"{origin}/x", ID, [OLD], BODY, 0)
    assert attempt.outcome == "not_sent"
    assert "TLS" in attempt.detail


@pytest.mark.req("W2")
@pytest.mark.parametrize("drop", [b"", b"x"])
def test_w2_tls_is_inside_the_time_out(drop: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A TLS handshake that stalls, and a TLS answer that drips, end in time."""
    with receiving(says(OK)) as stalling:
        stalling._request = lambda connection, unread: (stalling.stop.wait(30), b"")  # type: ignore[assignment, method-assign, return-value]
        via, origin = over_tls(stalling, total_timeout_s=0.4)
        began_s = time.monotonic()
        assert via.send(f"{origin}/x", ID, [OLD], BODY, 0).outcome == "not_sent"
        assert time.monotonic() - began_s < 1.5
    server = certificate(tmp_path, "n8n.example.com")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with receiving(says(b""), tls=server) as dripping:
        dripping._behaviour = drips(HEADERS, drop, dripping.stop)
        via, origin = over_tls(dripping, total_timeout_s=0.6)
        began_s = time.monotonic()
        assert via.send(f"{origin}/x", ID, [OLD], BODY, 0).outcome == "timed_out"
        assert time.monotonic() - began_s < 1.5


def test_idle_connections_are_few() -> None:
    """Callbacks to many receivers do not pile up open connections."""
    receivers = [Receiver(says(OK)) for _ in range(70)]
    via = sender()
    for receiver in receivers:
        assert send_to(receiver, via).outcome == "answered"
    wait_until(lambda: sum(receiver.open_connections() for receiver in receivers) <= 64, "the oldest are closed")
    via.close()
    wait_until(lambda: sum(receiver.open_connections() for receiver in receivers) == 0, "all are closed")
    for receiver in receivers:
        receiver.close()
