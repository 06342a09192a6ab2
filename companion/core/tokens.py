"""Package tokens: ES256 signed JWTs that carry a context package (RFC 7515, 7519, 8725; rows J1 to J7, A1).

A token shows that the companion wrote the package. It is never authority to decide.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Literal

from cryptography.hazmat.primitives.asymmetric import ec
from jwt import PyJWS

from companion.core.canonical import canonical_bytes
from companion.core.ids import is_id
from companion.core.keyring import KeyRing, KeyState, Rejected, RingKey, is_kid
from companion.core.sealing import b64url, from_b64url
from companion.core.strict_json import Limits, MalformedJson, deeper_than, parse_strict

Audience = Literal["n8n", "page"]

TOKEN_TYPE: Final = "handoff+jwt"  # noqa: S105 - a media type, no secret
TOKEN_LIFETIME_S: Final = 900
MAX_TOKEN_BYTES: Final = 16 * 1024
MAX_DEPTH: Final = 32
"""Of the whole payload; the package is at 2, so `request` and `model_output` may be 30 deep."""
CLOCK_SKEW_S: Final = 60
"""How far another host's clock may be ahead of ours before its token is not yet valid."""

_ALGORITHM: Final = "ES256"
_HEADER: Final = frozenset({"alg", "kid", "typ"})
_HEADER_LIMITS: Final = Limits(body_bytes=512, depth=1, values=8, string_chars=128)
_PAYLOAD_LIMITS: Final = Limits(body_bytes=MAX_TOKEN_BYTES, depth=MAX_DEPTH)
_JTI: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SIGNATURE_BYTES: Final = 64
_LATEST_S: Final = 253_402_300_799  # the end of year 9999
_JWS: Final = PyJWS(algorithms=[_ALGORITHM])
_ES256: Final = _JWS.get_algorithm_by_name(_ALGORITHM)
_PLACE: Final = b'"package":null'


@dataclass(frozen=True, slots=True)
class View:
    """What a token for the page says beside the package: the digests of this view and of the whole, and for whom."""

    view_digest: str
    package_digest: str
    role: str


@dataclass(frozen=True, slots=True)
class Content:
    """All that a token says. The same content under the same key and signature gives the same bytes.

    `package` are canonical bytes and go in as they are; `view` belongs to tokens for the page, and only to them.
    """

    issuer: str
    audience: Audience
    handoff_id: str
    jti: str
    issued_at_s: int
    package: bytes = field(repr=False)
    view: View | None = None


