"""The policies that come with Handoff: they hold, and the articles' examples land where they belong."""

import jsonschema
import pytest

from companion.core.canonical import canonical_bytes
from companion.core.policy.compiled import compile_policy
from companion.core.policy.document import json_schema
from companion.core.policy.patterns import PATTERN_BY_NAME, RISK_MATRIX, ROW_BY_TIER
from companion.core.policy.presets import PRESETS, REASON_CODES, compiled_preset, policy_for, preset_name_for
from tests.unit.core.policy.kit import OWNER, routed

AUTO, ASYNC, SYNC = "auto_commit", "asynchronous_human_review", "synchronous_human_review"


@pytest.mark.req("R-ROUTE-06", "R-ROUTE-39", "R-TPL-19", "R-TPL-26")
@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_holds(name: str) -> None:
    """It compiles, its tests pass, it is valid against the published schema, and it is plain JSON."""
    compiled = compiled_preset(name)
    assert (compiled.policy_id, compiled.version) == (name, 0)
    jsonschema.validate(dict(PRESETS[name]), json_schema())
    jsonschema.validate(dict(compiled.effective), json_schema())
    assert canonical_bytes(dict(compiled.effective))
    assert compiled.effective["title"]
    assert set(compiled.effective["reason_codes"]) >= set(REASON_CODES)


@pytest.mark.req("R-CAN-07")
@pytest.mark.parametrize("name", ["default", "summarize-email", "fraud", "helpdesk", "support", "procurement"])
def test_six_presets_carry_tests_that_are_run(name: str) -> None:
    """What their articles promise is tested each time they are made ready, and the result is kept."""
    result = compiled_preset(name).test_result
    assert result["run"] == result["passed"] == len(result["names"]) >= 4


@pytest.mark.req("R-ROUTE-39")
def test_there_is_a_preset_for_each_domain_of_the_article() -> None:
    """Support, security, finance, HR, internal IT, and legal and procurement beside them."""
    domains = {compiled_preset(name).effective["domain"] for name in PRESETS}
    assert domains >= {"support", "security", "finance", "hr", "it", "legal", "procurement", "content", "clinical"}


@pytest.mark.req("R-ROUTE-40", "R-GOV-22")
def test_a_policy_is_found_for_each_workflow() -> None:
    """Its preset's by name, its template's, else the default; names that are none stay unknown."""
    assert preset_name_for("fraud") == preset_name_for("fraud-detection") == "fraud"
    assert preset_name_for("it-helpdesk") == "helpdesk"
    assert preset_name_for("never-heard-of") == "default"
    assert policy_for("fraud").id == "fraud"
    assert "never-heard-of" not in PRESETS
    with pytest.raises(KeyError):
        compiled_preset("never-heard-of")


@pytest.mark.req("R-ROUTE-40")
def test_a_preset_has_no_owner_and_whoever_takes_it_over_is_one() -> None:
    """A copy under another name is refused until somebody answers for it, then behaves as the preset does."""
    for name in PRESETS:
        copied = {**PRESETS[name], "workflow_id": "ours", "extends": "default", "owner": OWNER}
        compiled = compile_policy({**copied, "tests": []}, 1)
        assert compiled.effective["thresholds"] == compiled_preset(name).effective["thresholds"]
        assert "owner" not in PRESETS[name]


@pytest.mark.req("R-ROUTE-26", "R-ROUTE-27", "R-TPL-19")
@pytest.mark.parametrize(
    ("name", "route", "tier"),
    [
        ("content-tagging", AUTO, "low"), ("account-changes", ASYNC, "medium"),
        ("loan-denial", SYNC, "high"), ("clinical-recommendation", SYNC, "critical"),
    ],
)  # fmt: skip
def test_the_four_examples_land_in_their_rows(name: str, route: str, tier: str) -> None:
    """The surest item at no risk: tagged at once, approved by a person, or decided with one; undone as the row says."""
    evaluation = routed(compiled_preset(name), confidence=1.0, risk_score=0.0)
    assert (evaluation.route, evaluation.risk_tier) == (route, tier)
    row = ROW_BY_TIER[tier]
    assert name in row.examples
    effective = compiled_preset(name).effective
    assert (effective["approval_mode"], effective["rollback_mode"]) == (row.approval_mode, row.rollback_mode)


