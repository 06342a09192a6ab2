"""What an operator saves at once, and what waits for governance although it looks like a small change."""

from collections.abc import Mapping
from typing import Any

import pytest

from companion.core.policy.change import diff, verdict
from companion.core.policy.document import UnusablePolicy
from tests.unit.core.policy.kit import policy, routed, rule

MONEY = {"title": "Money", "skills": ["finance"], "categories": ["refund"], "stricter": False}
EASY = {"title": "Easy", "skills": [], "categories": ["greeting"], "stricter": False}
CHECK = {"id": "g", "title": "Vendor", "criterion": "The vendor is in the trade register", "check": "evidence"}
ALL = ["approve", "reject", "modify", "escalate", "ask", "roll_back"]


def waits(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether an operator's change from one to the other is a proposal."""
    old, new = policy(**before).effective, policy(**after).effective
    return verdict(old, new, old["bounds"], "low").status == "proposed"


def loosens(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    old, new = policy(**before).effective, policy(**after).effective
    return any(change["loosens"] for change in diff(old, new))


@pytest.mark.req("R-GOV-16", "X-16", "R-ACT-10")
@pytest.mark.parametrize("gone", ["escalate", "ask", "roll_back"])
def test_a_reviewer_who_loses_a_way_to_object_is_looser_control(gone: str) -> None:
    """Less can be said against the model; to be given a way to object waits for nobody."""
    fewer = [action for action in ALL if action != gone]
    assert loosens({"actions": ALL}, {"actions": fewer})
    assert waits({"actions": ALL}, {"actions": fewer})
    assert not waits({"actions": fewer}, {"actions": ALL})


@pytest.mark.req("R-GOV-16", "X-16", "R-ACT-04")
def test_that_outputs_may_be_edited_is_for_governance() -> None:
    """Giving it waits, taking it does not."""
    without = [action for action in ALL if action != "modify"]
    assert waits({"actions": without}, {"actions": ALL})
    assert not waits({"actions": ALL}, {"actions": without})


@pytest.mark.req("R-ACT-10")
@pytest.mark.parametrize("missing", ["approve", "reject"])
def test_a_reviewer_can_say_yes_and_no(missing: str) -> None:
    """A policy under which people can only approve is none, and neither is one under which nobody can."""
    with pytest.raises(UnusablePolicy, match=missing):
        policy(actions=[action for action in ALL if action != missing])


@pytest.mark.req("R-GOV-16", "X-16")
@pytest.mark.parametrize("name", ["actions", "sources"])
def test_a_narrower_scope_turns_down_without_a_person_and_waits(name: str) -> None:
    """What lies outside these is rejected by rule; a narrower list of intents asks a person, so it holds at once."""
    wide, narrow = ["read", "close"], ["read"]
    assert waits({"scope": {name: wide}}, {"scope": {name: narrow}})
    assert waits({}, {"scope": {name: wide}})
    assert waits({"scope": {name: wide}}, {"scope": {name: ["read", "open"]}})
    assert not waits({"scope": {"intents": wide}}, {"scope": {"intents": narrow}})


@pytest.mark.req("R-GOV-16", "X-16", "R-ROUTE-13")
def test_the_first_risk_signal_makes_a_number_of_what_nobody_said() -> None:
    """Without signals a missing risk asks a person; the first one lets such items through. A further one does not."""
    one = [{"id": "far", "when": 'category == "far"', "weight": 0.1}]
    two = [*one, {"id": "near", "when": 'category == "near"', "weight": 0.1}]
    assert routed(policy(risk_signals=[]), risk_score=None).human
    assert not routed(policy(risk_signals=one), risk_score=None).human
    assert waits({"risk_signals": []}, {"risk_signals": one})
    assert not waits({"risk_signals": one}, {"risk_signals": two})


@pytest.mark.req("R-GOV-16", "X-16", "R-ROUTE-34")
@pytest.mark.parametrize(
    ("queues", "expected"),
    [
        ({"money": MONEY, "quick": EASY | {"categories": ["refund"]}}, True),
        ({"money": MONEY, "easy": EASY | {"categories": ["greeting", "refund"]}}, True),
        ({"money": MONEY, "quick": MONEY | {"skills": ["finance", "fraud"]}}, False),
        ({"money": MONEY, "quick": EASY | {"categories": ["thanks"]}}, False),
    ],
)
def test_a_queue_takes_no_topic_from_the_trained(queues: dict[str, Any], expected: bool) -> None:
    """New or changed: a topic that was for trained reviewers stays with trained reviewers, or governance agrees."""
    before = {"queues": {"money": MONEY, "easy": EASY}}
    assert waits(before, {"queues": {"easy": EASY, **queues}}) is expected


@pytest.mark.req("R-GOV-16", "X-16", "R-ROUTE-34")
def test_a_new_rule_that_names_a_queue_of_the_untrained_waits() -> None:
    """Its queue goes before every other; without one it can only ask more."""
    queues = {"queues": {"money": MONEY, "easy": EASY}}
    assert waits(queues, queues | {"rules": [rule('category == "refund"', queue="easy")]})
    assert not waits(queues, queues | {"rules": [rule('category == "refund"')]})


@pytest.mark.req("R-ROUTE-34", "X-16")
def test_a_topic_for_the_trained_goes_before_the_node() -> None:
    """A node names a queue for what no demand is set on; one with skills is not to be got around."""
    under = policy(queues={"money": MONEY, "easy": EASY}).with_settings(queue="easy")
    found = routed(under, category="refund", confidence=0.1)
    assert (found.queue, found.skills) == ("money", ("finance",))
    assert routed(under, category="other", confidence=0.1).queue == "easy"
    plain = policy(queues={"money": MONEY | {"skills": []}, "easy": EASY}).with_settings(queue="easy")
    assert routed(plain, category="refund", confidence=0.1).queue == "easy"


@pytest.mark.req("R-GOV-16", "X-16")
@pytest.mark.parametrize(
    ("before", "queue", "looser"),
    [
        ({"queues": {"easy": EASY}}, "money", False),
        ({"queues": {"money": MONEY}}, "money", False),
        ({"queues": {"money": MONEY, "easy": EASY}}, "easy", True),
        ({"queues": {"easy": {**EASY, "stricter": True}}}, "money", True),
        ({"queues": {"easy": EASY}, "gates": [{**CHECK, "queues": ["easy"]}]}, "money", True),
    ],
)
def test_a_new_rule_that_only_adds_a_review_is_not_looser(before: dict[str, Any], queue: str, looser: bool) -> None:
    """Its queue goes before every other; that takes something away only where another asks for more than it does."""
    queues = {**before["queues"], "money": MONEY, "easy": before["queues"].get("easy", EASY)}
    old = policy(**before).effective
    new = policy(**{**before, "queues": queues, "rules": [rule('category == "refund"', queue=queue)]}).effective
    assert {change["path"]: change["loosens"] for change in diff(old, new)}["rules.r"] is looser
