"""Somebody stops the line: nothing goes through, callbacks wait, and it goes on after a person looked afresh."""

from collections.abc import Callable
from typing import Any

import pytest

from companion.workers.deliveries import DeliveryWorker
from tests.application import Agent, World, problem
from tests.flows.conftest import Receiver, Workflow
from tests.policies import SURE, document, route, save, settle


def pause(by: Agent, **scope: object) -> dict[str, str]:
    answer = by.send("POST", "/v1/pauses", {"reason": "Wrong refunds.", **scope})
    assert answer.status_code == 201, answer.text
    made: dict[str, str] = answer.json  # type: ignore[assignment]
    return made


def resume(by: Agent, made: dict[str, str]) -> Any:
    return by.send("POST", f"/v1/pauses/{made['id']}/resumption", {"reason": "The cause is gone."})


def released(world: World) -> int:
    worker = DeliveryWorker(world.services, "held", threads=1)
    count = worker.release_held()
    worker.drain()
    return count


@pytest.mark.req("H6", "R-CONT-06", "R-CONT-08", "R-ESC-11")
def test_a_paused_workflow_stands_still_until_a_fresh_review(
    world: World, workflow: Workflow, receiver: Receiver, callbacks: Callable[[], int]
) -> None:
    """Paused: no item goes through, a decided case is not told. Resumed after the review: both go on."""
    ann, dora = world.person("Ann"), world.person("Dora", roles=["on_call"])
    opened = world.open(workflow.agent, workflow_id="tickets", callback_url=receiver.url)
    earlier = world.open(workflow.agent, workflow_id="tickets")
    assert ann.decide(earlier).status_code == 200
    made = pause(dora, workflow_id="tickets")
    (routed,) = route(workflow.agent, {})
    assert (routed["route"], routed["paused"]["id"]) == ("synchronous_human_review", made["id"])
    assert "Dora" in str(routed["trace"])
    assert route(workflow.agent, {"workflow_id": "others"})[0]["route"] == "auto_commit", "another one runs on"
    assert ann.decide(opened).status_code == 200, "people may still decide"
    callbacks()
    assert receiver.received == []
    delivery = workflow.agent.live(opened["id"])["delivery"]
    assert (delivery["status"], delivery["attempts"]) == ("held", 0)
    assert "Dora" in delivery["cause"]
    olga = world.person("Olga", roles=["owner"])
    problem(olga.send("POST", f"/v1/deliveries/{delivery['id']}/replay"), 409, "delivery_held")
    assert released(world) == 0
    refused = problem(resume(dora, made), 409, "fresh_review_missing")
    assert made["review"] in refused["detail"], "an approval from before does not release the line"
    world.clock.advance(60_000)
    assert ann.decide(ann.live(made["review"])).status_code == 200
    problem(resume(ann, made), 403, "role_missing")
    ended = resume(dora, made)
    assert (ended.status_code, ended.json["ended_by"]["name"]) == (200, "Dora")
    assert released(world) == 1
    callbacks()
    (told,) = receiver.received
    assert told.data["handoffs"][0]["approved"] is True
    assert route(workflow.agent, {})[0]["route"] == "auto_commit"
    problem(resume(dora, made), 409, "pause_over")
    events = {event["event_type"]: event for event in world.services.policies.events()}
    assert events["pause.started"]["decision_actor"]["name"] == "Dora"
    assert events["pause.started"]["details"]["scope"] == "tickets"
    assert events["pause.ended"]["details"]["reviewed_by"] == "Ann"


@pytest.mark.req("R-CONT-08")
def test_a_review_that_was_rejected_does_not_count(world: World) -> None:
    """Whoever then tries to resume is given a new review to have approved."""
    ann, dora = world.person("Ann"), world.person("Dora", roles=["on_call"])
    made = pause(dora, all=True)
    assert ann.decide(ann.live(made["review"]), "reject", reason_code="not_mended").status_code == 200
    problem(resume(dora, made), 409, "fresh_review_missing")
    (now,) = dora.get("/v1/pauses")["items"]
    assert now["id"] == made["id"]
    assert now["review"] != made["review"]
    problem(resume(dora, made), 409, "fresh_review_missing")
    assert dora.get("/v1/pauses")["items"] == [now], "an open review stays the one"
    assert ann.decide(ann.live(now["review"])).status_code == 200
    assert resume(dora, made).status_code == 200


