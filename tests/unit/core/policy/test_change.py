"""What differs between two versions, what of it loosens control, and who must agree."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest

from companion.core.policy.change import diff, verdict
from companion.core.policy.document import PolicyDocument
from tests.unit.core.policy.kit import document, policy, rule

GATE = {"id": "g", "title": "Vendor", "criterion": "The vendor is in the trade register", "check": "evidence"}
BASE: dict[str, Any] = {
    "gates": [GATE], "rules": [rule('category == "x"', synchronous=True, queue="night")],
    "queues": {"night": {"title": "Night", "skills": ["night"], "categories": ["x"], "stricter": True}},
    "scope": {"intents": ["a", "b"]}, "prohibited_terms": ["secret"],
    "override": {"roles": ["lead"], "evidence_required": True, "blocked_until_verified": ["send"]},
}  # fmt: skip


def change(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, bool]:
    """Path -> whether it loosens, for a change of these parts."""
    old, new = policy(**{**BASE, **before}).effective, policy(**{**BASE, **after}).effective
    return {entry["path"]: entry["loosens"] for entry in diff(old, new)}


@pytest.mark.req("R-GOV-16", "X-16")
@pytest.mark.parametrize(
    ("path", "tight", "loose"),
    [
        ("thresholds.review_below_confidence", 0.9, 0.8), ("thresholds.synchronous_below_confidence", 0.7, 0.5),
        ("thresholds.review_above_risk", 0.5, 0.7), ("thresholds.synchronous_from_risk", 0.8, 0.95),
        ("limits.prompt_characters", 1_000, 50_000), ("sampling.rate", 0.5, 0.01), ("sampling.raised.drift", 0.5, 0.1),
        ("sampling.near_threshold.rate", 0.5, 0.1), ("sampling.near_threshold.width", 0.1, 0.01),
        ("sampling.due_business_days", 1, 5), ("sla.complete_minutes", 10, 500), ("sla.escalate_minutes", 10, 500),
        ("reversible", False, True), ("risk_tier", "medium", "low"), ("service_tier", 3, 1),
        ("high_risk_variant", "escalate", "synchronous"), ("sampling.stricter_on_strong_drift", True, False),
        ("override.evidence_required", True, False), ("approval_mode", "human_in_the_loop", "human_approval"),
    ],
)  # fmt: skip
def test_each_field_knows_which_way_is_looser(path: str, tight: Any, loose: Any) -> None:
    """One way loosens, the other does not, and no change is no difference."""
    first, _, rest = path.partition(".")

    def part(value: Any) -> dict[str, Any]:
        for name in reversed(rest.split(".") if rest else []):
            value = {name: value}
        return {first: {**BASE.get(first, {}), **value} if isinstance(value, dict) else value}

    assert change(part(tight), part(loose))[path] is True
    assert change(part(loose), part(tight))[path] is False
    assert change(part(loose), part(loose)) == {}


@pytest.mark.req("R-GOV-16", "X-16")
@pytest.mark.parametrize(
    ("after", "path", "loosens"),
    [
        ({"rules": []}, "rules.r", True),
        ({"rules": [rule('category == "y"', synchronous=True, queue="night")]}, "rules.r", True),
        ({"rules": [rule('category == "x"', queue="night")]}, "rules.r", True),
        ({"rules": [rule('category == "x"', synchronous=True, queue="night", words="Other words.")]}, "rules.r", False),
        ({"rules": [*BASE["rules"], rule("false", id="more")]}, "rules.more", False),
        ({"gates": [], "gate_waiver": "Nothing of it leaves the house"}, "gates.g", True),
        ({"gates": [{**GATE, "criterion": "The vendor has a telephone"}]}, "gates.g", True),
        ({"gates": [{**GATE, "check": "pass_fail"}]}, "gates.g", True),
        ({"gates": [{**GATE, "title": "The vendor"}]}, "gates.g", False),
        ({"gate_waiver": "Nothing of it leaves the house"}, "gate_waiver", True),
        ({"scope": {"intents": ["a"]}}, "scope.intents", False),
        ({"scope": {"intents": ["a", "b", "c"]}}, "scope.intents", True),
        ({"scope": {"intents": []}}, "scope.intents", True),
        ({"prohibited_terms": []}, "prohibited_terms", True),
        ({"prohibited_terms": ["secret", "plan"]}, "prohibited_terms", False),
        ({"queues": {"night": {**BASE["queues"]["night"], "skills": []}}}, "queues.night", True),
        ({"queues": {"night": {**BASE["queues"]["night"], "stricter": False}}}, "queues.night", True),
        ({"queues": {"night": {**BASE["queues"]["night"], "title": "Nights"}}}, "queues.night", False),
        ({"override": {**BASE["override"], "roles": []}}, "override.roles", True),
        ({"override": {**BASE["override"], "blocked_until_verified": []}}, "override.blocked_until_verified", True),
        ({"flags": {"specialist_review": []}}, "flags.phi", True),
        ({"flags": {"human_review": []}}, "flags.pii", False),
        ({"flags": {"stop_the_line": []}}, "flags.data_exposure", True),
        ({"flags": {"hard_block": ["pii"]}}, "flags.pii", False),
        ({"flags": {"synchronous": []}}, "flags.synchronous", True),
        ({"risk_signals": [{"id": "pii", "when": "pii", "weight": 0.1}]}, "risk_signals.pii", True),
        ({"risk_signals": [{"id": "pii", "when": "pii", "weight": 0.9}]}, "risk_signals.pii", False),
        ({"risk_signals": []}, "risk_signals.pii", True),
        ({"confidence_gate": 0.78}, "confidence_gate", True),
        ({"confidence_gate": 0.9}, "confidence_gate", False),
        ({"score_bands": {}}, "score_bands.review_from", True),
        ({"pattern": "dual_review"}, "pattern", False),
        ({"domain": "finance"}, "domain", True),
        ({"title": "Another"}, "title", False),
        ({"actions_needing_reason": []}, "actions_needing_reason", True),
        ({"safe_verdict": "reject"}, "safe_verdict", False),
        ({"expires_in_s": 60}, "expires_in_s", False),
        ({"bounds": {"sampling.rate": {"min": 0, "max": 1}}}, "bounds.sampling.rate", True),
    ],
)  # fmt: skip
def test_each_part_knows_what_loosens_it(after: dict[str, Any], path: str, loosens: bool) -> None:
    """What is gone, narrowed or reworded in its condition loosens; what is added, or says the same, does not."""
    assert change({}, after)[path] is loosens


def leaves(value: Any, path: str) -> Iterator[str]:
    """Dotted paths of all that is no object."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}" if path else name)
    else:
        yield path


