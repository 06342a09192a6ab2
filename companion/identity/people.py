"""The people who decide and read: who they are, what they may, what they are trained for, and who stands in."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from companion.core.links import SecretKind, new_secret
from companion.identity.base import Base, DirectoryProblem, known
from companion.identity.credentials import ALL_ROLES, LEVELS, SKILL, Absence, Reviewer, reviewer_of

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
        self._check(reviewer)
        self._put(reviewer)
        return reviewer, self._enrolment(reviewer)

    def change_reviewer(self, name_or_id: str, changes: Mapping[str, Any]) -> Reviewer:
        """Change members of a person; what is not named stays. Raises DirectoryProblem."""
        shaped: dict[str, Any] = {
            name: tuple(value) if name in ("roles", "workflows", "skills", "levels", "queues") and value else value
            for name, value in changes.items()
        }
        changed = replace(self.reviewer(name_or_id), **shaped)
        self._check(changed)
        self._put(changed)
        return changed

    def enrol_again(self, name_or_id: str) -> str:
        """The secret of another one-time enrolment link, for a new device or a lost one. Earlier ones are void."""
        return self._enrolment(self.void_enrolments(name_or_id))

    def void_enrolments(self, name_or_id: str) -> Reviewer:
        """Make the enrolment links of a person void that nobody used yet."""
        person = self.reviewer(name_or_id)
        changed = replace(person, enrolments=person.enrolments + 1)
        self._put(changed)
        return changed

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

    def remove_reviewer(self, name_or_id: str) -> Reviewer:
        """Remove a person with their passkeys, tokens, links and sessions. What they decided stays."""
        person = self.reviewer(name_or_id)
        # First: nothing that is looked up from here on finds them.
        self._store.remove("reviewers", person.id)
        for kind in ("tokens", "passkeys"):
            for record in self._store.all(kind):
                if record["reviewer_id"] == person.id:
                    self._store.remove(kind, record["id"])
        for session_id, _ in self._store.sessions_of(person.id):
            self._store.end_session(person.id, session_id)
        self._store.forget_sessions(person.id)
        return person

    # Being away

    def set_absence(self, reviewer_id: str, absence: Absence | None) -> Reviewer:
        """Note when a person is away, or that they are back. Raises DirectoryProblem."""
        person = self.reviewer(reviewer_id)
        if absence is not None:
            if absence.until_ms <= max(absence.from_ms, self._clock.now_ms()):
                raise DirectoryProblem("An absence ends after it began, and not before now.")
            if absence.backup_id == person.id:
                raise DirectoryProblem("Nobody stands in for themselves; name another person.")
            if absence.backup_id is not None and self.find_reviewer(absence.backup_id) is None:
                raise DirectoryProblem(f"There is no reviewer {absence.backup_id}; see: handoff reviewer list.")
        changed = replace(person, absence=absence)
        self._put(changed)
        return changed

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

    def _put(self, person: Reviewer) -> None:
        self._store.put("reviewers", person.id, asdict(person))

    def _check(self, person: Reviewer) -> None:
        check_members(asdict(person))
        for other in self.list_reviewers():
            if other.id == person.id:
                continue
            if person.name.casefold() == other.name.casefold():
                raise DirectoryProblem(f"There is a reviewer named {person.name} already; choose another name.")
            if person.email and person.email.casefold() == (other.email or "").casefold():
                # Whoever signs in elsewhere is found by their address: it must lead to one person.
                raise DirectoryProblem(f"{other.name} has the address {person.email} already; each has their own.")


def check_members(person: Mapping[str, Any]) -> None:
    """What can be said of a person without looking at others. Raises DirectoryProblem."""
    if not person["name"].strip() or len(person["name"]) > LONGEST_NAME:
        raise DirectoryProblem(f"A reviewer needs a name, of {LONGEST_NAME} characters at most.")
    known(person["roles"], ALL_ROLES, "role")
    known(person["levels"] or (), LEVELS, "reviewer level")
    for skill in (*person["skills"], *person["qualifications"]):
        if not SKILL.fullmatch(skill):
            raise DirectoryProblem(f"A skill is written like security_trained, in small letters; {skill!r} is not.")


def _tuple(values: Sequence[Any] | None) -> tuple[Any, ...] | None:
    return None if values is None else tuple(values)