@pytest.mark.req("R-CONT-08")
def test_who_looks_at_a_pause_is_told_what_became_of_its_review(world: World) -> None:
    """Before anybody presses resume: rejected, by whom, when and why; and open again once another review was opened."""
    ann, dora = world.person("Ann"), world.person("Dora", roles=["on_call"])
    made: Any = pause(dora, workflow_id="tickets")
    assert made["review_outcome"] is None
    because = {"reason_code": "cause_not_found", "rationale": "Not gone."}
    assert ann.decide(ann.live(made["review"]), "reject", **because).status_code == 200
    world.clock.advance(60_000)
    (shown,) = dora.get("/v1/pauses")["items"]
    assert shown["review_outcome"]["state"] == "rejected"
    assert (shown["review_outcome"]["by"]["name"], shown["review_outcome"]["rationale"]) == ("Ann", "Not gone.")
    problem(resume(dora, made), 409, "fresh_review_missing")
    (shown,) = dora.get("/v1/pauses")["items"]
    assert (shown["review"] != made["review"], shown["review_outcome"]) == (True, None)


@pytest.mark.req("R-CONT-08", "R-UI-15")
def test_a_pause_is_rejected_for_reasons_of_its_own(world: World, workflow: Workflow) -> None:
    """Nothing was suggested there that could have a wrong category; any other case keeps the reasons of its policy."""
    ann, dora = world.person("Ann"), world.person("Dora", roles=["on_call"])
    review = ann.live(pause(dora, workflow_id="tickets")["review"])
    codes = [each["code"] for each in review["reason_codes"]]
    assert codes == ["cause_not_found", "not_mended", "happened_again", "needs_specialist_review"]
    assert [each["label"] for each in review["reason_codes"]][-1] == "Needs a specialist"
    problem(ann.decide(review, "reject", reason_code="wrong_category"), 422, "unknown_reason_code")
    told = ann.decide(review, "reject", reason_code="cause_not_found")
    assert (told.status_code, told.json["decision"]["reason_code"]) == (200, "cause_not_found")
    usual = ann.live(world.open(workflow.agent, workflow_id="tickets")["id"])
    assert "wrong_category" in [each["code"] for each in usual["reason_codes"]]


@pytest.mark.req("R-STORE-11", "R-CONT-08")
def test_the_review_of_a_pause_stands_on_top(world: World, workflow: Workflow) -> None:
    """A workflow stands still: that goes before every other case, however much is at stake in it."""
    ann, dora = world.person("Ann"), world.person("Dora", roles=["on_call"])
    much = {"service_tier": 3, "risk_tier": "critical", "amount": 10**9}
    other = world.open(workflow.agent, workflow_id="tickets", **much)
    made = pause(dora, workflow_id="tickets")
    rows = ann.get("/v1/handoffs", state="open")["items"]
    assert [row["id"] for row in rows] == [made["review"], other["id"]]
    assert rows[0]["question"] == "Automation of “Tickets” stands still. May it go on?"


@pytest.mark.req("R-CONT-06", "X-31")
def test_a_pause_holds_its_scope_and_nothing_else(world: World, workflow: Workflow) -> None:
    """A model version, a workflow, both, or everything; paused twice is one pause."""
    dora = world.person("Dora", roles=["on_call"])
    model = {"model": {"name": "bart", "version": "4"}}

    def ways() -> list[str]:
        items = ({}, model, {"workflow_id": "others"}, {"workflow_id": "others"} | model)
        return ["held" if one["paused"] else "runs" for one in route(workflow.agent, *items)]

    assert ways() == ["runs"] * 4
    by_version = pause(dora, model_version="4")
    assert pause(dora, model_version="4")["id"] == by_version["id"]
    assert ways() == ["runs", "held", "runs", "held"]
    pause(dora, workflow_id="tickets", model_version="3")
    assert ways() == ["held", "held", "runs", "held"]
    pause(dora, all=True)
    assert ways() == ["held"] * 4


