"""POST /handoff/complete: the article's endpoint, where the package token names the handoff (R-ACT-02, R-ACT-12)."""

from flask import Response, g
from flask_openapi3 import APIBlueprint, Tag

from companion.core import commands as c
from companion.core.handoff import Actor
from companion.core.keyring import Rejected
from companion.store.protocol import Stored
from companion.web import models_desk
from companion.web.callers import caller, services
from companion.web.case import acted
from companion.web.confirming import actor_for
from companion.web.deciding import decided
from companion.web.problems import Problem

api = APIBlueprint("completion", __name__, abp_tags=[Tag(name="Handoffs")])


@api.post("/handoff/complete", summary="Act on the handoff that a package token names")
def complete(body: models_desk.Completion) -> Response:
    """Seven actions. The token shows what was seen and is never authority: the caller's own credential is asked for.

    Each token gives one command; its `jti` is what is remembered, because a token's text can be written twice (row J8).
    """
    claims = services().signer.verify(body.package_token, "page")
    if isinstance(claims, Rejected):
        raise Problem("package_token_refused", claims.detail, field="/package_token")
    assert claims.view is not None, "verify gives tokens for the page a view"
    handoff_id, view = claims.handoff_id, claims.view
    g.completed = handoff_id
    if body.action in ("approve", "reject", "modify"):
        return decided(handoff_id, body, body.action, None, view.package_digest, view.view_digest, claims.jti)

    who = actor_for(handoff_id, body.step_up)

    def build(_: Stored, event_id: str) -> c.Command:
        return _command(body, who, event_id)

    return acted(handoff_id, services().service.act(handoff_id, build, may_see=caller().may_see, jti=claims.jti))


def _command(body: models_desk.Completion, actor: Actor, event_id: str) -> c.Command:
    if body.action in ("annotate", "request_info"):
        if body.text is None:
            raise Problem("text_required", "Say it in text.", field="/text")
        return (
            c.Annotate(actor, event_id, body.text) if body.action == "annotate" else c.Ask(actor, event_id, body.text)
        )
    if body.reason_code is None:
        raise Problem("reason_code_required", "Say why with a reason code.", field="/reason_code")
    if body.action == "escalate":
        return c.Escalate(
            actor, event_id, body.reason_code, body.rationale, body.target, body.urgency, body.sla_feasible
        )
    if actor.assurance == "link":
        # As at the rollback's own address, which the table closes to links (row L4).
        raise Problem("assurance_too_low", "A personal link takes no approval back; sign in for this.")
    return c.RollBack(actor, event_id, body.reason_code, body.rationale)
