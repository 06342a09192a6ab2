"""What a person agreed to is what happens: undo windows, batches, and the last look before what cannot be undone."""

import uuid
from typing import Any

import pytest

from tests.n8n import nodes
from tests.n8n.outcomes import by_output
from tests.n8n.people import Caller
from tests.n8n.stage import Stage

pytestmark = [pytest.mark.real_n8n, pytest.mark.timeout(300)]

Json = dict[str, Any]

CONFIRM_OUTPUTS = ("Unconfirmed", "Confirmed")


@pytest.fixture(scope="module")
def governors(_stage: Stage) -> tuple[Caller, Caller]:
    """Who saves a policy, and who approves it."""
    operator, governance = (
        Caller(_stage.companion.url, _stage.companion.create_token(added))
        for added in (
            _stage.companion.add_reviewer(f"Olga {uuid.uuid4().hex[:6]}", "olga.consent@example.com", "operator"),
            _stage.companion.add_reviewer(f"Gus {uuid.uuid4().hex[:6]}", "gus.consent@example.com", "governance"),
        )
    )
    return operator, governance


def save_policy(governors: tuple[Caller, Caller], workflow_id: str, **fields: Any) -> None:
    """A policy that is the default one but for some fields, active at once or after governance approved it."""
    operator, governance = governors
    document = {
        "schema_version": 1,
        "workflow_id": workflow_id,
        "extends": "default",
        "title": "A test",
        "owner": {"name": "Operations", "contact": "operations@example.com"},
        **fields,
    }
    path = f"/v1/policies/{workflow_id}"
    saved = operator.call("PUT", path, {"document": document, "reason": "A test."}, If_Match='"0"')
    assert saved.ok, saved.text
    proposal = saved.json().get("proposal")
    if saved.status_code == 202 and proposal:
        verdict = {"proposal_id": proposal["id"], "verdict": "approve", "reason": "A test."}
        assert governance.call("POST", f"{path}/approvals", verdict).ok


@pytest.mark.req("R-ACT-11", "H1")
def test_within_the_undo_window_nothing_leaves_and_an_undone_approval_never_does(
    stage: Stage, governors: tuple[Caller, Caller]
) -> None:
    """Approved, and not told to anybody; taken back; withdrawn: the item leaves by No Decision, and nothing before."""
    name = f"undo-{uuid.uuid4().hex[:8]}"
    save_policy(governors, name, undo_window_s=3600)
    execution_id, (handoff_id,) = stage.begin(stage.publish(nodes.asking(name, "handoff")), {"output": "x"})
    decided = stage.ada.decide(handoff_id)
    assert decided["undo"]["mine"] is True

    seen_by_n8n = stage.key.live(handoff_id)
    assert (seen_by_n8n["state"], seen_by_n8n["approved"]) == ("pending", None)
    assert seen_by_n8n.get("output") is None
    assert handoff_id not in [one["id"] for one in stage.key.read("/v1/decisions?limit=200")["items"]]
    body = {"output_digest": decided["digests"]["output"]} if "digests" in decided else {"output_digest": digest("x")}
    early = stage.key.call("POST", f"/v1/handoffs/{handoff_id}/execution", body, Idempotency_Key=f"early-{name}")
    assert (early.status_code, early.json()["code"]) == (409, "not_approved")
    assert stage.n8n.api.execution(execution_id)["status"] == "waiting"

    undone = stage.ada.call("DELETE", f"/v1/handoffs/{handoff_id}/decision")
    assert undone.ok, undone.text
    assert stage.ada.live(handoff_id)["state"] == "pending"
    assert stage.key.call("POST", f"/v1/handoffs/{handoff_id}/withdrawal", {"reason": "Over."}).ok
    given = by_output(stage.ended(execution_id))
    assert list(given) == ["No Decision"]
    assert given["No Decision"][0]["data"]["approved"] is None


@pytest.mark.req("R-ACT-11", "H1")
def test_after_the_undo_window_exactly_what_was_approved_leaves(stage: Stage, governors: tuple[Caller, Caller]) -> None:
    """An edit is told when its window is over, never earlier, and as it was approved."""
    name = f"settled-{uuid.uuid4().hex[:8]}"
    save_policy(governors, name, undo_window_s=2)
    execution_id, (handoff_id,) = stage.begin(stage.publish(nodes.asking(name, "handoff")), {"output": "x"})
    until = stage.ada.edit(handoff_id, {"output": "y"})["undo"]["until"]
    (item,) = by_output(stage.ended(execution_id))["Approved"]
    assert item["output"] == "y"
    assert item["handoff"]["output"] == {"output": "y"}
    delivery = stage.key.wait_for_delivery(handoff_id, "delivered")
    attempts = stage.key.delivery(delivery["id"])["attempts"]
    assert min(attempt["at"] for attempt in attempts) >= until
    late = stage.ada.call("DELETE", f"/v1/handoffs/{handoff_id}/decision")
    assert (late.status_code, late.json()["code"]) == (409, "undo_over")


