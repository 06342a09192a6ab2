"""Cases of one kind go to one queue, and only those who are trained for it see them and decide them."""

import pytest

from tests.application import World, problem
from tests.flows.conftest import Workflow
from tests.policies import SURE, document, route, save, settle

IDENTITY = {"title": "Identity", "skills": ["security_trained"], "categories": ["identity"], "stricter": True}


@pytest.mark.req("R-ROUTE-34", "R-ROLE-15")
def test_a_reviewer_without_the_skill_neither_sees_nor_decides(world: World, workflow: Workflow) -> None:
    """Lists, counts and the case itself are hidden from them; who reads everything reads it, and decides nothing."""
    olga = world.person("Olga", roles=["owner"])
    assert save(olga, document(queues={"identity": IDENTITY})).status_code in (200, 202)
    settle(world)
    case = SURE | {"category": "identity", "flags": ["access_change"]}
    routed = route(workflow.agent, case)[0]
    assert (routed["queue"], routed["skills"]) == ("identity", ["security_trained"])
    hidden, plain = world.open(workflow.agent, **case), world.open(workflow.agent, **SURE)
    ann = world.person("Ann")
    sam = world.person("Sam", skills=["security_trained", "payroll"])
    inbox = ann.get("/v1/handoffs")
    assert ([item["id"] for item in inbox["items"]], inbox["waiting"]) == ([plain["id"]], 1)
    assert ann.get("/v1/handoffs", workflow_id="tickets")["waiting"] == 1
    problem(ann.send("GET", f"/v1/handoffs/{hidden['id']}"), 403, "skill_missing")
    problem(ann.decide(hidden), 403, "skill_missing")
    seen = sam.get("/v1/handoffs")
    assert ({item["id"] for item in seen["items"]}, seen["waiting"]) == ({hidden["id"], plain["id"]}, 2)
    assert sam.get("/v1/handoffs", workflow_id="tickets", limit=1)["cursor"] is not None
    assert olga.live(hidden["id"])["actions"][0]["allowed"] is False
    problem(olga.decide(hidden), 403, "skill_missing")
    assert workflow.agent.get("/v1/handoffs")["waiting"] == 2, "the workflow sees what it asked"
    assert sam.decide(hidden).status_code == 200
    assert ann.get("/v1/handoffs", state="decided")["items"] == []
    assert ann.get("/v1/decisions")["items"] == []
    assert [item["id"] for item in sam.get("/v1/handoffs", state="decided")["items"]] == [hidden["id"]]
    assert sam.get("/v1/handoffs")["waiting"] == 1


@pytest.mark.req("R-ROUTE-35", "R-ROUTE-41")
def test_the_record_says_why_a_person_was_asked_and_who_handed_over_to_whom(world: World, workflow: Workflow) -> None:
    """Which declared condition applied stands in the decision; each transfer has a giver, a taker and a time."""
    ann = world.person("Ann")
    unsure = world.open(workflow.agent, **SURE | {"confidence": 0.7})
    sensitive = world.open(workflow.agent, **SURE | {"flags": ["phi"]})
    for opened, condition in ((unsure, "threshold"), (sensitive, "sensitive")):
        assert ann.live(opened["id"])["routing"]["conditions"] == [condition]
        ann.act(opened["id"], "escalations", {"reason_code": "needs_specialist_review"})
        assert ann.decide(ann.live(opened["id"])).status_code == 200
        assert workflow.agent.live(opened["id"])["event"]["details"]["conditions"] == [condition]
    history = ann.live(unsure["id"])["history"]
    assert [(entry["from"], entry["to"]) for entry in history] == [
        ("n8n", "reviewers of tickets"), ("Ann", "reviewer level 2 (backup: Manager or approver)"),
        ("Ann", "workflow tickets"),
    ]  # fmt: skip
    assert all(entry["at"] and entry["text"] for entry in history)
    routine = route(workflow.agent, {})[0]
    assert (routine["route"], routine["conditions"]) == ("auto_commit", []), "a routine case asks nobody"
