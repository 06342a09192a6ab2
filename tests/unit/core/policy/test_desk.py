"""What a policy says of the people who decide: checklists, ladder, rights, hidden places; strictly read."""

from typing import Any

import pytest

from companion.core.policy.compiled import compile_policy
from companion.core.policy.document import UnusablePolicy
from companion.core.policy.gate_checks import words_that_name
from companion.core.policy.gates import GATE_SETS
from companion.core.policy.merging import effective_of
from companion.core.policy.presets import PRESETS, compiled_preset
from companion.core.terms import GateItem, Redaction, Terms, terms_of, terms_record
from tests.unit.core.policy.kit import document, policy, routed

ITEM = {"id": "amount", "title": "Amount", "criterion": "The amount equals the invoice's", "check": "pass_fail"}
GATE: dict[str, Any] = {"id": "g", "title": "Invoice", "items": [ITEM]}
STEP = {"level": 1, "title": "Desk", "role": "Human reviewer", "backup": "Ben", "respond_within_minutes": 30}
QUEUES = {"queues": {"night": {"title": "Night"}}}


def problems(**changes: Any) -> dict[str, str]:
    """Pointer -> sentence of every problem of such a document."""
    with pytest.raises(UnusablePolicy) as refused:
        compile_policy(document(**changes), 1)
    assert all(problem.sentence[-1] in ".?" for problem in refused.value.problems)
    return {problem.pointer: problem.sentence for problem in refused.value.problems}


def without(part: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key != name}


@pytest.mark.req("R-ROUTE-06", "R-GATE-05", "R-ROLE-05")
@pytest.mark.parametrize(
    ("changes", "pointer", "words"),
    [
        ({"gates": [{**GATE, "items": [without(ITEM, "criterion")]}]}, "/gates/0/items/0/criterion", "is missing"),
        ({"gates": [{**GATE, "items": [without(ITEM, "check")]}]}, "/gates/0/items/0/check", "is missing"),
        ({"gates": [{**GATE, "items": [{**ITEM, "criterion": "All is fine"}]}]}, "/gates/0/items/0/criterion", "vague"),
        ({"gates": [{**GATE, "items": [{**ITEM, "title": "Quality"}]}]}, "/gates/0/items/0/title", "vague"),
        ({"gates": [{**GATE, "items": [ITEM, ITEM]}]}, "/gates/0/items/1/id", "twice"),
        ({"gates": [{**GATE, "use": "verification_checks"}]}, "/gates/0/items", "either"),
        ({"gates": [{"id": "g", "title": "Checks", "use": "all_checks"}]}, "/gates/0/use", "'verification_checks'"),
        ({"gates": [{**GATE, "check": "evidence"}]}, "/gates/0/check", "belongs to a “criterion”"),
        ({"gates": [{**GATE, "review": 3}]}, "/gates/0/review", "at most 2"),
        ({"gates": [{**GATE, "queues": ["day"]}]}, "/gates/0/queues/0", "no queue “day”"),
        ({"gates": [{**GATE, "roles": ["boss"]}]}, "/gates/0/roles/0", "cannot be “boss”"),
        ({"ladder": [without(STEP, "backup")]}, "/ladder/0/backup", "“backup” is missing"),
        ({"ladder": [without(STEP, "respond_within_minutes")]}, "/ladder/0/respond_within_minutes", "is missing"),
        ({"ladder": [without(STEP, "role")]}, "/ladder/0/role", "is missing"),
        ({"ladder": [{**STEP, "level": 5}]}, "/ladder/0/level", "at most 4"),
        ({"ladder": [{**STEP, "queue": "day"}]}, "/ladder/0/queue", "no queue “day”"),
        ({"ladder": [STEP, STEP]}, "/ladder/1/level", "twice"),
        ({"escalation_targets": {"level_2": {"title": "Two", "level": 2}}}, "/escalation_targets/level_2", "ladder's"),
        (
            {"escalation_targets": {"tax": {"title": "Tax", "level": 2, "queue": "day"}}},
            "/escalation_targets/tax/queue",
            "no queue “day”",
        ),
        ({"assurance": {"approve": "none"}}, "/assurance/approve", "'link', 'signed_in' or 'step_up'"),
        ({"actions_by_role": {"boss": ["approve"]}}, "/actions_by_role/boss", "boss"),
        ({"actions": ["approve", "reject"], "actions_needing_reason": ["reject"],
          "actions_by_role": {"approver": ["modify"]}}, "/actions_by_role/approver/0", "no action of this policy"),
        ({"undo_window_s": 3601}, "/undo_window_s", "at most 3600"),
        ({"redaction": [{"path": "/metadata/title", "label": "Title"}]}, "/redaction/0/path", "cannot be used"),
        ({"redaction": [{"path": "request", "label": "All"}]}, "/redaction/0/path", "cannot be used"),
        ({"redaction": [{"path": "/request", "label": "All", "visible_to": ["x"]}]}, "/redaction/0/visible_to/0", "x"),
        ({"redaction": [{"path": "/request", "label": "A"}] * 2}, "/redaction/1/path", "twice"),
        ({"impact_formula": "amount *"}, "/impact_formula", "cannot be read"),
        ({"impact_formula": "price"}, "/impact_formula", "knows no “price”"),
        ({"impact_formula": "title"}, "/impact_formula", "gives no number"),
        ({"impact_formula": "-1.0"}, "/impact_formula", "gives no number"),
        ({"confidence_bands": {"green_from": 0.5}}, "/confidence_bands/yellow_from", "must not be above"),
        ({"features_required": 21}, "/features_required", "at most 20"),
        ({"triage": "maybe"}, "/triage", "'none' or 'required'"),
        ({"evidence_at_opening": "yes"}, "/evidence_at_opening", "true or false"),
    ],
)  # fmt: skip
def test_each_new_field_is_strictly_read(changes: dict[str, Any], pointer: str, words: str) -> None:
    """What could not work is refused with its place and in words that mend it."""
    found = problems(**changes)
    assert words in found.get(pointer, f"{pointer} is not among {found}")


