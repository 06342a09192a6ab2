"""Triage: a triager sorts a case, another person approves it, and being late moves it to the next level."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.application import Agent, World, problem
from tests.flows.conftest import Workflow
from tests.policies import document, save, settle

MINUTE_MS = 60_000
QUEUES = {"payroll": {"title": "Payroll", "skills": ["payroll_trained"]}, "mail": {"title": "Mail"}}


def with_policy(world: World, **fields: Any) -> Agent:
    owner = world.person("Olga", roles=["owner"])
    saved = save(owner, document("letters", **fields))
    assert saved.status_code in (200, 202), saved.text
    settle(world, "letters")
    return owner


def sort(by: Agent, live: Any, **said: Any) -> Any:
    match = {"If-Match": f'"{live["version"]}"'}
    return by.send("POST", f"/v1/handoffs/{live['id']}/triage", said, match)


@pytest.mark.req("R-ROLE-01", "R-ROLE-06", "R-GATE-18")
def test_who_sorts_a_high_risk_case_does_not_approve_it(world: World, workflow: Workflow) -> None:
    """Sorted into a queue of the trained and raised to high risk: neither its triager nor the untrained approve."""
    with_policy(world, triage="required", queues=QUEUES)
    tara = world.person("Tara", roles=["triager", "approver"], skills=["payroll_trained"])
    ann, pat = world.person("Ann"), world.person("Pat", skills=["payroll_trained"])
    opened = world.open(workflow.agent, workflow_id="letters")
    problem(ann.decide(opened), 409, "triage_first")
    problem(sort(ann, opened, queue="payroll"), 403, "role_missing")
    problem(sort(tara, opened, queue="nowhere"), 422, "unknown_queue", "/queue")
    problem(sort(tara, opened, risk_tier="low"), 422, "risk_only_rises", "/risk_tier")
    done = sort(tara, opened, queue="payroll", risk_tier="high", category="salary").json
    assert (done["stage"], done["queue"], done["skills"], done["risk_tier"]) == (
        "review", "payroll", ["payroll_trained"], "high",
    )  # fmt: skip
    problem(tara.decide(done), 403, "triager_cannot_approve")
    problem(ann.decide(done), 403, "skill_missing")
    problem(sort(tara, done), 409, "not_in_triage")
    assert pat.decide(done).json["approved"] is True
    (event,) = [e for e in pat.live(opened["id"])["history"] if e["type"] == "handoff.triaged"]
    assert (event["from"], event["to"]) == ("Tara", "reviewers of payroll")


@pytest.mark.req("R-STORE-16", "R-ROLE-04", "R-ROLE-05", "R-STORE-15")
def test_a_case_that_nobody_takes_climbs_the_ladder_and_ends_without_an_answer(
    world: World, workflow: Workflow, timers: Callable[[], int]
) -> None:
    """Late at each level it moves up once, audited and to the backup of that level; the deadline ends it unapproved."""
    with_policy(world, sla={"complete_minutes": 30, "business_hours": False})
    ann = world.person("Ann")
    opened = world.open(workflow.agent, workflow_id="letters", expires_in_s=12 * 3600)
    waiting = ann.live(opened["id"])
    assert (waiting["reviewer_level"], waiting["due_at"] is not None) == (1, True)
    levels = []
    for minutes in (30, 60, 60, 60, 60):
        world.clock.advance(minutes * MINUTE_MS - 1)
        assert timers() == 0
        world.clock.advance(1)
        timers()
        levels.append(ann.live(opened["id"])["reviewer_level"])
    assert levels == [2, 3, 3, 3, 3]
    overdue = [e for e in ann.live(opened["id"])["history"] if e["type"] == "handoff.overdue"]
    assert [entry["to"] for entry in overdue] == [
        "reviewer level 2 (backup: Manager or approver)", "reviewer level 3 (backup: On-call owner)",
    ]  # fmt: skip
    world.clock.advance(12 * 3600 * 1000)
    timers()
    live = ann.live(opened["id"])
    assert (live["state"], live["approved"]) == ("expired", None)
    assert timers() == 0


@pytest.mark.req("R-STORE-16", "R-ACT-08")
def test_a_question_stops_the_clock_of_the_level_and_not_the_deadline(
    world: World, workflow: Workflow, timers: Callable[[], int]
) -> None:
    """While the answer is awaited nothing moves up; afterwards the time that was left is left still."""
    with_policy(world, sla={"complete_minutes": 30, "business_hours": False})
    ann = world.person("Ann")
    opened = world.open(workflow.agent, workflow_id="letters", expires_in_s=12 * 3600)
    world.clock.advance(20 * MINUTE_MS)
    assert ann.act(opened["id"], "questions", {"text": "Which order?"}).status_code == 200
    world.clock.advance(120 * MINUTE_MS)
    assert timers() == 0
    assert ann.act(opened["id"], "answers", {"text": "Number 7."}).status_code == 200
    world.clock.advance(10 * MINUTE_MS - 1)
    assert timers() == 0
    world.clock.advance(1)
    assert timers() == 1
    assert ann.live(opened["id"])["reviewer_level"] == 2


@pytest.mark.req("R-STORE-16", "R-ROLE-18")
def test_a_case_is_given_to_somebody_to_look_after(world: World, workflow: Workflow) -> None:
    """An owner names who has it; what a colleague held of it ends, and the case says whose it is."""
    olga = with_policy(world)
    ann, ben = world.person("Ann"), world.person("Ben")
    opened = world.open(workflow.agent, workflow_id="letters")
    assert ann.act(opened["id"], "claim", method="PUT").status_code == 200
    problem(ann.act(opened["id"], "assignee", {"reviewer_id": ben.id}, "PUT"), 403, "role_missing")
    given = olga.act(opened["id"], "assignee", {"reviewer_id": ben.id, "rationale": "Ann is ill."}, "PUT").json
    assert (given["assignee"]["name"], given["claim"], given["state"]) == ("Ben", None, "pending")
    assert ben.decide(given).json["approved"] is True


@pytest.mark.req("R-ROLE-07", "R-ACT-14")
def test_no_way_around_the_second_pair_of_eyes(world: World, workflow: Workflow) -> None:
    """By the case's own address, by its package token, or after an undo: one person never makes two approvals."""
    with_policy(world, undo_window_s=600)
    ann, ben = world.person("Ann"), world.person("Ben")
    opened = world.open(workflow.agent, workflow_id="letters", approvals_needed=2)
    tokens = [ann.get(f"/v1/handoffs/{opened['id']}/package")["package_token"] for _ in range(2)]
    assert ann.send("POST", "/handoff/complete", {"package_token": tokens[0], "action": "approve"}).status_code == 200
    again = ann.send("POST", "/handoff/complete", {"package_token": tokens[1], "action": "approve"})
    problem(again, 403, "second_reviewer_must_differ")
    decided = ben.decide(ben.live(opened["id"])).json
    assert decided["state"] == "approved"
    undone = ben.act(opened["id"], "decision", method="DELETE").json
    assert undone["state"] == "awaiting_second_review"
    problem(ann.decide(undone), 403, "second_reviewer_must_differ")
    assert ann.live(opened["id"])["approved"] is None


@pytest.mark.req("R-ROLE-01")
def test_a_triager_is_offered_only_queues_of_people(world: World, workflow: Workflow) -> None:
    """What was stopped works on nothing: nobody sorts a case into it by its name in a list."""
    with_policy(world, triage="required", queues={"mail": {"title": "Mail"}})
    tara = world.person("Tara", roles=["triager"])
    opened = world.open(workflow.agent, workflow_id="letters")
    offered = [queue["title"] for queue in tara.live(opened["id"])["triage"]["queues"]]
    assert "Mail" in offered
    assert "Stopped" not in offered
