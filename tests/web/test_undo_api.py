"""A decision that can still be taken back: the decider sees it, and nobody outside does (R-ACT-11)."""

import json
from base64 import urlsafe_b64decode
from typing import Any

import pytest
from werkzeug.test import TestResponse

from companion.workers.timers import TimerWorker
from tests.application import BECAUSE, Agent, World, problem
from tests.desk import ask, governed
from tests.web.test_step_up import confirm, with_passkey

WINDOW_S = 60


@pytest.fixture
def robot(world: World) -> Agent:
    governed(world, undo_window_s=WINDOW_S)
    return world.automation()


def polled(robot: Agent, opened: Any) -> dict[str, Any]:
    """Everything that an automation can ask about one case."""
    one = robot.live(opened["id"])
    group = robot.get(f"/v1/groups/{opened['group_id']}")
    return {
        "one": one,
        "row": group["handoffs"][0],
        "package": robot.get(f"/v1/handoffs/{opened['id']}/package")["package_token"],
        "decisions": robot.get("/v1/decisions")["items"],
        "decided": robot.get("/v1/handoffs", state="decided")["items"],
        "open": robot.get("/v1/handoffs", group_id=opened["group_id"])["items"],
    }


@pytest.mark.req("R-ACT-11", "R-STORE-15")
@pytest.mark.parametrize("action", ["approve", "reject", "modify"])
def test_a_poller_sees_nothing_before_it_settles(world: World, robot: Agent, action: str) -> None:
    """The case reads as pending, version and digest of before: no decision, no output, no event, no edited package."""
    opened = ask(world, robot, callback_url="http://localhost:1/x")
    ann = world.person("Ann")
    before = polled(robot, opened)
    more = {"edited_output": {"summary": "Edited."}} if action == "modify" else {}
    done = ann.decide(opened, action, **more).json
    assert done["undo"] == {"until": done["undo_until"], "mine": True}
    assert done["actions"] == []
    after = polled(robot, opened)
    for name in ("decisions", "decided"):
        assert after[name] == []
    for view in (after["one"], after["row"], after["open"][0]):
        assert (view["state"], view["approved"], view["decision"], view["decided_by"]) == ("pending", None, None, None)
        assert (view["version"], view["package_digest"]) == (1, opened["package_digest"])
        assert view["undo_until"] is None
    assert "output" not in after["one"]
    assert after["one"]["history"] == before["one"]["history"]
    assert after["one"]["undo"] is None
    assert output_in(after["package"]) == output_in(before["package"])
    world.clock.advance(WINDOW_S * 1000)
    TimerWorker(world.services).run_once(world.clock.now_ms())
    settled = polled(robot, opened)
    assert settled["one"]["approved"] is (action != "reject")
    assert [item["id"] for item in settled["decisions"]] == [opened["id"]]
    assert settled["one"]["event"]["event_id"] == done["event_id"]


def output_in(token: str) -> Any:
    """The model's output in a package token."""
    claims = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
    return claims["package"]["model_output"]


@pytest.mark.req("R-ACT-11", "R-ACT-13")
def test_acts_of_an_automation_learn_nothing_either(world: World, robot: Agent) -> None:
    """Withdrawing, changing and executing in the window are refused in words that name no decision."""
    opened, never = ask(world, robot), ask(world, robot)
    ann = world.person("Ann")
    ann.decide(opened)
    digest = world.stored(opened["id"]).output_digest
    for refused in (
        robot.act(opened["id"], "withdrawal", {}),
        robot.send("PATCH", f"/v1/handoffs/{opened['id']}", {"title": "x"}, {"If-Match": '"1"'}),
    ):
        told = problem(refused, 409, "busy")
        assert "approved" not in told["detail"]
        assert told["current"]["state"] == "pending"
    texts = [problem(executed(robot, one, digest), 409, "not_approved")["detail"] for one in (opened, never)]
    assert texts[0] == texts[1], "as for a case that nobody decided"


@pytest.mark.req("R-ACT-11", "R-UI-12")
def test_whoever_decided_takes_it_back_in_time(world: World, robot: Agent) -> None:
    """Another person cannot; back it is pending, may be decided otherwise, and what was undone stays in the history."""
    ann, ben, linda = world.person("Ann"), world.person("Ben"), world.person("Linda")
    opened = ask(world, robot)
    done = ann.decide(opened, "reject").json
    path = f"/v1/handoffs/{opened['id']}/decision"
    assert ben.live(opened["id"])["undo"]["mine"] is False
    problem(ben.send("DELETE", path), 403, "not_your_decision")
    problem(ben.act(opened["id"], "rollback", BECAUSE), 409, "nothing_to_roll_back")
    back = ann.send("DELETE", path)
    assert (back.status_code, back.json["state"], back.json["approved"]) == (200, "pending", None)
    assert back.json["version"] == done["version"] + 1
    kinds = [entry["type"] for entry in linda.live(opened["id"])["history"]]
    assert kinds[-2:] == ["handoff.decided", "handoff.undone"]
    assert opened["id"] in [item["id"] for item in ben.get("/v1/handoffs")["items"]]
    assert ben.decide(back.json).json["state"] == "approved"
    world.clock.advance(WINDOW_S * 1000)
    TimerWorker(world.services).run_once(world.clock.now_ms())
    problem(ben.send("DELETE", path), 409, "undo_over")
    assert robot.live(opened["id"])["approved"] is True


