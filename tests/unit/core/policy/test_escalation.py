"""A senior reviewer begins only where two independent signals ask for one (R-ROUTE-33)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.core.policy.signals import Signal, independent
from tests.unit.core.policy.kit import UNHURRIED, policy, routed, rule, stage

DETECTED = Signal("pii", "detector:pii")


@pytest.mark.req("R-ROUTE-33")
@pytest.mark.parametrize(
    ("flags", "signals", "level"),
    [
        (["pii"], [], 1), ([], [DETECTED], 1),
        (["pii", "pricing", "regulated_data"], [], 1),
        ([], [DETECTED, Signal("phi", "detector:pii")], 1),
        (["pii"], [DETECTED], 1),
        (["pricing"], [DETECTED], 2),
        ([], [DETECTED, Signal("credentials", "detector:secrets")], 2),
    ],
)  # fmt: skip
def test_two_signals_count_only_from_two_places(flags: list[str], signals: list[Signal], level: int) -> None:
    """Many marks of one teller are one opinion, and so is one mark told by two."""
    evaluation = routed(flags=flags, signals=signals)
    assert evaluation.reviewer_level == level
    shown = stage(evaluation, "pre_escalation")
    assert shown["outcome"] == ("escalated" if level == 2 else "kept")
    assert len(shown["signals"]) == len(flags) + len(signals)


@pytest.mark.req("R-ROUTE-33")
def test_a_given_risk_and_a_rule_are_opinions_and_a_repetition_is_none() -> None:
    """A rule that only looks at marks or at the score says nothing that they did not say."""
    assert routed(risk_score=0.7).reviewer_level == 1
    assert routed(risk_score=0.7, flags=["pii"]).reviewer_level == 2
    by_category = policy(rules=[rule('category == "billing"')])
    assert routed(by_category, category="billing").reviewer_level == 1
    assert routed(by_category, category="billing", flags=["pii"]).reviewer_level == 2
    by_mark = policy(rules=[rule('"pii" in flags')])
    assert routed(by_mark, flags=["pii"]).reviewer_level == 1
    by_score = policy(rules=[rule("risk_score > 0.5")])
    assert routed(by_score, risk_score=0.7).reviewer_level == 1


def test_two_rules_of_the_business_are_one_opinion_unless_they_say_where_from() -> None:
    """A rule names its source where its knowledge comes from elsewhere."""
    two = [rule('category == "a"'), rule('intent == "b"', id="s")]
    assert routed(policy(rules=two), category="a", intent="b").reviewer_level == 1
    two[1]["source"] = "credit bureau"
    assert routed(policy(rules=two), category="a", intent="b").reviewer_level == 2


@pytest.mark.req("R-ROUTE-33")
def test_a_rule_that_asks_for_a_level_gets_it_with_a_second_signal_only() -> None:
    """The check stands before every senior reviewer, whoever asks for one."""
    wants = policy(rules=[rule('category == "billing"', reviewer_level=3)])
    alone = routed(wants, category="billing")
    assert alone.reviewer_level == 1
    assert "level 3" in stage(alone, "pre_escalation")["words"]
    assert routed(wants, category="billing", flags=["pii"]).reviewer_level == 3


def test_what_goes_through_has_no_reviewer() -> None:
    """Neither does what is turned down; a stopped line begins at the top."""
    assert routed().reviewer_level is None
    assert routed(policy(flags={"hard_block": ["x"]}), flags=["x"]).reviewer_level is None
    assert routed(flags=["data_exposure"]).reviewer_level == 4


@given(st.lists(st.builds(Signal, st.sampled_from("abc"), st.sampled_from("xyz")), max_size=5))
@pytest.mark.req("R-ROUTE-33")
@settings(UNHURRIED)
def test_independent_means_that_some_pair_differs_in_both(signals: list[Signal]) -> None:
    """The short way to tell agrees with looking at every pair."""
    pairs = any(a.code != b.code and a.source != b.source for a in signals for b in signals)
    assert independent(signals) is pairs
