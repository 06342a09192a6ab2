"""Two reviews that are two opinions: the second person learns the first one's reasons after answering (R-GATE-12)."""

from typing import Any

import pytest

from tests.application import Agent, World, problem

WHY = "Her account looks trustworthy to me."
NOTE = "I know this customer."


def first_reviewed(world: World, robot: Agent, ann: Agent) -> Any:
    """A case that Ann noted something about and approved with words of her own."""
    opened = world.open(robot, approvals_needed=2)
    ann.act(opened["id"], "annotations", {"text": NOTE})
    done = ann.decide(opened, rationale=WHY, reason_code="insufficient_evidence")
    assert done.json["state"] == "awaiting_second_review", done.text
    return done.json


def everywhere(agent: Agent, live: Any) -> str:
    """Every answer in which this person could read of the first review."""
    case = f"/v1/handoffs/{live['id']}"
    paths = (case, f"{case}/package", "/v1/handoffs", "/v1/handoffs?state=all", f"/v1/groups/{live['group_id']}",
             "/v1/decisions", f"/v1/handoffs?group_id={live['group_id']}")  # fmt: skip
    texts = [agent.send("GET", path).text for path in paths]
    texts += [
        agent.act(live["id"], "annotations", {"text": "x"}).text,
        agent.act(live["id"], "acknowledgement", method="PUT").text,
        agent.send("DELETE", f"{case}/decision").text,
        agent.decide(live, version=77).text,
    ]
    return "\n".join(texts)


@pytest.mark.req("R-GATE-12", "R-ROLE-07")
def test_the_second_reviewer_reads_no_reason_of_the_first(world: World) -> None:
    """Who approved and when, but neither why, nor notes, nor words in the history; also in refusals and after acts."""
    robot, ann, ben = world.automation(), world.person("Ann"), world.person("Ben")
    live = first_reviewed(world, robot, ann)
    both = world.person("Both", roles=["auditor", "approver"])
    for agent in (ben, both):
        found = everywhere(agent, live)
        assert WHY not in found
        assert NOTE not in found
        seen = agent.live(live["id"])
        assert seen["second_review"] == {"blind_until_you_decide": True, "first_action": "approve"}
        assert seen["first_approval"]["by"]["name"] == "Ann"
        assert "handoff.first_approval" in [entry["type"] for entry in seen["history"]]
    for agent in (ann, world.person("Aude", roles=["auditor"])):
        found = everywhere(agent, live)
        assert WHY in found
        assert NOTE in found
        assert agent.live(live["id"])["second_review"]["blind_until_you_decide"] is False
    after = ben.decide(ben.live(live["id"])).json
    assert any(WHY in entry["text"] for entry in after["history"]), "after deciding everything is told"
    assert any(NOTE in note["text"] for note in after["notes"])


@pytest.mark.req("R-GATE-15", "R-ROLE-07")
def test_a_disagreement_goes_up_and_is_told_whole(world: World) -> None:
    """The case is undecided a level higher; both are named with what each said, and neither may answer again."""
    robot, ann, ben, cleo = world.automation(), world.person("Ann"), world.person("Ben"), world.person("Cleo")
    live = first_reviewed(world, robot, ann)
    after = ben.decide(live, "reject").json
    assert (after["state"], after["approved"], after["reviewer_level"]) == ("pending", None, 2)
    (said,) = cleo.live(live["id"])["disagreements"]
    assert (said["first_by"]["name"], said["first_action"]) == ("Ann", "approve")
    assert (said["second_by"]["name"], said["second_action"]) == ("Ben", "reject")
    for agent in (ann, ben):
        problem(agent.decide(after), 403, "already_reviewed")
    assert cleo.decide(after).json["state"] == "approved"


FORM = {
    "type": "object",
    "required": ["category"],
    "properties": {
        "category": {"type": "string", "enum": ["late", "damage"], "default": "late"},
        "summary": {"type": "string", "default": "Late."},
    },
}


@pytest.mark.req("R-ROLE-07", "R-UI-22", "H1")
def test_the_second_agrees_to_what_the_first_filled_in(world: World) -> None:
    """It is shown with the first approval, also to the blind; others would be seen by one person only."""
    robot, ann, ben = world.automation(), world.person("Ann"), world.person("Ben")
    opened, bare = (world.open(robot, approvals_needed=2, response_form=FORM) for _ in range(2))
    given = {"category": "damage", "summary": "Late."}
    ann.decide(opened, response=given)
    live = ben.live(opened["id"])
    assert live["second_review"]["blind_until_you_decide"] is True
    assert live["first_approval"]["response"] == given
    assert live["first_approval"]["corrections"] == [{"field": "category", "before": "late", "after": "damage"}]
    problem(ben.decide(live, response=given | {"category": "late"}), 422, "response_differs", "/response")
    assert ben.live(opened["id"])["state"] == "awaiting_second_review"
    assert ben.decide(live, response=given).json["decision"]["response"] == given
    ann.decide(bare, response=given)
    done = ben.decide(ben.live(bare["id"])).json
    assert (done["decision"]["response"], done["state"]) == (given, "approved")
