"""Signing in with an identity from outside: a provider of OpenID Connect, or a proxy that knows who is there.

Whoever comes in so is a person of the directory, under the id that stands in the audit log (R-INT-14, R-ROLE-16).
"""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from companion.adapters.clock import Clock
from companion.adapters.oidc import NotSignedIn, Person, Provider
from companion.core.decide import Refused
from companion.core.handoff import Actor
from companion.core.sealing import b64url
from companion.identity.base import Busy, SubjectKnown
from companion.identity.credentials import Reviewer
from companion.identity.directory import Directory, DirectoryProblem
from companion.settings import Oidc
from companion.store.directory import DirectoryStore

TRIP_MS: Final = 10 * 60 * 1000
"""How long somebody may take at the provider."""


class Federation:
    """Begins and ends sign-ins with identities from outside."""

    def __init__(
        self, store: DirectoryStore, directory: Directory, clock: Clock, provider: Provider | None, oidc: Oidc | None
    ) -> None:
        self._store = store
        self._directory = directory
        self._clock = clock
        self._provider = provider
        self._oidc = oidc

    def begin(self, back: str) -> tuple[str, str] | Refused:
        """Where to send the browser, and the secret that it brings back in a cookie; `back` is where it goes on."""
        if self._provider is None:
            return Refused("not_found", "No identity provider is set up here.")
        state, nonce, verifier, browser = (b64url(self._clock.random_bytes(32)) for _ in range(4))
        try:
            address = self._provider.address(state, nonce, verifier)
        except NotSignedIn as error:
            return Refused(error.code, error.detail)
        trip = {"nonce": nonce, "verifier": verifier, "browser": _hash(browser), "back": back}
        self._store.put_for("trip", _hash(state), trip, TRIP_MS)
        return address, browser

    def end(self, answer: Mapping[str, str | None], browser: str) -> tuple[Reviewer | Refused, str]:
        """Who came back from the provider, or why nobody did; and where the browser goes on."""
        state = answer.get("state") or ""
        trip = self._store.get_for("trip", _hash(state))
        if self._provider is None or self._oidc is None or trip is None or trip["browser"] != _hash(browser):
            return STATE_UNKNOWN, "/"
        # Only now, so that nobody who saw the address ends the sign-in of the browser that it belongs to.
        if self._store.take("trip", _hash(state)) is None:
            return STATE_UNKNOWN, trip["back"]
        return self._came_back(self._provider, self._oidc, answer, trip), trip["back"]

    def _came_back(
        self, provider: Provider, oidc: Oidc, answer: Mapping[str, str | None], trip: Mapping[str, str]
    ) -> Reviewer | Refused:
        if answer.get("iss") not in (None, provider.issuer):
            return Refused("oidc_issuer_mismatch", "Another identity provider answered than was asked.")
        if answer.get("error") is not None or not answer.get("code"):
            return Refused("oidc_denied", "The identity provider did not sign you in.")
        try:
            person = provider.finish(answer["code"] or "", trip["verifier"], trip["nonce"])
        except NotSignedIn as error:
            return Refused(error.code, error.detail)
        return self._known(oidc, person)

    def _known(self, oidc: Oidc, person: Person) -> Reviewer | Refused:
        """The person of the directory: by the name that never changes, at first by their verified address."""
        subject = f"{oidc.issuer} {person.subject}"
        roles = _roles(oidc, person.claims)
        try:
            if roles == ():
                self._shut_out(oidc, subject)
                return NO_ROLE
            found = self._found(person, subject)
            if found is None:
                return self._added(oidc, person, subject, roles)
            if isinstance(found, Refused):
                return found
            return self._directory.recognised(found.id, subject, roles, _provider_of(oidc))
        except Busy as error:
            return Refused("busy", str(error))
        except DirectoryProblem as error:
            return Refused("oidc_person_unknown", str(error))

    def _shut_out(self, oidc: Oidc, subject: str) -> None:
        """Take from somebody who is in no known group any more what their groups gave them, and what they made by it.

        Not from whoever never signed in there: no group gave them anything, and one try must not lock out an owner.
        """
        lost = self._by_subject(subject)
        if lost is None:
            return
        # The roles first: whatever is not ended yet may do nothing from here on.
        self._directory.recognised(lost.id, subject, (), _provider_of(oidc))
        self._directory.revoke_tokens_of(lost.id, actor=_provider_of(oidc))
        for session_id, _ in self._directory.sessions_of(lost.id):
            self._directory.end_session(lost.id, session_id)

    def _by_subject(self, subject: str) -> Reviewer | None:
        return next((one for one in self._directory.list_reviewers() if one.subject == subject), None)

    def _found(self, person: Person, subject: str) -> Reviewer | Refused | None:
        found = self._by_subject(subject)
        if found is not None:
            return found
        if person.email is None or not person.email_verified:
            return Refused(
                "oidc_email_unverified", "Your address is not verified at the identity provider; verify it there."
            )
        address = person.email.casefold()
        # Not one with another name there already: addresses are given away again.
        unknown_there = (p for p in self._directory.list_reviewers() if p.subject is None)
        return next((p for p in unknown_there if (p.email or "").casefold() == address), None)

    def _added(self, oidc: Oidc, person: Person, subject: str, roles: tuple[str, ...] | None) -> Reviewer | Refused:
        if not oidc.add_people or roles is None:
            return PERSON_UNKNOWN
        name = (person.name or person.email or "")[:80]
        try:
            return self._directory.add_reviewer(name, person.email, roles, subject=subject, actor=_provider_of(oidc))[0]
        except SubjectKnown as known:
            # Signed in twice at the same moment: whoever comes second is the person that the first made of them.
            return known.person

    def at_the_proxy(self, address: str | None) -> Reviewer | Refused:
        """The person whose address a trusted proxy tells."""
        if address is None:
            return Refused("proxy_identity_missing", "The proxy in front does not say who you are.")
        for person in self._directory.list_reviewers():
            if (person.email or "").casefold() == address:
                return person
        return Refused("proxy_person_unknown", "Nobody here has the address that the proxy tells; ask to be added.")


def _provider_of(oidc: Oidc) -> Actor:
    """In whose name people are added, and given roles, at a sign-in."""
    return Actor("system", "identity_provider", oidc.issuer)


def _roles(oidc: Oidc, claims: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The roles that a person's groups give; None where roles are kept in the directory."""
    if oidc.roles_claim is None:
        return None
    given = claims.get(oidc.roles_claim)
    groups = re.split(r"[\s,]+", given) if isinstance(given, str) else given if isinstance(given, list) else []
    return tuple(dict.fromkeys(role for group, role in oidc.roles if group in groups))


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


STATE_UNKNOWN: Final = Refused(
    "oidc_state_unknown", "This sign-in was not begun in this browser, was used, or took too long; sign in once more."
)
NO_ROLE: Final = Refused("oidc_no_role", "None of your groups has a role here; ask whoever looks after Handoff.")
PERSON_UNKNOWN: Final = Refused(
    "oidc_person_unknown", "You are signed in there, but nobody here has your address; ask to be added."
)