@pytest.mark.req("R-GATE-01")
def test_the_five_checks_ship_and_are_narrow() -> None:
    """Evidence, classification, prohibited content, entity, safe action: each an item that can fail on its own."""
    (gate,) = policy(gates=[{"id": "checks", "title": "Verification", "use": "verification_checks"}]).terms.gates
    assert [item.title for item in gate.items] == [
        "Source evidence present", "Policy classification correct", "No prohibited content", "Entity match verified",
        "Downstream action safe to execute",
    ]  # fmt: skip
    assert compiled_preset("account-changes").terms.gates[0].items == gate.items
    assert all(len(words_that_name(item["criterion"])) > 1 for items in GATE_SETS.values() for item in items)


@pytest.mark.req("R-GATE-02", "R-GATE-11")
def test_the_checklist_ships_and_only_its_last_item_can_be_not_applicable() -> None:
    """Evidence, policy version (answered by Handoff itself), sensitive data, accuracy, language."""
    (gate,) = policy(gates=[{"id": "list", "title": "Checklist", "use": "verification_checklist"}]).terms.gates
    assert [item.title for item in gate.items] == [
        "Required evidence attached", "Policy version matched", "Sensitive data checked",
        "Output reviewed for accuracy", "User-facing language approved",
    ]  # fmt: skip
    assert [item.not_applicable for item in gate.items] == [False, False, False, False, True]
    assert [item.check for item in gate.items][:2] == ["evidence", "policy_version"]


@pytest.mark.req("R-GATE-06")
def test_a_gate_keeps_its_place_and_one_of_the_same_id_replaces_what_is_inherited() -> None:
    """Gates open in the order in which they stand; a child's gate comes behind its parent's."""
    own = policy(extends="support", gates=[{"id": "tone_and_policy", "title": "Tone", "items": [ITEM]}, GATE])
    assert [gate.id for gate in own.terms.gates] == ["facts", "tone_and_policy", "g"]
    assert [item.id for item in own.terms.gates[1].items] == ["amount"]
    assert policy(extends="support", gates=[], gate_waiver="Each reply is a receipt").terms.gates == ()


