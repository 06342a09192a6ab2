"""Pauses: the line stands still until somebody looked afresh and an authorised person resumes it (R-CONT-06 … 08)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from companion.adapters.clock import Clock
from companion.core.decide import Refused
from companion.core.events import happening
from companion.core.handoff import SYSTEM, UNDECIDED, Actor, Handoff, State
from companion.core.times import DAY_MS
from companion.service.judge import Judged, deciding_words
from companion.service.openings import Case, Openings, by_the_companion
from companion.service.refusals import NOT_FOUND
from companion.service.review_cases import pause_guidance
from companion.store.pauses import Pause, PauseBook, PauseStore, plain_version
from companion.store.plan import Plan
from companion.store.policies import PolicyStore
from companion.store.redis import RedisStore

TRIES: Final = 3
REVIEW_WORKFLOW: Final = "handoff-pauses"
"""Whose reviewers look at a pause that is not of one workflow."""
REVIEW_EXPIRES_IN_S: Final = 30 * 24 * 3600
REVIEW_DUE_MS: Final = DAY_MS
REVIEW_IMPACT: Final = 1e13
"""More than is at stake in any one case: what stands still stands on top of the inbox."""
HIGHEST_SERVICE_TIER: Final = 3
MOST_VERSIONS_AT_ONCE: Final = 10
"""More model versions of one workflow than these, stopped by one batch, are a stop of the workflow."""
MOST_OF_A_WORKFLOW: Final = 200
"""As many pauses of one workflow hold at a time; the last of them is of all its versions."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a pause covers; neither given is everything."""

    workflow_id: str | None = None
    model_version: str | None = None

    @property
    def words(self) -> str:
        """As a person reads it."""
        if self.workflow_id is None and self.model_version is None:
            return "everything"
        named = [self.workflow_id or "", f"model version {self.model_version}" if self.model_version else ""]
        return ", ".join(part for part in named if part)

    @property
    def title(self) -> str:
        """As the page names it: a workflow by words, not by its id."""
        if self.workflow_id is None:
            return self.words
        words = " ".join(re.split(r"[_\-.\s]+", self.workflow_id)).strip() or self.workflow_id
        named = f"“{words[:1].upper()}{words[1:]}”"
        return f"{named}, model version {self.model_version}" if self.model_version else named


