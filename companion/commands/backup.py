"""`handoff backup` and `handoff restore`: the store of `handoff up` in one file."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from companion.adapters import logs
from companion.adapters.clock import SystemClock
from companion.commands.places import data_option, default_folder, hold, json_option, store_of
from companion.commands.shown import show
from companion.embedded import DataFolder, StoreError, backups

FOREIGN: Final = "This is for the store of `handoff up`. Back up the one in HANDOFF_REDIS_URL with its own tools."


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--with-secret",
    is_flag=True,
    help="Put the folder's secret and API key into the file too. Whoever has that file can then sign links and "
    "packages as this companion, and open and read cases as n8n does. Without it, keep the file DATA/secret elsewhere: "
    "a backup is worthless without it.",
)
@data_option
@json_option
def backup(file: Path, with_secret: bool, data: Path | None, as_json: bool) -> None:
    """Write everything that the store holds to FILE, as it is at this moment.

    `handoff up` may run meanwhile; whatever it acknowledged before this command began is in the file. FILE holds what
    people were shown and decided: keep it as safe as the data folder. It is never written over.
    """
    _refuse_foreign(None)
    if file.exists():
        raise StoreError(f"{file} is there already; choose another name.", "exists")
    clock = SystemClock()
    logs.configure(clock=clock, process="command", level="warning")
    path = data or default_folder()
    if not path.expanduser().is_dir():
        raise click.ClickException(f"There is no data folder {path}.")
    folder = DataFolder(path, clock)
    _refuse_foreign(folder)
    with store_of(folder, clock), _progress("Copying") as progress:
        made = backups.write(file, folder, clock, with_secret=with_secret, progress=progress)
    text = f"{file}: {made.keys} keys, {made.bytes} bytes, as of {made.made_at}."
    if not with_secret:
        text += f"\nThe secret is not in it. Keep a copy of {folder.path / 'secret'} in another place."
    show({"file": str(file), **asdict(made)}, as_json, text)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), required=True, help="An empty data folder.")
@json_option
def restore(file: Path, data: Path, as_json: bool) -> None:
    """Put a backup into an empty data folder, for `handoff up` to go on with.

    A folder that holds data is left as it is, and so is one that `handoff up` runs in. A backup of a newer Handoff is
    refused. Callbacks that went out after the backup go out again; n8n refuses what it does not wait for.
    """
    _refuse_foreign(None)
    clock = SystemClock()
    logs.configure(clock=clock, process="command", level="warning")
    with backups.opened(file):
        folder = DataFolder(data, clock)
    with hold(folder, "handoff restore"), _progress("Copying") as progress:
        found = backups.restore(file, folder, clock, progress)
    text = f"{folder.path} holds the {found.keys} keys of {found.made_at}. Start with: handoff up --data {folder.path}"
    if not found.with_secret:
        text += (
            f"\nFirst put the secret of the former folder into {folder.path / 'secret'} (chmod 600), or set "
            "HANDOFF_SECRET to it: the backup does not hold it, and nothing opens without it."
        )
    show({"data": str(folder.path), **asdict(found)}, as_json, text)


def _refuse_foreign(folder: DataFolder | None) -> None:
    told = json.loads((folder and folder.kept("address")) or "{}")
    if os.environ.get("HANDOFF_REDIS_URL") or told.get("store") == "foreign":
        raise click.ClickException(FOREIGN)


@contextmanager
def _progress(label: str) -> Iterator[backups.Begin]:
    """A bar on stderr where that is a terminal; nothing else, so that scripts read the result alone."""
    if not sys.stderr.isatty():
        yield lambda _: _nothing
        return
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def begin(size: int) -> backups.Progress:
            bar.length = max(size, 1)
            return bar.update

        yield begin


def _nothing(_: int) -> None:
    """Nobody watches."""
