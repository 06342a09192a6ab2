"""`handoff up`: the whole companion on one machine, with its store, from one command."""

import http.client
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

import click

from companion.adapters import logs
from companion.adapters.clock import Clock, SystemClock
from companion.bootstrap import Services, build
from companion.commands.acting import operator
from companion.commands.places import (
    UP,
    default_folder,
    environment_in,
    hold,
    json_option,
    remember,
)
from companion.embedded import DataFolder, EmbeddedStore, address_of
from companion.embedded.folder import wait_for
from companion.embedded.processes import Child, Supervisor, free_port, why_not_listening
from companion.settings import Settings

PORT_MS: Final = 2_000
"""How long the processes of a killed `up` may take to let go of the port."""
BETWEEN_ASKING_MS: Final = 50
DEATHS_BEFORE_GIVING_UP: Final = 4
STOP_SERVE_WITHIN_S: Final = 15.0
STOP_WORKER_WITHIN_S: Final = 20.0
"""A callback that is under way takes 15 s at most."""


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for everything that is kept. Default: handoff in the user's data folder.",
)
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one. Default: 8700.")
@json_option
def up(data: Path | None, port: int | None, as_json: bool) -> None:
    """Run everything on this machine: store, web service and worker.

    Stop it with Ctrl-C. Data stays in the data folder, and the next `up` goes on where this one stopped, also after a
    crash. HANDOFF_* variables change how it runs; with HANDOFF_REDIS_URL it uses that store instead of its own.
    """
    clock = SystemClock()
    logs.configure(clock=clock, process="up")
    supervisor = Supervisor(clock)
    with ExitStack() as until_stopped:
        folder = DataFolder(data or default_folder(), clock)
        until_stopped.enter_context(hold(folder, UP))
        environment = _environment(folder, port, clock)
        settings = Settings.from_env(environment)
        secrets = [settings.secret, *logs.secrets_of_address(settings.redis_url)]
        logs.configure(clock=clock, process="up", level=settings.log_level, secrets=secrets)
        _await_port(settings, clock)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            # A hang-up that the caller ignores (nohup) stays ignored.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, supervisor.request_stop)
        until_stopped.callback(supervisor.stop)
        if settings.redis_url == address_of(folder):
            supervisor.add(EmbeddedStore(folder, clock))
        services = build(settings, clock)
        api_key, signing_secret = _kept_key(folder, services)
        remember(folder, settings)
        _start_processes(supervisor, folder, environment)
        if _await_ready(supervisor, settings):
            _announce(folder, services, api_key, signing_secret, as_json)
        while not supervisor.stopping:
            supervisor.step(None)


def _environment(folder: DataFolder, port: int | None, clock: Clock) -> dict[str, str]:
    given = dict(os.environ)
    if port is not None:
        given["HANDOFF_PORT"] = str(port or free_port())
    return environment_in(folder, given, clock, running=True)


def _await_port(settings: Settings, clock: Clock) -> None:
    """Raise a sentence when the port is taken; the processes of an `up` that was killed just now get a moment."""
    if not wait_for(lambda: why_not_listening(settings.host, settings.port) is None, clock, PORT_MS):
        raise click.ClickException(
            why_not_listening(settings.host, settings.port) or "The port is free again; try again."
        )


def _kept_key(folder: DataFolder, services: Services) -> tuple[str, str]:
    """The API key in the folder and its newest signing secret; made when there is none, or it is no longer valid."""
    directory = services.directory
    text = folder.kept("api_key")
    caller = directory.by_bearer(text) if text else None
    if text and caller and caller.kind == "automation":
        signing_secrets = directory.signing_secrets(caller.actor.id)
        if signing_secrets:
            directory.give_every_scope(caller.actor.id, actor=operator())
            folder.keep("signing_secret", signing_secrets[0])
            return text, signing_secrets[0]
    _, text, signing_secret = directory.create_api_key("n8n", actor=operator())
    folder.keep("signing_secret", signing_secret)
    folder.keep("api_key", text)
    return text, signing_secret


def _start_processes(supervisor: Supervisor, folder: DataFolder, environment: Mapping[str, str]) -> None:
    # Without -P a folder named `companion` where `up` was called would be imported instead of this package.
    command = [sys.executable, "-P", "-m", "companion"]
    tied = ["--supervised-by", str(os.getpid())]
    # The same name after a kill, so that the worker resumes its callbacks at once; the folder's lock keeps it unique.
    name = f"{socket.gethostname()}-{sha256(os.fsencode(folder.path)).hexdigest()[:8]}"
    supervisor.add(Child("serve", [*command, "serve", *tied], environment, STOP_SERVE_WITHIN_S))
    supervisor.add(Child("worker", [*command, "worker", *tied, "--name", name], environment, STOP_WORKER_WITHIN_S))


def _await_ready(supervisor: Supervisor, settings: Settings) -> bool:
    """Whether the service answered that it is ready, before somebody stopped it."""
    while not supervisor.stopping:
        if _is_ready(settings):
            return True
        if supervisor.deaths() >= DEATHS_BEFORE_GIVING_UP:
            raise click.ClickException("A process of the companion does not start; the log lines above say why.")
        supervisor.step(BETWEEN_ASKING_MS)
    return False


def _is_ready(settings: Settings) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 -- compared, not bound
    connection = http.client.HTTPConnection(host, settings.port, timeout=5)
    with suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    return False


def _announce(folder: DataFolder, services: Services, api_key: str, signing_secret: str, as_json: bool) -> None:
    url = services.settings.public_url
    if as_json:
        answer = {
            "url": url,
            "api_key": api_key,
            "signing_secret": signing_secret,
            "pid": os.getpid(),
            "data": str(folder.path),
        }
        click.echo(json.dumps(answer))
        return
    lines = [
        f"Handoff runs at {url}",
        "",
        f"  API key         {folder.path / 'api_key'}",
        f"  signing secret  {folder.path / 'signing_secret'}",
        "                  Put what these files hold into the n8n credential “Handoff API”.",
    ]
    if not services.directory.list_reviewers():
        command = f'handoff reviewer add "Your Name" --email you@example.com --data {folder.path}'
        lines += [
            "",
            "Nobody can decide yet. Add the first approver, who then opens the printed link once:",
            "",
            f"  {command}",
        ]
    click.echo("\n".join([*lines, "", "Stop with Ctrl-C."]))
