"""Package tokens: what is minted verifies, what is rebuilt is the same, and no forged text is taken for one."""

import base64
import json
import socket
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from companion.core.canonical import canonical_bytes
from companion.core.keyring import KeyRing, KeyState, Rejected, RingKey
from companion.core.sealing import b64url
from companion.core.tokens import MAX_TOKEN_BYTES, Claims, Content, View, mint, reassemble, verify
from tests.unit.core.forging import (
    HANDOFF_ID,
    ISSUER,
    KEY,
    NOW_MS,
    NOW_S,
    RING,
    forge,
    good_claims,
    good_header,
    outcome,
    ring_of,
    signing_key,
)

PACKAGE = canonical_bytes({"model_output": {"text": "päckchen 😀"}, "request": {"n": [1, 2.5, None]}, "salt": "s"})
CONTENT = Content(ISSUER, "n8n", HANDOFF_ID, "jti-1", NOW_S, PACKAGE)


class NoLookUp(KeyRing):
    """A ring that nobody may search."""

    def find(self, kid: str) -> RingKey | None:
        raise AssertionError(f"{kid!r} was looked up")


def test_what_is_minted_says_what_went_in() -> None:
    """A minted token verifies, and gives back the package it was made of."""
    claims = verify(mint(CONTENT, KEY).token, RING, audience="n8n", issuer=ISSUER, now_ms=NOW_MS, subject=HANDOFF_ID)
    assert isinstance(claims, Claims)
    assert canonical_bytes(claims.package) == PACKAGE
    assert (claims.handoff_id, claims.jti, claims.expires_at_s) == (HANDOFF_ID, "jti-1", NOW_S + 900)
    assert claims.view is None


def test_another_library_reads_what_is_minted() -> None:
    """PyJWT, used as its manual says, accepts our token: it is an ordinary JWT."""
    token = mint(CONTENT, KEY).token
    claims = jwt.decode(
        token, KEY.public, algorithms=["ES256"], audience="n8n", issuer=ISSUER, options={"verify_exp": False}
    )
    assert claims["package"] == json.loads(PACKAGE)
    assert jwt.get_unverified_header(token) == good_header()


def test_the_payload_is_canonical_and_holds_the_package_once() -> None:
    """The package's bytes stand in the token as they were digested, and the whole payload is canonical."""
    text = mint(CONTENT, KEY).token.split(".")[1]
    payload = base64.urlsafe_b64decode(text + "==")
    assert payload.count(PACKAGE) == 1
    assert canonical_bytes(json.loads(payload)) == payload


def test_text_in_the_claims_cannot_move_the_package() -> None:
    """A role or issuer that imitates the package's member changes nothing about where the package goes."""
    view = View("sha256:v", "sha256:p", '"package":null,"x":')
    content = Content('a"package":nullb', "page", HANDOFF_ID, "jti-1", NOW_S, PACKAGE, view)
    claims = verify(mint(content, KEY).token, RING, audience="page", issuer=content.issuer, now_ms=NOW_MS)
    assert isinstance(claims, Claims)
    assert (canonical_bytes(claims.package), claims.view, claims.issuer) == (PACKAGE, view, content.issuer)


@pytest.mark.req("A1")
@pytest.mark.parametrize("view", [None, View("sha256:v", "sha256:p", "reviewer")])
def test_a1_a_rebuilt_token_is_the_same_bytes(view: View | None) -> None:
    """From content, key id and the stored signature the first answer is rebuilt byte for byte."""
    content = Content(ISSUER, "n8n" if view is None else "page", HANDOFF_ID, "jti-1", NOW_S, PACKAGE, view)
    minted = mint(content, KEY)
    assert reassemble(content, minted.kid, minted.signature) == minted.token
    assert mint(content, KEY).token != minted.token  # the signature is random, which is why it must be kept


@pytest.mark.req("J1")
@pytest.mark.parametrize(
    "algorithm",
    [
        "none",
        "None",
        "NONE",
        "es256",
        "ES256 ",
        " ES256",
        "ES256\n",
        "ES256K",
        "ES384",
        "EdDSA",
        "RS256",
        "HS256",
        "",
        None,
        0,
        1,
        True,
        False,
        [],
        ["ES256"],
        {},
        {"ES256": 1},
        1.5,
    ],
)
def test_j1_only_es256_and_before_any_look_up(algorithm: Any) -> None:
    """A header that names another algorithm, or something else than text, is refused before a key is searched."""
    token = forge({**good_header(), "alg": algorithm}, good_claims())
    assert outcome(token, ring=NoLookUp(RING.keys)) in {"token_algorithm", "token_malformed"}


