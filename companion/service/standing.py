"""What holds for each workflow now: its policy, made ready to be asked, and what raises its sampling rate."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from threading import Lock
from typing import Any, Final

import structlog

from companion.adapters.clock import Clock
from companion.core.decide import Refused
from companion.core.policy.document import PolicyProblem, UnusablePolicy
from companion.core.policy.presets import compiled_preset, preset_name_for
from companion.core.policy.ready import CompiledPolicy
from companion.core.policy.sampling import SamplingState
from companion.core.policy.signals import Signal
from companion.core.times import DAY_MS
from companion.store.policies import PolicyState, PolicyStore

COMPILED_KEPT: Final = 200
"""Compiled policies that a process keeps; versions never change, so that only room is a reason to forget one."""
CHANGE_RAISES_FOR_MS: Final = 7 * DAY_MS
"""How long a new version raises the sampling rate (R-SAMP-03)."""

log = structlog.get_logger("handoff.policies")

UNREADABLE: Final = Signal(
    "policy_unusable", "context", "The policy of this workflow cannot be read by this version of Handoff.", ""
)
"""The mark on whatever is routed under a policy that cannot be read."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for a workflow now."""

    policy: CompiledPolicy
    sampling: SamplingState
    readable: bool
    """False when this Handoff cannot read the policy in force, and `default` stands in for it."""

    @property
    def name(self) -> str | None:
        """`id@version`; None where it cannot be read: a case opened under `default` is not under what stands in."""
        return f"{self.policy.policy_id}@{self.policy.version}" if self.readable else None


class InForce:
    """Policies as they are asked. What is read once is kept: a version never changes."""

    def __init__(self, store: PolicyStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._compiled: dict[tuple[str, int], CompiledPolicy] = {}
        self._lock = Lock()

    def standing(self, states: Mapping[str, PolicyState], now_ms: int) -> dict[str, Standing]:
        """The policies behind states that were just read. A change therefore holds from the next item on."""
        found = {name: self.in_force(name, state.active) for name, state in states.items()}
        return {
            name: Standing(policy, self.sampling(states[name], now_ms), readable)
            for name, (policy, readable) in found.items()
        }

    def in_force(self, workflow_id: str, version: int) -> tuple[CompiledPolicy, bool]:
        """A version, and whether it could be read: one that a newer Handoff wrote may hold what this one cannot.

        Where it could not, `default` stands in, by which nothing may be let through, changed or shown.
        """
        try:
            return self.compiled(workflow_id, version), True
        except UnusablePolicy as error:
            problems = [found.sentence for found in error.problems]
            log.error("policy_unusable", workflow_id=workflow_id, version=version, problems=problems)
            return stand_in(), False

    @staticmethod
    def sampling(state: PolicyState, now_ms: int) -> SamplingState:
        """What raises the sampling rate now (R-SAMP-03)."""
        holding = {name: note for name, note in state.signals.items() if note["until_ms"] > now_ms}
        # A workflow's first policy is where it starts from, not a change.
        changed = state.active > 1 and now_ms - state.activated_at_ms < CHANGE_RAISES_FOR_MS
        raised = frozenset(holding) | (frozenset({"policy_change"}) if changed else frozenset())
        return SamplingState(raised, bool(holding.get("drift", {}).get("strong")))

    def standing_now(self, workflow_id: str) -> Standing:
        """What holds for a workflow now; without a policy of its own, the preset that stands in for one."""
        states = {workflow_id: self._store.state(workflow_id)}
        return self.standing(states, self._clock.now_ms())[workflow_id]

    def then_and_now(self, workflow_id: str, version: int) -> tuple[CompiledPolicy, CompiledPolicy] | Refused:
        """A version that something was judged under, and the one in force.

        Refused where one of them cannot be read: what it hides is not known (R-CTX-18).
        """
        now = self._store.state(workflow_id).active
        (then, was_read), (standing, is_read) = (self.in_force(workflow_id, number) for number in (version, now))
        return (then, standing) if was_read and is_read else unreadable(workflow_id)

    def compiled(self, workflow_id: str, version: int) -> CompiledPolicy:
        """One version, ready to be asked. Raises UnusablePolicy when this Handoff cannot read it."""
        if version == 0:
            return compiled_preset(preset_name_for(workflow_id))
        held = self._compiled.get((workflow_id, version))
        if held is not None:
            return held
        record = self._store.version(workflow_id, version)
        if record is None:
            raise UnusablePolicy([PolicyProblem("", f"Version {version} of the policy of {workflow_id} is gone.")])
        made = compile_document(record["document"], version)
        with self._lock:
            if len(self._compiled) >= COMPILED_KEPT:
                self._compiled.clear()
            self._compiled[workflow_id, version] = made
        return made


@cache
def stand_in() -> CompiledPolicy:
    """What routes in place of a policy that cannot be read: `default`, and the workflow waits for a person."""
    default = compiled_preset("default")
    return replace(default, waits_for=default.waits_for | {UNREADABLE.code})


def unreadable(workflow_id: str) -> Refused:
    """Why nothing is done that the policy of a workflow must judge; what was opened before keeps its terms."""
    return Refused(
        "policy_unreadable",
        f"This version of Handoff cannot read the policy of {workflow_id}, so nobody can say whether this may be. "
        "Start the newer version that wrote it, or save a policy that this one can read.",
    )


def unavailable(refused: Refused) -> Refused:
    """The same to whoever opens cases: this is for now, so that they try again and nothing is lost."""
    return Refused("policy_unavailable", refused.detail, refused.field)


def compile_document(document: Mapping[str, Any], version: int) -> CompiledPolicy:
    """A document made ready. Imported when used: the rule engine takes long to load and few commands need it."""
    from companion.core.policy.compiled import compile_policy

    return compile_policy(document, version)
