"""A team moves a threshold: the next item takes another way, and what was asked before is decided as it was asked."""

import json

import pytest

from companion.core.policy.evaluate import evaluate
from companion.core.policy.facts import Facts
from companion.core.policy.sampling import SamplingState
from companion.core.sealing import derive_key
from companion.store import keys
from tests.application import SECRET, World, problem
from tests.flows.conftest import Workflow
from tests.policies import SURE, document, route, save, settle


@pytest.mark.req("R-ROUTE-06", "R-ROLE-13", "R-GOV-16", "R-CAN-07")
def test_the_next_item_is_routed_by_the_new_version(world: World, workflow: Workflow) -> None:
    """Within the bounds that governance set, an operator's change holds at once, with its test result and approver."""
    omar = world.person("Omar", roles=["operator"])
    assert route(workflow.agent, {"confidence": 0.9})[0]["route"] == "auto_commit"
    saved = save(omar, document(thresholds={"review_below_confidence": 0.95}))
    assert (saved.status_code, saved.json["status"], saved.json["version"]) == (200, "active", 1)
    routed = route(workflow.agent, {"confidence": 0.9})[0]
    assert (routed["route"], routed["policy"]) == ("asynchronous_human_review", {"id": "tickets", "version": 1})
    found = omar.get("/v1/policies/tickets")
    assert (found["version"], found["inherits"], found["document"]) == (1, "default", saved.json["document"])
    assert found["approved_by"]["how"] == "shipped_bounds"
    assert found["test_result"]["passed"]
    assert found["test_result"]["replay"]["items"] == 1
    assert omar.send("GET", "/v1/policies/tickets").headers["ETag"] == '"1"'
    (event,) = [event for event in world.services.policies.events() if event["event_type"] == "policy.saved"]
    change = next(change for change in event["details"]["changes"] if change["path"].startswith("thresholds"))
    assert (change["before"], change["after"]) == (0.85, 0.95)
    assert (event["decision_actor"]["name"], event["justification"]) == ("Omar", "Reviewed last week.")


@pytest.mark.req("R-GOV-22", "R-ACT-10")
def test_a_case_is_decided_under_the_policy_that_it_was_opened_under(world: World, workflow: Workflow) -> None:
    """Three versions later it still prints its own, and offers the reasons and actions of that version."""
    ann, olga = world.person("Ann"), world.person("Olga", roles=["owner", "governance"])
    assert save(olga, document(reason_codes={"too_slow": "It comes too late"})).status_code in (200, 202)
    settle(world)
    opened = world.open(workflow.agent, workflow_id="tickets")
    for number, title in enumerate(("Two", "Three", "Four"), start=1):
        assert save(olga, document(title=title), number).status_code in (200, 202)
        settle(world)
    live = ann.live(opened["id"])
    assert live["policy_version"] == "tickets@1"
    assert "too_slow" in {entry["code"] for entry in live["reason_codes"]}
    assert ann.decide(live, "reject", reason_code="too_slow", rationale="It is late.").status_code == 200
    assert ann.live(opened["id"])["policy_version"] == "tickets@1"
    event = workflow.agent.live(opened["id"])["event"]
    assert (event["policy_version"], event["reason_code"]) == ("tickets@1", "too_slow")
    fresh = ann.live(world.open(workflow.agent, workflow_id="tickets")["id"])
    assert (fresh["policy_version"], "too_slow" in {e["code"] for e in fresh["reason_codes"]}) == ("tickets@4", False)


@pytest.mark.req("R-ROUTE-17")
def test_a_stored_item_routed_again_gives_the_same_bytes(world: World, workflow: Workflow) -> None:
    """From the record alone: facts, signals, sampling and policy version lead to the same lane and the same trace."""
    olga = world.person("Olga", roles=["owner"])
    rule = {"id": "large", "stage": "forced_review", "when": "has(request.amount) && request.amount > 100.0",
            "words": "It is a large amount."}  # fmt: skip
    assert save(olga, document(rules=[rule])).status_code == 200
    items = [{"request": {"amount": 250.0, "name": "Kim"}}, {"request": {"amount": 5.0}}, {"flags": ["pii"]}]
    routed = route(workflow.agent, *items)
    assert save(olga, document(rules=[rule | {"when": "has(request.amount) && request.amount > 1.0"}]), 1).status_code
    key = derive_key(SECRET.encode(), "sampling")
    for answer in routed:
        record = world.services.routing.read(answer["id"])
        assert record is not None
        assert "Kim" not in str(record), "the payload is not kept, but for what the rules read"
        facts = Facts.from_record(record["facts"])
        state = record["sampling_state"]
        sampling = SamplingState(frozenset(state["raised_by"]), state["strong_drift"])
        policy = world.services.policies.compiled("tickets", answer["policy_version"])
        again = evaluate(policy, facts.item, facts.signals, sampling=sampling, sampling_key=key).document()
        assert again["trace"] == answer["trace"]
        assert (again["lane"], again["route"]) == (answer["lane"], answer["route"])
    assert [answer["route"] for answer in routed] == [
        "asynchronous_human_review", "auto_commit", "asynchronous_human_review",
    ]  # fmt: skip


