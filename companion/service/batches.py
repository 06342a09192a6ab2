"""Cases that a reviewer takes together: chosen alike, claimed, outliers set apart, each decided by itself (R-ACT-14).

A batch is no authority. Every claim and every decision goes through the service like one that is made alone.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from companion.adapters.clock import Clock
from companion.core import commands as c
from companion.core.batch import Candidate, alike, outliers, similar, takes_batches
from companion.core.canonical import canonical_bytes
from companion.core.decide import Refused, hindrance
from companion.core.handoff import CLAIM_LEASE_MS, UNDECIDED, Handoff, State
from companion.core.ids import RANDOM_BYTES, is_id, new_id
from companion.core.redaction import hidden, view
from companion.identity.credentials import Caller
from companion.service.handoffs import MOST_HELD, TOO_MANY_CLAIMS, DecisionForm, Done, Service
from companion.service.refusals import KEY_REUSED, NOT_FOUND, unseen
from companion.store.batches import Batch, BatchStore
from companion.store.protocol import Once, Stored
from companion.store.redis import RedisStore

READ: Final = 500
"""As many of the most urgent cases are looked through for similar ones."""
LEFT_OUT_TOLD: Final = 50

Serves = Callable[[Handoff], bool]


@dataclass(frozen=True, slots=True)
class Shown:
    """A case of a batch as the reviewer had it before them."""

    id: str
    version: int
    package_digest: str


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one case of a batch."""

    id: str
    status: Literal["done", "refused"]
    code: str | None = None
    detail: str | None = None
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One answer for all cases of a batch that are sent with it."""

    action: Literal["approve", "reject"]
    reason_code: str | None
    rationale: str | None


class Batches:
    """Makes batches, decides them case by case, and gives back what is left."""

    def __init__(self, store: RedisStore, batches: BatchStore, service: Service, clock: Clock) -> None:
        self._store = store
        self._batches = batches
        self._service = service
        self._clock = clock

    def make(self, like_id: str, size: int, who: Caller, serves: Serves, once: Once | None) -> Batch | Refused:
        """Claim `like_id` and the cases most like it for this reviewer, up to `size` in all."""
        if once is not None and (made := self._made_once(once, who)) is not None:
            return made
        like = self._store.load(like_id) if is_id(like_id, "ho") else None
        if like is None or not who.may_see(like.handoff):
            return NOT_FOUND
        if (hindered := self._hindered(like.handoff, who)) is not None:
            return Refused("batch_not_possible", hindered, "/like")
        held = self._store.claims_of(who.actor.id, self._clock.now_ms())
        if len(held | {like_id}) > MOST_HELD:
            return TOO_MANY_CLAIMS
        free, left_out = self._candidates(like.handoff, who, serves)
        taken: list[Stored] = []
        for handoff in similar(like.handoff, free, size):
            if len(held | {handoff.id}) > MOST_HELD:
                continue
            held.add(handoff.id)
            done = self._service.act(handoff.id, _claiming(who), may_see=who.may_see)
            if not isinstance(done, Refused):
                taken.append(Stored(done.handoff, done.package))
            elif handoff.id == like.handoff.id:
                return done
            elif done.code != "not_found":
                left_out.append({"id": handoff.id, "why": done.detail})
        batch = Batch(
            id=new_id("ba", self._store.partition, self._clock.random_bytes(RANDOM_BYTES)),
            reviewer_id=who.actor.id,
            workflow_id=like.handoff.workflow_id,
            queue=like.handoff.queue,
            until_ms=self._clock.now_ms() + CLAIM_LEASE_MS,
            handoff_ids=tuple(stored.handoff.id for stored in taken),
            outliers={found.id: list(found.why) for found in outliers([_candidate(each, who) for each in taken])},
            left_out=tuple(left_out[:LEFT_OUT_TOLD]),
            compared={stored.handoff.id: _compared(stored.handoff) for stored in taken},
        )
        if self._batches.add(batch, once) or once is None:
            return batch
        # The same request, sent twice at once: the cases that both took are those of the first that was written.
        return self._made_once(once, who) or NOT_FOUND

    def _made_once(self, once: Once, who: Caller) -> Batch | Refused | None:
        """What an earlier request under this Idempotency-Key is answered with; None when there was none."""
        made = self._batches.made_once(once)
        if made is None:
            return None
        batch_id, fingerprint = made
        return self.load(batch_id, who) or NOT_FOUND if fingerprint == once.fingerprint else KEY_REUSED

    def load(self, batch_id: str, who: Caller) -> Batch | None:
        """A batch of this reviewer; those of others do not exist for them (security row A3)."""
        batch = self._batches.load(batch_id) if is_id(batch_id, "ba") else None
        return batch if batch is not None and batch.reviewer_id == who.actor.id else None

    def cases(self, batch: Batch, who: Caller) -> list[Handoff]:
        """The cases as they stand now, as far as the reviewer may still see them."""
        return [handoff for handoff in self._store.load_many(batch.handoff_ids) if who.may_see(handoff)]

    def decide(self, batch: Batch, shown: Sequence[Shown], verdict: Verdict, who: Caller) -> list[Result]:
        """Decide each case by itself, with its own event; what is refused stays as it is.

        Sent again it answers for what it decided before: the decision of a case names its batch.
        """
        now = {handoff.id: handoff for handoff in self._store.load_many(batch.handoff_ids)}
        return [self._decide(batch, each, now.get(each.id), verdict, who) for each in shown]

    def _decide(self, batch: Batch, shown: Shown, handoff: Handoff | None, verdict: Verdict, who: Caller) -> Result:
        if handoff is None or not who.may_see(handoff):
            return _refused(shown.id, unseen(handoff, who))
        earlier = result_of(handoff, batch)
        if earlier is not None and handoff.decision is not None and handoff.decision.action == verdict.action:
            return earlier
        if handoff.state in UNDECIDED and self._clock.now_ms() >= batch.until_ms:
            over = "The 15 minutes of this batch are over; take the cases again."
            return _refused(shown.id, Refused("batch_over", over))
        if handoff.state in UNDECIDED and (alone := takes_batches(handoff)) is not None:
            return _refused(shown.id, Refused("batch_not_possible", alone))
        if shown.version == handoff.version and batch.compared.get(handoff.id) != _compared(handoff):
            changed = "This case changed since it was compared with the others; look at it by itself."
            return _refused(shown.id, Refused("batch_case_changed", changed))
        form = DecisionForm(
            action=verdict.action,
            expected_version=shown.version,
            package_digest=shown.package_digest,
            reason_code=verdict.reason_code,
            rationale=verdict.rationale,
            batch_id=batch.id,
        )
        done = self._service.decide(shown.id, who.actor, may_see=who.may_see, form=form)
        return _refused(shown.id, done) if isinstance(done, Refused) else _done(shown.id, done)

    def release(self, batch: Batch, who: Caller) -> None:
        """Give back what was not decided, and forget the batch."""
        for handoff in self.cases(batch, who):
            if handoff.state is State.CLAIMED and handoff.claim is not None and handoff.claim.by_id == who.actor.id:
                # Refused where somebody else was quicker: then there is nothing to give back.
                self._service.act(handoff.id, _releasing(who), may_see=who.may_see)
        self._batches.remove(batch.id)

    def _candidates(self, like: Handoff, who: Caller, serves: Serves) -> tuple[list[Handoff], list[Mapping[str, str]]]:
        """Cases of the same kind that the reviewer may take and decide, and why not the others that they see."""
        page = self._store.list_open(
            (like.workflow_id,), None, READ, who.skills_seen,
            wanted=lambda other: alike(like, other) and who.may_see(other), look_at=READ,
        )  # fmt: skip
        free: list[Handoff] = []
        left_out: list[Mapping[str, str]] = []
        for handoff in page.items:
            why = self._hindered(handoff, who)
            if why is not None:
                left_out.append({"id": handoff.id, "why": why})
            elif serves(handoff):
                free.append(handoff)
        return free, left_out

    def _hindered(self, handoff: Handoff, who: Caller) -> str | None:
        """Why this reviewer cannot decide the case in a batch."""
        if (alone := takes_batches(handoff)) is not None:
            return alone
        now_ms = self._clock.now_ms()
        refused = hindrance(handoff, "claim", who.actor, now_ms)
        if refused is None:
            answers = [hindrance(handoff, action, who.actor, now_ms) for action in ("approve", "reject")]
            refused = None if None in answers else answers[0]
        return None if refused is None else refused.detail


def _compared(handoff: Handoff) -> list[Any]:
    """What of a case must be as it was when it was said what stands out."""
    return [handoff.package_digest, handoff.reviewer_level, handoff.risk_tier]


def result_of(handoff: Handoff, batch: Batch) -> Result | None:
    """What this batch decided about a case; None where nothing, or where it was taken back."""
    decision = handoff.decision
    if decision is None or decision.batch_id != batch.id:
        return None
    return Result(handoff.id, "done", event_id=decision.event_id)


def _refused(handoff_id: str, refused: Refused) -> Result:
    return Result(handoff_id, "refused", refused.code, refused.detail)


def _done(handoff_id: str, done: Done) -> Result:
    return Result(handoff_id, "done", event_id=done.event_id)


def _candidate(stored: Stored, who: Caller) -> Candidate:
    """A case with what the reader may know of it: the length of request and output as shown, and what is at stake."""
    shown = json.loads(view(stored.package, stored.handoff.terms.redactions, who.roles))
    inside = sum(len(canonical_bytes(shown[part])) for part in ("request", "model_output"))
    # A formula may read what is hidden; what stands out by it would tell of that.
    known = not hidden(stored.handoff.terms.redactions, who.roles)
    impact = stored.handoff.impact_score if known else None
    return Candidate(stored.handoff, inside + sum(large["size_bytes"] for large in shown["large_values"]), impact)


def _claiming(who: Caller) -> Callable[[Stored, str], c.Command]:
    return lambda _, event_id: c.Claim(who.actor, event_id)


def _releasing(who: Caller) -> Callable[[Stored, str], c.Command]:
    return lambda _, event_id: c.Release(who.actor, event_id)
