"""In whose name a command acts: a person's, who must have the role for it, or whoever sits at this machine."""

import getpass
from collections.abc import Sequence

import click

from companion.bootstrap import Services
from companion.commands.naming import short
from companion.core.handoff import Actor

by_option = click.option(
    "--by", help="In whose name: a reviewer's name, email address or id. Left out: this machine's."
)


def operator() -> Actor:
    """Whoever sits at this machine."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "somebody"
    return Actor("system", f"command_line:{user}", f"{user} on the command line")


def actor_of(services: Services, by: str | None, roles: Sequence[str], workflow_id: str | None) -> Actor:
    """The actor of a command on one workflow, or on more than one (None).

    Raises ClickException for a person without any of the roles, and for one who works on other workflows.
    """
    if by is None:
        return operator()
    person = services.directory.reviewer(by)
    if not set(roles) & set(person.roles):
        raise click.ClickException(f"{person.name} may not do this; it needs: {' or '.join(roles)}.")
    if person.workflows is not None and workflow_id not in person.workflows:
        named = ", ".join(person.workflows) or "no workflow"
        raise click.ClickException(f"{person.name} works on {short(named)} only; this is not theirs to do.")
    theirs, earlier = frozenset(person.roles), person.earlier_emails
    return Actor("human", person.id, person.name, person.email, "signed_in", theirs, earlier_emails=earlier)
