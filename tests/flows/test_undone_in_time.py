"""A decision that its maker takes back within a few minutes: nobody outside ever hears of it."""

from collections.abc import Callable

import pytest

from tests.application import Agent, World, problem
from tests.flows.conftest import Receiver, Workflow
from tests.policies import document, save, settle

WINDOW_MS = 600_000

Run = Callable[[], int]


@pytest.fixture
def olga(world: World) -> Agent:
    """The owner, who gave the workflow `letters` an undo window of ten minutes."""
    owner = world.person("Olga", roles=["owner"])
    assert save(owner, document("letters", undo_window_s=600)).status_code == 200
    settle(world, "letters")
    return owner


@pytest.mark.req("R-ACT-11", "R-STORE-09", "R-STORE-17")
def test_undone_it_waits_again_and_the_last_word_is_what_the_workflow_hears(
    world: World, workflow: Workflow, receiver: Receiver, timers: Run, callbacks: Run, olga: Agent
) -> None:
    """Approved by mistake, undone, edited: the workflow hears of the edit, once, when the window is over."""
    ann, ben = world.person("Ann"), world.person("Ben")
    opened = world.open(workflow.agent, workflow_id="letters", callback_url=receiver.url)
    approved = ann.decide(opened).json
    assert (approved["state"], approved["undo"]["mine"]) == ("approved", True)
    assert ben.live(opened["id"])["undo"]["mine"] is False
    problem(ben.act(opened["id"], "decision", method="DELETE"), 403, "not_your_decision")
    world.clock.advance(WINDOW_MS - 1)
    assert (timers(), callbacks()) == (0, 0)
    undone = ann.act(opened["id"], "decision", method="DELETE").json
    assert (undone["state"], undone["approved"], undone["undo"]) == ("pending", None, None)
    world.clock.advance(WINDOW_MS)
    assert (timers(), callbacks()) == (0, 0), "the old window ends nothing any more"
    edited = ben.decide(undone, "modify", edited_output={"summary": "Corrected."}).json
    assert edited["undo"]["mine"] is True
    world.clock.advance(WINDOW_MS)
    assert (timers(), callbacks()) == (1, 1)
    (told,) = receiver.received[0].data["handoffs"]
    assert (told["state"], told["output"], told["decided_by"]["name"]) == ("modified", {"summary": "Corrected."}, "Ben")
    problem(ben.act(opened["id"], "decision", method="DELETE"), 409, "undo_over")
    types = [entry["type"] for entry in ann.live(opened["id"])["history"]]
    assert types == ["handoff.opened", "handoff.decided", "handoff.undone", "handoff.decided", "handoff.settled"]


@pytest.mark.req("R-STORE-15", "R-STORE-07")
def test_whoever_polls_sees_no_outcome_that_can_still_be_taken_back(
    world: World, workflow: Workflow, timers: Run, olga: Agent
) -> None:
    """An automation reads the case as waiting, the list of outcomes has no entry, and nothing may be executed."""
    ann = world.person("Ann")
    opened = world.open(workflow.agent, workflow_id="letters")
    assert ann.decide(opened).status_code == 200
    read = workflow.agent.live(opened["id"])
    assert (read["state"], read["approved"], read["decision"]) == ("pending", None, None)
    assert "output" not in read
    assert workflow.agent.get("/v1/decisions")["items"] == []
    digest, key = {"output_digest": opened["output_digest"]}, {"Idempotency-Key": "execute-1"}
    path = f"/v1/handoffs/{opened['id']}/execution"
    early = workflow.agent.send("POST", path, digest, key)
    assert (early.status_code, early.json["code"]) in ((409, "not_approved"), (409, "busy"))
    world.clock.advance(WINDOW_MS)
    assert timers() == 1
    assert workflow.agent.live(opened["id"])["approved"] is True
    assert len(workflow.agent.get("/v1/decisions")["items"]) == 1
    assert workflow.agent.send("POST", path, digest, key).status_code == 200


@pytest.mark.req("R-ACT-11", "R-STORE-09")
def test_a_group_waits_for_the_last_window(
    world: World, workflow: Workflow, receiver: Receiver, timers: Run, callbacks: Run, olga: Agent
) -> None:
    """One of two can still be taken back: the callback of both waits for it, and tells what holds then."""
    ann = world.person("Ann")
    group = world.open_group(workflow.agent, [{"workflow_id": "letters"}] * 2, callback_url=receiver.url)
    first, second = group["handoffs"]
    assert ann.decide(first).status_code == 200
    world.clock.advance(WINDOW_MS)
    assert ann.decide(second).status_code == 200
    assert (timers(), callbacks()) == (1, 0)
    back = ann.act(second["id"], "decision", method="DELETE").json
    assert ann.decide(back, "reject").status_code == 200
    world.clock.advance(WINDOW_MS)
    assert (timers(), callbacks()) == (1, 1)
    assert [one["approved"] for one in receiver.received[0].data["handoffs"]] == [True, False]


@pytest.mark.req("R-STORE-15", "R7", "R6")
def test_a_deadline_in_the_window_closes_nothing_and_counts_after_an_undo(
    world: World, workflow: Workflow, receiver: Receiver, timers: Run, callbacks: Run, olga: Agent
) -> None:
    """Decided in time stays decided; undone after its deadline the case ends without an answer, never approved."""
    ann = world.person("Ann")
    kept, undone = (
        world.open(workflow.agent, workflow_id="letters", callback_url=receiver.url, expires_in_s=60) for _ in range(2)
    )
    world.clock.advance(59_999)
    assert ann.decide(kept).status_code == 200
    assert ann.decide(undone).status_code == 200
    world.clock.advance(120_000)
    assert timers() == 0
    assert ann.act(undone["id"], "decision", method="DELETE").status_code == 200
    assert timers() == 1
    assert (ann.live(undone["id"])["state"], ann.live(kept["id"])["state"]) == ("expired", "approved")
    world.clock.advance(WINDOW_MS)
    timers()
    callbacks()
    told = {one["id"]: one["approved"] for sent in receiver.received for one in sent.data["handoffs"]}
    assert told == {undone["id"]: None, kept["id"]: True}


@pytest.mark.req("R-ACT-06", "R-ACT-11")
def test_in_the_window_an_approval_is_undone_and_not_rolled_back(
    world: World, workflow: Workflow, timers: Run, olga: Agent
) -> None:
    """Afterwards it is the other way round."""
    ann = world.person("Ann")
    because = {"reason_code": "policy_violation", "rationale": "Wrong person."}
    opened = world.open(workflow.agent, workflow_id="letters")
    assert ann.decide(opened).status_code == 200
    problem(ann.act(opened["id"], "rollback", because), 409, "undo_instead")
    world.clock.advance(WINDOW_MS)
    problem(ann.act(opened["id"], "rollback", because), 409, "busy")
    assert timers() == 1
    assert ann.act(opened["id"], "rollback", because).json["state"] == "rolled_back"
