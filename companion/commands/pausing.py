"""`handoff pause` and `handoff resume`: the kill switch on the command line."""

from pathlib import Path

import click

from companion.commands import naming
from companion.commands.acting import actor_of, by_option
from companion.commands.places import data_option, json_option, services_at
from companion.commands.shown import moment, show
from companion.core.decide import Refused
from companion.service.pauses import Scope

RESUMERS = ("governance", "owner", "on_call")


@click.command()
@click.argument("workflow_id", metavar="WORKFLOW", required=False, type=naming.workflow_name)
@click.option("--all", "everything", is_flag=True, help="Pause everything.")
@click.option(
    "--model-version",
    type=naming.model_version,
    help="Pause what this version of a model made; with WORKFLOW, only there.",
)
@click.option(
    "--reason",
    type=naming.reason,
    default="Paused on the command line.",
    show_default=True,
    help="Why; others read it.",
)
@by_option
@data_option
@json_option
def pause(
    workflow_id: str | None,
    everything: bool,
    model_version: str | None,
    reason: str,
    by: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Stop what runs by itself, within a second: nothing is decided without a person, and callbacks are held."""
    named = workflow_id is not None or model_version is not None
    if named == everything:
        raise click.UsageError("Name a WORKFLOW or a --model-version, or say --all.")
    with services_at(data) as services:
        actor = actor_of(services, by, ("operator", *RESUMERS), workflow_id)
        warning = None if workflow_id is None else naming.unknown_warning(services, workflow_id)
        came = services.pauses.start(Scope(workflow_id, model_version), reason, actor)
        if isinstance(came, Refused):
            raise click.ClickException(came.detail)
        url = services.service.review_url(came.review_id)
    words = Scope(came.workflow_id, came.model_version).words
    text = f"Paused: {words}.\nTo resume, somebody approves {url}\nand then: handoff resume {came.id} --by NAME"
    record = {"id": came.id, "scope": words, "review": came.review_id, "review_url": url}
    show(naming.warned(record | {"started_at": moment(came.started_at_ms)}, warning, as_json), as_json, text)


@click.command()
@click.argument("pause_id", metavar="PAUSE")
@click.option("--reason", type=naming.reason, default="The cause is gone.", show_default=True, help="Why it may go on.")
@click.option("--by", required=True, help="Name, email address or id of the person; on call, governance or owner.")
@data_option
@json_option
def resume(pause_id: str, reason: str, by: str, data: Path | None, as_json: bool) -> None:
    """Resume after a pause, once a person approved its review."""
    with services_at(data) as services:
        held = services.pauses.book().find(pause_id)
        if held is None:
            raise click.ClickException(f"There is no pause {naming.short(pause_id)}.")
        came = services.pauses.resume(pause_id, reason, actor_of(services, by, RESUMERS, held.workflow_id))
    if isinstance(came, Refused):
        raise click.ClickException(came.detail)
    words = Scope(came.workflow_id, came.model_version).words
    show({"id": came.id, "scope": words, "ended_at": moment(came.ended_at_ms)}, as_json, f"Resumed: {words}.")
