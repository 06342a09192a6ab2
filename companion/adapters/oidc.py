"""An identity provider: OpenID Connect Core 1.0, the code flow with PKCE (RFC 7636), by Authlib.

The identity token's signature is checked by PyJWT, with algorithms and keys that we choose; its claims by Authlib.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

import jwt
import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken

from companion.adapters.clock import Clock

TIMEOUT_S: Final = 10
LEEWAY_S: Final = 60
FRESH_MS: Final = 10 * 60 * 1000
"""How long a discovery document and keys are believed."""
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Public keys only: with a shared secret the provider's tokens could be made here."""


class NotSignedIn(Exception):
    """The provider, or what it said, does not let anybody in: a stable code, and a sentence."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Person:
    """Who the provider says is there. `subject` never changes there; the rest may."""

    subject: str
    email: str | None
    email_verified: bool
    name: str | None
    claims: Mapping[str, Any] = field(repr=False)


class Provider:
    """One identity provider, asked when somebody signs in."""

    def __init__(
        self, issuer: str, client_id: str, client_secret: str | None, scopes: str, redirect_uri: str, clock: Clock
    ) -> None:
        self.issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._scopes = scopes
        self._redirect_uri = redirect_uri
        self._clock = clock
        self._read: dict[str, tuple[int, dict[str, Any]]] = {}
        self._lock = Lock()

    def address(self, state: str, nonce: str, verifier: str) -> str:
        """Where to send the browser. Raises NotSignedIn."""
        with self._session() as session:
            url, _ = session.create_authorization_url(
                self._metadata()["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        return str(url)

    def finish(self, code: str, verifier: str, nonce: str) -> Person:
        """Who signed in there. Raises NotSignedIn."""
        metadata = self._metadata()
        with self._session() as session:
            try:
                token = session.fetch_token(metadata["token_endpoint"], code=code, code_verifier=verifier)
            except AuthlibBaseError as error:
                detail = "The identity provider does not take this sign-in: it was used before, or took too long."
                raise NotSignedIn("oidc_code_refused", detail) from error
            except (requests.RequestException, ValueError) as error:
                raise UNREACHABLE from error
            claims = self._checked(token, nonce)
            claims = {**self._userinfo(session, metadata, claims["sub"]), **claims}
        return Person(
            subject=str(claims["sub"]),
            email=claims["email"] if isinstance(claims.get("email"), str) else None,
            email_verified=claims.get("email_verified") is True,
            name=claims["name"] if isinstance(claims.get("name"), str) else None,
            claims=claims,
        )

    def _session(self) -> Any:
        return OAuth2Session(
            self._client_id,
            self._client_secret,
            scope=self._scopes,
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            default_timeout=TIMEOUT_S,
        )

    def _checked(self, token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """The claims of the identity token, which is signed by this provider, for us, now, for this sign-in."""
        text = token.get("id_token")
        if not isinstance(text, str):
            raise _refused("it sent no identity token")
        try:
            header = jwt.get_unverified_header(text)
            key = self._key(str(header.get("kid", "")))
            # Times are looked at below, by our own clock; here the signature counts.
            unchecked = dict.fromkeys(("verify_exp", "verify_iat", "verify_nbf", "verify_aud", "verify_iss"), False)
            payload = jwt.decode(text, key, algorithms=list(ALGORITHMS), options=unchecked)  # type: ignore[arg-type]
            asked = {"nonce": nonce, "client_id": self._client_id, "access_token": token.get("access_token")}
            for_us = {"iss": {"essential": True}, "aud": {"essential": True, "value": self._client_id}}
            CodeIDToken(payload, header, for_us, asked).validate(self._clock.now_ms() // 1000, LEEWAY_S)
        except NotSignedIn:
            raise
        except Exception as error:  # two libraries read what somebody else wrote: whatever they make of it, it is none
            raise _refused(str(error)[:200]) from error
        if payload["iss"] != self.issuer:
            raise NotSignedIn("oidc_issuer_mismatch", "Another identity provider answered than was asked.")
        return dict(payload)

    def _userinfo(self, session: Any, metadata: Mapping[str, Any], subject: str) -> dict[str, Any]:
        """What the provider tells besides the token, about the same person."""
        endpoint = metadata.get("userinfo_endpoint")
        if not endpoint:
            return {}
        try:
            answer = session.get(endpoint, timeout=TIMEOUT_S, allow_redirects=False)
            told = answer.json() if answer.status_code == 200 else {}
        except (requests.RequestException, AuthlibBaseError, ValueError) as error:
            raise UNREACHABLE from error
        if not isinstance(told, dict) or told.get("sub", subject) != subject:
            raise _refused("it told about somebody else than its token")
        return told

    def _metadata(self) -> dict[str, Any]:
        found = self._get(self.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise NotSignedIn("oidc_issuer_mismatch", "The identity provider calls itself something else than asked.")
        if not all(isinstance(found.get(f"{name}_endpoint"), str) for name in ("authorization", "token")):
            raise UNREACHABLE
        return found

    def _key(self, kid: str) -> Any:
        """The provider's key of that id; read once more where it is new."""
        address = str(self._metadata().get("jwks_uri", ""))
        for again in (False, True):
            keys = jwt.PyJWKSet.from_dict(self._get(address, again=again)).keys
            fitting = [key for key in keys if key.key_id == kid] if kid else keys if len(keys) == 1 else []
            if fitting:
                return fitting[0]
        raise _refused("it signed with a key that it does not publish")

    def _get(self, address: str, *, again: bool = False) -> dict[str, Any]:
        now_ms = self._clock.monotonic_ms()
        held = self._read.get(address)
        if held is not None and not again and now_ms - held[0] < FRESH_MS:
            return held[1]
        try:
            answer = requests.get(address, timeout=TIMEOUT_S, allow_redirects=False)
            found = answer.json() if answer.status_code == 200 else None
        except (requests.RequestException, ValueError) as error:
            raise UNREACHABLE from error
        if not isinstance(found, dict):
            raise UNREACHABLE
        with self._lock:
            self._read[address] = (now_ms, found)
        return found


UNREACHABLE: Final = NotSignedIn("oidc_unreachable", "The identity provider does not answer as it should; try again.")


def _refused(why: str) -> NotSignedIn:
    return NotSignedIn("oidc_token_refused", f"What the identity provider said does not hold: {why}.")
