"""One's own passkeys: made in a browser where one is signed in."""

from typing import Any

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from companion.core.decide import Refused
from companion.core.times import iso
from companion.identity.passkeys import Passkey
from companion.web import models, models_identity
from companion.web.answers import json_answer, problem_of
from companion.web.callers import caller, in_a_browser, services
from companion.web.problems import not_found

api = APIBlueprint("passkeys", __name__, abp_tags=[Tag(name="Passkeys", description="Keys that cannot be phished.")])


@api.post("/v1/passkeys/options", summary="Begin to make a passkey")
def options(body: models_identity.Empty) -> Response:  # noqa: ARG001 -- checked before we come here
    """What the page hands to navigator.credentials.create(), and the nonce to send back with the answer."""
    who = in_a_browser()
    stale = services().passkeys.too_long_ago(who)
    if stale is not None:
        raise problem_of(stale)
    person = services().directory.find_reviewer(who.actor.id)
    if person is None:
        raise not_found()
    asked, nonce = services().passkeys.ask_to_make(person)
    return json_answer({"options": asked, "nonce": nonce})


@api.post("/v1/passkeys", summary="Keep a new passkey")
def make(body: models_identity.NewPasskey) -> Response:
    """From the second one on, the sign-in must be less than ten minutes old."""
    made = services().passkeys.make(in_a_browser(), body.name, body.nonce, body.credential)
    if isinstance(made, Refused):
        raise problem_of(made)
    return json_answer(_told(made), 201)


@api.get("/v1/passkeys", summary="One's own passkeys")
def list_passkeys() -> Response:
    """Names and times; the keys themselves stay in the authenticators."""
    return json_answer({"items": [_told(each) for each in services().passkeys.of(caller().actor.id)]})


@api.delete("/v1/passkeys/<string:id>", summary="Remove a passkey")
def remove(path: models.ById) -> Response:
    """It signs nobody in any more, and confirms nothing."""
    done = services().passkeys.remove(in_a_browser(), path.id)
    if isinstance(done, Refused):
        raise problem_of(done)
    if not done:
        raise not_found()
    return Response(status=204)


def _told(passkey: Passkey) -> dict[str, Any]:
    used = passkey.last_used_at_ms
    return {
        "id": passkey.id,
        "name": passkey.name,
        "created_at": iso(passkey.created_at_ms),
        "last_used_at": iso(used) if used else None,
        "backed_up": passkey.backed_up,
    }
