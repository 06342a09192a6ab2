"""The people who decide and read: who they are, what they may, what they are trained for, and who stands in."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from companion.core.handoff import Actor
from companion.core.links import SecretKind, new_secret
from companion.core.mailboxes import mailbox
from companion.identity.base import COMMAND_LINE, Base, Busy, DirectoryProblem, SubjectKnown, known, told
from companion.identity.credentials import ALL_ROLES, LEVELS, SKILL, Absence, Reviewer, reviewer_of
from companion.store.directory import Becomes, Contended

ENROLMENT_TTL_MS: Final = 7 * 24 * 3600 * 1000
LONGEST_NAME: Final = 200
LONGEST_CHAIN: Final = 5
"""How often the one who stands in may be away as well."""


class People(Base):
    """Adds, changes, finds and removes people."""

    def add_reviewer(
        self,
        name: str,
        email: str | None,
        roles: Sequence[str] = ("approver",),
        workflows: Sequence[str] | None = None,
        skills: Sequence[str] = (),
        *,
        actor: Actor = COMMAND_LINE,
        **more: Any,
    ) -> tuple[Reviewer, str]:
        """Add a person. Returns them and the secret of a one-time enrolment link.

        `more` are levels, queues, qualifications and subject. Raises DirectoryProblem.
        """
        reviewer = Reviewer(
            id="rv_" + self._clock.random_bytes(8).hex(),
            name=name,
            email=email,
            roles=tuple(roles),
            workflows=_tuple(workflows),
            generation=1,
            created_at_ms=self._clock.now_ms(),
            skills=tuple(skills),
            levels=_tuple(more.pop("levels", None)),
            queues=_tuple(more.pop("queues", None)),
            **more,
        )
        changes = differences({}, asdict(reviewer))

        def becomes(_: dict[str, Any] | None) -> Any:
            self._check(reviewer)
            return asdict(reviewer), told(
                self._clock, "reviewer.added", actor, reviewer.name, reviewer_id=reviewer.id, changes=changes
            )

        self._written(reviewer.id, becomes)
        return reviewer, self._enrolment(reviewer)

    def change_reviewer(self, name_or_id: str, changes: Mapping[str, Any], *, actor: Actor = COMMAND_LINE) -> Reviewer:
        """Change members of a person; what is not named stays. Raises DirectoryProblem."""
        shaped: dict[str, Any] = {
            name: tuple(value) if name in ("roles", "workflows", "skills", "levels", "queues") and value else value
            for name, value in changes.items()
        }

        def change(person: Reviewer) -> Reviewer:
            changed = replace(person, **shaped)
            if person.email is not None and person.email != changed.email:
                changed = replace(changed, earlier_emails=(*person.earlier_emails, person.email))
            self._check(changed)
            return changed

        return self._changed(name_or_id, change, actor)

    def recognised(self, reviewer_id: str, subject: str, roles: tuple[str, ...] | None, actor: Actor) -> Reviewer:
        """Note who a person is at the identity provider, and the roles that it gives them (None: they stay).

        Raises DirectoryProblem, also where they turned out to be somebody else there at the same moment.
        """

        def change(person: Reviewer) -> Reviewer:
            if person.subject not in (None, subject):
                raise SubjectKnown(person)
            return replace(person, subject=subject, roles=person.roles if roles is None else roles)

        return self._changed(reviewer_id, change, actor)

    def enrol_again(self, name_or_id: str, *, actor: Actor = COMMAND_LINE) -> str:
        """The secret of another one-time enrolment link, for a new device or a lost one. Earlier ones are void."""
        return self._enrolment(self.void_enrolments(name_or_id, actor=actor))

    def void_enrolments(self, name_or_id: str, *, actor: Actor = COMMAND_LINE) -> Reviewer:
        """Make the enrolment links of a person void that nobody used yet."""
        return self._changed(name_or_id, lambda person: replace(person, enrolments=person.enrolments + 1), actor)

    def list_reviewers(self) -> list[Reviewer]:
        """All people, oldest first."""
        return sorted((reviewer_of(r) for r in self._store.all("reviewers")), key=lambda person: person.created_at_ms)

    def reviewer(self, name_or_id: str) -> Reviewer:
        """A person by name, email or id. Raises DirectoryProblem."""
        wanted = name_or_id.casefold()
        for person in self.list_reviewers():
            if wanted in (person.id, person.name.casefold(), (person.email or "").casefold()):
                return person
        raise DirectoryProblem(f"There is no reviewer {name_or_id}; see: handoff reviewer list.")

    def find_reviewer(self, reviewer_id: str) -> Reviewer | None:
        """A person by id."""
        record = self._store.get("reviewers", reviewer_id)
        return None if record is None else reviewer_of(record)

    def remove_reviewer(self, name_or_id: str, *, actor: Actor = COMMAND_LINE) -> Reviewer:
        """Remove a person with their passkeys, tokens, links and sessions. What they decided stays."""
        person = self.reviewer(name_or_id)

        def becomes(record: dict[str, Any] | None) -> Any:
            if record is None:
                return None
            changes = differences(record, {})
            return None, told(
                self._clock, "reviewer.removed", actor, person.name, reviewer_id=person.id, changes=changes
            )

        # First: nothing that is looked up from here on finds them.
        self._written(person.id, becomes)
        for kind in ("tokens", "passkeys"):
            for record in self._store.all(kind):
                if record["reviewer_id"] == person.id:
                    # Whatever became of it meanwhile, and without an event: it went with the person.
                    self._store.end(kind, record["id"])
        for session_id, _ in self._store.sessions_of(person.id):
            self._store.end_session(person.id, session_id)
        self._store.forget_sessions(person.id)
        return person

    # Being away

    def set_absence(self, reviewer_id: str, absence: Absence | None, *, actor: Actor = COMMAND_LINE) -> Reviewer:
        """Note when a person is away, or that they are back. Raises DirectoryProblem."""

        def change(person: Reviewer) -> Reviewer:
            if absence is not None:
                if absence.until_ms <= max(absence.from_ms, self._clock.now_ms()):
                    raise DirectoryProblem("An absence ends after it began, and not before now.")
                if absence.backup_id == person.id:
                    raise DirectoryProblem("Nobody stands in for themselves; name another person.")
                if absence.backup_id is not None and self.find_reviewer(absence.backup_id) is None:
                    raise DirectoryProblem(f"There is no reviewer {absence.backup_id}; see: handoff reviewer list.")
            return replace(person, absence=absence)

        return self._changed(reviewer_id, change, actor)

    def standing_in(self, reviewer_id: str) -> Reviewer | None:
        """Who looks after what is given to this person now: they themselves, or while they are away their backup."""
        person, now_ms = self.find_reviewer(reviewer_id), self._clock.now_ms()
        for _ in range(LONGEST_CHAIN):
            if person is None or not person.is_away(now_ms) or person.absence is None:
                break
            backup = self.find_reviewer(person.absence.backup_id) if person.absence.backup_id else None
            if backup is None:
                break
            person = backup
        return person

    def _enrolment(self, person: Reviewer) -> str:
        secret = new_secret(SecretKind.ENROLMENT, self._clock.random_bytes)
        record = {"reviewer_id": person.id, "enrolments": person.enrolments}
        self._store.put_for("enrolment", secret.sha256, record, ENROLMENT_TTL_MS)
        return secret.text

    def _changed(self, name_or_id: str, change: Callable[[Reviewer], Reviewer], actor: Actor) -> Reviewer:
        """Change a person as they are when that is written, and tell of it. Raises DirectoryProblem."""
        wanted = self.reviewer(name_or_id)

        def becomes(record: dict[str, Any] | None) -> Any:
            if record is None:
                raise DirectoryProblem(f"{wanted.name} was removed at the same moment.")
            person = reviewer_of(record)
            changed = change(person)
            if changed == person:
                return None
            changes = differences(asdict(person), asdict(changed))
            if actor.id == person.id and [each["path"] for each in changes] == ["absence"]:
                # When people are away is their own affair; that somebody else says so is told.
                return asdict(changed), []
            return asdict(changed), told(
                self._clock, "reviewer.changed", actor, changed.name, reviewer_id=person.id, changes=changes
            )

        record = self._written(wanted.id, becomes)
        assert record is not None, "a person who is gone was refused"
        return reviewer_of(record)

    def _written(self, reviewer_id: str, becomes: Becomes) -> dict[str, Any] | None:
        try:
            return self._store.change("reviewers", reviewer_id, becomes)
        except Contended:
            raise Busy from None

    def _check(self, person: Reviewer) -> None:
        check_members(asdict(person))
        check_among(person, self.list_reviewers())


def check_among(person: Reviewer, people: Iterable[Reviewer]) -> None:
    """That nobody else is who this person is to be. Raises DirectoryProblem."""
    for other in people:
        if other.id == person.id:
            continue
        if person.subject is not None and person.subject == other.subject:
            # One human with two ids here could give both of two approvals (R-ROLE-07).
            raise SubjectKnown(other)
        if person.name.casefold() == other.name.casefold():
            raise DirectoryProblem(f"There is a reviewer named {person.name} already; choose another name.")
        if person.email and _one_mailbox(person.email, other.email or ""):
            # Whoever signs in elsewhere is found by their address: it must lead to one person.
            raise DirectoryProblem(f"{other.name} has the address {person.email} already; each has their own.")


def _one_mailbox(one: str, other: str) -> bool:
    """Whether mail to both arrives at one person, who would be two reviewers by it (R-ROLE-07)."""
    its = mailbox(one)
    return one.casefold() == other.casefold() or (its is not None and its == mailbox(other))


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What changed of a person, member by member; `created_at_ms` and `id` never do.

    Addresses of before stand in the changes of the address itself.
    """
    names = [name for name in {**before, **after} if name not in ("id", "created_at_ms", "earlier_emails")]
    return [
        {"path": name, "before": before.get(name), "after": after.get(name)}
        for name in names
        if before.get(name) != after.get(name)
    ]


def check_members(person: Mapping[str, Any]) -> None:
    """What can be said of a person without looking at others. Raises DirectoryProblem."""
    if not person["name"].strip() or len(person["name"]) > LONGEST_NAME:
        raise DirectoryProblem(f"A reviewer needs a name, of {LONGEST_NAME} characters at most.")
    if person["email"] is not None and "@" not in person["email"]:
        raise DirectoryProblem(f"The email of {person['name']} is no address.")
    known(person["roles"], ALL_ROLES, "role")
    known(person["levels"] or (), LEVELS, "reviewer level")
    for skill in (*person["skills"], *person["qualifications"]):
        if not SKILL.fullmatch(skill):
            raise DirectoryProblem(f"A skill is written like security_trained, in small letters; {skill!r} is not.")


def _tuple(values: Sequence[Any] | None) -> tuple[Any, ...] | None:
    return None if values is None else tuple(values)
