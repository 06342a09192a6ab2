"""Programs that the tests want and that only the system's own packages have."""

import os
import shutil
from pathlib import Path

from tests.system.commands import CommandFailed, run_logged
from tests.system.places import CHECKOUT

PROGRAMS = {  # the program -> the Debian package
    "redis-server": "redis-server",
    "go": "golang-go",
    "wrk": "wrk",
    "strace": "strace",
}
BROWSER = {"chromium": "chromium"}
GO_LIBRARY = Path("/usr/share/gocode/src/golang.org/x/mod")
GO_LIBRARY_PACKAGE = "golang-golang-x-mod-dev"


def need_programs(*, browser: bool) -> None:
    """Install what is missing where we may; elsewhere say the one line that does, and stop."""
    missing = _missing(PROGRAMS | BROWSER if browser else PROGRAMS)
    if not missing:
        return
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *missing]
    if not shutil.which("apt-get"):
        raise CommandFailed(
            f"The tests need these Debian packages, or what your system calls them: {' '.join(missing)}"
        )
    if os.geteuid() != 0:
        raise CommandFailed(f"The tests need programs that are missing here. Run: sudo {' '.join(install)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    update = ["apt-get", "update"]
    run_logged("Reading Debian's package list", update, folder=CHECKOUT, environment=environment, timeout_s=300)
    what = f"Installing {', '.join(missing)}"
    run_logged(what, install, folder=CHECKOUT, environment=environment, timeout_s=1200, usually="1 to 2 minutes")


def _missing(programs: dict[str, str]) -> list[str]:
    missing = [package for program, package in programs.items() if not shutil.which(program)]
    return missing if GO_LIBRARY.is_dir() else [*missing, GO_LIBRARY_PACKAGE]
