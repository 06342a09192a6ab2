"""A person is away: their cases go to whoever stands in, and come back to nobody by accident (R-ROLE-18)."""

from typing import Any

import pytest

from companion.core.decide import Refused
from companion.core.times import iso
from companion.store.protocol import StoreUnavailable
from tests.application import Agent, World, problem

DAY_MS = 24 * 3_600_000


def leave(world: World, by: Agent, who: str, **body: Any) -> Any:
    sent = {"until": iso(world.clock.now_ms() + 7 * DAY_MS)} | body
    return by.send("PUT", f"/v1/reviewers/{who}/absence", sent)


def look_after(world: World, who: str, *handoffs: Any) -> None:
    owner = world.person(f"Owner of {handoffs[0]['id']}", roles=["owner"])
    for handoff in handoffs:
        answer = owner.send("PUT", f"/v1/handoffs/{handoff['id']}/assignee", {"reviewer_id": who})
        assert answer.status_code == 200, answer.text


def assignee(world: World, handoff: Any) -> str | None:
    found = world.stored(handoff["id"]).assignee
    return None if found is None else found.name


@pytest.mark.req("R-ROLE-18", "R-STORE-16")
def test_the_cases_of_who_leaves_go_to_the_backup(world: World) -> None:
    """What Ann looks after and what she holds is Ben's now, the history says why; others' cases stay where they are."""
    robot, ann, ben = world.automation(), world.signed_in("Ann"), world.signed_in("Ben")
    mine, held, others = world.open(robot), world.open(robot), world.open(robot)
    look_after(world, ann.id, mine)
    look_after(world, ben.id, others)
    assert ann.act(held["id"], "claim", method="PUT").status_code == 200
    answer = leave(world, ann, ann.id, backup_id=ben.id)
    assert answer.status_code == 200, answer.text
    assert {moved["id"] for moved in answer.json["moved"]} == {mine["id"], held["id"]}
    assert answer.json["reviewer"]["absence"]["backup"] == {"id": ben.id, "name": "Ben"}
    assert [assignee(world, each) for each in (mine, held, others)] == ["Ben", "Ben", "Ben"]
    assert world.stored(held["id"]).holder(world.clock.now_ms()) is None
    assert "Ann is away until" in str(ben.live(mine["id"])["history"])
    assert ben.decide(ben.live(held["id"])).status_code == 200


@pytest.mark.req("R-ROLE-18")
def test_what_is_given_to_somebody_away_goes_to_who_stands_in(world: World) -> None:
    """Also through a chain; and to themselves again once they are back."""
    robot, ann, ben, cleo = world.automation(), world.signed_in("Ann"), world.signed_in("Ben"), world.signed_in("Cleo")
    assert leave(world, ann, ann.id, backup_id=ben.id).status_code == 200
    assert leave(world, ben, ben.id, backup_id=cleo.id).status_code == 200
    first, second = world.open(robot), world.open(robot)
    look_after(world, ann.id, first)
    assert assignee(world, first) == "Cleo"
    assert ben.send("DELETE", f"/v1/reviewers/{ben.id}/absence").json["reviewer"]["absence"] is None
    look_after(world, ann.id, second)
    assert (assignee(world, second), assignee(world, first)) == ("Ben", "Cleo")


@pytest.mark.req("R-ROLE-18")
def test_an_absence_that_begins_later_hands_over_when_it_begins(world: World) -> None:
    """Until then everything stays; then the worker hands over, once; when it is over nothing goes elsewhere."""
    robot, ann, ben = world.automation(), world.signed_in("Ann"), world.signed_in("Ben")
    mine = world.open(robot, expires_in_s=30 * 24 * 3600)
    look_after(world, ann.id, mine)
    begins = iso(world.clock.now_ms() + DAY_MS)
    assert leave(world, ann, ann.id, backup_id=ben.id, **{"from": begins}).json["moved"] == []
    assert world.services.absences.hand_over_begun() == 0
    assert assignee(world, mine) == "Ann"
    world.clock.advance(DAY_MS)
    assert world.services.absences.hand_over_begun() == 1
    assert assignee(world, mine) == "Ben"
    assert world.services.absences.hand_over_begun() == 0
    world.clock.advance(7 * DAY_MS)
    after = world.open(robot, expires_in_s=30 * 24 * 3600)
    look_after(world, ann.id, after)
    assert assignee(world, after) == "Ann"


