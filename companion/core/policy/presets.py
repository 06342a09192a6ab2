"""The built-in policies, as data. A workflow without its own runs under `default`, the strictest (R-ROUTE-40)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, Literal

from companion.core.handoff import Assurance

REASON_CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "wrong_category": "Wrong category",
        "insufficient_evidence": "Insufficient evidence",
        "policy_violation": "Policy violation",
        "needs_specialist_review": "Needs specialist review",
    }
)
"""Code -> what a person reads (R-ACT-09)."""

FLAGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "pii": "It contains personal data",
        "phi": "It contains health data",
        "regulated_data": "It contains regulated data",
        "pricing": "It is about prices",
        "legal_advice": "It gives legal advice",
        "legal_commitment": "It makes a legal commitment",
        "access_rights": "It is about access rights",
        "access_change": "It changes somebody's access",
        "financial_commitment": "It commits money",
        "financial_impact": "It has a financial effect",
        "external_communication": "It goes to somebody outside",
        "out_of_scope": "It is outside what this workflow is for",
        "weak_context": "The model had little to go on",
        "prohibited_content": "It contains prohibited content",
        "data_exposure": "It may expose data",
        "policy_conflict": "It conflicts with policy",
    }
)
"""Flag -> the sentence a person reads."""

RISK_TIERS: Final = ("low", "medium", "high", "critical")

ASSURANCE_BY_RISK_TIER: Final[Mapping[str, Assurance]] = MappingProxyType(
    {"low": "link", "medium": "signed_in", "high": "signed_in", "critical": "signed_in"}
)
"""How surely a decider must be known, by what is at stake (design section 7)."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one workflow."""

    id: str
    version: int
    ask_below_confidence: float
    expires_in_s: int = 72 * 3600
    safe_verdict: Literal["no_decision", "reject"] = "no_decision"
    actions: frozenset[str] = frozenset({"approve", "reject", "modify", "escalate", "ask", "roll_back"})
    actions_needing_reason: frozenset[str] = frozenset({"reject", "modify", "escalate", "roll_back"})
    """An override needs a reason code, and a sentence too (R-UI-14, X-07)."""
    primary_actions: tuple[str, ...] = ("approve", "reject")
    """What stands on the page as a button of its own; the other ways to answer are folded below (R-UI-04, X-05)."""


DEFAULT: Final = Policy("default", 1, ask_below_confidence=0.85)
PRESETS: Final[Mapping[str, Policy]] = MappingProxyType(
    {"default": DEFAULT, "summarize-email": Policy("summarize-email", 1, ask_below_confidence=0.78)}
)


def policy_for(workflow_id: str) -> Policy:
    """The policy of a workflow; without one of its own, `default`."""
    return PRESETS.get(workflow_id, DEFAULT)


def risk_tier(stated: str | None, risk_score: float | None) -> str:
    """The tier of a case. Nothing stated is medium, not low: ignorance must not lower the guard."""
    if stated is not None:
        return stated
    if risk_score is None:
        return "medium"
    return "high" if risk_score >= 0.9 else "medium" if risk_score > 0.6 else "low"


def stop_reasons(confidence: float | None, ask_below: float, flags: list[str]) -> list[dict[str, Any]]:
    """Why a person is asked, in words a person reads (R-ROUTE-01): kind, code and text of each reason, never empty."""
    reasons: list[dict[str, Any]] = []
    if confidence is None:
        text = "The model did not say how sure it was, so a person decides."
        reasons.append({"kind": "exception", "code": "confidence_missing", "text": text})
    elif confidence < ask_below:
        text = f"The model was {_percent(confidence)} sure. Your team wants a person below {_percent(ask_below)}."
        reasons.append({"kind": "confidence", "code": "confidence_below_threshold", "text": text})
    for flag in flags:
        kind = "out_of_scope" if flag == "out_of_scope" else "policy"
        words = FLAGS.get(flag, f"It was marked “{flag.replace('_', ' ')}”")
        reasons.append({"kind": kind, "code": flag, "text": f"{words}."})
    if not reasons:
        reasons.append({"kind": "policy", "code": "asked_by_workflow", "text": "The workflow asks a person each time."})
    return reasons


def _percent(share: float) -> str:
    """61 %, 77.9 %: all digits that were sent; a value just below a threshold must not read as equal to it.

    The space is one at which no line ends, as the page has it (handoff_ui/src/words/confidence.ts).
    """
    return f"{(Decimal(repr(share)) * 100).normalize():f}\u00a0%"
