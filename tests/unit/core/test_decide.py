"""`decide`: the whole State × Command table, and every rule that stands beside it."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.core import commands as c
from companion.core.decide import Accepted, Refused, decide
from companion.core.handoff import (
    TRANSITIONS,
    UNDECIDED,
    FirstReview,
    State,
)
from companion.core.record import to_record
from tests.unit.core.cases import (
    ANN,
    BEN,
    EVENT_ID,
    NOW_MS,
    OLGA,
    PAIRS,
    ROBOT,
    accepted,
    command,
    edited,
    fit_for,
    follow_up,
    handoff_in,
    opened,
    passed,
    refused,
    verdict,
    when,
)

IDS = [f"{name}-{state.value}" for name, state in PAIRS]
TIMES = st.integers(NOW_MS, NOW_MS + 10**9)


# The table


UNVERSIONED = frozenset({"annotate", "acknowledge", "disclose"})
"""Commands that a decider need not look again for."""


@pytest.mark.req("R-STORE-14", "R-ACT-11", "R-SUP-03")
@pytest.mark.parametrize(("name", "state"), PAIRS, ids=IDS)
def test_a_command_does_what_the_table_says_and_nothing_else(name: str, state: State) -> None:
    """For each state and command: a listed one leads to a listed state with one event; any other changes nothing."""
    handoff, package = handoff_in(state)
    handoff = fit_for(name, handoff)
    before = to_record(handoff)
    came = decide(handoff, command(name, handoff, package), when(name, handoff))
    assert to_record(handoff) == before
    if state in TRANSITIONS[name]:
        assert isinstance(came, Accepted), came
        assert came.handoff.state in TRANSITIONS[name][state]
        assert came.handoff.version == handoff.version + (name not in UNVERSIONED)
        assert [event["event_id"] for event in came.events] == [EVENT_ID]
        closes = state in UNDECIDED and came.handoff.state not in UNDECIDED
        assert came.settles is (closes or name == "settle")
    else:
        assert isinstance(came, Refused)
        usual = "illegal_transition" if state in UNDECIDED else "already_decided"
        own = {"roll_back": usual if state in UNDECIDED else "nothing_to_roll_back", "execute": "not_approved"}
        wanted = "rolled_back" if (name, state) == ("execute", State.ROLLED_BACK) else own.get(name, usual)
        assert came.code == wanted


FIRST_EDITED = FirstReview(BEN.id, BEN.name, NOW_MS, "modify", "policy_violation", "Names a customer.")
EDITED = {"edited_by": BEN.id}
FAILED = {"answers": (passed(result="fail"),), "reason_code": "insufficient_evidence"}
WAYS: list[tuple[str, State, State, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    *(
        (action, state, State.AWAITING_SECOND_REVIEW, {"approvals_needed": 2}, {}, {})
        for action in ("approve", "modify")
        for state in (State.PENDING, State.CLAIMED, State.AWAITING_INFORMATION)
    ),
    ("approve", State.AWAITING_SECOND_REVIEW, State.MODIFIED, {}, {"first_review": FIRST_EDITED, **EDITED}, {}),
    *(
        ("approve", state, State.MODIFIED, {}, EDITED, {})
        for state in (State.PENDING, State.CLAIMED, State.AWAITING_INFORMATION)
    ),
    *(("expire", state, State.REJECTED, {}, {"safe_verdict": "reject"}, {}) for state in sorted(UNDECIDED)),
    ("assign", State.CLAIMED, State.PENDING, {}, {}, {"to_id": BEN.id}),
    *(
        ("verify", state, State.PENDING, {}, {}, FAILED)
        for state in (State.CLAIMED, State.AWAITING_INFORMATION, State.AWAITING_SECOND_REVIEW)
    ),
    *(
        ("undo", state, State.AWAITING_SECOND_REVIEW, {"approvals_needed": 2}, {"first_review": FIRST_EDITED}, {})
        for state in (State.APPROVED, State.MODIFIED)
    ),
]
"""The ways through the table that need more than the plainest case: command, from, to; fields of the opening, changes
of the case, and of the command."""


@pytest.mark.req("R-STORE-14")
def test_every_way_of_the_table_can_be_gone() -> None:
    """The table promises nothing that no case can do: each command, start and end has a case that takes it."""
    gone = set()
    for name, row in TRANSITIONS.items():
        for start in row:
            if start is not None:
                handoff, package = handoff_in(start)
                handoff = fit_for(name, handoff)
                came = accepted(handoff, command(name, handoff, package), when(name, handoff))
                gone.add((name, start, came.handoff.state))
    for name, start, end, fields, changes, of_command in WAYS:
        handoff, package = handoff_in(start, **fields)
        handoff = fit_for(name, replace(handoff, **changes))
        given_ = replace(command(name, handoff, package), **of_command)
        assert accepted(handoff, given_, when(name, handoff)).handoff.state is end
        gone.add((name, start, end))
    listed = {(name, s, end) for name, row in TRANSITIONS.items() for s, ends in row.items() for end in ends if s}
    assert gone == listed


def test_opening_is_the_only_start() -> None:
    """An opening makes a pending case of version 1, a timer for its deadline, and one event."""
    handoff, package = opened()
    came = decide(None, c.Open(handoff, package, ROBOT, EVENT_ID), NOW_MS)
    assert isinstance(came, Accepted)
    assert (came.handoff, came.package, came.settles) == (handoff, package, False)
    assert [(timer.kind, timer.due_at_ms) for timer in came.timers] == [("expire", handoff.expires_at_ms)]
    assert came.events[0]["event_type"] == "handoff.opened"
    assert came.events[0]["decision_action"] is None
    with pytest.raises(AssertionError, match="only Open"):
        decide(None, c.Claim(ANN, EVENT_ID), NOW_MS)


@given(pair=st.sampled_from(PAIRS), now_ms=TIMES, needed=st.sampled_from([1, 2]))
@pytest.mark.req("R-ROUTE-17")
def test_the_same_question_has_the_same_answer(pair: tuple[str, State], now_ms: int, needed: int) -> None:
    """`decide` reads no clock and throws no dice: asked twice it gives the same bytes."""
    name, state = pair
    handoff, package = handoff_in(state, approvals_needed=needed)
    handoff = fit_for(name, handoff)
    answers = [decide(handoff, command(name, handoff, package), now_ms) for _ in range(2)]
    texts = [
        json.dumps([to_record(a.handoff), a.events, [(t.kind, t.due_at_ms) for t in a.timers]], sort_keys=True)
        if isinstance(a, Accepted)
        else f"{a.code}: {a.detail}"
        for a in answers
    ]
    assert texts[0] == texts[1]


# What each act records (R-ACT-03)


@pytest.mark.req("R-ACT-01", "R-ACT-03", "X-05", "X-12")
@pytest.mark.parametrize(
    ("name", "start", "decision_action", "approved", "state"),
    [
        ("approve", State.PENDING, "accept", True, State.APPROVED),
        ("reject", State.PENDING, "reject", False, State.REJECTED),
        ("modify", State.PENDING, "modify", True, State.MODIFIED),
        ("escalate", State.PENDING, "escalate", None, State.PENDING),
        ("roll_back", State.APPROVED, "rollback", True, State.ROLLED_BACK),
        ("annotate", State.PENDING, None, None, State.PENDING),
        ("ask", State.PENDING, None, None, State.AWAITING_INFORMATION),
    ],
)
def test_the_seven_acts_are_stored_by_their_audit_words(
    name: str, start: State, decision_action: str | None, approved: bool | None, state: State
) -> None:
    """Approve is stored as `accept`; a note and a question are no decisions; a rollback leaves `approved` as it was."""
    handoff, package = handoff_in(start)
    came = accepted(handoff, command(name, handoff, package))
    assert came.events[0]["decision_action"] == decision_action
    assert (came.handoff.approved, came.handoff.state) == (approved, state)
    decision = came.handoff.decision
    if name in ("approve", "reject", "modify"):
        assert decision is not None
        assert decision.decision_action == decision_action
        assert (decision.by_kind, decision.by_id, decision.by_email, decision.at_ms) == (
            "human", ANN.id, ANN.email, NOW_MS + 1_000,
        )  # fmt: skip
        assert decision.package_digest == handoff.package_digest, "the package that was shown, not the edited one"
    elif name != "roll_back":
        assert decision is None


@pytest.mark.req("R-UI-17", "R-AUD-01", "R-ROLE-17")
@pytest.mark.parametrize("name", [name for name in TRANSITIONS if name != "open"])
def test_every_act_leaves_an_event_with_who_when_and_on_what(name: str) -> None:
    """Actor, time, the package that stood there and a hashed pointer to the input; never the input itself."""
    start = next(state for state in TRANSITIONS[name] if state is not None)
    handoff, package = handoff_in(start)
    handoff, now_ms = fit_for(name, handoff), when(name, handoff)
    event = accepted(handoff, command(name, handoff, package), now_ms).events[0]
    assert set(event) - {"details"} == {
        "event_id", "event_type", "timestamp", "handoff_id", "workflow_id", "task_id", "model_version", "model_hash",
        "input_snapshot", "model_output", "decision_actor", "decision_action", "justification", "reason_code",
        "policy_version", "package_digest", "view_digest", "version", "to_actor",
    }  # fmt: skip
    assert event["decision_actor"]["type"] in ("human", "AI", "system")
    assert event["input_snapshot"]["sha256"] == handoff.request_digest
    assert event["model_output"]["digest"] == handoff.output_digest
    assert event["timestamp"].endswith("Z")
    assert "Where is my order?" not in json.dumps(event)


@pytest.mark.req("R-ACT-04")
def test_an_edit_keeps_what_was_there_what_is_there_now_and_the_difference() -> None:
    """Modify goes on with exactly the edited bytes, and its event tells before, after and what differs."""
    handoff, package = opened()
    came = accepted(handoff, edited(handoff, package, {"summary": "Asks for order 7.", "lines": [1, 2], "tone": None}))
    after, decision = came.handoff, came.handoff.decision
    assert decision is not None
    assert came.package is not None
    assert decision.final_output_digest == came.package.output_digest == after.current_output_digest
    assert after.output_digest == handoff.output_digest, "the original stays: the workflow checks it"
    assert (after.package_version, after.package_digest) == (2, came.package.digest)
    details = came.events[0]["details"]
    assert details["parent_digest"] == handoff.package_digest
    assert details["changes"] == [
        {"path": "/summary", "before": "Asks for the order.", "after": "Asks for order 7."},
        {"path": "/tone", "before": None, "after": None},
    ], "a member that is new and null is a change too"
    assert details["final_output_digest"] == decision.final_output_digest


def test_an_approval_after_an_answer_approves_what_was_shown_last() -> None:
    """When an answer replaced the output, that is what is approved; the original digest stays beside."""
    waiting, package = handoff_in(State.AWAITING_INFORMATION)
    answer = c.Answer(OLGA, EVENT_ID, "Here.", follow_up(waiting, package, model_output={"summary": "Order 7."}))
    assert refused(waiting, replace(answer, actor=ROBOT)) == "automation_cannot_decide", "a workflow revises instead"
    pending = accepted(waiting, answer).handoff
    decision = accepted(pending, verdict(pending)).handoff.decision
    assert decision is not None
    assert decision.final_output_digest == pending.current_output_digest != pending.output_digest
