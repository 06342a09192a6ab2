"""Policies that are refused: each in words that say what to do, with the place in the document."""

from typing import Any

import pytest

from companion.core.policy.compiled import compile_policy
from companion.core.policy.document import UnusablePolicy
from tests.unit.core.policy.kit import DEFAULT, document, policy, rule

GATE = {"id": "g", "title": "Vendor", "criterion": "The vendor is in the trade register", "check": "evidence"}
NO_MARKS: dict[str, list[str]] = {
    "stop_the_line": [], "hard_block": [], "specialist_review": [], "human_review": [], "synchronous": [],
}  # fmt: skip


def problems(**changes: Any) -> dict[str, str]:
    """Pointer -> sentence of every problem of such a document."""
    with pytest.raises(UnusablePolicy) as refused:
        compile_policy(document(**changes), 1)
    assert all(problem.sentence[-1] in ".?" for problem in refused.value.problems)
    assert all(problem.pointer in str(refused.value) for problem in refused.value.problems)
    return {problem.pointer: problem.sentence for problem in refused.value.problems}


@pytest.mark.req("R-ROUTE-06", "A6")
@pytest.mark.parametrize(
    ("changes", "pointer", "words"),
    [
        ({"treshold": {}}, "/treshold", "There is no field “treshold”. Did you mean “thresholds”?"),
        ({"thresholds": {"review_below_confidence": "0.8"}}, "/thresholds/review_below_confidence", "must be a number"),
        ({"thresholds": {"review_below_confidence": True}}, "/thresholds/review_below_confidence", "must be a number"),
        ({"thresholds": {"review_below_confidence": 85}}, "/thresholds/review_below_confidence", "at most 1"),
        ({"thresholds": {"review_above_risk": -1}}, "/thresholds/review_above_risk", "at least 0"),
        ({"thresholds": {"review_above_risk": float("nan")}}, "/thresholds/review_above_risk", "ordinary number"),
        ({"thresholds": {"below": 0.5}}, "/thresholds/below", "There is no field “below”."),
        ({"thresholds": None}, "/thresholds", "must be an object"),
        ({"schema_version": 2}, "/schema_version", "at most 1"),
        ({"schema_version": True}, "/schema_version", "whole number"),
        ({"domain": "sales"}, "/domain", "'support', 'security'"),
        ({"sla": {"complete_minutes": 1.5}}, "/sla/complete_minutes", "whole number"),
        ({"sampling": {"stricter_on_strong_drift": "yes"}}, "/sampling/stricter_on_strong_drift", "true or false"),
        ({"rules": [{"id": "a b"}]}, "/rules/0/id", "no spaces"),
        ({"rules": [rule("true"), {"id": "s"}]}, "/rules/1/words", "“words” is missing"),
        ({"rules": "none"}, "/rules", "must be a list"),
        ({"actions": ["approve", "delete"]}, "/actions/1", "“actions, entry 2” cannot be “delete”"),
        ({"title": ""}, "/title", "must not be empty"),
        ({"title": "x" * 301}, "/title", "longer than 300"),
        ({"title": 5}, "/title", "must be text"),
        ({"prohibited_terms": ["x"] * 1_001}, "/prohibited_terms", "more than 1000 entries"),
        ({"extends": "nowhere"}, "/extends", "There is no preset “nowhere”."),
        ({"workflow_id": "a/b"}, "/workflow_id", "cannot be used as “workflow_id”"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_with_its_place(changes: dict[str, Any], pointer: str, words: str) -> None:
    """Strict: text is no number, true is no number, and a misspelt field is not passed over."""
    found = problems(**changes)
    assert words in found[pointer]


def test_what_is_no_json_object_is_refused() -> None:
    """Values that no JSON holds do not reach the checks."""
    assert problems(title=object()) == {"": "This is no JSON object."}
    assert problems(title="\ud800") == {"": "A text holds half of a character."}


def test_every_problem_is_told_at_once() -> None:
    """Nobody mends one fault to be told of the next."""
    assert set(problems(owner=None, rules=[rule("a b")], gates=[{**GATE, "criterion": "ok"}])) == {
        "/owner", "/rules/0/when", "/gates/0/criterion",
    }  # fmt: skip


@pytest.mark.req("R-ROUTE-24", "X-22")
def test_confidence_alone_is_refused() -> None:
    """No marks and no rules: the model's word would be the only signal. Neither may the risk be left out."""
    assert "confidence alone" in problems(flags=NO_MARKS)["/flags"]
    assert "confidence alone" in problems(flags=NO_MARKS, confidence_gate=0.78, reversible=True)["/flags"]
    high = {"review_above_risk": 1, "synchronous_from_risk": 1}
    assert "whatever their risk" in problems(thresholds=high)["/thresholds/review_above_risk"]
    assert policy(flags=NO_MARKS, rules=[rule('category == "x"')]).rules
    assert policy(flags=NO_MARKS, approval_mode="human_approval")


@pytest.mark.req("R-ROLE-10", "R-ROLE-11")
def test_a_policy_has_an_owner_and_a_way_out() -> None:
    """Somebody answers for it, and it says what happens when nobody decides."""
    assert "Nobody owns this policy" in problems(owner=None)["/owner"]
    alone = problems(extends=None, flags={"human_review": ["pii"]})
    assert {"/safe_verdict", "/expires_in_s", "/actions"} <= set(alone)
    assert "approve" not in alone["/safe_verdict"]
    assert (
        "no reason can be chosen"
        in problems(
            extends=None, flags={"human_review": ["pii"]}, actions=["approve"], actions_needing_reason=["reject"]
        )["/reason_codes"]
    )


@pytest.mark.req("R-GATE-05")
@pytest.mark.parametrize(
    "criterion",
    ["review for quality", "Check that everything is OK", "Is the output correct?", "!", "Looks good to me"],
)
def test_a_vague_gate_is_refused(criterion: str) -> None:
    """A criterion names something that is there or is not."""
    assert "too vague" in problems(gates=[{**GATE, "criterion": criterion}])["/gates/0/criterion"]


@pytest.mark.req("R-GATE-05")
@pytest.mark.parametrize("missing", ["criterion", "check", "title"])
def test_a_gate_without_criterion_or_kind_is_refused(missing: str) -> None:
    """Both are asked for; a gate with both is taken."""
    assert f"/gates/0/{missing}" in problems(gates=[{name: GATE[name] for name in GATE if name != missing}])
    (taken,) = policy(gates=[GATE]).terms.gates
    assert [(item.id, item.criterion, item.check) for item in taken.items] == [
        (GATE["id"], GATE["criterion"], GATE["check"])
    ]


@pytest.mark.req("R-ROUTE-25")
@pytest.mark.parametrize(
    "changes",
    [
        {"effects": ["customer_facing"]}, {"effects": ["financial"]}, {"effects": ["access_control"]},
        {"service_tier": 2}, {"service_tier": 3}, {"scope": {"actions": ["refund_customer"]}},
        {"scope": {"actions": ["grant_access"]}}, {"scope": {"actions": ["send_reply"]}},
    ],
)  # fmt: skip
def test_an_action_with_effect_outside_has_a_gate_or_a_reason_for_none(changes: dict[str, Any]) -> None:
    """Customers, money and access: a gate, or a recorded sentence why a wrong answer does no harm."""
    assert "gate_waiver" in problems(**changes)["/gates"]
    assert policy(**changes, gates=[GATE])
    assert policy(**changes, gate_waiver="Each message is a receipt without any text of the model")
    assert "says too little" in problems(**changes, gate_waiver="it is fine")["/gate_waiver"]


@pytest.mark.req("R-ROUTE-26", "R-ROUTE-27")
@pytest.mark.parametrize("tier", ["medium", "high", "critical"])
def test_nothing_goes_through_by_itself_at_high_risk(tier: str) -> None:
    """The risk matrix: audit afterwards is for low risk, or for medium where the action can be undone."""
    assert "/approval_mode" in problems(risk_tier=tier, approval_mode="post_hoc_audit")
    if tier == "medium":
        assert policy(risk_tier=tier, approval_mode="post_hoc_audit", reversible=True)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"thresholds": {"synchronous_below_confidence": 0.9}}, "/thresholds/synchronous_below_confidence"),
        ({"thresholds": {"review_below_confidence": 0.5}}, "/thresholds/synchronous_below_confidence"),
        ({"thresholds": {"review_above_risk": 0.95}}, "/thresholds/review_above_risk"),
        ({"score_bands": {"review_from": 0.92}}, "/score_bands/review_from"),
        ({"score_bands": {"synchronous_from": 0.96}}, "/score_bands/synchronous_from"),
    ],
)
def test_crossing_thresholds_are_refused(changes: dict[str, Any], pointer: str) -> None:
    """A band that ends before it begins says that somebody mistyped."""
    assert "must not be above" in problems(**changes)[pointer]


