"""The acts on a case that do not settle it: each a noun, each a POST, PUT or DELETE."""

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from companion.core import commands as c
from companion.core.decide import Refused, can_work_on
from companion.core.handoff import UNDECIDED
from companion.core.similar import known_here
from companion.core.terms import Redaction
from companion.service.handoffs import Done
from companion.store.protocol import Stored
from companion.web import models, models_desk
from companion.web.answers import json_answer
from companion.web.callers import caller, services
from companion.web.case import act, acted, refusal, visible
from companion.web.conditions import expected_version, once
from companion.web.confirming import actor_for
from companion.web.problems import Problem

api = APIBlueprint("acts", __name__, abp_tags=[Tag(name="Handoffs")])

WHOLE: tuple[Redaction, ...] = ()
"""What is hidden in a disclosure: nothing."""


@api.put("/v1/handoffs/<string:id>/claim", summary="Take the case for 15 minutes")
def claim(path: models.ById) -> Response:
    """While the claim lasts, others see who holds the case and cannot decide it. One person holds 50 at most."""
    who = caller()
    return acted(path.id, services().service.claim(path.id, who.actor, may_see=who.may_see))


@api.delete("/v1/handoffs/<string:id>/claim", summary="Give the case back")
def release(path: models.ById) -> Response:
    """End one's own claim."""
    return act(path.id, lambda _, event_id: c.Release(caller().actor, event_id))


@api.put("/v1/handoffs/<string:id>/acknowledgement", summary="Say that somebody opened the case")
def acknowledge(path: models.ById) -> Response:
    """The page says it when a signed-in reviewer opens a case; the first time counts, and nothing else changes."""
    return act(path.id, lambda _, event_id: c.Acknowledge(caller().actor, event_id))


@api.put("/v1/handoffs/<string:id>/assignee", summary="Give the case to somebody to look after")
def assign(path: models.ById, body: models_desk.AssigneeBody) -> Response:
    """Whoever looks after a case is named on it; others may decide it all the same. An absent person's backup gets it.

    Somebody who may not see the case, or can do no part of it, cannot look after it.
    """
    handoff, to = visible(path.id).handoff, None
    if body.reviewer_id is not None:
        directory = services().directory
        to = directory.standing_in(body.reviewer_id)
        other = None if to is None else directory.caller_of(to)
        if to is None or other is None or not other.may_see(handoff):
            raise Problem("unknown_reviewer", "There is nobody of that id who may see this case.", field="/reviewer_id")
        if handoff.state in UNDECIDED and not can_work_on(handoff, other.actor, services().clock.now_ms()):
            detail = f"{to.name} can neither sort, check nor answer this case; give it to somebody who can."
            raise Problem("unknown_reviewer", detail, field="/reviewer_id")
    to_id, to_name = (None, None) if to is None else (to.id, to.name)

    def build(_: Stored, event_id: str) -> c.Command:
        return c.Assign(caller().actor, event_id, to_id, to_name, body.rationale)

    return act(path.id, build, once(path.id))


@api.post("/v1/handoffs/<string:id>/triage", summary="Sort the case")
def triage(path: models.ById, body: models_desk.TriageBody) -> Response:
    """Say what it is about, who works on it, and how risky it is; risk can be raised here, never lowered."""
    version, who = expected_version(), caller()
    done = services().service.triage(
        path.id,
        actor_for(path.id, body.step_up, version),
        may_see=who.may_see,
        expected_version=version,
        category=body.category,
        queue=body.queue,
        risk_tier=body.risk_tier,
        reason_code=body.reason_code,
        rationale=body.rationale,
    )
    return acted(path.id, done)


@api.post("/v1/handoffs/<string:id>/escalations", summary="Hand the case to a higher reviewer level")
def escalate(path: models.ById, body: models_desk.EscalationBody) -> Response:
    """Raise the reviewer level, or send it to a target of the policy; everything known about the case goes along."""
    who = actor_for(path.id, body.step_up)

    def build(_: Stored, event_id: str) -> c.Command:
        return c.Escalate(who, event_id, body.reason_code, body.rationale, body.target, body.urgency, body.sla_feasible)

    return act(path.id, build, once(path.id))


@api.post("/v1/handoffs/<string:id>/annotations", summary="Leave a note")
def annotate(path: models.ById, body: models_desk.Note) -> Response:
    """Add a note; nothing is decided."""
    who = actor_for(path.id, body.step_up)
    return act(path.id, lambda _, event_id: c.Annotate(who, event_id, body.text), once(path.id))


@api.post("/v1/handoffs/<string:id>/questions", summary="Ask for information")
def ask(path: models.ById, body: models_desk.Note) -> Response:
    """Hold the case with a question to whoever asked."""
    who = actor_for(path.id, body.step_up)
    return act(path.id, lambda _, event_id: c.Ask(who, event_id, body.text), once(path.id))


@api.post("/v1/handoffs/<string:id>/answers", summary="Answer the open question")
def answer(path: models.ById, body: models.AnswerBody) -> Response:
    """The case comes back to its reviewers as a new package version."""
    who = caller()
    done = services().service.answer(path.id, who.actor, body.text, may_see=who.may_see, once=once(path.id))
    return acted(path.id, done)


@api.post("/v1/handoffs/<string:id>/rollback", summary="Take an approval back")
def roll_back(path: models.ById, body: models_desk.RollbackBody) -> Response:
    """Record that an approval no longer holds."""
    who = actor_for(path.id, body.step_up)
    return act(path.id, lambda _, event_id: c.RollBack(who, event_id, body.reason_code, body.rationale), once(path.id))


@api.post("/v1/handoffs/<string:id>/disclosures", summary="Be shown the whole case")
def disclose(path: models.ById, body: models_desk.DisclosureBody) -> Response:
    """The package with what policy hides from the caller's roles; who asked and why is in the history (X-17)."""
    who, digest = caller(), visible(path.id).handoff.package_digest

    def build(_: Stored, event_id: str) -> c.Command:
        return c.Disclose(who.actor, event_id, body.reason)

    # A reason holds for what it was given for: under the same key another package is disclosed anew.
    done = services().service.act(path.id, build, may_see=who.may_see, once=once(f"{path.id}\n{digest}"))
    if isinstance(done, Done) and done.replayed and done.handoff.package_digest != digest:
        done = Refused("busy", "This case changed at the same moment; try again.")
    if isinstance(done, Refused):
        raise refusal(path.id, done)
    package = known_here(done.package, done.handoff)
    token = services().signer.mint_view(path.id, package, done.handoff.package_digest, WHOLE, who.roles)
    return json_answer({"package_token": token, "event_id": done.event_id})
