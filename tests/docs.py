"""Makes the pages of docs/ that follow from the source: `python -m tests.docs`; `--check` says whether they are fresh.

States come from the table that `decide` obeys. Requirements come from the tests: `@pytest.mark.req("R-…")` in Python,
and in TypeScript the ids in the titles of `describe`, `it` and `test`, or a comment `// req: R-…`.
"""

import ast
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from companion.core.handoff import STATE_MEANINGS, TRANSITIONS, UNDECIDED, State
from tests import policy_pages

ROOT: Final = Path(__file__).resolve().parent.parent
DOCS: Final = ROOT / "docs"
ROWS: Final = DOCS / "requirement-rows.json"
TYPESCRIPT: Final = ("node_pack", "handoff_ui")
MADE: Final = "<!-- Made by `python -m tests.docs` from the source; changes belong there. -->\n"
ID: Final = r"(?:R-[A-Z]+-\d+|X-\d+|[JLWARTH]\d+)"
TITLE: Final = re.compile(r"""\(\s*(['"`])((?:(?!\1).){10,})\1""")
COMMENT: Final = re.compile(rf"//\s*req:\s*({ID}(?:\s*,\s*{ID})*)")
WORDS: Final = {
    "open": "opened by a workflow", "acknowledge": "a reviewer opens it for the first time",
    "assign": "somebody is to look after it", "claim": "a person takes it",
    "release": "given back, or the lease ran out", "triage": "a triager sorts it",
    "verify": "checks are answered; a failed one sends it up or back to triage", "approve": "a person approves",
    "modify": "a person approves an edit", "reject": "a person rejects; the second of two that way disagrees",
    "escalate": "handed to another level", "move_up": "late: the next level takes over", "ask": "a person asks",
    "answer": "the question is answered", "revise": "the workflow changes it", "annotate": "a note is left",
    "disclose": "somebody is shown what was hidden, and says why", "expire": "its time is over",
    "withdraw": "no longer needed", "undo": "the decider takes it back, unseen", "settle": "the undo window is over",
    "roll_back": "the approval is taken back", "execute": "an automation asks whether it may still be done",
}  # fmt: skip
BESIDE: Final = (
    ("stage", "`triage`: a triager sorts the case first, also after a check failed; `review`: it can be decided"),
    ("reviewer level", "1 to 4; escalating, being late, a failed check and a disagreement raise it"),
    ("acknowledged", "since when somebody who may work on it has seen it"),
    ("assignee", "who looks after it; others may decide it all the same"),
    ("undo window", "while it is open an outcome can be taken back by its decider, and nobody outside is told"),
    ("closed", "the outcome was delivered and recorded; that is kept with the callback"),
)

Found = dict[str, dict[str, list[str]]]
"""Row id -> file -> the names of the tests that hold it."""


class UnknownRow(Exception):
    """A test names a row that docs/requirement-rows.json does not have."""


def states() -> str:
    """docs/states.md."""
    lines = [
        "# States of a handoff\n",
        MADE,
        "Each command leads only where this table says; everything else is refused with 409 and changes nothing.",
        "Deciding is final: but for an undo in its window and a rollback of an approval no outcome leads to another.\n",
        "| state | meaning | an outcome |",
        "|---|---|---|",
        *(f"| `{state}` | {STATE_MEANINGS[state]} | {'no' if state in UNDECIDED else 'yes'} |" for state in State),
        "\n## What stands beside the state\n",
        "| fact | meaning |",
        "|---|---|",
        *(f"| {name} | {meaning} |" for name, meaning in BESIDE),
        "\n## What leads where\n",
        "| command | from | to |",
        "|---|---|---|",
    ]
    for name, row in TRANSITIONS.items():
        grouped: dict[tuple[State, ...], list[str]] = defaultdict(list)
        for start, ends in row.items():
            grouped[ends if ends != (start,) else ()].append(f"`{start}`" if start else "nothing")
        for ends, starts in grouped.items():
            to = " or ".join(f"`{end}`" for end in ends) or "the same state"
            lines.append(f"| **{name.replace('_', ' ')}**: {WORDS[name]} | {', '.join(starts)} | {to} |")
    lines += [
        "\n## As a picture\n",
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> pending: open",
        "    [*] --> stopped: open",
    ]
    arrows: dict[tuple[State, State], list[str]] = defaultdict(list)
    for name, row in TRANSITIONS.items():
        for start, ends in row.items():
            for end in ends:
                if start is not None and start is not end:
                    arrows[start, end].append(name.replace("_", " "))
    lines += [f"    {start} --> {end}: {', '.join(names)}" for (start, end), names in arrows.items()]
    lines += [f"    {state} --> [*]" for state in State if state not in UNDECIDED]
    return "\n".join([*lines, "```", ""])