@pytest.mark.req("R-GATE-07", "R-GATE-08")
def test_the_presets_have_their_gates() -> None:
    """Facts, and tone with policy, for support; the vendor, and the budget, for purchases."""
    assert [gate.id for gate in compiled_preset("support").terms.gates] == ["facts", "tone_and_policy"]
    assert [gate.id for gate in compiled_preset("procurement").terms.gates] == [
        "vendor_legitimacy", "budget_authorization",
    ]  # fmt: skip


@pytest.mark.req("R-GATE-17")
def test_a_question_of_identity_has_a_gate_more_than_the_helpdesk() -> None:
    """The stricter queue asks for what the default gates do not; the other queues do not see that gate."""
    helpdesk = compiled_preset("helpdesk")
    usual = [gate.id for gate in helpdesk.terms_in("password_reset").gates]
    strict = [gate.id for gate in helpdesk.terms_in("identity").gates]
    assert strict == [*usual, "identity_verification"]
    about: dict[str, Any] = {"workflow_id": "helpdesk", "reversible": False}
    assert [gate["id"] for gate in routed(helpdesk, category="identity", **about).gates] == strict
    assert [gate["id"] for gate in routed(helpdesk, category="password_reset", **about).gates] == usual


@pytest.mark.req("R-GATE-12", "R-GATE-14")
@pytest.mark.parametrize("name", [name for name in PRESETS if PRESETS[name].get("pattern") == "dual_review"])
def test_two_reviews_have_two_checklists_and_two_times(name: str) -> None:
    """The second reviewer checks judgment and hidden risk, and nothing that the first one answered; 2 h and 4 h."""
    preset = compiled_preset(name)
    first = {item.id for gate in preset.terms.gates if gate.review == 1 for item in gate.items}
    second = {item.id for gate in preset.terms.gates if gate.review == 2 for item in gate.items}
    assert first
    assert second >= {"second_reading", "hidden_risk"}
    assert not first & second
    assert preset.terms.second_review_blind
    for route in ("asynchronous_human_review", "synchronous_human_review"):
        assert (preset.slas[route]["complete_minutes"], preset.slas[route]["second_review_minutes"]) == (120, 240)


@pytest.mark.req("R-GATE-13", "X-24")
def test_dual_review_is_on_in_the_five_domains() -> None:
    """HR, compliance, security and legal have presets with it; in finance and the others high risk turns it on."""
    for name in ("hr", "compliance", "security", "legal"):
        assert compiled_preset(name).effective["pattern"] == "dual_review"
    for domain in ("hr", "compliance", "security", "legal", "finance"):
        under = policy(domain=domain)
        assert routed(under, risk_tier="high", risk_score=0.9).approvals_needed == 2
        assert routed(under, risk_tier="medium", risk_score=0.7).approvals_needed == 1
    assert routed(policy(domain="support"), risk_tier="high", risk_score=0.9).approvals_needed == 1
    assert routed(policy(domain="support"), domain="legal", risk_tier="high", risk_score=0.9).approvals_needed == 2
    assert routed(compiled_preset("finance"), risk_score=0.7).approvals_needed == 1


@pytest.mark.req("R-GATE-16", "R-ROLE-07")
def test_the_mark_of_high_impact_alone_asks_for_two_people() -> None:
    """Whatever the domain."""
    for domain in ("support", "content", "other"):
        assert routed(policy(domain=domain), flags=["high_impact"]).approvals_needed == 2


