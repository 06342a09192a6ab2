"""Load, decide, commit: the only caller of `decide`. Every shell (HTTP, workers, command line) comes through here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final, Literal

from companion.adapters.clock import Clock
from companion.core import commands as c
from companion.core.decide import Accepted, Refused, decide
from companion.core.handoff import SYSTEM, Actor, Handoff
from companion.core.ids import RANDOM_BYTES, delivery_of, is_id, new_id
from companion.core.opening import open_one
from companion.core.outcome import outcome
from companion.core.package import UnusablePackage, digest_of, full_value
from companion.core.revision import edit_output, next_version
from companion.core.times import iso
from companion.signing import Signer
from companion.store.protocol import Conflict, Group, Once, Opened, Stored, TokenUsed
from companion.store.redis import RedisStore

COMMIT_TRIES: Final = 3
"""After this many lost races the caller is told to try again, so that no request spins."""


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


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to an opening; the same bytes again when `replayed`."""

    group_id: str
    handoffs: list[dict[str, Any]]
    replayed: bool


@dataclass(frozen=True, slots=True)
class Done:
    """A command that holds: the handoff and its package after it, and the id of the event that records it."""

    handoff: Handoff
    package: bytes
    event_id: str
    replayed: bool = False
    """An earlier request under the same Idempotency-Key did it."""


BuildCommand = Callable[[Stored, str], c.Command]
"""From the handoff as loaded and a fresh event id to the command to decide."""

MaySee = Callable[[Handoff], bool]
"""Whether the caller works on this handoff; what they do not work on is not found (security row A3)."""


def anything(_: Handoff) -> bool:
    """The service's own workers see every handoff."""
    return True


