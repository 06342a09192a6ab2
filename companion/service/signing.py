"""The signing keys in the store, and the tokens minted and checked with them. Keys are shared by all processes."""

import json
from collections.abc import Callable, Collection, Sequence
from threading import Lock
from typing import Any, Final

from companion.adapters.clock import Clock
from companion.core import redaction
from companion.core.keyring import KeyRing, KeyState, Rejected, from_record, new_key, to_record
from companion.core.package import digest_of
from companion.core.terms import Redaction
from companion.core.tokens import Audience, Claims, Content, View, mint, reassemble, verify
from companion.store.directory import Contended, DirectoryStore

REREAD_MS: Final = 5_000
"""How long a process may go on with the ring it read: well inside the 60 s of security row J9."""


class RingProblem(Exception):
    """The ring cannot be used or changed so; the text says why."""


class Signer:
    """Mints and verifies package tokens with the ring in the store; makes the first key by itself."""

    def __init__(self, directory: DirectoryStore, clock: Clock, server_secret: bytes, issuer: str) -> None:
        self._directory = directory
        self._clock = clock
        self._secret = server_secret
        self._issuer = issuer
        self._lock = Lock()
        self._ring = KeyRing()
        self._read_at_ms: int | None = None

    # Tokens

    def mint(self, audience: Audience, handoff_id: str, package: bytes, view: View | None = None) -> tuple[str, str]:
        """A fresh token, and the text from which `reassemble` makes the same token again."""
        ring = self.ring()
        key = ring.signer()
        if key is None:
            ring = self._make_first()
            key = ring.signer()
        assert key is not None, "a ring that was just made signs"
        content = Content(
            issuer=self._issuer,
            audience=audience,
            handoff_id=handoff_id,
            jti=self._clock.random_bytes(16).hex(),
            issued_at_s=self._clock.now_ms() // 1000,
            package=package,
            view=view,
        )
        minted = mint(content, key)
        kept = [minted.kid, minted.signature, content.jti, content.issued_at_s, self._issuer]
        return minted.token, json.dumps(kept, separators=(",", ":"))

    def mint_view(
        self,
        handoff_id: str,
        package: bytes,
        package_digest: str,
        redactions: Sequence[Redaction] = (),
        roles: Collection[str] = (),
    ) -> str:
        """A fresh token for the page: the package as somebody with these roles may see it."""
        shown = redaction.view(package, redactions, roles)
        seen_as = View(digest_of(shown), package_digest, ",".join(sorted(roles)))
        return self.mint("page", handoff_id, shown, seen_as)[0]

    def reassemble(self, kept: str, handoff_id: str, package: bytes) -> str:
        """The token of an opening again, byte for byte (security row A1)."""
        kid, signature, jti, issued_at_s, issuer = json.loads(kept)
        return reassemble(Content(issuer, "n8n", handoff_id, jti, issued_at_s, package), kid, signature)

    def verify(self, token: str, audience: Audience) -> Claims | Rejected:
        """What a token says, or why it is refused. A key that another process made just now is looked for once."""
        arguments: dict[str, Any] = {"audience": audience, "issuer": self._issuer, "now_ms": self._clock.now_ms()}
        found = verify(token, self.ring(), **arguments)
        if isinstance(found, Rejected) and found.code == "token_key_unknown":
            found = verify(token, self._read(), **arguments)
        return found

    # The ring

    def ring(self) -> KeyRing:
        """The ring, read again after REREAD_MS."""
        read_at_ms = self._read_at_ms
        if read_at_ms is None or self._clock.monotonic_ms() - read_at_ms >= REREAD_MS:
            return self._read()
        return self._ring

    def publish(self) -> str:
        """Add a key that verifiers can fetch before it signs. Returns its kid."""
        key = new_key(self._clock.random_bytes, self._clock.now_ms())
        self._directory.add("keyring", key.kid, to_record(key, self._secret, self._clock.random_bytes))
        self._read()
        return key.kid

    def start_signing(self, kid: str) -> None:
        """Let a published key sign. Raises RingProblem."""
        self._change(kid, lambda ring: ring.start_signing(kid))

    def rotate(self) -> str:
        """Publish a key and let it sign at once. Returns its kid."""
        kid = self.publish()
        self.start_signing(kid)
        return kid

    def retire(self, kid: str) -> None:
        """Refuse from now on what this key signed. Raises RingProblem."""
        self._change(kid, lambda ring: ring.retire(kid))

    def list(self) -> list[dict[str, Any]]:
        """The keys, newest first: kid, state and creation."""
        return [
            {"kid": key.kid, "state": key.state.value, "created_at_ms": key.created_at_ms} for key in self._read().keys
        ]

    def _make_first(self) -> KeyRing:
        with self._lock:
            ring = self._read()
            if ring.signer() is None:
                self.rotate()
                ring = self._read()
        return ring

    def _change(self, kid: str, move: Callable[[KeyRing], KeyRing | Rejected]) -> None:
        """Move a key, from the state that it has when that is written: one that was retired never signs again."""

        def becomes(record: dict[str, Any] | None) -> Any:
            changed = move(self._read())
            if isinstance(changed, Rejected):
                raise RingProblem(changed.detail)
            key = changed.find(kid)
            assert key is not None, "the ring just moved this key"
            assert record is not None, "the ring was read from this record"
            return record | {"state": key.state.value}, []

        try:
            self._directory.change("keyring", kid, becomes)
        except Contended:
            raise RingProblem("Somebody changed this key at the same moment; try again.") from None
        self._read()

    def _read(self) -> KeyRing:
        keys = []
        for record in self._directory.all("keyring"):
            key = from_record(record, self._secret)
            if isinstance(key, Rejected):
                raise RingProblem(key.detail)
            keys.append(key)
        order = {KeyState.PUBLISHED: 0, KeyState.SIGNING: 1, KeyState.RETIRED: 2}
        # Newest first; within one millisecond a key that has come less far is newer.
        keys.sort(key=lambda key: (-key.created_at_ms, order[key.state]))
        self._ring = KeyRing(tuple(keys))
        self._read_at_ms = self._clock.monotonic_ms()
        return self._ring
