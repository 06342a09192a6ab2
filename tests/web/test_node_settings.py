"""Numbers in a node's settings move the route, within what governance allows."""

import pytest

from tests.application import World

ITEM = {
    "workflow_id": "drafts",
    "request": {},
    "model_output": {"text": "Thank you."},
    "confidence": 0.8,
    "risk_score": 0.1,
    "reversible": True,
}


@pytest.mark.req("R-SHAPE-05", "R-ROLE-13", "X-16")
@pytest.mark.parametrize(
    ("workflow_id", "review_below", "route"),
    [
        ("drafts", 0.85, "asynchronous_human_review"),
        ("drafts", 0.8, "auto_commit"),
        ("drafts", 0.99, "asynchronous_human_review"),
        ("summarize-email", 0.8, "auto_commit"),
        ("summarize-email", 0.81, "asynchronous_human_review"),
    ],
)
def test_a_number_in_the_node_moves_the_route(world: World, workflow_id: str, review_below: float, route: str) -> None:
    """Within the bounds, and beyond them on the strict side, the node's number counts; also for a single limit."""
    settings = {"thresholds": {"review_below_confidence": review_below}}
    sent = {"items": [ITEM | {"workflow_id": workflow_id}], "settings": settings}
    answer = world.automation().send("POST", "/v1/routes", sent)
    assert answer.status_code == 200, answer.text
    assert answer.json["items"][0]["route"] == route


@pytest.mark.req("R-ROLE-13", "R-GOV-16", "X-16")
@pytest.mark.parametrize(
    "settings",
    [
        {"thresholds": {"review_below_confidence": 0.7}},
        {"thresholds": {"review_above_risk": 0.8}},
        {"sampling_rate": 0.0},
        {"sla_minutes": 10_000},
    ],
)
def test_a_number_in_the_node_does_not_pass_by_governance(world: World, settings: dict[str, object]) -> None:
    """What would wait for governance on the policy page is refused in the node, with the bounds and the way on."""
    answer = world.automation().send("POST", "/v1/routes", {"items": [ITEM], "settings": settings})
    assert (answer.status_code, answer.json["code"]) == (422, "settings_unusable")
    assert "which governance allows" in answer.json["detail"]
    assert "save it as a policy" in answer.json["detail"]
