"""Policies: read, save, propose, approve, simulate. Every change is a version, has an approver, and leaves an event."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from companion.adapters.clock import Clock
from companion.core.decide import Refused
from companion.core.events import happening
from companion.core.handoff import Actor, State
from companion.core.ids import RANDOM_BYTES, new_id
from companion.core.mailboxes import mailbox
from companion.core.policy.change import diff, verdict
from companion.core.policy.document import PolicyProblem, UnusablePolicy
from companion.core.policy.facts import Facts
from companion.core.policy.ready import CompiledPolicy
from companion.core.policy.simulation import Report, simulate
from companion.core.policy.versions import approver_of_bounds, compared, replay_reasons, risk_tier_of, summary
from companion.core.times import DAY_MS, iso
from companion.service.standing import InForce, compile_document
from companion.store.policies import PolicyState, PolicyStore
from companion.store.protocol import Page
from companion.store.redis import RedisStore

REPLAYED: Final = 2_000
"""How many of the newest cases a change is replayed on before it holds (R-CAN-07)."""
SIMULATED: Final = 20_000
SIMULATED_DAYS: Final = 31

BOUNDS_UNREADABLE: Final = "The policy in force cannot be read here, so what this changes in it is not known."
Signal = Literal["drift", "new_data"]
OUTCOMES: Final[Mapping[State, str]] = {
    State.APPROVED: "approved",
    State.MODIFIED: "modified",
    State.REJECTED: "rejected",
    State.ROLLED_BACK: "rolled_back",
}


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a change: `record` is the version that holds now, or the proposal that waits."""

    status: Literal["active", "proposed"]
    record: Mapping[str, Any]


