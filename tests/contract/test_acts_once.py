"""Notes, questions, answers, escalations, rollbacks, withdrawals that are sent twice happen once (row A1)."""

from typing import Any

import pytest

from tests.application import BECAUSE, Agent, World, problem
from tests.contract.test_races import at_once, copy_of

ACTS: dict[str, dict[str, Any]] = {
    "annotations": {"text": "Called."},
    "questions": {"text": "Which order?"},
    "escalations": BECAUSE,
    "rollback": BECAUSE,
    "answers": {"text": "The blue one."},
}
EACH = pytest.mark.parametrize("noun", ACTS)

pytestmark = pytest.mark.req("A1")


def opened_for(world: World, ann: Agent, noun: str) -> str:
    """A case on which the act can be done."""
    opened = world.open(world.automation())
    if noun == "rollback":
        assert ann.decide(opened).status_code == 200
    if noun == "answers":
        assert ann.act(opened["id"], "questions", {"text": "Which one?"}).status_code == 200
    return str(opened["id"])


def act(agent: Agent, handoff_id: str, noun: str, key: str | None = "k-1", **changes: Any) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return agent.send("POST", f"/v1/handoffs/{handoff_id}/{noun}", ACTS[noun] | changes, headers)


def traces(agent: Agent, handoff_id: str) -> tuple[int, int, int]:
    """What an act leaves behind: version, notes, lines of history."""
    live = agent.live(handoff_id)
    return live["version"], len(live["notes"]), len(live["history"])


@EACH
def test_sent_again_it_happens_once_and_is_answered_as_done(world: World, noun: str) -> None:
    """The second gets the event of the first, and the case as it stands by now, whatever happened in between."""
    ann, ben = world.person("Ann"), world.person("Ben")
    identifier = opened_for(world, ann, noun)
    first = act(ann, identifier, noun)
    after = traces(ann, identifier)
    second = act(ann, identifier, noun)
    assert (first.status_code, second.status_code) == (200, 200), second.text
    assert second.json["event_id"] == first.json["event_id"]
    assert (first.headers.get("Idempotency-Replayed"), second.headers["Idempotency-Replayed"]) == (None, "true")
    assert traces(ann, identifier) == after
    assert ben.act(identifier, "annotations", {"text": "Meanwhile."}).status_code == 200
    third = act(ann, identifier, noun)
    assert (third.status_code, third.json["event_id"]) == (200, first.json["event_id"])
    assert third.json["notes"][-1]["text"] == "Meanwhile."


@EACH
def test_sent_by_many_connections_at_once_it_happens_once(world: World, noun: str) -> None:
    """Eight of them in one moment: one event, and nobody is told of a conflict."""
    ann = world.person("Ann")
    identifier = opened_for(world, ann, noun)
    before = traces(ann, identifier)
    agents = [copy_of(ann, world) for _ in range(8)]
    answers = at_once([lambda agent=agent: act(agent, identifier, noun) for agent in agents])
    assert {answer.status_code for answer in answers} == {200}, [answer.text for answer in answers]
    assert len({answer.json["event_id"] for answer in answers}) == 1
    assert sum(traces(ann, identifier)[1:]) == sum(before[1:]) + 1


def test_a_key_names_one_request_of_one_person_on_one_case(world: World) -> None:
    """Another text, another act, is refused under it; another person or another case is another request."""
    ann, ben = world.person("Ann"), world.person("Ben")
    one, other = opened_for(world, ann, "annotations"), opened_for(world, ann, "annotations")
    assert act(ann, one, "annotations").status_code == 200
    problem(act(ann, one, "annotations", text="Something else."), 422, "idempotency_key_reused")
    problem(act(ann, one, "questions", text="Called."), 422, "idempotency_key_reused")
    assert act(ben, one, "annotations").status_code == 200
    assert act(ann, other, "annotations").status_code == 200
    assert (len(ann.live(one)["notes"]), len(ann.live(other)["notes"])) == (2, 1)
    problem(act(ann, one, "annotations", key="a b"), 400, "idempotency_key_malformed")


def test_without_a_key_each_one_counts(world: World) -> None:
    """Who sends none says the same thing twice."""
    ann = world.person("Ann")
    identifier = opened_for(world, ann, "annotations")
    for _ in range(2):
        assert act(ann, identifier, "annotations", key=None).status_code == 200
    assert len(ann.live(identifier)["notes"]) == 2


def test_a_refused_act_leaves_its_key_unused(world: World) -> None:
    """What did not happen can be sent again under the same key, once nothing forbids it."""
    ann, ben = world.person("Ann"), world.person("Ben")
    identifier = opened_for(world, ann, "questions")
    ben.act(identifier, "claim", method="PUT")
    problem(act(ann, identifier, "questions"), 409, "claimed_by_other")
    ben.act(identifier, "claim", method="DELETE")
    assert act(ann, identifier, "questions").status_code == 200


def test_a_withdrawal_that_is_sent_again_is_answered_as_done(world: World) -> None:
    """A workflow whose answer was lost is not told that somebody else closed its case."""
    robot = world.automation()
    opened = world.open(robot)
    path, key = f"/v1/handoffs/{opened['id']}/withdrawal", {"Idempotency-Key": "w-1"}
    first, second = (robot.send("POST", path, {"reason": "Cancelled."}, key) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200), second.text
    assert second.json["event_id"] == first.json["event_id"]
    assert second.headers["Idempotency-Replayed"] == "true"
    problem(robot.send("POST", path, {"reason": "Another."}, key), 422, "idempotency_key_reused")
    problem(robot.send("POST", path, {"reason": "Another."}), 409, "already_decided")
