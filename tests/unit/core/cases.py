"""Handoffs in every state, and every command, for the tests of the core. Nothing here is random."""

from dataclasses import replace
from typing import Any, Final

from companion.core import commands as c
from companion.core.decide import Accepted, Refused, decide
from companion.core.handoff import SYSTEM, TRANSITIONS, Actor, Claim, Decision, FirstReview, Handoff, State
from companion.core.opening import open_one
from companion.core.package import Package
from companion.core.revision import edit_output, next_version

NOW_MS: Final = 1_795_248_000_000
EVENT_ID: Final = "00000000-0000-4000-8000-000000000001"
HANDOFF_ID: Final = "ho_00" + "a" * 26
GROUP_ID: Final = "gr_00" + "b" * 26
SALT: Final = "5a" * 16
NEXT_SALT: Final = "5b" * 16

ANN: Final = Actor("human", "rv_ann", "Ann", "ann@example.com", "signed_in")
BEN: Final = Actor("human", "rv_ben", "Ben", "ben@example.com", "signed_in")
LINKED: Final = Actor("human", "rv_lin", "Lin", "lin@example.com", "link")
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


def command(name: str, handoff: Handoff, package: Package) -> c.Command:
    """The command of a row of TRANSITIONS, given by somebody who may give it, with everything that it needs."""
    match name:
        case "open":
            return c.Open(handoff, package, ROBOT, EVENT_ID)
        case "claim":
            return c.Claim(ANN, EVENT_ID)
        case "release":
            return c.Release(ANN, EVENT_ID)
        case "approve" | "reject":
            return verdict(handoff, name)
        case "modify":
            return edited(handoff, package, {"summary": "Edited."})
        case "escalate":
            return c.Escalate(ANN, EVENT_ID, "needs_specialist_review", "Beyond me.")
        case "ask":
            return c.Ask(ANN, EVENT_ID, "Which order?")
        case "answer":
            return c.Answer(ROBOT, EVENT_ID, "Number 7.", follow_up(handoff, package, request={"order": 7}))
        case "revise":
            return c.Revise(
                ROBOT, EVENT_ID, handoff.version, follow_up(handoff, package, model_output="New."), "New title", "New?"
            )
        case "annotate":
            return c.Annotate(ANN, EVENT_ID, "Called the customer.")
        case "expire":
            return c.Expire(EVENT_ID)
        case "withdraw":
            return c.Withdraw(ROBOT, EVENT_ID, "The order was cancelled.")
        case "roll_back":
            return c.RollBack(ANN, EVENT_ID, "policy_violation", "It went to the wrong person.")
    raise AssertionError(f"TRANSITIONS has a command that the tests do not know: {name}")


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
