"""What a workflow is told about the outcome of a handoff (security row H1)."""

from dataclasses import replace
from typing import Any

import pytest

from companion.core import commands as c
from companion.core.canonical import digest
from companion.core.handoff import Handoff, State
from companion.core.outcome import INLINE_LIMIT_BYTES, outcome
from companion.core.package import Package
from tests.unit.core.cases import (
    ANN,
    EVENT_ID,
    FIELDS,
    GATE,
    REASON,
    accepted,
    command,
    edited,
    follow_up,
    handoff_in,
    opened,
    passed,
    verdict,
    when,
)

URL = "http://localhost/#/h/1"
LARGE = {"body": "x" * (INLINE_LIMIT_BYTES + 1)}


def told(handoff: Handoff, package: Package, **blobs: bytes) -> dict[str, Any]:
    return outcome(handoff, package.canonical, {**package.blobs, **blobs}, {"event_id": EVENT_ID}, URL)


@pytest.mark.req("H1", "R-STORE-06")
def test_an_approval_carries_the_approved_bytes_and_their_digest() -> None:
    """Output, its digest and the digest of the original agree, so that the node can check them."""
    handoff, package = opened()
    document = told(accepted(handoff, verdict(handoff)).handoff, package)
    assert document["output"] == FIELDS["model_output"]
    assert document["final_output_digest"] == document["output_digest"] == digest(FIELDS["model_output"])
    assert (document["approved"], document["decision_action"], document["edited"]) == (True, "accept", False)
    assert document["decided_by"] == {"id": ANN.id, "name": ANN.name, "email": ANN.email}
    assert document["event"]["event_id"] == document["event_id"] == EVENT_ID


@pytest.mark.req("H1", "R-ACT-04")
@pytest.mark.parametrize("output", [{"summary": "Edited."}, LARGE, "", 0, False, []])
def test_an_edit_goes_on_whole_whatever_its_size(output: Any) -> None:
    """The edited bytes are nowhere else, so they are never left out; an edit to something falsy is an edit too."""
    handoff, package = opened()
    came = accepted(handoff, edited(handoff, package, output))
    assert came.package is not None
    document = told(came.handoff, came.package)
    assert (document["output"], document["output_omitted"], document["edited"]) == (output, False, True)
    assert document["final_output_digest"] == digest(output) != document["output_digest"]
    assert document["decision_action"] == "modify"


@pytest.mark.req("H1")
@pytest.mark.parametrize("name", ["reject", "expire", "withdraw"])
def test_nothing_goes_on_without_an_approval(name: str) -> None:
    """Rejected, expired and withdrawn carry no output at all, and say which of them it was."""
    handoff, package = opened()
    came = accepted(handoff, command(name, handoff, package), when(name, handoff))
    document = told(came.handoff, package)
    assert (document["output"], document["final_output_digest"], document["edited"]) == (None, None, False)
    assert document["approved"] is (False if name == "reject" else None)
    assert document["cause"] == {"reject": None, "expire": "expired", "withdraw": "withdrawn"}[name]
    if name == "reject":
        assert {key: document[key] for key in REASON} == REASON


def test_a_large_output_that_nobody_changed_is_left_out() -> None:
    """The workflow has it already and checks it by digest."""
    handoff, package = opened(model_output=LARGE)
    document = told(accepted(handoff, verdict(handoff)).handoff, package)
    assert (document["output"], document["output_omitted"], document["approved"]) == (None, True, True)
    assert document["final_output_digest"] == document["output_digest"] == digest(LARGE)


@pytest.mark.parametrize("beside", [{"request": LARGE}, {"attachments": [
    {"name": "a", "media_type": "a/b", "content_base64": "AAAA" * INLINE_LIMIT_BYTES}]}])  # fmt: skip
def test_a_small_output_is_told_however_large_what_stands_beside_it(beside: Any) -> None:
    """Only the size of the output itself decides whether it is left out."""
    handoff, package = opened(**beside)
    document = told(accepted(handoff, verdict(handoff)).handoff, package)
    assert (document["output"], document["output_omitted"]) == (FIELDS["model_output"], False)


@pytest.mark.req("R-ACT-06", "X-12")
def test_an_approval_taken_back_before_it_was_told_does_not_reach_the_workflow() -> None:
    """A rollback that comes before the callback is told as one: approved null, no output."""
    handoff, package = handoff_in(State.APPROVED)
    document = told(accepted(handoff, command("roll_back", handoff, package)).handoff, package)
    assert (document["state"], document["approved"], document["output"]) == ("rolled_back", None, None)


@pytest.mark.req("R-UI-22", "R-GATE-10", "H1")
def test_what_was_filled_in_and_checked_goes_along() -> None:
    """The form's answers with their digest, what of them was corrected, and each check; nothing to act upon once the
    approval was taken back."""
    handoff, package = opened()
    handoff = replace(handoff, terms=replace(handoff.terms, gates=(GATE,)))
    fixes = ({"field": "amount", "before": 1, "after": 2},)
    given = verdict(handoff, response={"amount": 2}, corrections=fixes, gate_answers=(passed(),))
    came = accepted(handoff, given).handoff
    document = told(came, package)
    assert (document["response"], document["response_digest"]) == ({"amount": 2}, digest({"amount": 2}))
    assert document["corrections"] == list(fixes)
    assert document["gate_results"] == [{"gate": "facts", "item": "sources", "result": "pass"}]
    back = told(accepted(came, command("roll_back", came, package)).handoff, package)
    assert (back["response"], back["response_digest"], back["corrections"]) == (None, None, [])


def test_an_undecided_handoff_has_nothing_to_tell() -> None:
    """Telling an outcome that does not exist is a bug, and stops."""
    handoff, package = opened()
    with pytest.raises(AssertionError, match="outcome"):
        told(handoff, package)


def test_after_an_answer_the_outcome_says_that_the_output_is_another() -> None:
    """An approved output that an answer replaced counts as edited: it is not what the workflow sent."""
    waiting, package = handoff_in(State.AWAITING_INFORMATION)
    answer = command("answer", waiting, package)
    assert isinstance(answer, c.Answer)
    came = accepted(waiting, replace(answer, package=follow_up(waiting, package, model_output="New.")))
    assert came.package is not None
    document = told(accepted(came.handoff, verdict(came.handoff)).handoff, came.package)
    assert (document["output"], document["edited"], document["decision_action"]) == ("New.", True, "accept")
