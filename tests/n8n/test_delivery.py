"""How an answer reaches a waiting workflow, and what happens when it cannot (rows W3 and W4), in a real n8n."""

import uuid
from typing import Any

import pytest

from tests.n8n import nodes
from tests.n8n.outcomes import by_output, handoffs_waited_for
from tests.n8n.stage import Stage
from tests.system.n8n_clients import items_of, ran
from tests.system.waiting import wait_until

pytestmark = [pytest.mark.real_n8n, pytest.mark.timeout(180)]

Json = dict[str, Any]

ITEM = {"email": "Where is my desk?", "summary": "Asks for the desk."}
SHORT_WAIT = {"limitWaitTime": True, "limitType": "afterTimeInterval", "resumeAmount": 0.05, "resumeUnit": "minutes"}


def fresh() -> str:
    """A name for a workflow, its webhook and its Workflow ID."""
    return f"delivery-{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="module")
def asking(_stage: Stage) -> str:
    """The id of a workflow that asks about its items, and ends."""
    return _stage.publish(nodes.asking(fresh(), "handoff"))


def resume_path(execution_id: str) -> str:
    return f"/webhook-waiting/{execution_id}/"


@pytest.mark.req("W3", "R-STORE-08", "R-STORE-09")
def test_an_answer_resumes_once_and_is_acknowledged(stage: Stage, asking: str) -> None:
    """The node says that it took the answer; the companion tries once and calls it delivered."""
    execution_id, (handoff_id,) = stage.begin(asking, ITEM)
    stage.ada.decide(handoff_id)
    assert list(by_output(stage.ended(execution_id))) == ["Approved"]
    assert stage.key.wait_for_delivery(handoff_id, "delivered")["attempts"] == 1
    (call,) = stage.to_n8n.exchanges(resume_path(execution_id))
    assert b'"handoff_ack"' in call.answer


@pytest.mark.req("W3", "R-STORE-09")
def test_a_lost_reply_is_no_second_resume(stage: Stage, asking: str) -> None:
    """The answer arrives, its receipt does not: the workflow goes on once, and the companion says it is not sure."""
    execution_id, (handoff_id,) = stage.begin(asking, ITEM)
    stage.to_n8n.lose_reply(resume_path(execution_id))
    stage.ada.decide(handoff_id)
    ended = stage.ended(execution_id)
    delivery = stage.key.wait_for_delivery(handoff_id, "uncertain")
    assert delivery["attempts"] >= 2, "more, where n8n was still at it when it was asked again"
    assert "may have reached the workflow" in delivery["cause"]
    after = stage.n8n.api.execution(execution_id)
    assert after["stoppedAt"] == ended["stoppedAt"]
    assert len(after["data"]["resultData"]["runData"]["Approved"]) == 1


@pytest.mark.req("W3", "R-STORE-09", "R5")
def test_a_second_answer_changes_nothing(stage: Stage, asking: str) -> None:
    """Sent again by hand after the workflow went on: nothing runs again, and the answer still counts as delivered."""
    execution_id, (handoff_id,) = stage.begin(asking, ITEM)
    stage.ada.decide(handoff_id)
    ended = stage.ended(execution_id)
    delivery = stage.key.wait_for_delivery(handoff_id, "delivered")
    assert stage.key.call("POST", f"/v1/deliveries/{delivery['id']}/replay").status_code == 202
    stage.to_n8n.wait_for(resume_path(execution_id), 2)
    assert stage.key.wait_for_delivery(handoff_id, "delivered", "failed", "uncertain")["status"] == "delivered"
    assert stage.n8n.api.execution(execution_id)["stoppedAt"] == ended["stoppedAt"]
    assert stage.key.live(handoff_id)["state"] == "approved"


@pytest.mark.req("W4")
def test_a_late_answer_of_one_wait_does_not_resume_the_next_wait(stage: Stage) -> None:
    """Two questions in one workflow, the reply to the first answer is lost: its retry leaves the second one open."""
    name = fresh()
    two = nodes.workflow(
        name,
        [
            nodes.webhook(name),
            nodes.split_out(),
            nodes.ask("First", workflow_id=name, credential="handoff"),
            nodes.ask("Second", workflow_id=name, credential="handoff"),
            nodes.end("Published"),
        ],
        [("Start", "Items"), ("Items", "First"), ("First", "Second", 1), ("Second", "Published", 1)],
    )
    execution_id, (first,) = stage.begin(stage.publish(two), ITEM, node="First")
    stage.to_n8n.lose_reply(resume_path(execution_id))
    stage.ada.decide(first)

    stage.key.wait_for_delivery(first, "uncertain")
    execution = stage.wait_for(execution_id, "waiting")
    (second,) = handoffs_waited_for(execution, "Second")
    assert stage.key.live(second)["state"] == "pending"

    stage.ada.decide(second, "reject")
    assert "Published" not in ran(stage.ended(execution_id))


