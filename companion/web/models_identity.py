"""The bodies of signing in, passkeys, tokens and absences. As strict as the others (security row A6)."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from companion.web.models import Moment, Strict

Name = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"\S")]
Nonce = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
"""Base64url of 32 bytes, without padding."""
Credential = Annotated[dict[str, Any], Field(max_length=20, description="As PublicKeyCredential.toJSON() gives it")]


class Empty(Strict):
    """A body without anything in it: what is sent so is no form of another site."""


class NewPasskey(Strict):
    """Body of POST /v1/passkeys."""

    name: Name
    nonce: Nonce
    credential: Credential


class PasskeySignIn(Strict):
    """Body of POST /v1/sign-ins/passkey."""

    nonce: Nonce
    credential: Credential


class Challenge(Strict):
    """Body of POST /v1/handoffs/{id}/challenges: the very body of the act that follows, without `step_up`."""

    model_config = ConfigDict(strict=True, extra="allow")

    action: Literal[
        "approve", "reject", "modify", "escalate", "ask", "annotate", "roll_back", "triage", "verify", "rollback",
        "request_info",
    ]  # fmt: skip


class CodeRequest(Strict):
    """Body of POST /v1/sign-in-codes."""

    challenge: Sha256
    origin: Annotated[str, StringConstraints(max_length=300)] | None = None


class CodeExchange(Strict):
    """Body of POST /v1/sessions/exchange."""

    code: Annotated[str, StringConstraints(max_length=200)]
    verifier: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._~-]{43,128}$")]


class NewToken(Strict):
    """Body of POST /v1/tokens."""

    label: Name


class AbsenceBody(Strict):
    """Body of PUT /v1/reviewers/{id}/absence; without `from` it begins now."""

    from_: Annotated[Moment | None, Field(alias="from")] = None
    until: Moment
    backup_id: Annotated[str, StringConstraints(max_length=64)] | None = None


class OidcStart(Strict):
    """Query of GET /v1/sign-ins/oidc: where the page goes on afterwards."""

    back: Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9/_.~?=&%-]*$", max_length=500)] = "/"


class OidcAnswer(Strict):
    """Query of GET /v1/sign-ins/oidc/callback: what the identity provider says (RFC 6749, RFC 9207)."""

    model_config = ConfigDict(extra="ignore")

    state: Annotated[str, StringConstraints(max_length=200)] | None = None
    code: Annotated[str, StringConstraints(max_length=4_000)] | None = None
    iss: Annotated[str, StringConstraints(max_length=1_000)] | None = None
    error: Annotated[str, StringConstraints(max_length=200)] | None = None
