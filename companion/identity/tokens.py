"""Personal tokens: with one, a person's own script acts in their name."""

from dataclasses import asdict

from companion.core.links import SecretKind, new_secret
from companion.identity.base import DirectoryProblem
from companion.identity.credentials import PersonalToken
from companion.identity.people import People


class Tokens(People):
    """Makes, lists and ends personal tokens."""

    def create_token(self, reviewer: str, label: str = "script") -> tuple[PersonalToken, str]:
        """A personal token, and its text, which cannot be read again."""
        person = self.reviewer(reviewer)
        secret = new_secret(SecretKind.PERSONAL_TOKEN, self._clock.random_bytes)
        token = PersonalToken(secret.public_id, person.id, label, secret.sha256, self._clock.now_ms())
        self._store.put("tokens", token.id, asdict(token))
        return token, secret.text

    def list_tokens(self, reviewer_id: str | None = None) -> list[PersonalToken]:
        """Personal tokens of one person, or of all, oldest first."""
        tokens = (PersonalToken(**record) for record in self._store.all("tokens"))
        mine = (token for token in tokens if reviewer_id in (None, token.reviewer_id))
        return sorted(mine, key=lambda token: token.created_at_ms)

    def revoke_token(self, token_id: str) -> None:
        """End a personal token. Raises DirectoryProblem when there is none of that id."""
        if not self._store.remove("tokens", token_id):
            raise DirectoryProblem(f"There is no token {token_id}; see: handoff token list.")