@pytest.mark.req("W4", "A1", "R-STORE-09")
def test_a_late_answer_of_one_pass_of_a_loop_does_not_answer_the_next_pass(stage: Stage) -> None:
    """One node, asked again in a loop: the lost and the replayed answer of pass 1 decide nothing in pass 2."""
    name = fresh()
    loop = nodes.workflow(
        name,
        [
            nodes.webhook(name),
            nodes.split_out(),
            nodes.node("Loop", "splitInBatches", 3, {"options": {}}),
            nodes.ask(workflow_id=name, credential="handoff"),
            nodes.end("Done"),
        ],
        [("Start", "Items"), ("Items", "Loop"), ("Loop", "Done"), ("Loop", "Ask", 1)]
        + [("Ask", "Loop", output) for output in range(3)],
    )
    execution_id, (first,) = stage.begin(stage.publish(loop), ITEM, ITEM | {"summary": "Another."})
    stage.to_n8n.lose_reply(resume_path(execution_id))
    stage.ada.decide(first)
    stage.key.wait_for_delivery(first, "superseded")

    execution = stage.wait_for(execution_id, "waiting")
    (second,) = handoffs_waited_for(execution)
    assert second != first
    lost, *retries = stage.to_n8n.exchanges(resume_path(execution_id))
    assert {one.status for one in retries} <= {409}, "n8n was asked again, if at all, before pass 2 had its question"
    again = stage.to_n8n.carry(lost.method, lost.path, lost.headers, lost.body)
    assert again is not None
    assert again[0].status == 400
    assert b'"handoff_refused":"idempotency_key_mismatch"' in again[0].answer
    assert stage.n8n.api.execution(execution_id)["status"] == "waiting"

    stage.ada.decide(second, "reject")
    ended = stage.ended(execution_id)
    assert [list(by_output_of_run(ended, run)) for run in range(2)] == [["Approved"], ["Rejected"]]


def by_output_of_run(execution: Json, run: int) -> dict[str, list[Json]]:
    given = {name: items_of(execution, "Ask", index, run) for index, name in enumerate(nodes.OUTPUTS)}
    return {name: items for name, items in given.items() if items}


@pytest.mark.req("W3")
def test_an_answer_that_is_quicker_than_n8n_arrives_in_the_end(stage: Stage, asking: str) -> None:
    """Decided before n8n has parked the execution: 409 "running already" is retried within seconds, and resumes."""
    workflow_name = stage.n8n.api.call("GET", f"/api/v1/workflows/{asking}")["name"]
    with stage.to_companion.replies_held("/v1/groups"):
        execution_id = stage.send(asking, ITEM)
        (case,) = stage.key.wait_for_open(workflow_name)
        stage.ada.decide(case["id"])
        delivery_id = stage.key.wait_for_delivery(case["id"], "retrying")["id"]
    assert stage.key.wait_for_delivery(case["id"], "delivered")["attempts"] >= 2
    assert stage.key.delivery(delivery_id)["attempts"][0]["status_code"] == 409
    assert list(by_output(stage.ended(execution_id))) == ["Approved"]


@pytest.mark.req("W3")
@pytest.mark.parametrize("how", ["stopped", "deleted"])
def test_a_workflow_that_no_longer_waits_is_told_to_the_person(stage: Stage, asking: str, how: str) -> None:
    """Stopped or deleted meanwhile: the decision is kept, the live state says that nothing goes on, nothing runs."""
    execution_id, (handoff_id,) = stage.begin(asking, ITEM)
    if how == "stopped":
        stage.n8n.api.call("POST", f"/api/v1/executions/{execution_id}/stop")
    else:
        stage.n8n.api.call("DELETE", f"/api/v1/executions/{execution_id}")
    stage.ada.decide(handoff_id)
    delivery = stage.key.wait_for_delivery(handoff_id, "failed")
    assert stage.key.live(handoff_id)["state"] == "approved"
    if how == "stopped":
        assert "no longer waits" in delivery["cause"]
        execution = stage.n8n.api.execution(execution_id)
        assert execution["status"] == "canceled"
        assert "Approved" not in ran(execution)
    else:
        assert "does not know this execution" in delivery["cause"]


