"""`handoff reviewer`: the people who decide and read, and what each of them may."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from companion.commands.acting import operator
from companion.commands.people_access import COMMANDS
from companion.commands.places import data_option, json_option, services_at
from companion.commands.shown import moment, show, show_list
from companion.identity.credentials import ALL_ROLES, LEVELS, Reviewer
from companion.identity.people_file import apply, end_of_day, read_people


@click.group()
def reviewer() -> None:
    """The people who decide and read."""


for _command in COMMANDS:
    reviewer.add_command(_command)

WHO = (
    click.option("--email", help="Where personal links go; whoever signs in elsewhere is known by it."),
    click.option("--role", "roles", multiple=True, type=click.Choice(ALL_ROLES), help="Repeatable."),
    click.option("--workflow", "workflows", multiple=True, help="Repeatable; all workflows when left out."),
    click.option("--queue", "queues", multiple=True, help="Repeatable; all queues when left out."),
    click.option(
        "--level", "levels", multiple=True, type=click.IntRange(LEVELS[0], LEVELS[-1]),
        help="Repeatable; the reviewer levels whose cases they are served; all when left out.",
    ),
    click.option("--skill", "skills", multiple=True, help="Repeatable; what the person is trained for, as queues ask."),
    click.option(
        "--qualified", "qualified", multiple=True, metavar="SKILL[=DAY]",
        help="Repeatable; a test that was passed, and the last day on which that counts: security_trained=2027-03-31.",
    ),
)  # fmt: skip


def _who(command: Any) -> Any:
    for option in reversed(WHO):
        command = option(command)
    return command


@reviewer.command("add")
@click.argument("name")
@_who
@data_option
@json_option
def reviewer_add(name: str, data: Path | None, as_json: bool, **given: Any) -> None:
    """Add a person, an approver unless said otherwise, and print the one-time link that signs their browser in."""
    members = {"email": None, "roles": ("approver",)} | _members(name, given)
    with services_at(data) as services:
        person, secret = services.directory.add_reviewer(name, actor=operator(), **members)
        enrol_url = _enrol_url(services.settings.public_url, secret)
    show(_shown(person) | {"enrol_url": enrol_url}, as_json, _invitation(person.name, enrol_url))


@reviewer.command("edit")
@click.argument("name")
@click.option("--name", "new_name", help="Another name.")
@_who
@click.option("--all-workflows", is_flag=True, help="From now on all workflows.")
@click.option("--all-queues", is_flag=True, help="From now on all queues.")
@click.option("--all-levels", is_flag=True, help="From now on all reviewer levels.")
@data_option
@json_option
def reviewer_edit(name: str, new_name: str | None, data: Path | None, as_json: bool, **given: Any) -> None:
    """Change a person. A list that is given replaces the one before; what is not given stays."""
    every = {each: None for each in ("workflows", "queues", "levels") if given.pop(f"all_{each}")}
    both = [each for each in every if given[each]]
    if both:
        raise click.ClickException(f"Give --{both[0].rstrip('s')} or --all-{both[0]}, not both.")
    changes = ({} if new_name is None else {"name": new_name}) | every | _members(name, given)
    if not changes:
        raise click.ClickException("Say what to change; see: handoff reviewer edit --help.")
    with services_at(data) as services:
        person = services.directory.change_reviewer(name, changes, actor=operator())
    show(_shown(person), as_json, f"{person.name} is changed; it counts within a second.")


@reviewer.command("list")
@data_option
@json_option
def reviewer_list(data: Path | None, as_json: bool) -> None:
    """List the people who decide and read."""
    with services_at(data) as services:
        people = [_shown(person) for person in services.directory.list_reviewers()]
    show_list(people, as_json, "Nobody can decide yet; add the first person with: handoff reviewer add NAME")


@reviewer.command("enrol")
@click.argument("name")
@data_option
@json_option
def reviewer_enrol(name: str, data: Path | None, as_json: bool) -> None:
    """Print another one-time link, for a new browser or a lost passkey; earlier ones are void.

    NAME may be an email address or an id.
    """
    with services_at(data) as services:
        person = services.directory.reviewer(name)
        enrol_url = _enrol_url(
            services.settings.public_url, services.directory.enrol_again(person.id, actor=operator())
        )
    show({"id": person.id, "enrol_url": enrol_url}, as_json, _invitation(person.name, enrol_url))


@reviewer.command("remove")
@click.argument("name")
@data_option
def reviewer_remove(name: str, data: Path | None) -> None:
    """Remove a person with their passkeys, sessions, links and tokens. What they decided stays."""
    with services_at(data) as services:
        person = services.directory.remove_reviewer(name, actor=operator())
    click.echo(f"Removed {person.name}.")


@reviewer.command("apply")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--remove-others", is_flag=True, help="Remove whom the file does not name.")
@data_option
@json_option
def reviewer_apply(file: Path, remove_others: bool, data: Path | None, as_json: bool) -> None:
    """Make the people what a file says: added, changed, and with --remove-others removed. Again, it changes nothing."""
    try:
        wanted = read_people(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise click.ClickException(f"{file} is no UTF-8 text.") from None
    if remove_others and not wanted:
        raise click.ClickException("This file names nobody; with --remove-others nobody could decide any more.")
    with services_at(data) as services:
        done = apply(services.directory, wanted, operator(), remove_others=remove_others)
        public_url = services.settings.public_url
    rows = [
        {
            "id": each.person.id,
            "name": each.person.name,
            "outcome": each.outcome,
            "enrol_url": _enrol_url(public_url, each.enrolment) if each.enrolment else None,
        }
        for each in done
    ]
    show_list(rows, as_json, "The file names nobody.")


def _members(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the options of a person say; those that were not given are left out."""
    members = {each: value for each, value in given.items() if value and each != "qualified"}
    if given["qualified"]:
        pairs = [text.partition("=") for text in given["qualified"]]
        members["qualifications"] = {skill: end_of_day(day or None, name) for skill, _, day in pairs}
    return members


def _enrol_url(public_url: str, secret: str) -> str:
    # On our own origin, also where the page lies elsewhere: that is where people are signed in.
    return f"{public_url}/#/enrol/{secret}"


def _invitation(name: str, enrol_url: str) -> str:
    return f"{name} opens this link once, within 7 days, in the browser that they will decide in:\n\n  {enrol_url}"


def _shown(person: Reviewer) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "roles": list(person.roles),
        "workflows": "all" if person.workflows is None else list(person.workflows),
        "queues": "all" if person.queues is None else list(person.queues),
        "levels": "all" if person.levels is None else list(person.levels),
        "skills": list(person.skills),
        "qualifications": [
            skill if until is None else f"{skill} until {(moment(until - 1) or '')[:10]}"
            for skill, until in person.qualifications.items()
        ],
        "away_until": None if person.absence is None else moment(person.absence.until_ms),
        "created_at": moment(person.created_at_ms),
    }
