"""The same batch comes again, because its answer was lost: it is routed once, and gets the first answer."""

from typing import Any

import pytest

from companion.store.redis import RedisStore
from tests.application import World, problem
from tests.flows.conftest import Workflow
from tests.policies import SURE

ITEMS = [SURE | {"item_id": "1"}, SURE | {"item_id": "2", "confidence": 0.4}, SURE | {"item_id": "3", "flags": ["pii"]}]


class Killed(BaseException):
    """The process is gone; nothing of it runs any further."""


@pytest.mark.req("A1", "R5", "R-ROUTE-17")
@pytest.mark.parametrize("opening", [False, True])
def test_a_batch_whose_answer_was_lost_is_routed_once(
    world: World, workflow: Workflow, monkeypatch: pytest.MonkeyPatch, opening: bool
) -> None:
    """Killed between the commit and the answer: the repeated request is told what that commit decided, to the byte."""
    body, headers = {"items": ITEMS, "open": opening}, {"Idempotency-Key": "exec-1:router:0"}
    # The first key that signs is made by a commit of its own; the one that is cut off here is the batch's.
    world.services.signer.rotate()
    run = RedisStore.run

    def killed(store: RedisStore, plan: Any) -> Any:
        run(store, plan)
        raise Killed

    monkeypatch.setattr(RedisStore, "run", killed)
    with pytest.raises(Killed):
        workflow.agent.send("POST", "/v1/routes", body, headers)
    monkeypatch.setattr(RedisStore, "run", run)
    before = world.dump()
    answers = [workflow.agent.send("POST", "/v1/routes", body, headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].data == answers[1].data
    assert answers[0].headers["Idempotency-Replayed"] == "true"
    assert world.dump() == before, "a repetition writes nothing"
    opened = [item["handoff"] for item in answers[0].json["items"]]
    assert [one is not None for one in opened] == ([False, True, True] if opening else [False] * 3)
    waiting = workflow.agent.get("/v1/handoffs")["items"]
    assert sorted(item["id"] for item in waiting) == sorted(one["id"] for one in opened if one)
    for item, one in zip(answers[0].json["items"], opened, strict=True):
        record = workflow.agent.get(f"/v1/routes/{item['id']}")
        assert "package_token" not in str(record), "a token holds the payload"
        assert (record["handoff"] or {}).get("id") == (one or {}).get("id")


@pytest.mark.req("A1")
def test_the_first_answer_is_the_repeated_one(world: World, workflow: Workflow) -> None:
    """Nobody crashed: still the same bytes, from another process too; another body under the key is refused."""
    headers = {"Idempotency-Key": "exec-1:router:0"}
    first = workflow.agent.send("POST", "/v1/routes", {"items": ITEMS, "open": True}, headers)
    again = workflow.agent.send("POST", "/v1/routes", {"items": ITEMS, "open": True}, headers)
    assert again.data == first.data
    other = workflow.agent.send("POST", "/v1/routes", {"items": ITEMS[:1]}, headers)
    problem(other, 422, "idempotency_key_reused")
    opened = world.open(workflow.agent)
    assert opened["state"] == "pending"
    elsewhere = world.automation().send("POST", "/v1/routes", {"items": ITEMS[:1]}, headers)
    assert elsewhere.status_code == 200, "another API key may use the same"
    handoff = workflow.agent.send("POST", "/v1/handoffs", SURE, headers)
    assert handoff.status_code == 201, "and so may another endpoint"
    bad = workflow.agent.send("POST", "/v1/routes", {"items": ITEMS[:1]}, {"Idempotency-Key": "a b"})
    problem(bad, 400, "idempotency_key_malformed")


def test_without_a_key_each_request_is_a_new_one(workflow: Workflow) -> None:
    """The key is for those who repeat; nobody needs one."""
    first, second = (workflow.agent.send("POST", "/v1/routes", {"items": ITEMS}).json["items"] for _ in range(2))
    assert {item["id"] for item in first}.isdisjoint(item["id"] for item in second)
    assert [item["trace"] for item in first] == [item["trace"] for item in second]
