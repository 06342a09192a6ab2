"""A change beyond the bounds waits for governance, and never for the one who wants it."""

import pytest

from tests.application import World, problem
from tests.flows.conftest import Workflow
from tests.policies import document, route, save

LOOSE = {"thresholds": {"review_below_confidence": 0.7}}


@pytest.mark.req("R-ROLE-13", "R-GOV-16", "R-AUD-18", "R-NOTIF-10", "X-16")
def test_a_loosened_threshold_waits_until_somebody_else_agrees(world: World, workflow: Workflow) -> None:
    """Proposed, seen with its differences and reasons, approved by another: then it is a version with an approver."""
    omar, gwen = world.person("Omar", roles=["operator"]), world.person("Gwen", roles=["governance"])
    proposed = save(omar, document(**LOOSE), reason="Too many are asked.")
    assert (proposed.status_code, proposed.json["status"]) == (202, "proposed")
    proposal = proposed.json["proposal"]
    assert proposal["reasons"]
    assert route(workflow.agent, {"confidence": 0.75})[0]["route"] == "asynchronous_human_review"
    seen = gwen.get("/v1/policies/tickets")
    assert (seen["version"], seen["proposal"]["id"], seen["may_approve"]) == (0, proposal["id"], True)
    change = next(one for one in seen["proposal"]["diff"] if one["path"] == "thresholds.review_below_confidence")
    assert (change["before"], change["after"], change["loosens"]) == (0.85, 0.7, True)
    body = {"proposal_id": proposal["id"], "verdict": "approve", "reason": "Measured for a month."}
    path = "/v1/policies/tickets/approvals"
    problem(omar.send("POST", path, body), 403, "role_missing")
    approved = gwen.send("POST", path, body)
    assert (approved.status_code, approved.json["version"]) == (200, 1)
    assert route(workflow.agent, {"confidence": 0.75})[0]["route"] == "auto_commit"
    (version,) = gwen.get("/v1/policies/tickets/versions")["items"]
    assert (version["saved_by"]["name"], version["approved_by"]["name"]) == ("Omar", "Gwen")
    problem(gwen.send("POST", path, body), 409, "proposal_gone")
    events = {event["event_type"]: event for event in world.services.policies.events()}
    told = events["policy.approved"]["details"]
    assert (told["proposer"]["name"], told["approver"]["name"]) == ("Omar", "Gwen")
    assert any(one["before"] == 0.85 and one["after"] == 0.7 for one in told["changes"])
    assert events["policy.proposed"]["justification"] == "Too many are asked."


@pytest.mark.req("R-GOV-16", "R-ROLE-13")
def test_the_first_rules_of_a_workflow_are_found_while_they_wait(world: World) -> None:
    """The list names a workflow that has no version yet, as long as a proposal of one waits."""
    omar, gwen = world.person("Omar", roles=["operator"]), world.person("Gwen", roles=["governance"])
    proposal = save(omar, document(title="Tickets", **LOOSE)).json["proposal"]
    (row,) = gwen.get("/v1/policies")["items"]
    assert (row["workflow_id"], row["version"], row["title"], row["proposal"]) == ("tickets", 0, "Tickets", True)
    assert row["proposed_by"]["name"] == "Omar"
    body = {"proposal_id": proposal["id"], "verdict": "reject", "reason": "No."}
    assert gwen.send("POST", "/v1/policies/tickets/approvals", body).status_code == 200
    assert gwen.get("/v1/policies")["items"] == []


@pytest.mark.req("R-GOV-16", "R-ROLE-06")
def test_nobody_approves_their_own_proposal(world: World) -> None:
    """Governance too has to find somebody else; a second person may also refuse."""
    gwen, hugo = world.person("Gwen", roles=["governance"]), world.person("Hugo", roles=["governance"])
    proposal = save(gwen, document(**LOOSE)).json["proposal"]
    assert gwen.get("/v1/policies/tickets")["may_approve"] is False
    path, body = "/v1/policies/tickets/approvals", {"proposal_id": proposal["id"], "reason": "No."}
    problem(gwen.send("POST", path, body | {"verdict": "approve"}), 403, "self_approval")
    refused = hugo.send("POST", path, body | {"verdict": "reject"})
    assert (refused.status_code, refused.json["status"]) == (200, "rejected")
    found = gwen.get("/v1/policies/tickets")
    assert (found["version"], found["proposal"]) == (0, None)
    assert world.services.policies.events()[0]["event_type"] == "policy.refused"


