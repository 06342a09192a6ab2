"""How a person becomes known: a one-time enrolment link, a personal link, and the sessions that follow."""

import re
from typing import Any, Final

from flask import Response, g, request
from flask_openapi3 import APIBlueprint, Tag

from companion.core.times import iso
from companion.identity.credentials import Caller, Reviewer
from companion.identity.directory import NewSession
from companion.web import models
from companion.web.answers import json_answer
from companion.web.attempts import note_sign_in
from companion.web.callers import (
    caller,
    cookie_name,
    from_the_page_elsewhere,
    refuse_foreign_site,
    services,
)
from companion.web.problems import Problem, not_found

api = APIBlueprint("sessions", __name__, abp_tags=[Tag(name="Sessions", description="Who is there.")])

BROWSERS: Final = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"),
                   ("Safari/", "Safari"))  # fmt: skip
SYSTEMS: Final = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
                  ("Mac OS", "Mac"), ("Linux", "Linux"))  # fmt: skip
"""What browsers call themselves; most claim to be several, so the first that fits counts."""


@api.post("/v1/enrolments", summary="Enrol this browser")
def enrol(body: models.Enrolment) -> Response:
    """Use a one-time enrolment link; from then on this browser is signed in as that person."""
    from_the_page()
    session = services().directory.enrol(body.token, browser_words())
    if session is None:
        raise Problem(
            "enrolment_refused",
            "This enrolment link was used or is over. Ask for a new one: handoff reviewer enrol NAME.",
        )
    return signed_in(session)


@api.post("/v1/sessions", summary="Open a personal link")
def open_link(body: models.LinkSession) -> Response:
    """Sessions of a personal link open their own case only, and decide only with the word that the page shows.

    Opening a link fifty times burns nothing (security row L3). A browser that is signed in as the same person stays so.
    """
    link = (body.handoff_id, body.reviewer_id, body.generation, body.mac)
    if from_the_page_elsewhere():
        session = services().directory.open_link_on_page(*link)
        if session is None:
            raise _link_refused()
        return on_the_page_elsewhere(session)
    from_the_page()
    session = services().directory.open_link(*link, browser_words())
    if session is None:
        raise _link_refused()
    there = services().directory.by_session(request.cookies.get(cookie_name(), ""))
    if there is not None and there.assurance != "link" and there.actor.id == session.caller.actor.id:
        services().directory.sign_out(session.caller)
        return json_answer(told(there, None))
    return signed_in(session)


@api.get("/v1/sessions/current", summary="Who am I")
def current() -> Response:
    """The person of this session or token."""
    return json_answer(told(caller(), None))


@api.delete("/v1/sessions/current", summary="Sign out")
def sign_out() -> Response:
    """End this session; on a page elsewhere, also the one that it came from."""
    who, directory = caller(), services().directory
    bearer = request.headers.get("Authorization", "").partition(" ")[2].strip()
    if bearer:
        directory.end_page_session(bearer)
        directory.forget(bearer)
    elif who.session_id is not None:
        directory.end_session(who.actor.id, who.session_id)
        directory.forget(request.cookies.get(cookie_name(), ""))
    answer = Response(status=204)
    answer.delete_cookie(cookie_name(), path="/", secure=services().secure_cookies, httponly=True, samesite="Strict")
    return answer


@api.get("/v1/sessions", summary="One's own sessions")
def list_sessions() -> Response:
    """Where one is signed in."""
    who = caller()
    items = [
        {
            "id": session_id,
            "created_at": iso(record["created_at_ms"]),
            "expires_at": iso(record["expires_at_ms"]),
            # A secret is replaced when it is used and a day old: that is how exactly this is known.
            "last_used_at": iso(record["renewed_at_ms"]),
            "assurance": record["assurance"],
            "method": record["method"],
            "browser": record["browser"],
            "current": session_id == who.session_id,
        }
        for session_id, record in services().directory.sessions_of(who.actor.id)
    ]
    return json_answer({"items": sorted(items, key=lambda item: item["created_at"])})