def test_every_field_of_the_document_is_compared() -> None:
    """A field that the table forgot would be a change that nobody sees; one that it does not know counts as looser."""
    before = dict(policy(**BASE, score_bands={}).effective)
    parts = {"flags", "queues", "bounds", "owner", "reason_codes"}
    alone = {"schema_version", "workflow_id", "extends"}
    for path in leaves({name: value for name, value in before.items() if name not in parts | alone}, ""):
        first, _, rest = path.partition(".")
        after = deepcopy(before)
        holder = after
        for name in path.split(".")[:-1]:
            holder = holder[name]
        name = path.rpartition(".")[2]
        holder[name] = OTHER.get(path, _another(holder[name]))
        assert [entry["path"].split(".")[0] for entry in diff(before, after)], (path, rest)
        assert diff(before, after)[0]["path"].startswith(first)
    assert set(PolicyDocument.model_fields) <= set(before)
    assert diff(before, {**before, "invented": 1})[0]["loosens"] is True


OTHER: dict[str, Any] = {
    "rules": [], "gates": [], "risk_signals": [], "reversible": True, "risk_tier": "high", "service_tier": 3,
    "ladder": [], "redaction": [{"path": "/request", "label": "Hidden", "visible_to": []}], "triage": "required",
    "assurance": {"approve": "step_up"}, "actions_by_role": {"owner": ["approve"]}, "escalation_targets": {},
    "features_required": 3, "impact_formula": "1.0", "undo_window_s": 30,
    "domain": "finance", "approval_mode": "human_approval", "high_risk_variant": "escalate",
    "tests": [{"name": "n", "item": {}, "signals": [], "expect": {"route": "auto_commit"}}],
}  # fmt: skip


