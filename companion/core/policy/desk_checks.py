"""What a policy may not say of the people who decide: their ladder, their rights, and what is hidden from them."""

from collections.abc import Iterator, Mapping
from typing import Any

from companion.core.policy.document import PolicyProblem, pointer


def desk_problems(document: Mapping[str, Any], effective: Mapping[str, Any]) -> Iterator[PolicyProblem]:
    """Every problem of the parts that say how a case is reviewed."""
    yield from _twice(document)
    yield from _ladder(document, effective)
    yield from _roles(effective)
    bands = effective["confidence_bands"]
    if bands["yellow_from"] > bands["green_from"]:
        sentence = f"“yellow_from” is {bands['yellow_from']:g} and “green_from” is {bands['green_from']:g}; "
        yield PolicyProblem("/confidence_bands/yellow_from", sentence + "it must not be above.")


def _twice(document: Mapping[str, Any]) -> Iterator[PolicyProblem]:
    for part, name in (("ladder", "level"), ("redaction", "path")):
        seen = [entry.get(name) for entry in document.get(part) or ()]
        for at, value in enumerate(seen):
            if value in seen[:at]:
                yield PolicyProblem(pointer(part, at, name), f"“{value}” stands here twice.")


def _ladder(document: Mapping[str, Any], effective: Mapping[str, Any]) -> Iterator[PolicyProblem]:
    steps = document.get("ladder") or ()
    for step in effective["ladder"]:
        place = next((pointer("ladder", at) for at, own in enumerate(steps) if own["level"] == step["level"]), "")
        yield from _queue(f"{place}/queue" if place else "/extends", step["queue"], effective)
    for name, target in effective["escalation_targets"].items():
        if name.startswith("level_"):
            # Handoff names the steps of the ladder so.
            yield PolicyProblem(
                pointer("escalation_targets", name), "A name that begins with “level_” is the ladder's."
            )
        yield from _queue(pointer("escalation_targets", name, "queue"), target["queue"], effective)


def _queue(place: str, queue: str | None, effective: Mapping[str, Any]) -> Iterator[PolicyProblem]:
    if queue is not None and queue not in effective["queues"]:
        yield PolicyProblem(place, f"There is no queue “{queue}” under “queues”.")


def _roles(effective: Mapping[str, Any]) -> Iterator[PolicyProblem]:
    for role, actions in effective["actions_by_role"].items():
        for at, action in enumerate(actions):
            if action not in effective["actions"]:
                sentence = f"“{action}” is no action of this policy; add it to “actions”, or take it out here."
                yield PolicyProblem(pointer("actions_by_role", role, at), sentence)
