"""What can be asked of a handoff. Every value that comes from a clock or from chance is in the command."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from companion.core.handoff import Actor, Handoff
from companion.core.package import Package
from companion.core.revision import Edit
from companion.core.terms import Gate, Terms


@dataclass(frozen=True, slots=True)
class Stop:
    """A rule ends a case as it is opened: a hard block or a stop of the line. `words` say which and why."""

    event_id: str
    words: str


@dataclass(frozen=True, slots=True)
class Open:
    """Ask a person. The handoff and its package were built by `package.build` and `opening.build`."""

    handoff: Handoff
    package: Package
    actor: Actor
    event_id: str
    stop: Stop | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Take the case for 15 minutes, so that nobody else works on it meanwhile."""

    actor: Actor
    event_id: str


@dataclass(frozen=True, slots=True)
class Release:
    """Give a claim back, or (by the system) end one whose lease ran out."""

    actor: Actor
    event_id: str


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """One answer to a checklist as it comes in."""

    gate: str
    item: str
    result: Literal["pass", "fail", "not_applicable"]
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """A signed-in reviewer opened the case; touches neither version nor state."""

    actor: Actor
    event_id: str


@dataclass(frozen=True, slots=True)
class Assign:
    """Give the case to a person to look after, or to nobody in particular (`to_id` None)."""

    actor: Actor
    event_id: str
    to_id: str | None
    to_name: str | None
    rationale: str | None


@dataclass(frozen=True, slots=True)
class Triage:
    """Sort a case: what it is about, who works on it, how risky it is. Risk can be raised here, never lowered."""

    actor: Actor
    event_id: str
    expected_version: int
    category: str | None
    queue: str | None
    skills: tuple[str, ...]
    """Those that the queue asks for, as the policy in force has it."""
    risk_tier: str | None
    reason_code: str | None
    rationale: str | None
    terms: Terms
    """The terms of the policy in force: a case that went back to triage is decided under these."""
    policy_id: str
    policy_version: int
    approvals_needed: int
    eases: bool = False
    """Whether the queue asks for less training or fewer checks than the rules do with what the triager said."""
    refused_by_policy: str | None = None
    """Why the rules end such a case, in words; None where people decide it."""
    raised: "Raised | None" = None
    """What the rules ask for it that no queue does: risk, approvals, level, marks and reasons."""
    texts: Mapping[str, Any] = field(default_factory=dict)
    """Title, question and the like without what the policy in force hides: lists show them to everybody."""


@dataclass(frozen=True, slots=True)
class Verify:
    """Answer checks without deciding. A check that fails sends the case to the next level, or back to triage."""

    actor: Actor
    event_id: str
    expected_version: int
    package_digest: str
    answers: tuple[GateAnswer, ...]
    reason_code: str | None
    rationale: str | None
    policy_in_force: str | None
    evidence: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Raised:
    """What the rules of its workflow ask for a case whose content changed, beside what was asked before."""

    risk_tier: str
    approvals_needed: int
    reviewer_level: int
    skills: tuple[str, ...]
    gates: tuple[Gate, ...]
    flags: tuple[str, ...]
    reasons: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Decide:
    """Approve, reject, or approve an edited output: the only command that lets an item go on."""

    actor: Actor
    event_id: str
    action: Literal["approve", "reject", "modify"]
    expected_version: int | None
    """None only where the package token itself names the version (`/handoff/complete`)."""
    package_digest: str
    view_digest: str | None
    reason_code: str | None
    rationale: str | None
    edit: Edit | None
    """The edited output as the package version it makes; given with `modify` and with nothing else."""
    deliberate: bool
    """For a personal link: the confirm word was given (design section 7)."""
    evidence: tuple[Mapping[str, Any], ...] = ()
    """What the decider attached: title, and text or address."""
    gate_answers: tuple[GateAnswer, ...] = ()
    """The checklist, as far as it was not answered before."""
    policy_in_force: str | None = None
    """`id@version` of the policy as it stands now, for checks of kind `policy_version`."""
    response: Mapping[str, Any] | None = None
    """What was filled into the response form, checked against it by `core.response`."""
    corrections: tuple[Mapping[str, Any], ...] = ()
    mark: Literal["false_positive", "false_negative"] | None = None
    urgency: str | None = None
    sla_feasible: bool | None = None
    batch_id: str | None = None
    refused_by_edit_check: str | None = None
    """Why policy does not let the edited output pass, in words; None where it does."""
    edit_marks: tuple[str, ...] = ()
    """Marks that the edit brought in, and that policy lets pass."""
    raised: Raised | None = None
    """What the rules ask for the edited output beyond what they ask for the one that was shown."""


@dataclass(frozen=True, slots=True)
class Escalate:
    """Hand the case to the next reviewer level with everything known about it."""

    actor: Actor
    event_id: str
    reason_code: str
    rationale: str | None
    target: str | None = None
    """The id of an escalation target of the policy; None for the next level."""
    urgency: str | None = None
    sla_feasible: bool | None = None


@dataclass(frozen=True, slots=True)
class MoveUp:
    """Nobody decided by the time that this level has: the next one takes over (R-STORE-16)."""

    event_id: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Hold the case with a question to the requester or the workflow."""

    actor: Actor
    event_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer the open question; the case comes back as a new, linked package version."""

    actor: Actor
    event_id: str
    text: str
    package: Package


@dataclass(frozen=True, slots=True)
class Revise:
    """Replace the package of a case that nobody holds by a new, linked version."""

    actor: Actor
    event_id: str
    expected_version: int
    package: Package
    raised: Raised | None = None


@dataclass(frozen=True, slots=True)
class Annotate:
    """Add a note without deciding."""

    actor: Actor
    event_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Expire:
    """Close an undecided case whose time is over."""

    event_id: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The workflow no longer needs an answer."""

    actor: Actor
    event_id: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class RollBack:
    """Take an approval back after it was given."""

    actor: Actor
    event_id: str
    reason_code: str
    rationale: str | None


@dataclass(frozen=True, slots=True)
class Undo:
    """Take one's own decision back before anybody outside was told."""

    actor: Actor
    event_id: str
    package: Package | None = None
    """For a decision that edited: what was shown before the edit, as the next package version."""


@dataclass(frozen=True, slots=True)
class Settle:
    """The undo window is over: the outcome stands, and the workflow is told."""

    event_id: str


@dataclass(frozen=True, slots=True)
class Disclose:
    """Show the whole package to somebody who may not usually see all of it, and say why (X-17)."""

    actor: Actor
    event_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Execute:
    """An automation is about to do what was approved, and asks whether it still may (R-ACT-13, R-GATE-09)."""

    actor: Actor
    event_id: str
    output_digest: str


Command = (
    Open | Acknowledge | Assign | Claim | Release | Triage | Verify | Decide | Escalate | MoveUp | Ask | Answer | Revise
    | Annotate | Expire | Withdraw | Undo | Settle | RollBack | Disclose | Execute
)  # fmt: skip