@pytest.mark.req("R-ACT-11", "L4", "R-SEC-04")
@pytest.mark.parametrize("risk_tier", ["low", "high"])
def test_a_personal_link_undoes_nothing(world: World, robot: Agent, risk_tier: str) -> None:
    """A link that was forwarded could else take a person's answer back without their word: refused, noted, and the
    answer stands as it was given."""
    linda = world.reviewer("Linda")
    opened = ask(world, robot, risk_tier=risk_tier, reversible=True)
    link, ada = world.by_link(linda.id, opened["id"]), world.person("Ada", roles=["auditor"])
    if risk_tier == "low":
        done = link.decide(opened, "reject", confirm_word=link.live(opened["id"])["confirm_word"])
    else:
        done = world.bearer(world.services.directory.create_token(linda.id)[1]).decide(opened, "reject")
    assert done.status_code == 200, done.text
    before = world.stored(opened["id"])
    assert link.live(opened["id"])["undo"]["mine"] is False
    path = f"/v1/handoffs/{opened['id']}/decision"
    problem(link.send("DELETE", path), 403, "assurance_too_low")
    problem(link.send("DELETE", path, headers={"If-Match": '"2"'}), 403, "assurance_too_low")
    assert world.stored(opened["id"]) == before
    assert [each["code"] for each in ada.get("/v1/attempts")["items"]][:2] == ["assurance_too_low"] * 2
    world.clock.advance(WINDOW_S * 1000)
    TimerWorker(world.services).run_once(world.clock.now_ms())
    problem(executed(robot, opened, before.output_digest), 409, "not_approved")


@pytest.mark.req("R-ACT-11", "R-ACT-13", "L5")
def test_what_a_passkey_approved_is_taken_back_without_one_and_approved_only_with_one(world: World) -> None:
    """Somebody who sees a slip need not look for their key first. Nothing goes out, nothing is executed, and the
    next approval is confirmed like the first."""
    governed(world, undo_window_s=WINDOW_S, assurance={"approve": "step_up"})
    robot, (ann, device) = world.automation(), with_passkey(world)
    opened = ask(world, robot, callback_url="http://localhost:1/x")
    digest = world.stored(opened["id"]).output_digest
    body = {"action": "approve", "package_digest": opened["package_digest"]}
    assert ann.decide(opened, step_up=confirm(ann, device, opened, body)).status_code == 200
    back = ann.send("DELETE", f"/v1/handoffs/{opened['id']}/decision")
    assert (back.status_code, back.json["state"]) == (200, "pending")
    world.clock.advance(WINDOW_S * 1000)
    TimerWorker(world.services).run_once(world.clock.now_ms())
    assert robot.get("/v1/decisions")["items"] == []
    problem(executed(robot, opened, digest), 409, "not_approved")
    problem(ann.decide(back.json), 403, "step_up_required")
    assert world.stored(opened["id"]).decision is None


def executed(robot: Agent, opened: Any, digest: str) -> TestResponse:
    """What an automation is told right before it acts."""
    path = f"/v1/handoffs/{opened['id']}/execution"
    return robot.send("POST", path, {"output_digest": digest}, {"Idempotency-Key": f"k-{opened['id']}"})


@pytest.mark.req("R-ACT-11")
def test_what_people_say_in_the_window_is_told_after_it(world: World, robot: Agent) -> None:
    """A note of then would give the decision away; it comes with the outcome."""
    opened, ann = ask(world, robot), world.person("Ann")
    ann.act(opened["id"], "annotations", {"text": "Before."})
    ann.decide(ann.live(opened["id"]))
    ann.act(opened["id"], "annotations", {"text": "I approved it."})
    assert [note["text"] for note in robot.live(opened["id"])["notes"]] == ["Before."]
    world.clock.advance(WINDOW_S * 1000)
    TimerWorker(world.services).run_once(world.clock.now_ms())
    assert [note["text"] for note in robot.live(opened["id"])["notes"]] == ["Before.", "I approved it."]


@pytest.mark.req("R-ACT-11", "R-GATE-15")
def test_a_second_approval_that_can_be_undone_reads_as_not_given(world: World, robot: Agent) -> None:
    """The case waits for its second review still: were it pending, a poller would know that somebody decided."""
    ann, ben = world.person("Ann"), world.person("Ben")
    opened = ask(world, robot, approvals_needed=2)
    assert ann.decide(opened).status_code == 200
    before = polled(robot, opened)
    assert ben.decide(ben.live(opened["id"])).status_code == 200
    after = polled(robot, opened)
    assert after["one"]["state"] == "awaiting_second_review"
    assert without_times(after) == without_times(before)


def without_times(told: dict[str, Any]) -> dict[str, Any]:
    """What was polled but the token, which is another each time."""
    return {name: value for name, value in told.items() if name != "package"}
