"""The policies that come with Handoff, and the words of the defaults.

A workflow without a policy of its own, and without a preset of its name, runs under `default` (R-ROUTE-40).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any, Final, Literal

from companion.core.policy.compiled import CompiledPolicy, compile_preset
from companion.core.policy.library import NAMES, library_document
from companion.core.policy.merging import effective_of
from companion.core.policy.vocabulary import FLAGS, RISK_TIERS, words_of
from companion.core.terms import Assurance

__all__ = [
    "ASSURANCE_BY_RISK_TIER",
    "FLAGS",
    "PRESETS",
    "REASON_CODES",
    "RISK_TIERS",
    "Policy",
    "compiled_preset",
    "policy_for",
    "preset_name_for",
    "stop_reasons",
]

REASON_CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "wrong_category": "Wrong category",
        "insufficient_evidence": "Insufficient evidence",
        "policy_violation": "Policy violation",
        "needs_specialist_review": "Needs specialist review",
    }
)
"""Code -> what a person reads (R-ACT-09)."""

ASSURANCE_BY_RISK_TIER: Final[Mapping[str, Assurance]] = MappingProxyType(
    {"low": "link", "medium": "signed_in", "high": "signed_in", "critical": "signed_in"}
)
"""How surely a decider must be known, by what is at stake (design section 7)."""

TEMPLATES: Final[Mapping[str, str]] = MappingProxyType(
    {"fraud-detection": "fraud", "it-helpdesk": "helpdesk", "support-response": "support"}
)
"""Workflows of the templates whose name is not that of their preset."""


class _Library(Mapping[str, Mapping[str, Any]]):
    """Name -> document; read from its file when it is first asked for."""

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        document = library_document(name)
        if document is None:
            raise KeyError(name)
        return document

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


PRESETS: Final[Mapping[str, Mapping[str, Any]]] = _Library()


def preset_name_for(workflow_id: str) -> str:
    """The preset of a workflow without a policy of its own: that of its name or template, else `default`."""
    name = TEMPLATES.get(workflow_id, workflow_id)
    return name if name in NAMES else "default"


@cache
def compiled_preset(name: str) -> CompiledPolicy:
    """A preset, ready to be asked, version 0. Raises KeyError for a name that is none."""
    return compile_preset(name)


@dataclass(frozen=True, slots=True)
class Policy:
    """What an opening takes from the policy of its workflow."""

    id: str
    version: int
    ask_below_confidence: float
    expires_in_s: int = 72 * 3600
    safe_verdict: Literal["no_decision", "reject"] = "no_decision"
    actions: frozenset[str] = frozenset({"approve", "reject", "modify", "escalate", "ask", "roll_back"})
    actions_needing_reason: frozenset[str] = frozenset({"reject", "modify", "escalate", "roll_back"})
    """An override needs a reason code, and a sentence too (R-UI-14, X-07)."""


def policy_for(workflow_id: str) -> Policy:
    """The preset of a workflow in short."""
    return _in_short(preset_name_for(workflow_id))


@cache
def _in_short(name: str) -> Policy:
    effective = effective_of(PRESETS[name], library_document)
    gate = effective["confidence_gate"]
    return Policy(
        id=name,
        version=1,
        ask_below_confidence=effective["thresholds"]["review_below_confidence"] if gate is None else gate,
        expires_in_s=effective["expires_in_s"],
        safe_verdict=effective["safe_verdict"],
        actions=frozenset(effective["actions"]) - {"annotate"},
        actions_needing_reason=frozenset(effective["actions_needing_reason"]),
    )


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
        reasons.append({"kind": kind, "code": flag, "text": words_of(flag)})
    if not reasons:
        reasons.append({"kind": "policy", "code": "asked_by_workflow", "text": "The workflow asks a person each time."})
    return reasons


def _percent(share: float) -> str:
    """61 %, 77.9 %: all digits that were sent; a value just below a threshold must not read as equal to it.

    The space is one at which no line ends, as the page has it (handoff_ui/src/words/confidence.ts).
    """
    return f"{(Decimal(repr(share)) * 100).normalize():f}\u00a0%"
