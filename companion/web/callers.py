"""Who calls: an automation with an API key, a person with a session or a personal token, or nobody."""

from typing import Any

from flask import current_app, g, request

from companion.credentials import Caller
from companion.web.problems import Problem

COOKIE_LOCAL, COOKIE_SECURE = "handoff_session", "__Host-handoff_session"


def services() -> Any:
    """The parts built by bootstrap, kept on the app."""
    return current_app.extensions["handoff"]


def caller() -> Caller:
    """The caller of this request, as the permission check established it."""
    found: Caller = g.caller
    return found


def authenticate() -> Caller | None:
    """Who calls, by bearer or cookie; None without any credential.

    Raises Problem for a credential that is not valid, and for a cookie request that another site may have sent (L9).
    """
    header = request.headers.get("Authorization")
    if header is not None:
        scheme, _, secret = header.partition(" ")
        found: Caller | None = services().directory.by_bearer(secret.strip()) if scheme.lower() == "bearer" else None
        if found is None:
            raise Problem(
                "credential_invalid", "This API key or token is unknown or revoked. Send it as: Authorization: Bearer …"
            )
        return found
    cookie = request.cookies.get(cookie_name())
    if cookie is None:
        return None
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        refuse_foreign_site()
    found = services().directory.by_session(cookie)
    if found is None:
        raise Problem(
            "credential_invalid", "This session is over. Open your link again, or ask for a new enrolment link."
        )
    return found


def refuse_foreign_site() -> None:
    """Refuse a request that a page of another origin could have made with this browser's cookie (security row L9)."""
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    if origin not in services().page_origins or site not in (None, "same-origin"):
        raise Problem("origin_refused", "This must be sent by the Handoff page itself.")
    # A form of any site can send other types without asking; JSON it cannot.
    has_body = bool(request.content_length) or "Transfer-Encoding" in request.headers
    if has_body and request.mimetype != "application/json":
        raise Problem("origin_refused", "The Handoff page sends JSON; this came as something else.")


def cookie_name() -> str:
    """A `__Host-` cookie wherever there is TLS; on plain http, which only local mode allows, browsers refuse it."""
    return COOKIE_SECURE if services().secure_cookies else COOKIE_LOCAL
