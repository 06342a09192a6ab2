"""API keys: the credentials of automations, and the secrets that sign what they are told."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from companion.core.handoff import Actor
from companion.core.links import SecretKind, new_secret, new_webhook_secret
from companion.core.sealing import NONCE_BYTES, seal, unseal
from companion.identity.base import COMMAND_LINE, Base, Busy, DirectoryProblem, known, told
from companion.identity.credentials import ALL_SCOPES, ApiKey, api_key_of
from companion.identity.people import differences
from companion.store.directory import Contended

SECRETS_MS: Final = 500
"""How long a process may go on with signing secrets that it read."""


class ApiKeys(Base):
    """Makes, rotates and ends API keys."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._secrets: dict[str, tuple[int, tuple[str, ...]]] = {}

    def create_api_key(
        self,
        label: str,
        scopes: Sequence[str] = ALL_SCOPES,
        workflows: Sequence[str] | None = None,
        *,
        actor: Actor = COMMAND_LINE,
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
        made = self._told("api_key.made", None, key, actor)
        self._store.change("api_keys", key.id, lambda _: (asdict(key), made))
        return key, secret.text, signing_secret

    def rotate_signing_secret(self, key_id: str, *, actor: Actor = COMMAND_LINE) -> str:
        """Give a key a second signing secret; callbacks carry both signatures until the older is dropped."""
        secret = new_webhook_secret(self._clock.random_bytes)

        def with_another(key: ApiKey) -> ApiKey:
            return replace(key, signing_secrets=(self._seal(key.id, secret), *key.signing_secrets)[:2])

        self._change_key(key_id, with_another, actor)
        return secret

    def drop_older_signing_secret(self, key_id: str, *, actor: Actor = COMMAND_LINE) -> None:
        """Sign with the newest secret only."""
        self._change_key(key_id, lambda key: replace(key, signing_secrets=key.signing_secrets[:1]), actor)

    def list_api_keys(self) -> list[ApiKey]:
        """All API keys, oldest first."""
        return sorted((api_key_of(r) for r in self._store.all("api_keys")), key=lambda key: key.created_at_ms)

    def revoke_api_key(self, key_id: str, *, actor: Actor = COMMAND_LINE) -> None:
        """End an API key; it is refused within a second. Its open handoffs go on; their callbacks are still signed."""

        def revoked(key: ApiKey) -> ApiKey:
            # Revoked again it keeps the time of the first: that is since when nobody could use it.
            return replace(key, revoked_at_ms=key.revoked_at_ms or self._clock.now_ms())

        self._change_key(key_id, revoked, actor)

    def give_every_scope(self, key_id: str, *, actor: Actor = COMMAND_LINE) -> None:
        """Let a key do what automations can do since it was made: for the one that `handoff up` keeps in its folder."""

        def with_every(key: ApiKey) -> ApiKey:
            return key if set(key.scopes) == set(ALL_SCOPES) else replace(key, scopes=ALL_SCOPES)

        self._change_key(key_id, with_every, actor)

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

    def _change_key(self, key_id: str, change: Callable[[ApiKey], ApiKey], actor: Actor) -> None:
        """Change a key as it is when that is written: else one that was just revoked would be good again."""

        def becomes(record: dict[str, Any] | None) -> Any:
            if record is None:
                raise DirectoryProblem(f"There is no API key {key_id}; see: handoff key list.")
            key = api_key_of(record)
            changed = change(key)
            if changed == key:
                return None
            ended = changed.revoked_at_ms != key.revoked_at_ms
            return asdict(changed), self._told("api_key.ended" if ended else "api_key.changed", key, changed, actor)

        try:
            self._store.change("api_keys", key_id.removeprefix("hk_"), becomes)
        except Contended:
            raise Busy from None

    def _told(self, event_type: str, before: ApiKey | None, after: ApiKey, actor: Actor) -> list[dict[str, Any]]:
        """The event of a change to a key: what it may, member by member, and nothing of a secret but how many."""
        changes = differences({} if before is None else _public(before), _public(after))
        return told(self._clock, event_type, actor, after.label, key_id=after.id, changes=changes)

    def _seal(self, key_id: str, secret: str) -> str:
        nonce = self._clock.random_bytes(NONCE_BYTES)
        return seal(self._sealing_key, secret.encode(), bound_to=key_id, nonce=nonce)


def _public(key: ApiKey) -> dict[str, Any]:
    return {
        "label": key.label,
        "scopes": key.scopes,
        "workflows": key.workflows,
        "signing_secrets": len(key.signing_secrets),
        "revoked_at_ms": key.revoked_at_ms,
    }
