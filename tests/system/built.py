"""The two TypeScript packages of this checkout, made ready: their dependencies, the node pack's tarball, the page.

Each is made again when what it is made from changed, and by one process at a time.
"""

from collections.abc import Iterable
from pathlib import Path

from tests.system.commands import CommandFailed, run_logged
from tests.system.node import VERSION, node_environment, npm
from tests.system.places import CHECKOUT, LOCAL, digest_of, one_at_a_time

NODE_PACK = CHECKOUT / "node_pack"
PAGE = CHECKOUT / "handoff_ui"
MADE = ("node_modules", "dist")  # what is not a source

INSTALL_TIMEOUT_S = 900
BUILD_TIMEOUT_S = 300


def dependencies(package: Path) -> None:
    """`node_modules` as the lock file says."""
    key = digest_of([package / "package.json", package / "package-lock.json"], VERSION)
    made_from = package / "node_modules" / ".made-from"  # in there, so that it goes when the folder goes
    with one_at_a_time(LOCAL / f"{package.name}.lock"):
        if _says(made_from, key):
            return
        # Not `npm ci`: it refuses a lock whose optional packages for other platforms a registry does not carry.
        command: list[str | Path] = [
            npm(),
            "install",
            "--legacy-peer-deps",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
        ]
        _npm(f"Installing what {package.name} needs", command, package, INSTALL_TIMEOUT_S, "half a minute")
        made_from.write_text(key)


def page_folder() -> Path:
    """The built page, as static files."""
    dependencies(PAGE)
    folder = PAGE / "dist"
    made_from = LOCAL / "built" / "page"
    key = digest_of(_sources(PAGE))
    with one_at_a_time(LOCAL / "page.lock"):
        if not (_says(made_from, key) and (folder / "index.html").exists()):
            _npm("Building the page", [npm(), "run", "build"], PAGE, BUILD_TIMEOUT_S, "10 s")
            _say(made_from, key)
    return folder


def pack_tarball() -> Path:
    """The node pack, as `npm pack` would publish it."""
    dependencies(NODE_PACK)
    key = digest_of(_sources(NODE_PACK))
    folder = LOCAL / "built" / f"pack-{key}"
    with one_at_a_time(LOCAL / "pack.lock"):
        if not list(folder.glob("*.tgz")):
            folder.mkdir(parents=True, exist_ok=True)
            _npm("Building the node pack", [npm(), "run", "build"], NODE_PACK, BUILD_TIMEOUT_S, "10 s")
            _npm("Packing the node pack", [npm(), "pack", f"--pack-destination={folder}"], NODE_PACK, BUILD_TIMEOUT_S)
    tarballs = list(folder.glob("*.tgz"))
    if len(tarballs) != 1:
        raise CommandFailed(f"npm pack was to leave one tarball in {folder}, and left {len(tarballs)}.")
    return tarballs[0]


def _npm(what: str, command: list[str | Path], package: Path, timeout_s: float, usually: str | None = None) -> None:
    run_logged(what, command, folder=package, environment=node_environment(), timeout_s=timeout_s, usually=usually)


def _sources(package: Path) -> Iterable[Path]:
    for entry in package.iterdir():
        if entry.name in MADE:
            continue
        yield from (path for path in entry.rglob("*") if path.is_file()) if entry.is_dir() else [entry]


def _says(file: Path, key: str) -> bool:
    return file.exists() and file.read_text() == key


def _say(file: Path, key: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(key)