@pytest.mark.req("R-ROUTE-26")
def test_the_risk_matrix_has_three_rows() -> None:
    """Every tier is in one, and every example is a preset."""
    assert [row.approval_mode for row in RISK_MATRIX] == ["post_hoc_audit", "human_approval", "human_in_the_loop"]
    assert [tier for row in RISK_MATRIX for tier in row.risk_tiers] == ["low", "medium", "high", "critical"]
    assert {name for row in RISK_MATRIX for name in row.examples} <= set(PRESETS)


@pytest.mark.req("R-ROUTE-29", "R-GATE-17")
def test_helpdesk_puts_three_kinds_in_three_queues() -> None:
    """Resets go through, lockouts to people trained in security, identity to a stricter queue and waits."""
    helpdesk = compiled_preset("helpdesk")
    reset, lockout, identity = (
        routed(helpdesk, category=category) for category in ("password_reset", "account_lockout", "identity")
    )
    assert [one.queue for one in (reset, lockout, identity)] == ["password_reset", "account_lockout", "identity"]
    assert [one.route for one in (reset, lockout, identity)] == [AUTO, ASYNC, SYNC]
    assert "security" in lockout.skills
    assert helpdesk.queues["identity"]["stricter"] is True
    assert set(identity.skills) > set(lockout.skills)


@pytest.mark.req("R-SAMP-13", "R-GATE-07")
def test_support_samples_routine_and_escalates_what_touches_policy() -> None:
    """An ordinary draft is drawn for; a refund, a legal commitment or thin context goes to a person; two gates."""
    support = compiled_preset("support")
    assert routed(support).sample is not None
    for fields in ({"intent": "refund"}, {"flags": ["legal_commitment"]}, {"flags": ["weak_context"]}):
        assert routed(support, **fields).human
    assert [gate["id"] for gate in support.gates] == ["facts", "tone_and_policy"]


@pytest.mark.req("R-GATE-08")
def test_procurement_waits_for_a_person_at_two_gates() -> None:
    """Vendor legitimacy and budget authorization; a large order waits in the budget owners' queue."""
    procurement = compiled_preset("procurement")
    assert [gate["title"] for gate in procurement.gates] == ["Vendor legitimacy", "Budget authorization"]
    small = routed(procurement, request={"amount": 10, "budget_left": 90, "vendor_is_new": False})
    large = routed(procurement, request={"amount": 10_000, "budget_left": 90_000, "vendor_is_new": False})
    assert [(one.route, one.queue) for one in (small, large)] == [(ASYNC, "human_review"), (SYNC, "budget")]
    assert list(small.gates) == list(procurement.gates)


@pytest.mark.req("R-SLA-14", "R-ROUTE-32", "X-36")
def test_fraud_reviews_take_two_hours_and_holds_need_a_person() -> None:
    """120 minutes by the wall clock; holding a merchant or an account is never automatic, at whatever score."""
    fraud = compiled_preset("fraud")
    review = routed(fraud, risk_score=0.8)
    assert review.sla is not None
    assert (review.sla["complete_minutes"], review.sla["business_hours"]) == (120, False)
    for action in ("hold_merchant", "hold_account"):
        assert routed(fraud, risk_score=0.0, action=action).human


@pytest.mark.req("R-SLA-08", "R-SLA-15")
@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_carries_the_row_of_its_pattern(name: str) -> None:
    """What its own document does not set is as the pattern table says."""
    effective, document = compiled_preset(name).effective, PRESETS[name]
    for minutes, value in PATTERN_BY_NAME[effective["pattern"]].sla.items():
        assert effective["sla"][minutes] == document.get("sla", {}).get(minutes, value)


@pytest.mark.req("R-GATE-13", "R-GATE-14", "X-24")
@pytest.mark.parametrize("name", ["hr", "legal", "security", "loan-denial", "clinical-recommendation"])
def test_grave_decisions_take_two_people(name: str) -> None:
    """Both due times are on the case; routine finance takes one, a grave finance case two."""
    evaluation = routed(compiled_preset(name))
    assert evaluation.approvals_needed == 2
    assert evaluation.sla is not None
    assert (evaluation.sla["complete_minutes"], evaluation.sla["second_review_minutes"]) == (120, 240)
    assert routed(compiled_preset("finance")).approvals_needed == 1
    assert routed(compiled_preset("finance"), flags=["high_impact"]).approvals_needed == 2
