"""Checks over HTTP: each item answered, failures sent back, nothing approved past a gate (R-GATE-03, R-GATE-04)."""

from typing import Any

import pytest

from tests.application import BECAUSE, Agent, World, problem
from tests.contract.test_races import copy_of
from tests.desk import GATE, LATER, ask, governed, passed, verify
from tests.policies import document, save, settle, written_by_a_newer_one

ALL = ("invoice/amount", "invoice/payee", "payment/day")


def shown(live: Any) -> dict[str, str | None]:
    return {f"{gate['id']}/{item['id']}": item["result"] for gate in live["gates"] for item in gate["items"]}


@pytest.fixture
def robot(world: World) -> Agent:
    governed(world, gates=[GATE, LATER])
    return world.automation()


@pytest.mark.req("R-GATE-03", "R-GATE-06", "R-GATE-09", "R-GATE-10")
def test_every_item_needs_its_entry_before_anything_is_approved(world: World, robot: Agent) -> None:
    """Missing items are named; answered, each shows who, when and what; the gates open in their order."""
    ann = world.person("Ann")
    live = ann.live(ask(world, robot)["id"])
    assert [(gate["id"], gate["open"], gate["may_answer"]) for gate in live["gates"]] == [
        ("invoice", True, True), ("payment", False, True),
    ]  # fmt: skip
    assert shown(live) == dict.fromkeys(ALL)
    refused = problem(ann.decide(live), 422, "gate_results_missing", "/gate_results")
    assert "Amount" in refused["detail"]
    some = passed("invoice/amount")
    problem(ann.decide(live, gate_results=some), 422, "gate_results_missing")
    problem(ann.decide(live, "modify", gate_results=some, edited_output=1), 422, "gate_results_missing")
    problem(verify(ann, live, passed("payment/day")), 409, "gate_not_open")
    problem(verify(ann, live, passed("invoice/other")), 422, "unknown_gate_item")
    problem(verify(ann, live, passed("invoice/amount", "invoice/amount")), 422, "gate_answered_twice")
    problem(verify(ann, live, passed("invoice/amount", result="not_applicable")), 422, "gate_results_missing")
    after = verify(ann, live, passed("invoice/amount", note="Seen the paper.")).json
    (item, _) = after["gates"][0]["items"]
    assert (item["result"], item["note"], item["by"]["name"]) == ("pass", "Seen the paper.", "Ann")
    assert item["at"] is not None
    rest = passed("invoice/payee", result="not_applicable") + passed("payment/day")
    done = ann.decide(after, gate_results=rest)
    assert (done.status_code, done.json["state"]) == (200, "approved")
    assert shown(done.json) == dict(zip(ALL, ("pass", "not_applicable", "pass"), strict=True))


@pytest.mark.req("R-GATE-04")
def test_a_failed_item_sends_the_case_back(world: World, robot: Agent) -> None:
    """Approving is refused and says to send it back; sent back with a reason it is a level up, and undecided."""
    ann = world.person("Ann")
    live = ann.live(ask(world, robot)["id"])
    failed = passed("invoice/amount", result="fail")
    told = problem(ann.decide(live, gate_results=failed + passed(*ALL[1:2])), 422, "gate_failed")
    assert "Send the case back" in told["detail"]
    problem(verify(ann, live, failed), 422, "reason_code_required", "/reason_code")
    after = verify(ann, live, failed, **BECAUSE).json
    assert (after["state"], after["approved"], after["reviewer_level"]) == ("pending", None, 2)
    assert after["history"][-1]["type"] == "handoff.gate_failed"
    assert robot.live(live["id"])["approved"] is None


@pytest.mark.req("R-GATE-09", "R-ROLE-01")
def test_a_verifier_checks_and_does_not_decide(world: World, robot: Agent) -> None:
    """The verifier's answers count for the approver; the verifier approves nothing."""
    vera, ann = world.person("Vera", roles=["verifier"]), world.person("Ann")
    live = vera.live(ask(world, robot)["id"])
    assert not any(action["allowed"] for action in live["actions"] if action["action"] in ("approve", "reject"))
    assert "verify" in live["duties"]
    after = verify(vera, live, passed(*ALL)).json
    problem(vera.decide(after), 403, "role_missing")
    assert ann.decide(after).json["state"] == "approved"