@api.delete("/v1/sessions/<string:id>", summary="End one of one's own sessions")
def end_session(path: models.ById) -> Response:
    """Sign out elsewhere."""
    who = caller()
    if path.id not in [session_id for session_id, _ in services().directory.sessions_of(who.actor.id)]:
        raise not_found()
    services().directory.end_session(who.actor.id, path.id)
    return Response(status=204)


def from_the_page() -> None:
    """A browser must send these from the page; a program without an Origin has no cookie to steal."""
    if request.headers.get("Origin") is not None or request.headers.get("Sec-Fetch-Site") is not None:
        refuse_foreign_site()


def browser_words() -> str | None:
    """Which browser this is, in words, for a person to tell their sessions apart."""
    agent = request.headers.get("User-Agent", "")[:500]
    browser = next((name for mark, name in BROWSERS if mark in agent), None)
    system = next((name for mark, name in SYSTEMS if re.search(mark, agent)), None)
    return f"{browser} on {system}" if browser and system else browser or system


def signed_in(session: NewSession, answer: Response | None = None) -> Response:
    """An answer that signs this browser in. What it was signed in as before is over."""
    directory, before = services().directory, request.cookies.get(cookie_name())
    there = directory.by_session(before) if before else None
    if before and there is not None and there.session_id != session.caller.session_id:
        directory.sign_out(there)
        directory.forget(before)
    note_sign_in(session.caller, session.caller.method)
    answer = answer or json_answer(told(session.caller, session.expires_at_ms))
    _set_cookie(answer, session)
    return answer


def carry_new_session(answer: Response) -> Response:
    """Give the browser the new secret of its session, if it got one, and the answer says nothing else of it."""
    session = g.get("new_session")
    if session is not None and "Set-Cookie" not in answer.headers:
        _set_cookie(answer, session)
    return answer


def on_the_page_elsewhere(session: NewSession) -> Response:
    """The same for a page on another origin: it keeps the session in memory and sends it as a bearer."""
    note_sign_in(session.caller, "link" if session.caller.assurance == "link" else "code")
    return json_answer(told(session.caller, session.expires_at_ms) | {"session": session.secret})


def _set_cookie(answer: Response, session: NewSession) -> None:
    answer.set_cookie(
        cookie_name(),
        session.secret,
        max_age=session.ttl_s,
        path="/",
        secure=services().secure_cookies,
        httponly=True,
        samesite="Strict",
    )


def _link_refused() -> Problem:
    return Problem("link_refused", "This link is not valid any more. Ask for a new one, or sign in.")


def told(who: Caller, expires_at_ms: int | None) -> dict[str, Any]:
    """Who somebody is, as they are told themselves."""
    directory = services().directory
    person = directory.find_reviewer(who.actor.id)
    if person is None:
        raise not_found()
    return {
        "reviewer": {
            "id": person.id,
            "name": person.name,
            "email": person.email,
            "roles": sorted(person.roles),
            "workflows": _list(person.workflows),
            "levels": _list(person.levels),
            "queues": _list(person.queues),
            "skills": sorted(person.skills),
            "qualifications": {skill: iso(until) if until else None for skill, until in person.qualifications.items()},
            "absence": absence_told(person),
        },
        "assurance": who.assurance,
        "method": who.method,
        "expires_at": iso(expires_at_ms) if expires_at_ms else None,
        "passkeys": len(services().passkeys.of(person.id)),
    }


def absence_told(person: Reviewer) -> dict[str, Any] | None:
    """When a person is away and who stands in; None when they are there, or the absence is over."""
    absence = person.absence
    if absence is None or absence.until_ms <= services().clock.now_ms():
        return None
    backup = services().directory.find_reviewer(absence.backup_id) if absence.backup_id else None
    return {
        "from": iso(absence.from_ms),
        "until": iso(absence.until_ms),
        "backup": None if backup is None else {"id": backup.id, "name": backup.name},
    }


def _list(values: tuple[Any, ...] | None) -> list[Any] | None:
    return None if values is None else list(values)
