"""What a command takes as the name of a workflow or of a model version, and as a reason: as much as the API takes."""

from collections.abc import Mapping
from typing import Any, Final

import click

from companion.bootstrap import Services
from companion.core.policy.presets import PRESETS, preset_name_for
from companion.store.policies import WORKFLOW_ID

MOST_OF_A_LINE: Final = 300
MOST_OF_A_REASON: Final = 8_000
SHOWN: Final = 40


def workflow_name(text: str) -> str:
    """The name of a workflow. Anything else could be a name that the store keeps for itself."""
    if not WORKFLOW_ID.fullmatch(text):
        raise click.ClickException(
            f"“{short(text)}” is no name of a workflow: that is 1 to 128 letters, digits, dots, dashes or "
            "underscores, of which the first is a letter or a digit."
        )
    return text


def model_version(text: str) -> str:
    """The version of a model."""
    return _words("model version", text, MOST_OF_A_LINE)


def reason(text: str) -> str:
    """Why somebody does something, for others to read."""
    return _words("reason", text, MOST_OF_A_REASON)


def _words(called: str, text: str, most: int) -> str:
    if not text.strip() or len(text) > most:
        raise click.ClickException(f"A {called} has 1 to {most} characters, and not only blanks.")
    return text


def short(text: str) -> str:
    """As much of a text as a sentence has room for, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


def unknown_warning(services: Services, workflow_id: str) -> str | None:
    """What to say of a workflow that neither has a policy, nor a preset, nor any case; None for one that is known."""
    if preset_name_for(workflow_id) != "default" or workflow_id == "default" or services.policies.versions(workflow_id):
        return None
    if services.policies.facts(workflow_id, 31, 1) or services.store.count_open([workflow_id]):
        return None
    if services.store.list_decided([workflow_id], 0, 1).items:
        return None
    return f"Nothing is known of a workflow “{workflow_id}” yet; look whether its name is written so."


def twin_warning(services: Services, workflow_id: str) -> str | None:
    """What to say of a name that differs from a known one by capitals only: it is another workflow."""
    known = [*(row["workflow_id"] for row in services.policies.listed()), *PRESETS]
    like = next((name for name in known if name.casefold() == workflow_id.casefold()), None)
    if like is None or workflow_id in known:
        return None
    return f"“{workflow_id}” and “{like}” are two workflows: capitals count."


def warned(record: Mapping[str, Any], warning: str | None, as_json: bool) -> dict[str, Any]:
    """The record with its warning, for scripts; people read it as a line on stderr."""
    if warning is None:
        return dict(record)
    if not as_json:
        click.echo(f"Warning: {warning}", err=True)
    return {**record, "warning": warning}
