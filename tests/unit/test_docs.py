"""What the documents say is true of the code: files, names, settings, commands, statuses, and the examples."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from companion import cli
from companion.core import delivery
from companion.core.policy.presets import policy_for
from companion.settings import VARIABLES
from companion.store.durability import SENTENCES
from tests.system.places import CHECKOUT

DOCS = [CHECKOUT / "README.md", CHECKOUT / "CHANGELOG.md", *sorted((CHECKOUT / "docs").rglob("*.md"))]
GENERATED = {"states.md", "requirements.md", "benchmarks.md", "notices.md"}
WRITTEN = [path for path in DOCS if path.name not in GENERATED]
FOLDERS = ("companion", "docs", "handoff_ui", "node_pack", "tests", "workflows")
BIN = Path(sys.executable).parent

by_name = pytest.mark.parametrize("document", WRITTEN, ids=lambda path: str(path.relative_to(CHECKOUT)))


def rows(document: str, columns: int, first: str) -> list[list[str]]:
    """The cells of the rows of all tables whose first column is headed `first`."""
    found: list[list[str]] = []
    inside = False
    for line in (CHECKOUT / "docs" / document).read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if not line.startswith("|"):
            inside = False
        elif cells[0].strip("| ") == first and len(cells) == columns:
            inside = True
        elif inside and not set(line) <= set("|- "):
            assert len(cells) == columns, line
            found.append([cell.strip("| ") for cell in cells])
    assert found, f"{document} has no table that begins with {first}"
    return found


def blocks(document: Path) -> list[str]:
    """The commands that a document shows, one text for each block."""
    return re.findall(r"^```sh\n(.*?)^```", document.read_text(), re.MULTILINE | re.DOTALL)


def invocations(document: Path) -> Iterator[list[str]]:
    """The words after `handoff` of each command that a document shows or names."""
    shown = [line for block in blocks(document) for line in block.splitlines()]
    for line in [*shown, *re.findall(r"`([^`\n]+)`", document.read_text())]:
        called = re.match(r"(?:docker compose exec \w+ )?(?:\.venv/bin/)?handoff (.+)", line)
        if called:
            yield shlex.split(called[1], comments=True)


def complaint(words: list[str]) -> str | None:
    """Why these words are no call of `handoff`, or None."""
    command: click.Command = cli.handoff
    context = click.Context(command)
    rest = iter(words)
    for word in rest:
        if word.startswith("-"):
            option = next((each for each in command.params if word.split("=")[0] in each.opts), None)
            if option is None:
                return f"{command.name} has no option {word}"
            if not (isinstance(option, click.Option) and option.is_flag) and "=" not in word:
                next(rest)
        elif isinstance(command, click.Group):
            found = command.get_command(context, word)
            if found is None:
                return f"{command.name} has no command {word}"
            command = found
    return None


@pytest.mark.req("R-DOC-01")
@by_name
def test_files_that_are_named_exist(document: Path) -> None:
    """A path in a document leads to a file of this repository."""
    text = re.sub(r"^```.*?^```", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)
    for name in re.findall(rf"`((?:{'|'.join(FOLDERS)})/[^`\s]*)`", text):
        assert list(CHECKOUT.glob(name.rstrip("/"))), f"{name} does not exist"


@pytest.mark.req("R-DOC-01")
@by_name
def test_commands_that_are_shown_exist(document: Path) -> None:
    """Every `handoff` command in a document, with its options, is one of this version; so is every `./dev` one."""
    for words in invocations(document):
        assert complaint(words) is None, f"handoff {shlex.join(words)}"
    known = set(re.findall(r"^\s*(\w+)[^)\n]*\) module=", (CHECKOUT / "dev").read_text(), re.MULTILINE)) | {"help"}
    for step in re.findall(r"\./dev (\w+)", document.read_text()):
        assert step in known


def test_the_architecture_names_what_is_there() -> None:
    """Each step of a handoff's path names a file, and functions that stand in it."""
    for file, names, _ in rows("architecture.md", 3, "file"):
        text = (CHECKOUT / file.strip("`")).read_text()
        for name in re.findall(r"`([^`]+)`", names):
            assert re.search(rf"\b{re.escape(name)}\b", text), f"{file} has no {name}"


