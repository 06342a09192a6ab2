"""A reviewer asks, the answer brings the case back as a new version, and what is approved is what was shown last."""

from collections.abc import Callable

import pytest

from tests.application import World, problem
from tests.flows.conftest import Receiver, Workflow

DAY_MS = 24 * 3600 * 1000


@pytest.mark.req("R-ACT-08", "R-SUP-03", "R-CTX-03")
def test_the_answer_is_what_is_decided_on(
    world: World, workflow: Workflow, receiver: Receiver, callbacks: Callable[[], int]
) -> None:
    """The question stands open, the old package is decided on no more, the new output is told as another one."""
    ann, ben = world.person("Ann"), world.person("Ben")
    opened = world.open(workflow.agent, callback_url=receiver.url)
    asked = ann.act(opened["id"], "questions", {"text": "Which order?"}).json
    assert (asked["state"], asked["question_open"], asked["approved"]) == ("awaiting_information", "Which order?", None)
    after = ben.act(opened["id"], "answers", {"text": "Number 7."}).json
    assert (after["state"], after["question_open"]) == ("pending", None)
    new, match = {"model_output": {"summary": "Asks for order 7."}}, {"If-Match": f'"{after["version"]}"'}
    answered = workflow.agent.send("PATCH", f"/v1/handoffs/{opened['id']}", new, match).json
    problem(ann.decide(opened, version=answered["version"]), 409, "package_digest_mismatch")
    assert ann.decide(answered).json["output"] == {"summary": "Asks for order 7."}
    callbacks()
    (told,) = receiver.received[0].data["handoffs"]
    assert (told["decision_action"], told["edited"], told["output"]) == (
        "accept",
        True,
        {"summary": "Asks for order 7."},
    )
    assert told["output_digest"] == opened["output_digest"], "by which the workflow knows its own item"


@pytest.mark.req("R-ACT-08", "R-STORE-15")
def test_waiting_for_an_answer_does_not_stop_the_deadline(
    world: World, workflow: Workflow, timers: Callable[[], int]
) -> None:
    """An unanswered question is no way to keep a workflow waiting for ever."""
    ann = world.person("Ann")
    opened = world.open(workflow.agent, expires_in_s=86_400)
    ann.act(opened["id"], "questions", {"text": "Which order?"})
    world.clock.advance(DAY_MS)
    assert timers() == 1
    live = ann.live(opened["id"])
    assert (live["state"], live["question_open"]) == ("expired", None)
    problem(ann.act(opened["id"], "answers", {"text": "Number 7."}), 409, "already_decided")