@pytest.mark.req("R-GOV-16")
def test_a_proposal_is_approved_on_what_it_was_made_for(world: World) -> None:
    """When the policy moved on meanwhile, what governance saw is no longer what would change."""
    omar, gwen = world.person("Omar", roles=["operator"]), world.person("Gwen", roles=["governance"])
    proposal = save(omar, document(**LOOSE)).json["proposal"]
    assert save(omar, document(title="Tickets")).status_code == 200
    body = {"proposal_id": proposal["id"], "verdict": "approve", "reason": "Agreed."}
    problem(gwen.send("POST", "/v1/policies/tickets/approvals", body), 409, "proposal_stale")
    newer = save(omar, document(**LOOSE), 1).json["proposal"]
    problem(gwen.send("POST", "/v1/policies/tickets/approvals", body), 409, "proposal_gone")
    done = gwen.send("POST", "/v1/policies/tickets/approvals", body | {"proposal_id": newer["id"]})
    assert (done.status_code, done.json["version"]) == (200, 2)


@pytest.mark.req("R-CAN-07")
def test_what_people_rejected_is_not_let_through_at_once(world: World, workflow: Workflow) -> None:
    """A change within the bounds waits all the same when its replay lets through what a person rejected."""
    ann, omar = world.person("Ann"), world.person("Omar", roles=["operator"])
    sure = {"risk_score": 0.1, "risk_tier": "low", "reversible": True, "workflow_id": "tickets"}
    opened = world.open(workflow.agent, confidence=0.8, **sure)
    assert ann.decide(opened, "reject").status_code == 200
    saved = save(omar, document(thresholds={"review_below_confidence": 0.78}))
    assert (saved.status_code, saved.json["status"]) == (202, "proposed")
    assert saved.json["proposal"]["test_result"]["passed"] is False
    assert any("rejected" in reason for reason in saved.json["proposal"]["reasons"])
    report = omar.send("POST", "/v1/policies/tickets/simulations", {"document": document(**LOOSE)}).json
    assert (report["items"], report["wrongly_approved"], report["changed"]) == (1, 1, 1)
    item = {"request": 1, "model_output": 2, "confidence": 0.8, **sure}
    items = [{"item": item, "outcome": "approved", "at": "2026-11-20T10:00:00Z"}]
    body = {"document": document(**LOOSE), "items": items}
    report = omar.send("POST", "/v1/policies/tickets/simulations", body).json
    assert (report["items"], report["wrongly_approved"], report["changed"]) == (1, 0, 1)
    items[0]["at"] = "2026-13-40T10:00:00Z"
    problem(omar.send("POST", "/v1/policies/tickets/simulations", body), 422, "invalid_field", "/items/0/at")


def test_of_two_who_save_at_once_one_wins(world: World) -> None:
    """The second is told that the policy moved on; nothing of either is lost or mixed."""
    omar, olga = world.person("Omar", roles=["operator"]), world.person("Olga", roles=["owner"])
    assert save(omar, document(title="His")).status_code == 200
    problem(save(olga, document(title="Hers")), 412, "version_stale")
    same = save(olga, document(title="His"), 1)
    assert (same.status_code, same.json["version"]) == (200, 1), "saved again unchanged it is the same version"
    assert len(omar.get("/v1/policies/tickets/versions")["items"]) == 1
    assert omar.get("/v1/policies/tickets/versions/1")["document"]["title"] == "His"
    problem(omar.send("GET", "/v1/policies/tickets/versions/2"), 404, "not_found")
    assert [item["workflow_id"] for item in omar.get("/v1/policies")["items"]] == ["tickets"]
