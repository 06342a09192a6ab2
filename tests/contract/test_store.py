"""What the store promises, whichever server it is."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import redis

from companion.core import commands as c
from companion.core.decide import Accepted, decide
from companion.core.handoff import Actor
from companion.core.revision import Edit, edit_output
from companion.store import keys
from companion.store.plan import Plan
from companion.store.protocol import Committed, Conflict, Stored, StoreUnavailable, TokenUsed
from companion.store.redis import RedisStore
from tests.application import BECAUSE, Agent, World

DAY_MS = 24 * 3600 * 1000
LARGE = {"body": "x" * 40_000}
ANN = Actor("human", "rv_ann", "Ann", None, "signed_in", frozenset({"approver"}))
CALLBACK = "http://localhost:1/callback"

Run = Callable[[], Any]


def stored(world: World, handoff_id: str) -> Stored:
    found = world.services.store.load(handoff_id)
    assert found is not None
    return found


def accepted(before: Stored, command: c.Command, now_ms: int) -> Accepted:
    came = decide(before.handoff, command, now_ms)
    assert isinstance(came, Accepted), came
    return came


def verdict(before: Stored, action: Any = "approve") -> c.Decide:
    why = (None, None) if action == "approve" else ("policy_violation", "Names a customer.")
    handoff = before.handoff
    return c.Decide(ANN, "e-1", action, handoff.version, handoff.package_digest, None, *why, None, deliberate=True)


# Reading back


@pytest.mark.req("R-STORE-01", "R-STORE-02", "R-STORE-06", "R-SHAPE-02")
def test_what_was_opened_is_there_and_what_was_decided_too(world: World) -> None:
    """Record, package, blobs and history are read back from the server itself, before and after the decision."""
    robot, ann = world.automation(), world.person("Ann")
    opened = world.open(robot, request=LARGE, expires_in_s=3600)
    before = stored(world, opened["id"])
    assert (before.handoff.state, before.handoff.approved) == ("pending", None)
    assert world.services.store.blobs(before.handoff) == {before.handoff.blobs[0]: b"x" * 40_000}
    assert ann.decide(opened).status_code == 200
    after = stored(world, opened["id"])
    assert (after.handoff.approved, after.handoff.version, after.package) == (True, 2, before.package)
    events, _ = world.services.store.surroundings(after.handoff)
    assert [event["event_type"] for event in events] == ["handoff.opened", "handoff.decided"]


@pytest.mark.req("R-STORE-01", "X-29")
def test_every_key_ends_or_is_listed_as_permanent(world: World) -> None:
    """Once nothing is open, each key has a TTL or is one of those that may stay; nothing is forgotten."""
    robot, ann, owner = world.automation(), world.person("Ann"), world.person("Olga", roles=["owner"])
    source = {"system": "n8n", "execution_id": "1", "node_id": "n"}
    group = world.open_group(
        robot, [{"request": LARGE}, {"approvals_needed": 2}, {}, {}], callback_url=CALLBACK, source=source
    )
    first, second, third, fourth = group["handoffs"]
    token = ann.get(f"/v1/handoffs/{third['id']}/package")["package_token"]
    assert (
        ann.send("POST", "/handoff/complete", {"package_token": token, "action": "annotate", "text": "Hm."}).status_code
        == 200
    )
    assert ann.decide(first, "modify", edited_output=LARGE).status_code == 200
    assert ann.decide(second).status_code == 200
    assert owner.decide(second, version=2).status_code == 200
    assert robot.act(third["id"], "withdrawal", {}).status_code == 200
    assert ann.act(fourth["id"], "claim", method="PUT").status_code == 200
    world.signed_in("Ben")
    world.by_link(ann.id, fourth["id"])
    world.clock.advance(72 * 3600 * 1000)
    assert not isinstance(world.services.service.expire(fourth["id"]), type(None))
    assert ann.act(first["id"], "rollback", BECAUSE).status_code == 200
    assert ann.act(first["id"], "annotations", {"text": "Taken back."}).status_code == 200
    kinds: dict[str, set[str]] = {"ends": set(), "stays": set()}
    for key, told in world.dump().items():
        kinds[told.rsplit(" ", 1)[1]].add(key.split(":")[1])
    assert kinds["stays"] <= keys.PERMANENT
    assert kinds["stays"] == {
        "decided",
        "sequence",
        "outbox",
        "deliveries",
        "api_keys",
        "reviewers",
        "people",
        "events",
        "tokens",
        "keyring",
    }
    assert kinds["ends"] == {
        "handoff", "history", "blob", "group", "once", "wait", "jti", "delivery", "facts", "session", "sessions_of",
        "enrolment", "decided_on",
    }  # fmt: skip


def test_records_are_kept_until_the_last_of_the_group_and_the_retention_time_after(world: World) -> None:
    """A case that was decided early is still there when the callback tells of the whole group."""
    robot, ann = world.automation(), world.person("Ann")
    group = world.open_group(robot, [{"expires_in_s": 60}, {"expires_in_s": 90 * 24 * 3600}])
    assert ann.decide(group["handoffs"][0]).status_code == 200
    life_ms = world.admin.pttl(keys.of(group["handoffs"][0]["id"], "handoff"))
    assert 119 * DAY_MS < life_ms <= 120 * DAY_MS
    assert world.admin.pttl(keys.of(group["handoffs"][1]["id"], "handoff")) == -1, "undecided: no end"


# One commit


@pytest.mark.req("R-STORE-14", "R5")
def test_of_two_commits_on_one_version_the_second_is_refused(world: World) -> None:
    """A change that was decided on an older state is not written over the newer one."""
    opened = world.open(world.automation())
    before, now_ms, store = stored(world, opened["id"]), world.clock.now_ms(), world.services.store
    approve, reject = (accepted(before, verdict(before, action), now_ms) for action in ("approve", "reject"))
    assert isinstance(store.commit(before, approve), Committed)
    dump = world.dump()
    assert isinstance(store.commit(before, reject), Conflict)
    assert world.dump() == dump
    assert stored(world, opened["id"]).handoff.approved is True


@pytest.mark.req("J8", "R-SEC-03")
def test_a_token_gives_one_commit_even_where_the_version_stays(world: World) -> None:
    """A note leaves the version as it is, so the token's own mark is what stops the second use."""
    opened = world.open(world.automation())
    before, store = stored(world, opened["id"]), world.services.store
    note = accepted(before, c.Annotate(ANN, "e-1", "Hm."), world.clock.now_ms())
    assert isinstance(store.commit(before, note, "jti-1"), Committed)
    dump = world.dump()
    assert isinstance(store.commit(before, note, "jti-1"), TokenUsed)
    assert world.dump() == dump
    assert isinstance(store.commit(stored(world, opened["id"]), note, "jti-2"), Committed)


