"""What stops, blocks or asks whatever the numbers say: marks, rules, faults, scope, irreversibility and pauses."""

import pytest

from companion.core.policy.compiled import CompiledPolicy
from companion.core.policy.evaluate import Pause, asked_reasons, evaluate
from companion.core.policy.presets import FLAGS, compiled_preset
from companion.core.policy.signals import Signal
from companion.core.policy.trace import STAGES
from companion.core.policy.vocabulary import LANES
from tests.unit.core.policy.kit import KEY, codes, item, policy, routed, rule, stage

AUTO, ASYNC, SYNC = "auto_commit", "asynchronous_human_review", "synchronous_human_review"


@pytest.mark.req("R-ROUTE-15", "X-02")
@pytest.mark.parametrize(
    ("flags", "route", "lane"),
    [
        ([], AUTO, "auto_approve"), (["pii"], ASYNC, "human_review"), (["regulated_data"], ASYNC, "specialist_review"),
        (["blocked"], "auto_reject", "reject"), (["data_exposure"], "stop_the_line", "stop_the_line"),
    ],
)  # fmt: skip
def test_each_item_lands_in_one_lane(flags: list[str], route: str, lane: str) -> None:
    """Route says what happens, lane says who; every pair is in the published table."""
    evaluation = routed(policy(flags={"hard_block": ["blocked"]}), flags=flags)
    assert (evaluation.route, evaluation.lane) == (route, lane)
    assert lane in LANES[route]


@pytest.mark.req("R-ROUTE-03", "R-ROUTE-23", "R-ROUTE-24", "R-ROUTE-35", "R-ROUTE-36", "X-03")
@pytest.mark.parametrize("flag", FLAGS)
def test_no_mark_goes_through_whatever_the_confidence(flag: str) -> None:
    """At confidence 1 and risk 0 every mark stops the item, and the record names the sensitive entity."""
    evaluation = routed(confidence=1.0, flags=[flag])
    assert evaluation.route != AUTO
    assert flag in codes(evaluation)
    assert evaluation.human
    assert set(evaluation.conditions) & {"sensitive", "out_of_policy"}


def test_a_mark_of_the_workflows_own_goes_to_a_person_and_is_shown_by_name() -> None:
    """Whoever raises a mark that no policy knows meant something by it."""
    evaluation = routed(flags=["vip_customer"])
    assert evaluation.route == ASYNC
    assert evaluation.reasons[0]["text"] == "It was marked “vip customer”."


@pytest.mark.req("R-ROUTE-22", "X-03")
def test_a_mark_that_stands_twice_leads_to_the_stricter_place() -> None:
    """A policy can harden what it inherits; naming a mark elsewhere as well does not soften it."""
    assert routed(policy(flags={"hard_block": ["pii"]}), flags=["pii"]).route == "auto_reject"
    assert routed(policy(flags={"human_review": ["data_exposure"]}), flags=["data_exposure"]).route == "stop_the_line"


@pytest.mark.req("R-ROUTE-21")
@pytest.mark.parametrize("flag", ["regulated_data", "access_change", "external_communication", "financial_impact"])
def test_specialists_get_what_is_theirs(flag: str) -> None:
    """The four categories of the rule lead to the specialists' queue."""
    evaluation = routed(flags=[flag])
    assert (evaluation.lane, evaluation.queue) == ("specialist_review", "specialist_review")


@pytest.mark.req("R-ROUTE-22")
@pytest.mark.parametrize("flag", ["policy_conflict", "prohibited_content", "data_exposure"])
def test_three_marks_stop_the_line(flag: str) -> None:
    """Nothing that follows can soften it, nor is it looked at."""
    evaluation = routed(flags=[flag], confidence=0.1, risk_score=1.0)
    assert (evaluation.route, evaluation.lane, evaluation.queue) == ("stop_the_line",) * 3
    assert evaluation.decided_by == {"stage": "stop_the_line", "code": flag, "source": "workflow"}
    assert [stage(evaluation, name)["outcome"] for name in STAGES[1:5]] == ["not_reached"] * 4
    assert evaluation.sla is not None
    assert evaluation.sla["complete_minutes"] == 60


@pytest.mark.req("R-ROUTE-10", "R-ROUTE-11")
@pytest.mark.parametrize("model_error", ["none", "error", "timeout"])
def test_what_is_forbidden_is_rejected_with_or_without_a_model(model_error: str) -> None:
    """Deterministic rules hold when the model is down; what they do not forbid then goes to a person."""
    fraud = compiled_preset("fraud")
    blocked = routed(fraud, model_error=model_error, confidence=None, risk_score=None, flags=["fraud_indicator"])
    assert (blocked.route, blocked.lane, blocked.human) == ("auto_reject", "reject", False)
    if model_error != "none":
        assert routed(fraud, model_error=model_error, confidence=None, risk_score=None).route == SYNC


