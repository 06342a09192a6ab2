"""Questions to people being put together: package, rules, token, and their part of a commit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Literal

from companion.adapters.clock import Clock
from companion.core import commands as c
from companion.core.decide import Accepted, Refused, decide
from companion.core.handoff import Actor, Handoff, State
from companion.core.ids import RANDOM_BYTES, delivery_of, new_id
from companion.core.opening import Guidance, built_in, missing_parts, open_one
from companion.core.package import UnusablePackage, digest_of
from companion.core.policy.vocabulary import risk_tier
from companion.core.similar import choose
from companion.core.times import iso
from companion.service.decided import DecidedLately
from companion.service.refusals import made_and_gone
from companion.service.signing import Signer
from companion.store.plan import Plan
from companion.store.protocol import Group, Once, Opened, Replayed
from companion.store.redis import RedisStore


@dataclass(frozen=True, slots=True)
class Asking:
    """Who opens a group and how its outcome is told."""

    api_key_id: str
    api_key_name: str
    idempotency_key: str
    body_digest: str
    """Hash of the body's bytes, by which a repeated request is told from a different one."""
    callback_url: str | None
    callback_expects: Literal["2xx", "acknowledgement"]
    source: Mapping[str, Any] | None

    @property
    def actor(self) -> Actor:
        """The automation that asks."""
        return Actor("automation", self.api_key_id, self.api_key_name)

    @property
    def once(self) -> Once:
        """The guard of its Idempotency-Key. Two API keys may use the same one without meeting."""
        name = sha256(f"{self.api_key_id}\n{self.idempotency_key}".encode()).hexdigest()
        return Once(name, self.body_digest)


