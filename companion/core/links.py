"""Secrets that are no package tokens: personal links, confirm words, API keys, sessions, signing secrets of webhooks.

Each has its own key or its own prefix, so that none passes for another (row J5). At rest there are only hashes.
"""

import hmac
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Final

from companion.core.confirm_words import WORDS
from companion.core.sealing import b64url, derive_key, from_b64url

_SECRET: Final = re.compile(r"(hk|hp|hs|he|hb|hc)_([0-9a-z]{8})_([A-Za-z0-9_-]{43})")
_ID_LETTERS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_SECRET_BYTES: Final = 32
_WEBHOOK_PREFIX: Final = "whsec_"
_WEBHOOK_BYTES: Final = range(24, 65)  # Standard Webhooks 1.0: between 24 and 64


@dataclass(frozen=True, slots=True)
class LinkKeys:
    """The HMAC keys of personal links and of confirm words, made once from the server secret."""

    link: bytes = field(repr=False)
    word: bytes = field(repr=False)

    @classmethod
    def of(cls, server_secret: bytes) -> "LinkKeys":
        """Raises ValueError when the secret has less than 32 bytes."""
        return cls(derive_key(server_secret, "personal links"), derive_key(server_secret, "confirm words"))


def link_mac(keys: LinkKeys, handoff_id: str, reviewer_id: str, generation: int) -> str:
    """What makes `PAGE/#/h/ID?by=RV&gen=N&mac=…` this person's own link: 43 characters of base64url.

    A higher generation makes all earlier links of the person void; nothing is stored for a link.
    """
    return b64url(_mac(keys.link, handoff_id, reviewer_id, generation))


def is_link_mac(keys: LinkKeys, handoff_id: str, reviewer_id: str, generation: int, mac: str) -> bool:
    """Whether `mac` is the one of exactly this link; in constant time."""
    given = from_b64url(mac)
    return given is not None and hmac.compare_digest(given, _mac(keys.link, handoff_id, reviewer_id, generation))


def confirm_word(keys: LinkKeys, handoff_id: str, reviewer_id: str, version: int) -> str:
    """The word that a person with link assurance types to decide on this version. It changes when the case changes."""
    return WORDS[_mac(keys.word, handoff_id, reviewer_id, version)[0]]


def is_confirm_word(keys: LinkKeys, handoff_id: str, reviewer_id: str, version: int, typed: str) -> bool:
    """Whether the word was typed; capitals and spaces around it do not matter, for a phone adds them."""
    return typed.strip().lower() == confirm_word(keys, handoff_id, reviewer_id, version)


class SecretKind(StrEnum):
    """What a secret is for, by its prefix."""

    API_KEY = "hk"
    PERSONAL_TOKEN = "hp"  # noqa: S105 - a prefix, no secret
    SESSION = "hs"
    ENROLMENT = "he"
    PAGE_SESSION = "hb"
    """The session of a page on another origin, which sends it as a bearer."""
    SIGN_IN_CODE = "hc"


@dataclass(frozen=True, slots=True)
class Presented:
    """A secret that was sent to us, in good form: `public_id` finds its record, `sha256` is compared with it."""

    kind: SecretKind
    public_id: str
    sha256: str = field(repr=False)

    def is_that_of(self, stored_sha256: str) -> bool:
        """Whether this is the secret whose hash was stored; in constant time."""
        return hmac.compare_digest(self.sha256.encode(), stored_sha256.encode())


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A fresh secret. `text` is shown once; only `public_id` and `sha256` are kept (row A2)."""

    text: str = field(repr=False)
    public_id: str
    sha256: str = field(repr=False)


def new_secret(kind: SecretKind, random_bytes: Callable[[int], bytes], public_id: str | None = None) -> NewSecret:
    """`hk_<8>_<43>` and the like: eight characters to find it by, then 256 random bits.

    `public_id` is given for a secret that replaces another.
    """
    public_id = public_id or "".join(_ID_LETTERS[byte & 31] for byte in random_bytes(8))
    text = f"{kind.value}_{public_id}_{b64url(random_bytes(_SECRET_BYTES))}"
    return NewSecret(text, public_id, _hash(text))


def read_secret(text: str, *kinds: SecretKind) -> Presented | None:
    """A secret of one of these kinds in its one spelling, else None. Whether it is known, the store says."""
    match = _SECRET.fullmatch(text)
    if match is None or SecretKind(match[1]) not in kinds or from_b64url(match[3]) is None:
        return None
    return Presented(SecretKind(match[1]), match[2], _hash(text))


def new_webhook_secret(random_bytes: Callable[[int], bytes]) -> str:
    """`whsec_<base64>` of 256 random bits, as Standard Webhooks writes it."""
    return _WEBHOOK_PREFIX + b64encode(random_bytes(_SECRET_BYTES)).decode()


def webhook_key(text: str) -> bytes | None:
    """The HMAC key of a `whsec_…` secret, or None when it is none, or has less than 192 bits."""
    if not text.startswith(_WEBHOOK_PREFIX):
        return None
    try:
        key = b64decode(text.removeprefix(_WEBHOOK_PREFIX), validate=True)
    except ValueError:
        return None
    one_spelling = b64encode(key).decode() == text.removeprefix(_WEBHOOK_PREFIX)
    return key if one_spelling and len(key) in _WEBHOOK_BYTES else None


def _mac(key: bytes, handoff_id: str, reviewer_id: str, number: int) -> bytes:
    """HMAC-SHA256 over ASCII JSON: no two triples give the same text, and none fails, whatever the ids hold."""
    return hmac.digest(key, json.dumps([handoff_id, reviewer_id, number]).encode(), "sha256")


def _hash(text: str) -> str:
    """A plain SHA-256 is enough: 256 random bits cannot be guessed, so slowness would protect nothing."""
    return sha256(text.encode()).hexdigest()
