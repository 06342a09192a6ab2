"""Handoffs in every state, and every command, for the tests of the core. Nothing here is random."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, Literal

from companion.core import commands as c
from companion.core.decide import Accepted, Refused, decide
from companion.core.handoff import SYSTEM, TRANSITIONS, Actor, Claim, Decision, FirstReview, Handoff, State
from companion.core.opening import open_one
from companion.core.package import Package
from companion.core.revision import edit_output, next_version
from companion.core.terms import Gate, GateItem

NOW_MS: Final = 1_795_248_000_000
EVENT_ID: Final = "00000000-0000-4000-8000-000000000001"
HANDOFF_ID: Final = "ho_00" + "a" * 26
GROUP_ID: Final = "gr_00" + "b" * 26
SALT: Final = "5a" * 16
NEXT_SALT: Final = "5b" * 16

APPROVER: Final = frozenset({"approver"})
ANN: Final = Actor("human", "rv_ann", "Ann", "ann@example.com", "signed_in", APPROVER)
BEN: Final = Actor("human", "rv_ben", "Ben", "ben@example.com", "signed_in", APPROVER)
CAT: Final = Actor("human", "rv_cat", "Cat", "cat@example.com", "signed_in", APPROVER)
LINKED: Final = Actor("human", "rv_lin", "Lin", "lin@example.com", "link", APPROVER)
OLGA: Final = Actor("human", "rv_olga", "Olga", "olga@example.com", "signed_in", frozenset({"owner"}))
TARA: Final = Actor("human", "rv_tara", "Tara", "tara@example.com", "signed_in", frozenset({"triager"}))
VERA: Final = Actor("human", "rv_vera", "Vera", "vera@example.com", "signed_in", frozenset({"verifier"}))
CARL: Final = Actor("human", "rv_carl", "Carl", "carl@example.com", "signed_in", frozenset({"compliance"}))
STRANGER: Final = Actor("human", "rv_who", "Who", None, "none")
ROBOT: Final = Actor("automation", "hk_1", "n8n", None, "none")

FIELDS: Final[dict[str, Any]] = {
    "workflow_id": "summarize",
    "task_id": "exec-1",
    "title": "Summary of a support email",
    "request": {"email": "Where is my order?"},
    "model_output": {"summary": "Asks for the order.", "lines": [1, 2]},
    "confidence": 0.61,
    "risk_tier": "medium",
    "requester": "dana@example.com",
}

REASON: Final = {"reason_code": "policy_violation", "rationale": "It names a customer."}


def opened(**fields: Any) -> tuple[Handoff, Package]:
    """A pending handoff and its package; `fields` stand beside or instead of FIELDS."""
    return open_one(
        FIELDS | fields,
        handoff_id=HANDOFF_ID,
        group_id=GROUP_ID,
        index=0,
        salt=SALT,
        source={"system": "n8n", "execution_url": "http://n8n.test/1"},
        delivery_id="dl_00" + "c" * 26,
        now_ms=NOW_MS,
    )


def handoff_in(state: State, **fields: Any) -> tuple[Handoff, Package]:
    """A handoff that stands in `state`, as `decide` would have left it there."""
    handoff, package = opened(**fields)
    digest = package.digest
    approved = Decision(
        EVENT_ID, "approve", None, "human", ANN.id, ANN.name, ANN.email, NOW_MS, None, None, digest, None,
        handoff.current_output_digest,
    )  # fmt: skip
    closed = replace(
        approved, action=None, cause="withdrawn", by_kind="automation", by_id=ROBOT.id, final_output_digest=None
    )
    parts: dict[State, dict[str, Any]] = {
        State.PENDING: {},
        State.CLAIMED: {"claim": Claim(ANN.id, ANN.name, NOW_MS + 60_000)},
        State.AWAITING_INFORMATION: {"question_open": "Which order?"},
        State.AWAITING_SECOND_REVIEW: {
            "approvals_needed": 2,
            "first_review": FirstReview(BEN.id, BEN.name, NOW_MS, "approve", None, None),
        },
        State.APPROVED: {"decision": approved},
        State.MODIFIED: {"decision": replace(approved, action="modify")},
        State.REJECTED: {"decision": replace(approved, action="reject", final_output_digest=None)},
        State.EXPIRED: {"decision": replace(closed, cause="expired", by_kind="system", by_id=SYSTEM.id)},
        State.WITHDRAWN: {"decision": closed},
        State.STOPPED: {"decision": replace(closed, cause="stopped", by_kind="system", by_id=SYSTEM.id)},
        State.ROLLED_BACK: {"decision": approved},
    }
    version = 1 if state is State.PENDING else 2
    return replace(handoff, state=state, version=version, **parts[state]), package


def verdict(handoff: Handoff, action: str = "approve", actor: Actor = ANN, **changes: Any) -> c.Decide:
    """A decision on what `handoff` shows now, with a reason where one is needed."""
    reason = {"reason_code": None, "rationale": None} if action == "approve" else REASON
    values: dict[str, Any] = {
        "event_id": EVENT_ID,
        "expected_version": handoff.version,
        "package_digest": handoff.package_digest,
        "view_digest": None,
        "edit": None,
        "deliberate": True,
        **reason,
    }
    return c.Decide(actor=actor, action=action, **values | changes)  # type: ignore[arg-type]


def edited(handoff: Handoff, package: Package, output: Any) -> c.Decide:
    """A decision to approve `output` instead."""
    return verdict(handoff, "modify", edit=edit_output(handoff, package.canonical, package.blobs, output, NEXT_SALT))


def follow_up(handoff: Handoff, package: Package, **changed: Any) -> Package:
    """The next version of a package."""
    return next_version(handoff, package.canonical, package.blobs, NEXT_SALT, **changed)


GATE: Final = Gate("facts", "Facts", (GateItem("sources", "Sources", "Each number has a source."),))
"""A gate of one check."""

LATE_MS: Final = NOW_MS + 500
"""By when somebody should have decided, where a case says so."""


def fit_for(name: str, handoff: Handoff) -> Handoff:
    """The case with what the plainest command of that name needs: a stage, a check, a time, an open window."""
    match name:
        case "triage":
            return replace(handoff, stage="triage")
        case "verify":
            return replace(handoff, terms=replace(handoff.terms, gates=(replace(GATE, review=_review(handoff)),)))
        case "move_up":
            return replace(handoff, due_at_ms=LATE_MS)
        case "undo" if handoff.decision is not None:
            return replace(handoff, undo_until_ms=NOW_MS + 60_000)
        case "settle" if handoff.decision is not None:
            return replace(handoff, undo_until_ms=NOW_MS + 1_000)
    return handoff


def _review(handoff: Handoff) -> Literal[1, 2]:
    return 1 if handoff.first_review is None else 2


def passed(**changes: Any) -> c.GateAnswer:
    """The one check of GATE, passed."""
    return replace(c.GateAnswer("facts", "sources", "pass"), **changes)


def verified(handoff: Handoff, *answers: c.GateAnswer, actor: Actor = VERA, **changes: Any) -> c.Verify:
    """Answers to checks on what `handoff` shows now."""
    values: dict[str, Any] = {
        "expected_version": handoff.version,
        "package_digest": handoff.package_digest,
        "reason_code": None,
        "rationale": None,
        "policy_in_force": f"{handoff.policy_id}@{handoff.policy_version}",
    }
    return c.Verify(actor=actor, event_id=EVENT_ID, answers=answers, **values | changes)


def sorted_(handoff: Handoff, **changes: Any) -> c.Triage:
    """A case sorted as it stands, by Tara."""
    values: dict[str, Any] = {
        "actor": TARA,
        "event_id": EVENT_ID,
        "expected_version": handoff.version,
        "category": None,
        "queue": None,
        "skills": (),
        "risk_tier": None,
        "reason_code": None,
        "rationale": None,
        "terms": handoff.terms,
        "policy_id": handoff.policy_id,
        "policy_version": handoff.policy_version,
        "approvals_needed": 1,
    }
    return c.Triage(**values | changes)


def command(name: str, handoff: Handoff, package: Package) -> Any:
    """The command of a row of TRANSITIONS, given by somebody who may give it, with everything that it needs."""
    digest = (handoff.decision and handoff.decision.final_output_digest) or handoff.output_digest
    made: dict[str, Callable[[], c.Command]] = {
        "open": lambda: c.Open(handoff, package, ROBOT, EVENT_ID),
        "acknowledge": lambda: c.Acknowledge(ANN, EVENT_ID),
        "assign": lambda: c.Assign(OLGA, EVENT_ID, ANN.id, ANN.name, "She knows the customer."),
        "claim": lambda: c.Claim(ANN, EVENT_ID),
        "release": lambda: c.Release(ANN, EVENT_ID),
        "triage": lambda: sorted_(handoff, actor=replace(ANN, roles=TARA.roles)),
        "verify": lambda: verified(handoff, passed(), actor=ANN),
        "approve": lambda: verdict(handoff),
        "reject": lambda: verdict(handoff, "reject"),
        "modify": lambda: edited(handoff, package, {"summary": "Edited."}),
        "escalate": lambda: c.Escalate(ANN, EVENT_ID, "needs_specialist_review", "Beyond me."),
        "move_up": lambda: c.MoveUp(EVENT_ID),
        "ask": lambda: c.Ask(ANN, EVENT_ID, "Which order?"),
        "answer": lambda: c.Answer(OLGA, EVENT_ID, "Number 7.", follow_up(handoff, package, request={"order": 7})),
        "revise": lambda: c.Revise(
            ROBOT,
            EVENT_ID,
            handoff.version,
            follow_up(handoff, package, model_output="New.", metadata={"title": "New title", "question": "New?"}),
        ),
        "annotate": lambda: c.Annotate(ANN, EVENT_ID, "Called the customer."),
        "disclose": lambda: c.Disclose(CARL, EVENT_ID, "A complaint came in."),
        "expire": lambda: c.Expire(EVENT_ID),
        "withdraw": lambda: c.Withdraw(ROBOT, EVENT_ID, "The order was cancelled."),
        "undo": lambda: c.Undo(ANN, EVENT_ID),
        "settle": lambda: c.Settle(EVENT_ID),
        "roll_back": lambda: c.RollBack(ANN, EVENT_ID, "policy_violation", "It went to the wrong person."),
        "execute": lambda: c.Execute(ROBOT, EVENT_ID, digest),
    }
    return made[name]()


def when(name: str, handoff: Handoff) -> int:
    """A time at which the command of that name is in order."""
    return handoff.expires_at_ms if name == "expire" else NOW_MS + 1_000


def accepted(handoff: Handoff, given: c.Command, now_ms: int = NOW_MS + 1_000) -> Accepted:
    """What `decide` makes of a command that must hold."""
    came = decide(handoff, given, now_ms)
    assert isinstance(came, Accepted), came
    return came


def refused(handoff: Handoff, given: c.Command, now_ms: int = NOW_MS + 1_000) -> str:
    """The code with which `decide` refuses a command that must not hold."""
    came = decide(handoff, given, now_ms)
    assert isinstance(came, Refused), came
    return came.code


PAIRS: Final = [(name, state) for name in TRANSITIONS for state in State]
