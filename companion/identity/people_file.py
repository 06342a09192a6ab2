"""A file of people, kept beside the other configuration: who they are, and what they may (R-ROLE-16).

    people:
      - name: Ada Lovelace
        email: ada@example.com
        roles: [approver, owner]
        queues: [refunds]
        qualifications: {security_trained: 2027-03-31}

What is left out has its default: the file is the whole truth about those whom it names, and says nothing of others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Final

import yaml

from companion.core.handoff import Actor
from companion.identity.base import COMMAND_LINE
from companion.identity.credentials import Reviewer
from companion.identity.directory import Directory, DirectoryProblem
from companion.identity.people import check_among, check_members

MOST_CHARACTERS: Final = 1024 * 1024
LISTS: Final = ("roles", "workflows", "skills", "levels", "queues")
MEMBERS: Final = ("name", "email", *LISTS, "qualifications")
DEFAULTS: Final[dict[str, Any]] = {
    "roles": ("approver",), "workflows": None, "skills": (), "levels": None, "queues": None, "qualifications": {},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one person of the file."""

    person: Reviewer
    outcome: str
    """`added`, `changed`, `unchanged` or `removed`."""
    enrolment: str | None = None


def read_people(text: str) -> list[dict[str, Any]]:
    """The people of a file, each with every member. Raises DirectoryProblem, which says where and what is wrong."""
    if len(text) > MOST_CHARACTERS:
        raise DirectoryProblem(f"A file of people has at most {MOST_CHARACTERS} characters.")
    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = "" if line is None else f" in line {line + 1}"
        raise DirectoryProblem(f"This file cannot be read as YAML{where}.") from None
    if not isinstance(document, dict) or set(document) != {"people"} or not isinstance(document["people"], list):
        raise DirectoryProblem("A file of people begins with “people:” and lists them below, each with a name.")
    people = [_person(entry, number) for number, entry in enumerate(document["people"], 1)]
    for member in ("name", "email"):
        given = [person[member].casefold() for person in people if person[member]]
        twice = next((value for value in given if given.count(value) > 1), None)
        if twice is not None:
            raise DirectoryProblem(f"Two people of this file have the {member} {twice}; each has their own.")
    return people


def apply(
    directory: Directory, people: list[dict[str, Any]], actor: Actor = COMMAND_LINE, *, remove_others: bool
) -> list[Applied]:
    """Make the directory say what the file says. Applied again, it changes nothing.

    Raises DirectoryProblem before the first write, so that nobody is added whose enrolment link is never printed.
    """
    _check_all(people, directory.list_reviewers())
    done = [_apply(directory, person, actor) for person in people]
    named = {applied.person.id for applied in done}
    if remove_others:
        others = [person.id for person in directory.list_reviewers() if person.id not in named]
        done += [Applied(directory.remove_reviewer(other, actor=actor), "removed") for other in others]
    return done


def _check_all(people: list[dict[str, Any]], there: Sequence[Reviewer]) -> None:
    """Go through the file as `apply` does, without a write."""
    among = {person.id: person for person in there}
    for number, wanted in enumerate(people):
        found = next((person for person in among.values() if _is(person, wanted)), None)
        person = (
            Reviewer(id=f"entry {number}", generation=1, created_at_ms=0, **wanted)
            if found is None
            else replace(found, **wanted)
        )
        check_among(person, among.values())
        among[person.id] = person


def _apply(directory: Directory, wanted: Mapping[str, Any], actor: Actor) -> Applied:
    found = next((person for person in directory.list_reviewers() if _is(person, wanted)), None)
    if found is None:
        given = {name: value for name, value in wanted.items() if name not in ("name", "email")}
        person, enrolment = directory.add_reviewer(wanted["name"], wanted["email"], actor=actor, **given)
        return Applied(person, "added", enrolment)
    if {name: asdict(found)[name] for name in MEMBERS} == dict(wanted):
        return Applied(found, "unchanged")
    return Applied(directory.change_reviewer(found.id, wanted, actor=actor), "changed")


def _is(person: Reviewer, wanted: Mapping[str, Any]) -> bool:
    """By the address, or by the name where the file gives none: so a name can be written anew."""
    if wanted["email"] is not None and person.email is not None:
        return person.email.casefold() == str(wanted["email"]).casefold()
    return person.name.casefold() == str(wanted["name"]).casefold()


def _person(entry: Any, number: int) -> dict[str, Any]:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise DirectoryProblem(f"Person {number} of this file needs a name.")
    name = entry["name"]
    for member in entry:
        if member not in MEMBERS:
            raise DirectoryProblem(f"“{member}” of {name} is nothing that people have; they have {', '.join(MEMBERS)}.")
    person = {"name": name, "email": entry.get("email"), **DEFAULTS}
    if person["email"] is not None and not isinstance(person["email"], str):
        raise DirectoryProblem(f"The email of {name} is no address.")
    for member in LISTS:
        if entry.get(member) is not None:
            kind = int if member == "levels" else str
            values = entry[member]
            if not isinstance(values, list) or not all(type(value) is kind for value in values):
                raise DirectoryProblem(
                    f"“{member}” of {name} is a list, such as [{'1, 2' if kind is int else 'a, b'}]."
                )
            person[member] = tuple(values)
    given = entry.get("qualifications") or {}
    if not isinstance(given, dict):
        raise DirectoryProblem(
            f"“qualifications” of {name} says until when each holds: {{security_trained: 2027-03-31}}."
        )
    person["qualifications"] = {str(skill): end_of_day(until, name) for skill, until in given.items()}
    check_members(person)
    return person


def end_of_day(until: Any, name: str) -> int | None:
    """The end of a day, of one that is written `2027-03-31`; None for one that never ends. Raises DirectoryProblem."""
    if until is None:
        return None
    try:
        day = until if type(until) is date else date.fromisoformat(until)
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    except (TypeError, ValueError):
        raise DirectoryProblem(f"A qualification of {name} ends on a day such as 2027-03-31, not on {until}.") from None
    return (int(midnight.timestamp()) + 24 * 3600) * 1000