@pytest.mark.req("R-STORE-15", "R7")
def test_nobody_decides_in_time(stage: Stage) -> None:
    """Limit Wait Time ends the wait by No Decision, told by the companion, with the cause."""
    # Not seen while it waits: three seconds may be over before anybody looks.
    ended = stage.ended(stage.send(stage.publish(nodes.asking(fresh(), "handoff", SHORT_WAIT)), ITEM))
    (item,) = by_output(ended)["No Decision"]
    handoff_id = item["handoff"]["id"]
    assert item["handoff"]["cause"] == "expired"
    assert item["handoff"]["output"] is None
    assert item["data"]["approved"] is None
    assert stage.key.live(handoff_id)["state"] == "expired"
    assert stage.ada.call(
        "POST",
        f"/v1/handoffs/{handoff_id}/decision",
        {"action": "approve", "package_digest": stage.key.live(handoff_id)["package_digest"]},
        If_Match='"1"',
    ).status_code in (409, 412)


@pytest.mark.req("R-STORE-15")
def test_a_withdrawn_question_leaves_by_no_decision(stage: Stage, asking: str) -> None:
    """Withdrawn: nobody is asked any more, and the workflow goes on without an approval."""
    execution_id, (handoff_id,) = stage.begin(asking, ITEM)
    assert stage.key.call("POST", f"/v1/handoffs/{handoff_id}/withdrawal", {"reason": "Found the desk"}).ok
    (item,) = by_output(stage.ended(execution_id))["No Decision"]
    assert item["handoff"]["cause"] == "withdrawn"
    assert item["handoff"]["rationale"] in ("Found the desk", None)


@pytest.mark.req("R-STORE-10", "R1")
def test_the_companion_restarts_while_a_workflow_waits(stage: Stage, asking: str) -> None:
    """Killed and started again, the companion still has the question, and its answer still resumes the workflow."""
    execution_id, (handoff_id,) = stage.begin(asking, ITEM)
    stage.companion.kill()
    stage.companion.start()
    stage.ada.decide(handoff_id)
    assert list(by_output(stage.ended(execution_id))) == ["Approved"]


@pytest.mark.req("R-STORE-10", "R-INT-08")
def test_many_items_are_one_group_and_one_wait(stage: Stage, asking: str) -> None:
    """Five items: one group, one callback; each item leaves by its own output, paired with what it came from."""
    items = [ITEM | {"number": number} for number in range(5)]
    execution_id, handoffs = stage.begin(asking, *items)
    for number, handoff_id in enumerate(handoffs):
        assert stage.n8n.api.execution(execution_id)["status"] == "waiting"
        stage.ada.decide(handoff_id, "approve" if number % 2 else "reject")
    given = by_output(stage.ended(execution_id))
    numbers = {name: [item["number"] for item in found] for name, found in given.items()}
    assert numbers == {"Approved": [1, 3], "Rejected": [0, 2, 4]}
    wait_until(lambda: stage.to_n8n.exchanges(resume_path(execution_id)), "the callback was seen")
    assert len(stage.to_n8n.exchanges(resume_path(execution_id))) == 1


@pytest.mark.req("R-STORE-08")
def test_a_test_run_in_the_editor_waits_and_goes_on_without_being_published(stage: Stage) -> None:
    """Execute Workflow on an unpublished workflow: it waits for a person like a published one, and goes on."""
    name = fresh()
    fields = {"mode": "raw", "jsonOutput": '{"summary": "Asks for the desk."}', "options": {}}
    manual = nodes.workflow(
        name,
        [
            nodes.node("Run", "manualTrigger", 1),
            nodes.node("Item", "set", 3.5, fields),
            nodes.ask(workflow_id=name, credential="handoff"),
            nodes.end("Approved"),
        ],
        [("Run", "Item"), ("Item", "Ask"), ("Ask", "Approved", 1)],
    )
    execution_id = stage.n8n.editor.run_manually(stage.n8n.api.create_workflow(manual), "Run")
    (handoff_id,) = handoffs_waited_for(stage.wait_for(execution_id, "waiting"))
    assert stage.key.live(handoff_id)["execution_url"].endswith(f"/executions/{execution_id}")
    stage.ada.decide(handoff_id)
    assert "Approved" in ran(stage.ended(execution_id))