@pytest.mark.req("R-ACT-14", "R-STORE-12", "H1")
def test_what_is_decided_together_goes_on_case_by_case(stage: Stage) -> None:
    """Three items of one run, decided as one batch: each leaves with its own event and its own output."""
    name = f"batch-{uuid.uuid4().hex[:8]}"
    items = [{"output": f"text {number}", "confidence": 0.7} for number in range(3)]
    execution_id, handoffs = stage.begin(stage.publish(nodes.asking(name, "handoff")), *items)
    made = stage.ada.call("POST", "/v1/batches", {"like": handoffs[0], "size": 10}, Idempotency_Key=f"make-{name}")
    assert made.status_code == 201, made.text
    batch = made.json()
    assert {item["id"] for item in batch["items"]} == set(handoffs)
    decision = {
        "action": "approve",
        "items": [{key: item[key] for key in ("id", "version", "package_digest")} for item in batch["items"]],
        "confirmed_outliers": [one["id"] for one in batch["outliers"]],
    }
    path = f"/v1/batches/{batch['id']}/decision"
    told = stage.ada.call("POST", path, decision, Idempotency_Key=f"decide-{name}")
    assert told.ok, told.text
    assert {one["status"] for one in told.json()["results"]} == {"done"}
    events = {one["id"]: one["event_id"] for one in told.json()["results"]}
    again = stage.ada.call("POST", path, decision, Idempotency_Key=f"decide-{name}")
    assert {one["id"]: one["event_id"] for one in again.json()["results"]} == events

    given = by_output(stage.ended(execution_id))
    assert list(given) == ["Approved"]
    assert {item["handoff"]["id"]: item["handoff"]["event_id"] for item in given["Approved"]} == events
    assert [item["handoff"]["output"] for item in given["Approved"]] == [{"output": each["output"]} for each in items]
    assert {item["handoff"]["event"]["details"]["batch_id"] for item in given["Approved"]} == {batch["id"]}
    assert len(set(events.values())) == 3


def confirming(name: str, parameters: Json | None = None, **more: Any) -> Json:
    """Items -> Ask, as an operation that confirms -> an end for each output."""
    made = {"operation": "confirmExecution", **(parameters or {})}
    asks = nodes.ask(workflow_id=name, credential="handoff", parameters=made, **more)
    ends = [nodes.end(output) for output in CONFIRM_OUTPUTS]
    return nodes.workflow(
        name,
        [nodes.webhook(name), nodes.split_out(), asks, *ends],
        [
            ("Start", "Items"),
            ("Items", "Ask"),
            *(("Ask", output, place) for place, output in enumerate(CONFIRM_OUTPUTS)),
        ],
    )


def approved_item(stage: Stage, output: str = "pay 80") -> Json:
    """An item as it leaves by Approved."""
    name = f"asked-{uuid.uuid4().hex[:8]}"
    execution_id, (handoff_id,) = stage.begin(stage.publish(nodes.asking(name, "handoff")), {"output": output})
    stage.ada.decide(handoff_id)
    (item,) = by_output(stage.ended(execution_id))["Approved"]
    return item


@pytest.mark.req("R-ACT-13", "R-GATE-09", "H1")
def test_only_what_is_still_approved_and_unchanged_is_confirmed(stage: Stage) -> None:
    """Of five items one goes on: the others were changed, taken back, never decided, or are nobody's."""
    good, changed, taken_back = (approved_item(stage) for _ in range(3))
    changed = changed | {"handoff": changed["handoff"] | {"output": {"output": "pay 8000"}}}
    because = {"reason_code": "policy_violation", "rationale": "Not this one."}
    assert stage.ada.call("POST", f"/v1/handoffs/{taken_back['handoff']['id']}/rollback", because).ok
    waiting = f"waits-{uuid.uuid4().hex[:8]}"
    _, (open_id,) = stage.begin(stage.publish(nodes.asking(waiting, "handoff")), {"output": "pay 80"})
    undecided = good | {"handoff": good["handoff"] | {"id": open_id}}
    nobodys = good | {"handoff": good["handoff"] | {"id": "ho_00000000000000000000000000"}}

    name = f"confirm-{uuid.uuid4().hex[:8]}"
    workflow = stage.publish(confirming(name, onError="continueRegularOutput"))
    items = [changed, taken_back, undecided, nobodys, good]
    given = by_output(stage.ended(stage.send(workflow, *items)), outputs=CONFIRM_OUTPUTS)
    (went_on,) = given["Confirmed"]
    assert went_on["handoff"]["id"] == good["handoff"]["id"]
    history = stage.key.live(good["handoff"]["id"])["history"]
    assert went_on["handoff"]["execution"]["event_id"] in str(history)
    words = [item["error"].split(".")[0] for item in given["Unconfirmed"]]
    assert words[:3] == [
        "What would be done is not what was approved",
        "The approval was taken back",
        "Nobody approved this",
    ]
    assert len(words) == 4


@pytest.mark.req("R-ACT-13", "R-GATE-09")
def test_a_node_that_is_switched_off_confirms_nothing(stage: Stage) -> None:
    """n8n passes the items of a deactivated node to its first output: that is Unconfirmed."""
    name = f"off-{uuid.uuid4().hex[:8]}"
    workflow = stage.publish(confirming(name, disabled=True))
    ended = stage.ended(stage.send(workflow, approved_item(stage)))
    assert list(by_output(ended, outputs=CONFIRM_OUTPUTS)) == ["Unconfirmed"]


def digest(text: str) -> str:
    """Some digest."""
    return "sha256:" + text.encode().hex().ljust(64, "0")[:64]


@pytest.mark.req("R-ACT-13")
def test_without_a_yes_the_execution_stops(stage: Stage) -> None:
    """As the node comes: a refusal is an error of the execution, and nothing goes on by any output."""
    name = f"stops-{uuid.uuid4().hex[:8]}"
    item = approved_item(stage)
    because = {"reason_code": "policy_violation", "rationale": "Not this one."}
    assert stage.ada.call("POST", f"/v1/handoffs/{item['handoff']['id']}/rollback", because).ok
    execution = stage.wait_for(stage.send(stage.publish(confirming(name)), item), "success", "error")
    assert execution["status"] == "error"
    assert execution["data"]["resultData"]["error"]["message"] == "The approval was taken back"
    assert by_output(execution, outputs=CONFIRM_OUTPUTS) == {}
