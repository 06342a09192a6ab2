"""Which cases are alike, and which of a batch stand out: pure, and in words (R-STORE-12, R-UI-16)."""

from dataclasses import replace
from typing import Any

import pytest

from companion.core.batch import Candidate, outliers, similar, takes_batches
from companion.core.handoff import Disagreement, Handoff
from companion.core.terms import Gate, GateItem
from tests.unit.core.cases import opened

PLAIN, _ = opened()
ITEM = GateItem("a", "A", "It is a.")


def case(number: int = 0, **fields: Any) -> Handoff:
    return replace(PLAIN, **{"id": f"ho_00{number:026d}", "confidence": 0.6, "flags": (), "reasons": ()} | fields)


def candidate(handoff: Handoff, length: int) -> Candidate:
    return Candidate(handoff, length, handoff.impact_score)


def batch(*others: dict[str, Any], alike: int = 9, length: int = 100) -> list[Candidate]:
    """`alike` cases that are, and some that are not."""
    found = [candidate(case(number), length) for number in range(alike)]
    for number, fields in enumerate(others, alike):
        long = fields.pop("length", length)
        found.append(candidate(case(number, **fields), long))
    return found


@pytest.mark.req("R-UI-16")
def test_ten_alike_have_no_outlier() -> None:
    """Nothing is made up: where nothing differs, nothing stands out."""
    assert outliers(batch(alike=10)) == ()
    spread = [candidate(case(n, confidence=0.5 + n / 50), 100 + 10 * n) for n in range(10)]
    assert outliers(spread) == ()


REASON = {"kind": "rule", "code": "vip", "text": "It is a customer of rank."}


@pytest.mark.req("R-UI-16")
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"confidence": 0.95}, "95\u00a0% sure"),
        ({"confidence": 0.2}, "20\u00a0% sure"),
        ({"confidence": None}, "no confidence"),
        ({"risk_tier": "critical"}, "risk is critical"),
        ({"flags": ("pricing",)}, "marked “pricing”"),
        ({"reasons": (REASON,)}, "customer of rank"),
        ({"impact_score": 5_000.0}, "More is at stake"),
        ({"length": 2_000}, "much longer"),
        ({"model_version": "9"}, "Another version of the model"),
    ],
)
def test_the_one_that_differs_is_named_with_the_reason(fields: dict[str, Any], words: str) -> None:
    """Confidence, risk, marks, reasons, impact, length, model: the tenth is found, by what makes it differ."""
    (found,) = outliers(batch(dict(fields)))
    assert found.id == case(9).id
    assert len(found.why) == 1
    assert words in found.why[0]


@pytest.mark.req("R-UI-16", "R-CTX-18")
def test_what_its_reader_may_not_know_makes_nothing_stand_out() -> None:
    """A number that a formula read in a hidden place is told by no comparison either."""
    unknown = [replace(each, impact_score=None) for each in batch({"impact_score": 5_000.0})]
    assert outliers(unknown) == ()


@pytest.mark.req("R-UI-16")
def test_a_short_one_among_long_ones_stands_out() -> None:
    """An answer that lost its text is no answer like the others."""
    (found,) = outliers(batch({"length": 10}, length=5_000))
    assert found.why == ("It is much shorter than most others.",)


@pytest.mark.req("R-UI-16")
def test_every_reason_is_told() -> None:
    """Whoever confirms an outlier knows all that is unusual about it."""
    (found,) = outliers(batch({"confidence": 0.1, "risk_tier": "high", "flags": ("pii", "pricing")}))
    assert len(found.why) == 4


@pytest.mark.req("R-UI-16")
def test_of_two_the_warned_and_the_riskier_stands_out() -> None:
    """Even a batch of two has a case that is looked at by itself."""
    (found,) = outliers(batch({"flags": ("pii",), "risk_tier": "high"}, alike=1))
    assert found.id == case(1).id
    assert outliers(batch(alike=1)) == ()


@pytest.mark.req("R-STORE-12")
def test_the_nearest_are_taken_and_the_first_of_equals() -> None:
    """Topic, risk, marks and confidence decide; another workflow, queue or route never comes in."""
    like = case(0, category="refund")
    others = [
        case(1, category="refund", queue="other"),
        case(2, category="refund", route="auto_reject"),
        case(3, category="refund", workflow_id="another"),
        case(4, category="cancel"),
        case(5, category="refund", risk_tier="critical"),
        case(6, category="refund", confidence=0.9),
        case(7, category="refund"),
        case(8, category="refund"),
        like,
    ]
    assert [each.id for each in similar(like, others, 4)] == [case(n).id for n in (0, 7, 8, 6)]
    assert len(similar(like, others, 50)) == 6


@pytest.mark.req("R-UI-16", "R-GATE-09", "R-ROLE-07")
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"terms": {"batches": False}}, "by itself"),
        ({"terms": {"gates": (Gate("g", "G", (ITEM,)),)}}, "checks"),
        ({"terms": {"assurance": {"approve": "step_up"}}}, "passkey"),
        ({"terms": {"assurance": {"reject": "step_up"}}}, "passkey"),
        ({"response_form": {"type": "object"}}, "form"),
        ({"approvals_needed": 2}, "Two people"),
        ({"stage": "triage"}, "not sorted"),
        ({"subject": "pa_x"}, "reviews what was decided"),
        ({"disagreements": (Disagreement("a", "approve", "b", "reject", 0),)}, "disagreed"),
    ],
)
def test_what_needs_more_than_a_yes_is_decided_by_itself(changes: dict[str, Any], words: str) -> None:
    """Checks, forms, two people, a passkey, triage: no batch can go round them."""
    made = case()
    assert takes_batches(made) is None
    terms = replace(made.terms, **changes.pop("terms", {}))
    assert words in str(takes_batches(replace(made, terms=terms, **changes)))
