"""How much of a case its reader gets to see: what policy hides from their roles, and what is not settled yet."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from companion.core.duties import may
from companion.core.handoff import Handoff, State
from companion.core.redaction import hidden, redact_value, scrub
from companion.credentials import Caller


def something_hidden(handoff: Handoff, who: Caller) -> bool:
    """Whether policy hides something of this case from this person. Automations read whole: they sent it."""
    return who.kind == "human" and bool(hidden(handoff.terms.redactions, who.roles))


def scrubbed(value: Any, handoff: Handoff, package: bytes, who: Caller) -> Any:
    """Any JSON about a case, with what its package hides from this reader masked in it."""
    return scrub(value, package, handoff.terms.redactions, who.roles) if something_hidden(handoff, who) else value


def unsettled(handoff: Handoff, who: Caller) -> bool:
    """Whether a decision stands that can still be taken back, and that this reader must not act on."""
    return who.kind == "automation" and handoff.undo_until_ms is not None


def as_seen(handoff: Handoff, who: Caller) -> Handoff:
    """The case as this reader may know it: while a decision can be taken back, no automation reads of it."""
    if not unsettled(handoff, who):
        return handoff
    decision = handoff.decision
    assert decision is not None, "an undo window begins with a decision"
    edited = decision.package_digest != handoff.package_digest
    return replace(
        handoff,
        state=State.PENDING,
        version=handoff.version - 1,
        decision=None,
        undo_until_ms=None,
        package_digest=decision.package_digest,
        package_version=handoff.package_version - 1 if edited else handoff.package_version,
        gate_results=tuple(each for each in handoff.gate_results if each.at_ms < decision.at_ms),
    )


def events_seen(events: list[dict[str, Any]], handoff: Handoff, who: Caller) -> list[dict[str, Any]]:
    """The history without a decision that this reader is not told yet."""
    if not unsettled(handoff, who) or handoff.decision is None:
        return events
    return [event for event in events if event["event_id"] != handoff.decision.event_id]


def blind_to(handoff: Handoff, who: Caller) -> str | None:
    """Whose reasons this reader learns only after deciding: the first reviewer's (R-GATE-12); None where nobody's.

    Whoever may give the second review is blind, also when another role of theirs reads everything.
    """
    first = handoff.first_review
    if handoff.state is not State.AWAITING_SECOND_REVIEW or first is None or not handoff.terms.second_review_blind:
        return None
    if who.kind != "human" or first.by_id == who.actor.id or not may(who.roles, "decide", handoff):
        return None
    return first.by_id


OUTCOME_DIGESTS: Final = ("request_digest", "output_digest", "final_output_digest", "response_digest")


def outcome_seen(told: Mapping[str, Any], handoff: Handoff, package: bytes, who: Caller) -> dict[str, Any]:
    """An outcome as `/v1/decisions` gives it, without what policy hides from this person.

    Digests of the payload go too: a short value can be guessed from one.
    """
    if not something_hidden(handoff, who):
        return dict(told)
    redactions = handoff.terms.redactions
    shown = {**told, **{name: None for name in OUTCOME_DIGESTS if name in told}}
    if "task_id" in shown:
        shown["task_id"] = None
    shown["output"] = redact_value(told["output"], "model_output", package, redactions, who.roles)
    event = shown.get("event")
    if event is not None:
        # Its details hold an edit before and after.
        kept = {name: value for name, value in event.items() if name not in ("input_snapshot", "model_output")}
        shown["event"] = kept | {"details": None}
    return scrub(shown, package, redactions, who.roles)  # type: ignore[no-any-return]