@pytest.mark.req("R-ROLE-18", "R-SEC-04")
def test_a_backup_gets_no_case_that_they_may_not_see(world: World) -> None:
    """Then it is nobody's in particular, so that everybody who may decide it finds it."""
    robot, ann = world.automation(), world.signed_in("Ann")
    ben = world.reviewer("Ben", workflows=["other"])
    mine = world.open(robot)
    look_after(world, ann.id, mine)
    assert len(leave(world, ann, ann.id, backup_id=ben.id).json["moved"]) == 1
    assert assignee(world, mine) is None


@pytest.mark.req("R-ROLE-18", "R-ROLE-01")
def test_who_stands_in_can_do_the_work(world: World) -> None:
    """A case goes to nobody who could only look at it: without the duty, without the training, or of their own asking.

    Then it is nobody's in particular, so that everybody who may decide it finds it.
    """
    robot, ann, cleo = world.automation(), world.signed_in("Ann"), world.signed_in("Cleo")
    dora = world.signed_in("Dora")
    mine, asked, last = world.open(robot), world.open(robot, requester="cleo@example.com"), world.open(robot)
    look_after(world, ann.id, mine, asked)
    assert len(leave(world, ann, ann.id, backup_id=cleo.id).json["moved"]) == 2
    assert (assignee(world, mine), assignee(world, asked)) == ("Cleo", None)
    look_after(world, dora.id, last)
    world.services.directory.change_reviewer(cleo.id, {"roles": ["operator"]})
    assert len(leave(world, dora, dora.id, backup_id=ann.id).json["moved"]) == 1
    assert assignee(world, last) is None


@pytest.mark.req("R-ROLE-18", "R-ROLE-01")
def test_nobody_is_named_who_does_none_of_the_work(world: World) -> None:
    """Whoever decides is stood in for by somebody who decides, sorts by who sorts; whoever does neither, by anybody."""
    ann, olga = world.signed_in("Ann"), world.person("Olga", roles=["operator"])
    tom = world.person("Tom", roles=["triager"])
    for other in (olga, tom):
        problem(leave(world, ann, ann.id, backup_id=other.id), 422, "absence_unusable", "/backup_id")
    assert leave(world, olga, olga.id, backup_id=tom.id).status_code == 200
    assert leave(world, ann, ann.id, backup_id=world.person("V", roles=["verifier"]).id).status_code == 200


@pytest.mark.req("R-ROLE-18", "R-ROLE-01")
def test_a_case_is_given_to_somebody_who_can_do_a_part_of_it(world: World) -> None:
    """An operator, or whoever asked for it, is neither offered nor taken; a triager is while it waits to be sorted."""
    robot, owner = world.automation(), world.person("Otto", roles=["owner"])
    ann, cleo = world.reviewer("Ann"), world.reviewer("Cleo")
    olga = world.reviewer("Olga", roles=["operator"])
    case = world.open(robot, requester="cleo@example.com")
    offered = owner.send("GET", f"/v1/reviewers?handoff_id={case['id']}").json["items"]
    assert [each["name"] for each in offered] == ["Otto", "Ann"]
    path = f"/v1/handoffs/{case['id']}/assignee"
    for other in (cleo, olga):
        problem(owner.send("PUT", path, {"reviewer_id": other.id}), 422, "unknown_reviewer", "/reviewer_id")
    assert owner.send("PUT", path, {"reviewer_id": ann.id}).status_code == 200