def public_key_as_hmac_secrets() -> list[bytes]:
    encodings = [
        KEY.public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
        KEY.public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo),
        KEY.public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint),
        canonical_bytes(RING.jwks()["keys"][0]),
    ]
    return [*encodings, encodings[0].strip()]


@pytest.mark.req("J1")
@pytest.mark.parametrize("secret", public_key_as_hmac_secrets())
@pytest.mark.parametrize("named", ["HS256", "ES256"])
def test_j1_our_public_key_is_no_hmac_secret(secret: bytes, named: str) -> None:
    """HS256 keyed with our public key in any encoding is refused, whichever algorithm the header claims."""
    signed = (
        f"{b64url(json.dumps({**good_header(), 'alg': named}).encode())}.{b64url(json.dumps(good_claims()).encode())}"
    )
    mac = jwt.PyJWS().get_algorithm_by_name("HS256").sign(signed.encode(), secret)
    assert outcome(f"{signed}.{b64url(mac)}") != "accepted"
    assert outcome(f"{signed}.{b64url(mac + mac)}") != "accepted"
    assert outcome(f"{signed}.") == "token_malformed"


@pytest.mark.req("J1")
def test_j1_a_signature_of_another_kind_is_refused() -> None:
    """ES384, EdDSA and DER signatures under our header do not pass for ES256."""
    signed = ".".join(b64url(json.dumps(part).encode()) for part in (good_header(), good_claims())).encode()
    assert KEY.private is not None
    signatures = [
        jwt.PyJWS().get_algorithm_by_name("ES384").sign(signed, ec.generate_private_key(ec.SECP384R1())),
        ed25519.Ed25519PrivateKey.generate().sign(signed),
        KEY.private.sign(signed, ec.ECDSA(jwt.algorithms.hashes.SHA256())),
        b"\0" * 64,
        b"\xff" * 64,
    ]
    for signature in signatures:
        assert outcome(f"{signed.decode()}.{b64url(signature)}") in {"token_signature", "token_malformed"}


