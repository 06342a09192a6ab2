"""Personal links: a person's own way to one case, and the word with which they decide there."""

from dataclasses import replace

from companion.core.handoff import Actor, Handoff
from companion.core.ids import is_id
from companion.core.links import confirm_word, is_confirm_word, is_link_mac, link_mac
from companion.identity.base import COMMAND_LINE, DirectoryProblem
from companion.identity.credentials import Caller, Reviewer, reviewer_of
from companion.identity.people import People


class Links(People):
    """Makes and checks personal links. Nothing is stored for a link."""

    def personal_link(self, page_url: str, name_or_id: str, handoff_id: str) -> str:
        """A person's own link to one case. The secret stands in the fragment, which browsers send to nobody."""
        person = self.reviewer(name_or_id)
        if not is_id(handoff_id, "ho"):
            raise DirectoryProblem(f"{handoff_id} is not the id of a handoff; it looks like ho_00….")
        mac = link_mac(self._links, handoff_id, person.id, person.generation)
        return f"{page_url}/#/h/{handoff_id}?by={person.id}&gen={person.generation}&mac={mac}"

    def void_links(self, name_or_id: str, *, actor: Actor = COMMAND_LINE) -> None:
        """Make all personal links of a person void, for a mailbox that others read, and enrolment links with them."""
        self._changed(
            name_or_id,
            lambda each: replace(each, generation=each.generation + 1, enrolments=each.enrolments + 1),
            actor,
        )

    def owner_of_link(self, handoff_id: str, reviewer_id: str, generation: int, mac: str) -> Reviewer | None:
        """Whose personal link this is; None for one that is forged, void, or of somebody who was removed."""
        if not is_id(handoff_id, "ho") or not is_link_mac(self._links, handoff_id, reviewer_id, generation, mac):
            return None
        record = self._store.get("reviewers", reviewer_id)
        return None if record is None or record["generation"] != generation else reviewer_of(record)

    def confirm_word(self, handoff: Handoff, who: Caller) -> str:
        """The word that a person types, or holds a button for, to decide from a personal link."""
        return confirm_word(self._links, handoff.id, who.actor.id, handoff.version)

    def confirmed(self, handoff: Handoff, who: Caller, typed: str | None) -> bool:
        """Whether the word of this very version was given."""
        return typed is not None and is_confirm_word(self._links, handoff.id, who.actor.id, handoff.version, typed)