def test_the_table_of_settings_is_complete() -> None:
    """Every setting stands in operations.md, in the words of `handoff --help`."""
    written = {name.strip("`"): meaning for name, meaning, _ in rows("operations.md", 3, "variable")}
    assert written == dict(VARIABLES)
    assert list(written) == list(VARIABLES)


def test_every_status_and_cause_is_explained() -> None:
    """Whoever looks at a delivery finds its status, and the code of each attempt, in operations.md."""
    codes = {code.strip("`") for code, _, _ in rows("operations.md", 3, "code of an attempt")}
    assert codes == {"delivered", "refused", "not_sent", "not_allowed", "unconfirmed", *delivery._CAUSES}
    statuses = {status.strip("`") for status, _, _ in rows("operations.md", 3, "status")}
    worker = (CHECKOUT / "companion" / "workers" / "deliveries.py").read_text()
    named = set(re.findall(r'_closed\(record, "(\w+)"', worker))
    assert statuses == named | {"pending"}


@pytest.mark.req("W2")
def test_the_schedule_is_the_one_of_the_code() -> None:
    """The pauses between attempts are told as they are."""
    units = {"s": 1_000, "min": 60_000, "h": 3_600_000}
    text = (CHECKOUT / "docs" / "operations.md").read_text()
    sentence = re.search(r"Attempts come after (.+?), each", text, re.DOTALL)
    assert sentence
    told = tuple(int(number) * units[unit] for number, unit in re.findall(r"(\d+) (s|min|h)\b", sentence[1]))
    assert told == delivery.SCHEDULE_MS
    assert [int(number) * 1_000 for number in re.findall(r"\d+", "1, 2, 5 and 10")] == [*delivery.STILL_RUNNING_MS]
    assert "again after 1, 2, 5 and 10 s" in text


def test_durability_classes_are_explained() -> None:
    """Every class that /readyz can name stands in operations.md."""
    assert {name.strip("`") for name, _, _ in rows("operations.md", 3, "class")} == set(SENTENCES)


def test_decision_records_are_whole() -> None:
    """Each record says why, what and what follows, and the list names them all."""
    folder = CHECKOUT / "docs" / "decisions"
    records = sorted(folder.glob("0*.md"))
    listed = re.findall(r"\((0[^)]+)\)", (folder / "README.md").read_text())
    assert listed == [path.name for path in records]
    for number, path in enumerate(records, start=1):
        assert path.name.startswith(f"{number:04d}-")
        assert re.findall(r"^## (.+)$", path.read_text(), re.MULTILINE) == ["Why", "Decision", "What follows"]


@pytest.mark.req("R-DOC-15")
def test_differences_of_n8n_are_told() -> None:
    """One line each for the file node, the data store, the poll trigger, the KV event, confidence and HSTS."""
    told = [first.split("**")[1] for first, _, _ in rows("n8n-differences.md", 3, "what guides say")]
    assert told == ["File node.", "Data store.", "Poll trigger.", "KV event.", "Confidence field.", "HSTS."]


@pytest.mark.req("R-DOC-14")
def test_practices_of_small_teams_are_the_defaults() -> None:
    """What the page says of the defaults is what a workflow without settings of its own gets."""
    text = (CHECKOUT / "docs" / "small-teams.md").read_text()
    policy = policy_for("a workflow without a policy of its own")
    assert f"after {policy.expires_in_s // 3600} hours" in text
    assert f"a confidence of {policy.ask_below_confidence}" in text
    assert policy.safe_verdict == "no_decision"
    assert {"reject", "modify"} <= policy.actions_needing_reason
    assert "approve" not in policy.actions_needing_reason


