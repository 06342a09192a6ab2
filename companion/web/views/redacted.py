"""How much of a case its reader gets to see: what policy hides from their roles, and what is not settled yet."""

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any, Final

from companion.core.duties import may
from companion.core.events import HIDDEN_FROM_AUTHOR
from companion.core.handoff import Handoff
from companion.core.redaction import hidden, redact_value, scrub, view
from companion.core.rules.taking_back import before_decision
from companion.core.rules.two_reviews import first_given, kept_back
from companion.identity.credentials import Caller
from companion.service.standing import Standing


def something_hidden(handoff: Handoff, who: Caller) -> bool:
    """Whether policy hides something of this case from this person. Automations read whole: they sent it."""
    return who.kind == "human" and bool(hidden(handoff.terms.redactions, who.roles))


def hides(standing: Standing, who: Caller) -> bool:
    """Whether the policy in force of a workflow hides something from this person."""
    # What a policy that cannot be read would hide is not known.
    return not standing.readable or bool(hidden(standing.policy.terms.redactions, who.roles))


def scrubbed(value: Any, handoff: Handoff, package: bytes, who: Caller) -> Any:
    """Any JSON about a case, with what its package hides from this reader masked in it."""
    return scrub(value, package, handoff.terms.redactions, who.roles) if something_hidden(handoff, who) else value


UNSAID: Final = "[redacted 1]"
"""What stands in a field that was filled in with something hidden, whatever became of it."""


class Words:
    """What people wrote about a case, masked for its reader without the places that its author was not shown.

    Else a note full of guesses would show its author which one is right, by the mask in its place.
    """

    def __init__(self, events: Sequence[Mapping[str, Any]], handoff: Handoff, package: bytes, who: Caller) -> None:
        self._redactions, self._package, self._roles = handoff.terms.redactions, package, who.roles
        self._unseen: dict[str, frozenset[str]] = {}
        form = handoff.response_form or {"properties": {}}
        fields = form["properties"]
        self._prefilled = _prefilled_unseen(form, scrubbed(form, handoff, package, who))
        self._typed = {name for name, field in fields.items() if "enum" not in field}
        self._empty = {name for name in self._typed if "default" not in fields[name]}
        for event in events:
            # Whoever was shown the whole case may quote what their role alone would not have shown them.
            shown_all = event["event_type"] == "handoff.disclosed"
            author, unseen = event["decision_actor"]["id"], frozenset() if shown_all else _unseen(event)
            self._unseen[author] = self._unseen.get(author, unseen) & unseen

    def of(self, author: str | None, words: Any) -> Any:
        """The words of an author, as the reader may know them."""
        unseen = self._unseen.get(author or "", frozenset())
        left = tuple(each for each in self._redactions if each.path not in unseen)
        return scrub(words, self._package, left, self._roles)

    def put_into(self, masked: dict[str, Any], whole: Mapping[str, Any]) -> dict[str, Any]:
        """The masked live view with what people wrote in it; `whole` is the same without masks."""
        for name in ("notes", "history"):
            for shown, told in zip(masked[name], whole[name], strict=True):
                author = told["by"]["id"]
                shown["text"] = self.of(author, told["text"])
                for check, answered in zip(shown.get("gate_results", ()), told.get("gate_results", ()), strict=True):
                    check["note"] = self.of(author, answered["note"])
        decider, first = whole["decided_by"], whole["first_approval"]
        if masked["decision"] is not None and decider is not None:
            masked["decision"]["rationale"] = self.of(decider["id"], whole["decision"]["rationale"])
            self.fill(masked["decision"], whole["decision"], (first["by"] if first else decider)["id"])
        if first:
            self.fill(masked["first_approval"], first, first["by"]["id"])
        # Masked when it was written, for every reader: by the opening, or without what the triager could not know.
        masked["category"] = whole["category"]
        asked = [told["by"]["id"] for told in whole["history"] if told["type"] == "handoff.question"]
        masked["question_open"] = self.of(asked[-1] if asked else None, whole["question_open"])
        for gate, plain in zip(masked["gates"], whole["gates"], strict=True):
            for item, told in zip(gate["items"], plain["items"], strict=True):
                item["note"] = self.of(told["by"]["id"] if told["by"] else None, told["note"])
        return masked

    def fill(self, masked: dict[str, Any], whole: Mapping[str, Any], author: str) -> None:
        """What an author filled into the form; a field full of guesses tells no more than a note would.

        What was left as it was filled in before, or chosen by its mask, is no guess: its author was not shown it.
        """
        if not whole["response"]:
            return
        written = {each["field"] for each in whole["corrections"] if each["field"] in self._typed} | self._empty
        shown = {name: self.of(author, value) for name, value in whole["response"].items() if name in written}
        masked["response"] = {**masked["response"], **shown}
        for told, plain in zip(masked["corrections"], whole["corrections"], strict=True):
            if plain["field"] in self._typed:
                told["after"] = self.of(author, plain["after"])
        # Whoever was not shown what was filled in before would learn it from what counts as a correction of it.
        masked["response"] |= {name: UNSAID for name in self._prefilled if name in masked["response"]}
        masked["corrections"] = [each for each in masked["corrections"] if each["field"] not in self._prefilled]


