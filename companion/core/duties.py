"""Who may do what: roles and their duties, as data (R-ROLE-01, R-ROLE-02). The rules and the permission table read it.

What a role may do on a given case can be less than its duties: the terms of the case say so (R-ACT-10).
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final, Literal

from companion.core.handoff import Handoff

Duty = Literal[
    "decide", "claim", "escalate", "ask", "answer", "annotate", "roll_back", "undo", "triage", "verify", "assign",
    "withdraw", "disclose",
]  # fmt: skip

EMERGENCY_LEVEL: Final = 4
"""The highest reviewer level: incident response, legal, operations. There is nobody above it to escalate to."""

_APPROVER: Final = frozenset[Duty](
    {"decide", "claim", "escalate", "ask", "answer", "annotate", "roll_back", "undo", "verify"}
)

DUTIES: Final[Mapping[str, frozenset[Duty]]] = MappingProxyType(
    {
        "approver": _APPROVER,
        "auditor": frozenset({"annotate"}),
        "owner": _APPROVER | {"assign", "withdraw"},
        "operator": frozenset({"annotate"}),
        "governance": frozenset({"annotate"}),
        "on_call": frozenset({"escalate", "assign", "annotate", "claim", "decide", "undo", "verify"}),
        "triager": frozenset({"triage", "assign", "claim", "escalate", "ask", "annotate"}),
        "verifier": frozenset({"verify", "claim", "escalate", "ask", "annotate"}),
        "compliance": frozenset({"annotate", "disclose"}),
        "sre": frozenset(),
    }
)
"""Role -> what it is there for. Reading is no duty; which role reads what stands in the permission table."""

IN_EMERGENCIES: Final = frozenset({("on_call", "decide"), ("on_call", "undo"), ("on_call", "verify")})
"""Duties that a role has only on a case that came up to the emergency level."""


def roles_with(*duties: Duty) -> frozenset[str]:
    """The roles that have at least one of these duties, on some case at least."""
    return frozenset(role for role, its in DUTIES.items() if its.intersection(duties))


def fit(roles: Collection[str], duty: Duty, handoff: Handoff | None = None) -> frozenset[str]:
    """Those of `roles` that have this duty, on this case if one is given."""
    return frozenset(
        role
        for role in roles
        if duty in DUTIES.get(role, ())
        and not (handoff is not None and handoff.reviewer_level < EMERGENCY_LEVEL and (role, duty) in IN_EMERGENCIES)
    )


_WORK: Final[tuple[Duty, ...]] = ("decide", "triage", "verify")


def _work(roles: Collection[str], emergencies: bool) -> set[Duty]:
    of_all: set[tuple[str, Duty]] = {(role, duty) for role in roles for duty in _WORK if duty in DUTIES.get(role, ())}
    return {duty for _, duty in (of_all if emergencies else of_all - IN_EMERGENCIES)}


def shares_work(roles: Collection[str], others: Collection[str]) -> bool:
    """Whether somebody with the roles `others` decides, sorts or checks where `roles` do (R-ROLE-18).

    For whoever does nothing of that, anybody stands in. What is done in emergencies only stands in for the same only.
    """
    for emergencies in (False, True):
        theirs = _work(roles, emergencies)
        if theirs:
            return not theirs.isdisjoint(_work(others, emergencies))
    return True


def may(roles: Collection[str], duty: Duty, handoff: Handoff | None = None) -> bool:
    """Whether one of `roles` has this duty, on this case if one is given."""
    return bool(fit(roles, duty, handoff))
