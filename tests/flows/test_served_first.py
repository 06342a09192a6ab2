"""Reviewers are served what weighs most, not what came first."""

from typing import Any

import pytest

from tests.application import Agent, World
from tests.flows.conftest import Workflow
from tests.policies import document, save, settle


def served(by: Agent, limit: int = 3) -> list[str]:
    """The workflow ids of the first rows of the inbox, and what they are about."""
    return [row["title"] for row in by.get("/v1/handoffs", limit=limit)["items"]]


@pytest.mark.req("R-STORE-11")
def test_a_later_case_of_high_impact_goes_before_an_earlier_one_of_low_impact(world: World, workflow: Workflow) -> None:
    """By amount and risk; and by the policy's own formula where it has one."""
    ann, olga = world.person("Ann"), world.person("Olga", roles=["owner"])
    for title, amount in (("small", 10), ("large", 90_000), ("middle", 900)):
        world.open(workflow.agent, title=title, amount=amount)
        world.clock.advance(60_000)
    assert served(ann) == ["large", "middle", "small"]
    scores = [row["impact_score"] for row in ann.get("/v1/handoffs")["items"]]
    assert scores == [36_000, 360, 4], "where no risk is given, the share of a medium one counts"
    policy = document(impact_formula='category == "outage" ? 10000000.0 : 1.0')
    assert save(olga, policy).status_code in (200, 202)
    settle(world)
    world.open(workflow.agent, workflow_id="tickets", title="outage", category="outage", amount=1)
    assert served(ann)[0] == "outage"


@pytest.mark.req("R-STORE-13")
def test_five_hundred_cases_of_the_lowest_tier_do_not_delay_one_of_the_highest(
    world: World, workflow: Workflow
) -> None:
    """However large the others are: the next case to be served is the one that cannot be undone."""
    ann = world.person("Ann")
    many: list[dict[str, Any]] = [{"title": "informs", "service_tier": 1, "amount": 10**9} for _ in range(500)]
    world.open_group(workflow.agent, many)
    world.clock.advance(60_000)
    world.open(workflow.agent, title="irreversible", service_tier=3)
    world.open(workflow.agent, title="reversible", service_tier=2)
    assert served(ann) == ["irreversible", "reversible", "informs"]