@pytest.mark.req("J3")
@pytest.mark.parametrize(
    "extra",
    [
        {"jku": "https://evil.example/jwks.json"},
        {"jwk": {"kty": "EC"}},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["MIIB"]},
        {"crit": ["exp"]},
        {"b64": False, "crit": ["b64"]},
        {"b64": True},
        {"zip": "DEF"},
        {"cty": "JWT"},
        {"ALG": "none"},
    ],
)
def test_j3_a_header_cannot_bring_its_own_key(extra: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A token with any header member beside alg, kid and typ is refused, and nothing is fetched."""

    def no_socket(*_: Any, **__: Any) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket, "socket", no_socket)
    monkeypatch.setattr(socket, "getaddrinfo", no_socket)
    assert outcome(forge({**good_header(), **extra}, good_claims())) in {"token_header", "token_malformed"}


STRANGE_KIDS: list[Any] = [
    "../../etc/passwd",
    "/dev/null",
    "' OR 1=1 --",
    "a\r\nX: y",
    "a\0",
    "",
    "k" * 65,
    "k" * 129,
    "ключ",
    " ",
    KEY.kid + "\n",
    [KEY.kid],
    {"kid": KEY.kid},
    None,
    1,
    True,
]


@pytest.mark.req("J4")
@pytest.mark.parametrize("kid", STRANGE_KIDS)
def test_j4_a_strange_kid_is_not_even_looked_up(kid: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kid that has not the form of one reaches neither the ring nor a file."""

    def no_file(*_: Any, **__: Any) -> None:
        raise AssertionError("a file was opened")

    token = forge({**good_header(), "kid": kid}, good_claims())
    monkeypatch.setattr("builtins.open", no_file)
    assert outcome(token, ring=NoLookUp(RING.keys)) in {"token_key_unknown", "token_malformed"}


@pytest.mark.req("J4")
def test_j4_ten_thousand_unknown_kids_are_refused() -> None:
    """Unknown key ids are refused one like the other, however many come."""
    payload = b64url(json.dumps(good_claims()).encode())
    for number in range(10_000):
        header = b64url(json.dumps({**good_header(), "kid": f"unknown-{number}"}).encode())
        assert outcome(f"{header}.{payload}.{'A' * 86}") == "token_key_unknown"


@pytest.mark.req("J5")
@pytest.mark.parametrize(
    "kind", ["JWT", "jwt", "HANDOFF+JWT", "handoff+jwt ", "application/handoff+jwt", "", None, 1, ["handoff+jwt"]]
)
def test_j5_only_the_explicit_type(kind: Any) -> None:
    """A token of another type is refused even when our key signed it."""
    assert outcome(forge({**good_header(), "typ": kind}, good_claims())) in {"token_type", "token_malformed"}
    assert outcome(forge({"alg": "ES256", "kid": KEY.kid}, good_claims())) == "token_type"


WRONG_TIMES: list[Any] = ["1795248000", None, True, False, [], {}, -1, 0.5, 1e300, 2**53, 253_402_300_800, "", [NOW_S]]


@pytest.mark.req("J6")
@pytest.mark.parametrize("name", ["iat", "exp", "nbf"])
@pytest.mark.parametrize("value", WRONG_TIMES)
def test_j6_a_time_is_a_whole_number(name: str, value: Any) -> None:
    """A time claim of another type or out of range is refused, not converted."""
    assert outcome(forge(good_header(), {**good_claims(), name: value})) == "token_claims"


@pytest.mark.req("J6")
@pytest.mark.parametrize(
    "literal", ["1e999", "-1e999", "NaN", "Infinity", "1795248000.0000000001", "01795248000", "+1", "1_0"]
)
@pytest.mark.parametrize("name", ["iat", "exp", "nbf"])
def test_j6_a_time_is_no_trick_number(name: str, literal: str) -> None:
    """A number that overflows, is no JSON, or cannot be exact is refused wherever it stands."""
    claims = {**good_claims(), name: "@"}
    payload = json.dumps(claims).replace('"@"', literal).encode()
    assert outcome(forge(good_header(), payload)) == "token_malformed"


@pytest.mark.req("J6")
@pytest.mark.parametrize("name", ["iss", "aud", "sub", "jti", "iat", "exp", "package"])
def test_j6_no_claim_may_be_missing(name: str) -> None:
    """Each claim is required."""
    claims = good_claims()
    del claims[name]
    assert outcome(forge(good_header(), claims)) == "token_claims"


@pytest.mark.req("J6")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("aud", ["n8n"]),
        ("aud", ["n8n", "page"]),
        ("aud", "n8n/"),
        ("aud", "N8N"),
        ("aud", ""),
        ("aud", None),
        ("aud", "page"),
        ("iss", ISSUER + "/"),
        ("iss", [ISSUER]),
        ("iss", None),
        ("iss", "https://evil.example"),
        ("sub", "ho_00"),
        ("sub", HANDOFF_ID + "\n"),
        ("sub", [HANDOFF_ID]),
        ("sub", "gr" + HANDOFF_ID[2:]),
        ("sub", 1),
        ("jti", ""),
        ("jti", "a b"),
        ("jti", "j" * 65),
        ("jti", 1),
        ("jti", None),
        ("jti", ["jti-1"]),
        ("jti", "a\n"),
        ("package", None),
        ("package", []),
        ("package", "{}"),
    ],
)
def test_j6_each_claim_has_one_form(name: str, value: Any) -> None:
    """Audience, issuer, subject and id are single texts of a fixed form, and the first two are exactly ours."""
    assert outcome(forge(good_header(), {**good_claims(), name: value})) in {
        "token_claims",
        "token_audience",
        "token_issuer",
    }


@pytest.mark.req("J6")
@pytest.mark.parametrize("payload", [b"null", b"[]", b'"x"', b"1", b"", b" ", b"{", b"{}"])
def test_j6_the_payload_is_an_object(payload: bytes) -> None:
    """A payload that is no object of claims is refused."""
    assert outcome(forge(good_header(), payload)) in {"token_malformed", "token_claims"}