@pytest.mark.req("R-ROUTE-11")
@pytest.mark.parametrize("where", ["stop_the_line", "hard_block", "forced_review"])
def test_a_rule_of_the_business_fires_at_its_stage(where: str) -> None:
    """Its own sentence is what a person reads, and it is named in the trace with its source."""
    by_amount = policy(rules=[rule("has(request.amount) && request.amount > 100", stage=where)])
    assert routed(by_amount, request={"amount": 100}).route == AUTO
    fired = routed(by_amount, request={"amount": 101})
    assert fired.route == {"stop_the_line": "stop_the_line", "hard_block": "auto_reject"}.get(where, ASYNC)
    shown = stage(fired, where)
    assert shown["words"] == "The rule says so."
    assert shown["signals"] == [{"code": "r", "source": "business_rule", "where": "rules/r"}]


@pytest.mark.req("R-ROUTE-17", "X-33")
@pytest.mark.parametrize("where", ["stop_the_line", "hard_block", "forced_review"])
@pytest.mark.parametrize("request_", [{}, {"amount": "many"}, {"amount": None}, None, [1], {"amount": object()}])
def test_a_rule_that_fails_asks_a_person(where: str, request_: object) -> None:
    """A rule that gives neither yes nor no does not count as no, at whichever stage it stands."""
    by_amount = policy(
        rules=[rule("request.amount > 100", stage=where)],
        tests=[{"name": "has one", "item": {"request": {"amount": 1}}, "expect": {"route": SYNC}}],
    )
    evaluation = routed(by_amount, request=request_)
    assert (evaluation.route, evaluation.queue) == (SYNC, "human_review")
    assert "rule_failed" in codes(evaluation)
    assert "“The rule says so.”" in stage(evaluation, "forced_review")["words"]
    assert "Error" not in str(evaluation.document())


def test_a_risk_signal_that_fails_asks_a_person() -> None:
    """A risk that cannot be added up is not low."""
    weighed = policy(
        risk_signals=[{"id": "large", "when": "request.amount > 100", "weight": 0.5}],
        tests=[{"name": "has one", "item": {"request": {"amount": 1}}, "expect": {"route": SYNC}}],
    )
    assert routed(weighed, risk_score=None, request={"amount": 101}).risk_score == 0.5
    assert routed(weighed, risk_score=None, request={}).route == SYNC
    assert routed(weighed, risk_score=0.1, request={}).route == AUTO


@pytest.mark.req("R-ROUTE-04")
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"model_error": "error"}, "model_error"), ({"model_error": "timeout"}, "model_timeout"),
        ({"model_error": "?"}, "model_error_invalid"), ({"prompt_characters": 20_001}, "long_prompt"),
        ({"confidence": None}, "confidence_missing"), ({"flags": "pii"}, "flags_invalid"),
        ({"risk_tier": "huge"}, "risk_tier_invalid"), ({"reversible": "yes"}, "reversible_invalid"),
        ({"service_tier": 4}, "service_tier_invalid"), ({"category": 7}, "category_invalid"),
    ],
)  # fmt: skip
def test_exceptions_go_to_a_person_and_are_named(fields: dict[str, object], code: str) -> None:
    """Errors, time-outs, unusual input and what cannot be read are reasons of the kind “exception”."""
    evaluation = routed(**fields)
    assert evaluation.route in (ASYNC, SYNC)
    assert [reason["kind"] for reason in evaluation.reasons if reason["code"] == code] == ["exception"]


def test_a_prompt_of_ordinary_length_goes_through() -> None:
    """The limit itself is ordinary."""
    assert routed(prompt_characters=20_000).route == AUTO
    assert stage(routed(prompt_characters=20_001), "forced_review")["compared"][0]["op"] == ">"


@pytest.mark.req("R-ROUTE-05", "R-ROUTE-01")
@pytest.mark.parametrize("intent", ["refund", None])
def test_what_the_workflow_is_not_for_goes_to_a_person(intent: str | None) -> None:
    """An intent that is not declared, or none, is out of scope at any confidence."""
    scoped = policy(scope={"intents": ["opening_hours"]})
    evaluation = routed(scoped, intent=intent, confidence=1.0)
    assert evaluation.route == ASYNC
    assert [(reason["kind"], reason["code"]) for reason in evaluation.reasons] == [("out_of_scope", "out_of_scope")]
    assert routed(scoped, intent="opening_hours").route == AUTO