@pytest.mark.req("R-ROUTE-06")
def test_crossing_thresholds_are_told_in_the_words_of_the_page() -> None:
    """With the titles of the numbers and in per cent, and with what to do: the number that was moved may be either."""
    crossing = problems(thresholds={"review_below_confidence": 0.5})["/thresholds/synchronous_below_confidence"]
    assert crossing == (
        "“Wait below” (60\u00a0%) must not be above “Ask a person below” (50\u00a0%): lower this one, or raise that."
    )
    assert (
        "“Ask a person above risk” (0.95)"
        in problems(thresholds={"review_above_risk": 0.95})["/thresholds/review_above_risk"]
    )


@pytest.mark.req("R-ROUTE-06")
@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("request.amount >", "breaks at character 17"), ("price > 5", "knows no “price”"),
        ("now() > 5", "knows no function “now”"), ("request.map(x, x) == []", "cannot use “map”"),
        ("request.amount > 5", "neither yes nor no"), ("request", "neither yes nor no"),
        ('confidence > "high"', "neither yes nor no"),
        ("request.a.exists(x, x.exists(y, true))", "a list within a list"),
        ("request.a.exists(x, x == request.a)", "about the entry only"),
        ("request.a.exists(flags, flags == 1)", "already the name"), ("true // yes", "no comments"),
        ("true" + " || true" * 150, "longer than 1000"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_asked_is_refused(when: str, words: str) -> None:
    """What does not compile, fails on the sample item, or could run away; the place is the rule's."""
    assert words in problems(rules=[rule(when)])["/rules/0/when"]


def test_a_risk_signal_that_cannot_be_asked_is_refused() -> None:
    """A bare word is a mark; anything else is a condition and must be one."""
    signals = [{"id": "a", "when": "some_mark", "weight": 0.1}, {"id": "b", "when": "request.x > 1", "weight": 0.1}]
    assert set(problems(risk_signals=signals)) == {"/risk_signals/1/when"}


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"rules": [rule("true"), rule("false")]}, "/rules/1/id"),
        ({"rules": [rule("true", queue="nowhere")]}, "/rules/0/queue"),
        ({"rules": [rule("false", stage="stop_the_line", lane="human_review")]}, "/rules/0/lane"),
        ({"flags": {"human_review": ["x"], "hard_block": ["x"]}}, "/flags/hard_block"),
        ({"bounds": {"thresholds.nothing": {"min": 0, "max": 1}}}, "/bounds/thresholds.nothing"),
        ({"bounds": {"sampling.rate": {"min": 0.5, "max": 0.1}}}, "/bounds/sampling.rate"),
    ],
)
def test_names_lead_somewhere(changes: dict[str, Any], pointer: str) -> None:
    """Queues exist, ids are unique, a mark leads to one place, bounds are of a number there is."""
    assert pointer in problems(**changes)


