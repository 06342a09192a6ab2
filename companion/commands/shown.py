"""How commands print: aligned columns for people, JSON for scripts."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from companion.core.times import iso


def show(record: Mapping[str, Any], as_json: bool, text: str) -> None:
    """One result: `record` for scripts, `text` for people."""
    click.echo(json.dumps(record) if as_json else text)


def show_list(records: Sequence[Mapping[str, Any]], as_json: bool, nothing: str) -> None:
    """A list of records with equal members, in columns under their names; `nothing` is said of an empty one."""
    if as_json:
        click.echo(json.dumps(list(records)))
        return
    if not records:
        click.echo(nothing)
        return
    rows = [[name.replace("_", " ") for name in records[0]], *([_cell(value) for value in r.values()] for r in records)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def moment(at_ms: int | None) -> str | None:
    """A time as the API shows it."""
    return None if at_ms is None else iso(at_ms)


def _cell(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    return "" if value is None else str(value)