@dataclass(frozen=True, slots=True)
class Case:
    """One question: its fields, what the policy says of it, and what it reviews, if anything."""

    fields: Mapping[str, Any]
    guidance: Guidance | None = None
    subject: str | None = None
    due_at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A group that is ready to be written: its handoffs, and the tokens of their first packages."""

    group: Group
    accepted: tuple[Accepted, ...]
    tokens: tuple[tuple[str, str], ...]
    """The whole token, and the parts that are kept of it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to an opening; the same bytes again when `replayed`."""

    group_id: str
    handoffs: list[dict[str, Any]]
    replayed: bool


class Openings:
    """Makes handoffs out of questions, and tells what was made."""

    def __init__(
        self, store: RedisStore, signer: Signer, clock: Clock, page_url: str, default_expires_in_s: int | None
    ) -> None:
        self._store = store
        self._signer = signer
        self._clock = clock
        self._page_url = page_url
        self._default_expires_in_s = default_expires_in_s
        self._decided = DecidedLately(store, clock)

    def prepare(self, cases: Sequence[Case], asking: Asking, now_ms: int) -> Prepared | Refused:
        """Build one group of handoffs; nothing is written. A refusal points into the list of cases: `/0/urgency`."""
        group_id = self.new_id("gr")
        delivery_id = delivery_of(group_id) if asking.callback_url else None
        accepted: list[Accepted] = []
        for index, case in enumerate(cases):
            opened = self._one(case, index, group_id, delivery_id, asking, now_ms)
            if isinstance(opened, Refused):
                return opened if opened.field is None else replace(opened, field=f"/{index}{opened.field}")
            accepted.append(opened)
        latest_ms = max(opened.handoff.expires_at_ms for opened in accepted)
        if len(accepted) > 1:
            size = len(accepted)
            grouped = [replace(o.handoff, group_expires_at_ms=latest_ms, group_size=size) for o in accepted]
            accepted = [replace(o, handoff=handoff) for o, handoff in zip(accepted, grouped, strict=True)]
        group = Group(
            id=group_id,
            handoff_ids=tuple(opened.handoff.id for opened in accepted),
            workflow_id=accepted[0].handoff.workflow_id,
            idempotency_key=asking.idempotency_key,
            api_key_id=asking.api_key_id,
            created_at_ms=now_ms,
            callback_url=asking.callback_url,
            callback_expects=asking.callback_expects,
            delivery_id=delivery_id,
            wait_id=_wait_id(asking.source),
        )
        tokens = [self._signer.mint("n8n", o.handoff.id, o.package.canonical) for o in accepted if o.package]
        return Prepared(group, tuple(accepted), tuple(tokens))

    def _one(
        self, case: Case, index: int, group_id: str, delivery_id: str | None, asking: Asking, now_ms: int
    ) -> Accepted | Refused:
        guidance = case.guidance or built_in(case.fields["workflow_id"])
        missing = missing_parts(case.fields, guidance)
        if missing is not None:
            return missing
        try:
            handoff, package = open_one(
                case.fields,
                handoff_id=self.new_id("ho"),
                group_id=group_id,
                index=index,
                salt=self._clock.random_bytes(16).hex(),
                source=asking.source,
                delivery_id=delivery_id,
                now_ms=now_ms,
                default_expires_in_s=self._default_expires_in_s,
                guidance=guidance,
                subject=case.subject,
                due_at_ms=case.due_at_ms,
                similar_cases=self._similar(case, guidance) if case.subject is None else (),
            )
        except UnusablePackage as error:
            return Refused("package_unusable", str(error), error.pointer)
        stop = None
        if guidance.stop is not None:
            stop = c.Stop(self._clock.uuid4(), guidance.stop)
        return decide(None, c.Open(handoff, package, asking.actor, self._clock.uuid4(), stop), now_ms)

    def _similar(self, case: Case, guidance: Guidance) -> list[dict[str, Any]]:
        """Decided cases of the workflow that are most like this one, as far as its reviewers may know of them."""
        fields = case.fields
        return choose(
            self._decided.newest(fields["workflow_id"]),
            category=fields.get("category"),
            risk_tier=guidance.risk_tier or risk_tier(fields.get("risk_tier"), fields.get("risk_score")),
            flags=[*(fields.get("flags") or ()), *guidance.flags],
            queue=guidance.queue,
            skills=guidance.skills,
            confidence=fields.get("confidence"),
        )

    def add(self, plan: Plan, prepared: Prepared) -> None:
        """Put a group into a plan, beside whatever else that plan writes."""
        self._store.add_group(plan, prepared.group, prepared.accepted, [parts for _, parts in prepared.tokens])

    def commit(self, plan: Plan, prepared: Prepared, once: Once) -> Opened | Replayed:
        """Write a group, and what the plan holds besides, once per Idempotency-Key."""
        return self._store.open(prepared.group, prepared.accepted, [parts for _, parts in prepared.tokens], once, plan)

    def answer(self, prepared: Prepared) -> Answer:
        """What the opener is told."""
        answers = [
            self._first_answer(o.handoff, token, o.handoff.package_digest)
            for o, (token, _) in zip(prepared.accepted, prepared.tokens, strict=True)
        ]
        return Answer(prepared.group.id, answers, replayed=False)

    def replay(self, group_id: str) -> Answer | Refused:
        """The first answer again, byte for byte: signature, jti and iat were kept, the rest is rebuilt."""
        group = self._store.load_group(group_id)
        answers = []
        for handoff in self._store.load_many(group.handoff_ids) if group else ():
            kept = self._store.first_answer(handoff.id)
            if kept is None:
                break
            token = self._signer.reassemble(kept[0], handoff.id, kept[1])
            answers.append(self._first_answer(handoff, token, digest_of(kept[1])))
        if group is None or len(answers) < len(group.handoff_ids):
            return made_and_gone("opened")
        return Answer(group_id, answers, replayed=True)

    def _first_answer(self, handoff: Handoff, token: str, package_digest: str) -> dict[str, Any]:
        return {
            "id": handoff.id,
            "group_id": handoff.group_id,
            # Only an opening can stop a case, so this is how it was opened, whatever happened since.
            "state": (State.STOPPED if handoff.state is State.STOPPED else State.PENDING).value,
            "version": 1,
            "package_token": token,
            "package_digest": package_digest,
            "request_digest": handoff.request_digest,
            "output_digest": handoff.output_digest,
            "review_url": self.review_url(handoff.id),
            "expires_at": iso(handoff.expires_at_ms),
        }

    def review_url(self, handoff_id: str) -> str:
        """The address of the page for one handoff. It holds no secret (design section 7)."""
        return f"{self._page_url}/#/h/{handoff_id}"

    def new_id(self, prefix: str) -> str:
        """A fresh identifier."""
        return new_id(prefix, self._store.partition, self._clock.random_bytes(RANDOM_BYTES))


def alone(refused: Refused) -> Refused:
    """The refusal of a list of one case, pointing into that case."""
    return refused if refused.field is None else replace(refused, field=refused.field.removeprefix("/0"))


def by_the_companion(subject: str) -> Asking:
    """Handoff itself asks: for the review of what was decided without a person, or of a pause."""
    return Asking("handoff", "Handoff", f"review:{subject}", "", None, "2xx", None)


def _wait_id(source: Mapping[str, Any] | None) -> str | None:
    """Names one wait place: execution and node. Loops come here again and again, each with a newer group."""
    if not source or not source.get("execution_id") or not source.get("node_id"):
        return None
    named = "\n".join(str(source.get(name)) for name in ("system", "execution_id", "node_id"))
    return sha256(named.encode()).hexdigest()