@pytest.mark.req("J6")
def test_j6_a_page_token_names_its_view() -> None:
    """A token for the page without view digest, package digest and role is refused."""
    claims = {**good_claims(), "aud": "page", "view_digest": "v", "package_digest": "p", "role": "reviewer"}
    assert outcome(forge(good_header(), claims), audience="page") == "accepted"
    for name in ("view_digest", "package_digest", "role"):
        for value in (None, 1, []):
            assert outcome(forge(good_header(), {**claims, name: value}), audience="page") == "token_claims"


def test_time_decides_when_a_token_counts() -> None:
    """A token counts until its last second, and not before it was issued (60 s of clock difference allowed)."""
    token = mint(CONTENT, KEY).token
    assert outcome(token, now_ms=NOW_MS + 899_999) == "accepted"
    assert outcome(token, now_ms=NOW_MS + 900_000) == "token_expired"
    assert outcome(token, now_ms=NOW_MS - 60_000) == "accepted"
    assert outcome(token, now_ms=NOW_MS - 61_000) == "token_not_yet_valid"
    assert outcome(forge(good_header(), {**good_claims(), "nbf": NOW_S + 61})) == "token_not_yet_valid"


def test_a_token_about_another_handoff_is_refused() -> None:
    """Where a handoff is named, a token about another one does not count."""
    assert outcome(mint(CONTENT, KEY).token, subject=HANDOFF_ID) == "accepted"
    assert outcome(mint(CONTENT, KEY).token, subject="ho_00" + "b" * 26) == "token_subject"


def respelled(token: str) -> list[str]:
    header, payload, signature = token.split(".")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spare = letters[letters.index(signature[-1]) + 1]  # 64 bytes leave four spare bits in the last letter
    return [
        token + "=",
        token + "==",
        f"{header}=.{payload}.{signature}",
        f"{header}.{payload}=.{signature}",
        f"{header}.{payload}.{signature[:-1]}{spare}",
        f"{header}.{payload}.+{signature[1:]}",
        f"{header}.{payload}./{signature[1:]}",
        f"{header}.{payload}. {signature[1:]}",
        f" {token}",
        f"{token} ",
        f"{token}\n",
        f"{header}\n.{payload}.{signature}",
        f"\ufeff{token}",
        f"Bearer {token}",
        header,
        f"{header}.{payload}",
        f"{token}.",
        f".{token}",
        f"{token}.e30",
        f"{token}.e30.e30",
        f"..{signature}",
        "..",
        "",
        f"{header}..{signature}",
        f"{header}.{payload}.",
        f"{header}.{payload}.{signature}A",
        f"{header}.{payload}.{signature[:-2]}",
        f"{header}.{payload}.{signature}AAAA",
        token.replace("_", "/").replace("-", "+") + "=",
    ]


@pytest.mark.req("J7")
def test_j7_a_token_has_one_spelling() -> None:
    """Padding, the other alphabet, spare bits, blanks, and more or fewer segments are refused."""
    token = forge(good_header(), good_claims())
    assert outcome(token) == "accepted"
    for other in respelled(token):
        assert outcome(other) == "token_malformed", other


@pytest.mark.req("J7")
def test_j7_only_text_is_a_token() -> None:
    """Bytes, numbers and nothing at all are refused, not converted."""
    for thing in (None, 1, b"a.b.c", ["a"], forge(good_header(), good_claims()).encode()):
        assert outcome(thing) == "token_malformed"


@pytest.mark.req("J7")
@pytest.mark.parametrize(
    ("header", "payload"),
    [
        (b'{"alg":"none","alg":"ES256","kid":"%s","typ":"handoff+jwt"}' % KEY.kid.encode(), None),
        (b'{"alg":"ES256","kid":"x","kid":"%s","typ":"handoff+jwt"}' % KEY.kid.encode(), None),
        (b'{"alg":"ES256","\\u0061lg":"ES256","kid":"%s","typ":"handoff+jwt"}' % KEY.kid.encode(), None),
        (None, json.dumps(good_claims()).replace('"exp"', '"exp": 1, "exp"').encode()),
        (None, json.dumps(good_claims()).replace('{"a": 1}', '{"a": 1, "a": 2}').encode()),
        (None, b"\xef\xbb\xbf" + json.dumps(good_claims()).encode()),
        (None, json.dumps(good_claims()).encode("utf-16")),
        (None, json.dumps(good_claims()).encode() + b"x"),
        (None, json.dumps(good_claims()).replace("jti-1", "\\ud800").encode()),
    ],
)
def test_j7_json_that_can_be_read_in_two_ways(header: bytes | None, payload: bytes | None) -> None:
    """Duplicate members, escaped twins of a name, other encodings, lone surrogates: refused although signed by us."""
    assert outcome(forge(header or good_header(), payload or good_claims())) == "token_malformed"