@pytest.mark.req("R-DOC-06")
def test_the_checklist_covers_what_must_be_set() -> None:
    """Rules, thresholds, keys, people, HTTPS, audit, callback and the weekly look are each a line to tick off."""
    lines = re.findall(r"^- \[ \] \*\*(.+?)\*\*", (CHECKOUT / "docs" / "checklist.md").read_text(), re.MULTILINE)
    for subject in ("rules", "threshold", "keys", "people", "HTTPS", "audit", "callback", "week"):
        assert any(subject in line for line in lines), subject


@pytest.mark.req("R-DOC-01", "R-SHAPE-09")
def test_labels_in_the_readme_are_those_of_the_screen() -> None:
    """Fields, nodes and buttons that the README names are found in n8n and on the page under these names."""
    text = (CHECKOUT / "README.md").read_text()
    labels = set()
    for source in (CHECKOUT / "node_pack" / "nodes").rglob("*.ts"):
        labels |= set(re.findall(r"""(?:displayName|name): ['"]([^'"]+)['"]""", source.read_text()))
    for source in (CHECKOUT / "handoff_ui" / "src").rglob("*.tsx"):
        labels |= set(re.findall(r"""[>'"]\s*([A-Z][\w ]*?)\s*[<'"]""", source.read_text()))
    for heading in ("builders", "operators"):
        section = re.split(r"^## ", text.split(f"## For {heading}")[1], flags=re.MULTILINE)[0]
        for label in re.findall(r"\*\*([^*]+)\*\*", section):
            assert label in labels, label
    template = json.loads((CHECKOUT / "workflows" / "summarize-email" / "handoff-node.json").read_text())
    nodes = {node["name"]: node for node in template["nodes"]}
    assert "Ask a Person" in nodes
    condition = nodes["Unsure or Flagged?"]["parameters"]["conditions"]["conditions"][0]
    assert f"change `{condition['rightValue']}`" in text
    assert f"less than {condition['rightValue']:.0%} sure".replace("%", " %") in text
    credential = (CHECKOUT / "node_pack" / "credentials" / "HandoffApi.credentials.ts").read_text()
    assert "displayName = 'Handoff API'" in credential


@pytest.fixture
def running(tmp_path: Path) -> Iterator[dict[str, str]]:
    """`handoff up` as the documents use it, and the environment in which their commands run."""
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment |= {
        "XDG_DATA_HOME": str(tmp_path), "PATH": f"{BIN}{os.pathsep}{environment['PATH']}", "NO_PROXY": "*",
    }  # fmt: skip
    with (tmp_path / "up.log").open("w") as log:
        up = subprocess.Popen(
            ["handoff", "up", "--port", "0", "--json"], env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        )
        try:
            assert up.stdout
            line = up.stdout.readline()
            assert line, (tmp_path / "up.log").read_text()
            told = json.loads(line)
            yield environment | {"URL": told["url"], "API_KEY": told["api_key"]}
        finally:
            up.terminate()
            up.wait(60)


def shell(command: str, environment: dict[str, str]) -> str:
    result = subprocess.run(
        ["sh", "-eu", "-c", command], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.req("R-DOC-01", "R-ACT-01")
def test_the_examples_run(running: dict[str, str]) -> None:
    """A reader who types what api.md and the README show has asked, decided, and read the decision."""
    add, ask, decide, read, routed, *_ = blocks(CHECKOUT / "docs" / "api.md")
    added = shell(add, running)
    token = re.search(r"^hp_\S+$", added, re.MULTILINE)
    assert token
    assert "/#/enrol/he_" in added
    opened = json.loads(shell(ask, running))
    assert opened == json.loads(shell(ask, running)), "the same key gives the same answer"
    facts = {"TOKEN": token[0], "ID": opened["id"], "DIGEST": opened["package_digest"]}
    decided = json.loads(shell(decide, running | facts))
    assert (decided["state"], decided["approved"], decided["version"]) == ("approved", True, 2)
    assert [item["id"] for item in json.loads(shell(read, running))["items"]] == [opened["id"]]
    assert json.loads(shell(routed, running))["items"][0]["route"] == "auto_commit"
    curls = next(block for block in blocks(CHECKOUT / "README.md") if "curl" in block)
    answers = shell(curls, running)
    assert '"review_url"' in answers
    assert '"items"' in answers
