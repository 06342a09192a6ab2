"""Many at the same moment: one outcome, one use, and everybody sees the same (security rows R5, J8)."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest

from companion.adapters.clock import SteppedClock
from companion.core.decide import Refused
from companion.core.sealing import b64url, from_b64url
from companion.service.handoffs import Done
from tests.application import Agent, World, problem

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ROUNDS = 3


def at_once(runs: Sequence[Callable[[], Any]]) -> list[Any]:
    """The results of all, started at one moment, each in a thread of its own."""
    barrier = Barrier(len(runs))

    def start(run: Callable[[], Any]) -> Any:
        barrier.wait()
        return run()

    with ThreadPoolExecutor(len(runs)) as pool:
        return list(pool.map(start, runs))


def copy_of(agent: Agent, world: World) -> Agent:
    """The same caller from another connection."""
    return Agent(world.app.test_client(use_cookies=False), agent.headers, agent.id)


@pytest.mark.req("R5", "R-ACT-11", "R-STORE-15")
def test_approve_reject_expire_and_escalate_in_64_threads_give_one_outcome(world: World) -> None:
    """Whoever is first wins; every other is told what stands there now; nobody ever sees two outcomes."""
    robot, ann, ben = world.automation(), world.person("Ann"), world.person("Ben")
    late = World(world.url, SteppedClock(world.clock.now_ms() + 60_000, seed="late"))
    seen: Counter[str] = Counter()
    for _ in range(ROUNDS):
        opened = world.open(robot, expires_in_s=60)
        runs: list[Callable[[], Any]] = []
        for n in range(16):
            one = copy_of((ann, ben)[n % 2], world)
            escalation = {"reason_code": "policy_violation"}
            runs += [
                partial(one.decide, opened),
                partial(one.decide, opened, "reject"),
                partial(late.services.service.expire, opened["id"]),
                partial(one.act, opened["id"], "escalations", escalation),
            ]
        assert len(runs) == 64
        answers = at_once(runs)
        closing = [answer for n, answer in enumerate(answers) if n % 4 != 3]
        done = [a for a in closing if isinstance(a, Done) or (not isinstance(a, Refused) and a.status_code == 200)]
        assert len(done) == 1, "exactly one of approve, reject and expire held"
        states = {agent.live(opened["id"])["state"] for agent in (ann, ben, robot)}
        assert len(states) == 1
        (state,) = states
        seen[state] += 1
        assert state in ("approved", "rejected", "expired")
        told = [answer.json["current"]["state"] for answer in answers if not isinstance(answer, Done | Refused)
                and answer.status_code == 409 and answer.json["code"] == "already_decided"]  # fmt: skip
        assert set(told) <= states
        decided = [item for item in robot.get("/v1/decisions", limit=200)["items"] if item["id"] == opened["id"]]
        assert [item["state"] for item in decided] == [state]
        events, _ = world.services.store.surroundings(world.stored(opened["id"]))
        assert sum(event["event_type"] in ("handoff.decided", "handoff.expired") for event in events) == 1
    assert sum(seen.values()) == ROUNDS


def page_token(agent: Agent, opened: Any) -> str:
    token: str = agent.get(f"/v1/handoffs/{opened['id']}/package")["package_token"]
    return token


@pytest.mark.req("J8", "R-SEC-03", "R-ACT-12")
@pytest.mark.parametrize("action", ["approve", "annotate"])
def test_a_hundred_uses_of_one_package_token_have_one_effect(world: World, action: str) -> None:
    """One of a hundred parallel uses holds, also where the act leaves the version as it is; the rest get 409."""
    robot, ann = world.automation(), world.person("Ann")
    opened = world.open(robot)
    body = {"package_token": page_token(ann, opened), "action": action}
    body |= {"text": "Called the customer."} if action == "annotate" else {}
    agents = [copy_of(ann, world) for _ in range(100)]
    answers = at_once([partial(one.send, "POST", "/handoff/complete", body) for one in agents])
    statuses = Counter(answer.status_code for answer in answers)
    assert statuses == {200: 1, 409: 99}
    codes = {answer.json["code"] for answer in answers if answer.status_code == 409}
    assert codes <= {"package_token_used", "already_decided", "busy"}
    live = ann.live(opened["id"])
    assert (live["state"], len(live["notes"])) == (("approved", 0) if action == "approve" else ("pending", 1))
    problem(
        ann.send("POST", "/handoff/complete", body),
        409,
        "already_decided" if action == "approve" else "package_token_used",
    )


@pytest.mark.req("J8")
def test_the_same_token_written_in_another_way_is_used_up_too(embedded_world: World) -> None:
    """An ECDSA signature has a twin that verifies as well; the mark hangs on the jti and not on the text."""
    world = embedded_world
    ann = world.person("Ann")
    opened = world.open(world.automation())
    token = page_token(ann, opened)
    head, payload, signature = token.split(".")
    raw = from_b64url(signature)
    assert raw is not None
    twin_s = P256_ORDER - int.from_bytes(raw[32:], "big")
    twin = f"{head}.{payload}.{b64url(raw[:32] + twin_s.to_bytes(32, 'big'))}"
    body = {"action": "annotate", "text": "Hm."}
    assert ann.send("POST", "/handoff/complete", body | {"package_token": token}).status_code == 200
    problem(ann.send("POST", "/handoff/complete", body | {"package_token": twin}), 409, "package_token_used")
    assert len(ann.live(opened["id"])["notes"]) == 1


@pytest.mark.req("R-STORE-09", "R-STORE-08")
def test_a_group_that_is_decided_all_at_once_is_told_once(world: World) -> None:
    """Thirty-two last handoffs of one group in the same moment: the count ends at nought and one callback is due."""
    robot, ann = world.automation(), world.person("Ann")
    world.services.deliveries.prepare()
    group = world.open_group(robot, [{}] * 32, callback_url="http://localhost:1/x")
    agents = [copy_of(ann, world) for _ in range(32)]
    answers = at_once([partial(one.decide, handoff) for one, handoff in zip(agents, group["handoffs"], strict=True)])
    assert {answer.status_code for answer in answers} == {200}
    assert len(world.services.deliveries.take("w", 10, 0)) == 1
    sequences = [item["sequence"] for item in robot.get("/v1/decisions", limit=200)["items"]]
    assert sequences == list(range(1, 33)), "each outcome has a place of its own, and no place is left out"


def test_claims_at_once_have_one_holder(world: World) -> None:
    """Of two people who take a case in the same moment one holds it and the other is told who."""
    robot = world.automation()
    people = [world.person(f"P{n}") for n in range(8)]
    opened = world.open(robot)
    answers = at_once([partial(one.act, opened["id"], "claim", method="PUT") for one in people])
    assert Counter(answer.status_code for answer in answers)[200] == 1
    assert {answer.json["code"] for answer in answers if answer.status_code != 200} <= {"claimed_by_other", "busy"}
    holder = next(one.id for one, answer in zip(people, answers, strict=True) if answer.status_code == 200)
    assert people[0].live(opened["id"])["claim"]["by"]["id"] == holder
