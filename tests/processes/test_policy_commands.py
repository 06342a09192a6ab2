"""The rules and the kill switch on the command line: what works, and one sentence for what does not."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.application import SECRET, World
from tests.desk import governed
from tests.policies import SURE, document, route, written_by_a_newer_one
from tests.servers import embedded_url

__all__ = ["embedded_url"]

HANDOFF = Path(sys.executable).parent / "handoff"


class Shell:
    """Runs `handoff` on the store of a world, as somebody at that machine does."""

    def __init__(self, world: World, folder: Path) -> None:
        self.folder = folder
        self._environment = {
            "HANDOFF_REDIS_URL": world.settings.redis_url, "HANDOFF_SECRET": SECRET, "PATH": "/usr/bin:/bin",
            "HOME": str(folder), "USER": "carla", "LOGNAME": "carla",
        }  # fmt: skip

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(HANDOFF), *words], env=self._environment, cwd=self.folder, capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip

    def told(self, *words: str) -> Any:
        """What a command that must work prints as JSON, and prints alone."""
        came = self.run(*words, "--json")
        assert came.returncode == 0, came.stderr
        assert came.stderr == ""
        return json.loads(came.stdout)

    def refused(self, *words: str) -> str:
        """The sentence of a command that must not work."""
        came = self.run(*words)
        assert came.returncode != 0
        assert came.stdout == ""
        assert "Traceback" not in came.stderr
        return came.stderr

    def policy(self, name: str = "policy.yaml", **fields: Any) -> str:
        """A policy file."""
        (self.folder / name).write_text(yaml.safe_dump(document(**fields)))
        return name


@pytest.fixture
def world(embedded_url: str) -> World:
    return World(embedded_url).emptied()


@pytest.fixture
def shell(world: World, tmp_path: Path) -> Shell:
    return Shell(world, tmp_path)


@pytest.mark.req("R-ROUTE-06", "R-CAN-07")
def test_a_file_is_checked_compared_and_put_in_force(world: World, shell: Shell) -> None:
    """Edit the file, see what differs, apply it: the next item goes by it."""
    robot = world.automation()
    assert route(robot, {"confidence": 0.9})[0]["route"] == "auto_commit"
    file = shell.policy(thresholds={"review_below_confidence": 0.95})
    assert shell.told("policy", "check", file)["workflow_id"] == "tickets"
    (change,) = [one for one in shell.told("policy", "diff", file) if one["path"].startswith("thresholds")]
    assert (change["before"], change["after"]) == (0.85, 0.95)
    applied = shell.told("policy", "apply", file, "--reason", "Too much went through.")
    assert (applied["status"], applied["version"]) == ("active", 1)
    assert applied["saved_by"]["name"] == "carla on the command line"
    assert route(robot, {"confidence": 0.9})[0]["route"] == "asynchronous_human_review"
    assert shell.run("policy", "diff", file).stdout == "Nothing changes.\n"
    assert [row["workflow_id"] for row in shell.told("policy", "list")][:2] == ["tickets", "default"]
    looser = shell.policy("looser.yaml", thresholds={"review_below_confidence": 0.6})
    assert "governance" in shell.run("policy", "apply", looser, "--reason", "Too many are asked.").stdout
    shown = json.loads(shell.run("policy", "show", "tickets").stdout)
    assert (shown["version"], shown["proposal"]["reason"]) == (1, "Too many are asked.")
    assert shown["effective"]["thresholds"]["review_below_confidence"] == 0.95
    assert json.loads(shell.run("policy", "show", "tickets", "--version", "1").stdout)["version"] == 1


@pytest.mark.req("R-ROUTE-06")
def test_what_is_wrong_is_said_in_plain_words(shell: Shell, world: World) -> None:
    """A bad file names the field, a missing one its path, a person without the role what is needed; no traceback."""
    bad = shell.policy(thresholds={"review_below_confidence": 2.0})
    assert "/thresholds/review_below_confidence" in shell.refused("policy", "check", bad)
    assert "nowhere.yaml" in shell.refused("policy", "check", "nowhere.yaml")
    (shell.folder / "latin.yaml").write_bytes(b"\xff\xfe")
    assert "UTF-8" in shell.refused("policy", "check", "latin.yaml")
    world.reviewer("Ann")
    good = shell.policy()
    assert "operator" in shell.refused("policy", "apply", good, "--reason", "x", "--by", "Ann")
    assert "no version 7" in shell.refused("policy", "show", "tickets", "--version", "7")


@pytest.mark.req("R-CAN-07")
def test_a_policy_is_tried_on_a_file_and_on_what_was_routed(world: World, shell: Shell) -> None:
    """Lane counts and changed cases: as JSON alone for scripts, with a bar on stderr for people."""
    file = shell.policy(thresholds={"review_below_confidence": 0.95})
    lines = [{"item_id": str(n), "confidence": 0.9 + n / 100, "risk_score": 0.1, "reversible": True} for n in range(8)]
    (shell.folder / "items.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    report = shell.told("policy", "simulate", "--policy", file, "--items", "items.jsonl")
    assert (report["items"], report["changed"]) == (8, 5)
    assert (report["before"]["lanes"]["auto_approve"], report["after"]["lanes"]["auto_approve"]) == (8, 3)
    shown = shell.run("policy", "simulate", "--policy", file, "--items", "items.jsonl")
    assert "Cases" in shown.stderr
    assert "8 cases, 5 would take another way." in shown.stdout
    route(world.automation(), {"confidence": 0.9}, {"confidence": 0.99})
    stored = shell.told("policy", "simulate", "--policy", file)
    assert (stored["items"], stored["changed"]) == (2, 1)
    (shell.folder / "broken.jsonl").write_text('{"confidence": 0.9}\n{"confidence": "very"}\n')
    sentence = shell.refused("policy", "simulate", "--policy", file, "--items", "broken.jsonl")
    assert "line 2" in sentence


@pytest.mark.req("H6", "R-CONT-06", "R-CONT-08")
def test_the_kill_switch_works_from_the_command_line(world: World, shell: Shell) -> None:
    """Paused in one command; resumed by somebody with the role, after the pause's own review."""
    robot, ann = world.automation(), world.person("Ann")
    world.person("Dora", roles=["on_call"])
    paused = shell.told("pause", "tickets", "--reason", "Wrong refunds.")
    assert route(robot, {})[0]["paused"] == {"id": paused["id"], "reason": "Wrong refunds."}
    assert "look afresh" in shell.refused("resume", paused["id"], "--by", "Dora")
    assert ann.decide(ann.live(paused["review"])).status_code == 200
    assert "governance" in shell.refused("resume", paused["id"], "--by", "Ann")
    assert shell.run("resume", paused["id"], "--by", "Dora").stdout == "Resumed: tickets.\n"
    assert route(robot, {})[0]["paused"] is None
    assert "Name a WORKFLOW" in shell.refused("pause")
    assert "Name a WORKFLOW" in shell.refused("pause", "tickets", "--all")
    assert shell.told("pause", "--all")["scope"] == "everything"
    assert shell.told("pause", "--model-version", "3")["scope"] == "model version 3"
    assert "There is no pause" in shell.refused("resume", "pa_00", "--by", "Dora")


