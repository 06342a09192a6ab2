"""The command `handoff`. A user's mistake gets one sentence and a non-zero exit code, never a traceback."""

import json
import platform
import sys
from importlib import import_module
from importlib.metadata import version as version_of
from typing import Final

import click
from click.exceptions import NoSuchCommand

from companion.embedded import DataFolderError, StoreError, binary, version
from companion.settings import VARIABLES, SettingsError

COMMANDS: Final = {
    "up": ("companion.commands.up", "up"),
    "serve": ("companion.commands.serve", "serve"),
    "worker": ("companion.commands.serve", "worker"),
    "store": ("companion.commands.store", "store"),
    "backup": ("companion.commands.backup", "backup"),
    "restore": ("companion.commands.backup", "restore"),
    "reviewer": ("companion.commands.people", "reviewer"),
    "token": ("companion.commands.tokens", "token"),
    "key": ("companion.commands.keys", "key"),
    "signing-key": ("companion.commands.keys", "signing_key"),
    "policy": ("companion.commands.policy", "policy"),
    "recommend": ("companion.commands.policy", "recommend"),
    "pause": ("companion.commands.pausing", "pause"),
    "resume": ("companion.commands.pausing", "resume"),
    "page": ("companion.commands.page", "page"),
}
"""Command -> module and name, imported when used, so that no command waits for the parts of another."""


class LazyGroup(click.Group):
    """A group that imports a command only when it is called or listed."""

    def list_commands(self, context: click.Context) -> list[str]:
        return [*COMMANDS, *super().list_commands(context)]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return super().get_command(context, name)
        module, attribute = COMMANDS[name]
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def resolve_command(
        self, context: click.Context, words: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(context, words)
        except NoSuchCommand as error:
            # Click looks for what is near among those that are loaded, which are next to none.
            raise NoSuchCommand(error.command_name, possibilities=self.list_commands(context), ctx=context) from None

    def format_epilog(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Settings"):
            formatter.write_dl(list(VARIABLES.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def handoff() -> None:
    """Handoff: a workflow asks a person, and goes on with the answer.

    `handoff up` runs everything on this machine. The other commands work on its data, whether it runs or not.
    """


@handoff.command("version")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
def show_version(as_json: bool) -> None:
    """Print the versions of Handoff, of its embedded store and of Python."""
    versions = {
        "handoff": version_of("handoff-companion"),
        "valkey": _embedded_version(),
        "python": platform.python_version(),
    }
    click.echo(json.dumps(versions) if as_json else "\n".join(f"{name} {value}" for name, value in versions.items()))


def _embedded_version() -> str | None:
    try:
        return version(binary())
    except StoreError:
        return None


def main() -> None:
    """Run the command line; what a user or the machine got wrong ends in one sentence."""
    if not _is_text(sys.argv):
        click.echo(
            "Error: An argument holds bytes that are not UTF-8 text; write it, and names of files, in UTF-8.", err=True
        )
        sys.exit(2)
    try:
        handoff.main(prog_name="handoff", standalone_mode=False)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Exception as error:
        sentence = _sentence(error)
        if sentence is None:
            raise
        click.echo(f"Error: {sentence}", err=True)
        sys.exit(1)


def _is_text(words: list[str]) -> bool:
    try:
        "".join(words).encode()
    except UnicodeEncodeError:
        return False
    return True


def _sentence(error: Exception) -> str | None:
    """What to tell the user; None for a bug of ours, whose traceback is wanted."""
    # Imported here, because `--help` and `version` need none of it.
    from companion.identity.directory import DirectoryProblem
    from companion.service.signing import RingProblem
    from companion.store.protocol import StoreUnavailable

    if isinstance(error, StoreUnavailable):
        said = str(error)
        return f"The store cannot be used: {said}{'' if ': ' in said else '; look whether it runs'}."
    if isinstance(error, SettingsError | DataFolderError | StoreError | DirectoryProblem | RingProblem):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'The system'}: {error.strerror}."
    return None
