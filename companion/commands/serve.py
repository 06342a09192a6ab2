"""`handoff serve` and `handoff worker`: the two processes of the companion, alone or under `handoff up`."""

import ctypes
import logging
import os
import signal
import socket
import threading
from functools import partial
from typing import Any, Final

import click
from granian.constants import Interfaces
from granian.server import MPServer

from companion.adapters import logs
from companion.adapters.clock import SystemClock
from companion.bootstrap import build
from companion.embedded.processes import die_with_parent, why_not_listening
from companion.settings import Settings
from companion.store.protocol import StoreUnavailable
from companion.web.wsgi import create
from companion.workers.run import run_workers

UNHURRIED_S: Final = 10
"""How long a web process may finish its requests when it is asked to end."""

BEHIND_THE_WORKER: Final = 5
"""Steps of niceness of the web processes."""


class _Ours(logging.Filter):
    """Leaves out what Granian says of settings that are ours: threads that wait for the store need no core each."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith("Configuration allows spawning")


# Granian's own handlers write text to stdout; its lines go to ours instead.
GRANIAN_LOGGING: Final[dict[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {},
    "handlers": {},
    "filters": {"ours": {"()": _Ours}},
    "loggers": {"_granian": {"level": "INFO", "handlers": [], "filters": ["ours"], "propagate": True}},
}

supervised_option = click.option("--supervised-by", type=int, hidden=True, help="End with this parent process.")


@click.command()
@supervised_option
def serve(supervised_by: int | None) -> None:
    """Serve the API and the page. All settings come from HANDOFF_* variables."""
    settings = _begin("serve", supervised_by)
    host = "127.0.0.1" if settings.host == "localhost" else settings.host
    sentence = why_not_listening(host, settings.port)
    if sentence:
        raise click.ClickException(sentence)
    say_store(settings)
    server = MPServer(
        "companion.web.wsgi:create",
        address=host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=UNHURRIED_S,
        log_dictconfig=GRANIAN_LOGGING,
    )
    server.serve(target_loader=partial(_load, os.getpid()), wrap_loader=False)


@click.command()
@supervised_option
@click.option(
    "--name",
    help="Name of this worker; one that comes back under its name resumes what it left. No two may share one. "
    "Made up when left out.",
)
def worker(supervised_by: int | None, name: str | None) -> None:
    """Send callbacks and watch deadlines. Any number of workers may run on one store."""
    settings = _begin("worker", supervised_by)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    services = build(settings)
    name = name or f"{socket.gethostname()}-{os.getpid()}-{services.clock.random_bytes(4).hex()}"
    logs.logger("worker").info("worker_started", name=name)
    run_workers(services, stop, name)


def _begin(process: str, supervised_by: int | None) -> Settings:
    """What both processes do first: read the settings, log, and tie their life to that of their parent."""
    if supervised_by is not None:
        die_with_parent(supervised_by)
    settings = Settings.from_env(os.environ)
    _configure_logs(process, settings)
    return settings


def _configure_logs(process: str, settings: Settings) -> None:
    secrets = [settings.secret, *logs.secrets_of_address(settings.redis_url)]
    logs.configure(clock=SystemClock(), process=process, level=settings.log_level, secrets=secrets)


def say_store(settings: Settings) -> None:
    """Log what the store promises. One that is away, or lacks a right, does not stop the start: /readyz says so too."""
    log = logs.logger("store")
    services = build(settings)
    try:
        services.store.prove_writable(services.clock.monotonic_ms())
        found = services.store.durability()
    except StoreUnavailable as error:
        log.warning("store_not_ready", detail=str(error))
    else:
        say = log.warning if found.problems else log.info
        say("store_durability", durability=found.name, detail=" ".join(found.problems) or found.detail)
    # The web processes are forked from this one and must not share its connection.
    services.store.client.close()


def give_way() -> None:
    """Let the worker run before this web process: under load a flood of new questions must not hold back the answers.

    Measured on two cores with 16 connections: the median callback 8 ms after its decision, where it was 25 ms.
    """
    os.nice(BEHIND_THE_WORKER)


M_MMAP_THRESHOLD: Final = -3
"""Of mallopt(3) in the GNU C library; other C libraries have no such setting, and need none."""
GIVEN_BACK_BYTES: Final = 1024 * 1024


def give_back() -> None:
    """Let the system have large blocks as soon as they are free: what read a body of 8 MB must not stay in memory.

    glibc raises the bound by itself to the largest block it saw, and keeps what is below. Measured with 8 threads and
    200 refused bodies: 390 MB at most, where it was 730 MB, and 250 MB afterwards.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, GIVEN_BACK_BYTES)


def _load(parent_pid: int) -> Any:
    """The application, in the web process that serves it."""
    die_with_parent(parent_pid)
    give_way()
    give_back()
    # Set up again, because where processes are spawned and not forked, nothing of it is left.
    _configure_logs("serve", Settings.from_env(os.environ))
    return create()
