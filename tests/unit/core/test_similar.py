"""Which decided cases stand beside a new one."""

import json
from dataclasses import replace
from typing import Any

import pytest

from companion.core.canonical import canonical_bytes
from companion.core.handoff import State
from companion.core.similar import Decided, choose, known_here
from tests.unit.core.cases import NOW_MS, handoff_in


def decided(name: str, at: int = 0, **changes: Any) -> Decided:
    """A decided case of the topic refunds."""
    made = Decided(
        name, "approved", NOW_MS + at, None, "Ann", "refund", "low", frozenset({"pii"}), "q", frozenset(), 0.7
    )
    return replace(made, **changes)


def like(*cases: Decided, **about: Any) -> list[dict[str, Any]]:
    usual: dict[str, Any] = {
        "category": "refund",
        "risk_tier": "low",
        "flags": ["pii"],
        "queue": "q",
        "skills": [],
        "confidence": 0.7,
    }
    return choose(cases, **usual | about)


@pytest.mark.req("R-CTX-16")
def test_the_most_alike_come_first_with_decision_time_reason_and_why() -> None:
    """Topic weighs more than marks, marks more than the rest; among equals the newer one goes first."""
    other = decided("topic", category="billing", decision="rejected", reason_code="policy_violation")
    found = like(decided("old"), decided("new", 1_000), other)
    assert [one["id"] for one in found] == ["new", "old", "topic"]
    assert found[2] == {
        "id": "topic", "decision": "rejected", "at": "2026-11-21T08:00:00.000Z", "reason_code": "policy_violation",
        "by": "Ann", "why": "same marks: pii; same queue; same risk; about as sure", "queue": "q", "skills": [],
    }  # fmt: skip
    assert "same topic" in found[0]["why"]


@pytest.mark.req("R-CTX-16")
def test_at_most_five_and_none_that_is_not_alike() -> None:
    """More would take room from the case itself; one without anything in common says nothing."""
    assert len(like(*(decided(f"c{at}", at) for at in range(9)))) == 5
    strange = decided("x", category="other", risk_tier="high", flags=frozenset(), queue="z", confidence=None)
    assert like(strange) == []
    assert like(decided("y"), category=None, flags=[], queue=None, confidence=None, risk_tier="high") == []


@pytest.mark.req("R-CTX-16", "R-ROLE-08")
def test_a_case_for_the_trained_is_not_told_to_others() -> None:
    """Its reviewers may not know of cases that ask for a skill which this one does not ask for."""
    sealed = decided("x", skills=frozenset({"identity"}))
    assert like(sealed) == []
    assert [one["id"] for one in like(sealed, skills=["identity", "security"])] == ["x"]


@pytest.mark.req("R-CTX-16")
def test_only_settled_answers_of_people_count() -> None:
    """Not what ran out, not what can still be taken back, not the second look at another case."""
    approved = handoff_in(State.APPROVED)[0]
    found = Decided.of(approved)
    assert found is not None
    assert (found.decision, found.by, found.category) == ("approved", "Ann", None)
    assert Decided.of(handoff_in(State.EXPIRED)[0]) is None
    assert Decided.of(handoff_in(State.PENDING)[0]) is None
    assert Decided.of(replace(approved, undo_until_ms=NOW_MS)) is None
    assert Decided.of(replace(approved, subject="rt_00")) is None
    rejected = handoff_in(State.REJECTED)[0]
    assert rejected.decision is not None
    assert getattr(Decided.of(rejected), "decision", None) == "rejected"


@pytest.mark.req("R-CTX-16", "R-ROLE-08")
def test_a_case_of_another_queue_is_not_told() -> None:
    """Whoever works on one queue does not learn of what became of another one's cases."""
    assert like(decided("x", queue="hr")) == []
    assert [one["id"] for one in like(decided("x", queue=None))] == ["x"]
    assert like(decided("x", queue="hr"), queue=None) == []


@pytest.mark.req("R-CTX-16", "R-ROLE-08")
def test_where_a_case_goes_only_what_is_known_there_goes_along() -> None:
    """Of another queue or for the trained, or of an older Handoff that did not say: left out; the rest as it was."""
    shown = like(decided("here"), decided("anywhere", queue=None), decided("sealed", skills=frozenset({"law"})),
                 skills=["law"])  # fmt: skip
    older = {name: value for name, value in shown[0].items() if name not in ("queue", "skills")}
    package = canonical_bytes({"metadata": {"similar_cases": [*shown, older]}})

    def known(queue: str | None, *skills: str) -> set[str]:
        handoff = replace(handoff_in(State.PENDING)[0], queue=queue, skills=skills)
        found = json.loads(known_here(package, handoff))["metadata"]["similar_cases"]
        assert all("skills" not in one and "queue" not in one for one in found)
        return {one["id"] for one in found}

    assert known("q", "law") == {"here", "anywhere", "sealed"}
    assert known("q") == {"here", "anywhere"}
    assert known("other", "law") == {"anywhere"}
    assert known(None) == {"anywhere"}
