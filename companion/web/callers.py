"""Who calls: an automation with an API key, a person with a session or a personal token, or nobody."""

from typing import Final

from flask import current_app, g, request

from companion.bootstrap import Services
from companion.core.links import SecretKind
from companion.identity.credentials import Caller
from companion.web.problems import Problem

COOKIE_LOCAL, COOKIE_SECURE = "handoff_session", "__Host-handoff_session"
VIA_PROXY: Final = "handoff.via_proxy"
"""Set in the environment of a request that a trusted proxy passed on."""


def services() -> Services:
    """The parts built by bootstrap, kept on the app."""
    found: Services = current_app.extensions["handoff"]
    return found


def caller() -> Caller:
    """The caller of this request, as the permission check established it."""
    found: Caller = g.caller
    return found


def sees_every_queue(who: Caller) -> bool:
    """Whether the caller sees all cases of their workflows, so that none has to be looked at to know."""
    return who.only_handoff_id is None and who.queues is None and who.skills_seen is None


def in_a_browser() -> Caller:
    """The caller, who must be signed in in a browser. A token that could make a passkey could confirm with it."""
    who = caller()
    if who.session_id is None:
        raise session_required()
    return who


def session_required() -> Problem:
    """For what a script must not do in a person's name."""
    return Problem("session_required", "Only somebody who is signed in in a browser may do this; a token may not.")


def authenticate() -> Caller | None:
    """Who calls, by bearer or cookie; None without any credential.

    Raises Problem for a credential that is not valid, and for a cookie request that another site may have sent (L9).
    """
    header = request.headers.get("Authorization")
    if header is not None:
        found = _by_bearer(header)
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
    if found is None or not _still_at_the_proxy(found):
        raise Problem("credential_invalid", "This session is over. Sign in again, or open your link again.")
    if found.renew:
        g.new_session = services().directory.renew(cookie)
    return found


def _by_bearer(header: str) -> Caller | None:
    scheme, _, secret = header.partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer":
        return None
    if not secret.startswith(SecretKind.PAGE_SESSION.value):
        return services().directory.by_bearer(secret)
    # Only from the page elsewhere: in no other place does it belong.
    found = services().directory.by_page_session(secret) if from_the_page_elsewhere() else None
    return found if found is not None and _still_at_the_proxy(found) else None


def from_the_page_elsewhere() -> bool:
    """Whether a page on another origin than ours, the one that the settings name, sent this request."""
    elsewhere = services().page_elsewhere
    return elsewhere is not None and request.headers.get("Origin") == elsewhere


def identity_at_the_proxy() -> str | None:
    """Who the proxy in front says is there; only one that is trusted is heard (R-INT-14)."""
    name = services().settings.identity_header
    if name is None or not request.environ.get(VIA_PROXY):
        return None
    values = request.headers.getlist(name)
    # Two of them: the client sent one as well, and which is the proxy's cannot be told.
    return values[0].strip().casefold() or None if len(values) == 1 and "," not in values[0] else None


def _still_at_the_proxy(who: Caller) -> bool:
    """A session that the proxy vouched for holds while the proxy goes on saying that this person is there."""
    if who.method != "proxy":
        return True
    there = identity_at_the_proxy()
    return there is not None and there == (who.actor.email or "").casefold()


def refuse_foreign_site() -> None:
    """Refuse a request that a page of another origin could have made with this browser's cookie (security row L9)."""
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    if origin != services().own_origin or site not in (None, "same-origin"):
        raise Problem("origin_refused", "This must be sent by the Handoff page itself.")
    # A form of any site can send other types without asking; JSON it cannot.
    has_body = bool(request.content_length) or "Transfer-Encoding" in request.headers
    if has_body and request.mimetype != "application/json":
        raise Problem("origin_refused", "The Handoff page sends JSON; this came as something else.")


def cookie_name() -> str:
    """A `__Host-` cookie wherever there is TLS; on plain http, which only local mode allows, browsers refuse it."""
    return COOKIE_SECURE if services().secure_cookies else COOKIE_LOCAL