@pytest.mark.req("R-ROLE-18", "R-ROLE-08")
def test_who_notes_an_absence_and_what_is_none(world: World) -> None:
    """Oneself, or an owner; for others the person does not exist. Times and people that do not fit are refused."""
    ann, ben, owner = world.signed_in("Ann"), world.signed_in("Ben"), world.person("Olga", roles=["owner"])
    problem(leave(world, ben, ann.id), 404, "not_found")
    problem(leave(world, owner, "rv_nobody"), 404, "not_found")
    assert leave(world, owner, ann.id, backup_id=ben.id).status_code == 200
    now_ms = world.clock.now_ms()
    problem(leave(world, ann, ann.id, until=iso(now_ms - 1)), 422, "absence_unusable", "/until")
    problem(leave(world, ann, ann.id, **{"from": iso(now_ms + 8 * DAY_MS)}), 422, "absence_unusable")
    problem(leave(world, ann, ann.id, backup_id=ann.id), 422, "absence_unusable")
    problem(leave(world, ann, ann.id, backup_id="rv_nobody"), 422, "unknown_reviewer", "/backup_id")
    problem(leave(world, ann, ann.id, until="tomorrow"), 422, "invalid_field", "/until")


@pytest.mark.req("R-ROLE-18", "R-ROLE-08")
def test_an_owner_moves_no_cases_of_other_workflows(world: World) -> None:
    """Whose people work on more than the owner does is not found by them; their absence would move those cases."""
    olga = world.person("Olga", roles=["owner"], workflows=["tickets"])
    everywhere, elsewhere = world.reviewer("Eve"), world.reviewer("Ed", workflows=["tickets", "refunds"])
    own = world.reviewer("Otto", workflows=["tickets"])
    for other in (everywhere, elsewhere):
        problem(leave(world, olga, other.id), 404, "not_found")
        problem(olga.send("DELETE", f"/v1/reviewers/{other.id}/absence"), 404, "not_found")
    assert leave(world, olga, own.id).status_code == 200
    assert olga.send("DELETE", f"/v1/reviewers/{own.id}/absence").status_code == 200


@pytest.mark.req("R-ROLE-18", "R-STORE-16")
@pytest.mark.parametrize("broken", ["store_away", "busy"])
def test_a_hand_over_that_was_interrupted_goes_on(world: World, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    """The store goes away in the middle, or others change a case all the time: the worker does it, until it is done."""
    robot, ann, ben = world.automation(), world.signed_in("Ann"), world.signed_in("Ben")
    mine = world.open(robot)
    look_after(world, ann.id, mine)

    def fails(*_: Any, **__: Any) -> Refused:
        if broken == "busy":
            return Refused("busy", "Several people changed this case.")
        raise StoreUnavailable("gone")

    with monkeypatch.context() as patched:
        patched.setattr(world.services.service, "act", fails)
        assert leave(world, ann, ann.id, backup_id=ben.id).status_code == (200 if broken == "busy" else 503)
    assert assignee(world, mine) == "Ann"
    assert world.services.absences.hand_over_begun() == 1
    assert assignee(world, mine) == "Ben"
    assert world.services.absences.hand_over_begun() == 0


@pytest.mark.req("R-ROLE-18")
def test_who_leaves_does_not_wait_for_very_many_cases(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The request moves the most urgent ones, and the worker the rest."""
    monkeypatch.setattr("companion.service.absences.MOST_AT_ONCE", 2)
    robot, ann, ben = world.automation(), world.signed_in("Ann"), world.signed_in("Ben")
    mine = [world.open(robot) for _ in range(5)]
    look_after(world, ann.id, *mine)
    assert len(leave(world, ann, ann.id, backup_id=ben.id).json["moved"]) == 2
    assert world.services.absences.hand_over_begun() == 3
    assert {assignee(world, one) for one in mine} == {"Ben"}
    assert world.services.absences.hand_over_begun() == 0
