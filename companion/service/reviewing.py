"""What people send about a case, made into commands: forms checked, edits restored and judged, policies looked up."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from companion.adapters.clock import Clock
from companion.core import commands as c
from companion.core import redaction
from companion.core.canonical import canonical_bytes
from companion.core.decide import Refused
from companion.core.handoff import Actor, Handoff
from companion.core.opening import ROW_CHARACTERS
from companion.core.package import Package, digest_of, full_value
from companion.core.pointers import known_part
from companion.core.policy.vocabulary import RISK_TIERS
from companion.core.redaction import public_texts
from companion.core.response import Response, check
from companion.core.revision import edit_output, next_version
from companion.core.rules.answering import NOT_FILLED_ANEW
from companion.core.rules.rising import not_this_edit
from companion.core.rules.two_reviews import first_given
from companion.core.similar import known_here
from companion.core.terms import Terms
from companion.service.judge import Judge, guidance
from companion.service.judging_again import NOTHING_FOUND, EditFindings, JudgingAgain, raised_of
from companion.store.protocol import Stored
from companion.store.redis import RedisStore

__all__ = ["DecisionForm", "EditFindings", "Reviewing", "Sorting"]


def by_hand(_: Handoff) -> bool:
    """Whoever is signed in decides deliberately."""
    return True


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """A decision as it comes in."""

    action: Literal["approve", "reject", "modify"]
    expected_version: int | None
    package_digest: str
    view_digest: str | None = None
    reason_code: str | None = None
    rationale: str | None = None
    edited_output: Any = None
    evidence: Sequence[Mapping[str, Any]] = ()
    gate_answers: Sequence[c.GateAnswer] = ()
    response: Mapping[str, Any] | None = None
    mark: Literal["false_positive", "false_negative"] | None = None
    urgency: str | None = None
    sla_feasible: bool | None = None
    batch_id: str | None = None
    deliberate: Callable[[Handoff], bool] = by_hand
    """Whether this version's confirm word was given; asked of personal links only."""
    jti: str | None = None


@dataclass(frozen=True, slots=True)
class Sorting:
    """What a triager says of a case; None where it stays."""

    expected_version: int
    category: str | None
    queue: str | None
    risk_tier: str | None
    reason_code: str | None
    rationale: str | None