class Policies(InForce):
    """The use cases around policies."""

    def __init__(self, store: PolicyStore, handoffs: RedisStore, clock: Clock) -> None:
        super().__init__(store, clock)
        self._handoffs = handoffs

    # Reading

    def listed(self) -> list[dict[str, Any]]:
        """Every workflow that has a policy of its own, or one that waits for governance, in short."""
        found = []
        for name, state in self._store.states(self._store.workflows()).items():
            if state.active or state.proposal:
                policy, readable = self.in_force(name, state.active)
                record = self._store.version(name, state.active) or {}
                waiting = _told_of(state).proposal
                found.append(summary(policy if readable else None, record, name, state.active, waiting))
        return found

    def view(self, workflow_id: str) -> tuple[PolicyState, CompiledPolicy, dict[str, Any]]:
        """State, active policy and its record; version 0 where the workflow has none of its own."""
        state = self._store.state(workflow_id)
        record = self._store.version(workflow_id, state.active) if state.active else None
        return _told_of(state), self.in_force(workflow_id, state.active)[0], record or {}

    def versions(self, workflow_id: str) -> list[dict[str, Any]]:
        """All versions, the newest first."""
        return self._store.versions(workflow_id, self._store.state(workflow_id).latest)

    def version(self, workflow_id: str, number: int) -> dict[str, Any] | None:
        """One version as it was saved."""
        return self._store.version(workflow_id, number)

    # Changing

    def save(
        self, workflow_id: str, document: Mapping[str, Any], reason: str, expected_version: int, actor: Actor
    ) -> Saved | Refused:
        """Make a change: at once within the bounds that governance set, else as a proposal (X-16).

        Raises UnusablePolicy.
        """
        state = self._store.state(workflow_id)
        if expected_version != state.active:
            return Refused("version_stale", f"The policy moved on to version {state.active}; read it again.")
        before, readable = self.in_force(workflow_id, state.active)
        record = self._store.version(workflow_id, state.active)
        if record is not None and record["document"] == document:
            return Saved("active", record)
        after = self._checked(workflow_id, document, state.latest + 1)
        was, becomes = compared(before, after, of_preset=state.active == 0)
        changes = diff(was, becomes)
        result = self._tested(workflow_id, before, after)
        found = verdict(was, becomes, before.effective.get("bounds") or {}, risk_tier_of(before))
        # Which bounds governance set is not known where the policy that has them cannot be read.
        unknown = [] if readable else [BOUNDS_UNREADABLE]
        reasons = [*unknown, *found.reasons, *replay_reasons(result)]
        change = _Change(workflow_id, dict(document), changes, result, reason, actor)
        if found.status == "active" and not unknown and not replay_reasons(result):
            approver = approver_of_bounds(record, state.active)
            return self._activate(state, change, approver, "policy.saved", actor)
        return self._propose(state, change, reasons)

    def decide(
        self, workflow_id: str, proposal_id: str, choice: Literal["approve", "reject"], reason: str, actor: Actor
    ) -> Saved | Refused:
        """Governance approves or refuses what somebody else proposed. Raises UnusablePolicy."""
        state = self._store.state(workflow_id)
        proposal = state.proposal
        if proposal is None or proposal["id"] != proposal_id:
            return Refused("proposal_gone", "This proposal was decided or replaced already; read the policy again.")
        if is_proposer(proposal, actor):
            return Refused("self_approval", "Whoever proposed this cannot approve it; somebody else must.")
        change = _proposed(workflow_id, proposal)
        if choice == "reject":
            event = self._event("policy.refused", change, actor, proposal["base_version"], reason, proposal_id)
            done = self._store.commit(state, replace(state, proposal=None), None, [event])
            return Saved("proposed", proposal_told(proposal)) if done else BUSY
        if proposal["base_version"] != state.active:
            return Refused(
                "proposal_stale",
                f"The policy moved on to version {state.active} since this was proposed; propose it again.",
            )
        self._checked(workflow_id, proposal["document"], state.latest + 1)
        approver = {"id": actor.id, "name": actor.name, "how": "proposal", "reason": reason}
        return self._activate(replace(state, proposal=None), change, approver, "policy.approved", actor, state)

    def raise_sampling(
        self, workflow_id: str, signal: Signal, why: str, actor: Actor, *, strong: bool = False, days: int = 7
    ) -> bool:
        """Note that the data drifts or is new: more is sampled, and with strong drift reviewed more strictly."""
        state, now_ms = self._store.state(workflow_id), self._clock.now_ms()
        until_ms = now_ms + days * DAY_MS
        note = {"until_ms": until_ms, "strong": strong, "why": why}
        event = happening(
            self._clock.uuid4(),
            "sampling.raised",
            actor,
            now_ms,
            workflow_id=workflow_id,
            policy_version=f"{workflow_id}@{state.active}",
            justification=why,
            details={"signal": signal, "strong": strong, "until": iso(until_ms)},
        )
        return self._store.commit(state, replace(state, signals={**state.signals, signal: note}), None, [event])

    # Trying

    def simulate(
        self,
        workflow_id: str,
        document: Mapping[str, Any],
        days: int = 30,
        facts: Sequence[Facts] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Report:
        """What a document would have done to the cases of the last days, or to `facts`. Raises UnusablePolicy."""
        state = self._store.state(workflow_id)
        before = self.in_force(workflow_id, state.active)[0]
        after = self._checked(workflow_id, document, state.latest + 1)
        chosen = self.facts(workflow_id, days, SIMULATED) if facts is None else facts
        return simulate(before, after, chosen, progress, days=days if facts is None else None)

    def facts(self, workflow_id: str, days: int, limit: int) -> list[Facts]:
        """What was routed and opened in the last days, with what people decided."""
        since_ms = self._clock.now_ms() - min(days, SIMULATED_DAYS) * DAY_MS
        stored = self._store.facts(workflow_id, since_ms, limit)
        cases = [entry.get("review") or entry["fact"]["id"] for entry in stored]
        wanted = dict.fromkeys(case for case in cases if case.startswith("ho_"))
        decided = {handoff.id: handoff for handoff in self._handoffs.load_many(wanted)}
        ends = [decided.get(case) for case in cases]
        found = [Facts.from_record(entry["fact"]) for entry in stored]
        return [replace(one, outcome=OUTCOMES.get(end.state)) if end is not None and end.settled else one
                for one, end in zip(found, ends, strict=True)]  # fmt: skip

    def events(self, limit: int = 100) -> list[dict[str, Any]]:
        """Events of policies and pauses, the newest first."""
        return self._store.events(limit)

    def events_before(self, cursor: str | None, limit: int, workflows: Sequence[str] | None) -> Page:
        """A page of the events of some workflows, or of all (None); what is of no one workflow concerns everybody."""
        seen = None if workflows is None else {None, *workflows}
        return self._store.events_before(cursor, limit, lambda one: seen is None or one["workflow_id"] in seen)

    # Parts

    def _checked(self, workflow_id: str, document: Mapping[str, Any], version: int) -> CompiledPolicy:
        if document.get("workflow_id") != workflow_id:
            said = document.get("workflow_id")
            words = "names no workflow" if said is None else f"is for “{str(said)[:128]}”"
            raise UnusablePolicy([PolicyProblem("/workflow_id", f"The document {words}; write {workflow_id} here.")])
        return compile_document(document, version)

    def _tested(self, workflow_id: str, before: CompiledPolicy, after: CompiledPolicy) -> dict[str, Any]:
        """The results that a version carries: its own tests, and a replay of the newest cases (R-CAN-07)."""
        facts = self.facts(workflow_id, SIMULATED_DAYS, REPLAYED)
        report = simulate(before, after, facts).document()
        names = ("items", "unknown", "changed", "wrongly_approved", "wrongly_approved_before")
        replay = {name: report[name] for name in names}
        return {
            "at": iso(self._clock.now_ms()),
            "tests": dict(after.test_result),
            "replay": replay,
            "passed": report["wrongly_approved"] <= report["wrongly_approved_before"],
        }

    def _activate(
        self,
        state: PolicyState,
        change: "_Change",
        approver: Mapping[str, Any],
        event_type: str,
        actor: Actor,
        before: PolicyState | None = None,
    ) -> Saved | Refused:
        number, now_ms = state.latest + 1, self._clock.now_ms()
        record = {
            "workflow_id": change.workflow_id,
            "version": number,
            "document": change.document,
            "saved_at": iso(now_ms),
            "saved_by": {"id": change.by.id, "name": change.by.name},
            "approved_by": approver,
            "reason": change.reason,
            "diff": change.changes,
            "test_result": change.result,
        }
        event = self._event(event_type, change, actor, state.active, approver.get("reason") or change.reason, None)
        event["policy_version"] = f"{change.workflow_id}@{number}"
        after = replace(state, active=number, latest=number, activated_at_ms=now_ms)
        done = self._store.commit(before or state, after, record, [event])
        return Saved("active", record) if done else BUSY

    def _propose(self, state: PolicyState, change: "_Change", reasons: Sequence[str]) -> Saved | Refused:
        """Put a change before governance, in place of what waits there.

        The same text again stays the proposal of whoever made it first: else they could approve it as another's.
        """
        waiting, sender, events = state.proposal, change.by, []
        if waiting is not None and waiting["document"] == change.document:
            if waiting["base_version"] == state.active:
                return Saved("proposed", proposal_told(waiting))
            change = replace(change, by=_proposed(state.workflow_id, waiting).by)
        now_ms = self._clock.now_ms()
        proposal = {
            "id": new_id("pp", self._store.partition, self._clock.random_bytes(RANDOM_BYTES)),
            "document": change.document,
            "diff": change.changes,
            "reasons": list(reasons),
            "reason": change.reason,
            "test_result": change.result,
            "base_version": state.active,
            "proposed_by": {"id": change.by.id, "name": change.by.name, "mailbox": mailbox(change.by.email)},
            "proposed_at": iso(now_ms),
        }
        if waiting is not None:
            old = _proposed(state.workflow_id, waiting)
            gone = self._event("policy.replaced", old, sender, waiting["base_version"], change.reason, waiting["id"])
            gone["details"]["replaced_by"] = proposal["id"]
            events.append(gone)
        event = self._event("policy.proposed", change, sender, state.active, change.reason, str(proposal["id"]))
        event["details"]["reasons"] = list(reasons)
        done = self._store.commit(state, replace(state, proposal=proposal), None, [*events, event])
        return Saved("proposed", proposal_told(proposal)) if done else BUSY

    def _event(
        self, event_type: str, change: "_Change", actor: Actor, version: int, why: str, proposal_id: str | None
    ) -> dict[str, Any]:
        """Who changed what, from which value to which, and why (R-AUD-18, R-NOTIF-10)."""
        return happening(
            self._clock.uuid4(),
            event_type,
            actor,
            self._clock.now_ms(),
            workflow_id=change.workflow_id,
            policy_version=f"{change.workflow_id}@{version}",
            justification=why,
            to_actor=f"users of {change.workflow_id}",
            details={
                "changes": change.changes,
                "before_version": version,
                "proposer": {"id": change.by.id, "name": change.by.name},
                "approver": {"id": actor.id, "name": actor.name} if event_type == "policy.approved" else None,
                "proposal_id": proposal_id,
                "test_result": change.result,
            },
        )


@dataclass(frozen=True, slots=True)
class _Change:
    """A change that is about to hold or to be proposed."""

    workflow_id: str
    document: Mapping[str, Any]
    changes: Sequence[Mapping[str, Any]]
    result: Mapping[str, Any]
    reason: str
    by: Actor


def _proposed(workflow_id: str, proposal: Mapping[str, Any]) -> _Change:
    document, changes, result, reason = (proposal[name] for name in ("document", "diff", "test_result", "reason"))
    its = proposal["proposed_by"]
    by = Actor("human", its["id"], its["name"], its.get("mailbox"))
    return _Change(workflow_id, document, changes, result, reason, by)


def is_proposer(proposal: Mapping[str, Any], actor: Actor) -> bool:
    """Whether this person proposed it: by id, or by mailbox, for they may have been added anew since (R-ROLE-07)."""
    its = proposal["proposed_by"]
    return its["id"] == actor.id or its.get("mailbox") in actor.mailboxes


def proposal_told(proposal: Mapping[str, Any]) -> dict[str, Any]:
    """A proposal as its readers are told of it: where its author's mail arrives is not their business."""
    its = proposal["proposed_by"]
    return {**proposal, "proposed_by": {"id": its["id"], "name": its["name"]}}


def _told_of(state: PolicyState) -> PolicyState:
    return state if state.proposal is None else replace(state, proposal=proposal_told(state.proposal))


BUSY: Final = Refused("busy", "Somebody changed this at the same moment; read it again and try once more.")