@pytest.mark.req("R-ROLE-02", "R-ROLE-03", "R-ROLE-04", "R-ROLE-05", "R-ROLE-19")
def test_the_ladder_ships_with_its_names_and_can_be_changed() -> None:
    """Standard reviewer, specialist, manager, on call; each with a backup and a time; legal and operations beside."""
    default = compiled_preset("default")
    ladder = default.effective["ladder"]
    assert [step["title"] for step in ladder] == [
        "Standard reviewer", "Specialist", "Manager or approver", "On-call owner",
    ]  # fmt: skip
    assert [step["role"] for step in ladder] == [
        "Human reviewer", "Domain owner or senior analyst", "Approver", "Incident response, legal or operations",
    ]  # fmt: skip
    targets = default.terms.escalation_targets
    assert [target.id for target in targets][:4] == ["level_1", "level_2", "level_3", "level_4"]
    assert {"legal", "operations", "compliance", "incident_response"} <= {target.id for target in targets}
    assert all(target.backup and target.respond_within_minutes for target in targets)

    own = policy(ladder=[{**STEP, "level": 2, "title": "Senior analyst"}])
    assert [target.title for target in own.terms.escalation_targets][:4] == [
        "Standard reviewer", "Senior analyst", "Manager or approver", "On-call owner",
    ]  # fmt: skip


@pytest.mark.req("R-CTX-12", "R-CTX-15")
def test_what_an_opening_must_bring_follows_from_the_policy() -> None:
    """Three features for fraud; evidence for approval before action, unless the policy says otherwise."""
    assert compiled_preset("fraud").effective["features_required"] == 3
    assert compiled_preset("procurement").effective["evidence_at_opening"] is True
    assert compiled_preset("support").effective["evidence_at_opening"] is False
    assert policy(extends="finance", evidence_at_opening=False).effective["evidence_at_opening"] is False


@pytest.mark.req("R-ACT-10", "R-ROLE-10", "R-GOV-22")
def test_the_terms_of_a_case_hold_what_the_policy_says() -> None:
    """Each field arrives, survives the record, and an empty policy leaves everything at its default."""
    own = policy(
        gates=[{**GATE, "review": 2, "roles": ["verifier"], "on_failure": "triage"}],
        assurance={"approve": "step_up"}, actions_by_role={"triager": ["escalate"]}, undo_window_s=30,
        second_review={"blind": False}, batches=False, confidence_bands={"green_from": 0.9, "yellow_from": 0.7},
        redaction=[{"path": "/request/customer/*", "label": "Customer", "visible_to": ["auditor"]}], triage="required",
        override={"roles": ["owner"], "evidence_required": True},
    )  # fmt: skip
    terms = own.terms
    (gate,) = terms.gates
    assert gate.items == (GateItem("amount", "Amount", "The amount equals the invoice's", "pass_fail"),)
    assert (gate.review, gate.roles, gate.on_failure) == (2, ("verifier",), "triage")
    assert (terms.assurance, terms.actions_by_role) == ({"approve": "step_up"}, {"triager": ("escalate",)})
    assert (terms.undo_window_s, terms.second_review_blind, terms.batches) == (30, False, False)
    assert (terms.confidence_bands, terms.override_roles) == ((0.9, 0.7), ("owner",))
    assert terms.redactions == (Redaction("/request/customer/*", "Customer", ("auditor",)),)
    assert terms_of(terms_record(terms)) == terms
    plain = policy(ladder=[], escalation_targets={}).terms
    assert Terms(plain.actions, plain.actions_needing_reason, plain.reason_codes).gates == plain.gates == ()
    assert plain.undo_window_s == 0
    assert policy(**QUEUES).terms_in("night") == policy(**QUEUES).terms


def test_redactions_are_joined_by_their_place_and_the_ladder_by_its_level() -> None:
    """A child adds places, replaces one of the same path, and cannot lose one by not naming it."""
    parent = document(redaction=[{"path": "/request/a", "label": "A"}, {"path": "/request/b", "label": "B"}])
    child = document(extends="ours", redaction=[{"path": "/request/b", "label": "Bank", "visible_to": ["owner"]}])
    found = effective_of(child, lambda name: parent if name == "ours" else PRESETS[name])["redaction"]
    assert [(each["path"], each["label"]) for each in found] == [("/request/a", "A"), ("/request/b", "Bank")]
    ladder = policy(ladder=[{**STEP, "level": 4, "title": "Night"}]).effective["ladder"]
    assert [(step["level"], step["title"]) for step in ladder][2:] == [(3, "Manager or approver"), (4, "Night")]
