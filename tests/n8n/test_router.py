"""The Handoff Router in a real n8n with a real companion: outputs, pairs, settings, and no answer at all."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.n8n import nodes
from tests.n8n.outcomes import by_output
from tests.n8n.people import Caller
from tests.n8n.stage import Stage
from tests.n8n.wire import Exchange, Wire
from tests.system.companion import Companion
from tests.system.n8n_clients import items_of, ran

pytestmark = [pytest.mark.real_n8n, pytest.mark.timeout(300)]

Json = dict[str, Any]

CERTAIN = {"confidence": 0.97, "risk_score": 0.1, "text": "The meeting is on Monday."}
REVERSIBLE = {"reversible": "yes"}


def routing(stage: Stage, parameters: Json | None = None, **more: Any) -> str:
    name = f"routing-{uuid.uuid4().hex[:8]}"
    return stage.publish(nodes.routing(name, "handoff", {**REVERSIBLE, **(parameters or {})}, **more))


def outputs_of(execution: Json, node: str = "Route") -> dict[str, list[Json]]:
    return by_output(execution, node, nodes.ROUTES)


@pytest.mark.req("R-SHAPE-04", "R-ROUTE-08", "R-ROUTE-37")
def test_items_of_one_run_part_by_confidence_risk_and_flags(stage: Stage) -> None:
    """Sure: committed. Unsure: asynchronous. Very unsure, very risky, no confidence: synchronous. A stop: no more."""
    items = [
        CERTAIN,
        {**CERTAIN, "confidence": 0.85, "risk_score": 0.6},
        {**CERTAIN, "confidence": 0.849},
        {**CERTAIN, "risk_score": 0.61},
        {**CERTAIN, "flags": ["pii"]},
        {**CERTAIN, "confidence": 0.599},
        {**CERTAIN, "risk_score": 0.9},
        {"risk_score": 0.1, "text": "No confidence."},
    ]
    marked = [{**item, "number": number} for number, item in enumerate(items)]
    workflow_id = routing(stage)
    outputs = outputs_of(stage.ended(stage.send(workflow_id, *marked)))
    numbers = {name: [item["number"] for item in given] for name, given in outputs.items()}
    assert numbers == {
        "Auto-Commit": [0, 1],
        "Asynchronous Review": [2, 3, 4],
        "Synchronous Review": [5, 6, 7],
    }
    exposing = {**CERTAIN, "flags": ["data_exposure"], "number": 8}
    stopped = outputs_of(stage.ended(stage.send(workflow_id, {**CERTAIN, "number": 0}, exposing)))
    numbers = {name: [item["number"] for item in given] for name, given in stopped.items()}
    assert numbers == {"Synchronous Review": [0], "Stop the Line": [8]}, "nothing is automatic beside a stop"
    for item in (item for given in outputs.values() for item in given):
        record = item["handoff_route"]
        assert record["evaluated"]
        assert record["words"]
        assert record["trace"]
        assert stage.key.read(f"/v1/routes/{record['id']}")["route"] == record["route"]


@pytest.mark.req("R-SHAPE-04", "R-ROUTE-37")
def test_a_thousand_items_of_one_execution_keep_their_pairs(stage: Stage) -> None:
    """1,000 items go in ten requests; behind each output `$('Items').item` still is the item that came in."""
    name = f"thousand-{uuid.uuid4().hex[:8]}"
    document = nodes.routing(name, "handoff", REVERSIBLE)
    for output in nodes.ROUTES:
        end = nodes.node_named(document, output)
        value = {"id": "number", "name": "number", "value": "={{ $('Items').item.json.number }}", "type": "number"}
        parameters = {"assignments": {"assignments": [value]}, "includeOtherFields": True, "options": {}}
        end.update(type="n8n-nodes-base.set", typeVersion=3.5, parameters=parameters)
    confidences = (0.99, 0.7, 0.3)
    items = [{"is": number, "risk_score": 0, "confidence": confidences[number % 3]} for number in range(1000)]
    before = len(stage.to_companion.exchanges("^/v1/routes$"))
    execution = stage.ended(stage.send(stage.publish(document), *[{**item, "number": item["is"]} for item in items]))
    assert len(stage.to_companion.exchanges("^/v1/routes$")) - before == 10
    for rest, output in enumerate(("Auto-Commit", "Asynchronous Review", "Synchronous Review")):
        given = items_of(execution, output)
        assert [item["is"] for item in given] == [number for number in range(1000) if number % 3 == rest]
        assert [item["number"] for item in given] == [item["is"] for item in given]


@pytest.mark.req("R-SHAPE-05", "R-ROUTE-06")
def test_a_number_changed_in_the_node_judges_the_next_item(stage: Stage) -> None:
    """0.85 -> 0.9 in the panel and nothing else: the item that was committed is now reviewed, and back."""
    workflow_id = routing(stage)
    item = {**CERTAIN, "confidence": 0.88}
    assert list(outputs_of(stage.ended(stage.send(workflow_id, item)))) == ["Auto-Commit"]
    for number, output in ((0.9, "Asynchronous Review"), (0.85, "Auto-Commit")):
        document = stage.n8n.api.call("GET", f"/api/v1/workflows/{workflow_id}")
        nodes.node_named(document, "Route")["parameters"]["reviewBelowConfidence"] = number
        changed = {key: document[key] for key in ("name", "nodes", "connections", "settings")}
        # Taken off first: n8n may go on for a moment with the version that was published before.
        stage.n8n.api.deactivate(workflow_id)
        stage.n8n.api.call("PUT", f"/api/v1/workflows/{workflow_id}", changed)
        stage.n8n.api.activate(workflow_id)
        outputs = outputs_of(stage.ended(stage.send(workflow_id, item)))
        assert list(outputs) == [output]
        (routed,) = outputs[output]
        (compared,) = [
            one for step in routed["handoff_route"]["trace"] for one in step["compared"] if one["name"] == "confidence"
        ]
        assert (compared["value"], compared["threshold"]) == (0.88, number)


@pytest.mark.req("R-SHAPE-05", "R-ROUTE-06")
def test_numbers_that_cross_each_other_are_refused_by_name(stage: Stage) -> None:
    """An unusable setting stops the node with words that name it as the panel does; nothing goes on."""
    workflow_id = routing(stage, {"reviewBelowConfidence": 0.5, "synchronousBelowConfidence": 0.6})
    execution = stage.wait_for(stage.send(workflow_id, CERTAIN), "success", "error")
    assert execution["status"] == "error"
    error = execution["data"]["resultData"]["error"]
    assert "Below Confidence" in error["description"]
    assert set(nodes.ROUTES).isdisjoint(ran(execution))


@pytest.mark.req("R-STORE-15", "R-ROUTE-08")
def test_a_lost_reply_is_asked_for_again_and_is_the_same(stage: Stage) -> None:
    """The answer of the companion gets lost: the node asks again under the same key, and nothing is routed twice."""
    workflow_id = routing(stage)
    before = len(stage.to_companion.exchanges("^/v1/routes$"))
    stage.to_companion.lose_reply("^/v1/routes$")
    outputs = outputs_of(stage.ended(stage.send(workflow_id, CERTAIN)))
    assert list(outputs) == ["Auto-Commit"]
    lost, again = stage.to_companion.exchanges("^/v1/routes$")[before:]
    assert lost.headers["Idempotency-Key"] == again.headers["Idempotency-Key"]
    assert lost.answer == again.answer


@pytest.mark.req("H6", "R-CONT-07")
def test_while_a_workflow_is_paused_nothing_is_committed(stage: Stage) -> None:
    """What would be committed goes to a person, and the record says that it is paused, and why."""
    workflow_id = routing(stage)
    added = stage.companion.add_reviewer("Paula Pause", "paula@example.com", "on_call")
    operator = Caller(stage.companion.url, stage.companion.create_token(added))
    name = stage.n8n.api.call("GET", f"/api/v1/workflows/{workflow_id}")["name"]
    assert list(outputs_of(stage.ended(stage.send(workflow_id, CERTAIN)))) == ["Auto-Commit"]
    assert operator.call("POST", "/v1/pauses", {"workflow_id": name, "reason": "Odd answers."}).ok
    outputs = outputs_of(stage.ended(stage.send(workflow_id, CERTAIN)))
    assert list(outputs) == ["Synchronous Review"]
    assert outputs["Synchronous Review"][0]["handoff_route"]["paused"]["reason"] == "Odd answers."


class EndingAfterOneBatch(Wire):
    """Ends the companion as soon as the first batch was answered."""

    def __init__(self, companion: Companion) -> None:
        super().__init__(companion.url)
        self._companion = companion

    def carry(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[Exchange, dict[str, str]] | None:
        """Hand a request on, and end its receiver after it."""
        carried = super().carry(method, path, headers, body)
        if carried is not None and path == "/v1/routes":
            self._companion.stop()
        return carried


@pytest.mark.req("R-STORE-15", "R7")
def test_a_companion_that_ends_in_the_middle_leaves_the_rest_to_people(stage: Stage) -> None:
    """The first hundred are evaluated; then nobody answers, and the others leave by Synchronous Review."""
    items = [{**CERTAIN, "number": number} for number in range(250)]
    with EndingAfterOneBatch(stage.companion) as ending:
        data = {**stage.companion.n8n_credential(), "baseUrl": ending.url}
        credential = stage.n8n.api.create_credential("ending", "handoffApi", data)
        name = f"ending-{uuid.uuid4().hex[:8]}"
        try:
            execution = stage.ended(stage.send(stage.publish(nodes.routing(name, credential, REVERSIBLE)), *items))
        finally:
            stage.companion.stop()
            stage.companion.start()
    outputs = outputs_of(execution)
    assert [item["number"] for item in outputs["Auto-Commit"]] == list(range(100))
    assert [item["number"] for item in outputs["Synchronous Review"]] == list(range(100, 250))
    for item in outputs["Synchronous Review"]:
        assert item["handoff_route"]["evaluated"] is False
        assert item["handoff_route"]["cause"] == "companion_unreachable"


@pytest.fixture(scope="module")
def without_companion(_stage: Stage) -> Iterator[Stage]:
    """The companion is away."""
    _stage.companion.stop()
    try:
        yield _stage
    finally:
        _stage.companion.start()


@pytest.mark.req("R-STORE-15", "R7")
@pytest.mark.parametrize("on_error", ["stopWorkflow", "continueRegularOutput", "continueErrorOutput"])
def test_without_the_companion_everything_goes_to_people(without_companion: Stage, on_error: str) -> None:
    """The default, whatever On Error says: Synchronous Review, with the item's own fields and the cause."""
    execution = without_companion.ended(without_companion.send(routing(without_companion, onError=on_error), CERTAIN))
    outputs = outputs_of(execution)
    assert list(outputs) == ["Synchronous Review"]
    (item,) = outputs["Synchronous Review"]
    assert {key: item[key] for key in CERTAIN} == CERTAIN
    assert "did not answer" in item["handoff_route"]["words"]


