"""ES256 against published examples: RFC 7515 appendix A.3, RFC 6979 appendix A.2.5, RFC 7638."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt import PyJWS

from companion.core.keyring import KeyRing, RingKey
from companion.core.sealing import b64url, from_b64url
from companion.core.tokens import verify
from tests.published_keys import read_key
from tests.unit.core.forging import ISSUER, NOW_MS, forge, good_claims, good_header, outcome

RFC7515_KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "alg": "ES256",
    "use": "sig",
    "kid": "rfc7515-a3",
}
RFC7515_PRIVATE = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"
RFC7515_TOKEN = (
    "eyJhbGciOiJFUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)
RFC6979_SCALAR = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
RFC6979_SIGNATURE_OF_SAMPLE = bytes.fromhex(
    "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
    "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
)

ES256 = PyJWS().get_algorithm_by_name("ES256")


def imported() -> RingKey:
    key = read_key(RFC7515_KEY, NOW_MS)
    assert isinstance(key, RingKey)
    return key


def test_the_key_and_signature_of_rfc_7515_fit() -> None:
    """The JWK of appendix A.3 imports, and the RFC's own signature verifies under it, segment by segment."""
    signed, _, signature = RFC7515_TOKEN.rpartition(".")
    raw = from_b64url(signature)
    assert raw is not None
    assert len(raw) == 64
    assert ES256.verify(signed.encode(), imported().public, raw)
    private = int.from_bytes(from_b64url(RFC7515_PRIVATE) or b"", "big")
    assert ec.derive_private_key(private, ec.SECP256R1()).public_key() == imported().public


@pytest.mark.req("J5")
def test_j5_the_token_of_rfc_7515_is_none_of_ours() -> None:
    """A perfectly valid JWS of another kind, under a key that we know, is refused for its type."""
    result = verify(RFC7515_TOKEN, KeyRing((imported(),)), audience="n8n", issuer=ISSUER, now_ms=NOW_MS)
    assert getattr(result, "code", None) == "token_type"


def test_the_signature_of_rfc_6979_fits() -> None:
    """A published signature over "sample" verifies, and its halves swapped do not."""
    public = ec.derive_private_key(RFC6979_SCALAR, ec.SECP256R1()).public_key()
    assert ES256.verify(b"sample", public, RFC6979_SIGNATURE_OF_SAMPLE)
    assert not ES256.verify(b"sample", public, RFC6979_SIGNATURE_OF_SAMPLE[32:] + RFC6979_SIGNATURE_OF_SAMPLE[:32])


@pytest.mark.req("J8")
def test_j8_one_token_can_be_written_twice() -> None:
    """ECDSA accepts (r, n - s) as well: two texts of one token, which is why replays are told by `jti`."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    token = forge(good_header(), good_claims())
    signed, _, signature = token.rpartition(".")
    raw = from_b64url(signature)
    assert raw is not None
    twin = f"{signed}.{b64url(raw[:32] + (order - int.from_bytes(raw[32:], 'big')).to_bytes(32, 'big'))}"
    assert twin != token
    assert [outcome(token), outcome(twin)] == ["accepted", "accepted"]


def test_key_ids_are_rfc_7638_thumbprints() -> None:
    """The id of a key is the SHA-256 thumbprint of RFC 7638 over crv, kty, x and y."""
    import hashlib

    from tests.unit.core.forging import KEY

    numbers = KEY.public.public_numbers()
    x, y = (b64url(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    required = f'{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}'
    assert KEY.kid == b64url(hashlib.sha256(required.encode()).digest())