@pytest.mark.req("R-ROUTE-05", "R-ROUTE-39")
def test_an_item_of_another_domain_is_out_of_scope() -> None:
    """A finance case does not go through a support workflow; a domain in somebody's own words says nothing."""
    support = policy(domain="support")
    assert routed(support, domain="finance").route == ASYNC
    assert routed(support, domain="support").route == AUTO
    assert routed(support, domain="Customer care").route == AUTO


@pytest.mark.req("R-SEC-14")
def test_an_action_or_a_source_that_is_not_listed_is_refused() -> None:
    """A workflow reaches only what its policy lists."""
    bounded = policy(scope={"actions": ["tag"], "sources": ["wiki"]})
    assert routed(bounded, action="tag", sources=[{"name": "wiki"}]).route == AUTO
    assert routed(bounded, action="delete", sources=[{"name": "wiki"}]).route == "auto_reject"
    assert routed(bounded, action="tag", sources=[{"name": "wiki"}, {"name": "payroll"}]).route == "auto_reject"
    assert routed(bounded).route == ASYNC


@pytest.mark.req("R-ROUTE-19", "R-ROUTE-20", "X-22")
@pytest.mark.parametrize(
    ("of_policy", "of_item", "of_action", "through"),
    [
        (None, True, None, True), (None, None, None, False), (None, False, None, False), (None, None, True, True),
        (None, True, False, False), (True, None, None, True), (True, False, None, False), (True, True, None, True),
        (False, True, None, False), (False, None, None, False),
    ],
)  # fmt: skip
def test_only_what_can_be_undone_goes_through(
    of_policy: bool | None, of_item: bool | None, of_action: bool | None, through: bool
) -> None:
    """Nobody's word for it counts as no; of two words the careful one counts; it lands in the human triage queue."""
    evaluation = routed(policy(reversible=of_policy), reversible=of_item, action_reversible=of_action)
    assert (evaluation.route == AUTO) is through
    if not through:
        assert (evaluation.lane, evaluation.queue) == ("human_review", "human_review")


@pytest.mark.req("R-ROUTE-26", "R-ROUTE-27")
@pytest.mark.parametrize(("tier", "route"), [("low", AUTO), ("medium", ASYNC), ("high", SYNC), ("critical", SYNC)])
def test_the_risk_tier_decides_how_a_person_takes_part(tier: str, route: str) -> None:
    """As the policy states it or as the item does: afterwards, before the action, or in the decision."""
    assert routed(risk_tier=tier).route == route
    of_policy = routed(policy(risk_tier=tier))
    assert (of_policy.route, of_policy.risk_tier) == (route, tier)
    assert routed(policy(risk_tier="low"), risk_tier=tier).risk_tier == tier
    assert routed(policy(risk_tier="high"), risk_tier="low").risk_tier == "high"


@pytest.mark.req("R-ROLE-10")
def test_some_actions_wait_until_a_person_has_verified_them() -> None:
    """The policy names them; nothing lets them through."""
    guarded = policy(override={"blocked_until_verified": ["publish"]})
    assert routed(guarded, action="publish").route == ASYNC
    assert routed(guarded, action="tag").route == AUTO


@pytest.mark.req("R-ROUTE-12")
def test_predicted_harm_asks_a_person() -> None:
    """The workflow itself says what a wrong answer could do."""
    assert "predicted_harm" in codes(routed(harms=[{"kind": "regulatory_breach"}]))


@pytest.mark.req("R-ROUTE-28", "X-13")
@pytest.mark.parametrize("flag", ["legal_commitment", "legal_contract", "financial_commitment", "high_impact"])
def test_grave_marks_make_the_workflow_wait(flag: str) -> None:
    """Contracts and transfers block by default; lesser marks do not."""
    assert routed(flags=[flag]).synchronous is True
    assert routed(flags=["pricing"]).synchronous is False


@pytest.mark.req("R-GATE-16", "X-24")
def test_high_impact_asks_two_people_whatever_the_domain() -> None:
    """The mark alone turns on the second sign-off; so does the pattern of a dual review."""
    assert routed(flags=["high_impact"]).approvals_needed == 2
    assert routed(flags=["pii"]).approvals_needed == 1
    assert routed(compiled_preset("legal")).approvals_needed == 2