@pytest.mark.req("J7")
def test_j7_sixteen_kilobytes_are_the_most() -> None:
    """A token of 16 kB verifies, one byte more is refused, and neither is more than that ever minted."""
    claims = {**good_claims(), "package": {"text": ""}}
    while len(forge(good_header(), claims)) < MAX_TOKEN_BYTES:
        claims["package"]["text"] += "x"
    assert outcome(forge(good_header(), claims)) in {"accepted", "token_too_large"}
    claims["package"]["text"] = claims["package"]["text"][:-2]
    assert outcome(forge(good_header(), claims)) == "accepted"
    claims["package"]["text"] += "xxxx"
    assert outcome(forge(good_header(), claims)) == "token_too_large"
    with pytest.raises(ValueError, match="at most"):
        mint(
            Content(ISSUER, "n8n", HANDOFF_ID, "j", NOW_S, canonical_bytes(claims["package"]["text"] + "x" * 500)), KEY
        )


@pytest.mark.req("J7")
def test_j7_thirty_two_levels_are_the_deepest() -> None:
    """Thirty-two levels verify, thirty-three are refused, and never minted."""

    def nested(levels: int) -> bytes:
        return b'{"a":' * (levels - 1) + b"{}" + b"}" * (levels - 1)

    assert outcome(mint(Content(ISSUER, "n8n", HANDOFF_ID, "j", NOW_S, nested(31)), KEY).token) == "accepted"
    deep = json.dumps({**good_claims(), "package": "@"}).replace('"@"', nested(32).decode()).encode()
    assert outcome(forge(good_header(), deep)) == "token_malformed"
    with pytest.raises(ValueError, match="levels"):
        mint(Content(ISSUER, "n8n", HANDOFF_ID, "j", NOW_S, nested(32)), KEY)


def test_a_changed_token_is_refused_wherever_it_changed() -> None:
    """Each single letter of a token counts."""
    token = mint(CONTENT, KEY).token
    for place in range(0, len(token), 7):
        other = "A" if token[place] != "A" else "B"
        assert outcome(token[:place] + other + token[place + 1 :]) != "accepted"


def test_a_key_of_somebody_else_does_not_sign_for_us() -> None:
    """A stranger's key under our key's id is refused."""
    assert outcome(forge(good_header(), good_claims(), signing_key(7))) == "token_signature"


@pytest.mark.req("J9")
def test_j9_published_and_older_keys_verify_a_retired_one_does_not() -> None:
    """Through a rotation no token in use is refused, until its key is retired; then it is refused at once."""
    old, new = signing_key(1), signing_key(2)
    ring = ring_of(old)
    first = mint(CONTENT, old).token
    rotated = ring.publish(new)
    assert isinstance(rotated, KeyRing)
    early = mint(CONTENT, new).token  # another process may sign already, while this one has not read the ring again
    assert [outcome(first, ring=rotated), outcome(early, ring=rotated)] == ["accepted", "accepted"]
    rotated = rotated.start_signing(new.kid)
    assert isinstance(rotated, KeyRing)
    signer = rotated.signer()
    assert signer is not None
    assert (signer.kid, outcome(first, ring=rotated)) == (new.kid, "accepted")
    retired = rotated.retire(old.kid)
    assert isinstance(retired, KeyRing)
    assert [outcome(first, ring=retired), outcome(early, ring=retired)] == ["token_key_retired", "accepted"]
    found = retired.find(old.kid)
    assert found is not None
    assert found.state is KeyState.RETIRED


def test_a_key_from_a_jwks_cannot_mint() -> None:
    """Without its private part a key only verifies."""
    public = RingKey(KEY.kid, KeyState.SIGNING, NOW_MS, KEY.public)
    with pytest.raises(ValueError, match="only verify"):
        mint(CONTENT, public)
    assert not isinstance(
        verify(mint(CONTENT, KEY).token, KeyRing((public,)), audience="n8n", issuer=ISSUER, now_ms=NOW_MS), Rejected
    )
