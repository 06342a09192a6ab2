"""The numbers of the articles, at their edges and one step beside them."""

from math import inf, nan, nextafter

import pytest

from companion.core.policy.presets import compiled_preset
from tests.unit.core.policy.kit import codes, policy, routed, stage

AUTO, ASYNC, SYNC = "auto_commit", "asynchronous_human_review", "synchronous_human_review"
BELOW_06, BELOW_085, ABOVE_06, BELOW_09 = nextafter(0.6, 0), nextafter(0.85, 0), nextafter(0.6, 1), nextafter(0.9, 0)


@pytest.mark.req("R-ROUTE-02", "R-ROUTE-08", "R-ROUTE-09", "X-33")
@pytest.mark.parametrize(
    ("confidence", "risk", "route"),
    [
        (0.599, 0.0, SYNC), (BELOW_06, 0.0, SYNC), (0.6, 0.0, ASYNC), (0.849, 0.0, ASYNC), (BELOW_085, 0.0, ASYNC),
        (0.85, 0.0, AUTO), (1.0, 0.0, AUTO), (0.0, 0.0, SYNC),
        (0.99, 0.6, AUTO), (0.99, ABOVE_06, ASYNC), (0.99, 0.61, ASYNC), (0.99, BELOW_09, ASYNC), (0.99, 0.9, SYNC),
        (0.99, 1.0, SYNC), (0.85, 0.6, AUTO), (0.6, 0.6, ASYNC), (0.6, 0.9, SYNC), (0.599, 0.6, SYNC),
        (0.849, ABOVE_06, ASYNC), (0.849, 0.9, SYNC), (0.599, 0.95, SYNC), (0.85, ABOVE_06, ASYNC),
    ],
)  # fmt: skip
def test_the_routers_rule_holds_at_every_corner(confidence: float, risk: float, route: str) -> None:
    """The pseudocode as given: exactly 0.85 and exactly 0.6 risk go through, exactly 0.6 confidence does not wait."""
    assert routed(confidence=confidence, risk_score=risk).route == route


@pytest.mark.req("R-ROUTE-14", "X-33")
@pytest.mark.parametrize("sent", [nan, inf, -inf, -0.001, 1.001, nextafter(1, 2), "0.99", True, [], None])
@pytest.mark.parametrize("field", ["confidence", "risk_score"])
def test_what_is_no_number_waits_for_a_person(field: str, sent: object) -> None:
    """A value that cannot be used, or none, is never the best one; the trace names the cause."""
    if field == "risk_score" and sent is None:
        return
    evaluation = routed(**{field: sent})
    assert evaluation.route == SYNC
    assert codes(evaluation) & {f"{field}_invalid", f"{field}_missing"}
    assert stage(evaluation, "forced_review")["words"].endswith("so a person decides.")
    assert field == "confidence" or (evaluation.risk_score, evaluation.risk_score_source) == (None, "missing")


@pytest.mark.req("R-ROUTE-13")
def test_a_missing_risk_is_added_up_from_the_policys_signals() -> None:
    """Nobody said how risky it is: the policy's weights say so, and the result says where the number is from."""
    calm = routed(risk_score=None)
    assert (calm.route, calm.risk_score, calm.risk_score_source) == (AUTO, 0.0, "computed")
    marked = routed(risk_score=None, flags=["pii", "high_impact"])
    assert (marked.risk_score, marked.risk_score_source, marked.route) == (0.9, "computed", SYNC)
    assert routed(risk_score=0.2).risk_score_source == "given"


def test_without_any_risk_signal_a_missing_risk_stays_missing() -> None:
    """A policy that cannot tell the risk does not call it zero."""
    evaluation = routed(policy(risk_signals=[]), risk_score=None)
    assert (evaluation.route, evaluation.risk_score, evaluation.risk_score_source) == (SYNC, None, "missing")
    assert "risk_score_missing" in codes(evaluation)


@pytest.mark.req("R-ROUTE-07", "X-01")
@pytest.mark.parametrize(
    ("confidence", "route"),
    [(0.779, ASYNC), (nextafter(0.78, 0), ASYNC), (0.78, AUTO), (0.8, AUTO), (0.6, ASYNC), (0.599, SYNC), (None, SYNC)],
)
def test_one_gate_decides_and_the_bands_only_pick_how(confidence: float | None, route: str) -> None:
    """In summarize-email 0.78 goes through and 0.779 does not; below, the other numbers say whether it waits."""
    assert routed(compiled_preset("summarize-email"), confidence=confidence, reversible=None).route == route


