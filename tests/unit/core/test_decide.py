"""`decide`: the whole State × Command table, and every rule that stands beside it."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from companion.core import commands as c
from companion.core.decide import Accepted, Refused, decide
from companion.core.handoff import (
    CLAIM_LEASE_MS,
    SYSTEM,
    TRANSITIONS,
    UNDECIDED,
    Actor,
    Claim,
    FirstReview,
    State,
    to_record,
)
from companion.core.policy import presets
from companion.core.revision import changes_between
from companion.core.rules.holding import MOST_NOTES
from tests.unit.core.cases import (
    ANN,
    BEN,
    CAT,
    EVENT_ID,
    LINKED,
    NOW_MS,
    OLGA,
    PAIRS,
    REASON,
    ROBOT,
    STRANGER,
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
    answer = c.Answer(ROBOT, EVENT_ID, "Here.", follow_up(waiting, package, model_output={"summary": "Order 7."}))
    pending = accepted(waiting, answer).handoff
    decision = accepted(pending, verdict(pending)).handoff.decision
    assert decision is not None
    assert decision.final_output_digest == pending.current_output_digest != pending.output_digest


# Who may


@pytest.mark.req("R-SEC-04", "R-STORE-15")
@pytest.mark.parametrize("name", ["approve", "modify", "reject"])
@pytest.mark.parametrize("actor", [ROBOT, SYSTEM], ids=["automation", "system"])
def test_nobody_but_a_person_decides(name: str, actor: Actor) -> None:
    """An API key and the companion itself are refused, however sure of themselves they are."""
    handoff, package = opened()
    given_ = replace(command(name, handoff, package), actor=replace(actor, assurance="step_up"))
    assert refused(handoff, given_) == "automation_cannot_decide"


@pytest.mark.req("R-SEC-03", "L4")
@pytest.mark.parametrize("name", ["approve", "modify", "reject", "claim", "escalate", "ask", "roll_back"])
@pytest.mark.parametrize("tier", presets.RISK_TIERS)
@pytest.mark.parametrize("have", ["none", "link", "signed_in", "step_up"])
def test_what_is_at_stake_says_how_surely_a_person_must_be_known(name: str, tier: str, have: Any) -> None:
    """A personal link is enough at low risk only; from medium on a person is signed in."""
    handoff, package = handoff_in(State.APPROVED if name == "roll_back" else State.PENDING, risk_tier=tier)
    came = decide(handoff, replace(command(name, handoff, package), actor=replace(LINKED, assurance=have)), NOW_MS)
    enough = have in ("signed_in", "step_up") or (have == "link" and tier == "low")
    assert isinstance(came, Accepted) if enough else isinstance(came, Refused) and came.code == "assurance_too_low"


@pytest.mark.req("L2")
def test_a_personal_link_decides_only_with_the_word_on_the_page() -> None:
    """A scanner that opens the link and presses buttons has no word, and decides nothing."""
    handoff, _ = opened(risk_tier="low")
    for action in ("approve", "reject"):
        assert refused(handoff, verdict(handoff, action, LINKED, deliberate=False)) == "confirmation_required"
        assert accepted(handoff, verdict(handoff, action, LINKED, deliberate=True)).settles
        assert accepted(handoff, verdict(handoff, action, ANN, deliberate=False)).settles, (
            "a signed-in person needs none"
        )


@pytest.mark.req("R-ROLE-06")
@pytest.mark.parametrize("requester", [ANN.id, ANN.email, "ANN@Example.com"])
def test_whoever_asked_does_not_let_it_through(requester: str) -> None:
    """A requester is recognised by id or by mail address, whatever its capitals; they may say no to it."""
    handoff, package = opened(requester=requester)
    for name in ("approve", "modify", "claim"):
        assert refused(handoff, command(name, handoff, package)) == "self_approval"
    assert accepted(handoff, verdict(handoff, "reject")).settles
    assert accepted(handoff, verdict(handoff, actor=BEN)).settles


@pytest.mark.parametrize("name", ["approve", "reject", "modify", "claim", "escalate", "ask", "release"])
def test_while_somebody_holds_the_case_nobody_else_touches_it(name: str) -> None:
    """Others are told who holds it; the holder goes on; once the lease is over anybody may."""
    handoff, package = handoff_in(State.CLAIMED)
    theirs = replace(handoff, claim=Claim(BEN.id, BEN.name, NOW_MS + 60_000))
    came = decide(theirs, command(name, theirs, package), NOW_MS + 59_999)
    assert isinstance(came, Refused)
    assert (came.code, "Ben" in came.detail) == ("claimed_by_other", True)
    assert accepted(theirs, command(name, theirs, package), NOW_MS + 60_000)
    assert accepted(handoff, command(name, handoff, package), NOW_MS + 59_999)


def test_a_claim_is_a_lease_of_a_quarter_of_an_hour() -> None:
    """Claiming sets a timer at the end of the lease; the system may end it then, and not before."""
    handoff, _ = opened()
    came = accepted(handoff, c.Claim(ANN, EVENT_ID), NOW_MS)
    assert came.handoff.claim == Claim(ANN.id, ANN.name, NOW_MS + CLAIM_LEASE_MS)
    assert [(timer.kind, timer.due_at_ms) for timer in came.timers] == [("release", NOW_MS + 15 * 60_000)]
    release = c.Release(SYSTEM, EVENT_ID)
    assert refused(came.handoff, release, NOW_MS + CLAIM_LEASE_MS - 1) == "claim_still_runs"
    freed = accepted(came.handoff, release, NOW_MS + CLAIM_LEASE_MS).handoff
    assert (freed.state, freed.claim) == (State.PENDING, None)


# On what


@pytest.mark.req("R-STORE-17")
def test_a_decision_on_what_was_seen_before_is_refused() -> None:
    """Another version, or another package than the one shown, is not decided on: look again."""
    handoff, package = opened()
    other = "sha256:" + "0" * 64
    for action in ("approve", "reject"):
        assert refused(handoff, verdict(handoff, action, expected_version=2)) == "version_stale"
        assert refused(handoff, verdict(handoff, action, package_digest=other)) == "package_digest_mismatch"
        assert accepted(handoff, verdict(handoff, action, expected_version=None)).settles, (
            "the package digest names it too"
        )
    revise = replace(command("revise", handoff, package), expected_version=7)
    assert refused(handoff, revise) == "version_stale"


@pytest.mark.req("R-ACT-09", "R-UI-13", "R-UI-14", "R-UI-15", "X-07")
@pytest.mark.parametrize("action", ["approve", "reject", "modify"])
@pytest.mark.parametrize("code", [None, "policy_violation", "no_such_code", "Policy violation"])
@pytest.mark.parametrize("rationale", [None, "", "  \n ", "It names a customer."])
def test_an_override_says_why(action: str, code: str | None, rationale: str | None) -> None:
    """Reject and modify need a known code and a sentence; approve needs neither, but takes no unknown code."""
    handoff, package = opened()
    edit = edited(handoff, package, {"summary": "Edited."}).edit if action == "modify" else None
    came = decide(handoff, verdict(handoff, action, reason_code=code, rationale=rationale, edit=edit), NOW_MS)
    said = bool((rationale or "").strip())
    if code not in (None, *presets.REASON_CODES):
        wanted = "unknown_reason_code"
    elif action == "approve" or (code and said):
        assert isinstance(came, Accepted)
        return
    else:
        wanted = "rationale_required" if code else "reason_code_required"
    assert isinstance(came, Refused)
    assert (came.code, came.field) == (wanted, "/rationale" if wanted == "rationale_required" else "/reason_code")


@pytest.mark.req("R-ACT-09")
def test_the_four_reason_codes_ship() -> None:
    """The taxonomy holds the four that every reviewer needs."""
    assert list(presets.REASON_CODES) == [
        "wrong_category", "insufficient_evidence", "policy_violation", "needs_specialist_review",
    ]  # fmt: skip
    handoff, _ = opened()
    assert refused(handoff, c.Escalate(ANN, EVENT_ID, "because", None)) == "unknown_reason_code"
    done, _ = handoff_in(State.APPROVED)
    assert refused(done, c.RollBack(ANN, EVENT_ID, "because", None)) == "unknown_reason_code"


def test_an_edit_goes_with_modify_and_changes_something() -> None:
    """Approve with an edit, modify without one, and an edit that changes nothing are each refused by name."""
    handoff, package = opened()
    edit = edited(handoff, package, {"summary": "Edited."}).edit
    assert refused(handoff, verdict(handoff, "approve", edit=edit)) == "edited_output_unexpected"
    assert refused(handoff, verdict(handoff, "reject", edit=edit)) == "edited_output_unexpected"
    assert refused(handoff, verdict(handoff, "modify")) == "edited_output_required"
    same = edited(handoff, package, {"lines": [1, 2], "summary": "Asks for the order."})
    assert refused(handoff, same) == "edited_output_unchanged"


@pytest.mark.req("R-ACT-10", "R-ROLE-10")
@pytest.mark.parametrize("name", ["approve", "reject", "modify", "escalate", "ask", "roll_back"])
def test_an_act_that_the_policy_does_not_offer_is_refused(name: str) -> None:
    """Forging a button does not help: what the workflow's policy leaves out is refused on the server."""
    handoff, package = handoff_in(State.APPROVED if name == "roll_back" else State.PENDING)
    offered = tuple(action for action in handoff.terms.actions if action != name)
    handoff = replace(handoff, terms=replace(handoff.terms, actions=offered))
    assert refused(handoff, command(name, handoff, package)) == "action_not_permitted"


