"""Which changes of how people review loosen control, and wait for governance."""

from typing import Any

import pytest

from companion.core.policy.change import diff, verdict
from tests.unit.core.policy.kit import policy

ITEM = {"id": "amount", "title": "Amount", "criterion": "The amount equals the invoice's", "check": "evidence"}
MORE = {**ITEM, "id": "payee", "title": "Payee", "criterion": "The payee stands on the invoice"}
GATE: dict[str, Any] = {"id": "g", "title": "Invoice", "items": [ITEM, MORE], "roles": ["verifier"]}
STEP = {"level": 1, "title": "Desk", "role": "Human reviewer", "backup": "Ben", "respond_within_minutes": 30}
HIDDEN = {"path": "/request/phone", "label": "Phone", "visible_to": ["owner"]}
TAX = {"title": "Tax", "level": 2, "respond_within_minutes": 30, "skills": ["tax"]}
BASE: dict[str, Any] = {
    "gates": [GATE], "ladder": [STEP], "redaction": [HIDDEN], "escalation_targets": {"tax": TAX},
    "assurance": {"approve": "signed_in"}, "actions_by_role": {"triager": ["escalate"]}, "triage": "required",
    "features_required": 3, "evidence_at_opening": True, "batches": False, "undo_window_s": 30,
    "queues": {"night": {"title": "Night"}},
}  # fmt: skip


def changed(**after: Any) -> dict[str, bool]:
    """Path -> whether it loosens."""
    old, new = policy(**BASE).effective, policy(**{**BASE, **after}).effective
    return {entry["path"]: entry["loosens"] for entry in diff(old, new)}


@pytest.mark.req("R-GOV-16", "X-16")
@pytest.mark.parametrize(
    ("after", "path", "loosens"),
    [
        ({"gates": [{**GATE, "items": [ITEM]}]}, "gates.g", True),
        ({"gates": [{**GATE, "items": [ITEM, MORE, {**MORE, "id": "bank"}]}]}, "gates.g", False),
        ({"gates": [{**GATE, "items": [ITEM, {**MORE, "criterion": "The payee is known"}]}]}, "gates.g", True),
        ({"gates": [{**GATE, "items": [ITEM, {**MORE, "check": "pass_fail"}]}]}, "gates.g", True),
        ({"gates": [{**GATE, "items": [ITEM, {**MORE, "not_applicable": True}]}]}, "gates.g", True),
        ({"gates": [{**GATE, "title": "The invoice"}]}, "gates.g", False),
        ({"gates": [{**GATE, "roles": []}]}, "gates.g", True),
        ({"gates": [{**GATE, "roles": ["verifier", "owner"]}]}, "gates.g", True),
        ({"gates": [{**GATE, "queues": ["night"]}], "gate_waiver": "Nothing leaves the house"}, "gates.g", True),
        ({"gates": [{**GATE, "review": 2}]}, "gates.g", True),
        ({"assurance": {"approve": "link"}}, "assurance.approve", True),
        ({"assurance": {"approve": "step_up"}}, "assurance.approve", False),
        ({"assurance": {}}, "assurance.approve", True),
        ({"assurance": {"approve": "signed_in", "reject": "link"}}, "assurance.reject", True),
        ({"assurance": {"approve": "signed_in", "reject": "step_up"}}, "assurance.reject", False),
        ({"redaction": []}, "redaction./request/phone", True),
        ({"redaction": [{**HIDDEN, "visible_to": ["owner", "approver"]}]}, "redaction./request/phone", True),
        ({"redaction": [{**HIDDEN, "visible_to": []}]}, "redaction./request/phone", False),
        ({"redaction": [{**HIDDEN, "path": "/request/mail"}]}, "redaction./request/mail", False),
        ({"actions_by_role": {"triager": ["escalate", "ask"]}}, "actions_by_role.triager", True),
        ({"actions_by_role": {"triager": []}}, "actions_by_role.triager", False),
        ({"actions_by_role": {}}, "actions_by_role.triager", True),
        ({"actions_by_role": {"triager": ["escalate"], "owner": ["approve"]}}, "actions_by_role.owner", False),
        ({"triage": "none"}, "triage", True),
        ({"second_review": {"blind": False}}, "second_review.blind", True),
        ({"batches": True}, "batches", True),
        ({"evidence_at_opening": False}, "evidence_at_opening", True),
        ({"features_required": None}, "features_required", True),
        ({"features_required": 2}, "features_required", True),
        ({"features_required": 4}, "features_required", False),
        ({"ladder": [{**STEP, "respond_within_minutes": 60}]}, "ladder.1", True),
        ({"ladder": [{**STEP, "respond_within_minutes": 15}]}, "ladder.1", False),
        ({"ladder": [{**STEP, "queue": "night"}]}, "ladder.1", True),
        ({"ladder": [{**STEP, "backup": "Ann"}]}, "ladder.1", False),
        ({"escalation_targets": {"tax": {**TAX, "skills": []}}}, "escalation_targets.tax", True),
        ({"escalation_targets": {"tax": {**TAX, "level": 1}}}, "escalation_targets.tax", True),
        ({"undo_window_s": 60}, "undo_window_s", False),
        ({"undo_window_s": 0}, "undo_window_s", False),
        ({"impact_formula": "1.0"}, "impact_formula", False),
        ({"confidence_bands": {"green_from": 0.8}}, "confidence_bands.green_from", True),
    ],
)  # fmt: skip
def test_each_field_of_the_desk_knows_what_loosens_it(after: dict[str, Any], path: str, loosens: bool) -> None:
    """Less to check, less surely known, more to see, more to do, longer to answer: governance is asked."""
    assert changed(**after)[path] is loosens


@pytest.mark.req("R-ROLE-13", "X-16")
def test_a_loosening_of_the_desk_waits_for_governance() -> None:
    """And a tightening holds at once."""
    before = policy(**BASE).effective
    looser = policy(**{**BASE, "redaction": [{**HIDDEN, "visible_to": ["owner", "approver"]}]}).effective
    tighter = policy(**{**BASE, "redaction": [{**HIDDEN, "visible_to": []}]}).effective
    assert verdict(before, looser, before["bounds"], "low").status == "proposed"
    assert verdict(before, tighter, before["bounds"], "low").status == "active"
    longer = policy(**{**BASE, "undo_window_s": 600}).effective
    assert verdict(before, longer, before["bounds"], "low").status == "active"
