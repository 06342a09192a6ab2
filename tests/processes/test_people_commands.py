"""People on the command line and from a file: what works, and one sentence for what does not (R-ROLE-16)."""

from pathlib import Path
from typing import Any

import pytest

from companion.adapters.clock import SteppedClock, SystemClock
from tests.application import SECRET, World, problem
from tests.processes.conftest import Ended, RunHandoff
from tests.servers import embedded_url
from tests.web.test_events import all_of

__all__ = ["embedded_url"]

PEOPLE = """
people:
  - name: Ada Lovelace
    email: ada@example.com
    roles: [approver, owner]
    queues: [refunds]
    levels: [3, 4]
    qualifications: {security_trained: 2099-03-31, first_aid: null}
  - name: Ben
    roles: [verifier]
"""


class Shell:
    """Runs `handoff` on the store of a world."""

    def __init__(self, world: World, folder: Path, handoff: RunHandoff) -> None:
        self.folder = folder
        self._handoff = handoff
        self._environment = {"HANDOFF_REDIS_URL": world.settings.redis_url, "HANDOFF_SECRET": SECRET}

    def run(self, *words: str) -> Ended:
        ended: Ended = self._handoff(*words, **self._environment)
        return ended

    def told(self, *words: str) -> Any:
        """What a command that must work prints as JSON."""
        came = self.run(*words, "--json")
        assert came.code == 0, came.stderr
        return came.json

    def refused(self, *words: str) -> str:
        """The sentence of a command that must not work."""
        came = self.run(*words)
        assert (came.code != 0, came.stdout) == (True, ""), came
        assert "Traceback" not in came.stderr
        return came.stderr.splitlines()[-1]


@pytest.fixture
def world(embedded_url: str) -> World:
    """Its clock stands where that of the commands runs."""
    return World(embedded_url, SteppedClock(SystemClock().now_ms())).emptied()


@pytest.fixture
def shell(world: World, tmp_path: Path, handoff: RunHandoff) -> Shell:
    return Shell(world, tmp_path, handoff)


def written(shell: Shell, text: str) -> str:
    file = shell.folder / "people.yaml"
    file.write_text(text)
    return str(file)


def people(world: World) -> dict[str, Any]:
    return {person.name: person for person in world.services.directory.list_reviewers()}


@pytest.mark.req("R-ROLE-16", "R-ROLE-15")
def test_a_file_says_who_there_is(world: World, shell: Shell) -> None:
    """Added with a link each, changed where the file differs, left alone where it does not, removed when asked."""
    world.reviewer("Zoe")
    file = written(shell, PEOPLE)
    told = {row["name"]: row for row in shell.told("reviewer", "apply", file)}
    assert {name: row["outcome"] for name, row in told.items()} == {"Ada Lovelace": "added", "Ben": "added"}
    assert all("/#/enrol/he_" in row["enrol_url"] for row in told.values())
    ada = people(world)["Ada Lovelace"]
    assert (ada.roles, ada.queues, ada.levels, ada.workflows) == (("approver", "owner"), ("refunds",), (3, 4), None)
    assert ada.qualifications == {"security_trained": 4_078_684_800_000, "first_aid": None}
    again = shell.told("reviewer", "apply", file)
    assert {row["outcome"] for row in again} == {"unchanged"}
    file = written(shell, PEOPLE.replace("Ada Lovelace", "Ada King").replace("[3, 4]", "[1]"))
    outcomes = {row["name"]: row["outcome"] for row in shell.told("reviewer", "apply", file, "--remove-others")}
    assert outcomes == {"Ada King": "changed", "Ben": "unchanged", "Zoe": "removed"}
    assert people(world)["Ada King"].id == ada.id
    assert set(people(world)) == {"Ada King", "Ben"}


