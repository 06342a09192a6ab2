"""One case for its caller: found or not there, the live view of it, and what an act on it is answered with."""

import json
from dataclasses import replace
from typing import Any, Final

from flask import Response

from companion.core.decide import Refused
from companion.core.handoff import Handoff
from companion.core.ids import is_id
from companion.core.redaction import redact_value, view
from companion.identity.credentials import Caller
from companion.service import refusals
from companion.service.handoffs import BuildCommand, Done
from companion.store.protocol import Once, Stored
from companion.web.answers import json_answer, problem_of
from companion.web.callers import caller, services
from companion.web.problems import Problem
from companion.web.views.offers import (
    actions,
    assurance,
    duties,
    escalation_targets,
    gates,
    second_review,
    triage,
    undo,
)
from companion.web.views.redacted import (
    Words,
    as_seen,
    blind_to,
    events_seen,
    form_shown,
    scrubbed,
    scrubbed_members,
    something_hidden,
    unsettled,
)
from companion.web.views.rows import delivery_summary, disagreements, reason_codes, routing, row, story


def visible(handoff_id: str) -> Stored:
    """The handoff with its package, if the caller may see it."""
    stored = _stored(handoff_id)
    if stored is None or not caller().may_see(stored.handoff):
        raise unseen(handoff_id)
    return stored


def _stored(handoff_id: str) -> Stored | None:
    return services().store.load(handoff_id) if is_id(handoff_id, "ho") else None


def unseen(handoff_id: str) -> Problem:
    """The 404 of what does not exist (row A3); 403 where only the training for its queue is missing (R-GATE-18)."""
    stored = _stored(handoff_id)
    return problem_of(refusals.unseen(stored.handoff if stored else None, caller()))


def live(handoff: Handoff, package: bytes) -> dict[str, Any]:
    """The live view of one handoff for the caller."""
    found, who, now_ms = services(), caller(), services().clock.now_ms()
    events, delivery = found.store.surroundings(handoff)
    told, seen = events_seen(events, handoff, who), as_seen(handoff, who)
    history, notes = story(told, blind_to(handoff, who))
    shown = json.loads(view(package, handoff.terms.redactions, who.roles) if who.kind == "human" else package)
    beside = {
        **row(handoff, who, now_ms, found.service.review_url(handoff.id), reasoned=True),
        "disagreements": disagreements(handoff, _names(handoff)),
        "gates": gates(seen, who, found.service.judge.policy_in_force(handoff), now_ms),
        "notes": notes,
        "history": history,
    }
    if something_hidden(handoff, who):
        masked = scrubbed_members(beside, handoff, package, who)
        beside = Words(told, handoff, package, who).put_into(masked, beside)
    document: dict[str, Any] = beside | {
        "delivery": delivery_summary(delivery),
        "actions": actions(seen, who, now_ms),
        "duties": duties(handoff, who),
        "reason_codes": reason_codes(handoff),
        "escalation_targets": escalation_targets(handoff),
        "response_form": form_shown(handoff, package, who),
        "confidence_bands": dict(zip(("green_from", "yellow_from"), handoff.terms.confidence_bands, strict=True)),
        "routing": routing(handoff, shown),
        "assurance": assurance(handoff, who),
        "triage": triage(handoff, who, found.policies),
        "second_review": second_review(seen, who),
        "undo": undo(seen, who),
        "receipt": receipt(seen),
        "redacted": [place["label"] for place in shown.get("redacted", ())],
        "confirm_word": found.directory.confirm_word(handoff, who) if who.assurance == "link" else None,
        "execution_url": _execution_url(handoff, package, who),
    }
    if seen.approved:
        output = found.service.approved_output(handoff, package)
        hides = something_hidden(handoff, who)
        document["output"] = (
            redact_value(output, "model_output", package, handoff.terms.redactions, who.roles) if hides else output
        )
    if seen.decision is not None and who.kind == "automation":
        # For the copy that a workflow keeps when it does not verify callbacks and asks here instead.
        document["event"] = next((e for e in told if e["event_id"] == seen.decision.event_id), None)
    return document


def _execution_url(handoff: Handoff, package: bytes, who: Caller) -> str | None:
    """The way back to the execution; none where it repeats what is hidden, for with a mask it leads nowhere."""
    url = handoff.execution_url
    return url if scrubbed(url, handoff, package, who) == url else None


def _names(handoff: Handoff) -> dict[str, str]:
    """The names of those who disagreed."""
    if not handoff.disagreements:
        return {}
    return {person.id: person.name for person in services().directory.list_reviewers()}


def receipt(handoff: Handoff) -> dict[str, str] | None:
    """By what a decision is found again: its event, and the digest of the package that was shown (R-UI-27)."""
    decision = handoff.decision
    return None if decision is None else {"event_id": decision.event_id, "digest": decision.package_digest}


def act(handoff_id: str, build: BuildCommand, once: Once | None = None) -> Response:
    """Run one command of the caller and answer with the case as it stands then."""
    return acted(handoff_id, services().service.act(handoff_id, build, may_see=caller().may_see, once=once))


def acted(handoff_id: str, done: Done | Refused) -> Response:
    """The answer to an act: the handoff as it stands now, and the event that records the act."""
    if isinstance(done, Refused):
        raise refusal(handoff_id, done)
    document = live(done.handoff, done.package)
    seen = as_seen(done.handoff, caller())
    decision_action = seen.decision.decision_action if seen.decision else None
    answer = json_answer(document | {"event_id": done.event_id, "decision_action": decision_action})
    if done.replayed:
        answer.headers["Idempotency-Replayed"] = "true"
    return answer


def refusal(handoff_id: str, refused: Refused) -> Problem:
    """The problem of a refused act, with the case as it stands for the caller."""
    if refused.code == "not_found":
        return unseen(handoff_id)
    current = services().store.load(handoff_id)
    if current is None:
        return problem_of(refused)
    if unsettled(current.handoff, caller()):
        # The words of the refusal would tell an automation of a decision that may still be taken back.
        refused = NOT_APPROVED if refused.code in ("not_approved", "output_changed") else BEING_DECIDED
    # The words may quote the case: the title of a field, a name.
    refused = replace(refused, detail=scrubbed(refused.detail, current.handoff, current.package, caller()))
    return problem_of(refused, live(current.handoff, current.package))


NOT_APPROVED: Final = Refused("not_approved", "Nobody approved this; nothing may be done with it.")
BEING_DECIDED: Final = Refused("busy", "Somebody is deciding this case at the moment; try again.")
