"""How people can stand in a workflow: five patterns, three rows of risk, three service tiers, as data.

The pattern table is R-TPL-30 and R-SLA-08 word for word, the risk matrix R-ROUTE-26 and R-ROUTE-27, the service tiers
R-SLA-15. `sla` holds the numbers that a policy inherits from its row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Pattern:
    """One row of the pattern table."""

    name: str
    title: str
    best_for: str
    human_effort: str
    risk_level: str
    recommended_sla: str
    sla: Mapping[str, int | bool]
    words: Mapping[str, int]
    """Stem of a word in a description -> how much it speaks for this pattern."""
    because: str
    """Why this pattern, as the recommender says it."""

    def row(self) -> dict[str, Any]:
        """As a row of the published table."""
        return {
            "name": self.name,
            "title": self.title,
            "best_for": self.best_for,
            "human_effort": self.human_effort,
            "risk_level": self.risk_level,
            "recommended_sla": self.recommended_sla,
        }


def _words(weight: int, text: str) -> dict[str, int]:
    return dict.fromkeys(text.split(), weight)


PATTERNS: Final = (
    Pattern(
        "auto_approve_with_sampling",
        "Auto-approve with sampling",
        "Low-risk content tagging, summaries, internal routing",
        "Low",
        "Low",
        "Sample review within 1 business day",
        MappingProxyType({}),
        _words(3, "tagging tag tags summar internal") | _words(2, "label rout routine suggestion knowledge-base draft"),
        "It is low-risk and easily undone, so a look at a sample afterwards is enough.",
    ),
    Pattern(
        "triage_with_prefill",
        "Human triage with AI pre-fill",
        "Support tickets, IT requests, case routing",
        "Medium",
        "Low to medium",
        "Acknowledge in 15 min, complete in 4 hours",
        MappingProxyType({"acknowledge_minutes": 15, "complete_minutes": 240}),
        _words(3, "ticket triage helpdesk") | _words(2, "support request case classif categor priorit customer email"),
        "A person sorts the cases, and the model fills in what it can.",
    ),
    Pattern(
        "approval_before_action",
        "Approval before action",
        "Access changes, vendor outreach, finance changes",
        "Medium to high",
        "Medium to high",
        "Approve within same business day",
        MappingProxyType({"acknowledge_minutes": 15, "complete_minutes": 480, "same_business_day": True}),
        _words(3, "access vendor refund payment invoice purchase irreversibl")
        | _words(2, "finance financial budget account permission publish send outreach contract delete change"),
        "It does something that is hard to take back, so a person approves first.",
    ),
    Pattern(
        "dual_review",
        "Dual-review",
        "HR, compliance, security, legal decisions",
        "High",
        "High",
        "Primary review in 2 hours, secondary in 4 hours",
        MappingProxyType({"acknowledge_minutes": 15, "complete_minutes": 120, "second_review_minutes": 240}),
        _words(4, "hiring dismiss legal compliance regulat loan clinical medical patient credit")
        | _words(3, "hr security employee candidate lawsuit diagnos salary termination"),
        "A wrong decision weighs heavily on somebody, so two people look at it.",
    ),
    Pattern(
        "stop_the_line",
        "Stop-the-line escalation",
        "Policy breaches, sensitive data exposure, unsafe actions",
        "High, urgent",
        "Critical",
        "Immediate pause, resolution within 1 hour",
        MappingProxyType({"acknowledge_minutes": 15, "complete_minutes": 60, "resolve_minutes": 60}),
        _words(5, "breach leak exposure exposed unsafe incident") | _words(3, "violation prohibited emergency outage"),
        "Harm may be going on, so everything stops until somebody has looked.",
    ),
)

PATTERN_BY_NAME: Final = MappingProxyType({pattern.name: pattern for pattern in PATTERNS})


@dataclass(frozen=True, slots=True)
class RiskRow:
    """One row of the risk matrix: how decisions of this kind are approved and undone."""

    risk_tiers: tuple[str, ...]
    title: str
    approval_mode: str
    rollback_mode: str
    examples: tuple[str, ...]


RISK_MATRIX: Final = (
    RiskRow(
        ("low",),
        "Low risk and reversible: full automation with audits afterwards",
        "post_hoc_audit",
        "automatic",
        ("content-tagging",),
    ),
    RiskRow(
        ("medium",),
        "Medium risk, or not easily reversed: a person approves actions",
        "human_approval",
        "manual",
        ("account-changes",),
    ),
    RiskRow(
        ("high", "critical"),
        "High risk or legally sensitive: a person takes part in the decision",
        "human_in_the_loop",
        "compensation",
        ("loan-denial", "clinical-recommendation"),
    ),
)
"""Three rows with the presets that are their examples (R-ROUTE-26, R-TPL-19)."""

ROW_BY_TIER: Final = MappingProxyType({tier: row for row in RISK_MATRIX for tier in row.risk_tiers})

SERVICE_TIERS: Final[Mapping[int, Mapping[str, Any]]] = MappingProxyType(
    {
        1: {
            "title": "Informational tasks",
            "sla": {
                "acknowledge_minutes": 60,
                "complete_minutes": 480,
                "synchronous_minutes": 60,
                "escalate_minutes": 120,
            },
        },
        2: {
            "title": "Customer-facing but reversible actions",
            "sla": {
                "acknowledge_minutes": 15,
                "complete_minutes": 240,
                "synchronous_minutes": 30,
                "escalate_minutes": 60,
            },
        },
        3: {
            "title": "Irreversible or regulated actions",
            "sla": {
                "acknowledge_minutes": 15,
                "complete_minutes": 120,
                "synchronous_minutes": 30,
                "escalate_minutes": 30,
            },
        },
    }
)

FALLBACK_SLA: Final = MappingProxyType(
    {
        "acknowledge_minutes": 15,
        "complete_minutes": 240,
        "synchronous_minutes": 30,
        "escalate_minutes": 30,
        "resolve_minutes": 60,
        "business_hours": True,
        "same_business_day": False,
    }
)
"""R-SLA-02 … R-SLA-06: what holds where neither policy nor rows say otherwise."""

_ANSWERS: Final[Mapping[str, Mapping[Any, Mapping[str, tuple[int, str]]]]] = {
    "risk_tier": {
        "low": {"auto_approve_with_sampling": (3, "You said that the risk is low.")},
        "medium": {"triage_with_prefill": (2, "You said that the risk is medium."),
                   "approval_before_action": (2, "You said that the risk is medium.")},
        "high": {"dual_review": (4, "You said that the risk is high."),
                 "approval_before_action": (1, "You said that the risk is high.")},
        "critical": {"stop_the_line": (5, "You said that the risk is critical."),
                     "dual_review": (3, "You said that the risk is critical.")},
    },
    "reversible": {
        True: {"auto_approve_with_sampling": (2, "It can be undone.")},
        False: {"approval_before_action": (4, "It cannot be undone."), "auto_approve_with_sampling": (-9, ""),
                "dual_review": (1, "It cannot be undone.")},
    },
    "customer_facing": {
        True: {"triage_with_prefill": (2, "Customers see the result."), "auto_approve_with_sampling": (-2, ""),
               "approval_before_action": (1, "Customers see the result.")},
    },
    "regulated": {
        True: {"dual_review": (5, "It is regulated."), "auto_approve_with_sampling": (-9, "")},
    },
    "incident": {
        True: {"stop_the_line": (9, "It reports a breach or an unsafe action.")},
    },
}  # fmt: skip
"""Question -> answer -> pattern -> how much it speaks for it, and why."""

QUESTIONS: Final = tuple(_ANSWERS)


def recommend(description: str, answers: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Patterns for a described workflow, the best first, each with its reasons; never none (R-TPL-30).

    `answers` may hold risk_tier, reversible, customer_facing, regulated and incident. Where nothing speaks for any
    pattern, a person sorts the cases: the careful middle.
    """
    words = [word.strip(".,;:!?()\"'").lower() for word in description.split()]
    scores = {pattern.name: 0 for pattern in PATTERNS}
    reasons: dict[str, list[str]] = {pattern.name: [] for pattern in PATTERNS}
    for pattern in PATTERNS:
        found = {word: weight for word in words for stem, weight in pattern.words.items() if _is(word, stem)}
        if found:
            scores[pattern.name] += sum(found.values())
            reasons[pattern.name].append(f"You wrote “{'”, “'.join(sorted(found))}”.")
    for question, by_answer in _ANSWERS.items():
        for name, (weight, sentence) in by_answer.get((answers or {}).get(question), {}).items():
            scores[name] += weight
            if sentence:
                reasons[name].append(sentence)
    if max(scores.values()) <= 0:
        scores["triage_with_prefill"] = 1
        reasons["triage_with_prefill"].append("Nothing you said points elsewhere, so a person sorts the cases.")
    ranked = sorted(PATTERNS, key=lambda pattern: -scores[pattern.name])
    return [
        {**pattern.row(), "score": scores[pattern.name], "reasons": [*reasons[pattern.name], pattern.because]}
        for pattern in ranked
        if scores[pattern.name] > 0
    ]


def _is(word: str, stem: str) -> bool:
    """Whether a word is of this stem; the short ones (hr, tag) must be the whole word."""
    return word == stem if len(stem) <= 3 else word.startswith(stem)
