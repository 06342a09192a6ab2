"""`./dev check`: everything that can be said about the code without running it."""

import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.system.built import NODE_PACK, PAGE, dependencies
from tests.system.commands import CommandFailed, say
from tests.system.node import node_environment, npm
from tests.system.places import CHECKOUT

BIN = Path(sys.executable).parent
AT_ONCE = 2


@dataclass(frozen=True)
class Check:
    """One tool that exits with 0 when it has nothing to say."""

    name: str
    command: Sequence[str | Path]
    folder: Path = CHECKOUT


def checks() -> list[Check]:
    python = [sys.executable, "-m"]
    return [
        # The slow ones first, so that the two lanes end together.
        Check("types of the companion", [BIN / "mypy"]),
        Check("the node pack's own checks", [npm(), "run", "check"], NODE_PACK),
        Check("the page's own checks", [npm(), "run", "check"], PAGE),
        Check("imports run downwards", [BIN / "lint-imports", "--no-logo"]),
        Check("Python is formatted", [BIN / "ruff", "format", "--check", "--quiet"]),
        Check("Python is clean", [BIN / "ruff", "check", "--quiet"]),
        Check("links in the docs lead somewhere", [*python, "tests.system.doc_links"]),
        Check("generated docs are fresh", [*python, "tests.docs", "--check"]),
    ]


def main() -> int:
    if sys.argv[1:]:
        say("usage: ./dev check")
        return 2
    try:
        for package in (NODE_PACK, PAGE):
            dependencies(package)
    except CommandFailed as error:
        say(str(error))
        return 1
    with ThreadPoolExecutor(AT_ONCE) as lanes:
        results = list(lanes.map(_holds, checks()))
    failed = results.count(False)
    say("All checks hold." if not failed else f"{failed} of {len(results)} checks failed.")
    return 1 if failed else 0


def _holds(check: Check) -> bool:
    result = subprocess.run(
        [str(part) for part in check.command],
        cwd=check.folder,
        env=node_environment(os.environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode == 0:
        say(f"ok      {check.name}")
        return True
    say(f"FAILED  {check.name}\n{result.stdout}{result.stderr}")
    return False


if __name__ == "__main__":
    sys.exit(main())
