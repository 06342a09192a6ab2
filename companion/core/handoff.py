"""A handoff, its states, and the one table of legal transitions.

`docs/states.md` is generated from TRANSITIONS; `decide` consults it before any other rule (R-STORE-14).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final, Literal

from companion.core.mailboxes import mailbox
from companion.core.terms import TERMS_BEFORE_POLICIES, Assurance, Terms

SCHEMA_VERSION: Final = 3
"""Version of the stored record; a newer one than this code knows is refused, never guessed at."""

CLAIM_LEASE_MS: Final = 15 * 60 * 1000


class State(StrEnum):
    """Where a handoff stands. Each member's sentence goes to docs/states.md."""

    PENDING = "pending"
    CLAIMED = "claimed"
    AWAITING_INFORMATION = "awaiting_information"
    AWAITING_SECOND_REVIEW = "awaiting_second_review"
    APPROVED = "approved"
    MODIFIED = "modified"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    ROLLED_BACK = "rolled_back"


STATE_MEANINGS: Final[dict[State, str]] = {
    State.PENDING: "Waits for a person; anyone eligible may decide.",
    State.CLAIMED: "A person holds it for 15 minutes; others see who.",
    State.AWAITING_INFORMATION: "A person asked a question; the answer brings it back as a new package version.",
    State.AWAITING_SECOND_REVIEW: "One person approved; a different one must agree before anything goes on. If they do "
    "not, a third settles it.",
    State.APPROVED: "A person approved the output as it was shown.",
    State.MODIFIED: "A person approved an edited output; exactly the edited bytes go on.",
    State.REJECTED: "A person rejected the output, or the configured safe verdict did.",
    State.EXPIRED: "Nobody decided in time. This is not a rejection and never an approval.",
    State.WITHDRAWN: "The workflow no longer needs an answer.",
    State.STOPPED: "A rule stopped it before any person was asked.",
    State.ROLLED_BACK: "An approval was taken back after the fact.",
}

_P, _C, _I, _S = State.PENDING, State.CLAIMED, State.AWAITING_INFORMATION, State.AWAITING_SECOND_REVIEW
_OPEN: Final = (_P, _C, _I, _S)
UNDECIDED: Final = frozenset(_OPEN)

_Row = dict[State | None, tuple[State, ...]]


def _from(states: tuple[State, ...], *outcomes: State) -> _Row:
    """The same outcomes from each of some states."""
    return dict.fromkeys(states, outcomes)


_GIVEN: Final = (State.APPROVED, State.MODIFIED, State.REJECTED)
"""Outcomes that a person gave; each can be taken back while its undo window is open."""


def _in_place(states: Iterable[State]) -> _Row:
    """From each of some states to the same one."""
    return {state: (state,) for state in states}


TRANSITIONS: Final[Mapping[str, _Row]] = {
    "open": {None: (State.PENDING, State.STOPPED)},
    "acknowledge": _in_place(_OPEN),
    "assign": {_P: (_P,), _C: (_C, _P), _I: (_I,), _S: (_S,)},
    "claim": {_P: (_C,), _C: (_C,)},
    "release": {_C: (_P,)},
    "triage": _from((_P, _C), _P),
    "verify": {_P: (_P,), _C: (_C, _P), _I: (_I, _P), _S: (_S, _P)},
    # What is approved can be the edit of somebody who answered before; it is recorded as one.
    "approve": _from((_P, _C, _I), State.APPROVED, State.MODIFIED, _S) | _from((_S,), State.APPROVED, State.MODIFIED),
    "modify": _from((_P, _C, _I), State.MODIFIED, _S),
    "reject": _from((_P, _C, _I), State.REJECTED) | _from((_S,), _P),
    "escalate": _from((_P, _C, _I), _P) | _from((_S,), _S),
    "move_up": _in_place((_P, _C, _S)),
    "ask": {_P: (_I,), _C: (_I,)},
    "answer": {_I: (_P,)},
    "revise": {_P: (_P,)},
    "annotate": _in_place(State),
    "disclose": _in_place(State),
    "expire": _from(_OPEN, State.EXPIRED, State.REJECTED),
    "withdraw": _from(_OPEN, State.WITHDRAWN),
    "undo": _from((State.APPROVED, State.MODIFIED), _P, _S) | _from((State.REJECTED,), _P),
    "settle": _in_place(_GIVEN),
    "roll_back": _from((State.APPROVED, State.MODIFIED), State.ROLLED_BACK),
    "execute": _in_place((State.APPROVED, State.MODIFIED)),
}
"""Command -> the states it may start from -> the states it may lead to. What is absent is refused with 409."""

