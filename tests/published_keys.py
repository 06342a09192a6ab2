"""Keys as /.well-known/jwks.json publishes them, read back: what a page or a node verifies with."""

from collections.abc import Mapping
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from companion.core.keyring import KeyState, RingKey, is_kid
from companion.core.sealing import from_b64url

MEMBERS: Final = frozenset({"kty", "crv", "x", "y", "kid", "alg", "use"})
FIXED: Final = {"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig"}


def read_key(jwk: Mapping[str, object], now_ms: int = 0) -> RingKey | None:
    """A key to verify with, from exactly the members that are published; None for anything else (row J2)."""
    if set(jwk) != MEMBERS or any(jwk[name] != wanted for name, wanted in FIXED.items()):
        return None
    kid, x, y = jwk["kid"], _coordinate(jwk["x"]), _coordinate(jwk["y"])
    if not isinstance(kid, str) or not is_kid(kid) or x is None or y is None:
        return None
    try:
        public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    except ValueError:
        return None
    return RingKey(kid, KeyState.PUBLISHED, now_ms, public)


def _coordinate(value: object) -> int | None:
    data = from_b64url(value) if isinstance(value, str) else None
    return int.from_bytes(data, "big") if data is not None and len(data) == 32 else None
