"""The templates around the Handoff Router, in a real n8n: from an item that comes in to the call that goes out."""

import copy
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.n8n import nodes
from tests.n8n.nodes import node_named
from tests.n8n.outcomes import by_output, event_of, handoffs_waited_for
from tests.n8n.people import Caller, Reviewer
from tests.n8n.stage import Stage
from tests.n8n.template_files import of_type
from tests.system.n8n_clients import items_of, ran
from tests.system.waiting import wait_until

pytestmark = [pytest.mark.real_n8n, pytest.mark.timeout(300)]

Json = dict[str, Any]

HOST = "backoffice.test"  # stands for every system of the user; the proxy answers


class Flow:
    """A template as it is shipped, with the addresses that a builder fills in, listening."""

    def __init__(self, stage: Stage, name: str) -> None:
        self.stage = stage
        document = copy.deepcopy(stage.n8n.editor.workflow(stage.template(f"Handoff: {name}")))
        (trigger,) = of_type(document, "n8n-nodes-base.webhook")
        self._path = f"flow-{uuid.uuid4().hex[:8]}"
        start = node_named(document, trigger)
        start["parameters"]["path"] = self._path
        start["webhookId"] = str(uuid.uuid4())
        for setting in node_named(document, "Settings")["parameters"]["assignments"]["assignments"]:
            if str(setting["value"]).endswith("_API_URL"):
                setting["value"] = f"http://{HOST}"
        self.id = stage.publish({**document, "name": self._path})
        stage.proxy.answer(HOST, body={})

    def send(self, **body: Any) -> str:
        """One call from the user's own system; returns the id of the execution."""
        before = self.stage.n8n.api.execution_ids(self.id)
        url = f"{self.stage.n8n.url}/webhook/{self._path}"

        def taken() -> bool:
            answer = requests.post(url, json=body, headers={"Authorization": "Bearer local"}, timeout=30)
            assert answer.ok or answer.status_code == 404, answer.text
            return answer.ok

        wait_until(taken, f"{self._path} listened")
        return min(
            wait_until(lambda: self.stage.n8n.api.execution_ids(self.id) - before, f"{self._path} had begun"), key=int
        )

    def asked(self, execution_id: str, node: str) -> Json:
        """Wait until the execution waits at a node; returns the handoff that it opened."""
        execution = self.stage.wait_for(execution_id, "waiting")
        (handoff_id,) = handoffs_waited_for(execution, node)
        return self.stage.key.live(handoff_id)

    def asked_next(self, execution_id: str, node: str) -> Json:
        """The same for a wait after another one."""

        def there() -> Json | None:
            execution = self.stage.n8n.api.execution(execution_id)
            context = execution["data"]["executionData"]["contextData"]
            return execution if execution["status"] == "waiting" and f"node:{node}" in context else None

        found = wait_until(there, f"execution {execution_id} waited at {node}")
        assert found is not None
        (handoff_id,) = handoffs_waited_for(found, node)
        return self.stage.key.live(handoff_id)

    def calls(self) -> list[str]:
        """The paths that were called outside, in order."""
        return [one["path"] for one in self.stage.proxy.requests(HOST)]


def trained(stage: Stage, name: str) -> Reviewer:
    """An approver who is trained for every queue of these templates."""
    skills = [part for skill in ("fraud", "purchasing", "budget", "policy") for part in ("--skill", skill)]
    added = stage.companion.handoff("reviewer", "add", name, "--email", f"{name.lower()}@example.com", *skills)
    token = stage.companion.handoff("token", "create", "--reviewer", added["id"])["token"]
    return Reviewer(stage.companion.url, token)


@pytest.fixture(scope="module")
def erin(_stage: Stage) -> Reviewer:
    return trained(_stage, "Erin")


