"""Who may come in: automations with their keys, people with their roles and skills, and the caller of a request."""

import re
from dataclasses import dataclass
from typing import Any, Final, Literal

from companion.core.handoff import Actor, Handoff
from companion.core.terms import Assurance

ALL_SCOPES: Final = ("open", "read", "withdraw", "replay", "route")
ALL_ROLES: Final = ("approver", "auditor", "owner", "operator", "governance", "on_call")
SKILL: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
SEE_EVERY_QUEUE: Final = frozenset({"auditor", "owner", "governance"})
"""Roles that read what a queue's skills hide from others; deciding needs the skills all the same (R-ROUTE-34)."""


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

    kind: Literal["automation", "human"]
    actor: Actor
    scopes: frozenset[str]
    roles: frozenset[str]
    workflows: tuple[str, ...] | None
    assurance: Assurance
    only_handoff_id: str | None = None
    session_hash: str | None = None

    def may_see(self, handoff: Handoff) -> bool:
        """Is this handoff among what the caller works on?"""
        if self.only_handoff_id is not None and self.only_handoff_id != handoff.id:
            return False
        if self.skills_seen is not None and not self.skills_seen.issuperset(handoff.skills):
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
    """A person from their record."""
    workflows = record["workflows"]
    return Reviewer(
        **record
        | {
            "roles": tuple(record["roles"]),
            "workflows": None if workflows is None else tuple(workflows),
            "skills": tuple(record.get("skills", ())),
        }
    )
