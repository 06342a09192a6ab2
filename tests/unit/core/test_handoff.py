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
    Claim,
    Decision,
    FirstReview,
    Handoff,
    State,
    Terms,
    UnknownSchemaVersion,
    from_record,
    moved,
    to_record,
)
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


def test_no_outcome_can_be_left_but_by_a_note_or_a_rollback() -> None:
    """Deciding is final (R-ACT-11): the table has no other way out of a decided state."""
    for name, row in TRANSITIONS.items():
        ends = {state for state in row if state is not None and state not in UNDECIDED}
        assert ends == {"annotate": set(State) - UNDECIDED, "roll_back": {State.APPROVED, State.MODIFIED}}.get(
            name, set()
        )


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
    """Schema version 1 kept no terms: what held for every case then holds for it still, and it is written anew as 2."""
    handoff, _ = opened()
    record = to_record(handoff)
    for name in ("terms", "route", "lane", "skills", "conditions", "reasons"):
        del record[name]
    read = from_record({**record, "schema_version": 1})
    assert read.terms == TERMS_BEFORE_POLICIES
    assert (read.route, read.lane, read.queue, read.skills) == ("synchronous_human_review", "human_review", None, ())
    assert to_record(read)["schema_version"] == 2
    assert from_record(to_record(read)) == read


@pytest.mark.req("R-GOV-22", "R-ROLE-10")
def test_the_terms_of_a_case_stand_in_its_record() -> None:
    """Actions, reasons, gates and who may overrule come back as they were at the opening."""
    gate = {"id": "facts", "title": "Facts", "criterion": "Each number has a source.", "check": "pass_fail"}
    terms = Terms(("approve", "reject"), ("reject",), {"too_slow": "Too slow"}, (gate,), ("owner",), True)
    handoff = replace(opened()[0], terms=terms, queue="identity", skills=("payroll",), subject="rt_00", due_at_ms=5)
    record = json.loads(json.dumps(to_record(handoff)))
    assert from_record(record) == handoff