@pytest.fixture(scope="module")
def decision_router(_stage: Stage) -> Iterator[str]:
    """The template itself, published, and a policy that turns one kind of item down; the id of its caller."""
    olga, gus = (
        Caller(_stage.companion.url, _stage.companion.create_token(added))
        for added in (
            _stage.companion.add_reviewer("Olga Operator", "olga.operator@example.com", "operator"),
            _stage.companion.add_reviewer("Gus Governance", "gus@example.com", "governance"),
        )
    )
    policy = {
        "schema_version": 1,
        "workflow_id": "decision-router",
        "extends": "default",
        "title": "Decisions",
        "owner": {"name": "Operations", "contact": "operations@example.com"},
        "flags": {"hard_block": ["sanctioned_party"]},
    }
    path = "/v1/policies/decision-router"
    saved = olga.call("PUT", path, {"document": policy, "reason": "Sanctions."}, If_Match='"0"')
    assert saved.status_code == 202, saved.text  # turning items down without a person is for governance to approve
    verdict = {"proposal_id": saved.json()["proposal"]["id"], "verdict": "approve", "reason": "Required by law."}
    approved = gus.call("POST", f"{path}/approvals", verdict)
    assert approved.ok, approved.text
    template = _stage.template("Handoff: Decision Router")
    _stage.n8n.api.activate(template)
    name = f"caller-{uuid.uuid4().hex[:8]}"
    call = nodes.node(
        "Call",
        "executeWorkflow",
        1.4,
        {
            "workflowId": {"__rl": True, "mode": "id", "value": template},
            "mode": "once",
            "options": {"waitForSubWorkflow": False},
        },
    )
    document = nodes.workflow(
        name, [nodes.webhook(name), nodes.split_out(), call], [("Start", "Items"), ("Items", "Call")]
    )
    yield _stage.publish(document)
    _stage.n8n.api.deactivate(template)


def items_of_every_run(execution: Json, node: str) -> list[Json]:
    runs = execution["data"]["resultData"]["runData"].get(node, [])
    return [item for run in range(len(runs)) for item in items_of(execution, node, run=run)]


def decision(title: str, **changed: Any) -> Json:
    fields = {"request": {"text": "Move the meeting."}, "output": "Moved to Monday.", "confidence": 0.97}
    return {"title": title, **fields, "risk_score": 0.1, "reversible": True, "model_version": "m-1", **changed}


@pytest.mark.req("R-TPL-10", "R-ROUTE-37", "R-ROUTE-28", "R-SHAPE-04")
def test_the_decision_router_sends_one_item_by_each_output(stage: Stage, decision_router: str) -> None:
    """Five items of one call: two ends at once, one alarm, one review in its own execution, one that is waited for."""
    template = stage.template("Handoff: Decision Router")
    stage.ended(
        stage.send(
            decision_router,
            decision("Wait", confidence=0.5),
            decision("Later", confidence=0.8),
            decision("Sure"),
            decision("Forbidden", flags=["sanctioned_party"]),
            decision("Stop", flags=["data_exposure"], model_version="m-2"),  # stopping pauses this model version
        )
    )
    executions = [
        stage.n8n.api.execution(one["id"]) for one in stage.n8n.api.wait_for_execution(template, "waiting", count=2)
    ]
    (routed,) = [one for one in executions if "Route the Decision" in ran(one)]
    (later,) = [one for one in executions if "Route the Decision" not in ran(one)]
    titles = {
        output: [item["title"] for item in items]
        for output, items in by_output(routed, "Route the Decision", nodes.ROUTES).items()
    }
    assert titles == dict(zip(nodes.ROUTES, (["Wait"], ["Later"], ["Sure"], ["Forbidden"], ["Stop"]), strict=True))
    # Nothing waited for the person.
    assert [item["title"] for item in items_of(routed, "Carry It Out")] == ["Sure"]
    assert [item["title"] for item in items_of(routed, "Turn It Down")] == ["Forbidden"]
    (alarm,) = stage.posted()
    assert alarm.startswith("The line has stopped: Stop.")
    events = {item["event"]["event_type"]: item["event"] for item in items_of_every_run(routed, "Route as Event")}
    assert set(events) == {"route.auto_commit", "route.auto_reject", "route.stop_the_line"}
    for event in events.values():
        in_bucket, on_disk = stage.wait_for_records(event["event_id"])
        assert event_of(in_bucket) == event_of(on_disk) == event

    (later_id,) = handoffs_waited_for(later, "Ask a Person")
    stage.ada.edit(later_id, {"output": "Moved to Tuesday."})
    (committed,) = items_of(stage.ended(later["id"]), "Carry It Out")
    assert committed["output"] == "Moved to Tuesday."
    assert stage.n8n.api.execution(routed["id"])["status"] == "waiting"
    (now_id,) = handoffs_waited_for(routed, "Ask a Person")
    stage.ada.decide(now_id, "reject")
    ended = stage.ended(routed["id"])
    assert [item["title"] for item in items_of(ended, "Turn It Down")] == ["Wait"]
    assert [item["title"] for item in items_of_every_run(ended, "Carry It Out")] == ["Sure"]