@pytest.mark.req("R-ROLE-10")
@pytest.mark.parametrize("action", ["reject", "modify"])
def test_only_whom_the_policy_names_overrules_the_model(action: str) -> None:
    """Rejecting and editing need one of the roles that the case was opened under; approving what is there does not."""
    handoff, package = opened()
    handoff = replace(handoff, terms=replace(handoff.terms, override_roles=("owner",)))
    edit = edited(handoff, package, {"summary": "Edited."}).edit if action == "modify" else None
    assert refused(handoff, verdict(handoff, action, edit=edit)) == "override_not_permitted"
    assert accepted(handoff, verdict(handoff, action, OLGA, edit=edit)).settles
    assert accepted(handoff, verdict(handoff)).settles


@pytest.mark.req("R-ROLE-10")
def test_overruling_without_evidence_is_refused_where_the_policy_asks_for_it() -> None:
    """What was attached stands in the event of the decision."""
    handoff, _ = opened()
    handoff = replace(handoff, terms=replace(handoff.terms, evidence_required=True))
    assert refused(handoff, verdict(handoff, "reject")) == "evidence_required"
    shown = ({"title": "Order 7", "text": "It was delivered."},)
    done = accepted(handoff, verdict(handoff, "reject", evidence=shown))
    assert done.events[0]["details"]["evidence"] == list(shown)
    assert accepted(handoff, verdict(handoff)).settles, "approving overrules nothing"


