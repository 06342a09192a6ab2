"""The decision router: a batch of items in, for each a route with its trace, all of it recorded in one commit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from companion.adapters.clock import Clock
from companion.core.canonical import digest
from companion.core.decide import Refused
from companion.core.events import happening
from companion.core.handoff import Actor, State
from companion.core.ids import BATCH_BYTES, is_id, new_batch, routed_id
from companion.core.policy.ready import CompiledPolicy
from companion.core.terms import Redaction
from companion.core.times import iso
from companion.service.judge import Judge, Judged, Settings, deciding_words, guidance
from companion.service.openings import Asking, Case, Openings, Prepared, alone, by_the_companion
from companion.service.pauses import Pauses
from companion.service.refusals import KEY_REUSED, made_and_gone
from companion.service.review_cases import hidden_by, kept_fields, review_case
from companion.service.standing import unavailable, unreadable
from companion.store.keys import ONCE_TTL_MS
from companion.store.plan import Plan
from companion.store.policies import PolicyStore
from companion.store.protocol import Once
from companion.store.records import dumps
from companion.store.redis import RedisStore

EVENTS: Final = frozenset({"auto_commit", "auto_reject", "stop_the_line"})
"""Routes that are an event of their own; where a person is asked, the handoff tells the rest."""
ACTIONS: Final[Mapping[str, Any]] = {"auto_commit": "accept", "auto_reject": "reject"}
QUESTIONS: Final = ("Was the output accurate?", "Did it keep to the policy?")


@dataclass(frozen=True, slots=True)
class Routed:
    """The answer to a batch, as JSON texts of its items."""

    items: list[str]
    replayed: bool


class Routing:
    """Routes items, keeps what was decided, and has samples looked at."""

    def __init__(
        self,
        store: PolicyStore,
        handoffs: RedisStore,
        judge: Judge,
        openings: Openings,
        pauses: Pauses,
        clock: Clock,
    ) -> None:
        self._store = store
        self._handoffs = handoffs
        self._judge = judge
        self._openings = openings
        self._pauses = pauses
        self._clock = clock

    def route(
        self,
        items: Sequence[Mapping[str, Any]],
        actor: Actor,
        *,
        settings: Settings | None = None,
        asking: Asking | None = None,
        once: Once | None = None,
    ) -> Routed | Refused:
        """Route 1 to 500 items. With `asking`, a handoff is opened for each that a person must decide.

        Under an Idempotency-Key (`once`) a repeated batch gets the first answer again, also after a crash between the
        commit and the answer. Raises UnusablePolicy for settings that contradict the policy.
        """
        if once is not None and (made := self._handoffs.made_once(once.name)) is not None:
            return self._replay(made, once)
        now_ms = self._clock.now_ms()
        judged = self._judge.judge(items, now_ms, settings=settings)
        batch = new_batch(self._store.partition, self._clock.random_bytes(BATCH_BYTES))
        identifiers = [routed_id(batch, index) for index in range(len(judged))]
        stopped = self._pauses.stop_the_line(judged, identifiers)
        if isinstance(stopped, Refused):
            return stopped
        if stopped:
            # Judged before there was a pause: what stands beside the stop would go through.
            judged = self._judge.judge(items, now_ms, settings=settings)
        plan = Plan()
        if once is not None:
            self._handoffs.add_once(plan, once, [batch, len(judged)], ONCE_TTL_MS)
        opened = self._open(plan, judged, identifiers, asking, now_ms)
        if isinstance(opened, Refused):
            return opened
        answers = []
        for identifier, one in zip(identifiers, judged, strict=True):
            sampled = one.evaluation.sample is not None and one.evaluation.sample.chosen
            review = self._review(plan, identifier, one, now_ms) if sampled else None
            answers.append(self._record(plan, identifier, one, actor, now_ms, review, opened.get(identifier)))
        self._judge.keep_facts(plan, judged)
        came = self._handoffs.run(plan)
        if came[0] == b"REPLAY" and once is not None:
            # Somebody with the same key was quicker by a moment.
            made = self._handoffs.made_once(once.name)
            return self._replay(made, once) if made else _GONE
        return Routed(answers, replayed=False)

    def read(self, identifier: str) -> dict[str, Any] | None:
        """The record of a routed item: facts, evaluation and event, no payload."""
        record = self._store.routed([identifier])[0] if is_id(identifier, "rt") else None
        if record is not None and record["review"]:
            record["review"] = self._latest(identifier, record["review"])
        return record

    def review(self, record: Mapping[str, Any], shown: Mapping[str, Any], actor: Actor) -> str | Refused:
        """Have a person look at what was decided without one (R-SAMP-07). Returns the review's id.

        Opens one at most, and a new one where that ended without an answer; an event says who asked (R-AUD-18).
        `shown` may hold request and model_output, which nobody kept here; they must be those that were routed, and
        come from the workflow.
        """
        identifier = record["id"]
        if shown and actor.kind != "automation":
            # Whether it is what was routed would tell which guess of a hidden value is right.
            return NOT_THEIRS_TO_SEND
        for name in ("request", "model_output"):
            if name in shown and digest(shown[name]) != record["digests"][name]:
                return Refused(
                    "package_digest_mismatch", "This is not what was routed; leave it out, or send that.", f"/{name}"
                )
        now_ms = self._clock.now_ms()
        for _ in range(2):
            latest = self._latest(identifier, record.get("review"))
            if latest is not None and not self._unanswered(latest):
                return latest
            policies = self._policies_of(record)
            if isinstance(policies, Refused):
                return policies
            once = Once(_reviews(identifier, latest), identifier)
            plan = Plan()
            fields = kept_fields(record["facts"]["item"]) | {"request": record["facts"]["item"]} | dict(shown)
            prepared = self._prepared(identifier, fields, record, policies, now_ms)
            if isinstance(prepared, Refused):
                return alone(prepared)
            review_id = prepared.group.handoff_ids[0]
            self._handoffs.add_once(plan, once, review_id, self._handoffs.retention_ms)
            self._openings.add(plan, prepared)
            decided_by = record["answer"]["policy"]
            told = happening(
                self._clock.uuid4(),
                "route.review_asked",
                actor,
                now_ms,
                workflow_id=record["workflow_id"],
                policy_version=f"{decided_by['id']}@{decided_by['version']}",
                to_actor=f"reviewers of {record['workflow_id']}",
                details={"routed_id": identifier, "review": review_id},
            )
            self._store.add_events(plan, [told])
            if self._handoffs.run(plan)[0] == b"OK":
                return review_id
        return Refused("busy", "Somebody asked for this review at the same moment; try again.")

    def review_of(self, identifier: str) -> str | None:
        """The review that was asked for by hand, if any."""
        return self._latest(identifier, None)

    def hidden_places(self, record: Mapping[str, Any]) -> tuple[Redaction, ...] | Refused:
        """What is hidden of a routed item: what was as it was routed, and what is now (R-CTX-18)."""
        policies = self._policies_of(record)
        return policies if isinstance(policies, Refused) else hidden_by(policies)

    # Parts

    def _policies_of(self, record: Mapping[str, Any]) -> tuple[CompiledPolicy, ...] | Refused:
        return self._judge.then_and_now(record["workflow_id"], record["answer"]["policy_version"])

    def _latest(self, identifier: str, latest: str | None) -> str | None:
        """The newest review of an item: each stands behind the one before, which ended without an answer."""
        while (made := self._handoffs.made_once(_reviews(identifier, latest))) is not None:
            latest = str(made[0])
        return latest

    def _unanswered(self, review_id: str) -> bool:
        """Whether a review was withdrawn or ran out."""
        stored = self._handoffs.load(review_id)
        return stored is not None and stored.handoff.state in (State.WITHDRAWN, State.EXPIRED)

    def _open(
        self,
        plan: Plan,
        judged: Sequence[Judged],
        identifiers: Sequence[str],
        asking: Asking | None,
        now_ms: int,
    ) -> dict[str, dict[str, Any]] | Refused:
        """Handoffs for what a person must decide, when they are asked for: routed id -> the answer to its opening."""
        if asking is None:
            return {}
        wanted = [(identifier, one) for identifier, one in zip(identifiers, judged, strict=True)
                  if one.evaluation.human and one.evaluation.route != "stop_the_line"]  # fmt: skip
        if not wanted:
            return {}
        unread = next((one.item.workflow_id for _, one in wanted if not one.readable), None)
        if unread is not None:
            return unavailable(unreadable(unread))
        prepared = self._openings.prepare([Case(one.fields, guidance(one)) for _, one in wanted], asking, now_ms)
        if isinstance(prepared, Refused):
            return _in_batch(prepared, [name for name, _ in wanted], identifiers)
        self._openings.add(plan, prepared)
        answers = self._openings.answer(prepared).handoffs
        return {identifier: answer for (identifier, _), answer in zip(wanted, answers, strict=True)}

    def _record(
        self,
        plan: Plan,
        identifier: str,
        one: Judged,
        actor: Actor,
        now_ms: int,
        review: str | None,
        opened: Mapping[str, Any] | None,
    ) -> str:
        """Write what became of one item; returns its part of the answer as JSON."""
        answer = {
            "id": identifier,
            "item_id": one.item.item_id,
            **one.evaluation.document(),
            "event_id": self._clock.uuid4(),
            "handoff": opened,
        }
        if answer.get("sample"):
            answer["sample"] = {**answer["sample"], "review": review}
        text = dumps(answer)
        # The token of a handoff holds its payload; a repeated request makes it anew.
        kept = text if opened is None else dumps(answer | {"handoff": {n: opened[n] for n in ("id", "group_id")}})
        digests = {name: digest(one.fields.get(name)) for name in ("request", "model_output")}
        facts = self._judge.facts(identifier, one, now_ms)
        events = self._events(answer["event_id"], identifier, one, actor, digests, now_ms, review)
        rest = dumps(
            {
                "id": identifier,
                "workflow_id": one.item.workflow_id,
                "routed_at": iso(now_ms),
                "sampling_state": {
                    "raised_by": sorted(one.sampling.raised_by),
                    "strong_drift": one.sampling.strong_drift,
                },
                "digests": digests,
                "events": events,
                "review": review,
                "questions": list(_questions(one)),
                "due_business_days": _due_days(one),
            }
        )
        # Joined as texts: none of the parts is encoded twice, and the answer is kept as it was sent.
        self._store.add_routed(plan, identifier, f'{rest[:-1]},"facts":{facts},"answer":{kept}}}')
        case = None if opened is None else opened["id"]
        self._judge.add_fact(plan, one.item.workflow_id, facts, now_ms, review or case)
        return text

    def _events(
        self,
        event_id: str,
        identifier: str,
        one: Judged,
        actor: Actor,
        digests: Mapping[str, str],
        now_ms: int,
        review: str | None,
    ) -> list[dict[str, Any]]:
        """The audit events of one item (R-AUD-01): what was decided, by which policy and why, and its draw."""
        evaluation, item = one.evaluation, one.item
        route = evaluation.route
        model = one.fields.get("model") or {}
        event = happening(
            event_id,
            f"route.{route}" if route in EVENTS else "route.human_review",
            actor,
            now_ms,
            workflow_id=item.workflow_id,
            policy_version=f"{one.policy.policy_id}@{one.policy.version}",
            task_id=item.task_id,
            model_version=item.model_version,
            model_hash=model.get("hash"),
            input_snapshot={"sha256": digests["request"], "pointer": f"route:{identifier}"},
            model_output={"digest": digests["model_output"], "confidence": item.confidence},
            decision_action=ACTIONS.get(route),
            justification=deciding_words(evaluation),
            to_actor=f"workflow {item.workflow_id}" if route in ACTIONS else f"reviewers of {item.workflow_id}",
            details={
                "route": route,
                "lane": evaluation.lane,
                "routed_id": identifier,
                "conditions": list(evaluation.conditions),
            },
        )
        if review is None or evaluation.sample is None:
            return [event]
        details = {"routed_id": identifier, "review": review, **evaluation.sample.document()}
        sampled: dict[str, Any] = {
            "event_id": self._clock.uuid4(),
            "event_type": "route.sampled",
            "decision_action": None,
            "justification": None,
            "to_actor": f"reviewers of {item.workflow_id}",
            "details": details,
        }
        return [event, event | sampled]

    def _review(self, plan: Plan, identifier: str, one: Judged, now_ms: int) -> str:
        """Open the review of a sampled item beside its record: committed now, looked at later (R-ROUTE-38)."""
        record = {
            "answer": one.evaluation.document(),
            "questions": list(_questions(one)),
            "due_business_days": _due_days(one),
        }
        prepared = self._prepared(identifier, one.fields, record, (one.policy,), now_ms)
        if isinstance(prepared, Refused):
            # What is too large to show is reviewed by its facts.
            facts = one.item.without_payload().record()
            slim = {"workflow_id": one.item.workflow_id, "request": facts, "model_output": None}
            prepared = self._prepared(identifier, slim, record, (one.policy,), now_ms)
        assert isinstance(prepared, Prepared), "facts are small"
        self._openings.add(plan, prepared)
        return prepared.group.handoff_ids[0]

    def _prepared(
        self,
        identifier: str,
        fields: Mapping[str, Any],
        record: Mapping[str, Any],
        policies: Sequence[CompiledPolicy],
        now_ms: int,
    ) -> Prepared | Refused:
        case = review_case(identifier, fields, record, policies, now_ms)
        return self._openings.prepare([case], by_the_companion(identifier), now_ms)

    def _replay(self, made: tuple[Any, str], once: Once) -> Routed | Refused:
        (batch, count), fingerprint = made
        if fingerprint != once.fingerprint:
            return KEY_REUSED
        found = self._store.routed([routed_id(batch, index) for index in range(count)])
        if (held := self._held(found)) is not None:
            return held
        answers = [record["answer"] for record in found if record is not None]
        groups = dict.fromkeys(answer["handoff"]["group_id"] for answer in answers if answer["handoff"])
        opened: dict[str, Any] = {}
        for group_id in groups:
            again = self._openings.replay(group_id)
            if isinstance(again, Refused):
                return again
            opened |= {answer["id"]: answer for answer in again.handoffs}
        if len(answers) < count:
            return _GONE
        for answer in answers:
            answer["handoff"] = opened[answer["handoff"]["id"]] if answer["handoff"] else None
        return Routed([dumps(answer) for answer in answers], replayed=True)

    def _held(self, found: Sequence[Mapping[str, Any] | None]) -> Refused | None:
        """A refusal where a pause holds what went through by itself before it: a repetition must not start it now."""
        book = self._pauses.book()
        for record in found if book.active else ():
            if record is None or record["answer"]["route"] not in ACTIONS:
                continue
            item = record["facts"]["item"]
            pause = book.covering(record["workflow_id"], item.get("model_version"), decided=False)
            if pause is not None:
                told = f"{pause.by_name} paused this since ({pause.id}): {pause.reason}"
                return Refused("paused", f"{told} Send it again when the pause is over.")
        return None


def _reviews(identifier: str, before: str | None) -> str:
    """The guard under which an item gets one review, or one more after `before`."""
    return f"review:{identifier}" if before is None else f"review:{identifier}:{before}"


_GONE: Final = made_and_gone("routed")
NOT_THEIRS_TO_SEND: Final = Refused(
    "automation_only", "Only the workflow sends what was routed; ask without request and model_output."
)


def _in_batch(refused: Refused, wanted: Sequence[str], identifiers: Sequence[str]) -> Refused:
    """The refusal of the list of those that were to be opened, pointing into the batch of items."""
    if refused.field is None:
        return refused
    _, at, *rest = refused.field.split("/")
    return replace(refused, field="/".join(["", "items", str(identifiers.index(wanted[int(at)])), *rest]))


def _questions(one: Judged) -> Sequence[str]:
    return one.policy.effective["sampling"].get("questions") or QUESTIONS


def _due_days(one: Judged) -> int:
    return int(one.policy.effective["sampling"]["due_business_days"])
