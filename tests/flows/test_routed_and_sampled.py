"""An item goes through without a person, is drawn for a look afterwards, and the look says whether that was right."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.application import World, problem
from tests.flows.conftest import Workflow
from tests.policies import SURE, document, route, save
from tests.web.test_reading import claims

FRIDAY_MS = 1_795_165_200_000
"""Friday, 20 November 2026, 09:00 UTC."""
DAY_MS = 24 * 3600 * 1000


@pytest.mark.req("R-SAMP-01", "R-SAMP-05", "R-ROUTE-38")
def test_what_went_through_is_looked_at_within_a_business_day(world: World, workflow: Workflow) -> None:
    """The item is committed at once; its review stands beside it with two questions, due after the weekend."""
    world.clock.set_wall_ms(FRIDAY_MS)
    ann = world.person("Ann")
    (routed,) = route(workflow.agent, {"title": "Order 7"}, settings={"sampling_rate": 1.0})
    assert (routed["route"], routed["lane"]) == ("auto_commit", "auto_approve")
    assert routed["sample"]["chosen"]
    assert routed["sample"]["inclusion_probability"] == 1.0
    review = ann.live(routed["sample"]["review"])
    assert (review["state"], review["subject"], review["title"]) == ("pending", routed["id"], "Order 7")
    monday = datetime.fromtimestamp((FRIDAY_MS + 3 * DAY_MS) / 1000, UTC)
    assert review["due_at"] == monday.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert review["expires_at"] > review["due_at"], "being late closes nothing"
    assert review["delivery"] is None, "nobody waits for it"
    token = ann.get(f"/v1/handoffs/{review['id']}/package")["package_token"]
    shown = claims(world, token, "page").package
    assert len(shown["metadata"]["instructions"]) == 2
    assert shown["model_output"] == SURE["model_output"]
    record = workflow.agent.get(f"/v1/routes/{routed['id']}")
    assert record["review"] == review["id"]
    assert [event["event_type"] for event in record["events"]] == ["route.auto_commit", "route.sampled"]
    assert ann.decide(review, "reject").status_code == 200, "a person found fault with what went through"
    (outcome,) = workflow.agent.get("/v1/decisions")["items"]
    assert (outcome["id"], outcome["subject"], outcome["approved"]) == (review["id"], routed["id"], False)


@pytest.mark.req("R-SAMP-01")
def test_what_a_rule_forbids_is_not_let_through_to_be_sampled(world: World, workflow: Workflow) -> None:
    """Hard constraints come first, so the sample is drawn of what passed them."""
    (routed,) = route(workflow.agent, {"flags": ["access_change"]}, settings={"sampling_rate": 1.0})
    assert routed["route"] == "asynchronous_human_review"
    assert routed["sample"] is None


@pytest.mark.req("R-SAMP-02")
def test_five_in_a_hundred_are_drawn_and_the_same_ones_again(world: World, workflow: Workflow) -> None:
    """Without settings the rate is 5 %; whether an item is drawn hangs on the item and not on the moment."""
    items = [{"item_id": f"order-{n}"} for n in range(500)]
    first = [one["sample"]["chosen"] for one in route(workflow.agent, *items)]
    world.clock.advance(3_600_000)
    assert [one["sample"]["chosen"] for one in route(workflow.agent, *items)] == first
    assert 8 <= sum(first) <= 50


@pytest.mark.req("R-SAMP-03", "R-SAMP-04")
def test_drift_new_data_and_a_new_policy_each_raise_the_rate(world: World, workflow: Workflow) -> None:
    """Each for a time, each with an event; strong drift also asks a person who was not asked before."""
    olga = world.person("Olga", roles=["owner"])
    actor = world.services.directory.by_bearer(olga.headers["Authorization"].removeprefix("Bearer "))
    assert actor is not None

    def rate() -> float:
        found: float = route(workflow.agent, {})[0]["sample"]["inclusion_probability"]
        return found

    policies = world.services.policies
    assert rate() == 0.05
    assert policies.raise_sampling("tickets", "new_data", "A new supplier.", actor.actor, days=2)
    assert rate() == 0.1
    assert policies.raise_sampling("tickets", "drift", "PSI 0.3 on amounts.", actor.actor, days=1)
    assert rate() == 0.2
    events = [event for event in policies.events() if event["event_type"] == "sampling.raised"]
    assert [event["details"]["signal"] for event in events] == ["drift", "new_data"]
    world.clock.advance(2 * DAY_MS)
    assert rate() == 0.05
    assert save(olga, document()).status_code == 200
    assert rate() == 0.05, "where a workflow begins is no change"
    assert save(olga, document(title="Tickets"), 1).status_code == 200
    assert rate() == 0.1
    assert policies.raise_sampling("tickets", "drift", "PSI 0.6.", actor.actor, strong=True)
    assert route(workflow.agent, {})[0]["route"] == "asynchronous_human_review"


def undrawn(workflow: Workflow) -> list[dict[str, Any]]:
    """Two items that went through and that nobody was to look at."""
    routed = route(workflow.agent, *({} for _ in range(20)))
    return [one for one in routed if not one["sample"]["chosen"]][:2]


@pytest.mark.req("R-SAMP-07", "R-ROUTE-37")
def test_any_item_that_went_through_can_be_looked_at_by_its_id(world: World, workflow: Workflow) -> None:
    """Asked for twice it is one review; what is shown must be what was routed, and may be left out."""
    ann = world.person("Ann")
    routed, other = undrawn(workflow)
    path = f"/v1/routes/{routed['id']}/review"
    sent = workflow.agent.send("POST", path, {"model_output": "another"})
    problem(sent, 409, "package_digest_mismatch", "/model_output")
    made = workflow.agent.send("POST", path, {name: SURE[name] for name in ("request", "model_output")})
    assert made.status_code == 201
    assert ann.send("POST", path, {}).json == made.json
    review = ann.live(made.json["id"])
    assert (review["subject"], review["policy_version"]) == (routed["id"], "default@0")
    assert workflow.agent.get(f"/v1/routes/{routed['id']}")["review"] == review["id"]
    bare = ann.send("POST", f"/v1/routes/{other['id']}/review", {}).json
    assert ann.live(bare["id"])["confidence"] == SURE["confidence"], "its facts are enough to look at"
    assert ann.decide(ann.live(bare["id"])).status_code == 200


@pytest.mark.req("R-AUD-18", "R-SAMP-07")
def test_who_asked_for_a_second_look_is_on_record(world: World, workflow: Workflow) -> None:
    """One event, with the item and its review; asked for again, it is the same review and no other event."""
    ann, auditor = world.person("Ann"), world.person("Aud", roles=["auditor"])
    routed, _ = undrawn(workflow)
    (review, again) = (ann.send("POST", f"/v1/routes/{routed['id']}/review", {}).json for _ in range(2))
    assert review == again
    (event,) = [one for one in auditor.get("/v1/events")["items"] if one["event_type"] == "route.review_asked"]
    assert (event["decision_actor"]["id"], event["workflow_id"]) == (ann.id, "tickets")
    assert event["details"] == {"routed_id": routed["id"], "review": review["id"]}
    assert event["policy_version"] == "default@0"


def test_an_item_of_another_workflow_is_not_there(world: World, workflow: Workflow) -> None:
    """What is not yours looks like what does not exist, for reading and for reviewing."""
    (routed,) = route(workflow.agent, {})
    others = [world.person("Ben", workflows=["other"]), world.automation(workflows=["other"])]
    for other in others:
        problem(other.send("GET", f"/v1/routes/{routed['id']}"), 404, "not_found")
        problem(other.send("POST", f"/v1/routes/{routed['id']}/review", {}), 404, "not_found")
    problem(others[1].send("POST", "/v1/routes", {"items": [SURE]}), 403, "workflow_not_yours", "/items/0/workflow_id")
