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
from companion.core.opening import Guidance
from companion.core.package import Package, digest_of, full_value
from companion.core.policy.vocabulary import RISK_TIERS
from companion.core.response import Response, check
from companion.core.revision import edit_output, next_version
from companion.core.rules.rising import not_this_edit
from companion.service.judge import ENDING, Judge, deciding_words, guidance
from companion.store.protocol import Stored
from companion.store.redis import RedisStore


@dataclass(frozen=True, slots=True)
class EditFindings:
    """What an edited output brings in: marks that policy lets pass, and why it may not pass, in words."""

    marks: tuple[str, ...]
    refused: str | None
    raised: c.Raised | None = None
    """What the rules ask for it beyond what they ask for what was shown."""


NOTHING_FOUND: Final = EditFindings((), None)


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
            findings = self._findings(stored, blobs, output)
        filled = _filled(handoff, form)
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
        fields = _fields_of(stored, self._store.blobs(handoff)) | said
        (judged,) = self._judge.judge([fields], self._clock.now_ms(), paused=False)
        found, queues = guidance(judged), judged.policy.queues
        if sorting.queue not in (None, handoff.queue, *queues):
            known = ", ".join(sorted(queues)) or "none"
            return Refused("unknown_queue", f"This policy has no queue “{sorting.queue}”. It has: {known}.", "/queue")
        queue = sorting.queue or found.queue or handoff.queue
        skills = tuple(queues[queue]["skills"]) if queue is not None and queue in queues else ()
        # Where the rules sent it, it asks for what they said, which can be more than its queue does.
        skills = found.skills if queue == found.queue else skills
        terms = judged.policy.terms_in(queue)
        asked = {*found.skills, *(("gate", gate.id) for gate in found.terms.gates)}
        return c.Triage(
            actor=actor,
            event_id=event_id,
            expected_version=sorting.expected_version,
            category=_public_category(stored, actor, fields, sorting.category),
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
            fields = {**_fields_of(stored, blobs), **given}
            (judged,) = self._judge.judge([fields], self._clock.now_ms(), paused=False)
            found = guidance(judged)
            if found.stop is not None:
                return Refused("revision_refused_by_policy", found.stop)
            raised = _raised(handoff, found)
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
        found = self._findings(stored, blobs, output)
        # How surely they are known is asked when they decide; here, whether it is theirs at all.
        known = replace(actor, assurance="step_up")
        not_theirs = not_this_edit(stored.handoff, found.raised, known, self._clock.now_ms())
        return found if not_theirs is None or found.refused else replace(found, refused=not_theirs.detail)

    def _findings(self, stored: Stored, blobs: Mapping[str, bytes], output: Any) -> EditFindings:
        shown = _fields_of(stored, blobs)
        cases = [shown, shown | {"model_output": output}]
        judged = self._judge.judge(cases, self._clock.now_ms(), paused=False)
        before, after = (one.evaluation for one in judged)
        known = set(before.flags)
        marks = tuple(flag for flag in after.flags if flag not in known)
        # What would have been ended as it was opened must not come in by an edit.
        ended = after.route in ENDING and (before.route not in ENDING or bool(marks))
        was, found = (guidance(one) for one in judged)
        return EditFindings(marks, deciding_words(after) if ended else None, _raised_by_edit(was, found))

    def _salt(self) -> str:
        return self._clock.random_bytes(16).hex()


_JUDGED: Final = (
    "workflow_id", "task_id", "title", "question", "confidence", "confidence_kind", "risk_score", "risk_tier",
    "reversible", "model", "flags", "intent", "action", "priority", "domain", "category", "requester", "impact",
    "urgency", "rationale", "sources", "features", "counterfactuals", "harms", "evidence",
)  # fmt: skip
"""Members of a package's metadata that an opening had, and that rules read."""


def _fields_of(stored: Stored, blobs: Mapping[str, bytes]) -> dict[str, Any]:
    """A case as it would be opened again, for rules that look at it once more."""
    metadata = json.loads(stored.package)["metadata"]
    fields = {name: metadata[name] for name in _JUDGED if metadata.get(name) is not None}
    return fields | {part: full_value(stored.package, part, blobs) for part in ("request", "model_output")}


def _raised(handoff: Handoff, found: Guidance) -> c.Raised:
    return c.Raised(
        risk_tier=found.risk_tier or handoff.risk_tier,
        approvals_needed=found.approvals_needed,
        reviewer_level=found.reviewer_level,
        skills=found.skills,
        gates=found.terms.gates,
        flags=found.flags,
        reasons=tuple({name: str(value) for name, value in reason.items()} for reason in found.reasons),
    )


def _raised_by_edit(was: Guidance, found: Guidance) -> c.Raised | None:
    """What an edit asks for and the shown output did not; what the rules have come to ask meanwhile is none of it."""
    codes, gates = {reason["code"] for reason in was.reasons}, {gate.id for gate in was.terms.gates}
    before, after = (RISK_TIERS.index(one.risk_tier or RISK_TIERS[0]) for one in (was, found))
    raised = c.Raised(
        risk_tier=RISK_TIERS[after if after > before else 0],
        approvals_needed=found.approvals_needed if found.approvals_needed > was.approvals_needed else 1,
        reviewer_level=found.reviewer_level if found.reviewer_level > was.reviewer_level else 1,
        skills=tuple(skill for skill in found.skills if skill not in was.skills),
        gates=tuple(gate for gate in found.terms.gates if gate.id not in gates),
        flags=tuple(flag for flag in found.flags if flag not in was.flags),
        reasons=tuple(dict(reason) for reason in found.reasons if reason["code"] not in codes),
    )
    return None if raised == NOTHING_RAISED else raised


NOTHING_RAISED: Final = c.Raised(RISK_TIERS[0], 1, 1, (), (), (), ())


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
        return Refused("edit_of_redacted", detail, f"/edited_output{came.pointer}")
    return came.value


def _public_category(stored: Stored, actor: Actor, fields: Mapping[str, Any], category: str | None) -> str | None:
    """A triager's words without what they saw and others may not: lists show them before anybody's role is asked.

    What the triager was not shown either stays: a mask in its place would tell them that they guessed right.
    """
    redactions = stored.handoff.terms.redactions
    unseen = redaction.hidden(redactions, actor.roles)
    whole = {**fields, "metadata": json.loads(stored.package)["metadata"]}
    seen = tuple(each for each in redactions if each not in unseen)
    masked = redaction.public_texts({"category": category}, whole, seen)
    return category if category is None else str(masked["category"])


def _shown_output(stored: Stored, blobs: Mapping[str, bytes], actor: Actor) -> Any:
    """The output as its editor sees it; what they cannot see must not decide whether they changed anything."""
    output = full_value(stored.package, "model_output", blobs)
    redactions = stored.handoff.terms.redactions
    return redaction.redact_value(output, "model_output", stored.package, redactions, actor.roles)


def _filled(handoff: Handoff, form: DecisionForm) -> Response | Refused:
    """What was filled into the form of the case; a rejection needs none of it, a second agrees to the first's."""
    if form.action == "reject":
        return Response(None)
    if handoff.first_review is not None:
        return Response(form.response)
    return check(handoff.response_form, form.response)


def _other_view(stored: Stored, actor: Actor, form: DecisionForm) -> Refused | None:
    """A person decides on what their page showed of the package, and on no other view of it (X-17)."""
    other_package = form.package_digest != stored.handoff.package_digest
    if form.view_digest is None or actor.kind != "human" or other_package:
        return None
    seen = redaction.view(stored.package, stored.handoff.terms.redactions, actor.roles)
    if digest_of(seen) == form.view_digest:
        return None
    detail = "What you were shown is not what you may see now; load the case again."
    return Refused("view_digest_mismatch", detail, "/view_digest")