@pytest.mark.req("R-ROUTE-16", "R-ROUTE-01")
def test_reasons_come_from_the_model_then_the_rules_then_the_context() -> None:
    """In this order, with the signal that settled the route beside them; all six stages are named in theirs."""
    ruled = policy(rules=[rule('category == "billing"', synchronous=True)])
    evaluation = routed(ruled, confidence=0.7, category="billing", flags=["pii"])
    assert [reason["code"] for reason in evaluation.reasons] == ["confidence_below_threshold", "r", "pii"]
    assert evaluation.decided_by == {"stage": "forced_review", "code": "r", "source": "business_rule"}
    assert evaluation.conditions == ("threshold", "sensitive", "out_of_policy")
    assert tuple(stage.stage for stage in evaluation.trace) == STAGES


def paused(under: CompiledPolicy, pause: Pause, **fields: object) -> tuple[str, bool]:
    evaluation = evaluate(under, item(**fields), pauses=[pause], sampling_key=KEY)
    return evaluation.route, evaluation.paused is not None


@pytest.mark.req("H6", "X-31")
@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        ({}, True), ({"workflow_id": "tickets"}, True), ({"workflow_id": "others"}, False),
        ({"model_version": "7"}, True), ({"model_version": "8"}, False),
        ({"workflow_id": "tickets", "model_version": "7"}, True),
        ({"workflow_id": "tickets", "model_version": "8"}, False),
    ],
)  # fmt: skip
def test_a_pause_holds_what_it_covers_and_nothing_else(scope: dict[str, str], covered: bool) -> None:
    """In its scope nothing goes through and nothing is turned down by itself; elsewhere nothing changes."""
    pause = Pause("pa_1", "too many mistakes", "Ada", **scope)
    model = {"name": "m", "version": "7"}
    blocks = policy(flags={"hard_block": ["blocked"]})
    assert paused(blocks, pause, model=model) == ((SYNC if covered else AUTO), covered)
    assert paused(blocks, pause, model=model, flags=["blocked"]) == ((SYNC if covered else "auto_reject"), covered)
    assert paused(blocks, pause, model=model, flags=["data_exposure"])[0] == "stop_the_line"


def test_a_paused_item_says_by_whom_and_why() -> None:
    """The reviewer reads it, and the sample is not drawn."""
    evaluation = evaluate(policy(), item(), pauses=[Pause("pa_1", "too many mistakes", "Ada")], sampling_key=KEY)
    assert stage(evaluation, "pause")["words"] == "Ada paused this: too many mistakes"
    assert evaluation.document()["paused"] == {"id": "pa_1", "reason": "too many mistakes"}
    assert (evaluation.sample, evaluation.reasons[0]["code"]) == (None, "paused")


def test_whoever_is_asked_is_told_why() -> None:
    """Also where nothing objects and the workflow asks each time."""
    assert [reason["code"] for reason in asked_reasons(routed())] == ["asked_by_workflow"]
    assert asked_reasons(routed(flags=["pii"])) == routed(flags=["pii"]).reasons


@pytest.mark.req("R-ROUTE-34")
def test_queues_lead_where_the_policy_says() -> None:
    """A rule's word first, then a stricter queue, a mark's, one with skills, the node's, the category's, the lane's."""
    queues = {
        "billing": {"title": "Billing", "skills": ["billing"], "categories": ["billing"]},
        "privacy": {"title": "Privacy", "categories": ["pii"]},
        "vault": {"title": "Vault", "skills": ["vault"], "categories": ["keys"], "stricter": True},
        "named": {"title": "Named by a rule"},
        "parcels": {"title": "Parcels", "categories": ["parcels"]},
    }
    led = policy(queues=queues, rules=[rule('intent == "x"', queue="named")])

    def queue(under: CompiledPolicy = led, **fields: object) -> str | None:
        return routed(under, confidence=0.7, **fields).queue

    assert queue(category="billing") == "billing"
    assert queue(category="billing", flags=["pii"]) == "privacy"
    assert queue(category="keys", flags=["pii"]) == "vault"
    assert queue(category="keys", intent="x") == "named"
    assert queue() == "human_review"
    of_node = led.with_settings(queue="here")
    assert queue(of_node, category="parcels") == "here"
    assert queue(of_node, category="billing") == "billing", "whoever is trained for it is not got around"
    assert queue(of_node, category="keys") == "vault"
    assert routed(led, confidence=0.7, category="billing").skills == ("billing",)
    assert routed(led, category="billing").skills == ()


def test_detectors_words_are_shown() -> None:
    """A detector says what it found better than the mark's general sentence."""
    found = Signal("pii", "detector:pii", "It holds an email address in the output.", "/model_output/text")
    evaluation = routed(signals=[found])
    assert stage(evaluation, "forced_review")["words"] == found.words
    assert stage(evaluation, "forced_review")["signals"] == [found.document()]
