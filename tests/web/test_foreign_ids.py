"""What is not yours does not exist: every endpoint with an id, and every list (security row A3)."""

from typing import Any

import pytest

from companion.identity.credentials import ALL_ROLES
from companion.web.permissions import TABLE
from tests.application import Agent, World, problem

ROWS = sorted(TABLE)
DIGEST = "sha256:" + "0" * 64
BODIES: dict[tuple[str, str], Any] = {
    ("POST", "decision"): {"action": "approve", "package_digest": DIGEST},
    ("POST", "verifications"): {"package_digest": DIGEST, "answers": []},
    ("POST", "edit-checks"): {"edited_output": 1},
    ("POST", "triage"): {"queue": "x"},
    ("POST", "annotations"): {"text": "x"},
    ("POST", "questions"): {"text": "x"},
    ("POST", "answers"): {"text": "x"},
    ("POST", "withdrawal"): {},
    ("POST", "rollback"): {"reason_code": "policy_violation"},
    ("POST", "escalations"): {"reason_code": "policy_violation"},
    ("POST", "disclosures"): {"reason": "x"},
    ("POST", "execution"): {"output_digest": DIGEST},
    ("POST", "challenges"): {"action": "approve", "package_digest": DIGEST},
    ("PUT", "assignee"): {"reviewer_id": None},
    ("PATCH", "{id}"): {"title": "x"},
}


def foreign(world: World) -> tuple[Agent, Agent, Any]:
    """A person and an automation of workflow `mine`, and a group of workflow `theirs` with a delivery."""
    robot = world.automation()
    group = world.open_group(robot, [{"workflow_id": "theirs"}], callback_url="http://localhost:1/x")
    robot.act(group["handoffs"][0]["id"], "withdrawal", {})
    ann = world.person("Ann", workflows=["mine"], roles=[role for role in ALL_ROLES if role != "sre"])
    return ann, world.automation(workflows=["mine"]), group


def batch_of_another(world: World) -> str:
    """A batch that Ben made."""
    robot, ben = world.automation(), world.person("Ben")
    opened = world.open(robot, workflow_id="mine")
    made = ben.send("POST", "/v1/batches", {"like": opened["id"], "size": 2})
    assert made.status_code == 201, made.text
    return str(made.json["id"])


@pytest.mark.req("A3", "R-SEC-04", "R-CTX-05")
def test_what_is_not_yours_looks_like_what_does_not_exist(world: World) -> None:
    """On every endpoint with an id, a foreign one and an unknown one give the same bytes: 404."""
    ann, robot, group = foreign(world)
    ids = {"handoffs": group["handoffs"][0]["id"], "groups": group["id"], "batches": batch_of_another(world)}
    ids["deliveries"] = world.stored(ids["handoffs"]).delivery_id
    item = {"id": ids["handoffs"], "version": 1, "package_digest": DIGEST}
    seen = set()
    for method, template in ROWS:
        kind = template.split("/")[2] if template.startswith("/v1/") else ""
        if "{id}" not in template or kind not in ids:
            continue
        body = BODIES.get((method, template.rsplit("/", 1)[1]))
        if kind == "batches" and method == "POST":
            body = {"action": "approve", "items": [item]}
        unknown = ids[kind][:5] + "0" * 26
        for agent in (ann, robot):
            headers = {"If-Match": '"1"', "Idempotency-Key": "k"}
            answers = [
                agent.send(method, template.replace("{id}", one).replace("{sha256}", "0" * 64), body, headers)
                for one in (ids[kind], unknown, "x", ids[kind].upper(), ids[kind] + "0")
            ]
            if answers[0].status_code == 403:
                continue  # this kind of caller is shut out before any id is looked at
            seen.add((method, template))
            for answer in answers:
                problem(answer, 404, "not_found")
                assert answer.data == answers[0].data, template
                assert sorted(answer.headers) == sorted(answers[0].headers)
    assert seen == {
        row for row in ROWS if "{id}" in row[1] and row[1].split("/")[2] in ids and row[1] != "/v1/handoffs/{id}/x"
    }


@pytest.mark.req("A3")
@pytest.mark.parametrize("path", ["/v1/handoffs/{}", "/v1/batches/{}", "/v1/reviewers?handoff_id={}"])
def test_ten_thousand_ids_of_others_give_one_answer(world: World, path: str) -> None:
    """Guessing and walking ids tells nothing: no answer differs from any other by a byte."""
    ann, _, group = foreign(world)
    theirs = batch_of_another(world) if "batches" in path else group["handoffs"][0]["id"]
    kind = theirs[:3]
    ids = (
        [theirs] * 100 + [f"{kind}{n % 256:02x}" + f"{n:026d}" for n in range(9_836)] + ["x" * n for n in range(1, 65)]
    )
    with world.app.test_client(use_cookies=False) as client:
        answers = {client.get(path.format(one), headers=ann.headers).data for one in ids}
    assert len(ids) == 10_000
    assert len(answers) == 1


@pytest.mark.req("A3", "L1")
@pytest.mark.parametrize("noun", ["disclosures", "assignee", "batches"])
def test_acts_on_foreign_cases_tell_nothing_either(world: World, noun: str) -> None:
    """A foreign case, an unknown one and nonsense: one answer, and nothing is written."""
    ann, _, group = foreign(world)
    theirs = group["handoffs"][0]["id"]
    sent = {
        "disclosures": lambda one: ann.act(one, "disclosures", {"reason": "I want to know."}),
        "assignee": lambda one: ann.act(one, "assignee", {"reviewer_id": ann.id}, method="PUT"),
        "batches": lambda one: ann.send("POST", "/v1/batches", {"like": one}),
    }[noun]
    before = world.dump()
    answers = [sent(one) for one in (theirs, "ho_00" + "0" * 26, "x")]
    for answer in answers:
        problem(answer, 404, "not_found")
        assert answer.data == answers[0].data
    assert world.dump() == before


@pytest.mark.req("A3", "R-ROLE-09")
def test_lists_hold_only_what_is_yours(world: World) -> None:
    """Inbox, decisions, deliveries, groups: nothing of another workflow, and no count that betrays it."""
    ann, robot, group = foreign(world)
    nothing = {"items": [], "cursor": None, "waiting": 0, "waiting_exact": True, "decided_today": 0}
    for agent in (ann, robot):
        assert agent.get("/v1/handoffs") == nothing
        assert agent.get("/v1/handoffs", workflow_id="theirs") == nothing
        assert agent.get("/v1/handoffs", state="decided")["items"] == []
        assert agent.get("/v1/handoffs", state="all")["items"] == []
        assert agent.get("/v1/handoffs", group_id=group["id"])["items"] == []
        assert agent.get("/v1/decisions")["items"] == []
        assert agent.get("/v1/deliveries")["items"] == []