def test_a_gate_below_the_waiting_line_leaves_nothing_between() -> None:
    """With the gate at 0.5 an item at 0.55 goes through; what is below the gate waits."""
    low = policy(confidence_gate=0.5)
    assert routed(low, confidence=0.55).route == AUTO
    assert routed(low, confidence=0.49).route == SYNC


@pytest.mark.req("R-ROUTE-30", "X-35")
@pytest.mark.parametrize(
    ("score", "route"),
    [
        (0.0, AUTO), (0.65, AUTO), (0.6999, AUTO), (nextafter(0.7, 0), AUTO), (0.7, ASYNC), (0.8999, ASYNC),
        (nextafter(0.9, 0), ASYNC), (0.9, SYNC), (0.95, SYNC), (nextafter(0.95, 1), "auto_reject"),
        (0.9501, "auto_reject"), (1.0, "auto_reject"),
    ],
)  # fmt: skip
def test_fraud_has_bands_of_its_own(score: float, route: str) -> None:
    """Allow below 0.7, review to 0.95 with both ends, block above; from 0.9 on the review waits."""
    evaluation = routed(compiled_preset("fraud"), risk_score=score, confidence=None, reversible=None)
    assert evaluation.route == route


@pytest.mark.req("R-ROUTE-12", "X-22")
def test_in_fraud_a_given_confidence_can_only_stop() -> None:
    """A low score does not let through what the model itself doubts; a high confidence does not unblock."""
    fraud = compiled_preset("fraud")
    assert routed(fraud, risk_score=0.1, confidence=0.59).route == SYNC
    assert routed(fraud, risk_score=0.99, confidence=1.0).route == "auto_reject"
    assert routed(fraud, risk_score=None, confidence=0.99).route == SYNC


@pytest.mark.req("R-ROUTE-09")
def test_the_high_band_can_begin_with_a_senior_reviewer() -> None:
    """`escalate` is the variant of synchronous review in which a senior reviewer begins."""
    assert routed(risk_score=0.9).reviewer_level == 1
    at_once = routed(policy(high_risk_variant="escalate"), risk_score=0.9)
    assert (at_once.route, at_once.reviewer_level) == (SYNC, 2)
    assert "senior reviewer" in stage(at_once, "bands")["words"]


@pytest.mark.req("R-SAMP-04")
def test_strong_drift_moves_each_item_one_tier_up() -> None:
    """Through → review → the workflow waits; where policy does not want that, nothing moves."""
    from companion.core.policy.sampling import SamplingState

    drift = SamplingState(frozenset({"drift"}), strong_drift=True)
    assert routed(state=drift).route == ASYNC
    assert routed(state=drift, confidence=0.7).route == SYNC
    assert routed(state=drift, confidence=0.5).route == SYNC
    assert "strong_drift" in codes(routed(state=drift))
    as_before = policy(sampling={"stricter_on_strong_drift": False})
    assert routed(as_before, state=drift).route == AUTO


@pytest.mark.req("R-ROUTE-12")
@pytest.mark.parametrize("change", [{"confidence": 0.84}, {"risk_score": 0.61}, {"flags": ["regulated_data"]}])
def test_uncertainty_harm_and_regulation_each_suffice(change: dict[str, object]) -> None:
    """An item that would go through goes to a person when one of the three is raised."""
    assert routed().route == AUTO
    assert routed(**change).route == ASYNC


def test_the_words_are_those_of_a_colleague() -> None:
    """The number that the team set, all digits that were sent, and no break before the percent sign."""
    bands = stage(routed(confidence=0.61), "bands")
    assert bands["words"].startswith("The model was 61\u00a0% sure. Your team wants a person below 85\u00a0%.")
    assert bands["compared"][0] == {"name": "confidence", "value": 0.61, "op": "<", "threshold": 0.85}
    assert "below 85\u00a0%" in stage(routed(confidence=0.5), "bands")["words"]
    assert "77.9\u00a0%" in stage(routed(compiled_preset("summarize-email"), confidence=0.779), "bands")["words"]
