"""Where a command finds its store and its settings: a data folder, or HANDOFF_REDIS_URL."""

import base64
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final

import click

from companion.adapters import logs
from companion.adapters.clock import Clock, SystemClock
from companion.bootstrap import Services, build
from companion.embedded import (
    DataFolder,
    EmbeddedStore,
    FolderInUseError,
    StoreError,
    address_of,
    await_store,
)
from companion.settings import Settings
from companion.store.protocol import StoreUnavailable

UP: Final = "handoff up"
"""The role of the holder that stays; others finish within moments."""

OTHERS_MS: Final = 10_000
STORE_OF_UP_MS: Final = 30_000
REMEMBERED: Final = ("HANDOFF_MODE", "HANDOFF_PUBLIC_URL", "HANDOFF_PAGE_URL")

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Data folder of `handoff up`, whether it runs or not. Not needed where HANDOFF_REDIS_URL names the store.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")


def default_folder() -> Path:
    """Where the data lies when nobody says (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "handoff"


@contextmanager
def services_at(data: Path | None) -> Iterator[Services]:
    """The services on the store that `data` or HANDOFF_REDIS_URL names.

    A data folder's store is used as it runs, or started for as long as the block lasts. Raises SettingsError, and what
    goes wrong with folder and store (DataFolderError, StoreError, StoreUnavailable).
    """
    clock = SystemClock()
    logs.configure(clock=clock, process="command", level="warning")
    environment = dict(os.environ)
    if data is None and environment.get("HANDOFF_REDIS_URL"):
        yield build(Settings.from_env(environment), clock)
        return
    path = data or default_folder()
    if not path.expanduser().is_dir():
        raise click.ClickException(f"There is no data folder {path}; `handoff up --data {path}` makes one.")
    folder = DataFolder(path, clock)
    settings = Settings.from_env(environment_in(folder, environment, clock, running=False))
    with ExitStack() as until_done:
        store = None
        if not environment.get("HANDOFF_REDIS_URL"):
            store = until_done.enter_context(store_of(folder, clock))
        try:
            yield build(settings, clock)
        except StoreUnavailable as error:
            gone = store.gone() if store else None
            if gone:
                raise gone from error
            raise


@contextmanager
def hold(folder: DataFolder, role: str) -> Iterator[None]:
    """Hold the folder, waiting for commands, which finish soon, but not for `handoff up`. Raises FolderInUseError."""
    with ExitStack() as until_done:
        try:
            until_done.enter_context(folder.held(role))
        except FolderInUseError as error:
            if error.role == UP:
                raise
            until_done.enter_context(folder.held(role, OTHERS_MS))
        yield


def environment_in(folder: DataFolder, given: Mapping[str, str], clock: Clock, *, running: bool) -> dict[str, str]:
    """The environment of a process that works on this folder: what is given comes first, what the folder holds next.

    `running` is True for `up`, which serves under the addresses that it is told; other commands make links for the
    addresses under which `up` last served.
    """
    environment = dict(given)
    remembered: dict[str, str] = json.loads(folder.kept("address") or "{}")
    if not running:
        if remembered.get("store") == "foreign" and not environment.get("HANDOFF_REDIS_URL"):
            raise click.ClickException("`handoff up` last used the store in HANDOFF_REDIS_URL; set it here too.")
        for name in REMEMBERED:
            if name in remembered and not environment.get(name):
                environment[name] = remembered[name]
    if not environment.get("HANDOFF_REDIS_URL"):
        environment["HANDOFF_REDIS_URL"] = address_of(folder)
    local = environment.get("HANDOFF_MODE", "").strip().lower() in ("", "local")
    if local and not environment.get("HANDOFF_SECRET"):
        made = folder.kept("secret", lambda: base64.urlsafe_b64encode(clock.random_bytes(48)).decode())
        environment["HANDOFF_SECRET"] = made or ""
    secret = environment.get("HANDOFF_SECRET")
    if secret and remembered.get("secret_sha256", _fingerprint(secret)) != _fingerprint(secret):
        # Going on would seal new secrets with one key and fail to open the old ones with it.
        raise click.ClickException("HANDOFF_SECRET is not the one that this data was made with; set the former one.")
    return environment


def remember(folder: DataFolder, settings: Settings) -> None:
    """Note under which addresses `up` serves, for the commands that make links."""
    embedded = settings.redis_url == address_of(folder)
    noted = {
        "HANDOFF_MODE": settings.mode,
        "HANDOFF_PUBLIC_URL": settings.public_url,
        "HANDOFF_PAGE_URL": settings.page_url,
        "store": "embedded" if embedded else "foreign",
        "secret_sha256": _fingerprint(settings.secret),
    }
    folder.keep("address", json.dumps(noted))


@contextmanager
def store_of(folder: DataFolder, clock: Clock) -> Iterator[EmbeddedStore | None]:
    """The folder's store: the running one of `up` (None, for it is not ours), or one that ends with the block."""
    with ExitStack() as until_done:
        try:
            until_done.enter_context(hold(folder, "a handoff command"))
        except FolderInUseError as error:
            if not await_store(folder, clock, STORE_OF_UP_MS):
                sentence = f"{error.role or 'Another process'} runs in {folder.path}, but its store does not answer."
                raise StoreError(sentence, "silent") from error
            yield None
            return
        store = EmbeddedStore(folder, clock)
        store.start()
        try:
            yield store
        finally:
            # One that a killed `up` left behind is left for the next `up`.
            if not store.adopted:
                store.stop()


def _fingerprint(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()[:16]