def group_almost_settled(world: World) -> tuple[Stored, Accepted]:
    """A group with a callback whose last handoff is about to be edited: a commit that touches everything."""
    robot, ann = world.automation(), world.person("Ann")
    group = world.open_group(robot, [{"request": LARGE}, {}], callback_url=CALLBACK)
    assert ann.decide(group["handoffs"][1]).status_code == 200
    before = stored(world, group["handoffs"][0]["id"])
    edit = c.Decide(
        ANN, "e-1", "modify", 1, before.handoff.package_digest, None, "policy_violation", "Names a customer.",
        world_edit(world, before), deliberate=True,
    )  # fmt: skip
    return before, accepted(before, edit, world.clock.now_ms())


def world_edit(world: World, before: Stored) -> Edit:
    blobs = world.services.store.blobs(before.handoff)
    return edit_output(before.handoff, before.package, blobs, {"summary": "y" * 30_000}, "ab" * 16)


def opening(world: World) -> Run:
    """The opening of a group that touches everything an opening can."""
    robot = world.automation()
    source = {"system": "n8n", "execution_id": "1", "node_id": "n"}
    body = {
        "handoffs": [
            {"workflow_id": "w", "request": LARGE, "model_output": 1},
            {"workflow_id": "w", "request": 1, "model_output": 1},
        ],
        "callback_url": CALLBACK,
        "source": source,
    }
    return lambda: robot.send("POST", "/v1/groups", body, {"Idempotency-Key": "k"})


class Caught(Exception):
    """Stops a commit before it is sent, and has its plan."""


def plan_of(world: World, run: Run, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], list[str], list[str]]:
    """Keys, their types, and the commands of the commit that `run` would make."""
    plans: list[Plan] = []

    def catch(self: RedisStore, plan: Plan) -> list[Any]:
        plans.append(plan)
        raise Caught

    with monkeypatch.context() as patched:
        patched.setattr(RedisStore, "run", catch)
        patched.setitem(world.app.config, "PROPAGATE_EXCEPTIONS", True)
        with suppress(Caught):
            run()
    number, arguments = plans[0].arguments()
    names, kinds = [str(a) for a in arguments[:number]], [str(a) for a in arguments[number : 2 * number]]
    at, commands = 2 * number + 1 + 3 * int(arguments[2 * number]), []
    while at < len(arguments):
        commands.append(str(arguments[at]))
        at += 3 + int(arguments[at + 2])
    return names, kinds, commands


def plant(world: World, key: str, kind: str) -> None:
    """Put something of another type there."""
    client = world.admin
    client.delete(key)
    if kind == "string":
        client.rpush(key, "not yours")
    else:
        client.set(key, "not yours")


