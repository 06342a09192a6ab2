"""The shape of the house (design section 3), read from the source itself."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import companion
from companion.web.problems import STATUS

SOURCE = Path(companion.__file__).parent
ROOT = SOURCE.parent
MODULES = {path: ast.parse(path.read_text()) for path in sorted(SOURCE.rglob("*.py"))}

IMPURE = {
    "asyncio",
    "boto3",
    "flask",
    "flask_openapi3",
    "granian",
    "http",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "random",
    "redis",
    "requests",
    "secrets",
    "shutil",
    "signal",
    "socket",
    "ssl",
    "structlog",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "time",
    "urllib",
    "uuid",
}
"""What the core may not import: everything with a world behind it."""

CHANCE = {"time", "random", "secrets", "uuid"}
CLOCK_CALLS = {
    "now",
    "utcnow",
    "today",
    "urandom",
    "getrandom",
    "time_ns",
    "monotonic",
    "perf_counter",
    "uuid1",
    "uuid4",
}
LONGEST_LINES = 400


def name_of(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def imports(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported, also inside functions and for types only."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def inside(folder: str) -> dict[Path, ast.AST]:
    return {path: tree for path, tree in MODULES.items() if name_of(path).startswith(f"{folder}/")}


@pytest.mark.req("R-ROUTE-17")
def test_the_core_has_no_world_behind_it() -> None:
    """It decides from its arguments: no input or output, no clock, no chance, and nothing of the shells around it."""
    assert len(inside("core")) > 10
    for path, tree in inside("core").items():
        for module in imports(tree):
            assert module.split(".")[0] not in IMPURE, f"{name_of(path)} imports {module}"
            if module.startswith("companion"):
                assert module.startswith("companion.core"), f"{name_of(path)} imports {module}"


def test_imports_run_downwards() -> None:
    """Store and adapters know the core; the service knows them; only shells know the service; nobody knows a shell."""
    below = {"core": {"core"}, "store": {"core", "store"}, "adapters": {"core", "adapters"}}
    shells = {"web", "workers", "commands", "cli", "bootstrap"}
    for path, tree in MODULES.items():
        layer = name_of(path).split("/")[0].removesuffix(".py")
        for module in imports(tree):
            parts = module.split(".")
            if parts[0] != "companion" or len(parts) < 2:
                continue
            if layer in below:
                assert parts[1] in below[layer], f"{name_of(path)} imports {module}"
            if layer in ("service", "identity", "embedded"):
                assert parts[1] not in shells, f"{name_of(path)} imports {module}"
            if layer in ("web", "workers"):
                assert parts[1] not in {"web", "workers", "commands", "cli"} - {layer}, (
                    f"{name_of(path)} imports {module}"
                )


def test_only_the_service_decides() -> None:
    """Every shell comes through load, decide, commit: nothing but the service, and what it opens with, imports it."""
    callers = {name_of(path) for path, tree in MODULES.items() if "companion.core.decide.decide" in set(imports(tree))}
    assert callers == {"service/handoffs.py", "service/openings.py"}


def test_only_the_clock_reads_time_and_chance() -> None:
    """Elsewhere both are parameters, so that a test can set them and a decision can be repeated."""
    for path, tree in MODULES.items():
        if name_of(path) == "adapters/clock.py":
            continue
        for module in imports(tree):
            assert module.split(".")[0] not in CHANCE, f"{name_of(path)} imports {module}"
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK_CALLS:
                owner = ast.unparse(node.func.value)
                assert "clock" in owner, f"{name_of(path)} line {node.lineno} reads a clock: {ast.unparse(node)}"


def test_only_one_file_spells_keys_of_the_store() -> None:
    """Hash tags stand in keys.py and nowhere else, so that every key has a type, a life and a sentence there."""
    for path, tree in MODULES.items():
        if name_of(path) == "store/keys.py":
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                spelled = re.match(r"\{p([0-9a-f]{2}\}|$)", node.value) or "{directory" in node.value
                assert not spelled, f"{name_of(path)} line {node.lineno} spells a key: {node.value!r}"
    for path in SOURCE.rglob("*.lua"):
        assert "{p" not in path.read_text(), f"{name_of(path)} spells a key"


REFUSALS = {"Refused", "Problem", "MalformedJson", "NotSignedIn", "_fault", "policy_problem"}
REFUSERS = {"core", "web", "service", "identity", "adapters/oidc.py"}


def given_codes() -> dict[str, str]:
    """Every code that a refusal of the core, the service or the web is made with, and where."""
    found: dict[str, str] = {}
    for path, tree in MODULES.items():
        if not {name_of(path), name_of(path).split("/")[0]} & REFUSERS:
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            code = node.args[0]
            if name in REFUSALS and isinstance(code, ast.Constant) and isinstance(code.value, str):
                found.setdefault(code.value, f"{name_of(path)} line {node.lineno}")
    return found


@pytest.mark.req("A5")
def test_every_code_that_can_be_given_has_a_status_and_none_is_left_over() -> None:
    """A code without a status would be a 500; a status without a code is a promise that nobody keeps."""
    given = given_codes()
    assert len(given) > 40
    assert {code: where for code, where in given.items() if code not in STATUS} == {}
    assert set(STATUS) - set(given) == set()
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", code) for code in given)


def sources() -> list[Path]:
    """The product's own files, without what is built or installed."""
    found = list(MODULES)
    for folder in ("node_pack/nodes", "node_pack/credentials", "handoff_ui/src"):
        found += [path for path in (ROOT / folder).rglob("*.ts*") if not re.search(r"\.test\.tsx?$", path.name)]
    return found


def test_a_long_file_says_why_it_is_long() -> None:
    """Two hundred lines are the rule; beyond four hundred a line “Longer than 400 lines because …” is due."""
    for path in sources():
        lines = path.read_text().splitlines()
        reason = any("Longer than 400 lines because" in line for line in lines[:20])
        assert len(lines) <= LONGEST_LINES or reason, f"{path.relative_to(ROOT)} has {len(lines)} lines"
