"""People, API keys, tokens, sessions and links: who may come in, and as whom (design section 7)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from threading import Lock
from typing import Any, Final

from companion.adapters.clock import Clock
from companion.core.handoff import Actor, Handoff
from companion.core.ids import is_id
from companion.core.links import (
    LinkKeys,
    Presented,
    SecretKind,
    confirm_word,
    is_confirm_word,
    is_link_mac,
    link_mac,
    new_secret,
    new_webhook_secret,
    read_secret,
)
from companion.core.sealing import NONCE_BYTES, derive_key, seal, unseal
from companion.core.terms import Assurance
from companion.credentials import (
    ALL_ROLES,
    ALL_SCOPES,
    SKILL,
    ApiKey,
    Caller,
    PersonalToken,
    Reviewer,
    api_key_of,
    reviewer_of,
)
from companion.store.directory import DirectoryStore

ENROLMENT_TTL_MS: Final = 7 * 24 * 3600 * 1000
SIGNED_IN_TTL_MS: Final = 30 * 24 * 3600 * 1000
LINK_TTL_MS: Final = 12 * 3600 * 1000
CACHE_MS: Final = 500
"""How long a process may believe a credential that it looked up: revoking takes effect within a second (row A2)."""
CACHE_ENTRIES: Final = 10_000


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that was just made; `secret` goes into the cookie and nowhere else."""

    secret: str
    caller: Caller
    ttl_s: int
    expires_at_ms: int


class DirectoryProblem(Exception):
    """What was asked of the directory cannot be done; the text is one sentence that says how to mend it."""


