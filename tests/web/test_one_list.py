"""Each case is in exactly one of the lists, open or decided, whatever happens to it (R-STORE-13, R-ACT-11)."""

from typing import Any

import pytest

from companion.store.lists import HandoffLists
from companion.workers.timers import TimerWorker
from tests.application import BECAUSE, Agent, World, problem
from tests.desk import ask, governed
from tests.web.test_inbox import walk

WINDOW_S = 60
LIMITS = (1, 2, 50)


@pytest.fixture
def robot(world: World) -> Agent:
    governed(world, undo_window_s=WINDOW_S)
    return world.automation()


def place_of(agent: Agent, handoff_id: str, others: int = 0, **query: Any) -> str:
    """The one list that has this case, however it is paged; `others` are as many cases beside it."""
    found = set()
    for limit in LIMITS:
        lists = {state: walk(agent, limit, state=state, **query) for state in ("open", "decided", "all")}
        assert sorted(lists["open"] + lists["decided"]) == sorted(lists["all"]), (limit, lists)
        assert len(lists["all"]) == len(set(lists["all"])) == others + 1, (limit, lists)
        assert agent.get("/v1/handoffs", limit=limit, **query)["waiting"] == len(lists["open"])
        found.add("open" if handoff_id in lists["open"] else "decided")
    (place,) = found
    return place


def settle(world: World) -> None:
    world.clock.advance(WINDOW_S * 1000)
    TimerWorker(world.services).run_once(world.clock.now_ms())


@pytest.mark.req("R-STORE-13", "R-ACT-11")
@pytest.mark.parametrize("action", ["approve", "reject", "modify"])
def test_a_case_is_walked_through_its_states_in_one_list_at_a_time(world: World, robot: Agent, action: str) -> None:
    """For the workflow it waits until its outcome stands; for people it is decided at once, and open when undone."""
    ann, ben, opened = world.person("Ann"), world.person("Ben"), ask(world, robot)
    handoff_id = opened["id"]
    more = {"edited_output": {"summary": "Edited."}} if action == "modify" else {}

    def places() -> tuple[str, str]:
        return place_of(robot, handoff_id), place_of(ben, handoff_id)

    assert places() == ("open", "open")
    ann.act(handoff_id, "claim", method="PUT")
    assert places() == ("open", "open")
    ann.act(handoff_id, "questions", {"text": "Which order?"})
    assert places() == ("open", "open")
    ann.act(handoff_id, "answers", {"text": "The last one."})
    assert ann.decide(ann.live(handoff_id), action, **more).status_code == 200
    assert places() == ("open", "decided")
    assert ann.send("DELETE", f"/v1/handoffs/{handoff_id}/decision").status_code == 200
    assert places() == ("open", "open")
    assert ann.decide(ann.live(handoff_id), action, **more).status_code == 200
    assert places() == ("open", "decided")
    world.clock.advance(WINDOW_S * 1000)
    assert places() == ("open", "decided"), "the window is over, and the worker is late"
    TimerWorker(world.services).run_once(world.clock.now_ms())
    assert places() == ("decided", "decided")
    if action != "reject":
        assert ann.act(handoff_id, "rollback", BECAUSE).status_code == 200
        assert places() == ("decided", "decided")
    assert world.admin.keys("*undoable*") == []


@pytest.mark.req("R-STORE-13", "R-ACT-11")
def test_every_other_end_leads_from_the_one_list_to_the_other(world: World, robot: Agent) -> None:
    """Withdrawn, expired, and of two reviewers the second: as soon as it is an outcome, and not before."""
    ann, ben = world.person("Ann"), world.person("Ben")
    withdrawn = ask(world, robot)["id"]
    assert robot.act(withdrawn, "withdrawal", {}).status_code == 200
    assert (place_of(robot, withdrawn), place_of(ann, withdrawn)) == ("decided", "decided")
    expired = ask(world, robot, expires_in_s=60)["id"]
    assert place_of(robot, expired, 1) == "open"
    settle(world)
    assert (place_of(robot, expired, 1), place_of(ann, expired, 1)) == ("decided", "decided")
    both = ask(world, robot, approvals_needed=2)
    assert ann.decide(both).status_code == 200
    assert (place_of(robot, both["id"], 2), place_of(ann, both["id"], 2)) == ("open", "open")
    assert ben.decide(ben.live(both["id"])).status_code == 200
    assert (place_of(robot, both["id"], 2), place_of(ann, both["id"], 2)) == ("open", "decided")
    assert ben.send("DELETE", f"/v1/handoffs/{both['id']}/decision").status_code == 200
    assert (place_of(robot, both["id"], 2), place_of(ann, both["id"], 2)) == ("open", "open")
    assert ben.decide(ben.live(both["id"])).status_code == 200
    settle(world)
    assert (place_of(robot, both["id"], 2), place_of(ann, both["id"], 2)) == ("decided", "decided")


