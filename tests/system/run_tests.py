"""`./dev test`: everything that is needed, then all tests, side by side where two cores allow it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.system.built import NODE_PACK, PAGE, dependencies, pack_tarball, page_folder
from tests.system.commands import CommandFailed, say
from tests.system.debian import need_programs
from tests.system.n8n_install import n8n_command
from tests.system.node import node_environment, npm
from tests.system.places import CHECKOUT, LOGS
from tests.system.proxy import install_proxy

# `--dist=loadscope`: the tests of one file share servers, so one worker takes them all.
PYTEST = [sys.executable, "-m", "pytest", "-n", "2", "--dist=loadscope", "-q"]
SLOW = "real_n8n or browser"
# These wait for programs that are not ours, on a machine that others use too: what fails is run once more, and named.
AGAIN = ["--reruns", "1", "-rfER"]
UNSTEADY = "UNSTEADY "


@dataclass(frozen=True)
class Part:
    """Some of the tests, started as one process."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path | None
    started_s: float

    def succeeded(self) -> bool:
        """Wait for the end, and say it in a line; of one that ran in silence show a failure, or what was unsteady."""
        code = self.process.wait()
        told = self.log.read_text(errors="replace") if self.log else ""
        lines = told.splitlines(keepends=True)
        sys.stdout.writelines(line for line in lines if code != 0 or line.startswith(UNSTEADY))
        verdict = "ok" if code == 0 else f"FAILED ({code})"
        # One that ran beside another may have ended long before anybody asks.
        ended_s = self.log.stat().st_mtime if self.log else time.time()
        say(f"— {self.name}: {verdict} after {ended_s - self.started_s:.0f} s")
        return code == 0

    def end(self) -> None:
        """Nothing goes on in the background when the person at the screen has stopped the run."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()


def main() -> int:
    arguments = sys.argv[1:]
    if arguments not in ([], ["fast"]):
        say("usage: ./dev test [fast]")
        return 2
    fast = arguments == ["fast"]
    try:
        _make_ready(fast=fast)
    except CommandFailed as error:
        say(str(error))
        return 1
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return 0 if _run(fast=fast) else 1
    except KeyboardInterrupt:
        say("Stopped.")
        return 130


def _run(*, fast: bool) -> bool:
    """The many short tests, then what starts n8n and browsers. Beside both run those of the page, which wait a lot."""
    scripts = [(NODE_PACK, "test"), (PAGE, "test"), *([] if fast else [(PAGE, "test:browser")])]
    beside = [_typescript(package, script) for package, script in scripts]
    try:
        held = _all_succeed([_pytest("fast", f"not ({SLOW})")])
        if not fast:
            held = _all_succeed([_pytest("n8n and browser", SLOW, AGAIN)]) and held
        return _all_succeed(beside) and held
    finally:
        for part in beside:
            part.end()


def _all_succeed(parts: list[Part]) -> bool:
    try:
        verdicts = [part.succeeded() for part in parts]  # all of them, also after a failure
        return all(verdicts)
    finally:
        for part in parts:
            part.end()


def _make_ready(*, fast: bool) -> None:
    need_programs(browser=not fast)
    install_proxy()
    for package in (NODE_PACK, PAGE):
        dependencies(package)
    if not fast:
        n8n_command()
        pack_tarball()
        page_folder()


def _pytest(name: str, markers: str, more: Sequence[str] = ()) -> Part:
    """In the open: its progress is what the person at the screen looks at, and its last line is what CI reads."""
    return _start(f"Python, {name}", [*PYTEST, "-m", markers, *more], CHECKOUT, log=None)


def _typescript(package: Path, script: str) -> Part:
    name = f"{package.name}, {script}"
    return _start(name, [npm(), "run", script], package, log=LOGS / f"{package.name}-{script.replace(':', '-')}.log")


def _start(name: str, command: Sequence[str | Path], folder: Path, log: Path | None) -> Part:
    if log:
        log.parent.mkdir(parents=True, exist_ok=True)
    output = log.open("wb") if log else None
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=folder,
        env=node_environment(os.environ),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
    )
    if output:
        output.close()
    return Part(name, process, log, time.time())


if __name__ == "__main__":
    sys.exit(main())
