"""A policy that this Handoff cannot read, or that changed meanwhile: nothing passes, and nothing is shown, by that."""

import json
from typing import Any, Final

import pytest

from tests.application import Agent, World, problem
from tests.contract.test_races import copy_of
from tests.desk import GATE, ask, governed, passed
from tests.flows.conftest import Workflow
from tests.policies import SURE, document, route, save, settle, written_by_a_newer_one
from tests.web.test_hidden_places import readable

PIN: Final = 48213
REDACTION: Final = [{"path": "/request/pin", "label": "PIN", "visible_to": ["compliance"]}]
BLOCK: Final = {
    "id": "too-much", "stage": "hard_block", "words": "Nobody pays more than was asked for.",
    "when": "has(model_output.pay) && model_output.pay > 1000.0",
}  # fmt: skip
READS_PIN: Final = {
    "id": "pin", "stage": "forced_review", "words": "A long PIN.", "when": "has(request.pin) && request.pin > 99999.0",
}  # fmt: skip


def stricter(world: World, **fields: Any) -> Agent:
    """A workflow that hides the PIN, checks, sorts and forbids."""
    rules = {"redaction": REDACTION, "rules": [BLOCK, READS_PIN], "gates": [GATE]}
    return governed(world, **{**rules, **fields})


def small(world: World, robot: Agent, **fields: Any) -> Any:
    return ask(world, robot, request={"pay": 5.0, "pin": PIN}, model_output={"pay": 5.0}, **fields)


def package_of(reader: Agent, handoff_id: str) -> str:
    return readable(reader.send("GET", f"/v1/handoffs/{handoff_id}/package").text)


def undrawn(robot: Agent, **item: Any) -> dict[str, Any]:
    """An item that went through, and that was not drawn to be looked at."""
    return next(one for one in route(robot, *(item for _ in range(10))) if not one["sample"]["chosen"])


# Written by a newer Handoff


@pytest.mark.req("R-GOV-22", "R-ROUTE-04")
def test_an_edit_is_refused_while_nobody_can_read_the_rules_for_it(world: World) -> None:
    """Neither checked nor decided with; what was shown can still be approved, by the terms that the case has."""
    stricter(world)
    robot, ann = world.automation(), world.person("Ann")
    case = small(world, robot)["id"]
    there = copy_of(ann, written_by_a_newer_one(world))
    live, checks = there.live(case), passed("invoice/amount", "invoice/payee")
    for pay in (99999.0, 6.0):
        edit = {"edited_output": {"pay": pay}}
        told = problem(there.act(case, "edit-checks", edit), 409, "policy_unreadable")
        assert "tickets" in told["detail"], "whoever reads it can say which policy it is"
        problem(there.decide(live, "modify", gate_results=checks, **edit), 409, "policy_unreadable")
    assert there.live(case) == live
    assert there.decide(live, gate_results=checks).json["state"] == "approved"  # type: ignore[index]


@pytest.mark.req("R-ROUTE-04", "R-GOV-22")
def test_a_revision_is_refused_while_nobody_can_read_the_rules_for_it(world: World) -> None:
    """New content is judged as at an opening, or it does not come in; withdrawing needs no rules."""
    stricter(world)
    robot = world.automation()
    case = small(world, robot)["id"]
    there = copy_of(robot, written_by_a_newer_one(world))
    for changed in ({"model_output": {"pay": 99999.0}}, {"title": "PIN"}):
        answer = there.send("PATCH", f"/v1/handoffs/{case}", changed, {"If-Match": '"1"'})
        problem(answer, 409, "policy_unreadable")
    assert there.act(case, "withdrawal", {"reason": "No longer needed."}).status_code == 200


@pytest.mark.req("R-GATE-09", "R-CTX-18")
def test_sorting_takes_no_terms_from_a_policy_that_cannot_be_read(world: World) -> None:
    """The case keeps its checks and its hidden places, and is sorted when the policy can be read again."""
    stricter(world, triage="required")
    robot, ann, tri = world.automation(), world.person("Ann"), world.person("Tri", roles=["triager"])
    case = small(world, robot)["id"]
    before = ann.live(case)
    there = written_by_a_newer_one(world)
    sort = ("POST", f"/v1/handoffs/{case}/triage", {}, {"If-Match": '"1"'})
    problem(copy_of(tri, there).send(*sort), 409, "policy_unreadable")
    assert copy_of(ann, there).live(case)["gates"] == before["gates"]
    assert str(PIN) not in package_of(copy_of(ann, there), case)
    assert tri.send(*sort).status_code == 200, "the newer Handoff beside it sorts it"