def requirements() -> str:
    """docs/requirements.md. Raises UnknownRow."""
    rows: list[dict[str, str]] = json.loads(ROWS.read_text())
    found = collected({row["id"] for row in rows})
    held = [row for row in rows if row["id"] in found]
    lines = [
        "# Requirements and the tests that hold them\n",
        MADE,
        f"{len(held)} of {len(rows)} rows have a test. The number of tests stands behind each file.\n",
    ]
    areas = list(dict.fromkeys(row["area"] for row in rows))
    for area in areas:
        inside = [row for row in held if row["area"] == area]
        if inside:
            lines += [f"## {area}\n", "| row | promise | tests |", "|---|---|---|"]
            lines += [f"| {row['id']} | {row['title']} | {_linked(found[row['id']])} |" for row in inside]
            lines.append("")
    lines.append("## Without a test\n")
    for area in areas:
        missing = [f"{row['id']} ({row['title']})" for row in rows if row["area"] == area and row["id"] not in found]
        if missing:
            lines.append(f"- **{area}**: {'; '.join(missing)}")
    return "\n".join([*lines, ""])


def _linked(files: dict[str, list[str]]) -> str:
    return "<br>".join(f"[{Path(name).name}](../{name}) ({len(tests)})" for name, tests in sorted(files.items()))


def collected(known: set[str]) -> Found:
    """Every row that a test names. Raises UnknownRow."""
    found: Found = defaultdict(lambda: defaultdict(list))
    for path, row, test in [*_python(), *_typescript(known)]:
        name = str(path.relative_to(ROOT))
        if row not in known:
            raise UnknownRow(f"{name}: {test} names {row}, which docs/requirement-rows.json does not have.")
        if test not in found[row][name]:
            found[row][name].append(test)
    return found


def _python() -> Iterator[tuple[Path, str, str]]:
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text())
        of_file = [
            row
            for node in tree.body
            if isinstance(node, ast.Assign)
            and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets)
            for row in _marked(node.value)
        ]
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                for test in node.body:
                    if isinstance(test, ast.FunctionDef) and test.name.startswith("test"):
                        yield from ((path, row, test.name) for dec in node.decorator_list for row in _marked(dec))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
                rows = of_file + [row for dec in node.decorator_list for row in _marked(dec)]
                yield from ((path, row, node.name) for row in rows)


def _marked(node: ast.AST) -> Iterator[str]:
    """The ids in every `pytest.mark.req(…)` inside `node`, those of single parameters too."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.req":
            for argument in call.args:
                if not isinstance(argument, ast.Constant):
                    raise UnknownRow(f"req() takes plain texts, not {ast.unparse(argument)}")
                yield str(argument.value)


def _typescript(known: set[str]) -> Iterator[tuple[Path, str, str]]:
    for folder in TYPESCRIPT:
        for path in sorted((ROOT / folder).rglob("*.test.ts*")):
            if {"node_modules", "dist"} & set(path.parts):
                continue
            text = path.read_text()
            for match in TITLE.finditer(text):
                # In titles only ids that exist count: words such as R2 stand there for other things too.
                rows = {row for row in re.findall(rf"(?<![\w-]){ID}(?![\w-])", match[2]) if row in known}
                yield from ((path, row, match[2]) for row in sorted(rows))
            for match in COMMENT.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                yield from ((path, row, f"line {line}") for row in re.split(r"\s*,\s*", match[1]))


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` say which are stale. Returns the exit code."""
    stale = []
    pages = {
        "states.md": states(),
        "requirements.md": requirements(),
        "policy-reference.md": policy_pages.reference(MADE),
        "patterns.md": policy_pages.patterns(MADE),
    }
    for name, made in pages.items():
        path = DOCS / name
        if path.exists() and path.read_text() == made:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.write_text(made)
    if stale and "--check" in arguments:
        print(f"Stale: {', '.join(f'docs/{name}' for name in stale)}. Run: python -m tests.docs", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