def _unseen(event: Mapping[str, Any]) -> frozenset[str]:
    """The places that whoever did this was not shown."""
    return frozenset((event.get("details") or {}).get(HIDDEN_FROM_AUTHOR, ()))


def blobs_shown(package: bytes, handoff: Handoff, who: Caller) -> frozenset[str]:
    """SHA-256 of each large value and attachment that this reader's view of the package names."""
    shown = json.loads(view(package, handoff.terms.redactions, who.roles))
    return frozenset(entry["sha256"] for part in ("large_values", "attachments") for entry in shown[part])


LEFT_EMPTY: Final = "What is filled in here is hidden from you; left empty, it stays as it is."


def form_shown(handoff: Handoff, package: bytes, who: Caller) -> dict[str, Any] | None:
    """The form of the case with what is hidden from this reader masked, and not prefilled with it."""
    form = handoff.response_form
    if form is None or not something_hidden(handoff, who):
        return None if form is None else dict(form)
    shown: dict[str, Any] = scrubbed(form, handoff, package, who)
    unseen = _prefilled_unseen(form, shown)
    for name in unseen:
        field = shown["properties"][name]
        del field["default"]
        field["description"] = LEFT_EMPTY
    if "required" in shown:
        shown["required"] = [name for name in shown["required"] if name not in unseen]
    return shown


def response_meant(
    given: Mapping[str, Any] | None, handoff: Handoff, package: bytes, who: Caller
) -> Mapping[str, Any] | None:
    """A filled-in form as its reader meant it: what they were not shown stays, a masked choice is the one behind it."""
    form = handoff.response_form
    if form is None or given is None or not something_hidden(handoff, who):
        return given
    shown: dict[str, Any] = scrubbed(form, handoff, package, who)
    meant = dict(given)
    for name in _prefilled_unseen(form, shown):
        if meant.get(name) in (None, ""):
            meant[name] = form["properties"][name]["default"]
    for name, field in form["properties"].items():
        masked = shown["properties"].get(name, {}).get("enum", [])
        # Two choices that look the same are told apart by nobody.
        if name in given and masked.count(given[name]) == 1:
            meant[name] = field["enum"][masked.index(given[name])]
        elif name in given and given[name] in field.get("enum", ()):
            # Guessed, for they were not shown it: as any wrong guess, it is none of the choices.
            meant[name] = None
    return meant


def _prefilled_unseen(form: Mapping[str, Any], shown: Mapping[str, Any]) -> list[str]:
    """The fields whose prefilled answer holds something hidden."""
    return [
        name
        for name, field in form["properties"].items()
        if "default" in field
        and name in shown["properties"]
        and shown["properties"][name]["default"] != field["default"]
    ]


def scrubbed_members(document: dict[str, Any], handoff: Handoff, package: bytes, who: Caller) -> dict[str, Any]:
    """The same for a document of ours: its values are masked and no name of a member, though a value be “notes”."""
    shown = deepcopy(document)
    places = list(_places(shown))
    masked = scrubbed([inside[at] for inside, at in places], handoff, package, who)
    for (inside, at), value in zip(places, masked, strict=True):
        inside[at] = value
    return shown


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Where a document holds a text or a number; what was filled into a form has names that are not ours."""
    for at, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(inner, dict | list) and at != "response":
            yield from _places(inner)
        else:
            yield value, at


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
        before_decision(handoff),
        version=handoff.version - 1,
        package_digest=decision.package_digest,
        package_version=handoff.package_version - 1 if edited else handoff.package_version,
    )


def events_seen(events: list[dict[str, Any]], handoff: Handoff, who: Caller) -> list[dict[str, Any]]:
    """The history without a decision that this reader is not told yet."""
    if not unsettled(handoff, who) or handoff.decision is None:
        return events
    ids = [event["event_id"] for event in events]
    # What people say after it gives the decision away as well.
    return events[: ids.index(handoff.decision.event_id)] if handoff.decision.event_id in ids else events


def blind_to(handoff: Handoff, who: Caller) -> frozenset[str]:
    """Whose reasons this reader learns only when the outcome stands: a first reviewer's (R-GATE-12).

    Whoever may give the second review is blind, also when another role of theirs reads everything.
    """
    # On this case or once it has come up to them: what on-call reads before, they know when they answer.
    if who.kind != "human" or not may(who.roles, "decide"):
        return frozenset()
    return kept_back(handoff) - {who.actor.id}


OUTCOME_DIGESTS: Final = ("request_digest", "output_digest", "final_output_digest", "response_digest")


def outcome_seen(
    told: Mapping[str, Any], events: Sequence[Mapping[str, Any]], handoff: Handoff, package: bytes, who: Caller
) -> dict[str, Any]:
    """An outcome as `/v1/decisions` gives it, without what policy hides from this person; `events` are the case's.

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
    masked: dict[str, Any] = scrub(shown, package, redactions, who.roles)
    words, decider = Words(events, handoff, package, who), told["decided_by"]["id"]
    masked["rationale"] = words.of(decider, told["rationale"])
    if event is not None:
        masked["event"] = {**masked["event"], "justification": words.of(decider, event["justification"])}
    first = first_given(handoff)
    words.fill(masked, told, first.by_id if first else decider)
    return masked
