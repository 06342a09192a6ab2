"""Tokens that nobody honest would make: any header, any payload, signed with a key of ours all the same."""

import json
from typing import Any

from jwt import PyJWS

from companion.core.keyring import KeyRing, RingKey, new_key
from companion.core.sealing import b64url
from companion.core.tokens import Claims, verify

NOW_MS = 1_795_248_000_000
NOW_S = NOW_MS // 1000
ISSUER = "https://handoff.example.com"
HANDOFF_ID = "ho_00" + "a1" * 13

_ES256 = PyJWS().get_algorithm_by_name("ES256")


def signing_key(seed: int = 0) -> RingKey:
    """A key that is the same in each run."""
    return new_key(lambda count: bytes([seed + 1]) * count, NOW_MS)


def ring_of(key: RingKey) -> KeyRing:
    """A ring in which `key` signs."""
    published = KeyRing().publish(key)
    assert isinstance(published, KeyRing)
    signing = published.start_signing(key.kid)
    assert isinstance(signing, KeyRing)
    return signing


KEY = signing_key()
RING = ring_of(KEY)


def good_header() -> dict[str, Any]:
    return {"alg": "ES256", "kid": KEY.kid, "typ": "handoff+jwt"}


def good_claims() -> dict[str, Any]:
    return {
        "iss": ISSUER,
        "aud": "n8n",
        "sub": HANDOFF_ID,
        "jti": "jti-1",
        "iat": NOW_S,
        "exp": NOW_S + 900,
        "package": {"request": {"a": 1}},
    }


def forge(header: Any, payload: Any, key: RingKey = KEY) -> str:
    """A token with a valid ES256 signature over exactly these parts; bytes go in as they are."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, payload)]
    signed = ".".join(b64url(part) for part in parts)
    assert key.private is not None
    return f"{signed}.{b64url(_ES256.sign(signed.encode(), key.private))}"


def outcome(token: object, **overrides: Any) -> str:
    """ "accepted", or the code with which `verify` refuses `token`."""
    settings: dict[str, Any] = {"ring": RING, "audience": "n8n", "issuer": ISSUER, "now_ms": NOW_MS, **overrides}
    result = verify(token, settings.pop("ring"), **settings)
    return "accepted" if isinstance(result, Claims) else result.code
