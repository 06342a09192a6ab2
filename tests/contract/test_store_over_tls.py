"""What travels to the store is encrypted where its address says so; a way that others can read is told (R-SEC-12)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from companion.store.connection import connect, exposed
from tests.application import World, problem
from tests.servers import COMPANION, RedisServer
from tests.system.ports import free_port

pytestmark = pytest.mark.req("R-SEC-12")


def certified(folder: Path, name: str) -> Path:
    """A certificate for 127.0.0.1 that vouches for itself, with its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    who, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), datetime.now(UTC)
    builder = x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
    made = (
        builder.not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    path = folder / f"{name}.crt"
    path.write_bytes(made.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.with_suffix(".key").write_bytes(private)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """A Redis that takes TLS, as the companion's user reaches it; the name of the authority's file is left to add."""
    port, certificate = free_port(), certified(folder, "store")
    server = RedisServer(
        folder, "--tls-port", str(port), "--tls-cert-file", str(certificate), "--tls-auth-clients", "no",
        "--tls-key-file", str(certificate.with_suffix(".key")), "--tls-ca-cert-file", str(certificate),
    )  # fmt: skip
    server.start()
    yield f"rediss://{':'.join(COMPANION)}@127.0.0.1:{port}/0"
    server.process.kill()


def test_the_companion_works_over_tls(address: str, folder: Path) -> None:
    """With the authority's certificate in the address a case is opened and decided, and nothing is left to mend."""
    world = World(f"{address}?ssl_ca_certs={folder / 'store.crt'}")
    opened = world.open(world.automation())
    assert world.person().decide(opened).json["state"] == "approved"
    assert world.nobody().get("/readyz")["store"]["problems"] == []


def test_a_server_that_anybody_could_be_is_not_talked_to(address: str, folder: Path) -> None:
    """Its certificate is of another authority, or for another name: nothing is sent, and the reason is told."""
    of_another, of_the_store = certified(folder, "other"), folder / "store.crt"
    under_another_name = address.replace("127.0.0.1", "localhost")
    for url in (address, f"{address}?ssl_ca_certs={of_another}", f"{under_another_name}?ssl_ca_certs={of_the_store}"):
        refused = problem(World(url).nobody().send("GET", "/readyz"), 503, "store_unavailable")
        assert "certificate" in refused["detail"]
        assert "ssl_ca_certs" in refused["detail"]


def test_a_way_that_others_can_read_is_a_problem_until_the_network_is_private(address: str) -> None:
    """/readyz tells it, and whoever keeps the network to themselves says so once and is not told again."""
    url = f"{address}?ssl_cert_reqs=none"
    (told,) = World(url).nobody().get("/readyz")["store"]["problems"]
    assert "rediss://" in told
    assert "HANDOFF_REDIS_NETWORK=private" in told
    assert World(url, redis_network="private").nobody().get("/readyz")["store"]["problems"] == []


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("redis://store:6379/0", True),
        ("redis://user:pass@10.0.0.7/0", True),
        ("redis+cluster://node:7000", True),
        ("redis+sentinel://127.0.0.1:26379,other:26379/mymaster", True),
        ("rediss://store:6380/0?ssl_cert_reqs=none", True),
        ("rediss://store:6380/0?ssl_ca_certs=ca.crt", False),
        ("rediss+cluster://node:7000", False),
        ("rediss+sentinel://one:26379,other:26379/mymaster", False),
        ("redis://localhost/0", False),
        ("redis://user:pass@127.0.0.1:6379/0", False),
        ("redis://[::1]:6379/0", False),
        ("unix://user:pass@/run/store.sock?db=0", False),
    ],
)
def test_only_sockets_this_machine_and_tls_are_closed_to_others(url: str, told: bool) -> None:
    """Which addresses are told as a problem."""
    assert exposed(url) is told


def test_sentinels_and_the_server_that_they_name_are_asked_in_the_same_way() -> None:
    """User, password and authority of the address hold for the server; the Sentinels are asked by TLS too."""
    pool = connect("rediss+sentinel://u:p@one:1,other:2/mymaster?ssl_ca_certs=ca.crt").connection_pool
    asked = pool.sentinel_manager.sentinels[1].connection_pool
    given = pool.connection_kwargs
    assert (given["username"], given["password"], given["ssl_ca_certs"]) == ("u", "p", "ca.crt")
    assert asked.connection_kwargs["ssl_ca_certs"] == "ca.crt"
    assert asked.connection_kwargs["password"] is None
    assert all("SSL" in each.connection_class.__name__ for each in (pool, asked))