@pytest.mark.req("R-STORE-15", "R7")
def test_without_the_companion_the_node_fails_where_that_is_set(without_companion: Stage) -> None:
    """Fail: with On Error: Stop the workflow stops; with Continue output 0; with an error output that one alone."""
    ended = {}
    for on_error in ("stopWorkflow", "continueRegularOutput", "continueErrorOutput"):
        workflow_id = routing(without_companion, {"whenUnreachable": "fail"}, onError=on_error)
        execution_id = without_companion.send(workflow_id, CERTAIN)
        ended[on_error] = without_companion.wait_for(execution_id, "success", "error")
    stopped = ended["stopWorkflow"]
    assert stopped["status"] == "error"
    assert "Base URL of the Handoff API credential" in stopped["data"]["resultData"]["error"]["description"]
    assert list(outputs_of(ended["continueRegularOutput"])) == ["Synchronous Review"]
    assert outputs_of(ended["continueErrorOutput"]) == {}
    (failed,) = items_of(ended["continueErrorOutput"], "Route", len(nodes.ROUTES))
    assert failed["text"] == CERTAIN["text"]


@pytest.mark.req("R-STORE-15", "R7")
def test_a_deactivated_router_commits_nothing(stage: Stage) -> None:
    """Deactivated in the editor, the node lets its items pass by its first output, which is Synchronous Review."""
    execution = stage.ended(stage.send(routing(stage, disabled=True), CERTAIN))
    assert items_of(execution, "Synchronous Review") == [CERTAIN]
    assert "Auto-Commit" not in ran(execution)