ActorKind = Literal["human", "automation", "system"]
ASSURANCE_ORDER: Final[tuple[Assurance, ...]] = ("none", "link", "signed_in", "step_up")
DecisionAction = Literal["accept", "reject", "modify", "escalate", "rollback"]
"""The audit vocabulary, exactly these five (R-ACT-01)."""


AUDIT_WORDS: Final[dict[str, DecisionAction]] = {"approve": "accept", "reject": "reject", "modify": "modify"}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who gives a command, as established by the shell, never as claimed in a body."""

    kind: ActorKind
    id: str
    name: str
    email: str | None = None
    assurance: Assurance = "none"
    roles: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    earlier_emails: tuple[str, ...] = ()
    """Addresses that this person had before."""

    @property
    def mailboxes(self) -> frozenset[str]:
        """Where mail to this person arrives, or did: a new address makes nobody somebody else (R-ROLE-07)."""
        found = (mailbox(each) for each in (self.email, *self.earlier_emails))
        return frozenset(each for each in found if each is not None)


SYSTEM: Final = Actor("system", "handoff", "Handoff")


@dataclass(frozen=True, slots=True)
class Claim:
    """A lease on a handoff; past `until_ms` it binds nobody."""

    by_id: str
    by_name: str
    until_ms: int


@dataclass(frozen=True, slots=True)
class Assignee:
    """Who looks after a case until it is decided; others may decide it all the same (R-STORE-16, R-ROLE-18)."""

    id: str
    name: str
    since_ms: int


@dataclass(frozen=True, slots=True)
class GateResult:
    """One answer of a checklist: who, when, under which policy, and on exactly which package (R-GATE-10)."""

    gate: str
    item: str
    result: Literal["pass", "fail", "not_applicable"]
    note: str | None
    by_id: str
    by_name: str
    at_ms: int
    policy_version: str
    package_digest: str
    reason_code: str | None = None


@dataclass(frozen=True, slots=True)
class FirstReview:
    """The first of two approvals; the second must come from somebody else."""

    by_id: str
    by_name: str
    at_ms: int
    action: Literal["approve", "modify"]
    reason_code: str | None
    rationale: str | None
    response: Mapping[str, Any] | None = None
    """What they filled into the form; it stands where the second fills in nothing."""
    corrections: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two reviewers answered differently: who they were, and what each said (R-GATE-15)."""

    first_by_id: str
    first_action: str
    second_by_id: str
    second_action: str
    at_ms: int
    package_digest: str | None = None
    """What they looked at: a third settles only this. None in records of an earlier version."""
    first: FirstReview | None = None
    """What the first gave: a third agrees to it as the second would have. None in records of an earlier version."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of a handoff. `action` is None when time or the workflow closed it."""

    event_id: str
    action: Literal["approve", "reject", "modify"] | None
    cause: Literal["expired", "withdrawn", "stopped"] | None
    by_kind: ActorKind
    by_id: str
    by_name: str
    by_email: str | None
    at_ms: int
    reason_code: str | None
    rationale: str | None
    package_digest: str
    """The package the decider was shown."""
    view_digest: str | None
    final_output_digest: str | None
    """Digest of the approved bytes; None unless approved."""
    response: Mapping[str, Any] | None = None
    """What was filled into the response form."""
    corrections: tuple[Mapping[str, Any], ...] = ()
    """Prefilled fields that the person changed: field, before, after (R-UI-22)."""
    mark: Literal["false_positive", "false_negative"] | None = None
    urgency: str | None = None
    sla_feasible: bool | None = None
    batch_id: str | None = None

    @property
    def decision_action(self) -> DecisionAction | None:
        """The audit word of this decision: the page's Approve is stored as `accept` (R-ACT-03)."""
        return None if self.action is None else AUDIT_WORDS[self.action]


