"""The policy says who may overrule the model, with what evidence, and what waits until somebody verified it."""

import pytest

from tests.application import BECAUSE, World, problem
from tests.flows.conftest import Workflow
from tests.policies import SURE, document, route, save, settle


@pytest.mark.req("R-ROLE-10")
def test_the_three_settings_of_overruling_hold(world: World, workflow: Workflow) -> None:
    """Roles, evidence and blocked actions are in the policy, and each is enforced."""
    ann, olga = world.person("Ann"), world.person("Olga", roles=["owner"])
    override = {"roles": ["owner"], "evidence_required": True, "blocked_until_verified": ["refund"]}
    policy = document(override=override, gate_waiver="Refunds are below ten euros.")
    assert save(olga, policy).status_code in (200, 202)
    settle(world)
    assert route(workflow.agent, {})[0]["route"] == "auto_commit"
    assert route(workflow.agent, {"action": "refund"})[0]["route"] != "auto_commit"
    opened = world.open(workflow.agent, **SURE)
    offered = {entry["action"]: entry for entry in ann.live(opened["id"])["actions"]}
    assert (offered["approve"]["allowed"], offered["reject"]["allowed"]) == (True, False)
    assert "owner" in offered["reject"]["why_not"]
    problem(ann.decide(opened, "reject"), 403, "override_not_permitted", "/action")
    problem(olga.decide(opened, "reject"), 422, "evidence_required", "/evidence")
    proof = [{"title": "Order 7", "text": "It was delivered on Monday."}]
    done = olga.decide(opened, "reject", evidence=proof)
    assert done.status_code == 200, done.text
    event = workflow.agent.live(opened["id"])["event"]
    assert (event["details"]["evidence"], event["reason_code"]) == (proof, BECAUSE["reason_code"])
