"""The pattern table, word for word, and the recommender that chooses from it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.core.policy.patterns import PATTERNS, QUESTIONS, SERVICE_TIERS, recommend
from tests.unit.core.policy.kit import UNHURRIED

TABLE = [
    ("Auto-approve with sampling", "Low-risk content tagging, summaries, internal routing", "Low", "Low",
     "Sample review within 1 business day"),
    ("Human triage with AI pre-fill", "Support tickets, IT requests, case routing", "Medium", "Low to medium",
     "Acknowledge in 15 min, complete in 4 hours"),
    ("Approval before action", "Access changes, vendor outreach, finance changes", "Medium to high", "Medium to high",
     "Approve within same business day"),
    ("Dual-review", "HR, compliance, security, legal decisions", "High", "High",
     "Primary review in 2 hours, secondary in 4 hours"),
    ("Stop-the-line escalation", "Policy breaches, sensitive data exposure, unsafe actions", "High, urgent", "Critical",
     "Immediate pause, resolution within 1 hour"),
]  # fmt: skip


@pytest.mark.req("R-TPL-30", "R-SLA-08", "X-23")
def test_the_five_rows_are_those_of_the_article() -> None:
    """Word for word, with the numbers as data beside them."""
    rows = [(row.title, row.best_for, row.human_effort, row.risk_level, row.recommended_sla) for row in PATTERNS]
    assert rows == TABLE
    triage, approval, dual, stop = (pattern.sla for pattern in PATTERNS[1:])
    assert (triage["acknowledge_minutes"], triage["complete_minutes"]) == (15, 240)
    assert approval["same_business_day"] is True
    assert (dual["complete_minutes"], dual["second_review_minutes"]) == (120, 240)
    assert stop["resolve_minutes"] == 60


@pytest.mark.req("R-SLA-15")
def test_there_are_three_service_tiers() -> None:
    """By the impact on the business."""
    assert [row["title"] for row in SERVICE_TIERS.values()] == [
        "Informational tasks", "Customer-facing but reversible actions", "Irreversible or regulated actions",
    ]  # fmt: skip


@pytest.mark.req("R-TPL-30")
@pytest.mark.parametrize(
    ("description", "answers", "name"),
    [
        ("Set tags on internal articles", {}, "auto_approve_with_sampling"),
        ("Summaries of internal meetings", {"risk_tier": "low"}, "auto_approve_with_sampling"),
        ("Sort support tickets by category", {}, "triage_with_prefill"),
        ("Access changes for employees' accounts", {}, "approval_before_action"),
        ("Refund payments to customers", {"reversible": False}, "approval_before_action"),
        ("Reject candidates for a job; HR decides", {}, "dual_review"),
        ("Loan decisions", {"regulated": True}, "dual_review"),
        ("A leak of personal data was found", {}, "stop_the_line"), ("Anything", {"incident": True}, "stop_the_line"),
        ("Set tags", {"regulated": True}, "dual_review"), ("", {}, "triage_with_prefill"),
        ("Foo bar", {"risk_tier": "high"}, "dual_review"),
    ],
)  # fmt: skip
def test_a_described_workflow_gets_a_row_with_reasons(description: str, answers: dict[str, object], name: str) -> None:
    """By its words and the answers; with no hint at all a person sorts the cases."""
    best = recommend(description, answers)[0]
    assert best["name"] == name
    assert len(best["reasons"]) >= 2
    assert all(reason.endswith(".") for reason in best["reasons"])
    assert best["recommended_sla"]


@given(
    st.text(max_size=40),
    st.dictionaries(
        st.sampled_from([*QUESTIONS, "other"]), st.none() | st.booleans() | st.sampled_from(["low", "high", "?"])
    ),
)
@pytest.mark.req("R-TPL-30")
@settings(UNHURRIED)
def test_there_is_always_a_recommendation(description: str, answers: dict[str, object]) -> None:
    """The best first; what is regulated or cannot be undone never goes through by itself."""
    rows = recommend(description, answers)
    assert rows
    assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)
    if answers.get("regulated") is True or answers.get("reversible") is False:
        assert rows[0]["name"] != "auto_approve_with_sampling" or "tag" in description