@pytest.mark.req("R-ROUTE-34")
def test_a_case_of_specialists_is_decided_by_specialists() -> None:
    """Nobody decides what they are not trained for, whatever their role."""
    handoff = replace(opened()[0], skills=("security_trained",))
    assert refused(handoff, verdict(handoff)) == "skill_missing"
    assert accepted(handoff, verdict(handoff, actor=replace(ANN, skills=frozenset({"security_trained"})))).settles


@pytest.mark.req("R-ROUTE-22", "R-STORE-15")
def test_a_case_that_a_rule_stops_is_over_as_it_is_opened() -> None:
    """It has an outcome that approves nothing, in the words of the rule, and nobody can decide it any more."""
    handoff, package = opened()
    stop = c.Stop("00000000-0000-4000-8000-000000000009", "It contains a password.")
    came = decide(None, c.Open(handoff, package, ROBOT, EVENT_ID, stop), NOW_MS)
    assert isinstance(came, Accepted)
    assert (came.handoff.state, came.handoff.approved, came.handoff.version) == (State.STOPPED, None, 1)
    assert came.settles
    assert came.timers == ()
    decision = came.handoff.decision
    assert decision is not None
    assert (decision.cause, decision.rationale) == ("stopped", "It contains a password.")
    assert [event["event_type"] for event in came.events] == ["handoff.opened", "handoff.stopped"]
    assert refused(came.handoff, verdict(came.handoff)) == "already_decided"


