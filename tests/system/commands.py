"""Runs a command that is expected to work, keeps its output in a file, and says where when it does not."""

import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.system.places import LOGS


class CommandFailed(Exception):
    """A command of ours did not end well."""


def say(sentence: str) -> None:
    print(sentence, flush=True)


def run_logged(
    what: str,
    command: Sequence[str | Path],
    *,
    folder: Path,
    environment: Mapping[str, str],
    timeout_s: float,
    usually: str | None = None,
    log: Path | None = None,
) -> None:
    """Run to the end; with `usually` it also tells the person who waits what is being done and how long it takes."""
    log = log or LOGS / (what.lower().replace(" ", "-").replace("/", "-") + ".log")
    log.parent.mkdir(parents=True, exist_ok=True)
    if usually:
        say(f"{what} (usually {usually}) …")
    started_s = time.monotonic()
    with log.open("wb") as output:
        try:
            result = subprocess.run(
                [str(part) for part in command],
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,  # n8n's and npm's commands wait for ever on an open one
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise CommandFailed(f"{what}: stopped after {timeout_s:g} s. Its output: {log}") from error
    if result.returncode != 0:
        end = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
        raise CommandFailed(f"{what}: exit code {result.returncode}. Its output: {log}, which ends with\n{end}")
    if usually:
        say(f"  done in {time.monotonic() - started_s:.0f} s")
