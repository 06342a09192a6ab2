"""n8n itself, installed once per lock file into the cache folder."""

import platform
import shutil
from pathlib import Path

from tests.system.commands import CommandFailed, run_logged
from tests.system.node import VERSION, node_environment, npm
from tests.system.places import CHECKOUT, digest_of, installed_once

APP = CHECKOUT / "tests" / "n8n" / "app"
MANIFEST = (APP / "package.json", APP / "package-lock.json")


def n8n_command() -> Path:
    """The path of a working `n8n`; installs it first if it is not there (about 4 minutes and 2.2 GB)."""
    key = digest_of(MANIFEST, VERSION, platform.machine())
    return installed_once(f"n8n-{key}", _install) / "node_modules" / ".bin" / "n8n"


def _install(folder: Path) -> None:
    if not (shutil.which("c++") or shutil.which("g++")):
        raise CommandFailed("n8n's SQLite has no prebuilt binary for this Node: install a C++ compiler (g++) and make.")
    for path in MANIFEST:
        shutil.copy(path, folder)
    environment = node_environment()
    # Not `npm ci`: it refuses a lock whose optional packages for other platforms a registry does not carry.
    # No scripts: dozens of packages would run theirs, and only two of them are needed.
    run_logged(
        "Installing n8n",
        [npm(), "install", "--legacy-peer-deps", "--ignore-scripts", "--no-audit", "--no-fund"],
        folder=folder,
        environment=environment,
        timeout_s=1200,
        usually="1 to 3 minutes",
    )
    run_logged(
        "Compiling SQLite for n8n",
        [npm(), "rebuild", "sqlite3"],
        folder=folder,
        environment=environment,
        timeout_s=900,
        usually="1 minute",
    )
    run_logged(
        "Preparing isolated-vm for n8n",
        [npm(), "rebuild", "isolated-vm"],
        folder=folder,
        environment=environment,
        timeout_s=900,
    )