def _another(value: Any) -> Any:
    """A value of the same kind that differs."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value / 2
    return [*value, "more"] if isinstance(value, list) else 1 if value is None else "other"


def decided(before: Mapping[str, Any], after: Mapping[str, Any], tier: str = "low") -> tuple[str, tuple[str, ...]]:
    old, new = policy(**{**BASE, **before}).effective, policy(**{**BASE, **after}).effective
    found = verdict(old, new, old["bounds"], tier)
    return found.status, found.reasons


@pytest.mark.req("R-ROLE-13", "R-GOV-16", "X-16")
@pytest.mark.parametrize(
    ("after", "status"),
    [
        ({}, "active"), ({"title": "Another"}, "active"), ({"instructions": ["Read it."]}, "active"),
        ({"thresholds": {"review_below_confidence": 0.75}}, "active"),
        ({"thresholds": {"review_below_confidence": 0.98}}, "active"),
        ({"thresholds": {"review_below_confidence": 0.749}}, "proposed"),
        ({"thresholds": {"review_below_confidence": 0.981}}, "proposed"),
        ({"sampling": {"rate": 0.04}}, "proposed"), ({"sampling": {"rate": 0.5}}, "active"),
        ({"sampling": {"due_business_days": 2}}, "proposed"),
        ({"prohibited_terms": []}, "proposed"), ({"prohibited_terms": ["secret", "plan"]}, "active"),
        ({"rules": [*BASE["rules"], rule("false", id="more")]}, "active"),
        ({"rules": [*BASE["rules"], rule("false", id="more", stage="hard_block")]}, "proposed"),
        ({"flags": {"hard_block": ["pii"]}}, "proposed"), ({"reversible": True}, "proposed"),
        ({"bounds": {"sampling.rate": {"min": 0.05, "max": 0.9}}}, "proposed"),
        ({"confidence_gate": 0.9}, "proposed"), ({"sla": {"complete_minutes": 480}}, "active"),
    ],
)  # fmt: skip
def test_within_bounds_at_once_beyond_them_after_sign_off(after: dict[str, Any], status: str) -> None:
    """The bounds are those in force before; what has none, and what loosens in another way, waits."""
    found, reasons = decided({}, after)
    assert found == status
    assert bool(reasons) is (status == "proposed")
    assert all(reason.endswith(".") for reason in reasons)


@pytest.mark.req("X-16", "R-GOV-16")
def test_at_high_risk_even_a_loosening_within_bounds_waits() -> None:
    """And a tightening does not; lowering the tier in the same breath does not help."""
    looser = {"thresholds": {"review_below_confidence": 0.8}}
    tighter = {"thresholds": {"review_below_confidence": 0.9}}
    assert decided({}, looser)[0] == "active"
    assert decided({}, looser, tier="high")[0] == "proposed"
    assert decided({}, tighter, tier="critical")[0] == "active"
    high = {"risk_tier": "high"}
    assert decided(high, {**high, **looser})[0] == "proposed"
    assert decided(high, {**high, **tighter})[0] == "active"
    found, reasons = decided(high, {"risk_tier": "low", "approval_mode": "human_in_the_loop", **looser})
    assert found == "proposed"
    assert any("high risk" in reason for reason in reasons)


@pytest.mark.req("X-16")
def test_bounds_cannot_be_widened_and_used_in_one_go() -> None:
    """The new bounds are not in force before governance has agreed."""
    wide = {"bounds": {"sampling.rate": {"min": 0, "max": 1}}, "sampling": {"rate": 0.01}}
    status, reasons = decided({}, wide)
    assert status == "proposed"
    assert len(reasons) == 2


def test_a_difference_reads_as_a_person_would_say_it() -> None:
    """Label, before and after; a part that is new or gone has null on one side."""
    old = policy(**BASE).effective
    new = policy(**{**BASE, "sampling": {"rate": 0.1}, "prohibited_terms": []}).effective
    assert diff(old, new) == [
        {"path": "sampling.rate", "label": "Sample", "before": 0.05, "after": 0.1, "loosens": False},
        {
            "path": "prohibited_terms", "label": "Prohibited terms", "before": ["secret"], "after": [],
            "loosens": True,
        },
    ]  # fmt: skip
    gone = diff(old, policy(**{**BASE, "rules": []}).effective)
    assert [(entry["path"], entry["label"], entry["after"]) for entry in gone] == [("rules.r", "Rule “r”", None)]
    assert document()["workflow_id"] == "tickets"


@pytest.mark.req("R-ROUTE-06")
def test_a_number_beyond_its_bounds_is_told_as_the_page_shows_it() -> None:
    """A share in per cent, a risk from 0 to 1: who signs reads the same number as in the difference beside it."""
    bounds = {"sampling.rate": {"min": 0.05, "max": 0.9}, "thresholds.review_above_risk": {"min": 0.2, "max": 0.5}}
    after = {"sampling": {"rate": 0.01}, "thresholds": {"review_above_risk": 0.7}}
    _, reasons = decided({"bounds": bounds}, {"bounds": bounds, **after})
    assert "Sample: 1\u00a0% is outside 5\u00a0% to 90\u00a0%, which governance allows." in reasons
    assert "Ask a person above risk: 0.7 is outside 0.2 to 0.5, which governance allows." in reasons