def test_a_workflow_that_takes_no_edits_gets_none() -> None:
    """The Human Review variant for agents runs its original input, so an edit would be lost there."""
    handoff, package = opened(allow_edit=False)
    assert refused(handoff, edited(handoff, package, "Edited.")) == "action_not_permitted"


# When


@pytest.mark.req("R-STORE-15", "R7", "R6")
@pytest.mark.parametrize("name", ["approve", "modify", "reject"])
@pytest.mark.parametrize("state", sorted(UNDECIDED))
def test_a_decision_after_the_deadline_is_refused_even_when_the_timer_is_late(name: str, state: State) -> None:
    """The deadline decides, not who runs first; one millisecond before it is in time."""
    if state not in TRANSITIONS[name]:
        return
    handoff, package = handoff_in(state)
    handoff = replace(handoff, claim=None)
    assert refused(handoff, command(name, handoff, package), handoff.expires_at_ms) == "expired"
    assert accepted(handoff, command(name, handoff, package), handoff.expires_at_ms - 1)


@pytest.mark.req("R-STORE-15", "R7")
@pytest.mark.parametrize("state", sorted(UNDECIDED))
@pytest.mark.parametrize(
    ("verdict_", "end", "approved", "action"),
    [("no_decision", State.EXPIRED, None, None), ("reject", State.REJECTED, False, "reject")],
)
def test_time_closes_a_case_with_its_safe_verdict(
    state: State, verdict_: Any, end: State, approved: bool | None, action: str | None
) -> None:
    """Expiry gives no decision, or the configured rejection by the system; it never approves, and never comes early."""
    handoff, _ = handoff_in(state)
    handoff = replace(handoff, safe_verdict=verdict_)
    assert refused(handoff, c.Expire(EVENT_ID), handoff.expires_at_ms - 1) == "not_due"
    came = accepted(handoff, c.Expire(EVENT_ID), handoff.expires_at_ms)
    decision = came.handoff.decision
    assert decision is not None
    assert (came.handoff.state, came.handoff.approved) == (end, approved)
    assert (decision.cause, decision.by_kind, decision.decision_action) == ("expired", "system", action)
    assert decision.final_output_digest is None
    assert came.events[0]["decision_actor"]["type"] == "system"


@given(
    names=st.lists(st.sampled_from([name for name in TRANSITIONS if name != "open"]), max_size=12),
    times=st.lists(st.integers(0, 80 * 3600 * 1000), min_size=12, max_size=12),
    actors=st.lists(st.sampled_from([ANN, BEN, CAT, LINKED, STRANGER, ROBOT, SYSTEM]), min_size=12, max_size=12),
    needed=st.sampled_from([1, 2]), safe=st.sampled_from(["no_decision", "reject"]), window=st.sampled_from([0, 3600]),
)  # fmt: skip
@pytest.mark.req("R-STORE-15", "R7", "R-ACT-11", "R-GATE-15")
def test_no_sequence_of_commands_approves_without_a_person(
    names: list[str], times: list[int], actors: list[Actor], needed: int, safe: Any, window: int
) -> None:
    """Whoever does whatever in any order at any time: `approved` is true only by a signed-in person's accept or modify
    in time (two people where two are needed, or a third who settles what two saw differently), an outcome settles once,
    and versions only grow."""
    handoff, package = opened(approvals_needed=needed)
    handoff = replace(handoff, safe_verdict=safe, terms=replace(handoff.terms, undo_window_s=window))
    settled, looked = [], set()
    for name, after_ms, actor in zip(names, sorted(times), actors, strict=False):
        now_ms = NOW_MS + after_ms
        if name == "undo" and handoff.package_version > 1:
            continue
        given_ = command(name, handoff, package)
        if hasattr(given_, "actor"):
            given_ = replace(given_, actor=actor)
        came = decide(handoff, given_, now_ms)
        if isinstance(came, Refused):
            continue
        assert came.handoff.version in (handoff.version, handoff.version + 1)
        if name in ("approve", "modify", "reject"):
            assert actor in (ANN, BEN, CAT)
            assert now_ms < handoff.expires_at_ms
            looked.add(actor.id)
        if came.settles:
            settled.append(came.handoff.decision)
            assert came.handoff.settled
        handoff, package = came.handoff, came.package or package
        if handoff.approved:
            assert len(looked) >= needed
    assert len(settled) <= 1
    if settled:
        assert handoff.decision == settled[0]


