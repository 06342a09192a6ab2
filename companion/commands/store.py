"""`handoff store`: what an operator sets up at a Redis or Valkey of their own."""

import click

from companion.store.access import rights


@click.group()
def store() -> None:
    """The Redis or Valkey in HANDOFF_REDIS_URL."""


@store.command("acl")
@click.option("--file", "as_file", is_flag=True, help="Print a line for the server's ACL file, not a command.")
def acl(as_file: bool) -> None:
    """Print the user that the companion needs at its store: its commands, its keys, and nothing else.

    Put the SHA-256 of its password in place of PASSWORD_SHA256; as it stands the server refuses the line. The same line
    again changes the password, and after an upgrade the rights.
    """
    click.echo(
        " ".join(("user" if as_file else "ACL SETUSER", "handoff", "reset", "on", "#PASSWORD_SHA256", *rights()))
    )