class Reviewing:
    """Makes commands out of forms. What it reads besides the case is read when it is needed only."""

    def __init__(self, store: RedisStore, judge: Judge, clock: Clock) -> None:
        self._store = store
        self._judge = judge
        self._again = JudgingAgain(judge, clock)
        self._clock = clock

    def decision(self, stored: Stored, event_id: str, actor: Actor, form: DecisionForm) -> c.Decide | Refused:
        """A decision on this very view of the case."""
        handoff = stored.handoff
        if (unseen := _other_view(stored, actor, form)) is not None:
            return unseen
        edit, findings = None, NOTHING_FOUND
        if form.edited_output is not None:
            blobs = self._store.blobs(handoff)
            output = _restored(stored, blobs, actor, form.edited_output)
            if isinstance(output, Refused):
                return output
            shown = _shown_output(stored, blobs, actor)
            same = canonical_bytes(form.edited_output) == canonical_bytes(shown)
            edit = edit_output(handoff, stored.package, blobs, output, self._salt(), unchanged=same)
            came = self._findings(stored, blobs, actor, output)
            if isinstance(came, Refused):
                return came
            findings = came
        filled = _filled(handoff, form, actor)
        if isinstance(filled, Refused):
            return filled
        return c.Decide(
            actor=actor,
            event_id=event_id,
            action=form.action,
            expected_version=form.expected_version,
            package_digest=form.package_digest,
            view_digest=form.view_digest,
            reason_code=form.reason_code,
            rationale=form.rationale,
            edit=edit,
            deliberate=form.deliberate(handoff),
            evidence=tuple(form.evidence),
            gate_answers=tuple(form.gate_answers),
            policy_in_force=self._judge.policy_in_force(handoff),
            response=filled.value,
            corrections=filled.corrections,
            mark=form.mark,
            urgency=form.urgency,
            sla_feasible=form.sla_feasible,
            batch_id=form.batch_id,
            refused_by_edit_check=findings.refused,
            edit_marks=findings.marks,
            raised=findings.raised,
        )

    def triage(self, stored: Stored, event_id: str, actor: Actor, sorting: Sorting) -> c.Triage | Refused:
        """A case sorted: the policy in force judges it with what the triager said of it."""
        handoff = stored.handoff
        said = {
            "category": sorting.category or handoff.category,
            "risk_tier": sorting.risk_tier or handoff.risk_tier,
        }
        judged = self._again.said(stored, self._store.blobs(handoff), said)
        if isinstance(judged, Refused):
            return judged
        found, queues = guidance(judged), judged.policy.queues
        if sorting.queue not in (None, handoff.queue, *queues):
            known = ", ".join(sorted(queues)) or "none"
            return Refused("unknown_queue", f"The queues of this policy: {known}.", "/queue")
        queue = sorting.queue or found.queue or handoff.queue
        skills = tuple(queues[queue]["skills"]) if queue is not None and queue in queues else ()
        # Where the rules sent it, it asks for what they said, which can be more than its queue does.
        skills = found.skills if queue == found.queue else skills
        terms = judged.policy.terms_in(queue)
        asked = {*found.skills, *(("gate", gate.id) for gate in found.terms.gates)}
        texts = _public_texts(stored, actor, judged.fields, terms, sorting.category, found.reasons)
        return c.Triage(
            actor=actor,
            event_id=event_id,
            expected_version=sorting.expected_version,
            category=texts.pop("category"),
            queue=queue,
            skills=skills,
            risk_tier=sorting.risk_tier,
            reason_code=sorting.reason_code,
            rationale=sorting.rationale,
            terms=terms,
            policy_id=found.policy_id,
            policy_version=found.policy_version,
            approvals_needed=found.approvals_needed,
            eases=not asked <= {*skills, *(("gate", gate.id) for gate in terms.gates)},
            refused_by_policy=found.stop,
            # Training and checks go with the place that the triager chose; who eases them does not approve.
            raised=replace(raised_of(handoff, found), skills=(), gates=(), reasons=tuple(texts.pop("raised"))),
            texts=texts,
        )

    def revised(self, stored: Stored, given: Mapping[str, Any]) -> tuple[Package, c.Raised | None] | Refused:
        """The next package of a case whose content is replaced, and what its rules ask for that, as at an opening.

        `given` may have request, model_output, title and question. Where it is empty, the rules have spoken.
        """
        handoff, blobs = stored.handoff, self._store.blobs(stored.handoff)
        parts = {name: given[name] for name in ("request", "model_output") if name in given}
        metadata = {name: given[name] for name in ("title", "question") if name in given}
        raised = None
        if given:
            found = self._again.replaced(stored, blobs, given)
            if isinstance(found, Refused):
                return found
            raised = found
            metadata |= _marked(json.loads(stored.package)["metadata"], raised)
        return next_version(handoff, stored.package, blobs, self._salt(), metadata=metadata, **parts), raised

    def reopened(self, stored: Stored) -> Package:
        """The same content as a new, linked version, for a question that was answered (R-ACT-08)."""
        handoff = stored.handoff
        return next_version(handoff, stored.package, self._store.blobs(handoff), self._salt())

    def undo(self, stored: Stored, event_id: str, actor: Actor) -> c.Undo:
        """A decision taken back; where it edited, with the package that was shown before."""
        handoff = stored.handoff
        if handoff.decision is None or handoff.decision.package_digest == handoff.package_digest:
            return c.Undo(actor, event_id)
        shown = self._store.older_package(handoff.id, handoff.package_version - 1)
        assert shown is not None, "a package version that was replaced is kept as long as its case"
        blobs = self._store.blobs(handoff)
        before = {part: full_value(shown, part, blobs) for part in ("request", "model_output")}
        return c.Undo(actor, event_id, next_version(handoff, stored.package, blobs, self._salt(), **before))

    def check_edit(self, stored: Stored, actor: Actor, edited_output: Any) -> EditFindings | Refused:
        """What the rules of its workflow find in an edited output that they did not find in what was shown."""
        blobs = self._store.blobs(stored.handoff)
        output = _restored(stored, blobs, actor, edited_output)
        if isinstance(output, Refused):
            return output
        found = self._findings(stored, blobs, actor, output)
        if isinstance(found, Refused):
            return found
        # How surely they are known is asked when they decide; here, whether it is theirs at all.
        known = replace(actor, assurance="step_up")
        not_theirs = not_this_edit(stored.handoff, found.raised, known, self._clock.now_ms())
        return found if not_theirs is None or found.refused else replace(found, refused=not_theirs.detail)

    def _findings(
        self, stored: Stored, blobs: Mapping[str, bytes], actor: Actor, output: Any
    ) -> EditFindings | Refused:
        """What the rules find in an edit, in words that say no more of it than its editor may know."""
        found = self._again.edited(stored, blobs, output)
        if isinstance(found, Refused) or found.refused is None:
            return found
        # They name places by names of members: of what is hidden, or of the editor's guesses, for a mask to land on.
        unseen = redaction.hidden(stored.handoff.terms.redactions, actor.roles)
        return replace(found, refused=REFUSED_UNSAID) if unseen else found

    def _salt(self) -> str:
        return self._clock.random_bytes(16).hex()


