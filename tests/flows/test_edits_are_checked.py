"""An edit is held against the rules of its workflow, and against what its author was shown."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from tests.application import World, problem
from tests.flows.conftest import Receiver, Workflow
from tests.policies import document, save, settle

OUTPUT = {"summary": "Asks for the order.", "name": "Dana Doe"}


def with_policy(world: World, **fields: Any) -> None:
    saved = save(world.person("Olga", roles=["owner"]), document("letters", **fields))
    assert saved.status_code in (200, 202), saved.text
    settle(world, "letters")


@pytest.mark.req("R-ACT-04", "R-ROUTE-22")
def test_what_would_have_been_stopped_is_not_edited_in(world: World, workflow: Workflow) -> None:
    """A word that stops the line is refused in an edit, beforehand and at the decision; a lesser mark is noted."""
    with_policy(world, prohibited_terms=["project nightfall"])
    ann = world.person("Ann")
    opened = world.open(workflow.agent, workflow_id="letters", model_output=OUTPUT)
    path = f"/v1/handoffs/{opened['id']}/edit-checks"
    secret = OUTPUT | {"summary": "See project nightfall."}
    before = world.dump()
    checked = ann.send("POST", path, {"edited_output": secret}).json
    assert (checked["allowed"], bool(checked["refused"])) == (False, True)
    assert world.dump() == before, "asking changes nothing"
    problem(ann.decide(opened, "modify", edited_output=secret), 422, "edit_refused_by_policy", "/edited_output")
    marked = OUTPUT | {"summary": "Write to dana.doe@example.com."}
    found = ann.send("POST", path, {"edited_output": marked}).json
    assert (found["allowed"], [mark["code"] for mark in found["marks"]]) == (True, ["pii"])
    assert ann.decide(opened, "modify", edited_output=marked).json["state"] == "modified"
    (event,) = [
        event
        for event in world.services.store.surroundings(world.stored(opened["id"]))[0]
        if event["event_type"] == "handoff.decided"
    ]
    assert event["details"]["marks_of_edit"] == ["pii"]


@pytest.mark.req("R-CTX-18", "X-17", "H1")
def test_an_edit_keeps_what_its_author_does_not_see(
    world: World, workflow: Workflow, receiver: Receiver, callbacks: Callable[[], int]
) -> None:
    """Hidden from Ann, the name is null in what she edits and whole in what goes on; writing there is refused."""
    with_policy(world, redaction=[{"path": "/model_output/name", "label": "Name", "visible_to": ["owner"]}])
    ann = world.person("Ann")
    opened = world.open(workflow.agent, workflow_id="letters", model_output=OUTPUT, callback_url=receiver.url)
    written = {"summary": "Asks twice.", "name": "Somebody"}
    refused = ann.decide(opened, "modify", edited_output=written)
    problem(refused, 422, "edit_of_redacted", "/edited_output/name")
    assert ann.decide(opened, "modify", edited_output={"summary": "Asks twice.", "name": None}).status_code == 200
    assert callbacks() == 1
    (told,) = receiver.received[0].data["handoffs"]
    assert told["output"] == {"summary": "Asks twice.", "name": "Dana Doe"}


@pytest.mark.req("X-17", "H1")
def test_a_decision_names_the_view_that_its_maker_was_shown(world: World, workflow: Workflow) -> None:
    """The digest of somebody else's view, who sees more or less, is refused; one's own is recorded."""
    with_policy(world, redaction=[{"path": "/model_output/name", "label": "Name", "visible_to": ["owner"]}])
    ann, olga = world.person("Ann"), world.person("Oma", roles=["owner"])
    opened = world.open(workflow.agent, workflow_id="letters", model_output=OUTPUT)
    signer = world.services.signer

    def view_of(who: Any) -> str:
        token = who.get(f"/v1/handoffs/{opened['id']}/package")["package_token"]
        claims: Any = signer.verify(token, "page")
        digest: str = claims.view.view_digest
        return digest

    assert view_of(ann) != view_of(olga)
    problem(ann.decide(opened, view_digest=view_of(olga)), 409, "view_digest_mismatch", "/view_digest")
    assert ann.decide(opened, view_digest=view_of(ann)).json["approved"] is True
    decision = world.stored(opened["id"]).decision
    assert decision is not None
    assert decision.view_digest == view_of(ann)


@pytest.mark.req("R-SUP-03", "R-ACT-04", "H1")
def test_an_edit_is_a_new_package_whose_parent_is_the_one_that_was_shown(
    world: World, workflow: Workflow, receiver: Receiver, callbacks: Callable[[], int]
) -> None:
    """The case ends with `modify`; its new package names the shown one as its parent, which stays as it was."""
    with_policy(world)
    ann = world.person("Ann")
    opened = world.open(workflow.agent, workflow_id="letters", model_output=OUTPUT, callback_url=receiver.url)
    edited = OUTPUT | {"summary": "Asks twice."}
    done: Any = ann.decide(opened, "modify", edited_output=edited).json
    assert (done["state"], done["decision_action"]) == ("modified", "modify")
    stored = world.services.store.load(opened["id"])
    assert stored is not None
    package = json.loads(stored.package)
    assert (package["model_output"], package["parent_digest"]) == (edited, opened["package_digest"])
    assert stored.handoff.package_digest == "sha256:" + sha256(stored.package).hexdigest() != opened["package_digest"]
    events = world.services.store.surroundings(stored.handoff)[0]
    (event,) = [each for each in events if each["event_type"] == "handoff.decided"]
    assert event["decision_action"] == "modify"
    assert event["details"]["parent_digest"] == event["details"]["shown_package_digest"] == opened["package_digest"]
    assert callbacks() == 1
    (told,) = receiver.received[0].data["handoffs"]
    assert (told["decision_action"], told["edited"], told["output"]) == ("modify", True, edited)
