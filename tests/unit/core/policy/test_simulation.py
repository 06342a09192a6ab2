"""What another policy would have done to the items of the past."""

import pytest

from companion.core.policy.facts import Facts
from companion.core.policy.simulation import simulate
from tests.unit.core.policy.kit import DEFAULT, item, policy, rule

DAY_MS = 86_400_000


def fact(number: int, outcome: str | None = None, day: int | None = 0, **fields: object) -> Facts:
    at_ms = None if day is None else 1_790_856_000_000 + day * DAY_MS
    return Facts(f"rt_{number}", item(item_id=str(number), title=f"Item {number}", **fields), (), at_ms, outcome)


PAST = [
    fact(1, confidence=0.95),
    fact(2, confidence=0.82, outcome="approved"),
    fact(3, confidence=0.82, outcome="rejected"),
    fact(4, confidence=0.82, outcome="modified", day=1),
    fact(5, confidence=0.5, day=1),
    fact(6, flags=["pii"], day=None),
]
LOOSER = policy(thresholds={"review_below_confidence": 0.8})


@pytest.mark.req("R-CAN-07", "R-ROLE-13")
def test_a_comparison_counts_lanes_queues_and_mistakes() -> None:
    """Both sides, what changed, how many come to people each day, and which mistakes would have gone through."""
    told: list[int] = []
    report = simulate(DEFAULT, LOOSER, PAST, told.append).document()
    assert told == [6]
    assert (report["items"], report["days"], report["unknown"]) == (6, 2, 0)
    assert report["before"]["version"] == 0
    assert report["before"]["lanes"] == {
        "auto_approve": 1, "human_review": 5, "specialist_review": 0, "reject": 0, "stop_the_line": 0,
    }  # fmt: skip
    assert report["after"]["routes"]["auto_commit"] == 4
    assert (report["changed"], report["wrongly_approved"], report["wrongly_approved_before"]) == (3, 2, 0)
    assert report["per_day"] == [
        {"date": "2026-10-01", "before": 2, "after": 0}, {"date": "2026-10-02", "before": 2, "after": 1},
    ]  # fmt: skip
    kinds = [example["kind"] for example in report["examples"]]
    assert (kinds.count("changed"), kinds.count("wrongly_approved")) == (3, 2)
    wrong = [example for example in report["examples"] if example["kind"] == "wrongly_approved"]
    assert [(example["id"], example["item_id"], example["title"]) for example in wrong] == [
        ("rt_3", "3", "Item 3"), ("rt_4", "4", "Item 4"),
    ]  # fmt: skip
    assert wrong[0]["words"] == "It would go through by itself; a person had rejected it."
    assert report["examples"][0]["words"].startswith("It goes through by itself; before, it goes to a person.")


def test_the_other_way_round_says_why_a_person_is_asked() -> None:
    """An item that would now go to a person is shown with the reason."""
    report = simulate(LOOSER, DEFAULT, PAST).document()
    assert (report["wrongly_approved"], report["wrongly_approved_before"]) == (0, 2)
    assert "The model was 82\u00a0% sure" in report["examples"][0]["words"]


def test_the_same_policy_changes_nothing() -> None:
    """And no items give a report of zeros."""
    report = simulate(DEFAULT, DEFAULT, PAST, days=30).document()
    assert (report["changed"], report["days"], report["before"]["lanes"]) == (0, 30, report["after"]["lanes"])
    empty = simulate(DEFAULT, LOOSER, []).document()
    assert (empty["items"], empty["changed"], empty["per_day"], empty["examples"]) == (0, 0, [], [])


@pytest.mark.req("R-CAN-07")
def test_what_cannot_be_told_is_not_guessed() -> None:
    """A new rule about a field that was not kept: such items are counted apart and stand in no lane."""
    new = policy(rules=[rule("has(request.amount) && request.amount > 5")])
    past = [
        Facts("1", item(), kept=()), Facts("2", item(request={"amount": 9}), kept=("request.amount",)),
        Facts("3", item(request={"amount": 9})),
    ]  # fmt: skip
    report = simulate(DEFAULT, new, past).document()
    assert (report["items"], report["unknown"], report["changed"]) == (3, 1, 2)
    assert sum(report["after"]["lanes"].values()) == 2


@pytest.mark.req("R-CAN-07")
def test_many_items_are_compared_with_progress() -> None:
    """Each thousand is told, examples stay few and differ in kind, and the sums are right."""
    shares = [number / 100 for number in range(101)]
    past = [
        fact(
            number, confidence=shares[number % 101], outcome=("rejected" if number % 7 == 0 else None), day=number % 30
        )
        for number in range(1_000)
    ]
    told: list[int] = []
    report = simulate(DEFAULT, LOOSER, (past[number % 1_000] for number in range(20_000)), told.append).document()
    assert told == [*range(1_000, 20_001, 1_000), 20_000]
    assert sum(report["after"]["lanes"].values()) == report["items"] == 20_000
    assert len(report["per_day"]) == 30
    assert len(report["examples"]) <= 10
    assert report["changed"] == 20 * sum(0.8 <= one.item.confidence < 0.85 for one in past if one.item.confidence)
