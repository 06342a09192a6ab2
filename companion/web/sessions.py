"""How a person becomes known: a one-time enrolment link, a personal link, and the sessions that follow."""

from typing import Any

from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag

from companion.core.times import iso
from companion.credentials import Caller
from companion.directory import NewSession
from companion.web import models as m
from companion.web.answers import json_answer
from companion.web.callers import caller, cookie_name, refuse_foreign_site, services
from companion.web.handoffs import not_found
from companion.web.problems import Problem

api = APIBlueprint("sessions", __name__, abp_tags=[Tag(name="Sessions", description="Who is there.")])


@api.post("/v1/enrolments", summary="Enrol this browser")
def enrol(body: m.Enrolment) -> Response:
    """Use a one-time enrolment link; from then on this browser is signed in as that person."""
    _from_the_page()
    session = services().directory.enrol(body.token)
    if session is None:
        raise Problem(
            "enrolment_refused",
            "This enrolment link was used or is over. Ask for a new one: handoff reviewer enrol NAME.",
        )
    return _signed_in(session)


@api.post("/v1/sessions", summary="Open a personal link")
def open_link(body: m.LinkSession) -> Response:
    """Sessions of a personal link open their own case only, and decide only with the word that the page shows.

    Opening a link fifty times burns nothing (security row L3). A browser that is signed in as the same person stays so.
    """
    _from_the_page()
    session = services().directory.open_link(body.handoff_id, body.reviewer_id, body.generation, body.mac)
    if session is None:
        raise Problem("link_refused", "This link is not valid any more. Ask for a new one, or sign in.")
    signed_in = services().directory.by_session(request.cookies.get(cookie_name(), ""))
    if signed_in is not None and signed_in.assurance != "link" and signed_in.actor.id == session.caller.actor.id:
        return json_answer(_told(signed_in, None))
    return _signed_in(session)


@api.get("/v1/sessions/current", summary="Who am I")
def current() -> Response:
    """The person of this session or token."""
    return json_answer(_told(caller(), None))


@api.delete("/v1/sessions/current", summary="Sign out")
def sign_out() -> Response:
    """End this session."""
    who = caller()
    if who.session_hash is not None:
        services().directory.end_session(who.actor.id, who.session_hash)
    answer = Response(status=204)
    answer.delete_cookie(cookie_name(), path="/", secure=services().secure_cookies, httponly=True, samesite="Strict")
    return answer


@api.get("/v1/sessions", summary="One's own sessions")
def list_sessions() -> Response:
    """Where one is signed in."""
    who = caller()
    items = [
        {
            "id": secret_hash[:16],
            "created_at": iso(record["created_at_ms"]),
            "expires_at": iso(record["expires_at_ms"]),
            "assurance": record["assurance"],
            "current": secret_hash == who.session_hash,
        }
        for secret_hash, record in services().directory.sessions_of(who.actor.id)
    ]
    return json_answer({"items": items})


@api.delete("/v1/sessions/<string:id>", summary="End one of one's own sessions")
def end_session(path: m.ById) -> Response:
    """Sign out elsewhere."""
    who = caller()
    for secret_hash, _ in services().directory.sessions_of(who.actor.id):
        if secret_hash[:16] == path.id:
            services().directory.end_session(who.actor.id, secret_hash)
            return Response(status=204)
    raise not_found()


def _from_the_page() -> None:
    """A browser must send these from the page; a program without an Origin has no cookie to steal."""
    if request.headers.get("Origin") is not None or request.headers.get("Sec-Fetch-Site") is not None:
        refuse_foreign_site()


def _signed_in(session: NewSession) -> Response:
    answer = json_answer(_told(session.caller, session.expires_at_ms))
    answer.set_cookie(
        cookie_name(),
        session.secret,
        max_age=session.ttl_s,
        path="/",
        secure=services().secure_cookies,
        httponly=True,
        samesite="Strict",
    )
    return answer


def _told(who: Caller, expires_at_ms: int | None) -> dict[str, Any]:
    person = {
        "id": who.actor.id,
        "name": who.actor.name,
        "email": who.actor.email,
        "roles": sorted(who.roles),
        "workflows": None if who.workflows is None else list(who.workflows),
    }
    return {"reviewer": person, "assurance": who.assurance, "expires_at": iso(expires_at_ms) if expires_at_ms else None}