BAD = {
    "people: [": "line 1",
    "- name: Ada": "begins with",
    "people:\n  - email: a@b.example": "Person 1 of this file needs a name",
    "people:\n  - {name: Ada, role: approver}": "“role” of Ada",
    "people:\n  - {name: Ada, roles: approver}": "“roles” of Ada is a list",
    "people:\n  - {name: Ada, roles: [king]}": "There is no role king",
    "people:\n  - {name: Ada, levels: [7]}": "There is no reviewer level 7",
    "people:\n  - {name: Ada, email: nowhere}": "The email of Ada",
    "people:\n  - {name: Ada, qualifications: {a: soon}}": "not on soon",
    "people:\n  - {name: Ada, qualifications: {A B: null}}": "security_trained",
    "people:\n  - {name: Ada}\n  - {name: ADA}": "Two people of this file",
}


def test_a_file_that_is_wrong_changes_nothing(world: World, shell: Shell) -> None:
    """One sentence, that names the place; nobody of it is added, not even those above the mistake."""
    for text, said in BAD.items():
        assert said in shell.refused("reviewer", "apply", written(shell, text)), text
    good_then_bad = "people:\n  - {name: Ada}\n  - {name: Ben, roles: [king]}"
    shell.refused("reviewer", "apply", written(shell, good_then_bad))
    assert "nowhere.yaml" in shell.refused("reviewer", "apply", "nowhere.yaml")
    assert "names nobody" in shell.refused("reviewer", "apply", written(shell, "people: []"), "--remove-others")
    assert people(world) == {}


@pytest.mark.req("R-ROLE-16")
@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{name: Ben, email: other@example.com}", "named Ben already"),
        ("{name: Cara, email: ben+x@example.com}", "Ben has the address"),
        ("{name: Zoe2, email: zoe+y@example.com}", "Zoe has the address"),
    ],
)
def test_a_file_that_clashes_with_somebody_changes_nobody(world: World, shell: Shell, entry: str, said: str) -> None:
    """Everybody is compared with who is there, and with those above, before the first is added."""
    world.reviewer("Ben")
    text = "people:\n  - {name: Zoe, email: zoe@example.com}\n  - " + entry
    assert said in shell.refused("reviewer", "apply", written(shell, text))
    assert set(people(world)) == {"Ben"}


def test_a_mistyped_command_is_answered_with_the_one_that_is_near(shell: Shell) -> None:
    """Of all commands, and not only of those that are loaded."""
    assert "Did you mean 'reviewer'?" in shell.refused("reviewr", "add")
    assert "Did you mean 'enrol'?" in shell.refused("reviewer", "enroll")
    assert "Did you mean" not in shell.refused("xyzzy")


def test_an_address_is_one_whoever_gives_it(world: World, shell: Shell) -> None:
    """`add` and `edit` refuse what a file refuses."""
    world.reviewer("Ben")
    for words in (("add", "Cara"), ("edit", "Ben")):
        assert "is no address" in shell.refused("reviewer", *words, "--email", "notamail")
    assert set(people(world)) == {"Ben"}


@pytest.mark.req("R-ROLE-15", "R-ROLE-18")
def test_a_person_is_changed_away_and_back(world: World, shell: Shell) -> None:
    """Each command does what it says, and what was not named stays."""
    ann, ben = world.reviewer("Ann", skills=["first_aid"]), world.reviewer("Ben")
    changed = shell.told("reviewer", "edit", "Ann", "--role", "verifier", "--qualified", "security_trained=2099-03-31")
    assert (changed["roles"], changed["skills"]) == (["verifier"], ["first_aid"])
    assert changed["qualifications"] == ["security_trained until 2099-03-31"]
    assert shell.told("reviewer", "edit", "Ann", "--queue", "refunds")["queues"] == ["refunds"]
    assert shell.told("reviewer", "edit", "Ann", "--all-queues")["queues"] == "all"
    away = shell.told("reviewer", "away", "Ann", "--until", "2099-12-31", "--backup", "ben@example.com")
    assert (away["backup_id"], away["away_until"]) == (ben.id, "2100-01-01T00:00:00.000Z")
    world.clock.set_wall_ms(SystemClock().now_ms())
    standing_in = world.services.directory.standing_in(ann.id)
    assert standing_in is not None
    assert standing_in.id == ben.id
    assert shell.run("reviewer", "back", "Ann").stdout == "Ann is back.\n"
    assert people(world)["Ann"].absence is None


