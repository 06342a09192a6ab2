"""Keys made from the server secret, one for each purpose, and sealing of what must be stored but stay readable to us.

HKDF-SHA256 (RFC 5869) keeps the purposes apart: a value made for one never fits another (row J5).
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SECRET_MIN_BYTES: Final = 32
NONCE_BYTES: Final = 12
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]+")


def derive_key(server_secret: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose. Raises ValueError for a secret that is too short to be one."""
    if len(server_secret) < SECRET_MIN_BYTES:
        raise ValueError(f"HANDOFF_SECRET needs at least {SECRET_MIN_BYTES} bytes.")
    return HKDF(algorithm=SHA256(), length=32, salt=b"handoff v1", info=purpose.encode()).derive(server_secret)


def seal(key: bytes, plain: bytes, *, bound_to: str, nonce: bytes) -> str:
    """AES-256-GCM, base64url of nonce and ciphertext. `bound_to` names the record: moved to another, it does not open.

    `nonce` is 12 fresh random bytes; the same one twice under one key would give both texts away.
    """
    if len(nonce) != NONCE_BYTES:
        raise ValueError(f"A nonce has {NONCE_BYTES} bytes.")
    return b64url(nonce + AESGCM(key).encrypt(nonce, plain, bound_to.encode()))


def unseal(key: bytes, sealed: str, *, bound_to: str) -> bytes | None:
    """What was sealed, or None when key, record or text is another."""
    data = from_b64url(sealed)
    if data is None or len(data) <= NONCE_BYTES:
        return None
    try:
        return AESGCM(key).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], bound_to.encode())
    except InvalidTag:
        return None


def b64url(data: bytes) -> str:
    """Base64url without padding (RFC 7515 section 2)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def from_b64url(text: str) -> bytes | None:
    """The bytes of the one text that `b64url` gives for them; None for padding, `+`, `/`, spare bits, anything else."""
    if not _BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        return None
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return data if b64url(data) == text else None
