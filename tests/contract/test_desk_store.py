"""What the store promises of open cases that move, and of outcomes that can still be taken back."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from companion.core import commands as c
from companion.core.decide import Accepted, Refused, decide
from companion.core.priority import rank
from companion.core.record import to_record
from companion.core.terms import EscalationTarget
from companion.service.handoffs import Done
from companion.store import keys
from companion.store.records import dumps
from companion.workers.timers import TimerWorker
from tests.application import BECAUSE, Agent, World
from tests.policies import document, save, settle

CALLBACK = "http://localhost:1/callback"
WINDOW_MS = 600_000


def with_window(world: World) -> tuple[Agent, Agent]:
    """An automation and Ann; decisions of the workflow `undone` can be taken back for ten minutes."""
    olga = world.person("Olga", roles=["owner"])
    assert save(olga, document("undone", undo_window_s=600)).status_code == 200
    settle(world, "undone")
    return world.automation(), world.person("Ann")


def lists_with(world: World, handoff_id: str) -> dict[str, float]:
    """The sorted sets of handoffs that name a handoff, and its score there."""
    client, found = world.admin, {}
    for key in client.scan_iter(count=10_000):
        name = key.decode().split(":", 1)[1]
        if name.split(":")[0].split("#")[0] in ("open", "decided") and client.type(key) == b"zset":
            for member, score in client.zrange(key, 0, -1, withscores=True):
                if member.decode().split("@")[0] == handoff_id:
                    found[name] = score
    return found


def timers_of(world: World, handoff_id: str) -> dict[str, float]:
    members = world.admin.zrange(keys.shared("00", "timers"), 0, -1, withscores=True)
    return {name.decode().split(":")[0]: score for name, score in members if name.decode().endswith(handoff_id)}


def outbox(world: World) -> int:
    length: int = world.admin.xlen(keys.shared("00", "outbox"))
    return length


# The undo window


@pytest.mark.req("R-STORE-15", "R-ACT-11")
def test_within_the_undo_window_a_case_stands_in_no_list_and_calls_nobody(world: World) -> None:
    """Neither open nor decided, no end of life yet, and its group still waits; settling does all of it at once."""
    robot, ann = with_window(world)
    opened = world.open(robot, workflow_id="undone", callback_url=CALLBACK)
    assert set(lists_with(world, opened["id"])) == {"open", "open:undone"}
    assert ann.decide(opened).status_code == 200
    client, key = world.admin, keys.of(opened["id"], "handoff")
    assert lists_with(world, opened["id"]) == {}
    assert timers_of(world, opened["id"]) == {"settle": world.clock.now_ms() + WINDOW_MS}
    assert (client.pttl(key), outbox(world)) == (-1, 0)
    assert client.hget(keys.of(opened["group_id"], "group"), "remaining") == b"1"
    assert world.services.store.load_outcomes([opened["id"]]) == []
    assert world.services.store.count_decided_on(None, world.clock.now_ms()) == 0
    world.clock.advance(WINDOW_MS)
    assert isinstance(world.services.service.settle(opened["id"]), Done)
    assert set(lists_with(world, opened["id"])) == {"decided", "decided:undone"}
    assert timers_of(world, opened["id"]) == {}
    assert (client.pttl(key) > 0, outbox(world)) == (True, 1)
    assert client.hget(keys.of(opened["group_id"], "group"), "remaining") == b"0"
    assert len(world.services.store.load_outcomes([opened["id"]])) == 1
    again = world.services.service.settle(opened["id"])
    assert isinstance(again, Refused)
    assert (again.code, outbox(world)) == ("nothing_to_settle", 1)


@pytest.mark.req("R-ACT-11", "X-29")
def test_undoing_puts_a_case_back_where_it_was(world: World) -> None:
    """Its lists, its place in them and its deadline; what it was decided with stays in its history only."""
    robot, ann = with_window(world)
    opened = world.open(robot, workflow_id="undone", expires_in_s=3600)
    lists, timers = lists_with(world, opened["id"]), timers_of(world, opened["id"])
    assert ann.decide(opened).status_code == 200
    assert ann.act(opened["id"], "decision", method="DELETE").status_code == 200
    assert lists_with(world, opened["id"]) == lists
    assert timers_of(world, opened["id"]) == timers
    assert [item["id"] for item in ann.get("/v1/handoffs")["items"]] == [opened["id"]]
    assert world.admin.pttl(keys.of(opened["id"], "handoff")) == -1


@pytest.mark.req("R5", "R-ACT-11")
def test_undoing_and_settling_never_both_hold(embedded_world: World) -> None:
    """Whoever commits first wins: undone, nobody is told; settled, it cannot be undone any more."""
    world = embedded_world
    robot, ann = with_window(world)
    person = world.services.directory.reviewer(ann.id)
    assert person is not None
    actor = world.services.directory.caller_of(person).actor
    for _ in range(12):
        opened = world.open(robot, workflow_id="undone", callback_url=CALLBACK)
        assert ann.decide(opened).status_code == 200
        handoff = world.stored(opened["id"])
        before = outbox(world)
        # As clocks of two machines would have it: one sees the window's last moment, the other its end.
        world.clock.advance(WINDOW_MS - 1)
        stored = world.services.store.load(opened["id"])
        assert stored is not None
        undo = decide(handoff, c.Undo(actor, "e-undo"), world.clock.now_ms())
        end = decide(handoff, c.Settle("e-settle"), world.clock.now_ms() + 1)
        assert isinstance(undo, Accepted)
        assert isinstance(end, Accepted)
        with ThreadPoolExecutor(2) as pool:
            came = list(pool.map(partial(world.services.store.commit, stored), (undo, end)))
        kinds = [type(one).__name__ for one in came]
        assert sorted(kinds) == ["Committed", "Conflict"]
        now = world.stored(opened["id"])
        undone = kinds[0] == "Committed"
        assert (now.decision is None) is undone
        assert outbox(world) - before == (0 if undone else 1)


@pytest.mark.req("R8", "R-STORE-09")
def test_a_worker_that_dies_after_settling_has_told_the_outbox_already(world: World) -> None:
    """Settling and the callback are one commit: nothing lies between them that a dying worker could lose."""
    robot, ann = with_window(world)
    opened = world.open(robot, workflow_id="undone", callback_url=CALLBACK)
    assert ann.decide(opened).status_code == 200
    world.clock.advance(WINDOW_MS)
    worker = TimerWorker(world.services)
    # It claims the timer and dies; the lease gives it to the next one.
    assert world.services.store.claim_due_timers(world.clock.now_ms(), 10_000, 10) == [("settle", opened["id"])]
    assert worker.run_once(world.clock.now_ms()) == 0
    world.clock.advance(10_000)
    assert worker.run_once(world.clock.now_ms()) == 1
    assert outbox(world) == 1
    assert worker.run_once(world.clock.now_ms() + 10**9) == 0
    assert outbox(world) == 1


@pytest.mark.req("R6", "R-STORE-15")
def test_a_timer_that_was_put_back_is_not_cleared_by_whoever_claimed_the_old_one(world: World) -> None:
    """A worker finds a case decided; before it clears the deadline the decision is undone: the deadline stays."""
    robot, ann = with_window(world)
    opened = world.open(robot, workflow_id="undone", expires_in_s=300)
    assert ann.decide(opened).status_code == 200
    store, deadline_ms = world.services.store, world.clock.now_ms() + 300_000
    # The timer was claimed while the case was open; then it was decided, and undone.
    leased_until_ms = deadline_ms + 10_000
    assert ann.act(opened["id"], "decision", method="DELETE").status_code == 200
    store.clear_timer("expire", opened["id"], leased_until_ms)
    assert timers_of(world, opened["id"])["expire"] == deadline_ms
    assert store.claim_due_timers(deadline_ms, 10_000, 10) == [("expire", opened["id"])]
    store.clear_timer("expire", opened["id"], leased_until_ms)
    assert "expire" not in timers_of(world, opened["id"])
    store.clear_timer("expire", opened["id"], leased_until_ms)


# Places


def moved_to(world: World, handoff_id: str, **changes: Any) -> None:
    """Write a record as an older Handoff, or a policy, would have left it."""
    handoff = replace(world.stored(handoff_id), **changes)
    world.admin.hset(keys.of(handoff_id, "handoff"), "record", dumps(to_record(handoff)))


@pytest.mark.req("R-STORE-11", "R-STORE-13")
def test_open_cases_lie_in_the_order_in_which_they_are_served(world: World) -> None:
    """By rank, not by who came first: a later case with more at stake goes before an earlier one."""
    robot, ann = world.automation(), world.person("Ann")
    small = world.open(robot, risk_tier="low", title="Small")
    large = world.open(robot, risk_tier="critical", service_tier=3, title="Large")
    assert rank(world.stored(large["id"])) < rank(world.stored(small["id"]))
    assert [item["id"] for item in ann.get("/v1/handoffs")["items"]] == [large["id"], small["id"]]
    for each in (small, large):
        assert lists_with(world, each["id"])["open"] == rank(world.stored(each["id"]))


@pytest.mark.req("R-ROUTE-34", "R-GATE-18", "R-ACT-05")
def test_a_case_that_goes_to_specialists_leaves_everybody_elses_list(world: World) -> None:
    """Escalated to a target that asks for training, it stands in that list only; who lacks it sees it no more."""
    robot, ann, olga = world.automation(), world.person("Ann"), world.person("Olga", roles=["owner"])
    lawyer = world.person("Lea", skills=["law"])
    opened = world.open(robot)
    terms = world.stored(opened["id"]).terms
    target = EscalationTarget("lawyers", "Lawyers", 4, "legal", ("law",))
    moved_to(world, opened["id"], terms=replace(terms, escalation_targets=(target,)))
    assert ann.act(opened["id"], "escalations", {**BECAUSE, "target": "lawyers"}).status_code in (200, 404)
    assert world.stored(opened["id"]).skills == ("law",)
    assert set(lists_with(world, opened["id"])) == {"open#law", "open#law:summarize"}
    assert ann.get("/v1/handoffs")["items"] == []
    assert [item["id"] for item in olga.get("/v1/handoffs")["items"]] == [opened["id"]]
    assert [item["id"] for item in lawyer.get("/v1/handoffs")["items"]] == [opened["id"]]
    again = lawyer.live(opened["id"])
    assert lawyer.decide(again).status_code == 200
    assert set(lists_with(world, opened["id"])) == {"decided", "decided:summarize"}


@pytest.mark.req("R-STORE-11", "R-STORE-10")
def test_cases_that_an_older_version_placed_by_deadline_are_placed_anew(world: World) -> None:
    """Round and round, some at a time, those of specialists too; what stands right is left alone."""
    robot = world.automation()
    opened = [world.open(robot, expires_in_s=3600 + 60 * n)["id"] for n in range(5)]
    store, right = world.services.store, {}
    moved_to(world, opened[4], skills=("law",))
    world.admin.zrem(keys.shared("00", "open"), opened[4])
    world.admin.zrem(keys.shared("00", "open", "summarize"), opened[4])
    world.admin.sadd(keys.shared("00", "skillsets"), "law")
    for identifier in opened:
        handoff = world.stored(identifier)
        right[identifier] = rank(handoff)
        for name in (keys.open_list(handoff.skills), keys.open_list(handoff.skills) + ":summarize"):
            world.admin.zadd(keys.shared("00", name), {identifier: handoff.expires_at_ms})
    assert sum(store.rank_anew(2) for _ in range(6)) == 5
    for identifier in opened:
        assert set(lists_with(world, identifier).values()) == {right[identifier]}
    assert sum(store.rank_anew(2) for _ in range(6)) == 0


@pytest.mark.req("R-STORE-10", "R-GOV-22")
def test_a_case_of_an_older_version_is_decided_as_it_was_meant(world: World) -> None:
    """A record of schema version 2, its gate a single check: read, answered, approved, and written as version 3."""
    robot, ann = world.automation(), world.person("Ann")
    opened = world.open(robot, callback_url=CALLBACK)
    record = json.loads(dumps(to_record(world.stored(opened["id"]))))
    for name in ("service_tier", "impact_score", "stage", "triaged_by", "gate_results", "disagreements", "category"):
        record.pop(name, None)
    gate = {"id": "facts", "title": "Facts", "criterion": "Each number has a source.", "check": "pass_fail"}
    record["terms"] = {
        "actions": ["approve", "reject"], "actions_needing_reason": ["reject"], "reason_codes": {"slow": "Slow"},
        "gates": [gate], "override_roles": [], "evidence_required": False,
    }  # fmt: skip
    key = keys.of(opened["id"], "handoff")
    world.admin.hset(key, "record", dumps({**record, "schema_version": 2}))
    assert ann.decide(opened).json["code"] == "gate_results_missing"
    ticked = [{"gate": "facts", "item": "facts", "result": "pass"}]
    assert ann.decide(opened, gate_results=ticked).json["state"] == "approved"
    assert json.loads(world.admin.hget(key, "record"))["schema_version"] == 3
    assert outbox(world) == 1


# What writes nothing


def test_a_second_look_writes_nothing(world: World) -> None:
    """Only the first opening is recorded; every later one leaves the store as it is."""
    robot, ann, ben = world.automation(), world.person("Ann"), world.person("Ben")
    opened = world.open(robot)
    assert ann.act(opened["id"], "acknowledgement", method="PUT").json["acknowledged_at"] is not None
    before = world.dump()
    assert ben.act(opened["id"], "acknowledgement", method="PUT").status_code == 200
    assert world.dump() == before


@pytest.mark.req("R-ACT-13", "R-GATE-09")
def test_a_repeated_execution_is_asked_again(world: World) -> None:
    """The same key gives the same event; after a rollback it gives a refusal, whatever was said before."""
    robot, ann = world.automation(), world.person("Ann")
    opened = world.open(robot)
    assert ann.decide(opened).status_code == 200
    body = {"output_digest": opened["output_digest"]}

    def execute() -> Any:
        path = f"/v1/handoffs/{opened['id']}/execution"
        return robot.send("POST", path, body, {"Idempotency-Key": "execute-1"})

    first = execute()
    assert first.status_code == 200, first.text
    assert execute().json["event_id"] == first.json["event_id"]
    assert ann.act(opened["id"], "rollback", BECAUSE).status_code == 200
    assert execute().json["code"] == "rolled_back"
    events, _ = world.services.store.surroundings(world.stored(opened["id"]))
    assert [event["event_type"] for event in events].count("handoff.executed") == 1


@pytest.mark.req("R-ACT-04", "R-CTX-03")
def test_every_version_of_an_undone_edit_is_kept(world: World) -> None:
    """What was shown, what was edited, and what is shown again: three packages, the first words in the last."""
    robot, ann = with_window(world)
    opened = world.open(robot, workflow_id="undone", model_output={"body": "x" * 40_000, "n": 1})
    assert ann.decide(opened, "modify", edited_output={"body": "short", "n": 2}).status_code == 200
    undone = ann.act(opened["id"], "decision", method="DELETE")
    assert undone.status_code == 200, undone.text
    handoff = world.stored(opened["id"])
    assert (handoff.package_version, handoff.current_output_digest) == (3, handoff.output_digest)
    store = world.services.store
    assert store.older_package(opened["id"], 1) is not None
    edited = store.older_package(opened["id"], 2)
    assert edited is not None
    assert json.loads(edited)["model_output"]["body"] == "short"
    assert ann.decide(undone.json).json["approved"] is True
    world.clock.advance(WINDOW_MS)
    assert isinstance(world.services.service.settle(opened["id"]), Done)
    (told,) = world.services.service.outcomes([opened["id"]])
    assert (told["edited"], told["final_output_digest"]) == (False, handoff.output_digest)