class Directory:
    """Makes, finds and ends credentials."""

    def __init__(self, store: DirectoryStore, clock: Clock, server_secret: bytes) -> None:
        self._store = store
        self._clock = clock
        self._links = LinkKeys.of(server_secret)
        self._sealing_key = derive_key(server_secret, "signing secrets")
        self._cache: dict[str, tuple[int, Caller | None]] = {}
        self._secrets: dict[str, tuple[int, tuple[str, ...]]] = {}
        self._lock = Lock()

    # API keys

    def create_api_key(
        self, label: str, scopes: Sequence[str] = ALL_SCOPES, workflows: Sequence[str] | None = None
    ) -> tuple[ApiKey, str, str]:
        """Make an API key. Returns it, its text and its signing secret; neither can be read again."""
        _known(scopes, ALL_SCOPES, "scope")
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
        self._store.put("api_keys", key.id, asdict(key))
        return key, secret.text, signing_secret

    def rotate_signing_secret(self, key_id: str) -> str:
        """Give a key a second signing secret; callbacks carry both signatures until the older is dropped."""
        key = self._api_key(key_id)
        secret = new_webhook_secret(self._clock.random_bytes)
        changed = replace(key, signing_secrets=(self._seal(key.id, secret), *key.signing_secrets)[:2])
        self._store.put("api_keys", key.id, asdict(changed))
        return secret

    def drop_older_signing_secret(self, key_id: str) -> None:
        """Sign with the newest secret only."""
        key = self._api_key(key_id)
        self._store.put("api_keys", key.id, asdict(replace(key, signing_secrets=key.signing_secrets[:1])))

    def list_api_keys(self) -> list[ApiKey]:
        """All API keys, oldest first."""
        return sorted((api_key_of(r) for r in self._store.all("api_keys")), key=lambda key: key.created_at_ms)

    def revoke_api_key(self, key_id: str) -> None:
        """End an API key; it is refused within a second. Its open handoffs go on; their callbacks are still signed."""
        key = self._api_key(key_id)
        self._store.put("api_keys", key.id, asdict(replace(key, revoked_at_ms=self._clock.now_ms())))

    def give_every_scope(self, key_id: str) -> None:
        """Let a key do what automations can do since it was made: for the one that `handoff up` keeps in its folder."""
        key = self._api_key(key_id)
        if set(key.scopes) != set(ALL_SCOPES):
            self._store.put("api_keys", key.id, asdict(replace(key, scopes=ALL_SCOPES)))

    def signing_secrets(self, key_id: str) -> tuple[str, ...]:
        """The secrets that sign the callbacks of a key's groups, newest first."""
        now_ms = self._clock.monotonic_ms()
        held = self._secrets.get(key_id)
        if held is not None and now_ms - held[0] < CACHE_MS:
            return held[1]
        record = self._store.get("api_keys", key_id)
        sealed = record["signing_secrets"] if record else ()
        opened = [unseal(self._sealing_key, text, bound_to=key_id) for text in sealed]
        secrets = tuple(secret.decode() for secret in opened if secret is not None)
        self._secrets[key_id] = (now_ms, secrets)
        return secrets

    # People

    def add_reviewer(
        self,
        name: str,
        email: str | None,
        roles: Sequence[str] = ("approver",),
        workflows: Sequence[str] | None = None,
        skills: Sequence[str] = (),
    ) -> tuple[Reviewer, str]:
        """Add a person. Returns them and the secret of a one-time enrolment link."""
        _known(roles, ALL_ROLES, "role")
        for skill in skills:
            if not SKILL.fullmatch(skill):
                raise DirectoryProblem(f"A skill is written like security_trained, in small letters; {skill!r} is not.")
        if any(name.casefold() == other.name.casefold() for other in self.list_reviewers()):
            raise DirectoryProblem(f"There is a reviewer named {name} already; choose another name.")
        reviewer = Reviewer(
            id="rv_" + self._clock.random_bytes(8).hex(),
            name=name,
            email=email,
            roles=tuple(roles),
            workflows=None if workflows is None else tuple(workflows),
            generation=1,
            created_at_ms=self._clock.now_ms(),
            skills=tuple(skills),
        )
        self._store.put("reviewers", reviewer.id, asdict(reviewer))
        return reviewer, self._enrolment(reviewer)

    def enrol_again(self, name_or_id: str) -> str:
        """The secret of another one-time enrolment link, for a new device or a lost one."""
        return self._enrolment(self.reviewer(name_or_id))

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

    def remove_reviewer(self, name_or_id: str) -> Reviewer:
        """Remove a person with their tokens, links and sessions. What they decided stays."""
        person = self.reviewer(name_or_id)
        for token in self.list_tokens():
            if token.reviewer_id == person.id:
                self._store.remove("tokens", token.id)
        for secret_hash, _ in self._store.sessions_of(person.id):
            self._store.end_session(person.id, secret_hash)
        self._store.forget_sessions(person.id)
        self._store.remove("reviewers", person.id)
        return person

    def create_token(self, reviewer: str, label: str = "script") -> tuple[PersonalToken, str]:
        """A personal token, and its text, which cannot be read again."""
        person = self.reviewer(reviewer)
        secret = new_secret(SecretKind.PERSONAL_TOKEN, self._clock.random_bytes)
        token = PersonalToken(secret.public_id, person.id, label, secret.sha256, self._clock.now_ms())
        self._store.put("tokens", token.id, asdict(token))
        return token, secret.text

    def list_tokens(self) -> list[PersonalToken]:
        """All personal tokens, oldest first."""
        return sorted((PersonalToken(**r) for r in self._store.all("tokens")), key=lambda token: token.created_at_ms)

    def revoke_token(self, token_id: str) -> None:
        """End a personal token. Raises DirectoryProblem when there is none of that id."""
        if not self._store.remove("tokens", token_id):
            raise DirectoryProblem(f"There is no token {token_id}; see: handoff token list.")

    def personal_link(self, page_url: str, name_or_id: str, handoff_id: str) -> str:
        """A person's own link to one case. The secret stands in the fragment, which browsers send to nobody."""
        person = self.reviewer(name_or_id)
        if not is_id(handoff_id, "ho"):
            raise DirectoryProblem(f"{handoff_id} is not the id of a handoff; it looks like ho_00….")
        mac = link_mac(self._links, handoff_id, person.id, person.generation)
        return f"{page_url}/#/h/{handoff_id}?by={person.id}&gen={person.generation}&mac={mac}"

    def void_links(self, name_or_id: str) -> None:
        """Make all personal links of a person void, for a mailbox that others read."""
        person = self.reviewer(name_or_id)
        self._store.put("reviewers", person.id, asdict(replace(person, generation=person.generation + 1)))

    # Coming in

    def by_bearer(self, text: str) -> Caller | None:
        """The automation or the person whose API key or personal token this is."""
        presented = read_secret(text, SecretKind.API_KEY, SecretKind.PERSONAL_TOKEN)
        return None if presented is None else self._cached(presented)

    def by_session(self, text: str) -> Caller | None:
        """The person whose session this is."""
        presented = read_secret(text, SecretKind.SESSION)
        return None if presented is None else self._cached(presented)

    def enrol(self, text: str) -> NewSession | None:
        """Use a one-time enrolment link: of two browsers that try it, one is signed in."""
        presented = read_secret(text, SecretKind.ENROLMENT)
        record = self._store.take("enrolment", presented.sha256) if presented else None
        person = self._store.get("reviewers", record["reviewer_id"]) if record else None
        return None if person is None else self._session(reviewer_of(person), "signed_in", SIGNED_IN_TTL_MS, None)

    def open_link(self, handoff_id: str, reviewer_id: str, generation: int, mac: str) -> NewSession | None:
        """Open a personal link."""
        if not is_id(handoff_id, "ho") or not is_link_mac(self._links, handoff_id, reviewer_id, generation, mac):
            return None
        record = self._store.get("reviewers", reviewer_id)
        if record is None or record["generation"] != generation:
            return None
        return self._session(reviewer_of(record), "link", LINK_TTL_MS, handoff_id)

    def sessions_of(self, reviewer_id: str) -> list[tuple[str, dict[str, Any]]]:
        """A person's sessions, as (hash, record)."""
        return self._store.sessions_of(reviewer_id)

    def end_session(self, reviewer_id: str, secret_hash: str) -> None:
        """End a session of this person; it is refused within a second."""
        record = self._store.get_for("session", secret_hash)
        if record is not None and record["reviewer_id"] == reviewer_id:
            self._store.end_session(reviewer_id, secret_hash)
        self._cache.pop(secret_hash, None)

    def confirm_word(self, handoff: Handoff, who: Caller) -> str:
        """The word that a person types, or holds a button for, to decide from a personal link."""
        return confirm_word(self._links, handoff.id, who.actor.id, handoff.version)

    def confirmed(self, handoff: Handoff, who: Caller, typed: str | None) -> bool:
        """Whether the word of this very version was given."""
        return typed is not None and is_confirm_word(self._links, handoff.id, who.actor.id, handoff.version, typed)

    def _cached(self, presented: Presented) -> Caller | None:
        now_ms = self._clock.monotonic_ms()
        held = self._cache.get(presented.sha256)
        if held is not None and now_ms - held[0] < CACHE_MS:
            return held[1]
        found = self._look_up(presented)
        with self._lock:
            if len(self._cache) >= CACHE_ENTRIES:
                # Guesses must not fill the memory.
                self._cache.clear()
            self._cache[presented.sha256] = (now_ms, found)
        return found

    def _look_up(self, presented: Presented) -> Caller | None:
        if presented.kind is SecretKind.API_KEY:
            record = self._store.get("api_keys", presented.public_id)
            if record is None or record["revoked_at_ms"] is not None or not presented.is_that_of(record["sha256"]):
                return None
            key = api_key_of(record)
            actor = Actor("automation", key.id, key.label, None, "none")
            return Caller("automation", actor, frozenset(key.scopes), frozenset(), key.workflows, "none")
        if presented.kind is SecretKind.PERSONAL_TOKEN:
            record = self._store.get("tokens", presented.public_id)
            if record is None or not presented.is_that_of(record["sha256"]):
                return None
            person = self._store.get("reviewers", record["reviewer_id"])
            return None if person is None else _human(reviewer_of(person), "signed_in", None, None)
        record = self._store.get_for("session", presented.sha256)
        person = self._store.get("reviewers", record["reviewer_id"]) if record else None
        if record is None or person is None:
            return None
        reviewer = reviewer_of(person)
        if record["assurance"] == "link" and record["generation"] != reviewer.generation:
            return None
        return _human(reviewer, record["assurance"], record["only_handoff_id"], presented.sha256)

    def _session(self, person: Reviewer, assurance: Assurance, ttl_ms: int, only_handoff_id: str | None) -> NewSession:
        secret = new_secret(SecretKind.SESSION, self._clock.random_bytes)
        now_ms = self._clock.now_ms()
        record = {
            "reviewer_id": person.id,
            "assurance": assurance,
            "only_handoff_id": only_handoff_id,
            "generation": person.generation,
            "created_at_ms": now_ms,
            "expires_at_ms": now_ms + ttl_ms,
        }
        self._store.put_for("session", secret.sha256, record, ttl_ms)
        self._store.note_session(person.id, secret.sha256, SIGNED_IN_TTL_MS)
        caller = _human(person, assurance, only_handoff_id, secret.sha256)
        return NewSession(secret.text, caller, ttl_ms // 1000, now_ms + ttl_ms)

    def _enrolment(self, person: Reviewer) -> str:
        secret = new_secret(SecretKind.ENROLMENT, self._clock.random_bytes)
        self._store.put_for("enrolment", secret.sha256, {"reviewer_id": person.id}, ENROLMENT_TTL_MS)
        return secret.text

    def _api_key(self, key_id: str) -> ApiKey:
        record = self._store.get("api_keys", key_id.removeprefix("hk_"))
        if record is None:
            raise DirectoryProblem(f"There is no API key {key_id}; see: handoff key list.")
        return api_key_of(record)

    def _seal(self, key_id: str, secret: str) -> str:
        nonce = self._clock.random_bytes(NONCE_BYTES)
        return seal(self._sealing_key, secret.encode(), bound_to=key_id, nonce=nonce)


def _human(person: Reviewer, assurance: Assurance, only_handoff_id: str | None, session_hash: str | None) -> Caller:
    roles, skills = frozenset(person.roles), frozenset(person.skills)
    actor = Actor("human", person.id, person.name, person.email, assurance, roles, skills)
    return Caller("human", actor, frozenset(), roles, person.workflows, assurance, only_handoff_id, session_hash)


def _known(given: Sequence[str], known: Sequence[str], word: str) -> None:
    for value in given:
        if value not in known:
            raise DirectoryProblem(f"There is no {word} {value}; use {', '.join(known)}.")