@pytest.mark.req("R-CONT-06")
def test_a_pause_names_its_scope(world: World) -> None:
    """Neither nothing nor contradictions; whoever works on one workflow pauses that one only."""
    dora = world.person("Dora", roles=["on_call"], workflows=["tickets"])
    for body in ({}, {"all": True, "workflow_id": "tickets"}):
        problem(dora.send("POST", "/v1/pauses", {"reason": "x", **body}), 422, "invalid_field")
    for body in ({"all": True}, {"model_version": "3"}, {"workflow_id": "others"}):
        problem(dora.send("POST", "/v1/pauses", {"reason": "x", **body}), 403, "scope_too_wide")
    made = pause(dora, workflow_id="tickets")
    eve = world.person("Eve", roles=["on_call"], workflows=["others"])
    assert eve.get("/v1/pauses")["items"] == []
    problem(resume(eve, made), 404, "not_found")


@pytest.mark.req("H6", "R-CONT-06")
def test_only_what_no_pause_holds_any_more_goes_out(
    world: World,
    workflow: Workflow,
    receiver: Receiver,
    callbacks: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of many held callbacks those of the resumed workflow go out, also when they stand behind others; each once."""
    monkeypatch.setattr("companion.workers.deliveries.HELD_BATCH", 2)
    ann, dora = world.person("Ann"), world.person("Dora", roles=["on_call"])
    names = ["others", "others", "others", "tickets", "others", "tickets", "tickets"]
    opened = [world.open(workflow.agent, workflow_id=name, callback_url=receiver.url) for name in names]
    pauses = {name: pause(dora, workflow_id=name) for name in ("tickets", "others")}
    for case in opened:
        world.clock.advance(1_000)
        assert ann.decide(case).status_code == 200
    while callbacks():
        pass
    assert [item["status"] for item in workflow.agent.get("/v1/deliveries")["items"]] == ["held"] * 7
    assert ann.decide(ann.live(pauses["tickets"]["review"])).status_code == 200
    assert resume(dora, pauses["tickets"]).status_code == 200
    worker = DeliveryWorker(world.services, "held", threads=1)
    assert sum(worker.release_held() for _ in range(12)) == 3
    while callbacks():
        pass
    assert [received.data["workflow_id"] for received in receiver.received] == ["tickets"] * 3
    assert sum(worker.release_held() for _ in range(12)) == 0
    worker.drain()


@pytest.mark.req("W3", "H6")
def test_an_attempt_that_may_have_arrived_is_remembered_over_a_pause(
    world: World, workflow: Workflow, receiver: Receiver
) -> None:
    """A worker died while it sent; on its return the workflow is paused: what may have happened stays in the record."""
    ann, dora = world.person("Ann"), world.person("Dora", roles=["on_call"])
    opened = world.open(workflow.agent, workflow_id="tickets", callback_url=receiver.url)
    assert ann.decide(opened).status_code == 200
    world.services.deliveries.prepare()
    assert len(world.services.deliveries.take("flow", 1, 1)) == 1
    pause(dora, workflow_id="tickets")
    worker = DeliveryWorker(world.services, "flow", threads=1)
    assert worker.start() == 1
    worker.drain()
    (delivery,) = workflow.agent.get("/v1/deliveries")["items"]
    assert delivery["status"] == "held"
    assert [attempt["code"] for attempt in delivery["attempts"]] == ["lost"]
    assert receiver.received == []


@pytest.mark.req("R-CONT-07", "R-ESC-11", "R-ROUTE-22", "R-SEC-09")
def test_a_stop_pauses_its_workflow_at_once(
    world: World, workflow: Workflow, receiver: Receiver, callbacks: Callable[[], int]
) -> None:
    """Data exposed by a model's answer: that case is ended and told, and nothing of the workflow goes through after."""
    ann = world.person("Ann")
    waiting = world.open(workflow.agent, **SURE, callback_url=receiver.url)
    stopped = world.open(workflow.agent, **SURE | {"flags": ["data_exposure"]}, callback_url=receiver.url)
    assert (stopped["state"], stopped["version"]) == ("stopped", 1)
    live = workflow.agent.live(stopped["id"])
    assert (live["approved"], live["decision"]["cause"], live["actions"]) == (None, "stopped", [])
    assert live["routing"]["route"] == "stop_the_line"
    assert callbacks() == 1
    (told,) = receiver.received
    (case,) = told.data["handoffs"]
    assert (case["state"], case["approved"], case["cause"], case["output"]) == ("stopped", None, "stopped", None)
    assert case["rationale"] == live["decision"]["rationale"] != ""
    assert route(workflow.agent, {})[0]["route"] == "synchronous_human_review"
    assert ann.decide(waiting).status_code == 200
    callbacks()
    assert len(receiver.received) == 1, "what was approved waits"
    (pause_made,) = ann.get("/v1/pauses")["items"]
    assert (pause_made["workflow_id"], pause_made["model_version"]) == ("tickets", "3")
    (event,) = world.services.policies.events()
    assert (event["event_type"], event["details"]["cause"]) == ("pause.started", stopped["id"])
    problem(ann.decide(stopped), 409, "already_decided")
    assert [item["id"] for item in workflow.agent.get("/v1/decisions")["items"]] == [stopped["id"], waiting["id"]]
    again = route(workflow.agent, {"flags": ["data_exposure"]})
    assert again[0]["route"] == "stop_the_line"
    assert len(ann.get("/v1/pauses")["items"]) == 1, "a line that stands needs no second stop"


@pytest.mark.req("R-ROUTE-11", "R-STORE-08")
def test_a_group_with_a_blocked_case_is_told_when_the_others_are_decided(
    world: World, workflow: Workflow, receiver: Receiver, callbacks: Callable[[], int]
) -> None:
    """A case that a rule ends counts as one that has its outcome; the workflow is told once, of all."""
    ann, olga = world.person("Ann"), world.person("Olga", roles=["governance"])
    assert save(olga, document(flags={"hard_block": ["fraud_indicator"]})).status_code in (200, 202)
    settle(world)
    items = [SURE, SURE | {"flags": ["fraud_indicator"]}]
    group = world.open_group(workflow.agent, items, callback_url=receiver.url)
    assert [one["state"] for one in group["handoffs"]] == ["pending", "stopped"]
    assert callbacks() == 0
    assert ann.decide(group["handoffs"][0]).status_code == 200
    assert callbacks() == 1
    told = receiver.received[0].data["handoffs"]
    assert [(one["approved"], one["cause"]) for one in told] == [(True, None), (None, "stopped")]
    assert ann.get("/v1/pauses")["items"] == [], "a block is no stop of the line"
    routed = route(workflow.agent, {"flags": ["fraud_indicator"]})[0]
    assert (routed["route"], routed["lane"]) == ("auto_reject", "reject")
    record = workflow.agent.get(f"/v1/routes/{routed['id']}")
    assert record["events"][0]["decision_action"] == "reject"


def stops(agent: Agent, key: str) -> Any:
    """A request that a hard rule stops, under a key."""
    return agent.send("POST", "/v1/handoffs", {**SURE, "flags": ["data_exposure"]}, {"Idempotency-Key": key})


@pytest.mark.req("A1", "R-CONT-07", "R-ESC-11")
def test_a_stop_that_is_sent_again_is_one_stop(world: World, workflow: Workflow) -> None:
    """n8n sends a request again whose answer was lost: nothing is repeated, and after the resumption nothing stops."""
    ann, dora = world.person("Ann"), world.person("Dora", roles=["on_call"])
    first, again = (stops(workflow.agent, "s-1") for _ in range(2))
    assert (first.status_code, again.headers.get("Idempotency-Replayed")) == (201, "true")
    assert again.json["id"] == first.json["id"]
    assert [event["event_type"] for event in world.services.policies.events()] == ["pause.started"]
    (made,) = ann.get("/v1/pauses")["items"]
    assert ann.decide(ann.live(made["review"])).status_code == 200
    assert resume(dora, made).status_code == 200
    assert stops(workflow.agent, "s-1").headers.get("Idempotency-Replayed") == "true"
    assert [one for one in ann.get("/v1/pauses")["items"] if one["ended_at"] is None] == []
    assert stops(workflow.agent, "s-2").status_code == 201
    assert len([one for one in ann.get("/v1/pauses")["items"] if one["ended_at"] is None]) == 1


@pytest.mark.req("A1", "R-CONT-07")
def test_a_request_that_is_refused_stops_nothing(world: World, workflow: Workflow) -> None:
    """Another body under a key that was used is refused, and pauses nothing on the way."""
    ann = world.person("Ann")
    assert workflow.agent.send("POST", "/v1/handoffs", SURE, {"Idempotency-Key": "s-1"}).status_code == 201
    problem(stops(workflow.agent, "s-1"), 422, "idempotency_key_reused")
    assert ann.get("/v1/pauses")["items"] == []
