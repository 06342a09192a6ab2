"""What a policy asks of an opening, and what it gives a case on its way: times, impact, tier, stage."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from companion.core.decide import Refused
from companion.core.handoff import Handoff
from companion.core.opening import Due, Guidance, built_in, missing_parts, open_one
from companion.core.policy.evaluate import evaluate
from companion.core.policy.impact import impact_of
from companion.core.policy.item import Item
from companion.core.policy.presets import compiled_preset
from companion.core.policy.ready import CompiledPolicy
from companion.core.policy.sampling import SamplingState
from companion.service.judge import Judged, guidance
from tests.unit.core.cases import FIELDS, GROUP_ID, HANDOFF_ID, NOW_MS, SALT
from tests.unit.core.policy.kit import KEY, item, policy

MINUTE_MS = 60_000
PLAIN = built_in("summarize")


def guided(under: CompiledPolicy, **fields: Any) -> Guidance:
    """What a policy says of one case."""
    given: Mapping[str, Any] = {**FIELDS, **fields}
    one = Item.from_fields(given)
    evaluation = evaluate(under, one, sampling_key=KEY)
    return guidance(Judged(given, one, (), under, SamplingState(), evaluation, readable=True))


def opened(rules: Guidance, **fields: Any) -> tuple[Handoff, dict[str, Any]]:
    """A case under these rules, and the metadata of its package."""
    handoff, package = open_one(
        FIELDS | fields, handoff_id=HANDOFF_ID, group_id=GROUP_ID, index=0, salt=SALT, source=None, delivery_id=None,
        now_ms=NOW_MS, guidance=rules,
    )  # fmt: skip
    metadata: dict[str, Any] = json.loads(package.canonical)["metadata"]
    return handoff, metadata


@pytest.mark.req("R-CTX-15", "R-CTX-12", "R-CTX-17", "R-SEC-06")
@pytest.mark.parametrize(
    ("rules", "fields", "code", "field"),
    [
        ({"evidence_needed": True}, {}, "evidence_missing", "/evidence"),
        ({"evidence_needed": True}, {"evidence": []}, "evidence_missing", "/evidence"),
        ({"features_needed": 3}, {}, "features_missing", "/features"),
        ({"features_needed": 3}, {"features": [{"name": "a"}] * 2}, "features_missing", "/features"),
        ({"features_needed": 3}, {"features": [{"name": "a"}] * 4}, "features_missing", "/features"),
        ({}, {"time_sensitive": True}, "urgency_missing", "/urgency"),
        ({}, {"response_form": {"q": "Was it right?"}}, "package_unusable", "/response_form"),
        ({}, {"response_form": {"type": "object", "properties": {"a": {"$ref": "#"}}}}, "package_unusable",
         "/response_form/properties/a/type"),
    ],
)  # fmt: skip
def test_what_is_missing_is_refused_with_its_place(
    rules: dict[str, Any], fields: dict[str, Any], code: str, field: str
) -> None:
    """Before anybody is asked: a reviewer without evidence, features or a reason could only guess."""
    came = missing_parts(FIELDS | fields, replace(PLAIN, **rules))
    assert isinstance(came, Refused)
    assert (came.code, came.field) == (code, field)


def test_what_is_there_is_let_through() -> None:
    """Evidence, exactly the features asked for, a reason for the hurry."""
    rules = replace(PLAIN, evidence_needed=True, features_needed=1)
    given = {"evidence": [{"title": "Order"}], "features": [{"name": "a"}], "time_sensitive": True, "urgency": "Ships."}
    assert missing_parts(FIELDS | given, rules) is None
    assert missing_parts(FIELDS, PLAIN) is None


@pytest.mark.req("R-CTX-12", "R-CTX-15")
def test_the_presets_ask_for_theirs() -> None:
    """Fraud for three features, approval before action for evidence, and a policy may say otherwise."""
    assert guided(compiled_preset("fraud")).features_needed == 3
    assert guided(compiled_preset("procurement")).evidence_needed is True
    assert guided(policy(extends="procurement", evidence_at_opening=False)).evidence_needed is False


@pytest.mark.req("R-CTX-17", "R-UI-28")
def test_a_case_that_does_not_keep_says_why_and_whether_there_is_time() -> None:
    """The workflow's own word counts; without it, a case that ends before its reviewers' time is up has too little."""
    rules = replace(PLAIN, due=Due(60))
    hurry = {"time_sensitive": True, "urgency": "The parcel leaves at noon."}
    _, metadata = opened(rules, **hurry)
    assert (metadata["time_sensitive"], metadata["urgency"]) == (True, "The parcel leaves at noon.")
    assert metadata["sla_feasible"] is True
    assert opened(rules, **hurry, expires_in_s=600)[1]["sla_feasible"] is False
    assert opened(rules, **hurry, sla_feasible=False)[1]["sla_feasible"] is False
    assert opened(rules)[1]["sla_feasible"] is None


@pytest.mark.req("R-GATE-14", "X-34")
def test_a_dual_review_has_two_times_from_its_opening() -> None:
    """Two hours for the first person and four for the second; one person has one time."""
    handoff, metadata = opened(guided(compiled_preset("legal"), risk_score=0.95))
    at_ms = NOW_MS + 44 * 60 * MINUTE_MS - 4 * 60 * MINUTE_MS
    assert handoff.approvals_needed == 2
    # It was opened on a Saturday morning: business time begins on Monday.
    assert (handoff.due_at_ms, handoff.second_due_at_ms) == (at_ms + 2 * 60 * MINUTE_MS, at_ms + 4 * 60 * MINUTE_MS)
    assert (metadata["due_at"], metadata["second_due_at"]) == ("2026-11-23T02:00:00.000Z", "2026-11-23T04:00:00.000Z")
    single, plain = opened(guided(compiled_preset("support"), confidence=0.5))
    assert (single.due_at_ms, single.second_due_at_ms) == (NOW_MS + 30 * MINUTE_MS, None)
    assert "second_due_at" not in plain


@pytest.mark.req("R-STORE-11", "R-STORE-13")
def test_impact_and_tier_are_on_the_case() -> None:
    """Risk times amount, else what the tier weighs; of two service tiers the higher one."""
    under = policy(service_tier=2, gate_waiver="Nothing of it leaves the house")
    handoff, metadata = opened(guided(under, amount=1_000, risk_score=0.25), amount=1_000)
    assert handoff.impact_score == metadata["impact_score"] == 250.0
    assert (handoff.service_tier, metadata["amount"]) == (2, 1_000)
    assert opened(guided(under), service_tier=3)[0].service_tier == 3
    assert opened(guided(policy()), service_tier=None)[0].service_tier == 1


@pytest.mark.req("R-STORE-11")
@pytest.mark.parametrize(
    ("formula", "fields", "score"),
    [
        (None, {"amount": 100, "risk_score": 0.5}, 50.0), (None, {"amount": 100, "risk_score": None}, 40.0),
        (None, {}, 10.0), (None, {"amount": -5}, 10.0), (None, {"amount": "5"}, 10.0), (None, {"amount": True}, 10.0),
        ("amount == null ? 0.0 : amount * 2.0", {"amount": 21}, 42.0),
        ("amount == null ? 0.0 : amount * 2.0", {}, 0.0),
        ('category == "vip" ? 1000.0 : 1.0', {"category": "vip"}, 1_000.0),
        ("double(request.value)", {"request": {"value": 7}}, 7.0),
        ("double(request.value)", {"request": {"value": "much"}}, 10.0),
        ("double(request.value)", {"request": {"value": -7}}, 10.0),
        ("1.0 / amount", {"amount": 0, "risk_score": 1.0}, 0.0),
    ],
)  # fmt: skip
def test_the_formula_of_a_policy_counts_and_gives_way_where_it_has_no_answer(
    formula: str | None, fields: dict[str, Any], score: float
) -> None:
    """Configurable, and never the cause that a case is served last: no answer, or one below 0, is none."""
    sample = {"name": "any", "item": {"request": {"value": 1}}, "expect": {"route": "synchronous_human_review"}}
    under = policy(impact_formula=formula, tests=[sample])
    one = item(**{"risk_score": None, **fields})
    assert impact_of(under.impact, one, (), one.risk_score, "medium") == score


@pytest.mark.req("R-ROLE-01")
def test_a_policy_with_triage_opens_its_cases_there() -> None:
    """And the others open for review."""
    assert opened(guided(policy(triage="required")))[0].stage == "triage"
    assert opened(guided(policy()))[0].stage == "review"


@pytest.mark.req("R-CTX-16")
def test_similar_cases_stand_in_the_package() -> None:
    """As they were when the case was opened."""
    shown = [{"id": "ho_1", "decision": "approved", "at": "2026-11-21T08:00:00.000Z", "reason_code": None}]
    _, package = open_one(
        FIELDS, handoff_id=HANDOFF_ID, group_id=GROUP_ID, index=0, salt=SALT, source=None, delivery_id=None,
        now_ms=NOW_MS, similar_cases=shown,
    )  # fmt: skip
    assert json.loads(package.canonical)["metadata"]["similar_cases"] == shown


@pytest.mark.req("R-CTX-08", "R-CTX-09", "R-CTX-10", "R-CTX-11", "R-CTX-13")
def test_what_explains_the_answer_is_in_the_package_as_it_was_sent() -> None:
    """Sources with their age, the model and its training, two kinds of sureness, harms, features in order, what if."""
    given: dict[str, Any] = {
        "sources": [{"name": "CRM", "as_of": "2026-11-01T00:00:00Z", "stale": True}, {"name": "Mail", "stale": False}],
        "model": {"name": "bart", "type": "summarizer", "version": "3", "hash": "sha256:0",
                  "retrained_at": "2026-10-01T00:00:00Z"},
        "confidence": 0.61, "confidence_kind": "calibrated",
        "harms": [{"kind": "financial_loss"}, {"kind": "customer_privacy"},
                  {"kind": "regulatory_breach", "text": "Late."}],
        "features": [{"name": "amount", "value": 900, "weight": 0.6}, {"name": "country", "weight": -0.2},
                     {"name": "age"}],
        "counterfactuals": ["Below 500 it would have passed."],
    }  # fmt: skip
    _, metadata = opened(PLAIN, **given)
    assert {name: metadata[name] for name in given} == given
    assert (metadata["calibrated"], metadata["confidence_kind"]) == (True, "calibrated")
    _, guess = opened(PLAIN, confidence_kind="self_reported")
    assert (guess["calibrated"], guess["counterfactuals"], guess["features"], guess["sources"]) == (False, [], [], [])
