"""Makes `.venv` from `requirements.lock`, again whenever that file changes.

Runs on the system's Python, before anything is installed: standard library only.
"""

import fcntl
import hashlib
import subprocess
import sys
import venv
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
FOLDER = CHECKOUT / ".venv"
LOCK = CHECKOUT / "requirements.lock"
MADE_FROM = FOLDER / "made-from"  # written last, so an interrupted installation is made again


def main() -> int:
    wanted = _digest()
    if _made_from() == wanted:
        return 0
    local = CHECKOUT / ".handoff"
    local.mkdir(exist_ok=True)
    with (local / "venv.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if _made_from() == wanted:  # another run made it while this one waited
            return 0
        return _make(wanted, local / "logs" / "venv.log")


def _make(wanted: str, log: Path) -> int:
    print("Making .venv from requirements.lock (usually 1 minute) …", flush=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    venv.create(FOLDER, clear=True, with_pip=True)
    pip = [str(FOLDER / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    steps = (
        [*pip, "--require-hashes", "-r", str(LOCK)],
        [*pip, "--no-deps", "--no-build-isolation", "--editable", str(CHECKOUT)],  # its build tool is in the lock too
    )
    with log.open("wb") as output:
        for step in steps:
            if (
                subprocess.run(step, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False).returncode
                != 0
            ):
                end = "\n".join(log.read_text(errors="replace").splitlines()[-10:])
                print(f".venv could not be made. pip's output: {log}, which ends with\n{end}", file=sys.stderr)
                return 1
    MADE_FROM.write_text(wanted)
    return 0


def _made_from() -> str | None:
    return MADE_FROM.read_text() if MADE_FROM.exists() else None


def _digest() -> str:
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    # The path too: a virtual environment that was moved with its checkout starts programs of the old place.
    return hashlib.sha256("\n".join([python, str(CHECKOUT), LOCK.read_text()]).encode()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
