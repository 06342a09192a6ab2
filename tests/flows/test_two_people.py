"""A case that needs two people: nothing goes on after the first."""

from collections.abc import Callable

import pytest

from tests.application import World, problem
from tests.flows.conftest import Receiver, Workflow


@pytest.mark.req("R-ROLE-07", "R-GATE-16", "R-UI-20")
def test_the_second_person_makes_it_count(
    world: World, workflow: Workflow, receiver: Receiver, callbacks: Callable[[], int]
) -> None:
    """The first approval tells the workflow nothing; the same person is refused; another one settles it."""
    ann, ben = world.person("Ann"), world.person("Ben")
    opened = world.open(workflow.agent, callback_url=receiver.url, approvals_needed=2)
    first = ann.decide(opened).json
    assert (first["state"], first["approved"], first["first_approval"]["by"]["name"]) == (
        "awaiting_second_review",
        None,
        "Ann",
    )
    assert callbacks() == 0
    offered = {action["action"]: action["allowed"] for action in ann.live(opened["id"])["actions"]}
    assert not any(offered[name] for name in ("approve", "reject", "modify")), "no answer left for the first reviewer"
    problem(ann.decide(first), 403, "second_reviewer_must_differ")
    second = ben.decide(first).json
    assert (second["state"], second["approved"], second["decided_by"]["name"]) == ("approved", True, "Ben")
    assert callbacks() == 1
    assert receiver.received[0].data["handoffs"][0]["approved"] is True


@pytest.mark.req("R-GATE-15", "R-ROLE-07")
@pytest.mark.parametrize(("last", "approved"), [("approve", True), ("reject", False)])
def test_two_who_disagree_leave_it_to_a_third(
    world: World,
    workflow: Workflow,
    receiver: Receiver,
    callbacks: Callable[[], int],
    last: str,
    approved: bool,
) -> None:
    """The second's no closes nothing: the case goes up with both answers on record, and a third person settles it.

    Neither of the two can, not even in the name of the package that they saw before.
    """
    ann, ben, cat = world.person("Ann"), world.person("Ben"), world.person("Cat")
    opened = world.open(workflow.agent, callback_url=receiver.url, approvals_needed=2)
    token = ann.get(f"/v1/handoffs/{opened['id']}/package")["package_token"]
    first = ann.decide(opened, "modify", edited_output="Edited.").json
    second = ben.decide(first, "reject").json
    assert (second["state"], second["approved"], second["reviewer_level"]) == ("pending", None, 2)
    assert callbacks() == 0
    (between,) = second["disagreements"]
    assert (between["first_by"]["id"], between["first_action"]) == (ann.id, "modify")
    assert (between["second_by"]["id"], between["second_action"]) == (ben.id, "reject")
    for who in (ann, ben):
        problem(who.decide(second), 403, "already_reviewed")
    stale = {"package_token": token, "action": "approve"}
    assert ann.send("POST", "/handoff/complete", stale).status_code in (403, 409)
    assert callbacks() == 0
    assert (first["second_review"] is None, cat.live(opened["id"])["second_review"]) == (False, None), "one settles it"
    done = cat.decide(second, last).json
    assert (done["approved"], done["decided_by"]["name"]) == (approved, "Cat")
    assert callbacks() == 1
    (told,) = receiver.received[0].data["handoffs"]
    assert (told["approved"], told["edited"]) == (approved, approved)
    assert told["output"] == ("Edited." if approved else None)
    assert "handoff.disagreement" in [entry["type"] for entry in cat.live(opened["id"])["history"]]