@pytest.mark.req("A2", "R-SEC-03")
def test_sessions_are_listed_and_ended_for_a_lost_phone(world: World, shell: Shell) -> None:
    """All of them, or the one of the list; the person's next request is refused."""
    ann = world.signed_in("Ann")
    (session,) = shell.told("reviewer", "sessions", "Ann")
    assert session["method"] == "enrolment"
    assert "Ended 1" in shell.run("reviewer", "sign-out", "Ann", "--session", session["id"]).stdout
    world.clock.advance(999)
    assert ann.send("GET", "/v1/sessions/current").status_code == 401
    assert shell.told("reviewer", "sessions", "Ann") == []


@pytest.mark.req("A2", "R-AUD-18")
def test_signing_out_names_the_tokens_that_stay_and_revokes_them_with_a_flag(world: World, shell: Shell) -> None:
    """Nobody is thought to be cut off whose script goes on; with --tokens it is refused within a second, and told."""
    browser, other = world.signed_in("Ann Lee"), world.person("Ben")
    directory = world.services.directory
    tokens = [directory.create_token(browser.id, label)[0] for label in ("nightly", "weekly")]
    assert shell.run("reviewer", "sign-out", "Ann Lee").stdout.splitlines() == [
        "Ended 1 session of Ann Lee.",
        "2 personal tokens of Ann Lee stay valid. To revoke them: handoff reviewer sign-out 'Ann Lee' --tokens",
    ]
    script = world.bearer(directory.create_token(browser.id, "hourly")[1])
    assert script.send("GET", "/v1/sessions/current").status_code == 200
    assert shell.run("reviewer", "sign-out", "Ann Lee", "--tokens").stdout.splitlines() == [
        "Ended 0 sessions of Ann Lee.",
        "Revoked 3 personal tokens.",
    ]
    world.clock.advance(999)
    problem(script.send("GET", "/v1/sessions/current"), 401, "credential_invalid")
    assert other.send("GET", "/v1/sessions/current").status_code == 200, "another person's stay"
    told = [event["details"]["token_id"] for event in all_of(world.person("Ada", roles=["auditor"]))
            if event["event_type"] == "token.ended"]  # fmt: skip
    assert {token.id for token in tokens} < set(told)
    assert shell.run("reviewer", "sign-out", "Ann Lee").stdout == "Ended 0 sessions of Ann Lee.\n"


def test_mistakes_get_one_sentence(world: World, shell: Shell) -> None:
    """No traceback, a non-zero exit code, and what to do instead."""
    world.reviewer("Ann")
    world.reviewer("Ben")
    for words, said in {
        ("edit", "Ann"): "Say what to change",
        ("edit", "Nobody", "--role", "auditor"): "no reviewer Nobody",
        ("edit", "Ann", "--role", "king"): "king",
        ("edit", "Ann", "--name", "ben"): "already",
        ("edit", "Ann", "--email", "BEN@example.com"): "already",
        ("edit", "Ann", "--queue", "a", "--all-queues"): "not both",
        ("edit", "Ann", "--qualified", "a=soon"): "2027-03-31",
        ("edit", "Ann", "--skill", "Security!"): "security_trained",
        ("add", " "): "needs a name",
        ("add", "Cleo", "--level", "9"): "9",
        ("away", "Ann", "--until", "tomorrow"): "2026-12-31",
        ("away", "Ann", "--until", "2020-01-01"): "not before now",
        ("away", "Ann", "--until", "2099-01-01", "--backup", "Ann"): "stands in for themselves",
        ("away", "Ann", "--until", "2099-01-01", "--backup", "Zoe"): "no reviewer Zoe",
        ("sign-out", "Ann", "--session", "x"): "no session x",
        ("sign-out", "Ann", "--session", "x", "--tokens"): "belong to no session",
    }.items():
        sentence = shell.refused("reviewer", *words)
        assert said in sentence, words