@pytest.mark.req("R-TPL-09", "R-ROUTE-30", "R-ROUTE-37")
def test_fraud_scores_pass_or_are_declined_at_the_bands(stage: Stage) -> None:
    """0.6999 passes and 0.9501 is declined without a person; 0.7 and a score that is none wait for an analyst."""
    flow = Flow(stage, "Fraud Detection")
    usual = {"merchant_id": "m", "customer": "Anna Ames", "amount": 12, "currency": "EUR"}
    when = "2026-11-21T08:00:00.000Z"
    number = "4111111111111111"  # a number of a transaction that looks like a card's is no reason to ask a person
    stage.ended(flow.send(transaction_id=number, score=0.6999, occurred_at=when, **usual))
    stage.ended(flow.send(transaction_id="t2", score=0.9501, occurred_at=when, **usual))
    decisions = [one["body"]["decision"] for one in stage.proxy.requests(HOST)]
    assert flow.calls() == [f"/transactions/{number}/decision", "/transactions/t2/decision"]
    assert decisions == ["allow", "decline"]
    for score in (0.7, None, "0.1"):
        waiting = flow.send(transaction_id="t3", score=score, **usual)
        flow.asked(waiting, "Ask an Analyst")
    assert len(flow.calls()) == 2


FEATURES = [
    {"name": "hour", "value": 3, "weight": 0.1},
    {"name": "country", "value": "far", "weight": -0.9},
    {"name": "amount", "value": 900, "weight": 0.8},
    {"name": "merchant_age", "value": 2, "weight": 0.3},
]


@pytest.mark.req("R-TPL-09", "R-ROUTE-31", "X-35", "R-CTX-12")
def test_a_synchronous_fraud_review_warns_and_holds_and_an_approval_releases(stage: Stage, erin: Reviewer) -> None:
    """0.95: call center and merchant hold go out before anybody decides; a yes lets through and releases."""
    flow = Flow(stage, "Fraud Detection")
    execution_id = flow.send(
        transaction_id="t4", merchant_id="m4", score=0.95, amount=900, currency="EUR", features=FEATURES
    )
    case = flow.asked(execution_id, "Ask an Analyst")
    assert sorted(flow.calls()) == ["/merchants/m4/hold", "/notices"]
    (hold,) = stage.proxy.requests(HOST, "/merchants/m4/hold")
    assert hold["body"]["until"]
    sent = json.loads(stage.to_companion.exchanges("^/v1/groups$")[-1].body)["handoffs"][0]
    assert [one["name"] for one in sent["features"]] == ["country", "amount", "merchant_age"]
    erin.decide(case["id"])
    stage.ended(execution_id)
    assert sorted(flow.calls()[2:]) == ["/merchants/m4/release", "/transactions/t4/decision"]
    assert stage.proxy.requests(HOST, "/transactions/t4/decision")[0]["body"]["decision"] == "allow"


@pytest.mark.req("R-TPL-09", "R-ROUTE-32", "R-GATE-13", "X-36")
def test_an_account_is_held_only_after_two_people_said_so(stage: Stage, erin: Reviewer) -> None:
    """A declined transaction asks a second question; its risk is high, so no account is held before two said yes."""
    flow = Flow(stage, "Fraud Detection")
    execution_id = flow.send(transaction_id="t5", merchant_id="m5", score=0.93, amount=900, currency="EUR")
    erin.decide(flow.asked(execution_id, "Ask an Analyst")["id"], "reject")
    question = flow.asked_next(execution_id, "Hold the Account?")
    assert "/transactions/t5/decision" in flow.calls()
    assert "/merchants/m5/account-hold" not in flow.calls()
    erin.decide(question["id"])
    assert stage.key.live(question["id"])["state"] == "awaiting_second_review"
    trained(stage, "Finn").decide(question["id"])
    stage.ended(execution_id)
    (held,) = stage.proxy.requests(HOST, "/merchants/m5/account-hold")
    assert held["body"]["authorised_by"]["email"] == "finn@example.com"
    assert "/merchants/m5/release" not in flow.calls()


