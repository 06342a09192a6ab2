"""The record of a handoff and its table of transitions."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.core.handoff import (
    SCHEMA_VERSION,
    STATE_MEANINGS,
    TRANSITIONS,
    UNDECIDED,
    Assignee,
    Claim,
    Decision,
    Disagreement,
    FirstReview,
    GateResult,
    Handoff,
    State,
    UnknownSchemaVersion,
    moved,
)
from companion.core.record import from_record, to_record
from companion.core.terms import TERMS_BEFORE_POLICIES, EscalationTarget, Gate, GateItem, Redaction, Terms
from companion.store.records import dumps, read_handoff
from tests.unit.core.cases import NOW_MS, handoff_in, opened

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
MAYBE_TEXT = st.none() | TEXT
MS = st.integers(0, 2**53)

CLAIMS = st.none() | st.builds(Claim, TEXT, TEXT, MS)
FIRST_REVIEWS = st.none() | st.builds(
    FirstReview, TEXT, TEXT, MS, st.sampled_from(["approve", "modify"]), MAYBE_TEXT, MAYBE_TEXT
)
DECISIONS = st.none() | st.builds(
    Decision, TEXT, st.sampled_from(["approve", "reject", "modify", None]),
    st.sampled_from(["expired", "withdrawn", "stopped", None]), st.sampled_from(["human", "automation", "system"]),
    TEXT, TEXT, MAYBE_TEXT, MS, MAYBE_TEXT, MAYBE_TEXT, TEXT, MAYBE_TEXT, MAYBE_TEXT,
)  # fmt: skip


@given(
    state=st.sampled_from(State), claim=CLAIMS, first_review=FIRST_REVIEWS, decision=DECISIONS,
    texts=st.fixed_dictionaries(dict.fromkeys(("task_id", "requester", "execution_url", "question_open"), MAYBE_TEXT)),
    confidence=st.none() | st.floats(0, 1), blobs=st.lists(TEXT, max_size=3),
)  # fmt: skip
@pytest.mark.req("R-STORE-10")
def test_a_record_is_read_back_as_it_was_written(
    state: State, claim: Any, first_review: Any, decision: Any, texts: Any, confidence: Any, blobs: Any
) -> None:
    """Whatever a handoff holds, writing it to the store and reading it again loses and adds nothing."""
    handoff = replace(
        opened()[0], state=state, claim=claim, first_review=first_review, decision=decision, confidence=confidence,
        blobs=tuple(blobs), **texts,
    )  # fmt: skip
    assert read_handoff(dumps(to_record(handoff)).encode()) == handoff


def test_a_record_of_a_newer_handoff_is_refused() -> None:
    """A record that a newer version wrote is not guessed at: it could mean something else by a known name."""
    record = to_record(opened()[0]) | {"schema_version": SCHEMA_VERSION + 1}
    with pytest.raises(UnknownSchemaVersion, match=opened()[0].id):
        from_record(record)


@pytest.mark.req("R-STORE-06", "R-STORE-15")
@pytest.mark.parametrize("state", State)
def test_approved_is_true_only_after_a_person_said_so(state: State) -> None:
    """`approved` is null until there is an outcome; expired, withdrawn and stopped never make it true."""
    handoff, _ = handoff_in(state)
    wanted = {State.APPROVED: True, State.MODIFIED: True, State.ROLLED_BACK: True, State.REJECTED: False}.get(state)
    assert handoff.approved is wanted


@pytest.mark.req("R-STORE-14")
def test_every_state_is_explained_and_used() -> None:
    """docs/states.md, made from these tables, leaves no state out; each can be reached."""
    assert set(STATE_MEANINGS) == set(State)
    reached = {to for row in TRANSITIONS.values() for start, ends in row.items() for to in ends if to != start}
    assert reached == set(State)
    assert {state for state in State if state in TRANSITIONS["expire"]} == UNDECIDED, "every undecided case can expire"


def test_an_outcome_can_be_left_only_by_an_undo_or_a_rollback() -> None:
    """Deciding is final (R-ACT-11): the table has no other way out of a decided state."""
    ways = {
        (name, state)
        for name, row in TRANSITIONS.items()
        for state, ends in row.items()
        if state is not None and state not in UNDECIDED and set(ends) != {state}
    }
    approved = {State.APPROVED, State.MODIFIED}
    assert ways == {("undo", state) for state in approved | {State.REJECTED}} | {("roll_back", s) for s in approved}


def test_a_claim_binds_until_its_end_and_not_a_moment_longer() -> None:
    """A lapsed lease holds nobody up, even when the timer that clears it is late."""
    handoff = replace(opened()[0], state=State.CLAIMED, claim=Claim("rv_ann", "Ann", NOW_MS))
    assert handoff.holder(NOW_MS - 1) is not None
    assert handoff.holder(NOW_MS) is None


def test_moved_counts_one_version_further_and_leaves_the_old_handoff_alone() -> None:
    """A decider notices every change, because each is a new version of a new value."""
    before = opened()[0]
    after: Handoff = moved(before, reviewer_level=2)
    assert (before.version, before.reviewer_level) == (1, 1)
    assert (after.version, after.reviewer_level) == (2, 2)


@pytest.mark.req("R-GOV-22")
def test_a_record_of_before_policies_is_read_as_it_was_meant() -> None:
    """Schema version 1 kept no terms: what held for every case then holds for it still, and it is written anew as 3."""
    handoff, _ = opened()
    record = to_record(handoff)
    for name in ("terms", "route", "lane", "skills", "conditions", "reasons", *SINCE_3):
        record.pop(name, None)
    read = from_record({**record, "schema_version": 1})
    assert read.terms == TERMS_BEFORE_POLICIES
    assert (read.route, read.lane, read.queue, read.skills) == ("synchronous_human_review", "human_review", None, ())
    assert to_record(read)["schema_version"] == 3
    assert from_record(to_record(read)) == read


SINCE_3 = (
    "second_due_at_ms", "category", "service_tier", "impact_score", "stage", "assignee", "acknowledged_at_ms",
    "triaged_by", "gate_results", "disagreements", "undo_until_ms", "response_form", "asked_at_ms", "eased_by",
    "skills_kept", "emergency_by", "edited_by", "failed_as_second", "mailboxes", "notes",
)  # fmt: skip
"""Members of a record that schema version 2 did not have."""


@pytest.mark.req("R-GOV-22", "R-GATE-06")
def test_a_record_of_before_the_desk_is_read_as_it_was_meant() -> None:
    """Schema version 2 kept gates as single checks and decisions without a form: each gate is one of one item, nothing
    waits for triage, no undo window is open, and the outcome stands."""
    handoff, _ = handoff_in(State.APPROVED)
    record = json.loads(dumps(to_record(handoff)))
    for name in SINCE_3:
        record.pop(name, None)
    for name in ("response", "corrections", "mark", "urgency", "sla_feasible", "batch_id"):
        record["decision"].pop(name, None)
    old_gate = {"id": "facts", "title": "Facts", "criterion": "Each number has a source.", "check": "pass_fail"}
    record["terms"] = {
        "actions": ["approve", "reject"], "actions_needing_reason": ["reject"], "reason_codes": {"too_slow": "Slow"},
        "gates": [old_gate], "override_roles": ["owner"], "evidence_required": True,
    }  # fmt: skip
    read = from_record({**record, "schema_version": 2})
    assert read.terms.gates == (Gate("facts", "Facts", (GateItem("facts", "Facts", "Each number has a source."),)),)
    assert (read.terms.override_roles, read.terms.evidence_required) == (("owner",), True)
    assert (read.terms.undo_window_s, read.terms.assurance, read.stage) == (0, {}, "review")
    assert read.decision == handoff.decision
    assert read.settled
    assert from_record(json.loads(dumps(to_record(read)))) == read


@pytest.mark.req("R-GOV-22", "R-ROLE-10", "R-GATE-10")
def test_what_a_case_came_under_and_went_through_stands_in_its_record() -> None:
    """Terms, checks and their answers, disagreements, who looks after it: all come back as they were written."""
    items = (GateItem("sources", "Sources", "Each number has a source.", "evidence", not_applicable=True),)
    terms = Terms(
        ("approve", "reject"), ("reject",), {"too_slow": "Too slow"}, (Gate("facts", "Facts", items, 2, ("owner",)),),
        ("owner",), True, {"approve": "step_up"}, {"approver": ("approve",)},
        (EscalationTarget("legal", "Legal", 4, "legal", ("law",), "Lea", 30),), 60, False,
        (Redaction("/request/name", "Name", ("owner",)),), False, (0.9, 0.5),
    )  # fmt: skip
    corrections = ({"field": "total", "before": 10, "after": 12},)
    first = FirstReview("rv_a", "A", 3, "modify", None, None, {"total": 12}, corrections)
    result = GateResult("facts", "sources", "fail", "None.", "rv_v", "V", 5, "p@1", "sha256:0", "too_slow")
    handoff = replace(
        handoff_in(State.APPROVED)[0], terms=terms, queue="identity", skills=("payroll",), subject="rt_00", due_at_ms=5,
        second_due_at_ms=6, category="tax", stage="triage", assignee=Assignee("rv_a", "A", 7), acknowledged_at_ms=8,
        triaged_by=("rv_t",), gate_results=(result,), undo_until_ms=9, asked_at_ms=4,
        disagreements=(
            Disagreement("rv_a", "approve", "rv_b", "reject", 9),
            Disagreement("rv_a", "approve", "rv_b", "reject", 10, "sha256:00", first),
        ),
        first_review=first,
        eased_by=("rv_t",), skills_kept=("law",), emergency_by="rv_d", edited_by="rv_a", failed_as_second=("rv_b",),
        mailboxes={"rv_a": "a@example.com"},
    )  # fmt: skip
    record = json.loads(dumps(to_record(handoff)))
    assert from_record(record) == handoff


@pytest.mark.req("R-STORE-15")
def test_an_outcome_stands_when_it_can_no_longer_be_undone() -> None:
    """`settled` is what the outside goes by: no decision, or one that can still be taken back, is none yet."""
    decided, _ = handoff_in(State.APPROVED)
    assert decided.settled
    assert not replace(decided, undo_until_ms=NOW_MS).settled
    assert not opened()[0].settled


def test_terms_that_are_usual_take_no_room() -> None:
    """Every case carries its terms, so what has its default is not written."""
    assert set(to_record(opened()[0])["terms"]) <= {"actions", "actions_needing_reason", "reason_codes"}