# Two approvals


@pytest.mark.req("R-ROLE-07", "R-GATE-16")
def test_two_approvals_come_from_two_people() -> None:
    """The first leaves `approved` null and nothing settled; the same person twice is refused; the second settles."""
    handoff, _ = opened(approvals_needed=2)
    first = accepted(handoff, verdict(handoff, actor=ANN))
    assert (first.handoff.approved, first.settles, first.handoff.decision) == (None, False, None)
    assert first.events[0]["event_type"] == "handoff.first_approval"
    assert first.events[0]["decision_action"] is None, "one of two approvals is no decision yet"
    for action in ("approve", "reject"):
        assert refused(first.handoff, verdict(first.handoff, action, ANN)) == "second_reviewer_must_differ"
    second = accepted(first.handoff, verdict(first.handoff, actor=BEN))
    assert (second.handoff.approved, second.settles, second.handoff.state) == (True, True, State.APPROVED)


@pytest.mark.req("R-ROLE-07")
def test_the_second_approves_the_edit_of_the_first_and_cannot_edit_again() -> None:
    """What goes on is what both saw: the edited bytes, stored as `modify`."""
    handoff, package = opened(approvals_needed=2)
    first = accepted(handoff, edited(handoff, package, {"summary": "Edited."}))
    assert first.package is not None
    assert first.handoff.first_review == FirstReview(ANN.id, ANN.name, NOW_MS + 1_000, "modify", *REASON.values())
    again = edited(first.handoff, first.package, {"summary": "Edited twice."})
    assert refused(first.handoff, replace(again, actor=BEN)) == "illegal_transition"
    second = accepted(first.handoff, verdict(first.handoff, actor=BEN))
    assert second.handoff.decision is not None
    assert (second.handoff.state, second.handoff.decision.decision_action) == (State.MODIFIED, "modify")
    assert second.handoff.decision.final_output_digest == first.package.output_digest
    assert accepted(first.handoff, verdict(first.handoff, "reject", BEN)).handoff.approved is None, "nothing goes on"


# Escalating, asking, taking back


@pytest.mark.req("R-ACT-05", "R-ACT-15")
def test_escalating_raises_the_level_and_keeps_everything() -> None:
    """The next level sees the same case; a claim ends; above the highest level there is nobody to hand it to."""
    handoff, package = handoff_in(State.CLAIMED)
    came = accepted(handoff, command("escalate", handoff, package)).handoff
    assert (came.reviewer_level, came.state, came.claim, came.decision) == (2, State.PENDING, None, None)
    assert (came.package_digest, came.expires_at_ms) == (handoff.package_digest, handoff.expires_at_ms)
    assert accepted(came, verdict(came, actor=ANN)), "who could decide before still can"
    for level in (2, 3):
        assert came.reviewer_level == level
        came = accepted(came, command("escalate", came, package)).handoff
    assert refused(came, command("escalate", came, package)) == "no_higher_level"


def test_escalating_between_two_approvals_keeps_the_first() -> None:
    """The first approval is not lost, and its giver still cannot give the second."""
    handoff, package = handoff_in(State.AWAITING_SECOND_REVIEW)
    came = accepted(handoff, command("escalate", handoff, package)).handoff
    assert (came.state, came.first_review) == (State.AWAITING_SECOND_REVIEW, handoff.first_review)


@pytest.mark.req("R-ACT-08", "R-SUP-03", "R-CTX-03", "X-28")
def test_a_question_holds_the_case_and_its_answer_brings_it_back_as_a_new_version() -> None:
    """The question stands on the case until it is answered; the answer is a package that names its parent."""
    handoff, package = handoff_in(State.CLAIMED)
    asked = accepted(handoff, command("ask", handoff, package)).handoff
    assert (asked.state, asked.question_open, asked.claim) == (State.AWAITING_INFORMATION, "Which order?", None)
    came = accepted(asked, command("answer", asked, package))
    assert (came.handoff.state, came.handoff.question_open) == (State.PENDING, None)
    assert came.package is not None
    assert json.loads(came.package.canonical)["parent_digest"] == package.digest
    assert came.handoff.package_digest == came.package.digest != package.digest
    assert came.handoff.request_digest == handoff.request_digest, "the workflow still checks what it sent"