@pytest.mark.req("R-CTX-18", "R-STORE-08")
def test_no_case_is_opened_under_a_policy_that_cannot_be_read(world: World) -> None:
    """What it hides is not known. The workflow is told to try again, and whoever was answered is answered again."""
    stricter(world)
    robot = world.automation()
    body = {"workflow_id": "tickets", "request": {"pin": PIN}, "model_output": {"pay": 5.0}}
    first, second = ({"Idempotency-Key": key} for key in ("before", "after"))
    opened = robot.send("POST", "/v1/handoffs", body, first)
    assert opened.status_code == 201
    there = copy_of(robot, written_by_a_newer_one(world))
    refused = there.send("POST", "/v1/handoffs", body, second)
    problem(refused, 503, "policy_unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    group = {"handoffs": [body | {"workflow_id": "others"}, body]}
    problem(there.send("POST", "/v1/groups", group, {"Idempotency-Key": "group"}), 503, "policy_unavailable")
    again = there.send("POST", "/v1/handoffs", body, first)
    assert (again.status_code, again.json) == (opened.status_code, opened.json), "no answer is lost on its way"
    assert robot.send("POST", "/v1/handoffs", body, second).status_code == 201, "nothing was made of the first try"


@pytest.mark.req("R-ROUTE-04", "R-CTX-18")
def test_what_is_routed_under_a_policy_that_cannot_be_read_waits_for_a_person(world: World) -> None:
    """The workflow stands still, nothing is let through or rejected, and no case is opened for it."""
    stricter(world)
    robot = world.automation()
    there = copy_of(robot, written_by_a_newer_one(world))
    lenient = {"thresholds": {"review_below_confidence": 0.1}, "sampling_rate": 0.0}
    for more in ({}, {"settings": lenient}):
        (routed,) = route(there, {"flags": ["pricing"]}, **more)
        assert (routed["route"], routed["lane"]) == ("synchronous_human_review", "human_review")
        assert "policy_unusable" in [reason["code"] for reason in routed["reasons"]]
    body = {"items": [SURE], "open": True}
    problem(there.send("POST", "/v1/routes", body, {"Idempotency-Key": "r"}), 503, "policy_unavailable")


@pytest.mark.req("R-CTX-18", "R-SAMP-07")
def test_no_review_is_opened_by_a_policy_that_cannot_be_read(world: World) -> None:
    """Whether it hides something of the item is not known; the item waits for its review."""
    stricter(world)
    robot, ann = world.automation(), world.person("Ann")
    routed = undrawn(robot, request={"pin": PIN})
    path, there = f"/v1/routes/{routed['id']}/review", written_by_a_newer_one(world)
    problem(copy_of(ann, there).send("POST", path, {}), 409, "policy_unreadable")
    problem(copy_of(robot, there).send("POST", path, {"request": {"pin": PIN}}), 409, "policy_unreadable")
    review = ann.send("POST", path, {})
    assert review.status_code == 201
    assert str(PIN) not in package_of(ann, review.json["id"])  # type: ignore[index]


@pytest.mark.req("R-GOV-16", "X-16")
def test_nobody_replaces_alone_a_policy_whose_bounds_cannot_be_read(world: World) -> None:
    """Any change goes to governance; once it is approved, everything goes on under what can be read."""
    governor = stricter(world)
    olga, ann, robot = world.person("Olga", roles=["owner"]), world.person("Ann"), world.automation()
    there = written_by_a_newer_one(world)
    rows = {row["workflow_id"]: row["readable"] for row in copy_of(ann, there).get("/v1/policies")["items"]}
    assert rows == {"tickets": False}
    assert copy_of(ann, there).get("/v1/policies/tickets")["readable"] is False
    came = save(copy_of(olga, there), document(redaction=REDACTION), 1)
    assert came.status_code == 202, came.text
    assert any("cannot be read" in reason for reason in came.json["proposal"]["reasons"])  # type: ignore[index]
    settle(there)
    assert copy_of(governor, there).get("/v1/policies/tickets")["readable"] is True
    body = {"workflow_id": "tickets", "request": {"pin": PIN}, "model_output": {"pay": 5.0}}
    opened = copy_of(robot, there).send("POST", "/v1/handoffs", body, {"Idempotency-Key": "after"})
    assert opened.status_code == 201
    assert str(PIN) not in package_of(copy_of(ann, there), opened.json["id"])  # type: ignore[index]


# What was routed, and who has it looked at


@pytest.mark.req("R-CTX-18", "R-SAMP-07")
def test_asking_for_a_second_look_tells_nobody_whether_a_guess_is_right(world: World) -> None:
    """People ask without the payload, before a review and after it; the workflow, which has it, may send it."""
    stricter(world)
    robot, ann = world.automation(), world.person("Ann")
    routed = undrawn(robot, request={"pin": PIN})
    path = f"/v1/routes/{routed['id']}/review"

    def told() -> set[str]:
        bodies: list[Any] = [{part: {"pin": pin}} for part in ("request", "model_output") for pin in (PIN - 1, PIN)]
        answers = [ann.send("POST", path, body) for body in bodies]
        for answer in answers:
            problem(answer, 403, "automation_only")
        return {answer.json["detail"] for answer in answers}  # type: ignore[index]

    before = told()
    assert len(before) == 1
    problem(robot.send("POST", path, {"request": {"pin": 1}}), 409, "package_digest_mismatch", "/request")
    assert robot.send("POST", path, {"request": {"pin": PIN}}).status_code == 201
    assert told() == before


@pytest.mark.req("R-CTX-18", "R-GOV-22")
def test_what_was_hidden_when_an_item_was_routed_stays_hidden_in_its_review(world: World) -> None:
    """The policy moved on and hides something else: the review, and the record, hide the one and the other."""
    queues = {"pin": {"title": "PINs", "skills": ["vault"], "categories": ["pin"]}}
    governor = stricter(world, queues=queues)
    robot, ann, vera = world.automation(), world.person("Ann"), world.person("Vera", skills=["vault"])
    sent: dict[str, Any] = {"request": {"pin": PIN, "card": "4556-7375"}}
    plain, queued = undrawn(robot, **sent), undrawn(robot, **sent, category="pin")
    later = document(redaction=[{"path": "/request/card", "label": "Card"}], rules=[READS_PIN])
    assert save(governor, later, 1).status_code in (200, 202)
    settle(world)
    assert str(PIN) not in ann.send("GET", f"/v1/routes/{plain['id']}").text
    reviews = [robot.send("POST", f"/v1/routes/{one['id']}/review", sent) for one in (plain, queued)]
    ids = [review.json["id"] for review in reviews]  # type: ignore[index]
    for reader, one in ((ann, ids[0]), (vera, ids[1])):
        shown = package_of(reader, one)
        assert "/request" in shown
        assert str(PIN) not in shown
        assert "4556-7375" not in shown
    problem(ann.send("GET", f"/v1/handoffs/{ids[1]}"), 403, "skill_missing")


@pytest.mark.req("R-CTX-18", "R-SAMP-07")
def test_the_policy_of_the_routing_is_asked_although_another_holds(world: World, workflow: Workflow) -> None:
    """A review waits also where only the older of the two policies cannot be read."""
    governor = stricter(world)
    ann = world.person("Ann")
    routed = undrawn(workflow.agent, request={"pin": PIN})
    assert save(governor, document(), 1).status_code in (200, 202)
    settle(world)
    path = f"/v1/routes/{routed['id']}"
    assert str(PIN) not in json.dumps(ann.get(path)), "the policy of now hides nothing"
    there = written_by_a_newer_one(world)
    problem(copy_of(ann, there).send("POST", f"{path}/review", {}), 409, "policy_unreadable")
    assert str(PIN) not in json.dumps(copy_of(ann, there).get(path))
