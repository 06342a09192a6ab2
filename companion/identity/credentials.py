"""Who may come in: automations with their keys, people with their roles and skills, and the caller of a request."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from companion.core.duties import DUTIES
from companion.core.handoff import Actor, ActorKind, Handoff
from companion.core.terms import Assurance

ALL_SCOPES: Final = ("open", "read", "withdraw", "replay", "route", "execute")
ALL_ROLES: Final = tuple(DUTIES)
LEVELS: Final = (1, 2, 3, 4)
SKILL: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
SEE_EVERY_QUEUE: Final = frozenset({"auditor", "owner", "governance", "compliance"})
"""Roles that read what a queue's skills hide from others; deciding needs the skills all the same (R-ROUTE-34)."""
Method = Literal["enrolment", "passkey", "oidc", "proxy", "link", "token", "key"]
"""How somebody came in."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An automation's credential. The secret is kept as a hash only; the signing secrets are sealed."""

    id: str
    label: str
    scopes: tuple[str, ...]
    workflows: tuple[str, ...] | None
    sha256: str
    signing_secrets: tuple[str, ...]
    created_at_ms: int
    revoked_at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """When a person is away, and who stands in for them (R-ROLE-18)."""

    from_ms: int
    until_ms: int
    backup_id: str | None


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A person who decides or reads. A higher `generation` makes all earlier personal links void."""

    id: str
    name: str
    email: str | None
    roles: tuple[str, ...]
    workflows: tuple[str, ...] | None
    generation: int
    created_at_ms: int
    skills: tuple[str, ...] = ()
    """What this person is trained for, such as `security_trained`; queues ask for them."""
    levels: tuple[int, ...] | None = None
    """The reviewer levels whose cases they are served; None for all (R-ROLE-14)."""
    queues: tuple[str, ...] | None = None
    """The queues whose cases they see, beside cases without a queue; None for all."""
    qualifications: Mapping[str, int | None] = field(default_factory=dict)
    """Skill that a test was passed for -> when that runs out, None for never (R-ROLE-15, R-GATE-18)."""
    absence: Absence | None = None
    enrolments: int = 0
    """How often earlier enrolment links were made void; a link counts only while this is as it was."""
    subject: str | None = None
    """Who this is at the identity provider: issuer, a blank, and the name there that never changes (R-ROLE-16)."""
    earlier_emails: tuple[str, ...] = ()
    """Addresses that this person had before; four eyes know them by these too (R-ROLE-07)."""

    def skills_at(self, now_ms: int) -> frozenset[str]:
        """The skills that this person has now; a qualification that ran out is none."""
        passed = {skill for skill, until_ms in self.qualifications.items() if until_ms is None or until_ms > now_ms}
        return frozenset(passed.union(self.skills))

    def is_away(self, now_ms: int) -> bool:
        """Whether somebody else stands in for this person now."""
        return self.absence is not None and self.absence.from_ms <= now_ms < self.absence.until_ms


@dataclass(frozen=True, slots=True)
class PersonalToken:
    """An approver's credential for scripts; signed in, never step-up."""

    id: str
    reviewer_id: str
    label: str
    sha256: str
    created_at_ms: int


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller. `workflows` None means all; `only_handoff_id` is set for a personal link's session."""

    actor: Actor
    scopes: frozenset[str]
    workflows: tuple[str, ...] | None
    only_handoff_id: str | None = None
    levels: frozenset[int] | None = None
    """The reviewer levels that this person is served; it hides nothing else. None for all."""
    queues: frozenset[str] | None = None
    """The queues that this person sees; None for all."""
    method: Method = "key"
    session_id: str | None = None
    """The session in which a person acts; None for a script, which no passkey stands behind."""
    signed_in_at_ms: int = 0
    renew: bool = False
    """Whether the secret of the session is old enough to be replaced."""

    @property
    def kind(self) -> ActorKind:
        """Whether a person calls or an automation."""
        return self.actor.kind

    @property
    def roles(self) -> frozenset[str]:
        """The roles of a person; an automation has scopes instead."""
        return self.actor.roles

    @property
    def assurance(self) -> Assurance:
        """How surely the caller is known, before anything is confirmed with a passkey."""
        return self.actor.assurance

    def may_see(self, handoff: Handoff) -> bool:
        """Is this handoff among what the caller works on?"""
        return self._is_sent(handoff) and self._trained_for(handoff)

    def lacks_only_training(self, handoff: Handoff) -> bool:
        """Does nothing hide this handoff from the caller but the skills that its queue asks for (R-GATE-18)?"""
        return self._is_sent(handoff) and not self._trained_for(handoff)

    def _trained_for(self, handoff: Handoff) -> bool:
        return self.skills_seen is None or self.skills_seen.issuperset(handoff.skills)

    def _is_sent(self, handoff: Handoff) -> bool:
        """Is its queue, and its workflow, the caller's?"""
        if self.only_handoff_id is not None and self.only_handoff_id != handoff.id:
            return False
        if self.queues is not None and handoff.queue is not None and handoff.queue not in self.queues:
            return False
        return self.sees(handoff.workflow_id)

    def sees(self, workflow_id: str) -> bool:
        """Is this workflow among those that the caller works on?"""
        return self.workflows is None or workflow_id in self.workflows

    @property
    def skills_seen(self) -> frozenset[str] | None:
        """The skills whose queues the caller sees; None for all queues."""
        return None if self.kind == "automation" or self.roles & SEE_EVERY_QUEUE else self.actor.skills


def api_key_of(record: dict[str, Any]) -> ApiKey:
    """An API key from its record."""
    workflows = record["workflows"]
    return ApiKey(
        **record
        | {
            "scopes": tuple(record["scopes"]),
            "workflows": None if workflows is None else tuple(workflows),
            "signing_secrets": tuple(record["signing_secrets"]),
        }
    )


def reviewer_of(record: dict[str, Any]) -> Reviewer:
    """A person from their record, which may be of a time when people had fewer members."""
    lists = {name: None if record.get(name) is None else tuple(record[name]) for name in _LISTS}
    absence = record.get("absence")
    return Reviewer(
        **record
        | lists
        | {
            "roles": tuple(record["roles"]),
            "skills": tuple(record.get("skills", ())),
            "earlier_emails": tuple(record.get("earlier_emails", ())),
            "absence": None if absence is None else Absence(**absence),
        }
    )


_LISTS: Final = ("workflows", "levels", "queues")


def automation(key: ApiKey) -> Caller:
    """The caller that an API key is."""
    actor = Actor("automation", key.id, key.label, None, "none")
    return Caller(actor, frozenset(key.scopes), key.workflows)


def human(person: Reviewer, assurance: Assurance, method: Method, now_ms: int, **session: Any) -> Caller:
    """The caller that a person is; `session` holds what only a session has."""
    roles, skills = frozenset(person.roles), person.skills_at(now_ms)
    actor = Actor("human", person.id, person.name, person.email, assurance, roles, skills, person.earlier_emails)
    # As with skills: who reads everything reads every queue.
    every_queue = person.queues is None or roles & SEE_EVERY_QUEUE
    return Caller(
        actor=actor,
        scopes=frozenset(),
        workflows=person.workflows,
        levels=None if person.levels is None else frozenset(person.levels),
        queues=None if every_queue else frozenset(person.queues or ()),
        method=method,
        **session,
    )
