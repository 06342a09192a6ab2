"""What the endpoints of signing in, passkeys, tokens and absences answer, for the description."""

from typing import Final

from companion.web.schemas import (
    MAYBE_MOMENT,
    MAYBE_OBJECT,
    MAYBE_TEXT,
    MOMENT,
    TEXT,
    WHOLE,
    YES_OR_NO,
    Schema,
    list_of,
    named,
    object_of,
)

_SESSION: Final[Schema] = object_of(
    reviewer=object_of(id=TEXT, name=TEXT, email=MAYBE_TEXT, roles=list_of(TEXT), absence=MAYBE_OBJECT),
    assurance=TEXT,
    method=TEXT,
    expires_at=MAYBE_MOMENT,
    passkeys=WHOLE,
)
_TOKEN: Final[dict[str, Schema]] = {"id": TEXT, "label": TEXT, "created_at": MOMENT}

IDENTITY_SCHEMAS: Final[dict[str, Schema]] = {
    "Session": _SESSION,
    "PageSession": object_of(**_SESSION["properties"], session=TEXT),
    "Sessions": object_of(
        items=list_of(
            object_of(
                id=TEXT, created_at=MOMENT, expires_at=MOMENT, last_used_at=MOMENT, assurance=TEXT, method=TEXT,
                browser=MAYBE_TEXT, current=YES_OR_NO,
            )
        )
    ),
    "Ceremony": {
        **object_of(options={"type": "object"}, nonce=TEXT),
        "description": "`options` are for navigator.credentials, in the JSON form of WebAuthn Level 3.",
    },
    "Passkey": object_of(id=TEXT, name=TEXT, created_at=MOMENT, last_used_at=MAYBE_MOMENT, backed_up=YES_OR_NO),
    "Passkeys": object_of(items=list_of(named("Passkey"))),
    "NewToken": object_of(**_TOKEN, token={**TEXT, "description": "Shown this once."}),
    "Tokens": object_of(items=list_of(object_of(**_TOKEN))),
    "SignInCode": object_of(code=TEXT, return_to=TEXT),
    "Absence": object_of(
        reviewer=object_of(id=TEXT, name=TEXT, absence=MAYBE_OBJECT), moved=list_of(object_of(id=TEXT, title=TEXT))
    ),
    "Origins": object_of(origins=list_of(TEXT)),
}  # fmt: skip

IDENTITY_ANSWERS: Final[dict[tuple[str, str], tuple[int, str | None]]] = {
    ("POST", "/v1/enrolments"): (200, "Session"),
    ("POST", "/v1/sessions"): (200, "Session"),
    ("GET", "/v1/sessions"): (200, "Sessions"),
    ("GET", "/v1/sessions/current"): (200, "Session"),
    ("DELETE", "/v1/sessions/current"): (204, None),
    ("DELETE", "/v1/sessions/{id}"): (204, None),
    ("POST", "/v1/sessions/exchange"): (200, "PageSession"),
    ("POST", "/v1/sign-in-codes"): (201, "SignInCode"),
    ("POST", "/v1/sign-ins/passkey/options"): (200, "Ceremony"),
    ("POST", "/v1/sign-ins/passkey"): (200, "Session"),
    ("POST", "/v1/sign-ins/proxy"): (200, "Session"),
    ("GET", "/v1/sign-ins/oidc"): (303, None),
    ("GET", "/v1/sign-ins/oidc/callback"): (303, None),
    ("POST", "/v1/passkeys/options"): (200, "Ceremony"),
    ("POST", "/v1/passkeys"): (201, "Passkey"),
    ("GET", "/v1/passkeys"): (200, "Passkeys"),
    ("DELETE", "/v1/passkeys/{id}"): (204, None),
    ("GET", "/v1/tokens"): (200, "Tokens"),
    ("POST", "/v1/tokens"): (201, "NewToken"),
    ("DELETE", "/v1/tokens/{id}"): (204, None),
    ("PUT", "/v1/reviewers/{id}/absence"): (200, "Absence"),
    ("DELETE", "/v1/reviewers/{id}/absence"): (200, "Absence"),
    ("POST", "/v1/handoffs/{id}/challenges"): (200, "Ceremony"),
    ("GET", "/.well-known/webauthn"): (200, "Origins"),
}
