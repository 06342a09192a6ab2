"""`handoff token`: personal tokens, with which a person's own script acts in their name."""

from pathlib import Path

import click

from companion.commands.acting import operator
from companion.commands.places import data_option, json_option, services_at
from companion.commands.shown import moment, show, show_list


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
        made, text = services.directory.create_token(person.id, label, actor=operator())
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
        services.directory.revoke_token(token_id, actor=operator())
    click.echo(f"Revoked {token_id}.")
