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
    assert not any(action["allowed"] for action in ann.live(opened["id"])["actions"]), (
        "read-only for the first reviewer"
    )
    problem(ann.decide(first), 403, "second_reviewer_must_differ")
    second = ben.decide(first).json
    assert (second["state"], second["approved"], second["decided_by"]["name"]) == ("approved", True, "Ben")
    assert callbacks() == 1
    assert receiver.received[0].data["handoffs"][0]["approved"] is True


@pytest.mark.req("R-GATE-15", "R-ROLE-07")
def test_the_second_persons_no_is_a_no(
    world: World, workflow: Workflow, receiver: Receiver, callbacks: Callable[[], int]
) -> None:
    """When the two disagree nothing goes on."""
    ann, ben = world.person("Ann"), world.person("Ben")
    opened = world.open(workflow.agent, callback_url=receiver.url, approvals_needed=2)
    edited = ann.decide(opened, "modify", edited_output="Edited.").json
    assert ben.decide(edited, "reject").json["approved"] is False
    callbacks()
    (told,) = receiver.received[0].data["handoffs"]
    assert (told["approved"], told["output"], told["edited"]) == (False, None, False)