class Pauses:
    """Starts, shows and ends pauses."""

    def __init__(
        self, store: PauseStore, policies: PolicyStore, handoffs: RedisStore, openings: Openings, clock: Clock
    ) -> None:
        self._store = store
        self._policies = policies
        self._handoffs = handoffs
        self._openings = openings
        self._clock = clock

    def book(self) -> PauseBook:
        """The pauses as they stand now."""
        return self._store.book()

    def start(self, scope: Scope, reason: str, actor: Actor, cause: str | None = None) -> Pause | Refused:
        """Pause at once, and ask for the review without which nobody resumes.

        A scope that is paused already stays so, and the pause that holds it is the answer. That it was to be paused
        again is recorded, and what was approved before does not release it any more.
        """
        wanted = scope
        for _ in range(TRIES):
            book = self._store.book()
            scope = _affordable(wanted, book)
            same = next((p for p in book.active if _key(p) == _key(scope)), None)
            if same is not None:
                again = self._repeat(book, same, reason, actor, cause)
                if again is not None:
                    return again
                continue
            now_ms = self._clock.now_ms()
            pause = Pause(
                id=self._openings.new_id("pa"),
                workflow_id=scope.workflow_id,
                model_version=scope.model_version,
                reason=reason,
                by_id=actor.id,
                by_name=actor.name,
                started_at_ms=now_ms,
                review_id="",
            )
            plan = Plan()
            pause = self._with_review(plan, pause, now_ms)
            self._store.write(plan, book, book.with_pause(pause))
            details = {"pause_id": pause.id, "scope": scope.words, "review": pause.review_id, "cause": cause}
            self._tell(plan, "pause.started", pause, actor, reason, details)
            if self._store.run(plan):
                return pause
        return Refused("busy", "Somebody paused or resumed at the same moment; try again.")

    def resume(self, pause_id: str, reason: str, actor: Actor) -> Pause | Refused:
        """End a pause, once a person approved its own review (R-CONT-08, R-ESC-11).

        A review that was rejected or ran out does not count; then a new one is opened, and the refusal names it.
        """
        for _ in range(TRIES):
            book = self._store.book()
            pause = book.find(pause_id)
            if pause is None:
                return NOT_FOUND
            if pause.ended_at_ms is not None:
                return Refused("pause_over", "This pause is over already.")
            review = self._review(pause)
            now_ms = self._clock.now_ms()
            plan = Plan()
            if not _released(review, pause):
                if review is None or review.state not in UNDECIDED:
                    pause = self._with_review(plan, pause, now_ms)
                    self._store.write(plan, book, book.with_pause(pause))
                    if not self._store.run(plan):
                        continue
                return Refused(
                    "fresh_review_missing",
                    f"A person must look afresh and approve first: {self._openings.review_url(pause.review_id)}",
                )
            ended = replace(pause, ended_at_ms=now_ms, ended_by_name=actor.name)
            self._store.write(plan, book, book.with_pause(ended))
            scope = Scope(pause.workflow_id, pause.model_version)
            details = {
                "pause_id": pause.id,
                "scope": scope.words,
                "review": pause.review_id,
                "paused_for_ms": now_ms - pause.started_at_ms,
                "reviewed_by": review.decision.by_name if review and review.decision else None,
            }
            self._tell(plan, "pause.ended", pause, actor, reason, details)
            if self._store.run(plan):
                return ended
        return Refused("busy", "Somebody paused or resumed at the same moment; try again.")

    def stop_the_line(self, judged: Sequence[Judged], identifiers: Sequence[str]) -> bool | Refused:
        """Pause what a stop was found in, before the stop itself is written: nothing may start after it (R-CONT-07).

        The scope is the workflow and the model version of the item, no wider (X-31), as long as the versions are few.
        Returns whether there was a stop: what was judged together with it was judged before the pause.
        """
        stopped: dict[str, dict[str | None, tuple[Judged, str]]] = {}
        for one, identifier in zip(judged, identifiers, strict=True):
            if one.evaluation.route == "stop_the_line":
                versions = stopped.setdefault(one.item.workflow_id, {})
                versions.setdefault(plain_version(one.item.model_version), (one, identifier))
        for workflow_id, versions in stopped.items():
            if len(versions) > MOST_VERSIONS_AT_ONCE:
                # A made-up version for each item would open a flood of pauses, and hold nothing of what comes next.
                versions = {None: next(iter(versions.values()))}
            for version, (one, identifier) in versions.items():
                scope = Scope(workflow_id, None if version is None else one.item.model_version)
                came = self.start(scope, deciding_words(one.evaluation), SYSTEM, cause=identifier)
                if isinstance(came, Refused):
                    return came
        return bool(stopped)

    def reviews(self, pauses: Iterable[Pause]) -> dict[str, Handoff]:
        """Pause id -> its review, of the pauses that hold."""
        wanted = {pause.review_id: pause.id for pause in pauses if pause.ended_at_ms is None}
        return {wanted[review.id]: review for review in self._handoffs.load_many(tuple(wanted))}

    # Parts

    def _repeat(self, book: PauseBook, pause: Pause, reason: str, actor: Actor, cause: str | None) -> Pause | None:
        """The pause with one more incident in it; None when somebody was quicker."""
        now_ms = self._clock.now_ms()
        plan = Plan()
        review = self._review(pause)
        after = replace(pause, repeated_at_ms=now_ms)
        if review is None or review.state not in UNDECIDED:
            # That review was answered by somebody who could not know of this.
            after = self._with_review(plan, after, now_ms, {"reason": reason, "by": actor.name})
        self._store.write(plan, book, book.with_pause(after))
        scope = Scope(pause.workflow_id, pause.model_version)
        details = {"pause_id": pause.id, "scope": scope.words, "review": after.review_id, "cause": cause}
        self._tell(plan, "pause.repeated", pause, actor, reason, details)
        return after if self._store.run(plan) else None

    def _with_review(self, plan: Plan, pause: Pause, now_ms: int, again: Mapping[str, str] | None = None) -> Pause:
        """The pause with a fresh review, which the plan opens. `again` is why it was to be paused once more."""
        scope = Scope(pause.workflow_id, pause.model_version)
        fields: dict[str, Any] = {
            "workflow_id": pause.workflow_id or REVIEW_WORKFLOW,
            "title": f"Pause: {scope.title}",
            "question": f"Automation of {scope.title} stands still. May it go on?",
            "impact": "Nothing of it goes through by itself until then.",
            "approve_label": "It may go on",
            "request": {
                "paused": scope.words,
                "reason": pause.reason,
                "by": pause.by_name,
                **({"again": again} if again else {}),
            },
            "model_output": None,
            "risk_tier": "high",
            "allow_edit": False,
            "expires_in_s": REVIEW_EXPIRES_IN_S,
            "instructions": [
                "Look at what led to the pause, and whether its cause is gone.",
                "Approving does not resume yet: an authorised person does that afterwards.",
            ],
        }
        guidance = replace(
            pause_guidance(fields["workflow_id"]), service_tier=HIGHEST_SERVICE_TIER, impact_score=REVIEW_IMPACT
        )
        case = Case(fields, guidance, subject=pause.id, due_at_ms=now_ms + REVIEW_DUE_MS)
        prepared = self._openings.prepare([case], by_the_companion(pause.id), now_ms)
        assert not isinstance(prepared, Refused), "the fields of a review are our own"
        self._openings.add(plan, prepared)
        return replace(pause, review_id=prepared.group.handoff_ids[0])

    def _review(self, pause: Pause) -> Handoff | None:
        stored = self._handoffs.load(pause.review_id)
        return None if stored is None else stored.handoff

    def _tell(
        self, plan: Plan, event_type: str, pause: Pause, actor: Actor, reason: str, details: dict[str, Any]
    ) -> None:
        event = happening(
            self._clock.uuid4(),
            event_type,
            actor,
            self._clock.now_ms(),
            workflow_id=pause.workflow_id,
            policy_version=None,
            model_version=pause.model_version,
            justification=reason,
            details=details,
        )
        self._policies.add_events(plan, [event])


def _key(scope: Scope | Pause) -> tuple[str | None, str | None]:
    return scope.workflow_id, scope.model_version and (plain_version(scope.model_version) or "")


def _affordable(scope: Scope, book: PauseBook) -> Scope:
    """The scope, or its whole workflow where that has nearly as many pauses as it may have."""
    if scope.workflow_id is None or scope.model_version is None or any(_key(p) == _key(scope) for p in book.active):
        return scope
    there = sum(pause.workflow_id == scope.workflow_id for pause in book.active)
    return Scope(scope.workflow_id) if there >= MOST_OF_A_WORKFLOW - 1 else scope


def _released(review: Handoff | None, pause: Pause) -> bool:
    """Whether a person approved the pause's own review. It was opened with the pause: no earlier approval counts."""
    if review is None or review.decision is None or not review.settled or review.subject != pause.id:
        return False
    if review.decision.at_ms < (pause.repeated_at_ms or 0):
        # Approved in the moment between: whoever did had not seen what happened since.
        return False
    return review.state is State.APPROVED and review.decision.by_kind == "human"