@pytest.mark.req("R-TPL-11", "R-ROUTE-29")
def test_three_tickets_land_in_three_queues(stage: Stage) -> None:
    """A sure reset is done; a lockout goes to security; identity to the stricter queue, where two must agree."""
    flow = Flow(stage, "IT Helpdesk")
    ticket = {"requester": "anna@example.com", "subject": "Help", "confidence": 0.97}
    reset = flow.send(ticket_id="i1", category="password_reset", text="I forgot my password.", **ticket)
    lockout = flow.send(ticket_id="i2", category="account_lockout", text="My account is locked.", **ticket)
    identity = flow.send(ticket_id="i3", category="identity", text="Please change my name.", **ticket)
    ended = stage.ended(reset)
    assert flow.calls() == ["/tickets/i1/password-reset"]
    asked = [flow.asked(lockout, "Ask Security"), flow.asked(identity, "Ask Identity Verification")]
    executions = [ended, *(stage.n8n.api.execution(one) for one in (lockout, identity))]
    records = [
        item["handoff_route"]
        for one in executions
        for items in by_output(one, "Route the Ticket", nodes.ROUTES).values()
        for item in items
    ]
    assert [record["queue"] for record in records] == ["password_reset", "account_lockout", "identity"]
    assert "security" in records[1]["skills"]
    assert [case["approvals_needed"] for case in asked] == [1, 2]
    assert flow.calls() == ["/tickets/i1/password-reset"]


GATES = {
    "Support Response": (
        {"message_id": "s1", "from": "anna@example.com", "subject": "Hours", "text": "When do you open?"},
        ("Check the Reply", ["facts", "tone_and_policy"]),
        "/messages/s1/reply",
    ),
    "Procurement": (
        {
            "request_id": "p1",
            "requester": "anna@example.com",
            "vendor": "Desks Ltd",
            "vendor_is_new": False,
            "amount": 80,
            "currency": "EUR",
            "budget_left": 900,
            "recommendation": "Order it.",
            "confidence": 0.97,
            "risk_score": 0.1,
        },
        ("Approve the Purchase", ["vendor_legitimacy", "budget_authorization"]),
        "/requests/p1/order",
    ),
}


@pytest.mark.req("R-TPL-12", "R-TPL-13", "R-GATE-06", "R-GATE-07", "R-GATE-08")
@pytest.mark.parametrize("name", sorted(GATES))
def test_two_gates_open_one_after_the_other(stage: Stage, erin: Reviewer, name: str) -> None:
    """Nothing goes out before both gates passed; approving without them is refused, and a no needs none."""
    body, (asks, gates), path = GATES[name]
    stage.proxy.answer_workers_ai(summary=None, reply="At nine.", confidence=0.95, facts=["Open from nine."])
    flow = Flow(stage, name)
    passing, failing = flow.send(**body), flow.send(**body)
    erin.decide(flow.asked(failing, asks)["id"], "reject", evidence=[{"title": "The records", "text": "They differ."}])
    stage.ended(failing)
    case = erin.live(flow.asked(passing, asks)["id"])
    assert [gate["id"] for gate in case["gates"]] == gates
    assert [gate["open"] for gate in case["gates"]] == [True, False]
    unchecked = {"action": "approve", "package_digest": case["package_digest"]}
    refused = erin.call("POST", f"/v1/handoffs/{case['id']}/decision", unchecked, If_Match=f'"{case["version"]}"')
    assert (refused.status_code, refused.json()["code"]) == (422, "gate_results_missing")
    assert path not in flow.calls()
    erin.decide(case["id"])
    ended = stage.ended(passing)
    assert flow.calls().count(path) == 1
    (item,) = by_output(ended, asks)["Approved"]
    assert [one["gate"] for one in item["handoff"]["gate_results"]] == gates


@pytest.mark.req("R-TPL-13", "R-TPL-06", "R-CTX-15", "R-ACT-13", "R-GATE-09")
def test_an_order_is_confirmed_and_its_evidence_stood_beside_it(stage: Stage, erin: Reviewer) -> None:
    """The case shows the evidence of the caller and of the template; the execution is on record before the order."""
    body, (asks, _), path = GATES["Procurement"]
    flow = Flow(stage, "Procurement")
    execution_id = flow.send(**body, evidence=[{"title": "Offer 12", "text": "80 EUR"}, {"title": ""}, "x"])
    case = flow.asked(execution_id, asks)
    sent = json.loads(stage.to_companion.exchanges("^/v1/groups$")[-1].body)["handoffs"][0]
    titles = [one["title"] for one in sent["evidence"]]
    assert (titles[0], titles[-1]) == ("Vendor record", "Offer 12")
    erin.decide(case["id"])
    ended = stage.ended(execution_id)
    (confirmed,) = by_output(ended, "Still Approved?", ("Unconfirmed", "Confirmed"))["Confirmed"]
    executed = [one for one in stage.key.live(case["id"])["history"] if one["type"] == "handoff.executed"]
    assert [one["event_id"] for one in executed] == [confirmed["handoff"]["execution"]["event_id"]]
    assert flow.calls() == [path]