@dataclass(frozen=True, slots=True)
class Minted:
    """A token, and the two parts that `reassemble` needs beside the content to build it again."""

    token: str
    kid: str
    signature: str


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says. `jti` is the key for replay checks: the text of one token can be written twice."""

    issuer: str
    audience: str
    handoff_id: str
    jti: str
    issued_at_s: int
    expires_at_s: int
    package: dict[str, Any] = field(repr=False)
    view: View | None


def mint(content: Content, key: RingKey) -> Minted:
    """Sign `content`. Raises ValueError when the key cannot sign, and for what `verify` would refuse as too large."""
    if key.private is None:
        raise ValueError("This key can only verify.")
    payload = _payload(content)
    signed = f"{_header_segment(key.kid)}.{b64url(payload)}"
    signature = b64url(_ES256.sign(signed.encode(), key.private))
    token = f"{signed}.{signature}"
    if len(token) > MAX_TOKEN_BYTES or deeper_than(payload, MAX_DEPTH):
        raise ValueError(f"A token has at most {MAX_TOKEN_BYTES} bytes and {MAX_DEPTH} levels.")
    return Minted(token, key.kid, signature)


def reassemble(content: Content, kid: str, signature: str) -> str:
    """A token that was minted before, byte for byte (row A1). ES256 signatures are random, so the first one is kept."""
    return f"{_header_segment(kid)}.{b64url(_payload(content))}.{signature}"


@lru_cache(maxsize=64)
def _header_segment(kid: str) -> str:
    """The same for every token of a key."""
    return b64url(canonical_bytes({"alg": _ALGORITHM, "kid": kid, "typ": TOKEN_TYPE}))


def verify(
    token: object, ring: KeyRing, *, audience: Audience, issuer: str, now_ms: int, subject: str | None = None
) -> Claims | Rejected:
    """The claims of a token of ours that is valid now, for this audience, and about `subject` where that is given.

    The algorithm is pinned and the header may hold nothing but alg, kid and typ, so no token chooses how it is checked.
    """
    if not isinstance(token, str):
        return Rejected("token_malformed", "A token is text.")
    if len(token) > MAX_TOKEN_BYTES:
        return Rejected("token_too_large", f"A token has at most {MAX_TOKEN_BYTES} bytes.")
    segments = token.split(".")
    if len(segments) != 3:
        return Rejected("token_malformed", "A token has three segments.")
    header, payload, signature = (from_b64url(segment) for segment in segments)
    if header is None or payload is None or signature is None or len(signature) != _SIGNATURE_BYTES:
        return Rejected(
            "token_malformed", "A segment is not base64url without padding, or the signature is not ES256's."
        )
    key = _key(header, ring)
    if isinstance(key, Rejected):
        return key
    if not _ES256.verify(token.rpartition(".")[0].encode(), key, signature):
        return Rejected("token_signature", "The signature does not fit this token.")
    try:
        claims = parse_strict(payload, _PAYLOAD_LIMITS)
    except MalformedJson as error:
        return Rejected("token_malformed", f"The payload is refused: {error.code}.")
    return _checked(claims, audience, issuer, now_ms // 1000, subject)


def _payload(content: Content) -> bytes:
    claims: dict[str, Any] = {
        "aud": content.audience,
        "exp": content.issued_at_s + TOKEN_LIFETIME_S,
        "iat": content.issued_at_s,
        "iss": content.issuer,
        "jti": content.jti,
        "package": None,
        "sub": content.handoff_id,
    }
    if content.view is not None:
        claims |= {
            "package_digest": content.view.package_digest,
            "role": content.view.role,
            "view_digest": content.view.view_digest,
        }
    # Quotes inside of strings are escaped, so these bytes occur once: as the member.
    before, _, after = canonical_bytes(claims).partition(_PLACE)
    return b'%s"package":%s%s' % (before, content.package, after)


def _key(data: bytes, ring: KeyRing) -> ec.EllipticCurvePublicKey | Rejected:
    """The key to check with. Algorithm, members and type are judged before any key is looked up."""
    try:
        header = parse_strict(data, _HEADER_LIMITS)
    except MalformedJson as error:
        return Rejected("token_malformed", f"The header is refused: {error.code}.")
    if not isinstance(header, dict):
        return Rejected("token_malformed", "The header is no object.")
    if header.get("alg") != _ALGORITHM:
        return Rejected("token_algorithm", f"Tokens are signed with {_ALGORITHM}, and with nothing else.")
    if header.get("typ") != TOKEN_TYPE:
        return Rejected("token_type", f"The header's typ must be {TOKEN_TYPE}.")
    if set(header) != _HEADER:
        return Rejected("token_header", "The header holds alg, kid and typ, and nothing else.")
    if not is_kid(header["kid"]):
        return Rejected("token_key_unknown", "The header's kid has not the form of a key id.")
    key = ring.find(header["kid"])
    if key is None:
        return Rejected("token_key_unknown", "No key of ours has this kid.")
    if key.state is KeyState.RETIRED:
        return Rejected("token_key_retired", "The key that signed this token is retired. Fetch a new token.")
    return key.public


def _checked(claims: Any, audience: str, issuer: str, now_s: int, subject: str | None) -> Claims | Rejected:
    """Row J6: every claim there, of its type, in its range; then the values that must be equal; then the time."""
    if not isinstance(claims, dict):
        return Rejected("token_claims", "The payload is no object.")
    for name in ("iss", "aud", "sub", "jti"):
        if not isinstance(claims.get(name), str):
            return Rejected("token_claims", f"{name} must be one text.")
    for name in ("iat", "exp") + (("nbf",) if "nbf" in claims else ()):
        at_s = claims.get(name)
        if type(at_s) is not int or not 0 <= at_s <= _LATEST_S:
            return Rejected("token_claims", f"{name} must be a whole number of seconds since 1970.")
    if not _JTI.fullmatch(claims["jti"]) or not is_id(claims["sub"], "ho"):
        return Rejected("token_claims", "jti or sub has not the form of an id.")
    if not isinstance(claims.get("package"), dict):
        return Rejected("token_claims", "package must be an object.")
    view = _view(claims, audience)
    if isinstance(view, Rejected):
        return view
    if claims["iss"] != issuer:
        return Rejected("token_issuer", "Another companion issued this token.")
    if claims["aud"] != audience:
        return Rejected("token_audience", f"This token is not meant for {audience}.")
    if subject is not None and claims["sub"] != subject:
        return Rejected("token_subject", "This token is about another handoff.")
    if claims["exp"] <= now_s:
        return Rejected("token_expired", "This token has expired. Fetch a new one.")
    if max(claims["iat"], claims.get("nbf", 0)) > now_s + CLOCK_SKEW_S:
        return Rejected("token_not_yet_valid", "This token is from the future. Check the clocks.")
    return Claims(
        claims["iss"],
        claims["aud"],
        claims["sub"],
        claims["jti"],
        claims["iat"],
        claims["exp"],
        claims["package"],
        view,
    )


def _view(claims: dict[str, Any], audience: str) -> View | Rejected | None:
    if audience != "page":
        return None
    view_digest, package_digest, role = (claims.get(name) for name in ("view_digest", "package_digest", "role"))
    if isinstance(view_digest, str) and isinstance(package_digest, str) and isinstance(role, str):
        return View(view_digest, package_digest, role)
    return Rejected("token_claims", "A token for the page names view_digest, package_digest and role.")