@pytest.mark.parametrize("name", ["approve", "reject", "modify", "escalate", "expire", "withdraw"])
def test_no_open_question_outlives_its_case(name: str) -> None:
    """Once the case is decided, handed up or over, the page does not show it as still waiting for an answer."""
    handoff, package = handoff_in(State.AWAITING_INFORMATION)
    assert accepted(handoff, command(name, handoff, package), when(name, handoff)).handoff.question_open is None
    two, package = handoff_in(State.AWAITING_INFORMATION, approvals_needed=2)
    assert accepted(two, verdict(two)).handoff.question_open is None


@pytest.mark.req("R-ACT-06", "X-12")
def test_a_rollback_keeps_what_was_decided() -> None:
    """The state says that the approval was taken back; the decision itself stays as it was given."""
    handoff, package = handoff_in(State.APPROVED)
    came = accepted(handoff, command("roll_back", handoff, package))
    assert (came.handoff.state, came.handoff.approved, came.settles) == (State.ROLLED_BACK, True, False)
    assert came.handoff.decision == handoff.decision
    pending, package = opened()
    assert refused(pending, command("roll_back", pending, package)) == "illegal_transition"


@pytest.mark.req("X-07", "R-ACT-06")
@pytest.mark.parametrize("rationale", [None, "", "  "])
def test_a_rollback_without_a_sentence_is_refused(rationale: str | None) -> None:
    """What was approved is not taken back on a code alone."""
    handoff, package = handoff_in(State.APPROVED)
    taken = replace(command("roll_back", handoff, package), rationale=rationale)
    assert refused(handoff, taken) == "rationale_required"


@pytest.mark.req("R-ACT-07", "R-UI-24")
@pytest.mark.parametrize("state", State)
def test_a_note_changes_nothing(state: State) -> None:
    """A note can be left on any case, and nobody's version of the page goes stale by it; they are counted."""
    handoff, package = handoff_in(state)
    came = accepted(handoff, command("annotate", handoff, package))
    assert came.handoff == replace(handoff, notes=1)
    assert (came.timers, came.package, came.settles) == ((), None, False)
    assert came.events[0]["justification"] == "Called the customer."


@pytest.mark.req("R-ACT-07")
def test_a_case_has_no_more_notes_than_people_can_read() -> None:
    """Every page that shows the case asks for all of them every two seconds; one too many is refused in words."""
    handoff, package = handoff_in(State.PENDING)
    almost = replace(handoff, notes=MOST_NOTES - 1)
    full = accepted(almost, command("annotate", almost, package)).handoff
    assert refused(full, command("annotate", full, package)) == "too_many_notes"


@pytest.mark.parametrize("name", ["approve", "reject", "modify", "expire", "withdraw"])
def test_an_outcome_takes_every_timer_off(name: str) -> None:
    """A decided case has no deadline and no lease left to fire."""
    handoff, package = handoff_in(State.CLAIMED)
    came = accepted(handoff, command(name, handoff, package), when(name, handoff))
    assert {(timer.kind, timer.due_at_ms) for timer in came.timers} == {("expire", None), ("release", None)}
    assert came.handoff.claim is None


@pytest.mark.req("R-ACT-04")
@given(
    before=st.recursive(
        st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "a"]),
        lambda x: st.lists(x, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "a/b", "~"]), x, max_size=3),
        max_leaves=8,
    ),
    after=st.recursive(
        st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "a"]),
        lambda x: st.lists(x, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "a/b", "~"]), x, max_size=3),
        max_leaves=8,
    ),
)
@example(before={}, after={"a": None})
@example(before=[1], after=[True])
@example(before={"a": None}, after={})
def test_two_values_differ_exactly_when_their_digests_do(before: Any, after: Any) -> None:
    """No edit is recorded as no change: true is not 1, a missing member is not null."""
    differs = json.dumps(before, sort_keys=True) != json.dumps(after, sort_keys=True)
    assert bool(list(changes_between(before, after))) is differs
