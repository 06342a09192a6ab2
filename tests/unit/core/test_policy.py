"""The built-in policies: why a person is asked, how surely they must be known, and nothing ever by ignorance."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from companion.core.policy.presets import (
    ASSURANCE_BY_RISK_TIER,
    FLAGS,
    PRESETS,
    RISK_TIERS,
    policy_for,
    stop_reasons,
)
from companion.core.policy.vocabulary import risk_tier
from companion.web.views.offers import PRIMARY_ACTIONS
from tests.unit.core.cases import opened


@pytest.mark.req("R-ROUTE-01", "R-ROUTE-02", "R-ROUTE-07")
@pytest.mark.parametrize(
    ("confidence", "kinds"), [(0.779, ["confidence"]), (0.78, ["policy"]), (0.99, ["policy"]), (None, ["exception"])]
)
def test_confidence_below_the_threshold_is_a_reason_and_a_missing_one_is_too(
    confidence: float | None, kinds: list[str]
) -> None:
    """Just below is a reason, at the threshold is none; nothing said is an exception and never 1.0."""
    assert [reason["kind"] for reason in stop_reasons(confidence, 0.78, [])] == kinds


@pytest.mark.req("R-ROUTE-01", "R-ROUTE-03", "R-ROUTE-05", "R-ROUTE-36")
@pytest.mark.parametrize("flag", FLAGS)
def test_each_flag_is_a_reason_at_any_confidence(flag: str) -> None:
    """Out of scope is a kind of its own; every other flag is policy; each reads as a sentence."""
    (reason,) = stop_reasons(0.99, 0.78, [flag])
    assert reason["kind"] == ("out_of_scope" if flag == "out_of_scope" else "policy")
    assert reason["code"] == flag
    assert reason["text"].startswith("It") or reason["text"].startswith("The model")
    assert reason["text"].endswith(".")


def test_a_flag_that_nobody_knows_is_shown_by_its_name() -> None:
    """A workflow's own flag reaches the reviewer."""
    assert stop_reasons(0.99, 0.78, ["vip_customer"])[0]["text"] == "It was marked “vip customer”."


@given(st.none() | st.floats(0, 1), st.floats(0, 1), st.lists(st.sampled_from(sorted(FLAGS)), max_size=4, unique=True))
@pytest.mark.req("R-ROUTE-01")
def test_there_is_always_a_reason(confidence: float | None, ask_below: float, flags: list[str]) -> None:
    """Nobody is asked without being told why; every flag is named."""
    reasons = stop_reasons(confidence, ask_below, flags)
    assert reasons
    assert set(flags) <= {reason["code"] for reason in reasons}


@given(st.floats(0, 1), st.floats(0, 1))
@example(0.7799999, 0.78)
def test_a_confidence_below_the_threshold_never_reads_as_equal_to_it(confidence: float, ask_below: float) -> None:
    """“78 % sure; your team wants a person below 78 %” would read as a mistake of ours."""
    if confidence < ask_below:
        said, wanted = stop_reasons(confidence, ask_below, [])[0]["text"].split(
            " sure. Your team wants a person below "
        )
        assert said.removeprefix("The model was ") != wanted.removesuffix(".")


def test_shares_read_as_a_person_writes_them() -> None:
    """No digits that nobody typed, and no line that ends between the number and its sign."""
    texts = [stop_reasons(share, 0.85, [])[0]["text"] for share in (0.61, 0.779, 0.29, 0.07)]
    assert [text.split(" sure")[0].removeprefix("The model was ") for text in texts] == [
        "61\u00a0%",
        "77.9\u00a0%",
        "29\u00a0%",
        "7\u00a0%",
    ]
    assert all("below 85\u00a0%." in text for text in texts)


@pytest.mark.parametrize("workflow_id", [*PRESETS, "another"])
def test_each_workflow_permits_the_two_main_answers(workflow_id: str) -> None:
    """What the page shows without unfolding, approve and reject, no preset leaves out."""
    assert PRIMARY_ACTIONS == ("approve", "reject")
    assert set(PRIMARY_ACTIONS) <= policy_for(workflow_id).actions


@pytest.mark.req("R-ROUTE-40")
def test_a_workflow_without_a_policy_runs_under_the_strictest() -> None:
    """No workflow is without rules, and none inherits another's by accident."""
    assert policy_for("never-heard-of") == policy_for("default")
    assert policy_for("summarize-email").ask_below_confidence == 0.78
    assert all(policy_for("default").ask_below_confidence >= policy_for(name).ask_below_confidence for name in PRESETS)


@pytest.mark.req("R-STORE-15", "R7")
def test_no_policy_approves_by_itself() -> None:
    """The safe verdict is no decision, or reject where somebody set it; approval is not among the words."""
    assert {policy_for(name).safe_verdict for name in PRESETS} == {"no_decision"}
    assert all(policy_for(name).expires_in_s > 0 for name in PRESETS)


@pytest.mark.parametrize(
    ("stated", "score", "tier"),
    [
        (None, None, "medium"), (None, 0.0, "low"), (None, 0.6, "low"), (None, 0.61, "medium"), (None, 0.89, "medium"),
        (None, 0.9, "high"), ("critical", 0.0, "critical"), ("low", None, "low"),
    ],
)  # fmt: skip
def test_what_nobody_says_is_medium_risk(stated: str | None, score: float | None, tier: str) -> None:
    """Ignorance does not lower the guard; a stated tier stands."""
    assert risk_tier(stated, score) == tier
    assert opened(risk_tier=stated, risk_score=score)[0].risk_tier == tier


@pytest.mark.req("R-SEC-03")
def test_from_medium_risk_on_a_person_is_signed_in() -> None:
    """A link that arrived by mail is enough at low risk only."""
    assert dict(ASSURANCE_BY_RISK_TIER) == {
        "low": "link",
        "medium": "signed_in",
        "high": "signed_in",
        "critical": "signed_in",
    }
    assert set(ASSURANCE_BY_RISK_TIER) == set(RISK_TIERS)
