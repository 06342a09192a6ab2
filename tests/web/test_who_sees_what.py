"""Qualifications that run out, queues and levels of a person: what they see, and what they are served."""

from typing import Any

import pytest

from companion.identity.directory import CACHE_MS
from tests.application import World, problem
from tests.policies import SURE, document, save, settle

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS


QUEUES = {
    "security": {"title": "Security", "skills": ["security_trained"], "categories": ["security"], "stricter": True},
    "refunds": {"title": "Refunds", "categories": ["refunds"]},
}


def opened_in(world: World, *categories: str | None) -> list[Any]:
    """A case in the queue of each category; None for one without a queue."""
    olga = world.person("Olga", roles=["owner"])
    assert save(olga, document(queues=QUEUES)).status_code in (200, 202)
    settle(world)
    robot = world.automation()
    asked = SURE | {"expires_in_s": 30 * 24 * 3600}
    kinds = [{"category": each, "flags": ["access_change"]} if each else {} for each in categories]
    return [world.open(robot, **asked | kind) for kind in kinds]


@pytest.mark.req("R-ROLE-15", "R-GATE-18", "R-ROLE-08")
def test_a_sensitive_case_waits_for_who_passed_the_test(world: World) -> None:
    """Without the qualification it is not listed, and refused with the reason only; so from its last day."""
    (opened,), now_ms = opened_in(world, "security"), world.clock.now_ms()
    ann = world.person("Ann", qualifications={"security_trained": now_ms + DAY_MS})
    ben = world.person("Ben", qualifications={"security_trained": now_ms})
    cleo = world.person("Cleo", qualifications={"security_trained": None})
    path = f"/v1/handoffs/{opened['id']}"
    asked = [ben.send("GET", path), ben.send("GET", f"{path}/package"), ben.decide(opened)]
    for refused in (*asked, ben.send("POST", f"{path}/annotations", {"text": "Hm."}),
                    ben.send("POST", "/v1/batches", {"like": opened["id"], "size": 10})):  # fmt: skip
        told = problem(refused, 403, "skill_missing")
        assert told["detail"] == "This queue needs a reviewer trained for: security trained."
        assert set(told) == {"type", "title", "status", "detail", "code"}, "nothing of the case"
    assert ben.get("/v1/handoffs")["items"] == []
    assert ann.send("GET", path).status_code == cleo.send("GET", path).status_code == 200
    world.clock.advance(DAY_MS)
    problem(ann.decide(opened), 403, "skill_missing")
    elsewhere = world.person("Dan", queues=["refunds"])
    problem(elsewhere.decide(opened), 404, "not_found")
    world.services.directory.change_reviewer("Ann", {"qualifications": {"security_trained": now_ms + 9 * DAY_MS}})
    world.clock.advance(CACHE_MS)
    assert ann.decide(opened).status_code == 200


@pytest.mark.req("R-ROLE-15", "R-GATE-18", "R-ACT-14")
def test_a_batch_whose_training_runs_out_meanwhile_is_told_so(world: World) -> None:
    """Ann takes two cases for 15 minutes and is qualified for five: she decides none, and reads why."""
    one, _ = opened_in(world, "security", "security")
    ann = world.person("Ann", qualifications={"security_trained": world.clock.now_ms() + 5 * MINUTE_MS})
    batch: Any = ann.send("POST", "/v1/batches", {"like": one["id"], "size": 10}).json
    items = [{name: item[name] for name in ("id", "version", "package_digest")} for item in batch["items"]]
    world.clock.advance(5 * MINUTE_MS)
    body = {"action": "approve", "items": items}
    results = ann.send("POST", f"/v1/batches/{batch['id']}/decision", body).json["results"]
    assert [each["code"] for each in results] == ["skill_missing", "skill_missing"]
    assert results[0]["detail"] == "This queue needs a reviewer trained for: security trained."


@pytest.mark.req("R-ROLE-08", "R-SEC-04")
def test_who_works_on_some_queues_sees_these(world: World) -> None:
    """And cases without a queue; another queue's case does not exist. Who reads everything reads every queue."""
    plain, refund, security = opened_in(world, None, "refunds", "security")
    skilled = {"skills": ["security_trained"], "queues": ["refunds"]}
    ann, audit = world.person("Ann", **skilled), world.person("Aud", roles=["auditor"], **skilled)
    seen = {name: ann.send("GET", f"/v1/handoffs/{each['id']}").status_code for name, each in
            {"plain": plain, "refund": refund, "security": security}.items()}  # fmt: skip
    assert seen == {"plain": 200, "refund": 200, "security": 404}
    assert {row["id"] for row in ann.get("/v1/handoffs")["items"]} == {plain["id"], refund["id"]}
    assert audit.send("GET", f"/v1/handoffs/{security['id']}").status_code == 200


@pytest.mark.req("R-ROLE-14")
def test_senior_people_are_served_what_came_up_to_them(world: World) -> None:
    """Their inbox holds cases of their levels; a case of another level, whose address they have, they may open."""
    robot = world.automation()
    low, high = world.open(robot), world.open(robot)
    first = world.person("Ann")
    assert first.act(high["id"], "escalations", {"reason_code": "policy_violation"}).status_code == 200
    senior = world.person("Sue", levels=[2, 3])
    assert [row["id"] for row in senior.get("/v1/handoffs")["items"]] == [high["id"]]
    assert senior.send("GET", f"/v1/handoffs/{low['id']}").status_code == 200
    assert len(first.get("/v1/handoffs")["items"]) == 2