@dataclass(frozen=True, slots=True)
class Handoff:
    """One question to a person. The package's bytes are stored beside it, and named here by digest."""

    id: str
    group_id: str
    index: int
    workflow_id: str
    task_id: str | None
    title: str
    question: str
    approve_label: str
    state: State
    version: int
    package_digest: str
    package_version: int
    request_digest: str
    output_digest: str
    """Digest of the output as the workflow sent it: what the node recomputes before it goes on."""
    current_output_digest: str
    """Digest of the output in the current package version; differs after an edit, an answer or a revision."""
    created_at_ms: int
    expires_at_ms: int
    risk_tier: str
    confidence: float | None
    ask_below_confidence: float
    flags: tuple[str, ...]
    impact: str | None
    policy_id: str
    policy_version: int
    safe_verdict: Literal["no_decision", "reject"]
    allow_edit: bool
    approvals_needed: int
    reviewer_level: int
    model_version: str | None
    model_hash: str | None
    execution_url: str | None
    requester: str | None
    delivery_id: str | None
    """The callback that tells this group's outcome; None when nobody is called back."""
    group_expires_at_ms: int
    """The latest deadline in the group: records are kept for the callback until then at least."""
    terms: Terms = TERMS_BEFORE_POLICIES
    route: str = "synchronous_human_review"
    lane: str = "human_review"
    queue: str | None = None
    skills: tuple[str, ...] = ()
    """What a reviewer must be trained for; without these nobody sees or decides the case (R-ROUTE-34)."""
    conditions: tuple[str, ...] = ()
    """Which declared conditions asked for a person: threshold, sensitive, out_of_policy (R-ROUTE-35)."""
    reasons: tuple[Mapping[str, str], ...] = ()
    """Why a person was asked: kind, code and text of each, as they stood at the opening (R-ROUTE-01)."""
    subject: str | None = None
    """The routed item (`rt_`) or the pause (`pa_`) that this case reviews; None for a question of a workflow."""
    due_at_ms: int | None = None
    """When somebody should have decided; being late moves the case to the next level, and closes nothing."""
    second_due_at_ms: int | None = None
    """The same for the second of two reviews (R-GATE-14)."""
    category: str | None = None
    service_tier: int = 1
    impact_score: float = 0.0
    """Expected business impact, by the formula of the policy (R-STORE-11)."""
    stage: Literal["triage", "review"] = "review"
    """In triage a triager sorts the case first; nobody decides it before (R-ROLE-01)."""
    assignee: Assignee | None = None
    acknowledged_at_ms: int | None = None
    """The first claim, or the first time a signed-in reviewer opened it."""
    triaged_by: tuple[str, ...] = ()
    """Who sorted it: of a high-risk case these do not approve (R-ROLE-06)."""
    eased_by: tuple[str, ...] = ()
    """Who sorted it into a queue that asks for less than the rules did: these do not approve it, whatever its risk."""
    skills_kept: tuple[str, ...] = ()
    """Training that an escalation asked for; sorting the case anew does not shed it."""
    emergency_by: str | None = None
    """Who carried it to the emergency level: an emergency of one's own making gives nobody the right to decide."""
    edited_by: str | None = None
    """Whose edit the current output is; None where it is the workflow's."""
    failed_as_second: tuple[str, ...] = ()
    """Who failed a check of this output as second reviewer: they do not give the second review of it again."""
    approved_before: tuple[str, ...] = ()
    """Who approved this output first before a check of it failed: what they wrote stays unread as the first's does."""
    mailboxes: Mapping[str, str] = field(default_factory=dict)
    """Person -> mailbox of each who is noted in this record: under another account it is the same person (R-ROLE-07).

    Empty in records of an earlier version; there people are known by their ids only.
    """
    gate_results: tuple[GateResult, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    undo_until_ms: int | None = None
    """Set while a decision can still be taken back unseen: nobody outside was told of it yet."""
    response_form: Mapping[str, Any] | None = None
    executed_at_ms: int | None = None
    """When an automation was told that it may do what was approved; one approval is good for one deed."""
    blobs: tuple[str, ...] = ()
    claim: Claim | None = None
    first_review: FirstReview | None = None
    question_open: str | None = None
    asked_at_ms: int | None = None
    """Since when the question is open: time to decide does not run meanwhile."""
    decision: Decision | None = None
    notes: int = 0
    """How many notes were left on it."""
    group_size: int = 1
    schema_version: int = SCHEMA_VERSION

    @property
    def settled(self) -> bool:
        """Whether the outcome stands: it was given, and no undo window is open any more."""
        return self.decision is not None and self.undo_until_ms is None

    @property
    def approved(self) -> bool | None:
        """True after accept or modify, False after reject, else None; a rollback leaves it as it was (X-12)."""
        if self.decision is None or self.decision.action is None:
            return False if self.state is State.REJECTED else None
        return self.decision.action in ("approve", "modify")

    def holder(self, now_ms: int) -> Claim | None:
        """The claim that binds at `now_ms`, if any."""
        return self.claim if self.claim is not None and self.claim.until_ms > now_ms else None


class UnknownSchemaVersion(Exception):
    """A record was written by a newer Handoff than this one."""


def moved(handoff: Handoff, **changes: Any) -> Handoff:
    """A copy with `changes` and the next version: used for every change that a decider must notice."""
    return replace(handoff, version=handoff.version + 1, **changes)