@pytest.mark.req("R-SAMP-03")
def test_drift_is_noted_on_the_command_line(world: World, shell: Shell) -> None:
    """Whoever watches the data raises the sampling rate for some days."""
    robot = world.automation()
    came = shell.run("policy", "raise-sampling", "tickets", "--because", "drift", "--reason", "PSI 0.3.")
    assert came.returncode == 0, came.stderr
    assert route(robot, SURE)[0]["sample"]["inclusion_probability"] == 0.2


@pytest.mark.req("R-TPL-30")
def test_a_pattern_is_recommended_for_a_description(shell: Shell) -> None:
    """With its reasons, and for scripts as JSON."""
    first = shell.told("recommend", "We tag blog posts with topics.")[0]
    assert first["name"] == "auto_approve_with_sampling"
    assert first["reasons"]
    assert first["title"] in shell.run("recommend", "We tag blog posts with topics.").stdout


def said(sentence: str) -> str:
    """What a command says when it refuses, which must be one line of a length that can be read."""
    assert sentence.startswith("Error: "), sentence
    assert sentence.count("\n") == 1, sentence
    assert len(sentence) < 400
    return sentence


@pytest.mark.req("H6", "R-ROUTE-06")
def test_what_is_no_name_of_a_workflow_reaches_no_store(world: World, shell: Shell) -> None:
    """The pauses lie beside the policies under a name that no workflow has: no command may write or read there."""
    robot = world.automation()
    route(robot, {})
    before = world.dump()
    raised = ("--because", "drift", "--reason", "x")
    for words in (
        ("policy", "raise-sampling", "*pauses", *raised), ("policy", "show", "*pauses"), ("policy", "show", ""),
        ("policy", "show", "a b", "--version", "1"), ("pause", "", "--reason", "x"), ("pause", "bad id!! 😀"),
        ("pause", "x" * 5_000),
    ):  # fmt: skip
        assert "is no name of a workflow" in said(shell.refused(*words))
    file = shell.policy(workflow_id="*pauses")
    for words in (
        ("policy", "apply", file, "--reason", "x"), ("policy", "diff", file), ("policy", "simulate", "--policy", file),
    ):  # fmt: skip
        assert "/workflow_id" in shell.refused(*words)
    nameless = shell.folder / "nameless.yaml"
    nameless.write_text("schema_version: 1\n")
    assert "write  here" not in shell.refused("policy", "apply", "nameless.yaml", "--reason", "x")
    assert world.dump() == before
    assert route(robot, {})[0]["route"] == "auto_commit"


