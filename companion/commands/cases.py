"""Files of cases for `handoff policy simulate`: what cannot be used is one sentence with its place."""

import csv
from pathlib import Path

import click

from companion.commands.naming import short
from companion.core.policy.expressions import PAYLOAD
from companion.core.policy.facts import Facts, UnreadableFacts, read_facts
from companion.core.times import END_OF_TIMES_MS


def read_cases(file: Path, text: str, workflow_id: str) -> list[Facts]:
    """The cases in a CSV file, by its ending, or in JSON lines. Raises ClickException."""
    form = "csv" if file.suffix.lower() == ".csv" else "jsonl"
    if form == "csv":
        _check_columns(file, text)
    try:
        facts = read_facts(text, form, workflow_id)
    except UnreadableFacts as error:
        first = error.problems[0]
        more = f" {len(error.problems) - 1} more like it." if len(error.problems) > 1 else ""
        raise click.ClickException(f"{file}, line {first.line}: {first.sentence}{more}") from None
    for fact in facts:
        # Near the ends of the calendar an offset leads to a year that cannot be shown.
        if fact.at_ms is not None and not 0 <= fact.at_ms < END_OF_TIMES_MS:
            raise click.ClickException(f"{file}, {short(fact.id)}: a case lies in the years 1970 to 9998 (UTC).")
    return facts


def _check_columns(file: Path, text: str) -> None:
    """Refuse a column that would have to hold a value and, for another column, a group of values."""
    try:
        header = [name.strip() for name in next(csv.reader(text.removeprefix("\ufeff").splitlines(), strict=True), [])]
    except csv.Error:
        return  # read_facts says what is wrong with the file
    for name in header:
        outer = next((one for one in header if name.startswith(f"{one}.") and one.split(".")[0] in PAYLOAD), None)
        if outer is not None:
            names = f"“{short(outer)}” and “{short(name)}”"
            raise click.ClickException(f"{file}, line 1: {names} cannot both be columns; leave one of them out.")
