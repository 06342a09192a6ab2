"""Opening once per Idempotency-Key: the same bytes again, whoever asks again and whenever (security row A1)."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from companion.adapters.clock import SteppedClock
from companion.store import keys
from tests.application import ITEM, Agent, World, problem

LARGE = {"body": "x" * 40_000}
GROUP = {
    "handoffs": [ITEM, ITEM | {"request": LARGE}],
    "source": {"system": "n8n", "execution_id": "1", "node_id": "n"},
}
BOTH = pytest.mark.parametrize(("path", "body"), [("/v1/handoffs", ITEM), ("/v1/groups", GROUP)], ids=["one", "group"])

pytestmark = pytest.mark.req("A1")


def post(agent: Agent, path: str, body: Any, key: str | None = "exec-1:node-3:0") -> Any:
    return agent.send("POST", path, body, {} if key is None else {"Idempotency-Key": key})


@BOTH
def test_without_a_key_nothing_is_opened(embedded_world: World, path: str, body: Any) -> None:
    """A request that could not be repeated safely is refused, and nothing is written."""
    robot = embedded_world.automation()
    dump = embedded_world.dump()
    problem(post(robot, path, body, None), 400, "idempotency_key_missing")
    for key in ("", "a b", "é", "a\tb", "x" * 256):
        problem(post(robot, path, body, key), 400, "idempotency_key_malformed")
    assert embedded_world.dump() == dump


@BOTH
def test_the_same_request_again_gives_the_same_bytes(world: World, path: str, body: Any) -> None:
    """Signature, jti, iat and all: nobody can tell the second answer from the first but by its header."""
    robot = world.automation()
    first = post(robot, path, body)
    dump = world.dump()
    world.clock.advance(3_600_000)
    second = post(robot, path, body)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.data == first.data
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert world.dump() == dump, "a repetition writes nothing"


@BOTH
def test_the_same_bytes_come_after_everything_that_happened_since(world: World, path: str, body: Any) -> None:
    """An answer, a new package and the decision change the case, not the receipt of its opening."""
    robot, ann = world.automation(), world.person("Ann")
    first = post(robot, path, body)
    opened = first.json if path == "/v1/handoffs" else first.json["handoffs"][0]
    assert ann.act(opened["id"], "questions", {"text": "Which?"}).status_code == 200
    assert ann.act(opened["id"], "answers", {"text": "This."}).status_code == 200
    assert ann.decide(ann.live(opened["id"]), "modify", edited_output="Edited.").status_code == 200
    world.services.signer.rotate()
    assert post(robot, path, body).data == first.data


@BOTH
def test_the_same_key_with_another_body_is_refused(world: World, path: str, body: Any) -> None:
    """Even where only a space differs: a key names one request, byte for byte."""
    robot = world.automation()
    text = json.dumps(body)
    headers = {**robot.headers, "Idempotency-Key": "k", "Content-Type": "application/json"}
    assert robot.client.post(path, data=text, headers=headers).status_code == 201
    dump = world.dump()
    for other in (text + " ", text.replace("0.61", "0.62"), text.replace("summarize", "summarise")):
        problem(robot.client.post(path, data=other, headers=headers), 422, "idempotency_key_reused")
    assert world.dump() == dump


def test_two_api_keys_do_not_meet_under_one_idempotency_key(world: World) -> None:
    """Neither is told of the other's request, nor stopped by it."""
    one, other = world.automation(), world.automation()
    first, second = post(one, "/v1/handoffs", ITEM), post(other, "/v1/handoffs", ITEM)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json["id"] != second.json["id"]


def test_of_many_at_once_one_opens_and_all_get_its_answer(world: World) -> None:
    """Twenty-four retries in the same moment: one handoff, and twenty-four equal answers."""
    robot = world.automation()
    with ThreadPoolExecutor(12) as pool:
        answers = list(
            pool.map(lambda _: post(Agent(world.app.test_client(), robot.headers), "/v1/groups", GROUP), range(24))
        )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert robot.get("/v1/handoffs")["waiting"] == 2


AGAIN = """
import json, sys
from companion.adapters.clock import SteppedClock
from tests.application import Agent, World
url, authorization, path, body = sys.argv[1:]
world = World(url, SteppedClock(seed="another process"))
answer = Agent(world.app.test_client(), {"Authorization": authorization}).send(
    "POST", path, json.loads(body), {"Idempotency-Key": "exec-1:node-3:0"}
)
sys.stdout.buffer.write(answer.data)
"""


def test_the_same_bytes_come_from_another_companion(world: World) -> None:
    """The answer is rebuilt from the store alone."""
    robot = world.automation()
    first = post(robot, "/v1/groups", GROUP)
    fresh = World(world.url, SteppedClock(seed="another app"))
    assert post(Agent(fresh.app.test_client(), robot.headers), "/v1/groups", GROUP).data == first.data


def test_the_same_bytes_come_from_another_process(embedded_world: World) -> None:
    """A restart between request and repetition changes nothing."""
    world = embedded_world
    robot = world.automation()
    first = post(robot, "/v1/groups", GROUP)
    arguments = [world.settings.redis_url, robot.headers["Authorization"], "/v1/groups", json.dumps(GROUP)]
    run = subprocess.run([sys.executable, "-c", AGAIN, *arguments], capture_output=True, check=True, timeout=60)
    assert run.stdout == first.data


def test_a_key_whose_records_are_gone_says_so_and_opens_nothing(embedded_world: World) -> None:
    """After the retention time the old key neither opens a second time nor gives half an answer."""
    world = embedded_world
    robot = world.automation()
    opened = post(robot, "/v1/groups", GROUP).json["handoffs"]
    world.admin.delete(keys.of(opened[1]["id"], "handoff"))
    dump = world.dump()
    problem(post(robot, "/v1/groups", GROUP), 422, "idempotency_key_reused")
    assert world.dump() == dump