@pytest.mark.req("H6", "R-CONT-06")
def test_a_pause_says_what_it_covers_and_why(world: World, shell: Shell) -> None:
    """Blank names and reasons are refused; a name that nobody used yet is paused, and said to be unknown."""
    route(world.automation(), {})
    before = world.dump()
    assert "model version" in said(shell.refused("pause", "--model-version", ""))
    assert "model version" in said(shell.refused("pause", "--model-version", "v" * 301))
    good = shell.policy()
    for reason in ("", "  ", "x" * 8_001):
        assert "reason" in said(shell.refused("pause", "tickets", "--reason", reason))
    assert "reason" in said(shell.refused("resume", "pa_00", "--by", "Ann", "--reason", " "))
    assert "reason" in said(shell.refused("policy", "apply", good, "--reason", ""))
    assert world.dump() == before
    known = shell.run("pause", "tickets", "--reason", "Wrong refunds.")
    assert (known.returncode, known.stderr) == (0, "")
    preset = shell.told("pause", "fraud")
    assert "warning" not in preset
    unknown = shell.run("pause", "tikets")
    assert unknown.returncode == 0
    assert unknown.stdout.startswith("Paused: tikets.")
    assert unknown.stderr.startswith("Warning: ")
    assert "tikets" in unknown.stderr
    assert "tackets" in shell.told("pause", "tackets")["warning"]


@pytest.mark.req("R-SEC-04", "R-ROLE-01", "R-ROLE-13")
def test_a_person_of_some_workflows_acts_on_these_only(world: World, shell: Shell) -> None:
    """A command in somebody's name may what they may over HTTP, and no more."""
    world.person("Ann", roles=["operator", "governance"], workflows=["others"])
    paused = shell.told("pause", "tickets")
    file, mine = shell.policy(), shell.policy("mine.yaml", workflow_id="others")
    before = world.dump()
    for words in (
        ("policy", "apply", file, "--reason", "x"), ("pause", "tickets"), ("pause", "--all"),
        ("pause", "--model-version", "3"), ("resume", paused["id"]),
        ("policy", "raise-sampling", "tickets", "--because", "drift", "--reason", "x"),
    ):  # fmt: skip
        assert "Ann works on others only" in said(shell.refused(*words, "--by", "Ann"))
    assert world.dump() == before
    assert shell.told("policy", "apply", mine, "--reason", "x", "--by", "Ann")["status"] == "active"
    assert shell.told("pause", "others", "--by", "Ann")["scope"] == "others"


