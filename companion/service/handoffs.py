"""Load, decide, commit: the only caller of `decide`. Every shell (HTTP, workers, command line) comes through here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from companion.adapters.clock import Clock
from companion.core import commands as c
from companion.core.decide import Refused, decide
from companion.core.handoff import SYSTEM, Actor, Handoff
from companion.core.ids import is_id
from companion.core.outcome import outcome
from companion.core.package import UnusablePackage, full_value
from companion.service.judge import Judge, guidance
from companion.service.openings import Answer, Asking, Case, Openings
from companion.service.pauses import Pauses
from companion.service.refusals import KEY_REUSED, NOT_FOUND
from companion.service.reviewing import DecisionForm, EditFindings, Reviewing, Sorting
from companion.service.standing import unavailable
from companion.store.lists import anything
from companion.store.plan import Plan
from companion.store.protocol import Conflict, Once, Opened, Stored, TokenUsed
from companion.store.redis import RedisStore

__all__ = ["DecisionForm", "Done", "EditFindings", "MaySee", "Service"]

COMMIT_TRIES: Final = 3
"""After this many lost races the caller is told to try again, so that no request spins."""
MOST_HELD: Final = 50
"""Cases that one person holds at a time: nobody can lock the whole inbox away from others."""


@dataclass(frozen=True, slots=True)
class Done:
    """A command that holds: the handoff and its package after it, and the id of the event that records it.

    Without an event nothing had to be done.
    """

    handoff: Handoff
    package: bytes
    event_id: str | None
    replayed: bool = False
    """An earlier request under the same Idempotency-Key did it."""


BuildCommand = Callable[[Stored, str], c.Command | Refused]
"""From the handoff as loaded and a fresh event id to the command to decide, or to why there is none."""

MaySee = Callable[[Handoff], bool]
"""Whether the caller works on this handoff; what they do not work on is not found (security row A3)."""


class Service:
    """The companion's use cases."""

    def __init__(
        self, store: RedisStore, openings: Openings, judge: Judge, pauses: Pauses, clock: Clock, page_url: str
    ) -> None:
        self.store = store
        self.openings = openings
        self.judge = judge
        self.pauses = pauses
        self.clock = clock
        self.page_url = page_url
        self.reviewing = Reviewing(store, judge, clock)

    # Opening

    def open_group(self, openings: Sequence[Mapping[str, Any]], asking: Asking) -> Answer | Refused:
        """Open 1 to 500 handoffs behind one callback, once per Idempotency-Key (security row A1)."""
        now_ms = self.clock.now_ms()
        # A pause holds what runs by itself. Here a person is asked, and a hard rule still ends a case.
        judged = self.judge.judge_asked(openings, now_ms)
        if isinstance(judged, Refused):
            # What was opened before is answered again: its opener waits for that case, and for no other one.
            made = self.store.made_once(asking.once.name)
            return unavailable(judged) if made is None else self._again(*made, asking)
        prepared = self.openings.prepare([Case(one.fields, guidance(one)) for one in judged], asking, now_ms)
        if isinstance(prepared, Refused):
            return prepared
        plan = Plan()
        for handoff_id, one in zip(prepared.group.handoff_ids, judged, strict=True):
            facts = self.judge.facts(handoff_id, one, now_ms)
            self.judge.add_fact(plan, one.item.workflow_id, facts, now_ms)
        self.judge.keep_facts(plan, judged)
        if any(one.evaluation.route == "stop_the_line" for one in judged):
            # Before anything is paused: a request that is repeated, or refused, stops nothing anew.
            made = self.store.made_once(asking.once.name)
            if made is not None:
                return self._again(*made, asking)
        paused = self.pauses.stop_the_line(judged, prepared.group.handoff_ids)
        if isinstance(paused, Refused):
            return paused
        came = self.openings.commit(plan, prepared, asking.once)
        if isinstance(came, Opened):
            return self.openings.answer(prepared)
        return self._again(came.group_id, came.fingerprint, asking)

    def _again(self, group_id: str, fingerprint: str, asking: Asking) -> Answer | Refused:
        """The first answer to an Idempotency-Key that was used."""
        return self.openings.replay(group_id) if fingerprint == asking.body_digest else KEY_REUSED

    # One command

    def act(
        self,
        handoff_id: str,
        build: BuildCommand,
        *,
        may_see: MaySee = anything,
        jti: str | None = None,
        once: Once | None = None,
    ) -> Done | Refused:
        """Decide one command and commit it; on a lost race load and decide again, at most three times.

        With `once` a repetition is answered with what the first request did.
        """
        for _ in range(COMMIT_TRIES):
            stored = self.store.load(handoff_id) if is_id(handoff_id, "ho") else None
            if stored is None or not may_see(stored.handoff):
                return NOT_FOUND
            if once is not None and (did := self.store.done(handoff_id, once)) is not None:
                # Before the rules: a question that was asked is refused to be asked, the second time too.
                return Done(stored.handoff, stored.package, did[0], True) if did[1] == once.fingerprint else KEY_REUSED
            event_id = self.clock.uuid4()
            try:
                command = build(stored, event_id)
            except UnusablePackage as error:
                return Refused("package_unusable", str(error), error.pointer)
            if isinstance(command, Refused):
                return command
            accepted = decide(stored.handoff, command, self.clock.now_ms())
            if isinstance(accepted, Refused):
                return accepted
            if not accepted.events:
                return Done(stored.handoff, stored.package, None)
            came = self.store.commit(stored, accepted, jti, once)
            if isinstance(came, TokenUsed):
                return Refused(
                    "package_token_used", "This package token gave its command already; load the case again."
                )
            if not isinstance(came, Conflict):
                package = accepted.package.canonical if accepted.package else stored.package
                return Done(accepted.handoff, package, event_id)
        return Refused("busy", "Several people changed this case at the same moment; try again.")

    def claim(self, handoff_id: str, actor: Actor, *, may_see: MaySee = anything) -> Done | Refused:
        """Take a case for 15 minutes, or for longer; nobody holds so many that others find nothing to do."""

        def build(_: Stored, event_id: str) -> c.Command | Refused:
            others = self.store.claims_of(actor.id, self.clock.now_ms()) - {handoff_id}
            return TOO_MANY_CLAIMS if len(others) >= MOST_HELD else c.Claim(actor, event_id)

        return self.act(handoff_id, build, may_see=may_see)

    def decide(self, handoff_id: str, actor: Actor, *, may_see: MaySee, form: DecisionForm) -> Done | Refused:
        """Approve, reject, or approve an edited output."""

        def build(stored: Stored, event_id: str) -> c.Command | Refused:
            return self.reviewing.decision(stored, event_id, actor, form)

        return self.act(handoff_id, build, may_see=may_see, jti=form.jti)

    def verify(
        self,
        handoff_id: str,
        actor: Actor,
        *,
        may_see: MaySee,
        expected_version: int,
        package_digest: str,
        answers: Sequence[c.GateAnswer],
        reason_code: str | None,
        rationale: str | None,
        evidence: Sequence[Mapping[str, Any]] = (),
    ) -> Done | Refused:
        """Answer checks without deciding."""

        def build(stored: Stored, event_id: str) -> c.Command:
            return c.Verify(
                actor,
                event_id,
                expected_version,
                package_digest,
                tuple(answers),
                reason_code,
                rationale,
                self.judge.policy_in_force(stored.handoff),
                tuple(evidence),
            )

        return self.act(handoff_id, build, may_see=may_see)

    def triage(
        self,
        handoff_id: str,
        actor: Actor,
        *,
        may_see: MaySee,
        expected_version: int,
        category: str | None,
        queue: str | None,
        risk_tier: str | None,
        reason_code: str | None,
        rationale: str | None,
    ) -> Done | Refused:
        """Sort a case; the policy in force judges it anew, and holds for it from here on."""
        sorting = Sorting(expected_version, category, queue, risk_tier, reason_code, rationale)

        def build(stored: Stored, event_id: str) -> c.Command | Refused:
            return self.reviewing.triage(stored, event_id, actor, sorting)

        return self.act(handoff_id, build, may_see=may_see)

    def undo(self, handoff_id: str, actor: Actor, *, may_see: MaySee) -> Done | Refused:
        """Take one's own decision back; an edit goes with it, in a package version of its own."""

        def build(stored: Stored, event_id: str) -> c.Command:
            return self.reviewing.undo(stored, event_id, actor)

        return self.act(handoff_id, build, may_see=may_see)

    def check_edit(self, stored: Stored, actor: Actor, edited_output: Any) -> EditFindings | Refused:
        """What the rules of the workflow say of an edited output; nothing changes."""
        return self.reviewing.check_edit(stored, actor, edited_output)

    def settle(self, handoff_id: str) -> Done | Refused:
        """Let an outcome stand whose undo window is over."""
        return self.act(handoff_id, lambda _, event_id: c.Settle(event_id))

    def move_up(self, handoff_id: str) -> Done | Refused:
        """Hand a case that is late to the next level."""
        return self.act(handoff_id, lambda _, event_id: c.MoveUp(event_id))

    def answer(
        self, handoff_id: str, actor: Actor, text: str, *, may_see: MaySee, once: Once | None = None
    ) -> Done | Refused:
        """Answer the open question."""

        def build(stored: Stored, event_id: str) -> c.Command:
            return c.Answer(actor, event_id, text, self.reviewing.reopened(stored))

        return self.act(handoff_id, build, may_see=may_see, once=once)

    def revise(
        self, handoff_id: str, actor: Actor, expected_version: int, changed: Mapping[str, Any], *, may_see: MaySee
    ) -> Done | Refused:
        """Replace the package of a pending case by a new, linked version."""

        given = {name: value for name, value in changed.items() if value is not None}

        def build(stored: Stored, event_id: str) -> c.Command | Refused:
            revised = self.reviewing.revised(stored, given)
            return revised if isinstance(revised, Refused) else c.Revise(actor, event_id, expected_version, *revised)

        return self.act(handoff_id, build, may_see=may_see)

    def execute(
        self, handoff_id: str, actor: Actor, output_digest: str, *, may_see: MaySee, once: Once
    ) -> Done | Refused:
        """Ask, right before it is done, whether the approval stands for exactly this output; once per Idempotency-Key.

        A repetition is asked again, not only remembered: what was rolled back or paused since must not be done after
        all.
        """

        def build(stored: Stored, event_id: str) -> c.Command | Refused:
            return self._paused(stored.handoff) or c.Execute(actor, event_id, output_digest)

        done = self.act(handoff_id, build, may_see=may_see, once=once)
        if isinstance(done, Refused) or not done.replayed:
            return done
        again = self._paused(done.handoff) or decide(
            done.handoff, c.Execute(actor, "", output_digest), self.clock.now_ms()
        )
        # Under the same key it is the same deed, whose answer was lost on its way.
        return again if isinstance(again, Refused) and again.code != "executed_already" else done

    def _paused(self, handoff: Handoff) -> Refused | None:
        """Why nothing of this case may be done now: somebody stopped the line (R-CONT-06)."""
        pause = self.pauses.book().covering(handoff.workflow_id, handoff.model_version)
        if pause is None:
            return None
        return Refused("paused", f"{pause.by_name} paused this since ({pause.id}): {pause.reason}")

    def expire(self, handoff_id: str) -> Done | Refused:
        """Close a case whose time is over."""
        return self.act(handoff_id, lambda _, event_id: c.Expire(event_id))

    def release_lapsed_claim(self, handoff_id: str) -> Done | Refused:
        """End a claim whose lease ran out."""
        return self.act(handoff_id, lambda _, event_id: c.Release(SYSTEM, event_id))

    # Telling

    def outcomes(self, handoff_ids: Sequence[str]) -> list[dict[str, Any]]:
        """The outcomes of handoffs that have one, in the order asked."""
        return [
            outcome(
                stored.handoff,
                stored.package,
                self.store.blobs(stored.handoff) if stored.handoff.approved else {},
                happened,
                self.review_url(stored.handoff.id),
            )
            for stored, happened in self.store.load_outcomes(handoff_ids)
        ]

    def approved_output(self, handoff: Handoff, package: bytes) -> Any:
        """Exactly what was approved."""
        return full_value(package, "model_output", self.store.blobs(handoff))

    def review_url(self, handoff_id: str) -> str:
        """The address of the page for one handoff. It holds no secret (design section 7)."""
        return self.openings.review_url(handoff_id)


TOO_MANY_CLAIMS: Final = Refused(
    "too_many_claims", f"You hold {MOST_HELD} cases already; decide some of them, or give them back."
)
