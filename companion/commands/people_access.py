"""`handoff reviewer …`: a person's links and sessions, and who stands in while they are away."""

import shlex
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import click

from companion.commands.acting import operator
from companion.commands.places import data_option, json_option, services_at
from companion.commands.shown import moment, show, show_list
from companion.core.times import DAY_MS


@click.command("link")
@click.argument("name")
@click.argument("handoff_id", metavar="HANDOFF")
@data_option
@json_option
def link(name: str, handoff_id: str, data: Path | None, as_json: bool) -> None:
    """Print a person's own link to one case. Send it to nobody else."""
    with services_at(data) as services:
        url = services.directory.personal_link(services.settings.page_url, name, handoff_id)
    show({"url": url}, as_json, url)


@click.command("void-links")
@click.argument("name")
@data_option
def void_links(name: str, data: Path | None) -> None:
    """Make all personal and enrolment links of a person void, when somebody else may have read them."""
    with services_at(data) as services:
        services.directory.void_links(name, actor=operator())
    click.echo(f"All personal and enrolment links of {name} are void.")


@click.command("sessions")
@click.argument("name")
@data_option
@json_option
def sessions(name: str, data: Path | None, as_json: bool) -> None:
    """List where a person is signed in."""
    with services_at(data) as services:
        person = services.directory.reviewer(name)
        rows = [
            {
                "id": session_id,
                "method": record["method"],
                "browser": record["browser"],
                "created_at": moment(record["created_at_ms"]),
                "expires_at": moment(record["expires_at_ms"]),
            }
            for session_id, record in services.directory.sessions_of(person.id)
        ]
    show_list(sorted(rows, key=lambda row: str(row["created_at"])), as_json, f"{person.name} is signed in nowhere.")


@click.command("sign-out")
@click.argument("name")
@click.option("--session", "only", help="One session of the list; all of them when left out.")
@click.option("--tokens", is_flag=True, help="Revoke the person's personal tokens too.")
@data_option
def sign_out(name: str, only: str | None, tokens: bool, data: Path | None) -> None:
    """End a person's sessions, for a lost phone. They are refused within a second.

    Without --session, enrolment links that nobody used yet are void as well. Passkeys and personal links stay, and
    without --tokens personal tokens do too; the output says how many.
    """
    if tokens and only is not None:
        raise click.ClickException("Tokens belong to no session: leave --session out, or see: handoff token revoke.")
    with services_at(data) as services:
        directory, revoked = services.directory, 0
        person = directory.reviewer(name)
        ended = [each for each, _ in directory.sessions_of(person.id) if only in (None, each)]
        if only is not None and not ended:
            raise click.ClickException(f"{person.name} has no session {only}; see: handoff reviewer sessions NAME.")
        for session_id in ended:
            directory.end_session(person.id, session_id)
        if only is None:
            directory.void_enrolments(person.id, actor=operator())
        if tokens:
            # After the sessions: somebody who is signed in could make another.
            revoked = directory.revoke_tokens_of(person.id, actor=operator())
        left = len(directory.list_tokens(person.id))
    click.echo(f"Ended {_number(len(ended), 'session')} of {person.name}.")
    if tokens:
        click.echo(f"Revoked {_number(revoked, 'personal token')}.")
    elif left and only is None:
        valid = "stays" if left == 1 else "stay"
        click.echo(
            f"{_number(left, 'personal token')} of {person.name} {valid} valid. To revoke them: "
            f"handoff reviewer sign-out {shlex.quote(person.name)} --tokens"
        )


@click.command("away")
@click.argument("name")
@click.option("--until", "until", required=True, metavar="DAY", help="The last day of the absence, such as 2026-12-31.")
@click.option("--from", "from_", metavar="DAY", help="Its first day; now when left out.")
@click.option("--backup", help="Who stands in: name, email address or id.")
@data_option
@json_option
def away(name: str, until: str, from_: str | None, backup: str | None, data: Path | None, as_json: bool) -> None:
    """Note that a person is away (days in UTC). Their open cases go to whoever stands in, who gets new ones as well."""
    until_ms = _midnight(until) + DAY_MS
    from_ms = None if from_ is None else _midnight(from_)
    with services_at(data) as services:
        person = services.directory.reviewer(name)
        backup_id = services.directory.reviewer(backup).id if backup else None
        person, moved = services.absences.leave(person.id, from_ms, until_ms, backup_id, operator())
    record = {"id": person.id, "away_until": moment(until_ms), "backup_id": backup_id}
    text = f"{person.name} is away until {until}; {len(moved)} cases were handed over."
    show(record | {"moved": [handoff.id for handoff in moved]}, as_json, text)


@click.command("back")
@click.argument("name")
@data_option
def back(name: str, data: Path | None) -> None:
    """Note that a person is back. What was handed over stays where it is."""
    with services_at(data) as services:
        person = services.absences.come_back(services.directory.reviewer(name).id, operator())
    click.echo(f"{person.name} is back.")


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _midnight(day: str) -> int:
    try:
        found = date.fromisoformat(day)
        return int(datetime(found.year, found.month, found.day, tzinfo=UTC).timestamp()) * 1000
    except ValueError:
        raise click.ClickException(f"A day is written 2026-12-31, not {day}.") from None


COMMANDS: Final = (link, void_links, sessions, sign_out, away, back)
