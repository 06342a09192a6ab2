"""While a person is away, their cases go to whoever stands in for them (R-ROLE-18)."""

from typing import Final

from companion.adapters.clock import Clock
from companion.core import commands as c
from companion.core.decide import Refused, can_work_on
from companion.core.duties import shares_work
from companion.core.handoff import SYSTEM, Actor, Handoff
from companion.core.times import iso
from companion.identity.base import COMMAND_LINE
from companion.identity.credentials import Absence, Reviewer
from companion.identity.directory import Directory, DirectoryProblem
from companion.service.handoffs import Done, Service
from companion.store.directory import DirectoryStore
from companion.store.protocol import Stored

MOST_AT_ONCE: Final = 200
"""As many cases are handed over in the request of who leaves."""


class DoesOtherWork(DirectoryProblem):
    """Who is to stand in does nothing of the work that would come to them."""


class Absences:
    """Notes when people are away, and hands their open cases over when that begins."""

    def __init__(self, records: DirectoryStore, directory: Directory, service: Service, clock: Clock) -> None:
        self._records = records
        self._directory = directory
        self._service = service
        self._clock = clock

    def leave(
        self, reviewer_id: str, from_ms: int | None, until_ms: int, backup_id: str | None, actor: Actor = COMMAND_LINE
    ) -> tuple[Reviewer, list[Handoff]]:
        """Note an absence; if it has begun, hand the cases over now. Raises DirectoryProblem.

        Of somebody who has very many the worker hands the rest over, within a minute.
        """
        now_ms = self._clock.now_ms()
        self._check(reviewer_id, backup_id)
        absence = Absence(now_ms if from_ms is None else from_ms, until_ms, backup_id)
        person = self._directory.set_absence(reviewer_id, absence, actor=actor)
        return person, self.hand_over(person, MOST_AT_ONCE) if person.is_away(now_ms) else []

    def _check(self, reviewer_id: str, backup_id: str | None) -> None:
        """Refuse somebody who could do nothing with the cases. Raises DoesOtherWork."""
        person = self._directory.find_reviewer(reviewer_id)
        backup = None if backup_id is None else self._directory.find_reviewer(backup_id)
        if person is not None and backup is not None and not shares_work(person.roles, backup.roles):
            raise DoesOtherWork(f"{backup.name} does none of the work of {person.name}; name somebody who does.")

    def come_back(self, reviewer_id: str, actor: Actor = COMMAND_LINE) -> Reviewer:
        """They are there again. What was handed over stays where it is. Raises DirectoryProblem."""
        return self._directory.set_absence(reviewer_id, None, actor=actor)

    def hand_over_begun(self) -> int:
        """Hand over the cases of everybody whose absence began since somebody looked; how many cases moved."""
        now_ms = self._clock.now_ms()
        return sum(len(self.hand_over(one)) for one in self._directory.list_reviewers() if one.is_away(now_ms))

    def hand_over(self, person: Reviewer, limit: int | None = None) -> list[Handoff]:
        """Give the cases that this person looks after or holds to who stands in; nothing where all of that was done.

        With a limit no more than that are looked for, which leaves the rest for later.
        """
        absence = person.absence
        if absence is None:
            return []
        name = f"{person.id}:{absence.from_ms}:{absence.backup_id}"
        if self._records.get_for("handed_over", name) is not None:
            return []
        theirs, complete = self._theirs(person, limit)
        done = [self._give(handoff, person, absence) for handoff in theirs]
        if complete and not any(isinstance(one, Refused) and one.code == "busy" for one in done):
            # Not before: what is interrupted is done again, which changes nothing for what moved already.
            self._records.first_to("handed_over", name, max(1, absence.until_ms - self._clock.now_ms()))
        # Of those that were decided or given to somebody else meanwhile nothing is told.
        return [one.handoff for one in done if isinstance(one, Done)]

    def _theirs(self, person: Reviewer, limit: int | None) -> tuple[list[Handoff], bool]:
        """Their open cases, and whether these are all of them."""

        def is_theirs(handoff: Handoff) -> bool:
            held = handoff.holder(self._clock.now_ms())
            looked_after = handoff.assignee is not None and handoff.assignee.id == person.id
            return looked_after or (held is not None and held.by_id == person.id)

        found: list[Handoff] = []
        cursor: str | None = None
        while True:
            page = self._service.store.list_open(None, cursor, limit or MOST_AT_ONCE, None, wanted=is_theirs)
            found += page.items
            cursor = page.cursor
            if cursor is None or limit is not None:
                return found, cursor is None

    def _give(self, handoff: Handoff, person: Reviewer, absence: Absence) -> Done | Refused:
        backup = self._directory.standing_in(person.id)
        if backup is not None and (backup.id == person.id or not self._can_do(backup, handoff)):
            # Nobody stands in who can do a part of this case: everybody who can, finds it without an owner.
            backup = None
        away = f"{person.name} is away until {iso(absence.until_ms)[:10]}."
        rationale = f"{away} {backup.name} stands in." if backup else away

        def build(_: Stored, event_id: str) -> c.Command:
            return c.Assign(SYSTEM, event_id, backup.id if backup else None, backup.name if backup else None, rationale)

        return self._service.act(handoff.id, build)

    def _can_do(self, person: Reviewer, handoff: Handoff) -> bool:
        who = self._directory.caller_of(person)
        return who.may_see(handoff) and can_work_on(handoff, who.actor, self._clock.now_ms())
