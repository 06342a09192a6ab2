"""The keys that sign package tokens: a ring of frozen values, newest first (rows J2, J4, J9).

A key is first *published*, so that verifiers can fetch it before it signs; then it is *signing*; at last *retired*.
The newest signing key signs. An older one still verifies what it signed, until it is retired.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec

from companion.core.canonical import canonical_bytes
from companion.core.sealing import NONCE_BYTES, b64url, derive_key, seal, unseal

_KID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_COORDINATE_BYTES: Final = 32
_SEALING: Final = "signing keys"
_P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class KeyState(StrEnum):
    """Where a key stands; it only ever moves downwards in this list."""

    PUBLISHED = "published"
    SIGNING = "signing"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Rejected:
    """An expected refusal: a stable code, and a sentence that says how to mend it."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class RingKey:
    """One P-256 key. `private` is None where the key came from a JWKS and can only verify."""

    kid: str
    state: KeyState
    created_at_ms: int
    public: ec.EllipticCurvePublicKey = field(repr=False)
    private: ec.EllipticCurvePrivateKey | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """All keys, newest first. Every change returns a new ring or says why not."""

    keys: tuple[RingKey, ...] = ()

    def find(self, kid: str) -> RingKey | None:
        """The key of that id, in whatever state."""
        return next((key for key in self.keys if key.kid == kid), None)

    def signer(self) -> RingKey | None:
        """The newest signing key."""
        return next((key for key in self.keys if key.state is KeyState.SIGNING), None)

    def publish(self, key: RingKey) -> "KeyRing | Rejected":
        """Add a new key, which verifiers can fetch from now on."""
        if self.find(key.kid) is not None:
            return Rejected("key_exists", f"The ring has a key {key.kid} already.")
        return KeyRing((replace(key, state=KeyState.PUBLISHED), *self.keys))

    def start_signing(self, kid: str) -> "KeyRing | Rejected":
        """Let a published key sign from now on; the one before it goes on verifying."""
        for key in self.keys:
            if key.state is KeyState.SIGNING:
                return Rejected("key_not_newest", f"No published key {kid} is newer than the signing key {key.kid}.")
            if key.kid == kid and key.state is KeyState.PUBLISHED:
                return self._moved(kid, KeyState.SIGNING)
        return Rejected("key_not_published", f"The ring has no published key {kid}. Publish it first.")

    def retire(self, kid: str) -> "KeyRing | Rejected":
        """Refuse from now on what this key signed. The key that signs must be replaced first."""
        key, signer = self.find(kid), self.signer()
        if key is None:
            return Rejected("key_unknown", f"The ring has no key {kid}.")
        if key is signer:
            return Rejected("key_is_signing", f"Key {kid} signs now. Let another key sign first.")
        return self._moved(kid, KeyState.RETIRED)

    def jwks(self) -> dict[str, Any]:
        """What /.well-known/jwks.json answers (RFC 7517): every key that verifies, newest first; no private part."""
        return {"keys": [export_jwk(key) for key in self.keys if key.state is not KeyState.RETIRED]}

    def _moved(self, kid: str, state: KeyState) -> "KeyRing":
        return KeyRing(tuple(replace(key, state=state) if key.kid == kid else key for key in self.keys))


def is_kid(value: object) -> bool:
    """Whether `value` has the form of a key id. What has not is never looked up (row J4)."""
    return isinstance(value, str) and _KID.fullmatch(value) is not None


def new_key(random_bytes: Callable[[int], bytes], now_ms: int) -> RingKey:
    """A fresh key, published. FIPS 186-5 A.2.1: 64 bits more than the order's, so that the remainder has no bias."""
    scalar = int.from_bytes(random_bytes(40), "big") % (_P256_ORDER - 1) + 1
    private = ec.derive_private_key(scalar, ec.SECP256R1())
    public = private.public_key()
    return RingKey(_thumbprint(public), KeyState.PUBLISHED, now_ms, public, private)


def export_jwk(key: RingKey) -> dict[str, str]:
    """The public JWK, bound to one algorithm and one use (row J2)."""
    return {**_point(key.public), "alg": "ES256", "kid": key.kid, "use": "sig"}


def to_record(key: RingKey, server_secret: bytes, random_bytes: Callable[[int], bytes]) -> dict[str, Any]:
    """What the store keeps of a key; the private part is sealed under the server secret."""
    if key.private is None:
        raise ValueError("Only a key with its private part is stored.")
    scalar = key.private.private_numbers().private_value.to_bytes(_COORDINATE_BYTES, "big")
    sealing_key = derive_key(server_secret, _SEALING)
    sealed = seal(sealing_key, scalar, bound_to=key.kid, nonce=random_bytes(NONCE_BYTES))
    return {"kid": key.kid, "state": key.state.value, "created_at_ms": key.created_at_ms, "sealed": sealed}


def from_record(record: Mapping[str, Any], server_secret: bytes) -> RingKey | Rejected:
    """The key of a stored record; refused when the secret or the record is another than it was sealed with."""
    scalar = unseal(derive_key(server_secret, _SEALING), record["sealed"], bound_to=record["kid"])
    if scalar is None:
        return Rejected(
            "secret_mismatch",
            f"Signing key {record['kid']} does not open with this HANDOFF_SECRET. Use the one it was made under.",
        )
    private = ec.derive_private_key(int.from_bytes(scalar, "big"), ec.SECP256R1())
    state = KeyState(record["state"])
    return RingKey(record["kid"], state, record["created_at_ms"], private.public_key(), private)


def _point(public: ec.EllipticCurvePublicKey) -> dict[str, str]:
    numbers = public.public_numbers()
    x, y = (b64url(number.to_bytes(_COORDINATE_BYTES, "big")) for number in (numbers.x, numbers.y))
    return {"crv": "P-256", "kty": "EC", "x": x, "y": y}


def _thumbprint(public: ec.EllipticCurvePublicKey) -> str:
    """RFC 7638: the key names itself, so two servers never give one name to two keys."""
    return b64url(sha256(canonical_bytes(_point(public))).digest())