@pytest.mark.req("R-CAN-07")
def test_items_that_cannot_be_read_are_refused_in_one_sentence(shell: Shell) -> None:
    """Times that no calendar shows, and columns that would have to be a value and a group at once."""
    file = shell.policy()
    words = ("policy", "simulate", "--policy", file, "--items")
    for moment in ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "1969-12-31"):
        (shell.folder / "items.jsonl").write_text(json.dumps({"item_id": "a-7", "at": moment}))
        sentence = said(shell.refused(*words, "items.jsonl"))
        assert "a-7" in sentence
        assert "1970" in sentence
    for header in ("confidence,request.a,request.a.b", "request,request.a", "request.a.b,request.a,confidence"):
        (shell.folder / "items.csv").write_text(
            f"{header}\n1,1,1\n".replace("1,1,1", ",".join("1" * (header.count(",") + 1)))
        )
        assert "request.a" in said(shell.refused(*words, "items.csv"))


def test_an_argument_that_is_no_text_is_refused(shell: Shell) -> None:
    """Bytes that are not UTF-8, as a shell may pass them on."""
    for words in (("policy", "show", "\udcff"), ("pause", "tickets", "--reason", "\udcff"), ("recommend", "\udcff")):
        assert "UTF-8" in said(shell.refused(*words))


@pytest.mark.req("R-CAN-07")
def test_a_first_policy_takes_no_tests_of_its_preset_away(shell: Shell) -> None:
    """A preset's tests are its own: what extends it changes nothing of them."""
    file = shell.policy(workflow_id="fraud", extends="fraud")
    changes = shell.told("policy", "diff", file)
    assert [one for one in changes if one["path"].startswith("tests")] == []
    assert "tests" not in shell.run("policy", "diff", file).stdout.lower()


@pytest.mark.req("R-ROUTE-06")
def test_a_name_that_differs_by_capitals_is_pointed_out(shell: Shell) -> None:
    """It is another workflow; whoever meant the known one should not find out later."""
    assert shell.run("policy", "apply", shell.policy(), "--reason", "x").stderr == ""
    other = shell.run("policy", "apply", shell.policy(workflow_id="Tickets"), "--reason", "x")
    assert other.returncode == 0
    assert other.stderr.startswith("Warning: ")
    assert "tickets" in other.stderr
    told = shell.told("policy", "apply", shell.policy(workflow_id="Fraud"), "--reason", "x")
    assert "fraud" in told["warning"]


@pytest.mark.req("A5", "R-CAN-07")
def test_a_policy_is_tried_and_compared_where_the_one_in_force_cannot_be_read(world: World, shell: Shell) -> None:
    """Beside what stands in for it, as over HTTP: whoever mends the policy needs just these commands."""
    governed(world)
    written_by_a_newer_one(world)
    file = shell.policy(confidence_gate=0.9)
    (shell.folder / "cases.jsonl").write_text(json.dumps({"confidence": 0.95}) + "\n")
    simulate = ("policy", "simulate", "--policy", file)
    for words, items in ((simulate, 0), ((*simulate, "--items", "cases.jsonl"), 1)):
        tried = shell.run(*words, "--json")
        assert tried.returncode == 0, tried.stderr
        assert json.loads(tried.stdout)["items"] == items
        assert "policy_unusable" in tried.stderr, "whoever runs it is told what it was compared with"
    compared = shell.run("policy", "diff", file, "--json")
    assert compared.returncode == 0, compared.stderr
    assert "confidence_gate" in [change["path"] for change in json.loads(compared.stdout)]
