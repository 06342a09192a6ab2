"""`./dev up`: the whole system, a first case that waits for a person, and what that person needs to know."""

import argparse
import fcntl
import math
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.system.commands import CommandFailed, say
from tests.system.companion import Companion
from tests.system.mailbox import Mailbox
from tests.system.places import CHECKOUT, LOCAL
from tests.system.ports import is_listening
from tests.system.processes import ServerFailed
from tests.system.templates import WORKFLOWS
from tests.system.waiting import wait_until
from tests.system.world import PORTS, World

Json = dict[str, Any]

FIRST_PORT = 8700
FIRST_CASE_TIMEOUT_S = 90.0
SAMPLE = WORKFLOWS / "summarize-email" / "sample.eml"
APPROVER = ("Ada Approver", "ada@example.com")


def main() -> int:
    options = _options()
    for number in (signal.SIGTERM, signal.SIGINT):
        # A shell that starts this in the background has SIGINT ignored; nobody could stop it then.
        signal.signal(number, signal.default_int_handler)
    try:
        with _only_one(options.data), _world(options) as world:
            case = first_case(world, SAMPLE)
            say(_summary(world, options.data, case, _enrolment(world.companion)))
            ended = wait_until(world.ended_server, "a server ended", math.inf)
            say(f"{ended} ended by itself; its log is in {options.data}. Stopping the rest.")
            return 1
    except KeyboardInterrupt:
        say("\nStopped. The data is kept; ./dev up goes on where this ended.")
        return 0
    except (CommandFailed, ServerFailed) as error:
        say(str(error))
        return 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev up", description=__doc__)
    ports = f"first of {PORTS} ports in a row (default: {FIRST_PORT})"
    parser.add_argument("--ports-from", type=int, default=FIRST_PORT, metavar="N", help=ports)
    data = "where everything is kept (default: .handoff/up)"
    parser.add_argument("--data", type=Path, default=LOCAL / "up", metavar="FOLDER", help=data)
    options = parser.parse_args()
    options.data = options.data.resolve()  # the servers run in folders of their own
    return options


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandFailed(f"./dev up runs already on {folder}.") from None
        yield


def _world(options: argparse.Namespace) -> World:
    first: int = options.ports_from
    taken = [str(port) for port in range(first, first + PORTS) if is_listening(port)]
    if taken:
        other = f"./dev up --ports-from {first + 1000}"
        raise CommandFailed(f"Taken by another program: port {', '.join(taken)}. Stop that, or run: {other}")
    return World(options.data, first)


def first_case(world: World, sample: Path) -> Json | None:
    """A handoff that waits: one from before, or what the sample mail leads to. None when there is none in time."""
    already_there = waiting(world.companion)
    if already_there:
        return already_there[0]
    if not sample.exists():
        return None
    say("Delivering a sample mail, and waiting until its handoff is open (usually 20 s) …")
    world.mailbox.wait_for_reader()
    world.mailbox.deliver(sample)
    try:
        return wait_until(lambda: waiting(world.companion), "a handoff waited", FIRST_CASE_TIMEOUT_S)[0]
    except AssertionError:
        say(f"No handoff came of the sample mail; n8n's executions say why: {world.n8n.url}/home/executions")
        return None


def waiting(companion: Companion) -> list[Json]:
    """The handoffs that nobody has decided."""
    headers = {"Authorization": f"Bearer {companion.key.api_key}"}
    answer = requests.get(f"{companion.url}/v1/handoffs", headers=headers, timeout=10)
    answer.raise_for_status()
    items: list[Json] = answer.json()["items"]
    return items


def _enrolment(companion: Companion) -> str:
    """A fresh one-time link that signs one browser in as the first approver."""
    name, email = APPROVER
    people = companion.handoff("reviewer", "list")
    if not any(person["name"] == name for person in people):
        return companion.add_reviewer(name, email, "approver", "owner").enrol_url
    url: str = companion.handoff("reviewer", "enrol", name)["enrol_url"]
    return url


def _summary(world: World, folder: Path, case: Json | None, enrol_url: str) -> str:
    shown = folder.relative_to(CHECKOUT) if folder.is_relative_to(CHECKOUT) else folder
    title = case["title"] if case else "Nothing waits yet: deliver a mail, or run a workflow in n8n."
    rows = [
        ("1. Sign in, once", enrol_url),
        ("2. Decide", f"{case['review_url']}   {title}" if case else title),
        ("", ""),
        ("More people", f".venv/bin/handoff reviewer add NAME --email EMAIL --data {shown}/companion/data"),
        ("Approvers' page", world.companion.url),
        ("n8n", f"{world.n8n.url}   {world.n8n.owner.email} / {world.n8n.owner.password}"),
        ("Mailbox", f"{world.mailbox.page_url}   {Mailbox.user}"),
        (
            "Bucket (S3)",
            f"{world.bucket.url}/{world.bucket.name}   {world.bucket.access_key} / {world.bucket.secret_key}",
        ),
        ("Sent outside", f"{shown}/proxy/requests.jsonl   what Slack and Cloudflare would have received"),
        ("API key", f"{shown}/companion/data/api_key"),
    ]
    lines = [f"  {label:<18}{text}".rstrip() for label, text in rows]
    unpublished = [f"  Not published in n8n: {name}. {why}" for name, why in world.not_published.items()]
    head = "Handoff runs, all of it on this machine; Slack, Cloudflare, the mailbox and the bucket are stand-ins."
    end = f"Data stays in {shown}; delete that folder to begin anew. Ctrl-C stops everything."
    return "\n".join(["", head, "", *lines, *unpublished, "", end])


if __name__ == "__main__":
    sys.exit(main())