@pytest.mark.req("R3")
def test_a_key_of_another_type_stops_a_commit_before_it_wrote_anything(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each key that a decision touches is planted with a wrong type in turn: the commit fails whole."""
    before, after = group_almost_settled(world)
    store = world.services.store
    names, kinds, _ = plan_of(world, lambda: store.commit(before, after, "jti"), monkeypatch)
    assert len(names) >= 15
    saved = {name: world.admin.dump(name) for name in names}
    for name, kind in zip(names, kinds, strict=True):
        plant(world, name, kind)
        dump = world.dump()
        with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
            store.commit(before, after, "jti")
        assert world.dump() == dump, f"something was written although {name} was wrong"
        world.admin.delete(name)
        if saved[name] is not None:
            world.admin.restore(name, 0, saved[name])
    assert isinstance(store.commit(before, after, "jti"), Committed)


@pytest.mark.req("R3")
def test_a_key_of_another_type_stops_an_opening_before_it_wrote_anything(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same for opening a group; the caller is told that it was our fault, and can try again."""
    run = opening(world)
    world.services.signer.rotate()
    shared = [
        (name, kind) for name, kind in zip(*plan_of(world, run, monkeypatch)[:2], strict=True) if "_00" not in name
    ]
    assert {name.split(":")[1] for name, _ in shared} == {"once", "wait", "open", "timers", "facts"}
    for name, kind in shared:
        plant(world, name, kind)
        dump = world.dump()
        assert run().status_code == 500
        assert world.dump() == dump, f"something was written although {name} was wrong"
        world.admin.delete(name)
    assert run().status_code == 201


@pytest.mark.req("R3")
@pytest.mark.parametrize("counter", ["sequence", "remaining"])
@pytest.mark.parametrize("junk", ["", "seven", "-1", "1.5", "9" * 16])
def test_a_counter_that_is_none_stops_a_commit_before_it_wrote_anything(world: World, counter: str, junk: str) -> None:
    """The commit sequence and the count of a group are looked at before anything is written."""
    before, after = group_almost_settled(world)
    client = world.admin
    if counter == "sequence":
        client.set(keys.shared("00", "sequence"), junk)
    else:
        client.hset(keys.of(before.handoff.group_id, "group"), "remaining", junk)
    dump = world.dump()
    with pytest.raises(redis.ResponseError, match="counter"):
        world.services.store.commit(before, after)
    assert world.dump() == dump


@pytest.mark.req("R3")
@pytest.mark.parametrize("what", ["opening", "decision"])
def test_a_command_that_is_not_allowed_stops_a_commit_before_it_wrote_anything(
    redis_server: Any, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error at each call of the script, by taking the right to that command away: never half-written."""
    world = World(redis_server.url).emptied()
    commands: list[str]
    if what == "decision":
        before, after = group_almost_settled(world)
        commands = plan_of(world, lambda: world.services.store.commit(before, after, "jti"), monkeypatch)[2]
    else:
        world.open(world.automation())  # makes the first signing key, which is no part of an opening
        commands = plan_of(world, opening(world), monkeypatch)[2]
    named = {
        {"SEQUENCE": "INCR", "ZADDSEQ": "ZADD", "COUNTDOWN": "HINCRBY"}.get(command, command) for command in commands
    }
    assert len(named) >= 4
    admin = redis_server.client()
    try:
        for command in sorted(named):
            admin.execute_command(
                "ACL", "SETUSER", "narrow", "reset", "on", "nopass", "~*", "+@all", f"-{command.lower()}"
            )
            narrow = World(redis_server.url.replace("redis://", "redis://narrow:x@"), world.clock)
            dump = world.dump()
            if what == "decision":
                with pytest.raises(StoreUnavailable, match=f"(?i){command}"):
                    narrow.services.store.commit(before, after, "jti")
            else:
                robot = Agent(narrow.app.test_client(), world.automation().headers)
                dump = world.dump()
                body = {"handoffs": [{"workflow_id": "w", "request": LARGE, "model_output": 1}], "source": {
                    "system": "n8n", "execution_id": "1", "node_id": "n"}}  # fmt: skip
                assert robot.send("POST", "/v1/groups", body, {"Idempotency-Key": command}).status_code == 503
            assert world.dump() == dump, f"something was written although {command} was not allowed"
    finally:
        admin.execute_command("ACL", "DELUSER", "narrow")


@pytest.mark.req("R3", "R7", "A5")
def test_a_full_server_refuses_whole_commits_and_goes_on_when_it_has_room(embedded_url: str, redis_server: Any) -> None:
    """Out of memory nothing is half-written, reading goes on, the caller is asked to try again, and then it works."""
    for url in (embedded_url, redis_server.url):
        world = World(url).emptied()
        before, after = group_almost_settled(world)
        robot, ann = world.automation(), world.person("Ben")
        store, dump = world.services.store, world.dump()
        world.admin.config_set("maxmemory", "1")
        try:
            with pytest.raises(StoreUnavailable):
                store.commit(before, after, "jti")
            answer = ann.decide(
                {"id": before.handoff.id, "package_digest": before.handoff.package_digest, "version": 1}
            )
            assert (answer.status_code, answer.json["code"]) == (503, "store_unavailable")
            assert int(answer.headers["Retry-After"]) > 0
            body = {"workflow_id": "w", "request": 1, "model_output": 2}
            assert robot.send("POST", "/v1/handoffs", body, {"Idempotency-Key": "k"}).status_code == 503
            assert ann.live(before.handoff.id)["state"] == "pending"
            assert world.dump() == dump
        finally:
            world.admin.config_set("maxmemory", "0")
        assert isinstance(store.commit(before, after, "jti"), Committed)
        assert robot.send("POST", "/v1/handoffs", body, {"Idempotency-Key": "k"}).status_code == 201
