"""An auditor draws decisions that people made, and other people look at them again."""

import pytest

from tests.application import World, problem
from tests.desk import ask, governed
from tests.flows.conftest import Workflow


@pytest.mark.req("R-SAMP-11", "R-ROLE-01")
def test_an_auditor_has_decisions_of_people_looked_at_again(world: World, workflow: Workflow) -> None:
    """Each kind of decision is drawn, each case once, never a review; its decider does not judge it."""
    ann, ben, audit = world.person("Ann"), world.person("Ben"), world.person("Olga", roles=["auditor"])
    approved = [world.open(workflow.agent, title=f"Case {number}") for number in range(4)]
    rejected = world.open(workflow.agent, title="The rejected one")
    world.open(workflow.agent, title="Still open")
    for case in approved:
        assert ann.decide(ann.live(case["id"])).status_code == 200
    assert ann.decide(ann.live(rejected["id"]), "reject").status_code == 200

    first = audit.send("POST", "/v1/samples", {"number": 2})
    assert first.status_code == 201
    drawn = first.json["items"]
    assert rejected["id"] in {one["subject"] for one in drawn}, "the rare kind is drawn as well"
    review = ben.live(next(one["id"] for one in drawn if one["subject"] == rejected["id"]))
    assert (review["title"], review["state"]) == ("The rejected one", "pending")
    assert review["question"] == "A person rejected this. Was that right?"
    assert review["delivery"] is None, "no workflow is told"
    problem(ann.decide(review), 403, "self_approval")
    assert ben.decide(review).status_code == 200

    rest = audit.send("POST", "/v1/samples", {"number": 50}).json["items"]
    assert {one["subject"] for one in [*drawn, *rest]} == {case["id"] for case in [*approved, rejected]}
    assert audit.send("POST", "/v1/samples", {}).json == {"items": []}, "no case twice, and no review of a review"


@pytest.mark.req("R-SAMP-11", "A3")
def test_only_what_one_works_on_is_drawn(world: World, workflow: Workflow) -> None:
    """A workflow that is not the auditor's gives nothing, and neither approvers nor automations draw."""
    ann = world.person("Ann")
    case = world.open(workflow.agent)
    assert ann.decide(ann.live(case["id"])).status_code == 200
    elsewhere = world.person("Otto", roles=["auditor"], workflows=["elsewhere"])
    assert elsewhere.send("POST", "/v1/samples", {}).json == {"items": []}
    assert elsewhere.send("POST", "/v1/samples", {"workflow_id": "summarize"}).json == {"items": []}
    problem(ann.send("POST", "/v1/samples", {}), 403, "role_missing")
    problem(workflow.agent.send("POST", "/v1/samples", {}), 403, "automation_cannot_decide")


@pytest.mark.req("R-SAMP-11", "R-ROLE-06")
def test_nobody_judges_what_they_answered_for(world: World, workflow: Workflow) -> None:
    """Of two approvals the first counts as well, and of a disagreement both sides: a fourth person looks again."""
    governed(world, pattern="dual_review")
    ann, ben, cleo, dan = (world.person(name) for name in ("Ann", "Ben", "Cleo", "Dan"))
    audit = world.person("Olga", roles=["auditor"])
    agreed = ask(world, workflow.agent)
    assert ann.decide(agreed).status_code == 200
    assert ben.decide(ben.live(agreed["id"])).status_code == 200
    (review,) = audit.send("POST", "/v1/samples", {}).json["items"]
    for answered in (ann, ben):
        problem(answered.decide(answered.live(review["id"])), 403, "self_approval")
    assert cleo.decide(cleo.live(review["id"])).status_code == 200
    disputed = ask(world, workflow.agent)
    assert ann.decide(disputed).status_code == 200
    assert ben.decide(ben.live(disputed["id"]), "reject").status_code == 200
    judge = world.person("Senior", roles=["approver", "owner"])
    settled = judge.decide(judge.live(disputed["id"]))
    assert settled.status_code == 200, settled.text
    drawn = audit.send("POST", "/v1/samples", {}).json["items"]
    (second,) = [one for one in drawn if one["subject"] == disputed["id"]]
    for answered in (ann, ben, judge):
        problem(answered.decide(answered.live(second["id"])), 403, "self_approval")
    assert dan.decide(dan.live(second["id"])).status_code == 200
