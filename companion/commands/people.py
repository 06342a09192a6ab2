"""`handoff reviewer` and `handoff token`: the people who decide, and their scripts."""

from pathlib import Path
from typing import Any

import click

from companion.commands.places import data_option, json_option, services_at
from companion.commands.shown import moment, show, show_list
from companion.credentials import ALL_ROLES, Reviewer


@click.group()
def reviewer() -> None:
    """The people who decide."""


@reviewer.command("add")
@click.argument("name")
@click.option("--email", help="Where personal links go.")
@click.option(
    "--role", "roles", multiple=True, type=click.Choice(ALL_ROLES), help="Repeatable; approver when left out."
)
@click.option("--workflow", "workflows", multiple=True, help="Repeatable; all workflows when left out.")
@click.option("--skill", "skills", multiple=True, help="Repeatable; what the person is trained for, as queues ask.")
@data_option
@json_option
def reviewer_add(
    name: str,
    email: str | None,
    roles: tuple[str, ...],
    workflows: tuple[str, ...],
    skills: tuple[str, ...],
    data: Path | None,
    as_json: bool,
) -> None:
    """Add a person, and print the one-time link that signs their browser in."""
    with services_at(data) as services:
        person, token = services.directory.add_reviewer(name, email, roles or ("approver",), workflows or None, skills)
        enrol_url = _enrol_url(services.settings.page_url, token)
    show(_shown(person) | {"enrol_url": enrol_url}, as_json, _invitation(person.name, enrol_url))


@reviewer.command("list")
@data_option
@json_option
def reviewer_list(data: Path | None, as_json: bool) -> None:
    """List the people who decide."""
    with services_at(data) as services:
        people = [_shown(person) for person in services.directory.list_reviewers()]
    show_list(people, as_json, "Nobody can decide yet; add the first person with: handoff reviewer add NAME")


@reviewer.command("enrol")
@click.argument("name")
@data_option
@json_option
def reviewer_enrol(name: str, data: Path | None, as_json: bool) -> None:
    """Print another one-time link, for a new browser or a lost one. NAME may be an email address or an id."""
    with services_at(data) as services:
        person = services.directory.reviewer(name)
        enrol_url = _enrol_url(services.settings.page_url, services.directory.enrol_again(person.id))
    show({"id": person.id, "enrol_url": enrol_url}, as_json, _invitation(person.name, enrol_url))


@reviewer.command("link")
@click.argument("name")
@click.argument("handoff_id", metavar="HANDOFF")
@data_option
@json_option
def reviewer_link(name: str, handoff_id: str, data: Path | None, as_json: bool) -> None:
    """Print a person's own link to one case. Send it to nobody else."""
    with services_at(data) as services:
        url = services.directory.personal_link(services.settings.page_url, name, handoff_id)
    show({"url": url}, as_json, url)


@reviewer.command("void-links")
@click.argument("name")
@data_option
def reviewer_void_links(name: str, data: Path | None) -> None:
    """Make all personal links of a person void, when somebody else may have read them."""
    with services_at(data) as services:
        services.directory.void_links(name)
    click.echo(f"All personal links of {name} are void.")


@reviewer.command("remove")
@click.argument("name")
@data_option
def reviewer_remove(name: str, data: Path | None) -> None:
    """Remove a person with their sessions, links and tokens. What they decided stays."""
    with services_at(data) as services:
        person = services.directory.remove_reviewer(name)
    click.echo(f"Removed {person.name}.")


@click.group()
def token() -> None:
    """Personal tokens: with one, a reviewer's own script acts in their name."""


@token.command("create")
@click.option("--reviewer", "name", required=True, help="Name, email address or id of the person.")
@click.option("--label", default="script", show_default=True, help="What the token is for, to find it again.")
@data_option
@json_option
def token_create(name: str, label: str, data: Path | None, as_json: bool) -> None:
    """Make a personal token. It is shown this once."""
    with services_at(data) as services:
        person = services.directory.reviewer(name)
        made, text = services.directory.create_token(person.id, label)
    record = {"id": made.id, "reviewer": person.name, "label": made.label, "token": text}
    show(record, as_json, f"{text}\nWhoever has it acts as {person.name}. It is shown this once.")


@token.command("list")
@data_option
@json_option
def token_list(data: Path | None, as_json: bool) -> None:
    """List the personal tokens; their secrets are not kept and cannot be shown."""
    with services_at(data) as services:
        names = {person.id: person.name for person in services.directory.list_reviewers()}
        tokens = [
            {
                "id": each.id,
                "reviewer": names.get(each.reviewer_id, each.reviewer_id),
                "label": each.label,
                "created_at": moment(each.created_at_ms),
            }
            for each in services.directory.list_tokens()
        ]
    show_list(tokens, as_json, "There is no personal token.")


@token.command("revoke")
@click.argument("token_id", metavar="ID")
@data_option
def token_revoke(token_id: str, data: Path | None) -> None:
    """End a personal token. It is refused within a second."""
    with services_at(data) as services:
        services.directory.revoke_token(token_id)
    click.echo(f"Revoked {token_id}.")


def _enrol_url(page_url: str, secret: str) -> str:
    return f"{page_url}/#/enrol/{secret}"


def _invitation(name: str, enrol_url: str) -> str:
    return f"{name} opens this link once, within 7 days, in the browser that they will decide in:\n\n  {enrol_url}"


def _shown(person: Reviewer) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "roles": list(person.roles),
        "workflows": "all" if person.workflows is None else list(person.workflows),
        "skills": list(person.skills),
        "created_at": moment(person.created_at_ms),
    }