@pytest.mark.req("R-ROUTE-06", "R-ROUTE-24")
def test_a_policy_that_cannot_be_used_is_refused_with_every_reason(world: World) -> None:
    """Each problem has a pointer into the document and a sentence; the policy in force stays as it was."""
    omar = world.person("Omar", roles=["operator"])
    bad = document(thresholds={"review_below_confidence": 1.5}, rules=[{"id": "x", "stage": "hard_block", "when": "1 +",
                   "words": "Never."}])  # fmt: skip
    refused = problem(save(omar, bad), 422, "policy_unusable")
    assert refused["problems"]
    assert all(found["pointer"].startswith("/") and found["sentence"] for found in refused["problems"])
    assert refused["field"] == "/document" + refused["problems"][0]["pointer"]
    other = problem(
        save(omar, document() | {"workflow_id": "tickets"} | {"extends": "no-such"}), 422, "policy_unusable"
    )
    assert other["problems"]
    path = "/v1/policies/tickets"
    wrong = omar.send("PUT", path, {"document": document("mine"), "reason": "x"}, {"If-Match": '"0"'})
    problem(wrong, 422, "policy_unusable", "/document/workflow_id")
    problem(omar.send("PUT", path, {"document": document(), "reason": "x"}), 428, "version_required")
    problem(save(omar, document(), 3), 412, "version_stale")
    assert omar.get(path)["version"] == 0


@pytest.mark.req("R-ROUTE-06")
def test_the_numbers_of_a_node_go_before_those_of_the_policy(world: World, workflow: Workflow) -> None:
    """Thresholds, sampling rate, minutes and queue of a request apply to it alone, within what governance allows."""
    settings = {"thresholds": {"review_below_confidence": 0.98}, "sla_minutes": 7, "queue": "human_review"}
    looser = {"thresholds": {"review_below_confidence": 0.75}}
    assert route(workflow.agent, {})[0]["route"] == "auto_commit"
    (stricter,) = route(workflow.agent, {}, settings=settings)
    assert (stricter["route"], stricter["sla"]["complete_minutes"]) == ("asynchronous_human_review", 7)
    assert route(workflow.agent, {"confidence": 0.76}, settings=looser)[0]["route"] == "auto_commit"
    assert route(workflow.agent, {"flags": ["phi"]}, settings=looser)[0]["lane"] == "specialist_review"
    outside = {"thresholds": {"review_below_confidence": 0.3}}
    answer = workflow.agent.send("POST", "/v1/routes", {"items": [SURE], "settings": outside})
    assert problem(answer, 422, "settings_unusable")["problems"]


@pytest.mark.req("R-SEC-14", "R-ROUTE-05")
def test_an_action_or_a_source_outside_the_list_goes_no_further(world: World, workflow: Workflow) -> None:
    """A workflow reaches only what its policy lists."""
    olga = world.person("Olga", roles=["owner"])
    policy = document(scope={"actions": ["refund"], "sources": ["orders"]}, gate_waiver="Refunds are below ten euros.")
    assert save(olga, policy).status_code in (200, 202)
    settle(world)
    inside = {"action": "refund", "sources": [{"name": "orders"}]}
    assert route(workflow.agent, inside)[0]["route"] == "auto_commit"
    for outside in ({"action": "delete_account"}, {"sources": [{"name": "payroll"}]}):
        routed = route(workflow.agent, inside | outside)[0]
        assert routed["route"] != "auto_commit"
        assert "lists" in str(routed["trace"]) or "out_of_policy" in routed["conditions"]


@pytest.mark.req("R-ROUTE-06", "R-ROUTE-11")
def test_a_policy_that_this_version_cannot_read_lets_nothing_through(world: World, workflow: Workflow) -> None:
    """As after going back to an older Handoff: the workflow waits, the policy can be seen, a new one be proposed."""
    olga = world.person("Olga", roles=["owner"])
    assert save(olga, document()).status_code == 200
    key = keys.shared("00", "policy", "tickets")
    client = world.admin
    record = json.loads(client.hget(key, "v:1"))
    client.hset(key, "v:1", json.dumps(record | {"document": record["document"] | {"of_the_future": 1}}))
    later = World(world.url, world.clock)
    agent = later.bearer(workflow.agent.headers["Authorization"].removeprefix("Bearer "))
    (routed,) = route(agent, {})
    assert routed["route"] == "synchronous_human_review"
    assert "policy_unusable" in routed["flags"]
    problem(agent.send("POST", "/v1/handoffs", SURE, {"Idempotency-Key": "open"}), 503, "policy_unavailable")
    person = later.bearer(olga.headers["Authorization"].removeprefix("Bearer "))
    assert person.get("/v1/policies/tickets")["document"]["of_the_future"] == 1
    assert [item["version"] for item in person.get("/v1/policies")["items"]] == [1]
    assert save(person, document(title="Tickets"), 1).status_code == 202, "its bounds are not known: governance decides"