class Service:
    """The companion's use cases."""

    def __init__(
        self, store: RedisStore, ring: Signer, clock: Clock, page_url: str, default_expires_in_s: int | None
    ) -> None:
        self.store = store
        self.ring = ring
        self.clock = clock
        self.page_url = page_url
        self.default_expires_in_s = default_expires_in_s

    # Opening

    def open_group(self, openings: Sequence[Mapping[str, Any]], asking: Asking) -> Answer | Refused:
        """Open 1 to 500 handoffs behind one callback, once per Idempotency-Key (security row A1)."""
        now_ms = self.clock.now_ms()
        group_id = self._new_id("gr")
        delivery_id = delivery_of(group_id) if asking.callback_url else None
        actor = Actor("automation", asking.api_key_id, asking.api_key_name)
        accepted: list[Accepted] = []
        for index, fields in enumerate(openings):
            try:
                handoff, package = open_one(
                    fields,
                    handoff_id=self._new_id("ho"),
                    group_id=group_id,
                    index=index,
                    salt=self.clock.random_bytes(16).hex(),
                    source=asking.source,
                    delivery_id=delivery_id,
                    now_ms=now_ms,
                    default_expires_in_s=self.default_expires_in_s,
                )
            except UnusablePackage as error:
                prefix = f"/handoffs/{index}" if len(openings) > 1 else ""
                return Refused("package_unusable", str(error), prefix + error.pointer)
            opened = decide(None, c.Open(handoff, package, actor, self.clock.uuid4()), now_ms)
            if isinstance(opened, Refused):
                return opened
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
        minted = [self.ring.mint("n8n", o.handoff.id, o.package.canonical) for o in accepted if o.package]
        once = Once(_once_name(asking), asking.body_digest)
        came = self.store.open(group, accepted, [parts for _, parts in minted], once)
        if isinstance(came, Opened):
            answers = [
                self._first_answer(o.handoff, token, o.handoff.package_digest)
                for o, (token, _) in zip(accepted, minted, strict=True)
            ]
            return Answer(group_id, answers, replayed=False)
        if came.fingerprint != asking.body_digest:
            return KEY_REUSED
        return self._replay(came.group_id)

    def _replay(self, group_id: str) -> Answer | Refused:
        """The first answer again, byte for byte: signature, jti and iat were kept, the rest is rebuilt."""
        group = self.store.load_group(group_id)
        answers = []
        for handoff_id in group.handoff_ids if group else ():
            stored, kept = self.store.load(handoff_id), self.store.first_answer(handoff_id)
            if stored is None or kept is None:
                break
            token = self.ring.reassemble(kept[0], handoff_id, kept[1])
            answers.append(self._first_answer(stored.handoff, token, digest_of(kept[1])))
        if group is None or len(answers) < len(group.handoff_ids):
            return Refused(
                "idempotency_key_reused", "What this Idempotency-Key opened is over and gone; make a new key."
            )
        return Answer(group_id, answers, replayed=True)

    def _first_answer(self, handoff: Handoff, token: str, package_digest: str) -> dict[str, Any]:
        return {
            "id": handoff.id,
            "group_id": handoff.group_id,
            "state": "pending",
            "version": 1,
            "package_token": token,
            "package_digest": package_digest,
            "request_digest": handoff.request_digest,
            "output_digest": handoff.output_digest,
            "review_url": self.review_url(handoff.id),
            "expires_at": iso(handoff.expires_at_ms),
        }

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
            accepted = decide(stored.handoff, command, self.clock.now_ms())
            if isinstance(accepted, Refused):
                return accepted
            came = self.store.commit(stored, accepted, jti, once)
            if isinstance(came, TokenUsed):
                return Refused(
                    "package_token_used", "This package token gave its command already; load the case again."
                )
            if not isinstance(came, Conflict):
                package = accepted.package.canonical if accepted.package else stored.package
                return Done(accepted.handoff, package, event_id)
        return Refused("busy", "Several people changed this case at the same moment; try again.")

    def decide(
        self,
        handoff_id: str,
        actor: Actor,
        *,
        may_see: MaySee,
        action: Literal["approve", "reject", "modify"],
        expected_version: int | None,
        package_digest: str,
        view_digest: str | None,
        reason_code: str | None,
        rationale: str | None,
        edited_output: Any,
        deliberate: Callable[[Handoff], bool],
        jti: str | None,
    ) -> Done | Refused:
        """Approve, reject, or approve an edited output. `deliberate` tells whether this version's word was given."""

        def build(stored: Stored, event_id: str) -> c.Command:
            edit = None
            if edited_output is not None:
                salt = self.clock.random_bytes(16).hex()
                edit = edit_output(
                    stored.handoff, stored.package, self.store.blobs(stored.handoff), edited_output, salt
                )
            return c.Decide(
                actor,
                event_id,
                action,
                expected_version,
                package_digest,
                view_digest,
                reason_code,
                rationale,
                edit,
                deliberate(stored.handoff),
            )

        return self.act(handoff_id, build, may_see=may_see, jti=jti)

    def answer(
        self, handoff_id: str, actor: Actor, text: str, changed: Mapping[str, Any], *, may_see: MaySee
    ) -> Done | Refused:
        """Answer the open question; `changed` may hold request and model_output that replace the shown ones."""

        def build(stored: Stored, event_id: str) -> c.Command:
            return c.Answer(actor, event_id, text, self._next_package(stored, changed))

        return self.act(handoff_id, build, may_see=may_see)

    def revise(
        self, handoff_id: str, actor: Actor, expected_version: int, changed: Mapping[str, Any], *, may_see: MaySee
    ) -> Done | Refused:
        """Replace the package of a pending case by a new, linked version."""

        def build(stored: Stored, event_id: str) -> c.Command:
            title = changed.get("title") or stored.handoff.title
            question = changed.get("question") or stored.handoff.question
            package = self._next_package(stored, {**changed, "metadata": {"title": title, "question": question}})
            return c.Revise(actor, event_id, expected_version, package, title, question)

        return self.act(handoff_id, build, may_see=may_see)

    def expire(self, handoff_id: str) -> Done | Refused:
        """Close a case whose time is over."""
        return self.act(handoff_id, lambda _, event_id: c.Expire(event_id))

    def release_lapsed_claim(self, handoff_id: str) -> Done | Refused:
        """End a claim whose lease ran out."""
        return self.act(handoff_id, lambda _, event_id: c.Release(SYSTEM, event_id))

    def _next_package(self, stored: Stored, changed: Mapping[str, Any]) -> Any:
        given = {
            name: changed[name] for name in ("request", "model_output", "metadata") if changed.get(name) is not None
        }
        salt = self.clock.random_bytes(16).hex()
        return next_version(stored.handoff, stored.package, self.store.blobs(stored.handoff), salt, **given)

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
        return f"{self.page_url}/#/h/{handoff_id}"

    def _new_id(self, prefix: str) -> str:
        return new_id(prefix, self.store.partition, self.clock.random_bytes(RANDOM_BYTES))


KEY_REUSED: Final = Refused("idempotency_key_reused", "This Idempotency-Key was used for another body; make a new one.")
NOT_FOUND: Final = Refused("not_found", "There is nothing here, or it is not yours to see.")


def _once_name(asking: Asking) -> str:
    """Two API keys may use the same Idempotency-Key without meeting."""
    return sha256(f"{asking.api_key_id}\n{asking.idempotency_key}".encode()).hexdigest()


def _wait_id(source: Mapping[str, Any] | None) -> str | None:
    """Names one wait place: execution and node. Loops come here again and again, each with a newer group."""
    if not source or not source.get("execution_id") or not source.get("node_id"):
        return None
    named = "\n".join(str(source.get(name)) for name in ("system", "execution_id", "node_id"))
    return sha256(named.encode()).hexdigest()
