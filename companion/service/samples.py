"""Samples of what people decided: an auditor draws them, and other people look at them again (R-SAMP-11)."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from companion.adapters.clock import Clock
from companion.core.decide import Refused
from companion.core.events import happening
from companion.core.handoff import Actor, Handoff
from companion.core.mailboxes import mailbox
from companion.core.opening import built_in
from companion.core.package import full_value
from companion.core.policy.sampling import Candidate, select
from companion.core.redaction import Earlier, earlier_in
from companion.core.terms import Redaction
from companion.core.times import after_business_days
from companion.service.openings import Case, Openings, by_the_companion
from companion.store.plan import Plan
from companion.store.policies import PolicyStore
from companion.store.protocol import Once, Stored
from companion.store.redis import RedisStore

DRAWN_FROM: Final = 500
"""As many of the newest outcomes are drawn from; older ones were there for earlier draws."""
NEWEST: Final = 2**53
DUE_BUSINESS_DAYS: Final = 5
SLACK_S: Final = 14 * 24 * 3600
QUESTIONS: Final = ("Was this the right decision?", "Did it keep to the policy?", "Does the reason say enough?")
WORDS: Final = {"approve": "approved", "modify": "changed and approved", "reject": "rejected"}


class Samples:
    """Draws decided cases and opens their reviews."""

    def __init__(
        self, store: RedisStore, events: PolicyStore, openings: Openings, clock: Clock, sampling_key: bytes
    ) -> None:
        self._store = store
        self._events = events
        self._openings = openings
        self._clock = clock
        self._sampling_key = sampling_key

    def draw(
        self, actor: Actor, workflows: Sequence[str] | None, may_see: Callable[[Handoff], bool], number: int
    ) -> list[tuple[str, str]]:
        """Up to `number` cases that people decided and nobody looked at again: (handoff, its review).

        Every workflow and kind of decision in turn, within each by lot, so that rare rejections are looked at too.
        """
        found = self._store.list_decided_newest(workflows, NEWEST, DRAWN_FROM)
        decided = {handoff.id: handoff for _, handoff in found.items if _by_a_person(handoff) and may_see(handoff)}
        candidates = [
            Candidate(handoff.id, f"{handoff.workflow_id}\n{handoff.decision and handoff.decision.action}", 0.0)
            for handoff in decided.values()
        ]
        drawn: list[tuple[str, str]] = []
        for handoff_id in select(candidates, len(candidates), self._sampling_key):
            if len(drawn) == number:
                break
            review_id = self._review(decided[handoff_id], actor)
            if review_id is not None:
                drawn.append((handoff_id, review_id))
        return drawn

    def _review(self, handoff: Handoff, actor: Actor) -> str | None:
        """Open the second look at one case and record the draw; None where it was looked at already."""
        stored = self._store.load(handoff.id)
        once = Once(f"sample:{handoff.id}", handoff.id)
        if stored is None or self._store.made_once(once.name) is not None:
            return None
        now_ms = self._clock.now_ms()
        prepared = self._openings.prepare([self._case(stored, now_ms)], by_the_companion(handoff.id), now_ms)
        if isinstance(prepared, Refused):
            return None
        (opened,) = prepared.accepted
        # Removed and added again, whoever judged is still known by where their mail arrives.
        known = replace(opened, handoff=replace(opened.handoff, mailboxes=_mailboxes(handoff)))
        prepared = replace(prepared, accepted=(known,))
        review_id = prepared.group.handoff_ids[0]
        plan = Plan()
        self._store.add_once(plan, once, review_id, self._store.retention_ms)
        self._openings.add(plan, prepared)
        told = happening(
            self._clock.uuid4(),
            "decision.sampled",
            actor,
            now_ms,
            workflow_id=handoff.workflow_id,
            policy_version=f"{handoff.policy_id}@{handoff.policy_version}",
            # Whoever audits reads this event, also those who do not see what the workflow's own name may repeat.
            task_id=None if handoff.terms.redactions else handoff.task_id,
            to_actor=f"reviewers of {handoff.workflow_id}",
            details={"handoff_id": handoff.id, "review": review_id},
        )
        self._events.add_events(plan, [told])
        return review_id if self._store.run(plan)[0] == b"OK" else None

    def _case(self, stored: Stored, now_ms: int) -> Case:
        handoff, decision = stored.handoff, stored.handoff.decision
        assert decision is not None, "only decided cases are drawn"
        blobs = self._store.blobs(handoff)
        due_ms = after_business_days(now_ms, DUE_BUSINESS_DAYS)
        fields: dict[str, Any] = {
            "workflow_id": handoff.workflow_id,
            "task_id": handoff.task_id,
            "title": handoff.title,
            "question": f"A person {WORDS.get(str(decision.action), 'decided')} this. Was that right?",
            "approve_label": "That was right",
            "request": {
                "asked": handoff.question,
                "request": full_value(stored.package, "request", blobs),
                "decided": {
                    "as": WORDS.get(str(decision.action)),
                    "reason": decision.reason_code,
                    "why": READ_THERE if handoff.terms.redactions else decision.rationale,
                },
            },
            "model_output": full_value(stored.package, "model_output", blobs),
            "confidence": handoff.confidence,
            "risk_tier": handoff.risk_tier,
            "instructions": list(QUESTIONS),
            # Nobody judges their own decision, nor the second reviewer's that they gave the first approval to.
            "requester": ", ".join(_judges(handoff)),
            "allow_edit": False,
            "expires_in_s": (due_ms - now_ms) // 1000 + SLACK_S,
        }
        content = json.loads(stored.package)
        fields |= _hidden_beside(content["metadata"], handoff.terms.redactions)
        rules = built_in(handoff.workflow_id)
        # A second look shows no more of a case, and to nobody else, than the first one did.
        rules = replace(
            rules,
            terms=replace(rules.terms, redactions=tuple(_inside_the_case(each) for each in handoff.terms.redactions)),
            earlier=_earlier(stored, [file["name"] for file in content["attachments"]]),
            queue=handoff.queue,
            skills=handoff.skills,
        )
        return Case(fields, rules, handoff.id, due_ms)


def _judges(handoff: Handoff) -> list[str]:
    """Everybody who answered for a case: the first of two too, those who did not agree, and whose edit it ended in."""
    answers = [one.by_id for one in (handoff.first_review, handoff.decision) if one is not None]
    differed = [by for each in handoff.disagreements for by in (each.first_by_id, each.second_by_id)]
    return list(dict.fromkeys([*answers, *differed, *filter(None, (handoff.edited_by,))]))


def _mailboxes(handoff: Handoff) -> dict[str, str]:
    """The mailboxes of those, as they were noted when they answered."""
    decision = handoff.decision
    decider = None if decision is None else mailbox(decision.by_email)
    noted = dict(handoff.mailboxes) | ({decision.by_id: decider} if decision is not None and decider else {})
    return {by_id: noted[by_id] for by_id in _judges(handoff) if by_id in noted}


READ_THERE: Final = "Something of this case is not for everybody; read the reason in the case itself."
"""In place of a reason: who wrote it saw more than some of its readers, or less, and only the case knows what."""


def _hidden_beside(metadata: Mapping[str, Any], redactions: Sequence[Redaction]) -> dict[str, Any]:
    """What policy hides of what the workflow wrote beside the payload: hidden here too, wherever it is repeated."""
    names = {each.path.split("/")[2] for each in redactions if each.path.startswith("/metadata/")}
    return {name: metadata[name] for name in sorted(names) if metadata.get(name)}


def _earlier(stored: Stored, files: list[str]) -> Earlier:
    """By hidden place of the review what older versions of the case hid there, and the names of files that it lacks."""
    found = earlier_in(stored.package)
    kept = {_inside_the_case(each).path: found.get(each.path, ()) for each in stored.handoff.terms.redactions}
    hidden_files = {path: files for path in kept if path.startswith("/attachments")}
    return {path: values for path, values in {**kept, **hidden_files}.items() if values}


def _inside_the_case(redaction: Redaction) -> Redaction:
    """A hidden place where the review has it: the request stands one step deeper there."""
    if redaction.path == "/request" or redaction.path.startswith("/request/"):
        return replace(redaction, path=f"/request{redaction.path}")
    return redaction


def _by_a_person(handoff: Handoff) -> bool:
    """Whether a person gave the answer. A review is not reviewed again: that would never end."""
    decision = handoff.decision
    return decision is not None and decision.by_kind == "human" and decision.action is not None and not handoff.subject
