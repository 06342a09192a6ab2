"""`handoff policy` and `handoff recommend`: the rules of each workflow, as files and as versions in the store."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from companion.bootstrap import Services
from companion.commands import naming
from companion.commands.acting import actor_of, by_option
from companion.commands.cases import read_cases
from companion.commands.places import data_option, json_option, services_at
from companion.commands.shown import show, show_list
from companion.core.decide import Refused
from companion.core.policy.change import diff as differences
from companion.core.policy.document import UnusablePolicy
from companion.core.policy.facts import Facts
from companion.core.policy.patterns import recommend as recommended
from companion.core.policy.presets import PRESETS, compiled_preset, preset_name_for
from companion.core.policy.reading import read_policy
from companion.core.policy.ready import CompiledPolicy
from companion.core.policy.simulation import simulate as simulated
from companion.core.policy.versions import compared
from companion.service.standing import compile_document

file_argument = click.Path(path_type=Path, exists=True, dir_okay=False)
SHOWN_EXAMPLES = 20


@click.group()
def policy() -> None:
    """Policies: who decides what, in files that you can keep beside your workflows."""


@policy.command("check")
@click.argument("file", type=file_argument)
@json_option
def policy_check(file: Path, as_json: bool) -> None:
    """Say whether a policy can be used, and what is wrong with it if not. Its own tests are run."""
    made = _compiled(file)
    tests = made.test_result
    text = f"{file} can be used for {made.policy_id}. {tests['passed']} of {tests['run']} tests passed."
    show({"workflow_id": made.policy_id, "tests": dict(tests)}, as_json, text)


@policy.command("simulate")
@click.option("--policy", "file", type=file_argument, required=True, help="The policy to try.")
@click.option("--items", type=file_argument, help="Cases as JSON lines or CSV; the stored ones when left out.")
@click.option("--against", type=file_argument, help="The policy to compare with; the one in force when left out.")
@click.option("--days", type=click.IntRange(1, 31), default=30, show_default=True, help="How far back stored cases go.")
@data_option
@json_option
def policy_simulate(
    file: Path, items: Path | None, against: Path | None, days: int, data: Path | None, as_json: bool
) -> None:
    """Say what a policy would have done: how many cases take each lane, and which change theirs."""
    after = _compiled(file)
    if items is None:
        with services_at(data) as services:
            before = _compiled(against) if against else services.policies.standing_now(after.policy_id).policy
            facts = services.policies.facts(after.policy_id, days, 50_000)
            report = _with_progress(before, after, facts, as_json)
    else:
        before = _compiled(against) if against else _in_force(after.policy_id, data)
        report = _with_progress(before, after, read_cases(items, _text(items), after.policy_id), as_json)
    show(report, as_json, _report_text(report))


def _in_force(workflow_id: str, data: Path | None) -> CompiledPolicy:
    """The policy in force where a store is named; without one, what a workflow has that never had its own."""
    if data is None and not os.environ.get("HANDOFF_REDIS_URL"):
        return compiled_preset(preset_name_for(workflow_id))
    with services_at(data) as services:
        return services.policies.standing_now(workflow_id).policy


def _with_progress(before: CompiledPolicy, after: CompiledPolicy, facts: Sequence[Facts], as_json: bool) -> Any:
    """Simulate; people see how far it is, scripts see nothing but the result."""
    if as_json:
        return simulated(before, after, facts).document()
    with click.progressbar(length=len(facts), label="Cases", file=sys.stderr) as bar:
        return simulated(before, after, facts, lambda done: bar.update(done - bar.pos)).document()


def _report_text(report: Mapping[str, Any]) -> str:
    lines = [f"{report['items']} cases, {report['changed']} would take another way.", ""]
    lanes = list({**report["before"]["lanes"], **report["after"]["lanes"]})
    width = max([len(lane) for lane in lanes], default=0)
    for lane in lanes:
        was, now = report["before"]["lanes"].get(lane, 0), report["after"]["lanes"].get(lane, 0)
        lines.append(f"  {lane.replace('_', ' ').ljust(width)}  {was:>7} -> {now:>7}")
    if report["wrongly_approved"]:
        lines += ["", f"{report['wrongly_approved']} cases that people rejected would go through by themselves."]
    for example in report["examples"][:SHOWN_EXAMPLES]:
        said = f": {example['words']}" if example.get("words") else ""
        lines.append(f"  {example['id']}  {_way(example['before'])} -> {_way(example['after'])}{said}")
    return "\n".join(lines)


def _way(told: Any) -> str:
    return str(told.get("lane") or told.get("route")) if isinstance(told, Mapping) else str(told)


@policy.command("diff")
@click.argument("file", type=file_argument)
@click.argument("other", type=file_argument, required=False)
@data_option
@json_option
def policy_diff(file: Path, other: Path | None, data: Path | None, as_json: bool) -> None:
    """List what changes from FILE to OTHER; with one file, from the policy in force to FILE."""
    if other is not None:
        before, after = _compiled(file), _compiled(other)
    else:
        after = _compiled(file)
        with services_at(data) as services:
            before = services.policies.standing_now(after.policy_id).policy
    was, becomes = compared(before, after, of_preset=before.version == 0)
    changes = [dict(change) for change in differences(was, becomes)]
    if as_json:
        click.echo(json.dumps(changes))
        return
    click.echo("\n".join(_change_text(change) for change in changes) or "Nothing changes.")


def _change_text(change: Mapping[str, Any]) -> str:
    was, now = (json.dumps(change[name], ensure_ascii=False) for name in ("before", "after"))
    return f"{change['label']}: {was} -> {now}" + ("  (loosens control)" if change["loosens"] else "")


@policy.command("apply")
@click.argument("file", type=file_argument)
@click.option("--reason", type=naming.reason, required=True, help="Why it changes; kept with the version.")
@by_option
@data_option
@json_option
def policy_apply(file: Path, reason: str, by: str | None, data: Path | None, as_json: bool) -> None:
    """Save a policy: at once within the bounds of the one in force, else as a proposal for governance."""
    document = _document(file)
    # Made ready first, so that nothing is asked of the store under a name that is none.
    name = _compiled(file).policy_id
    with services_at(data) as services:
        actor = actor_of(services, by, ("operator", "governance", "owner"), name)
        warning = naming.twin_warning(services, name)
        state = services.policies.view(name)[0]
        came = _usable(file, lambda: services.policies.save(name, document, reason, state.active, actor))
    if isinstance(came, Refused):
        raise click.ClickException(came.detail)
    if came.status == "active":
        text = f"Version {came.record['version']} of {name} is in force."
    else:
        reasons = "\n".join(f"  {line}" for line in came.record["reasons"])
        text = f"Proposed as {came.record['id']}; governance must approve it, because:\n{reasons}"
    show(naming.warned({"status": came.status, **came.record}, warning, as_json), as_json, text)


@policy.command("list")
@data_option
@json_option
def policy_list(data: Path | None, as_json: bool) -> None:
    """List the workflows that have a policy of their own, and the presets that stand in for all others."""
    with services_at(data) as services:
        own = [_row(entry) for entry in services.policies.listed()]
    presets = [
        {"workflow_id": name, "version": 0, "title": preset.get("title"), "risk_tier": preset.get("risk_tier"),
         "proposal": False, "preset": True, "readable": True}
        for name, preset in PRESETS.items()
    ]  # fmt: skip
    show_list([*own, *presets], as_json, "There is no policy yet.")


def _row(entry: Mapping[str, Any]) -> dict[str, Any]:
    names = ("workflow_id", "version", "title", "risk_tier", "proposal", "preset", "readable")
    return {name: entry[name] for name in names}


@policy.command("show")
@click.argument("workflow_id", metavar="WORKFLOW", type=naming.workflow_name)
@click.option("--version", "number", type=click.IntRange(min=1), help="An earlier version.")
@data_option
def policy_show(workflow_id: str, number: int | None, data: Path | None) -> None:
    """Print a policy as JSON: what was saved, who saved and approved it, and all that holds."""
    with services_at(data) as services:
        record = _version(services, workflow_id, number)
    click.echo(json.dumps(record, indent=2, ensure_ascii=False))


def _version(services: Services, workflow_id: str, number: int | None) -> dict[str, Any]:
    if number is None:
        state, made, record = services.policies.view(workflow_id)
        return {"workflow_id": workflow_id, "version": state.active, **record, "effective": dict(made.effective),
                "proposal": state.proposal}  # fmt: skip
    record = services.policies.version(workflow_id, number) or {}
    if not record:
        raise click.ClickException(f"The policy of {workflow_id} has no version {number}.")
    return record


@policy.command("raise-sampling")
@click.argument("workflow_id", metavar="WORKFLOW", type=naming.workflow_name)
@click.option("--because", type=click.Choice(["drift", "new_data"]), required=True, help="What was noticed.")
@click.option("--reason", type=naming.reason, required=True, help="How it was noticed; kept with the event.")
@click.option("--strong", is_flag=True, help="The drift is strong: items also go one review tier up.")
@click.option("--days", type=click.IntRange(1, 365), default=7, show_default=True, help="For how long.")
@by_option
@data_option
def policy_raise_sampling(
    workflow_id: str, because: str, reason: str, strong: bool, days: int, by: str | None, data: Path | None
) -> None:
    """Have more of what goes through by itself looked at, because the data drifts or is new."""
    with services_at(data) as services:
        actor = actor_of(services, by, ("operator", "governance", "owner", "on_call"), workflow_id)
        signal: Any = because
        if not services.policies.raise_sampling(workflow_id, signal, reason, actor, strong=strong, days=days):
            raise click.ClickException("Somebody changed this policy at the same moment; try again.")
    click.echo(f"More of {workflow_id} is looked at for {days} days.")


@click.command()
@click.argument("description")
@json_option
def recommend(description: str, as_json: bool) -> None:
    """Recommend how to put people into a workflow, from a DESCRIPTION of what it does."""
    rows = recommended(description)
    if as_json:
        click.echo(json.dumps(rows))
        return
    first, *others = rows
    lines = [f"{first['title']}: {first['best_for']}.", f"  Recommended SLA: {first['recommended_sla']}"]
    lines += [f"  - {reason}" for reason in first["reasons"]]
    if others:
        lines += ["", "Others: " + "; ".join(str(row["title"]) for row in others)]
    click.echo("\n".join(lines))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise click.ClickException(f"{file} is not UTF-8 text.") from None


def _document(file: Path) -> dict[str, Any]:
    read: dict[str, Any] = _usable(file, lambda: read_policy(_text(file)))
    return read


def _compiled(file: Path) -> CompiledPolicy:
    document = _document(file)
    made: CompiledPolicy = _usable(file, lambda: compile_document(document, 1))
    return made


def _usable(file: Path, make: Any) -> Any:
    """What `make` gives; every problem of the policy is one line."""
    try:
        return make()
    except UnusablePolicy as error:
        lines = [f"  {found.pointer or '/'}: {found.sentence}" for found in error.problems]
        raise click.ClickException("\n".join([f"{file} cannot be used:", *lines])) from None
