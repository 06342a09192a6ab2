"""Signing in with a passkey, at an identity provider or by a trusted proxy; how a page elsewhere gets its session."""

from typing import Any, Final
from urllib.parse import quote

from flask import Response, redirect, request
from flask_openapi3 import APIBlueprint, Tag

from companion.core.decide import Refused
from companion.identity.credentials import Reviewer
from companion.web import models_identity
from companion.web.answers import json_answer, problem_of
from companion.web.attempts import note
from companion.web.callers import caller, from_the_page_elsewhere, identity_at_the_proxy, services, session_required
from companion.web.problems import Problem
from companion.web.sessions import browser_words, from_the_page, on_the_page_elsewhere, signed_in

api = APIBlueprint("sign_in", __name__, abp_tags=[Tag(name="Sessions")])

TRIP_COOKIE: Final = "handoff_trip"
TRIP_S: Final = 600


@api.post("/v1/sign-ins/passkey/options", summary="Begin to sign in with a passkey")
def passkey_options(body: models_identity.Empty) -> Response:  # noqa: ARG001 -- checked before we come here
    """What the page hands to navigator.credentials.get(), and the nonce to send back with the answer."""
    from_the_page()
    options, nonce = services().passkeys.ask_to_use()
    return json_answer({"options": options, "nonce": nonce})


@api.post("/v1/sign-ins/passkey", summary="Sign in with a passkey")
def by_passkey(body: models_identity.PasskeySignIn) -> Response:
    """The passkey says who it is; nothing is typed."""
    from_the_page()
    return _as(services().passkeys.use(body.nonce, body.credential), "passkey")


@api.post("/v1/sign-ins/proxy", summary="Sign in as the trusted proxy says")
def by_proxy(body: models_identity.Empty) -> Response:  # noqa: ARG001 -- checked before we come here
    """Where HANDOFF_IDENTITY_HEADER is set. The session holds while the proxy goes on naming the same person."""
    from_the_page()
    return _as(services().federation.at_the_proxy(identity_at_the_proxy()), "proxy")


@api.get("/v1/sign-ins/oidc", summary="Sign in at the identity provider")
def to_provider(query: models_identity.OidcStart) -> Response:
    """For a link, not for a script: the browser goes there, and comes back to the page at `back`."""
    begun = services().federation.begin(query.back)
    if isinstance(begun, Refused):
        return _back_to_the_page(begun, query.back)
    address, browser = begun
    answer = _redirect(address)
    answer.set_cookie(
        _trip_cookie(),
        browser,
        max_age=TRIP_S,
        path="/",
        secure=services().secure_cookies,
        httponly=True,
        # The provider sends the browser back from its own site, with this cookie.
        samesite="Lax",
    )
    return answer


@api.get("/v1/sign-ins/oidc/callback", summary="Come back from the identity provider")
def from_provider(query: models_identity.OidcAnswer) -> Response:
    """Where the provider sends the browser. It ends on the page: signed in, or with the reason why not."""
    browser = request.cookies.get(_trip_cookie(), "")
    person, back = services().federation.end(query.model_dump(), browser)
    if isinstance(person, Refused):
        answer = _back_to_the_page(person, back)
    else:
        session = services().directory.sign_in(person, "oidc", browser_words())
        answer = signed_in(session, _redirect(f"{services().settings.public_url}/#{back}"))
    if browser:
        answer.delete_cookie(_trip_cookie(), path="/", secure=services().secure_cookies, httponly=True, samesite="Lax")
    return answer


@api.post("/v1/sign-in-codes", summary="Hand this sign-in to the page elsewhere")
def make_code(body: models_identity.CodeRequest) -> Response:
    """A code that the page on the other origin, and nobody else, exchanges once, within a minute."""
    elsewhere, who = services().page_elsewhere, caller()
    if elsewhere is None:
        raise Problem("no_other_page", "The page is served from here; HANDOFF_PAGE_URL names no other place.")
    if body.origin not in (None, elsewhere):
        raise Problem("origin_refused", "Codes are for the page that HANDOFF_PAGE_URL names, and for no other.")
    if who.session_id is None or request.headers.get("Authorization") is not None:
        raise session_required()
    code = services().directory.make_code(who, body.challenge)
    return json_answer({"code": code, "return_to": services().settings.page_url}, 201)


@api.post("/v1/sessions/exchange", summary="Take up a sign-in on the page elsewhere")
def exchange(body: models_identity.CodeExchange) -> Response:
    """Only from the page's own origin. The session is over when the one that it came from is."""
    if not from_the_page_elsewhere():
        raise Problem("origin_refused", "This must be sent by the page that HANDOFF_PAGE_URL names.")
    session = services().directory.exchange(body.code, body.verifier)
    if session is None:
        raise Problem("code_refused", "This code was used, is over, or is not this page's; sign in once more.")
    return on_the_page_elsewhere(session)


@api.get("/.well-known/webauthn", summary="Origins that use our passkeys")
def related_origins() -> Response:
    """WebAuthn Level 3, related origins: the page elsewhere confirms with the same passkeys."""
    elsewhere = services().page_elsewhere
    return json_answer({"origins": [services().own_origin, *([elsewhere] if elsewhere else [])]})


def _as(person: Reviewer | Refused, method: Any) -> Response:
    if isinstance(person, Refused):
        raise problem_of(person)
    return signed_in(services().directory.sign_in(person, method, browser_words()))


def _back_to_the_page(refused: Refused, back: str) -> Response:
    """A browser that nobody's script drives: the page says in words what is wrong."""
    if refused.code == "not_found":
        raise problem_of(refused)
    note(problem_of(refused))
    page = services().settings.public_url
    return _redirect(f"{page}/#/sign-in?error={refused.code}&back={quote(back, safe='')}")


def _redirect(address: str) -> Response:
    answer = redirect(address, 303)
    # The text of werkzeug repeats the address, which may hold a code.
    answer.set_data(b"")
    return answer  # type: ignore[return-value]


def _trip_cookie() -> str:
    return f"__Host-{TRIP_COOKIE}" if services().secure_cookies else TRIP_COOKIE
