"""An approval that is taken back: before the workflow heard of it, and after."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.application import BECAUSE, World, problem
from tests.flows.conftest import Receiver, Workflow


@pytest.mark.req("R-ACT-06", "R-ACT-11", "X-12")
def test_taken_back_in_time_it_never_reaches_the_workflow(
    world: World, workflow: Workflow, receiver: Receiver, callbacks: Callable[[], int]
) -> None:
    """The callback that was waiting tells of the rollback, not of the approval."""
    ann = world.person("Ann")
    opened = world.open(workflow.agent, callback_url=receiver.url)
    ann.decide(opened)
    taken = ann.act(opened["id"], "rollback", BECAUSE).json
    assert (taken["state"], taken["approved"]) == ("rolled_back", True)
    callbacks()
    (told,) = receiver.received[0].data["handoffs"]
    assert (told["state"], told["approved"], told["output"]) == ("rolled_back", None, None)


@pytest.mark.req("R-ACT-06", "R-ACT-11")
def test_taken_back_late_it_is_recorded_and_told_no_second_time(
    world: World, workflow: Workflow, receiver: Receiver, callbacks: Callable[[], int]
) -> None:
    """What was delivered is not delivered again; the record says that it no longer holds; twice is refused."""
    ann = world.person("Ann")
    opened = world.open(workflow.agent, callback_url=receiver.url)
    ann.decide(opened)
    callbacks()
    assert ann.act(opened["id"], "rollback", BECAUSE).status_code == 200
    assert callbacks() == 0
    problem(ann.act(opened["id"], "rollback", BECAUSE), 409, "nothing_to_roll_back")
    assert [entry["type"] for entry in ann.live(opened["id"])["history"]][-2:] == [
        "handoff.decided",
        "handoff.rolled_back",
    ]
    assert len(workflow.agent.get("/v1/decisions")["items"]) == 1


@pytest.mark.req("R-ACT-06", "X-07", "R-ROLE-01")
def test_it_is_offered_to_who_may_as_long_as_it_can_be_done(
    world: World, workflow: Workflow, receiver: Receiver, callbacks: Callable[[], int]
) -> None:
    """An approver sees “Take back” on an approval, before and after the workflow heard of it; nobody else does."""
    ann, linked = world.person("Ann"), world.reviewer("Lin")
    others = [workflow.agent, world.person("Ada", roles=["auditor"])]
    offer = {
        "action": "roll_back", "label": "Take back", "primary": False, "needs_reason": True, "allowed": True,
        "why_not": None,
    }  # fmt: skip
    for edit in ({}, {"action": "modify", "edited_output": {"summary": "Asks politely."}}):
        opened = world.open(workflow.agent, callback_url=receiver.url, risk_tier="low")
        decided = ann.decide(opened, **edit).json
        assert decided["actions"] == [offer]
        callbacks()
        assert ann.live(opened["id"])["actions"] == [offer]
        by_link = world.by_link(linked.id, opened["id"])
        assert [agent.live(opened["id"])["actions"] for agent in (*others, by_link)] == [[], [], []]
        problem(ann.act(opened["id"], "rollback", {"reason_code": "policy_violation"}), 422, "rationale_required")
        assert ann.act(opened["id"], "rollback", BECAUSE).json["actions"] == []
    rejected = world.open(workflow.agent)
    assert ann.decide(rejected, "reject").json["actions"] == []


@pytest.mark.req("L4", "R-ACT-06")
def test_a_personal_link_takes_nothing_back(world: World, workflow: Workflow) -> None:
    """Neither at its own address nor with a package token: who opens a forwarded link undoes no approval."""
    ann = world.person("Ann")
    opened = world.open(workflow.agent, risk_tier="low")
    by_link = world.by_link(ann.id, opened["id"])
    token = by_link.get(f"/v1/handoffs/{opened['id']}/package")["package_token"]
    ann.decide(opened)
    problem(by_link.act(opened["id"], "rollback", BECAUSE), 403, "assurance_too_low")
    body = {"package_token": token, "action": "rollback", **BECAUSE}
    problem(by_link.send("POST", "/handoff/complete", body), 403, "assurance_too_low")
    assert ann.live(opened["id"])["state"] == "approved"
    assert ann.send("POST", "/handoff/complete", body).json["state"] == "rolled_back"


@pytest.mark.req("R-ACT-13", "R-GATE-09")
def test_one_approval_is_good_for_one_deed(world: World) -> None:
    """Under another key, or by another automation, it is refused; under its own key it is told again."""
    robot, other, ann = world.automation(), world.automation(), world.signed_in("Ann")
    opened = world.open(robot)
    approved = ann.decide(opened)
    address, body = f"/v1/handoffs/{opened['id']}/execution", {"output_digest": opened["output_digest"]}

    def execute(caller: Any, key: str) -> tuple[int, str | None]:
        answer = caller.send("POST", address, body, {"Idempotency-Key": key})
        return answer.status_code, answer.json.get("code")

    assert approved.status_code == 200
    assert execute(robot, "deed-1") == (200, None)
    assert execute(robot, "deed-1") == (200, None), "its answer was lost on the way"
    assert execute(robot, "deed-2") == (409, "executed_already")
    assert execute(other, "deed-1") == (409, "executed_already")
    assert ann.act(opened["id"], "rollback", BECAUSE).status_code == 200