@pytest.mark.req("R-ACT-11", "R-STORE-11")
def test_an_automations_list_does_not_betray_a_decision(world: World, robot: Agent) -> None:
    """Order, rows, number and filters are as before it, also of a case that asks for a training."""
    governed(world, "pay", undo_window_s=WINDOW_S, queues={
        "pay": {"title": "Pay", "skills": ["cash"], "categories": ["refund"]},
    })  # fmt: skip
    ann = world.person("Ann", skills=["cash"])
    trained = ask(world, robot, workflow_id="pay", category="refund")
    opened = [ask(world, robot, risk_tier=tier, service_tier=at, expires_in_s=600 + at, category="refund")
              for at, tier in enumerate(("low", "high", "medium"), 1)]  # fmt: skip
    queries: tuple[dict[str, Any], ...] = (
        {}, {"workflow_id": "tickets"}, {"issue": "refund"}, {"risk_tier": "high"}, {"q": "ho_"}, {"state": "all"},
    )  # fmt: skip

    def seen() -> list[Any]:
        return [robot.get("/v1/handoffs", limit=limit, **query) for query in queries for limit in LIMITS]

    before = seen()
    assert len(before[2]["items"]) == 4
    assert world.stored(trained["id"]).skills == ("cash",)
    ann.decide(trained)
    ann.decide(opened[1])
    ann.decide(opened[0], "reject")
    assert seen() == before


@pytest.mark.req("R-STORE-13", "A3")
def test_what_can_be_undone_is_listed_for_its_readers_only(world: World, robot: Agent) -> None:
    """Workflows and queues hide it as before; a reader of them has it among the decided ones, the newest first."""
    ann, sam = world.person("Ann"), world.person("Sam", workflows=["other"])
    robots = world.automation(workflows=["other"])
    opened = [ask(world, robot)["id"] for _ in range(3)]
    elsewhere = world.open(robots, workflow_id="other")
    for handoff_id in reversed(opened):
        world.clock.advance(1_000)
        assert ann.decide(ann.live(handoff_id)).status_code == 200
    assert sam.decide(elsewhere).status_code == 200
    assert walk(ann, 50, state="decided") == [*opened, elsewhere["id"]]
    assert walk(ann, 50, state="decided", workflow_id="tickets") == opened
    for agent in (sam, robots):
        assert walk(agent, 1, state="all") == [elsewhere["id"]]
    for agent, word in ((ann, "u1"), (ann, "ux.ho_"), (robot, "u1"), (ann, "-")):
        problem(agent.send("GET", f"/v1/handoffs?state=decided&cursor={word}"), 400, "cursor_malformed")


@pytest.mark.req("R-STORE-10", "R-ACT-11")
@pytest.mark.parametrize("at", range(3))
@pytest.mark.parametrize("undone", [False, True])
def test_a_case_that_changes_lists_while_they_are_read_is_there_once(
    world: World, robot: Agent, monkeypatch: pytest.MonkeyPatch, at: int, undone: bool
) -> None:
    """Decided or undone between any two readings of one answer: the workflow that asked never misses it."""
    # In a process of her own: one request would take the other's caller.
    ann, ben, opened = World(world.url, world.clock).person("Ann"), world.person("Ben"), ask(world, robot)
    if undone:
        assert ann.decide(opened).status_code == 200
    real, readings = HandoffLists._range, []

    def read(lists: HandoffLists, *place: Any) -> Any:
        readings.append(place)
        if len(readings) == at + 1:
            done = ann.send("DELETE", f"/v1/handoffs/{opened['id']}/decision") if undone else ann.decide(opened)
            assert done.status_code == 200
        return real(lists, *place)

    with monkeypatch.context() as patched:
        patched.setattr(HandoffLists, "_range", read)
        seen = robot.get("/v1/handoffs")
    assert len(readings) == 3
    assert [item["id"] for item in seen["items"]] == [opened["id"]]
    assert [item["state"] for item in seen["items"]] == ["pending"]
    assert walk(robot, 1) == [opened["id"]]
    assert walk(ben, 1, state="open" if undone else "decided") == [opened["id"]]


@pytest.mark.req("R-STORE-10", "R-ACT-11")
@pytest.mark.parametrize("state", ["decided", "all"])
def test_an_outcome_that_settles_while_lists_are_read_is_there_once(
    world: World, robot: Agent, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    """It goes from the first list of an answer to the second between the two readings: not a second row of it."""
    ann, opened = world.person("Ann"), ask(world, robot)
    reader = ann if state == "decided" else robot
    assert ann.decide(opened).status_code == 200
    real = HandoffLists.list_decided_newest

    def settled_first(lists: HandoffLists, *place: Any) -> Any:
        settle(world)
        return real(lists, *place)

    with monkeypatch.context() as patched:
        patched.setattr(HandoffLists, "list_decided_newest", settled_first)
        seen = reader.get("/v1/handoffs", state=state)
    assert [item["id"] for item in seen["items"]] == [opened["id"]]
    assert world.stored(opened["id"]).settled
