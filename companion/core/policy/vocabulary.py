"""The words of routing: what each mark says to a person, and which route is stricter than which."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

FLAGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "pii": "It contains personal data",
        "phi": "It contains health data",
        "regulated_data": "It contains regulated data",
        "pricing": "It is about prices",
        "legal_advice": "It gives legal advice",
        "legal_commitment": "It makes a legal commitment",
        "legal_contract": "It is about a contract",
        "access_rights": "It is about access rights",
        "access_change": "It changes somebody's access",
        "financial_commitment": "It commits money",
        "financial_impact": "It has a financial effect",
        "external_communication": "It goes to somebody outside",
        "high_impact": "It weighs heavily on somebody",
        "out_of_scope": "It is outside what this workflow is for",
        "weak_context": "The model had little to go on",
        "fraud_indicator": "It shows a sign of fraud",
        "credentials": "It contains a password or a key",
        "prompt_injection": "It tries to give the model orders",
        "prohibited_content": "It contains prohibited content",
        "data_exposure": "It may expose data",
        "policy_conflict": "It conflicts with policy",
    }
)
"""Mark -> the sentence a person reads, without its full stop."""

SECOND_SIGN_OFF: Final = "high_impact"
"""The mark that asks for a second person whatever the domain (R-GATE-16, X-24)."""

DUAL_DOMAINS: Final = frozenset({"hr", "compliance", "security", "legal", "finance"})
"""Where a decision of high risk has two people (R-GATE-13)."""

STRICTNESS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "auto_commit": 0,
        "asynchronous_human_review": 1,
        "synchronous_human_review": 2,
        "auto_reject": 3,
        "stop_the_line": 4,
    }
)
"""A later stage can only go up (X-03)."""

LANES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "auto_commit": ("auto_approve",),
        "asynchronous_human_review": ("human_review", "specialist_review"),
        "synchronous_human_review": ("human_review", "specialist_review"),
        "auto_reject": ("reject",),
        "stop_the_line": ("stop_the_line",),
    }
)
"""Which lanes a route can have (X-02)."""

RISK_TIERS: Final = ("low", "medium", "high", "critical")


def words_of(code: str) -> str:
    """What a mark says, as a sentence; a workflow's own mark is shown by its name."""
    known = FLAGS.get(code)
    return f"{known}." if known else f"It was marked “{code.replace('_', ' ')}”."


def risk_tier(stated: str | None, risk_score: float | None) -> str:
    """The tier of a case. Nothing stated is medium, not low: ignorance must not lower the guard."""
    if stated is not None:
        return stated
    if risk_score is None:
        return "medium"
    return "high" if risk_score >= 0.9 else "medium" if risk_score > 0.6 else "low"


ASSURANCES: Final = ("link", "signed_in", "step_up")
"""How surely a person is known, the least first."""
