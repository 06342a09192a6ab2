"""API keys: the credentials of automations, and the secrets that sign what they are told."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from companion.core.links import SecretKind, new_secret, new_webhook_secret
from companion.core.sealing import NONCE_BYTES, seal, unseal
from companion.identity.base import Base, Busy, DirectoryProblem, known
from companion.identity.credentials import ALL_SCOPES, ApiKey, api_key_of
from companion.store.directory import Contended

SECRETS_MS: Final = 500
"""How long a process may go on with signing secrets that it read."""


class ApiKeys(Base):
    """Makes, rotates and ends API keys."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._secrets: dict[str, tuple[int, tuple[str, ...]]] = {}

    def create_api_key(
        self, label: str, scopes: Sequence[str] = ALL_SCOPES, workflows: Sequence[str] | None = None
    ) -> tuple[ApiKey, str, str]:
        """Make an API key. Returns it, its text and its signing secret; neither can be read again."""
        known(scopes, ALL_SCOPES, "scope")
        secret = new_secret(SecretKind.API_KEY, self._clock.random_bytes)
        signing_secret = new_webhook_secret(self._clock.random_bytes)
        key = ApiKey(
            id=secret.public_id,
            label=label,
            scopes=tuple(scopes),
            workflows=None if workflows is None else tuple(workflows),
            sha256=secret.sha256,
            signing_secrets=(self._seal(secret.public_id, signing_secret),),
            created_at_ms=self._clock.now_ms(),
        )
        self._store.add("api_keys", key.id, asdict(key))
        return key, secret.text, signing_secret

    def rotate_signing_secret(self, key_id: str) -> str:
        """Give a key a second signing secret; callbacks carry both signatures until the older is dropped."""
        secret = new_webhook_secret(self._clock.random_bytes)

        def with_another(key: ApiKey) -> ApiKey:
            return replace(key, signing_secrets=(self._seal(key.id, secret), *key.signing_secrets)[:2])

        self._change_key(key_id, with_another)
        return secret

    def drop_older_signing_secret(self, key_id: str) -> None:
        """Sign with the newest secret only."""
        self._change_key(key_id, lambda key: replace(key, signing_secrets=key.signing_secrets[:1]))

    def list_api_keys(self) -> list[ApiKey]:
        """All API keys, oldest first."""
        return sorted((api_key_of(r) for r in self._store.all("api_keys")), key=lambda key: key.created_at_ms)

    def revoke_api_key(self, key_id: str) -> None:
        """End an API key; it is refused within a second. Its open handoffs go on; their callbacks are still signed."""
        self._change_key(key_id, lambda key: replace(key, revoked_at_ms=self._clock.now_ms()))

    def give_every_scope(self, key_id: str) -> None:
        """Let a key do what automations can do since it was made: for the one that `handoff up` keeps in its folder."""
        self._change_key(
            key_id, lambda key: key if set(key.scopes) == set(ALL_SCOPES) else replace(key, scopes=ALL_SCOPES)
        )

    def signing_secrets(self, key_id: str) -> tuple[str, ...]:
        """The secrets that sign the callbacks of a key's groups, newest first."""
        now_ms = self._clock.monotonic_ms()
        held = self._secrets.get(key_id)
        if held is not None and now_ms - held[0] < SECRETS_MS:
            return held[1]
        record = self._store.get("api_keys", key_id)
        sealed = record["signing_secrets"] if record else ()
        opened = [unseal(self._sealing_key, text, bound_to=key_id) for text in sealed]
        secrets = tuple(secret.decode() for secret in opened if secret is not None)
        self._secrets[key_id] = (now_ms, secrets)
        return secrets

    def _change_key(self, key_id: str, change: Callable[[ApiKey], ApiKey]) -> None:
        """Change a key as it is when that is written: else one that was just revoked would be good again."""

        def becomes(record: dict[str, Any] | None) -> Any:
            if record is None:
                raise DirectoryProblem(f"There is no API key {key_id}; see: handoff key list.")
            key = api_key_of(record)
            changed = change(key)
            return None if changed == key else (asdict(changed), [])

        try:
            self._store.change("api_keys", key_id.removeprefix("hk_"), becomes)
        except Contended:
            raise Busy from None

    def _seal(self, key_id: str, secret: str) -> str:
        nonce = self._clock.random_bytes(NONCE_BYTES)
        return seal(self._sealing_key, secret.encode(), bound_to=key_id, nonce=nonce)