@pytest.mark.req("R-CAN-07")
def test_a_policy_whose_own_tests_fail_is_refused() -> None:
    """The test, what it expects and what came out are named; a misspelt field of an item is no missing one."""
    through = {"name": "sure", "item": {"confidence": 0.7}, "expect": {"route": "auto_commit"}}
    found = problems(tests=[through])
    assert found == {
        "/tests/0/expect/route": "The test “sure” expects route auto_commit, and it is asynchronous_human_review."
    }
    assert (
        "no field “confidense”"
        in problems(tests=[{**through, "item": {"confidense": 0.9}}])["/tests/0/item/confidense"]
    )
    assert "/tests/0/signals/0" in problems(tests=[{**through, "signals": [{"code": "pii"}]}])
    held = policy(tests=[{**through, "expect": {"route": "asynchronous_human_review"}}])
    assert dict(held.test_result) == {"run": 1, "passed": 1, "names": ["sure"]}
    assert policy().test_result["run"] == 0


@pytest.mark.req("R-ROUTE-06")
def test_what_is_left_out_is_inherited_and_the_document_stays_as_sent() -> None:
    """Parts with an id are joined, other lists replaced, what is nobody's to inherit is not inherited."""
    sent = document(
        extends="fraud", thresholds={"review_below_confidence": 0.7}, rules=[rule("false")], prohibited_terms=["x"],
        queues={"night": {"title": "Night"}},
    )  # fmt: skip
    before = repr(sent)
    made = compile_policy(sent, 3)
    assert repr(sent) == before
    assert made.document == sent
    assert (made.version, made.inherits) == (3, "fraud")
    effective = made.effective
    assert effective["thresholds"] == {**DEFAULT.effective["thresholds"], "review_below_confidence": 0.7}
    assert effective["score_bands"]["block_above"] == 0.95
    assert [one["id"] for one in effective["rules"]] == ["r"]
    assert {"night", "fraud_analysts", "human_review"} <= set(effective["queues"])
    assert (effective["title"], effective["tests"]) == (None, [])
    again = compile_policy(document(extends="helpdesk", rules=[rule("false", id="identity")]), 1)
    assert [(one["id"], one["when"]) for one in again.effective["rules"]][1] == ("identity", "false")
    assert compile_policy(document(extends="helpdesk", rules=[]), 1).rules == ()


