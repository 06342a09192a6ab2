"""One's own personal tokens, for one's own scripts."""

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from companion.core.times import iso
from companion.web import models, models_identity
from companion.web.answers import json_answer
from companion.web.callers import caller, in_a_browser, services
from companion.web.problems import Problem, not_found

api = APIBlueprint("tokens", __name__, abp_tags=[Tag(name="Tokens", description="A person's own scripts.")])

MOST = 50


@api.get("/v1/tokens", summary="One's own tokens")
def list_tokens() -> Response:
    """Without their secrets, which nobody keeps."""
    items = [
        {"id": token.id, "label": token.label, "created_at": iso(token.created_at_ms)}
        for token in services().directory.list_tokens(caller().actor.id)
    ]
    return json_answer({"items": items})


@api.post("/v1/tokens", summary="Make a token")
def make(body: models_identity.NewToken) -> Response:
    """It is shown this once. A script with it acts as the person, but confirms nothing that needs a passkey."""
    who = in_a_browser()
    if len(services().directory.list_tokens(who.actor.id)) >= MOST:
        raise Problem("too_many_tokens", f"You have {MOST} tokens; end one that nothing uses any more.")
    token, text = services().directory.create_token(who.actor.id, body.label, actor=who.actor)
    document = {"id": token.id, "label": token.label, "created_at": iso(token.created_at_ms), "token": text}
    return json_answer(document, 201)


@api.delete("/v1/tokens/<string:id>", summary="End a token")
def end(path: models.ById) -> Response:
    """It is refused within a second."""
    who = caller()
    if path.id not in [token.id for token in services().directory.list_tokens(who.actor.id)]:
        raise not_found()
    services().directory.revoke_token(path.id, actor=who.actor)
    return Response(status=204)
