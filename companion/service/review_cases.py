"""The question to a person about an item that was decided without one (R-SAMP-05, R-SAMP-07)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from companion.core.opening import built_in
from companion.core.policy.ready import CompiledPolicy
from companion.core.terms import Redaction
from companion.core.times import after_business_days
from companion.service.judge import SHOWN
from companion.service.openings import Case

REVIEW_SLACK_S: Final = 14 * 24 * 3600
"""A review stays open this long behind its due time; being late closes nothing."""
_OF_THE_ASKER: Final = frozenset({"callback_url", "callback_expects", "source", "expires_in_s", "approvals_needed"})


def review_case(
    identifier: str, fields: Mapping[str, Any], record: Mapping[str, Any], policy: CompiledPolicy, now_ms: int
) -> Case:
    """The review of a routed item: two questions, due within a business day.

    Who may look at it, and what they see of it, is as in any case of this policy.
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
    rules = replace(
        usual,
        terms=replace(usual.terms, redactions=tuple(_of_review(policy.terms.redactions))),
        skills=tuple(policy.queues[answer["queue"]]["skills"]) if answer["queue"] in policy.queues else (),
        policy_id=answer["policy"]["id"],
        policy_version=answer["policy"]["version"],
        queue=answer["queue"],
        shown={name: answer.get(name) for name in SHOWN if name not in ("sla", "gates")},
    )
    return Case(asked, rules, identifier, due_ms)


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