REFUSED_UNSAID: Final = "The rules do not let this edit pass; where they stopped it would tell what is hidden from you."


def _marked(metadata: Mapping[str, Any], raised: c.Raised) -> dict[str, Any]:
    """What a reviewer is shown of the marks that new content brought, beside those that were there."""
    known = {reason["code"] for reason in metadata["stop_reasons"]}
    return {
        "risk_tier": max(metadata["risk_tier"], raised.risk_tier, key=RISK_TIERS.index),
        "flags": list(dict.fromkeys((*metadata["flags"], *raised.flags))),
        "stop_reasons": [*metadata["stop_reasons"], *(dict(r) for r in raised.reasons if r["code"] not in known)],
    }


def _restored(stored: Stored, blobs: Mapping[str, bytes], actor: Actor, edited_output: Any) -> Any:
    """The edited output with what its author was not shown put back, or why it cannot be."""
    redactions = stored.handoff.terms.redactions
    if not redactions:
        return edited_output
    original = full_value(stored.package, "model_output", blobs)
    came = redaction.restore(edited_output, original, stored.package, redactions, actor.roles)
    if isinstance(came, redaction.HiddenPlaceEdited):
        detail = "You are not shown what stands here, so leave it as it is."
        shown = redaction.redact_value(original, "model_output", stored.package, redactions, actor.roles)
        return Refused("edit_of_redacted", detail, "/edited_output" + known_part(came.pointer, shown))
    return came.value


def _public_texts(
    stored: Stored,
    actor: Actor,
    fields: Mapping[str, Any],
    terms: Terms,
    category: str | None,
    raised: Sequence[Mapping[str, str]],
) -> dict[str, Any]:
    """Topic, title and what else lists show before anybody's role is asked, without what the terms of now hide.

    Of a triager's own words what they were not shown stays: a mask in its place would tell them that they guessed it.
    """
    handoff, metadata = stored.handoff, json.loads(stored.package)["metadata"]
    whole = {**fields, "metadata": metadata}
    impact = public_texts({"impact": metadata.get("impact")}, whole, terms.redactions)["impact"]
    texts = {
        "title": handoff.title,
        "question": handoff.question,
        "approve_label": handoff.approve_label,
        "category": handoff.category,
        "reasons": handoff.reasons,
        "raised": raised,
    }
    masked = public_texts(texts, whole, terms.redactions)
    if category is not None:
        unseen = {each.path for each in redaction.hidden(handoff.terms.redactions, actor.roles)}
        known = (*handoff.terms.redactions, *terms.redactions)
        seen = tuple(each for each in known if each.path not in unseen)
        masked |= public_texts({"category": category}, whole, seen)
    return masked | {"reasons": tuple(masked["reasons"]), "impact": impact and impact[:ROW_CHARACTERS]}


def _shown_output(stored: Stored, blobs: Mapping[str, bytes], actor: Actor) -> Any:
    """The output as its editor sees it; what they cannot see must not decide whether they changed anything."""
    output = full_value(stored.package, "model_output", blobs)
    redactions = stored.handoff.terms.redactions
    return redaction.redact_value(output, "model_output", stored.package, redactions, actor.roles)


def _filled(handoff: Handoff, form: DecisionForm, actor: Actor) -> Response | Refused:
    """What was filled into the form; a rejection needs none of it, and a later approval agrees to that of the first."""
    if form.action == "reject":
        return Response(None)
    if form.action == "approve" and first_given(handoff) is not None:
        if form.response and redaction.hidden(handoff.terms.redactions, actor.roles):
            # Whether it is the first's would tell which guess of a hidden answer is right.
            return NOT_FILLED_ANEW
        return Response(form.response)
    return check(handoff.response_form, form.response)


def _other_view(stored: Stored, actor: Actor, form: DecisionForm) -> Refused | None:
    """A person decides on what their page showed of the package, and on no other view of it (X-17)."""
    other_package = form.package_digest != stored.handoff.package_digest
    if form.view_digest is None or actor.kind != "human" or other_package:
        return None
    package = known_here(stored.package, stored.handoff)
    seen = redaction.view(package, stored.handoff.terms.redactions, actor.roles)
    if digest_of(seen) == form.view_digest:
        return None
    detail = "What you were shown is not what you may see now; load the case again."
    return Refused("view_digest_mismatch", detail, "/view_digest")