@pytest.mark.req("R-GATE-03", "R-CTX-03")
def test_answers_count_for_the_package_that_they_were_given_on(world: World, robot: Agent) -> None:
    """After the workflow changed the case every check is open again."""
    ann = world.person("Ann")
    live = ann.live(ask(world, robot)["id"])
    after = verify(ann, live, passed(*ALL)).json
    changed = robot.send(
        "PATCH", f"/v1/handoffs/{live['id']}", {"model_output": 2}, {"If-Match": f'"{after["version"]}"'}
    )
    assert changed.status_code == 200, changed.text
    again = ann.live(live["id"])
    assert shown(again) == dict.fromkeys(ALL)
    problem(ann.decide(again), 422, "gate_results_missing")
    problem(verify(ann, after, passed(ALL[0])), 412, "version_stale")


@pytest.mark.req("R-GATE-11")
def test_the_policy_that_was_changed_is_answered_by_the_rule(world: World) -> None:
    """The case was opened under another version: its check fails by itself, and goes back to be sorted."""
    governor = governed(world, gates=[{"id": "list", "title": "Checklist", "use": "verification_checklist"}])
    robot, ann = world.automation(), world.person("Ann")
    live = ann.live(ask(world, robot)["id"])
    (own,) = [item for item in live["gates"][0]["items"] if item["check"] == "policy_version"]
    assert (own["result"], own["by"]) == ("pass", None)
    governed_again(world, governor)
    world.clock.advance(60_000)
    later = ann.live(live["id"])
    (own,) = [item for item in later["gates"][0]["items"] if item["check"] == "policy_version"]
    assert own["result"] == "fail"
    back = verify(ann, later, [])
    assert (back.status_code, back.json["stage"]) == (200, "triage"), back.text
    assert not any(action["allowed"] for action in back.json["actions"] if action["action"] == "approve")


@pytest.mark.req("R-GATE-11", "R-GATE-09")
def test_under_a_policy_that_cannot_be_read_the_check_of_the_policy_fails(world: World) -> None:
    """What stands in for such a policy is not the one that the case was opened under, though it have the same name."""
    robot, ann = world.automation(), world.person("Ann")
    opened = ask(world, robot)
    assert ann.live(opened["id"])["policy_version"] == "default@0"
    governed(world, gates=[OWN])
    changed = robot.send("PATCH", f"/v1/handoffs/{opened['id']}", {"title": "Another"}, {"If-Match": '"1"'})
    assert changed.status_code == 200, changed.text
    there = copy_of(ann, written_by_a_newer_one(world))
    live = there.live(opened["id"])
    assert shown(live) == {"own/version": "fail"}
    problem(there.decide(live), 422, "gate_failed")


OWN: dict[str, Any] = {
    "id": "own",
    "title": "Policy",
    "items": [
        {"id": "version", "title": "Policy", "criterion": "The policy is the same still", "check": "policy_version"}
    ],
}


def governed_again(world: World, governor: Agent) -> None:
    """The same policy with one more word in it, as the next version."""
    path = "/v1/policies/tickets"
    now = governor.get(path)
    changed = document(gates=now["document"]["gates"], title="Tickets of customers")
    assert save(governor, changed, now["version"]).status_code in (200, 202)
    settle(world)


@pytest.mark.req("R-GATE-09", "R-ROLE-06")
def test_no_way_leads_round_the_gates(world: World, robot: Agent) -> None:
    """The package token's endpoint, a batch, the requester, an API key: each is held by the same checks."""
    ann = world.person("Ann")
    mail = {"requester": "ann@example.com"}
    live = ann.live(ask(world, robot)["id"])
    token = ann.get(f"/v1/handoffs/{live['id']}/package")["package_token"]
    sent = ann.send("POST", "/handoff/complete", {"package_token": token, "action": "approve"})
    problem(sent, 422, "gate_results_missing")
    problem(ann.send("POST", "/v1/batches", {"like": live["id"]}), 422, "batch_not_possible", "/like")
    own = ann.live(ask(world, robot, **mail)["id"])
    problem(verify(ann, own, passed(*ALL)), 403, "self_approval")
    problem(verify(robot, live, passed(*ALL)), 403, "automation_cannot_decide")
    token = ann.get(f"/v1/handoffs/{live['id']}/package")["package_token"]
    body = {"package_token": token, "action": "approve", "gate_results": passed(*ALL)}
    assert ann.send("POST", "/handoff/complete", body).json["state"] == "approved"
