"""What Handoff itself asks people: about an item that was decided without one (R-SAMP-05, R-SAMP-07), and a pause."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from companion.core.opening import Guidance, built_in
from companion.core.policy.ready import CompiledPolicy
from companion.core.terms import TERMS_BEFORE_POLICIES, Redaction
from companion.core.times import after_business_days
from companion.service.judge import SHOWN
from companion.service.openings import Case

REVIEW_SLACK_S: Final = 14 * 24 * 3600
"""A review stays open this long behind its due time; being late closes nothing."""
_OF_THE_ASKER: Final = frozenset({"callback_url", "callback_expects", "source", "expires_in_s", "approvals_needed"})

_OF_PAUSES: Final = replace(
    TERMS_BEFORE_POLICIES,
    reason_codes={
        "cause_not_found": "Cause not found yet",
        "not_mended": "Not mended yet",
        "happened_again": "It happened again",
        "needs_specialist_review": "Needs a specialist",
    },
)
"""No model suggested anything there. One object for all of them: the stored shape of terms is kept by identity."""


def pause_guidance(workflow_id: str) -> Guidance:
    """How the review of a pause is asked and answered (R-CONT-08): as built in, with reasons that fit it."""
    return replace(built_in(workflow_id), terms=_OF_PAUSES)


def review_case(
    identifier: str,
    fields: Mapping[str, Any],
    record: Mapping[str, Any],
    policies: Sequence[CompiledPolicy],
    now_ms: int,
) -> Case:
    """The review of a routed item: two questions, due within a business day.

    Who may look at it, and what they see of it, is as in any case of these policies: of the one it was routed under,
    and of the one in force, each of which hides what it hides.
    """
    due_ms = after_business_days(now_ms, record["due_business_days"])
    route = record["answer"]["route"]
    done = "approved" if route == "auto_commit" else "rejected" if route == "auto_reject" else "routed"
    questions = record["questions"]
    asked = {
        **{name: value for name, value in fields.items() if name not in _OF_THE_ASKER},
        "question": f"This was {done} without a person. Was that right?",
        "approve_label": "That was right",
        "instructions": questions,
        "response_form": _form(questions),
        "allow_edit": False,
        "expires_in_s": (due_ms - now_ms) // 1000 + REVIEW_SLACK_S,
    }
    answer = record["answer"]
    usual = built_in(fields["workflow_id"])
    queues = [policy.queues[answer["queue"]] for policy in policies if answer["queue"] in policy.queues]
    rules = replace(
        usual,
        terms=replace(usual.terms, redactions=tuple(_of_review(hidden_by(policies)))),
        skills=tuple(dict.fromkeys(skill for queue in queues for skill in queue["skills"])),
        policy_id=answer["policy"]["id"],
        policy_version=answer["policy"]["version"],
        queue=answer["queue"],
        shown={name: answer.get(name) for name in SHOWN if name not in ("sla", "gates")},
    )
    return Case(asked, rules, identifier, due_ms)


def hidden_by(policies: Iterable[CompiledPolicy]) -> tuple[Redaction, ...]:
    """The places that one of the policies hides; what both do is shown to the roles to which both show it."""
    found: dict[str, Redaction] = {}
    for each in (each for policy in policies for each in policy.terms.redactions):
        known = found.get(each.path, each)
        found[each.path] = replace(each, visible_to=tuple(role for role in each.visible_to if role in known.visible_to))
    return tuple(found.values())


def kept_fields(item: Mapping[str, Any]) -> dict[str, Any]:
    """The members of an opening that the facts of a routed item still know."""
    names = ("workflow_id", "task_id", "title", "confidence", "risk_score", "risk_tier", "category", "domain")
    kept = {name: item[name] for name in names if name in item}
    model = {"name": item.get("model_name"), "version": item.get("model_version")}
    return {**kept, "flags": list(item.get("flags", ())), "model": model, "model_output": None}


def _of_review(redactions: Iterable[Redaction]) -> Iterator[Redaction]:
    """The hidden places of an item, where the review shows it as it was sent and where it shows its facts."""
    for each in redactions:
        yield each
        if each.path.startswith(("/request", "/model_output")):
            yield replace(each, path=f"/request{each.path}")


def _form(questions: Sequence[str]) -> dict[str, Any]:
    """The questions to a reviewer, each answered with yes or no."""
    fields = {f"question_{number}": {"type": "boolean", "title": text} for number, text in enumerate(questions, 1)}
    return {"type": "object", "properties": fields, "order": list(fields)}