def test_a_workflow_may_have_the_name_of_its_preset() -> None:
    """A team's own policy for “default” or “fraud” begins from the preset like any other."""
    for name in ("default", "fraud"):
        own = compile_policy({**document(extends=name), "workflow_id": name}, 2)
        assert (own.policy_id, own.version, own.inherits) == (name, 2, name)
        assert own.effective["expires_in_s"] == 259_200


def test_a_fault_in_an_inherited_part_points_to_where_it_comes_from() -> None:
    """The rule is the preset's; the document's own line that brings it in is what its writer can change."""
    gone = {"review_from": 0.96}
    assert "/score_bands/review_from" in problems(extends="fraud", score_bands=gone)
    with pytest.raises(UnusablePolicy) as refused:
        compile_policy(document(extends="helpdesk", rules=[rule("false", id="identity", queue="nowhere")]), 1)
    assert [problem.pointer for problem in refused.value.problems] == ["/rules/0/queue"]


@pytest.mark.req("R-SLA-15", "R-SLA-08")
def test_minutes_follow_from_the_pattern_then_from_the_service_tier() -> None:
    """The document's own number first; a tier of more consequence moves up sooner."""
    dual = policy(pattern="dual_review").effective["sla"]
    assert (dual["complete_minutes"], dual["second_review_minutes"]) == (120, 240)
    assert policy(pattern="dual_review", sla={"complete_minutes": 90}).effective["sla"]["complete_minutes"] == 90
    escalate = [policy(service_tier=tier, gates=[GATE]).effective["sla"]["escalate_minutes"] for tier in (1, 2, 3)]
    assert escalate == sorted(escalate, reverse=True)
    assert len(set(escalate)) == 3


@pytest.mark.req("R-ROLE-13")
def test_a_nodes_settings_replace_numbers_and_nothing_else() -> None:
    """Stricter or looser, they apply; marks and rules stay; numbers that make no sense are refused."""
    ruled = policy(rules=[rule('category == "x"')], confidence_gate=0.78)
    set_ = ruled.with_settings(thresholds={"review_below_confidence": 0.9}, sampling_rate=0.5, sla_minutes=20)
    assert (set_.numbers.review_below_confidence, set_.numbers.rate) == (0.9, 0.5)
    assert set_.slas["asynchronous_human_review"]["complete_minutes"] == 20
    assert set_.slas["synchronous_human_review"]["complete_minutes"] == 20
    assert (set_.rules, set_.groups, set_.version) == (ruled.rules, ruled.groups, ruled.version)
    assert set_.effective["confidence_gate"] == 0.9
    assert ruled.numbers.review_below_confidence == 0.78
    assert ruled.with_settings().numbers == ruled.numbers
    assert policy().with_settings(sla_minutes=600).slas["synchronous_human_review"]["complete_minutes"] == 30
    for wrong in ({"review_below_confidence": 0.1}, {"review_below_confidence": 2}, {"nothing": 0.1}):
        with pytest.raises(UnusablePolicy):
            policy().with_settings(thresholds=wrong)
