"""Two change the same at the same moment: neither undoes what the other did, and whoever was removed stays removed."""

from collections.abc import Callable
from typing import Any

import pytest

from companion.core import commands as c
from companion.identity.base import Busy
from companion.identity.credentials import Absence
from companion.identity.directory import DirectoryProblem
from companion.service.signing import RingProblem
from companion.store import keys
from tests.application import World, problem
from tests.authenticator import Authenticator
from tests.web.test_passkeys import make, sign_in

DAY_MS = 24 * 3_600_000


def before_first_call(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, other: Callable[[], Any]) -> None:
    """What somebody else does right before `owner.name` is called for the first time."""
    real, done = getattr(owner, name), []

    def after_the_other(*given: Any, **named: Any) -> Any:
        if not done:
            done.append(None)
            other()
        return real(*given, **named)

    monkeypatch.setattr(owner, name, after_the_other)


@pytest.mark.req("R-ROLE-01", "A2")
def test_a_person_who_was_removed_does_not_come_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator edits a person while another removes them: they are gone, and the edit says so."""
    directory, ann = world.services.directory, world.reviewer("Ann")
    before_first_call(monkeypatch, directory, "_check", lambda: directory.remove_reviewer(ann.id))
    with pytest.raises(DirectoryProblem, match="removed at the same moment"):
        directory.change_reviewer(ann.id, {"roles": ["auditor"]})
    assert directory.find_reviewer(ann.id) is None


@pytest.mark.req("R-ROLE-01", "R-ROLE-18")
def test_a_role_that_was_taken_does_not_come_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person notes an absence while their role is changed: both hold."""
    directory, ann, ben = world.services.directory, world.reviewer("Ann", roles=["owner"]), world.reviewer("Ben")
    away = Absence(world.clock.now_ms(), world.clock.now_ms() + DAY_MS, ben.id)
    taken = lambda: directory.change_reviewer(ann.id, {"roles": ["auditor"]})  # noqa: E731
    before_first_call(monkeypatch, directory, "find_reviewer", taken)
    directory.set_absence(ann.id, away)
    found = directory.find_reviewer(ann.id)
    assert found is not None
    assert (found.roles, found.absence) == (("auditor",), away)


@pytest.mark.req("R-ROLE-01")
def test_two_people_do_not_get_one_address(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever signs in elsewhere is found by it, so of two who are added at once one is refused."""
    directory = world.services.directory
    before_first_call(monkeypatch, directory._clock, "uuid4", lambda: world.reviewer("Ann"))
    with pytest.raises(DirectoryProblem, match=r"ann@example\.com already"):
        directory.add_reviewer("Ann B.", "ann@example.com")
    assert [person.name for person in directory.list_reviewers()] == ["Ann"]


def test_somebody_who_is_always_too_late_is_told_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """No request spins: after three lost races it is refused, with nothing written, and can be sent again."""
    directory, ann, ben = world.services.directory, world.signed_in("Ann"), world.reviewer("Ben")
    real, names = directory.find_reviewer, iter(range(100))

    def another_is_quicker(reviewer_id: str) -> Any:
        if reviewer_id == ben.id:
            directory.change_reviewer(ben.id, {"name": f"Ben {next(names)}"})
        return real(reviewer_id)

    monkeypatch.setattr(directory, "find_reviewer", another_is_quicker)
    now_ms = world.clock.now_ms()
    with pytest.raises(Busy):
        directory.set_absence(ann.id, Absence(now_ms, now_ms + DAY_MS, ben.id))
    body = {"until": "2099-01-01T00:00:00Z", "backup_id": ben.id}
    problem(ann.send("PUT", f"/v1/reviewers/{ann.id}/absence", body), 409, "busy")
    monkeypatch.setattr(directory, "find_reviewer", real)
    assert ann.send("PUT", f"/v1/reviewers/{ann.id}/absence", body).status_code == 200


@pytest.mark.req("R-SEC-03")
def test_a_passkey_that_was_removed_does_not_come_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its owner removes it while somebody signs in with it: nobody is signed in, and it is gone."""
    ann, device = world.signed_in("Ann"), Authenticator()
    make(ann, device)
    passkeys = world.services.passkeys
    (one,) = passkeys.of(ann.id)
    removed = lambda: world.admin.hdel(keys.directory("passkeys"), one.id)  # noqa: E731
    before_first_call(monkeypatch, passkeys._ceremonies, "asserted", removed)
    problem(sign_in(world.browser(), device), 401, "passkey_unknown")
    assert passkeys.of(ann.id) == []


@pytest.mark.req("A2")
def test_a_key_that_was_revoked_does_not_come_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its signing secret is rotated while somebody revokes it: it stays revoked."""
    directory, robot = world.services.directory, world.automation()
    before_first_call(monkeypatch, directory, "_seal", lambda: directory.revoke_api_key(robot.id))
    directory.rotate_signing_secret(robot.id)
    (found,) = directory.list_api_keys()
    assert found.revoked_at_ms is not None
    assert len(found.signing_secrets) == 2


@pytest.mark.req("J9")
def test_a_signing_key_that_was_retired_does_not_sign(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two operators at once: what one retired, the other cannot make sign."""
    ring = world.services.signer
    ring.rotate()
    kid = ring.publish()
    real, done = ring._read, []

    def read_and_then_retired() -> Any:
        found = real()
        if not done:
            done.append(None)
            World(world.url).services.signer.retire(kid)
        return found

    monkeypatch.setattr(ring, "_read", read_and_then_retired)
    with pytest.raises(RingProblem, match="published key"):
        ring.start_signing(kid)
    assert {key["kid"]: key["state"] for key in ring.list()}[kid] == "retired"


@pytest.mark.req("R-STORE-15", "R5")
def test_what_leaves_the_version_as_it_is_is_not_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody opens a case while another hands it on: it stays acknowledged, and the history says so once."""
    robot, ann, olga = world.automation(), world.person("Ann"), world.person("Olga", roles=["owner"])
    opened = world.open(robot)
    service, directory = world.services.service, world.services.directory
    actor = directory.caller_of(directory.reviewer(ann.id)).actor
    acknowledged = lambda: service.act(opened["id"], lambda _, event_id: c.Acknowledge(actor, event_id))  # noqa: E731
    before_first_call(monkeypatch, world.services.store, "commit", acknowledged)
    answer = olga.act(opened["id"], "assignee", {"reviewer_id": ann.id}, "PUT")
    assert answer.status_code == 200, answer.text
    found = world.stored(opened["id"])
    assert found.acknowledged_at_ms is not None
    assert found.assignee is not None
    ann.act(opened["id"], "acknowledgement", method="PUT")
    events, _ = world.services.store.surroundings(found)
    assert [event["event_type"] for event in events].count("handoff.acknowledged") == 1


def test_a_record_of_before_is_changed_as_any_other(world: World) -> None:
    """Records that count no writes, and people without a count of changes, were written by an earlier Handoff."""
    robot, ann = world.automation(), world.person("Ann")
    opened = world.open(robot)
    ann.act(opened["id"], "acknowledgement", method="PUT")
    world.admin.hdel(keys.of(opened["id"], "handoff"), "written")
    world.admin.delete(keys.directory("people"))
    assert ann.decide(ann.live(opened["id"])).status_code == 200
    assert world.services.directory.change_reviewer(ann.id, {"name": "Anna"}).name == "Anna"
