"""Personal tokens: with one, a person's own script acts in their name."""

from contextlib import suppress
from dataclasses import asdict
from typing import Any

from companion.core.handoff import Actor
from companion.core.links import SecretKind, new_secret
from companion.identity.base import COMMAND_LINE, DirectoryProblem, told
from companion.identity.credentials import PersonalToken
from companion.identity.people import People


class Tokens(People):
    """Makes, lists and ends personal tokens."""

    def create_token(
        self, reviewer: str, label: str = "script", *, actor: Actor = COMMAND_LINE
    ) -> tuple[PersonalToken, str]:
        """A personal token, and its text, which cannot be read again. Raises DirectoryProblem."""
        person = self.reviewer(reviewer)
        secret = new_secret(SecretKind.PERSONAL_TOKEN, self._clock.random_bytes)
        token = PersonalToken(secret.public_id, person.id, label, secret.sha256, self._clock.now_ms())
        made = told(self._clock, "token.made", actor, person.name, token_id=token.id, reviewer_id=person.id)
        self._store.change("tokens", token.id, lambda _: (asdict(token), made))
        return token, secret.text

    def list_tokens(self, reviewer_id: str | None = None) -> list[PersonalToken]:
        """Personal tokens of one person, or of all, oldest first."""
        tokens = (PersonalToken(**record) for record in self._store.all("tokens"))
        mine = (token for token in tokens if reviewer_id in (None, token.reviewer_id))
        return sorted(mine, key=lambda token: token.created_at_ms)

    def revoke_token(self, token_id: str, *, actor: Actor = COMMAND_LINE) -> None:
        """End a personal token. Raises DirectoryProblem when there is none of that id."""

        def ended(record: dict[str, Any] | None) -> Any:
            if record is None:
                raise DirectoryProblem(f"There is no token {token_id}; see: handoff token list.")
            person = self.find_reviewer(record["reviewer_id"])
            name = record["reviewer_id"] if person is None else person.name
            return None, told(
                self._clock, "token.ended", actor, name, token_id=token_id, reviewer_id=record["reviewer_id"]
            )

        self._store.change("tokens", token_id, ended)

    def revoke_tokens_of(self, reviewer_id: str, *, actor: Actor = COMMAND_LINE) -> int:
        """End all personal tokens of a person, each with its event; returns how many."""
        ended = 0
        for token in self.list_tokens(reviewer_id):
            # One that was ended at the same moment must not keep the others alive.
            with suppress(DirectoryProblem):
                self.revoke_token(token.id, actor=actor)
                ended += 1
        return ended
