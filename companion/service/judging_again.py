"""An open case held against the rules once more: what it is now, and what new content of it asks for.

The one place where a case is made into an item again: an edit, what is looked at before it, a revision and a triage are
judged by the same reading of it, so that no way in is easier than another (R-ROUTE-22, R-ACT-04).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final

from companion.adapters.clock import Clock
from companion.core import commands as c
from companion.core.decide import Refused
from companion.core.handoff import Handoff
from companion.core.opening import Guidance
from companion.core.package import full_value
from companion.core.policy.vocabulary import RISK_TIERS
from companion.core.rules.rising import stricter
from companion.service.judge import Judge, Judged, guidance
from companion.store.protocol import Stored


@dataclass(frozen=True, slots=True)
class EditFindings:
    """What an edited output brings in: marks that policy lets pass, and why it may not pass, in words."""

    marks: tuple[str, ...]
    refused: str | None
    raised: c.Raised | None = None
    """What the rules ask for it beyond what they ask for what was shown."""


NOTHING_FOUND: Final = EditFindings((), None)


class JudgingAgain:
    """Judges open cases under the policy in force."""

    def __init__(self, judge: Judge, clock: Clock) -> None:
        self._judge = judge
        self._clock = clock

    def edited(self, stored: Stored, blobs: Mapping[str, bytes], output: Any) -> EditFindings | Refused:
        """What the rules find in an edited output that they did not find in what was shown."""
        shown = readings(stored, blobs)
        judged = self._judged([*shown, *(case | {"model_output": output} for case in shown)])
        if isinstance(judged, Refused):
            return judged
        pairs = list(zip(judged[: len(shown)], judged[len(shown) :], strict=True))
        marks = [flag for was, now in pairs for flag in now.evaluation.flags if flag not in was.evaluation.flags]
        # What would be ended as it was opened comes in by no edit. Not only what the edit brings: behind a rule that
        # ends the case as it was shown, no later one was asked.
        refused = next((words for _, now in pairs if (words := guidance(now).stop) is not None), None)
        raised = reduce(stricter, (_raised_by_edit(was, now) for was, now in pairs))
        return EditFindings(tuple(dict.fromkeys(marks)), refused, None if raised == NOTHING_RAISED else raised)

    def replaced(self, stored: Stored, blobs: Mapping[str, bytes], given: Mapping[str, Any]) -> c.Raised | Refused:
        """What the rules ask for new content, as at an opening; or why it does not come in."""
        judged = self._judged([{**case, **given} for case in readings(stored, blobs)])
        if isinstance(judged, Refused):
            return judged
        found = [guidance(one) for one in judged]
        refused = next((one.stop for one in found if one.stop is not None), None)
        if refused is not None:
            return Refused("revision_refused_by_policy", refused)
        return reduce(stricter, (raised_of(stored.handoff, one) for one in found))

    def said(self, stored: Stored, blobs: Mapping[str, bytes], said: dict[str, Any]) -> Judged | Refused:
        """What the rules make of a case with what a triager says of it."""
        judged = self._judged([as_it_stands(stored, blobs) | said])
        return judged if isinstance(judged, Refused) else judged[0]

    def _judged(self, cases: Sequence[Mapping[str, Any]]) -> list[Judged] | Refused:
        return self._judge.judge_asked(cases, self._clock.now_ms())


_JUDGED: Final = (
    "workflow_id", "task_id", "title", "question", "confidence", "confidence_kind", "risk_score", "risk_tier",
    "service_tier", "amount", "reversible", "model", "flags", "intent", "action", "priority", "domain", "category",
    "requester", "impact", "urgency", "rationale", "sources", "features", "counterfactuals", "harms", "evidence",
)  # fmt: skip
"""Members of a package's metadata that an opening had, and that rules read."""


def as_it_stands(stored: Stored, blobs: Mapping[str, bytes]) -> dict[str, Any]:
    """A case as it would be opened now: what its package says, and what sorting and edits made of it since."""
    handoff, metadata = stored.handoff, json.loads(stored.package)["metadata"]
    fields = {name: metadata[name] for name in _JUDGED if metadata.get(name) is not None}
    since = {
        "category": handoff.category,
        "risk_tier": max(metadata["risk_tier"], handoff.risk_tier, key=RISK_TIERS.index),
        "flags": list(dict.fromkeys((*metadata["flags"], *handoff.flags))),
    }
    return fields | since | {part: full_value(stored.package, part, blobs) for part in ("request", "model_output")}


def readings(stored: Stored, blobs: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """The case as it stands, and where it was sorted by another topic, also with that which its workflow gave it.

    A rule for either holds: sorting takes none away from content that nobody saw yet.
    """
    now = as_it_stands(stored, blobs)
    before = json.loads(stored.package)["metadata"].get("category")
    return [now] if before == now["category"] else [now, now | {"category": before}]


def raised_of(handoff: Handoff, found: Guidance) -> c.Raised:
    """What the rules ask for a case."""
    return c.Raised(
        risk_tier=found.risk_tier or handoff.risk_tier,
        approvals_needed=found.approvals_needed,
        reviewer_level=found.reviewer_level,
        skills=found.skills,
        gates=found.terms.gates,
        flags=found.flags,
        reasons=tuple({name: str(value) for name, value in reason.items()} for reason in found.reasons),
    )


def _raised_by_edit(shown: Judged, edited: Judged) -> c.Raised:
    """What an edit asks for and the shown output did not; what the rules have come to ask meanwhile is none of it.

    A rule that fires for the edit only, and sends it somewhere, asks for all that its place does: who sorted the case
    past the same place before has sorted another content.
    """
    was, found = guidance(shown), guidance(edited)
    codes = {reason["code"] for reason in was.reasons}
    sent = {rule.id for rule in edited.policy.rules if rule.queue is not None and rule.id not in codes}
    placed = not sent.isdisjoint(reason["code"] for reason in found.reasons)
    skills = () if placed else was.skills
    gates = () if placed else tuple(gate.id for gate in was.terms.gates)
    before, after = (RISK_TIERS.index(one.risk_tier or RISK_TIERS[0]) for one in (was, found))
    return c.Raised(
        risk_tier=RISK_TIERS[after if after > before else 0],
        approvals_needed=found.approvals_needed if found.approvals_needed > was.approvals_needed else 1,
        reviewer_level=found.reviewer_level if found.reviewer_level > was.reviewer_level else 1,
        skills=tuple(skill for skill in found.skills if skill not in skills),
        gates=tuple(gate for gate in found.terms.gates if gate.id not in gates),
        flags=tuple(flag for flag in found.flags if flag not in was.flags),
        reasons=tuple(dict(reason) for reason in found.reasons if reason["code"] not in codes),
    )


NOTHING_RAISED: Final = c.Raised(RISK_TIERS[0], 1, 1, (), (), (), ())
