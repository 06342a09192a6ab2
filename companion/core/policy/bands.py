"""The bands: the model's confidence and the risk beside the policy's numbers (R-ROUTE-08, R-ROUTE-09, R-ROUTE-30)."""

from typing import Final

from companion.core.policy.case import Case
from companion.core.policy.numbers import Numbers, percent, plain
from companion.core.policy.sampling import NEAR, ROUTINE
from companion.core.policy.signals import MODEL, RISK_SCORE
from companion.core.policy.stages import SENIOR
from companion.core.policy.trace import Compared, Reason, Stage, settled
from companion.core.policy.vocabulary import STRICTNESS

_ASYNC: Final = "asynchronous_human_review"
_SYNC: Final = "synchronous_human_review"
_UP: Final = {"auto_commit": _ASYNC, _ASYNC: _SYNC}


def bands(case: Case, *, strong_drift: bool) -> None:
    """Stage 5. Confidence can only stop an item here; what the earlier stages asked for stays (X-22)."""
    if case.route in ("auto_reject", "stop_the_line"):
        case.trace.append(settled("bands", case.route))
        return
    compared: list[Compared] = []
    words: list[str] = []
    before = case.route
    _confidence(case, compared, words)
    if case.policy.numbers.bands is None:
        _risk(case, compared, words)
    else:
        _score(case, compared, words)
    if strong_drift and case.policy.numbers.stricter_on_strong_drift and case.route in _UP:
        text = "The model has drifted far, so every item is looked at one step more strictly."
        case.raise_to(_UP[case.route], "bands", "strong_drift", "context")
        case.reasons.append(Reason("policy", "strong_drift", text, 2, "out_of_policy", "context"))
        words.append(text)
    outcome = _OUTCOMES[case.route]
    if case.route == before and before != "auto_commit":
        outcome = "kept"
        let = "The numbers would let it through; what was found before stays."
        words = words or [let if compared else "There is no number to compare; what was found before stays."]
    case.trace.append(Stage("bands", outcome, case.route, " ".join(words), tuple(compared)))


_OUTCOMES: Final = {"auto_commit": "clear", _ASYNC: "review", _SYNC: "review", "auto_reject": "blocked"}


def _confidence(case: Case, compared: list[Compared], words: list[str]) -> None:
    confidence, numbers = case.item.confidence, case.policy.numbers
    if confidence is None:
        return
    if confidence < numbers.synchronous_below_confidence:
        threshold, shown, route = numbers.synchronous_below_confidence, numbers.synchronous_below_words, _SYNC
    else:
        threshold, shown, route = numbers.review_below_confidence, numbers.review_below_words, _ASYNC
    if confidence >= threshold:
        compared.append(Compared("confidence", confidence, ">=", threshold))
        if case.route == "auto_commit":
            words.append(f"The model was {percent(confidence)} sure, which is enough from {shown} on.")
        return
    compared.append(Compared("confidence", confidence, "<", threshold))
    # The number at which a person is wanted at all: that is what the team set, also where the workflow waits.
    text = f"The model was {percent(confidence)} sure. Your team wants a person below {numbers.review_below_words}."
    words.append(text)
    case.raise_to(route, "bands", "confidence_below_threshold", MODEL)
    case.reasons.append(Reason("confidence", "confidence_below_threshold", text, 0, "threshold", MODEL))


def _risk(case: Case, compared: list[Compared], words: list[str]) -> None:
    risk, numbers = case.risk, case.policy.numbers
    if risk is None:
        return
    if risk >= numbers.synchronous_from_risk:
        compared.append(Compared("risk_score", risk, ">=", numbers.synchronous_from_risk))
        text = f"The risk is {plain(risk)}. From {plain(numbers.synchronous_from_risk)} on a person decides at once."
        _ask(case, words, text, _SYNC, "risk_above_threshold")
        _escalated(case, words)
    elif risk > numbers.review_above_risk:
        compared.append(Compared("risk_score", risk, ">", numbers.review_above_risk))
        text = f"The risk is {plain(risk)}. Your team wants a person above {plain(numbers.review_above_risk)}."
        _ask(case, words, text, _ASYNC, "risk_above_threshold")
    else:
        compared.append(Compared("risk_score", risk, "<=", numbers.review_above_risk))
        if case.route == "auto_commit":
            words.append(f"The risk is {plain(risk)}, not above {plain(numbers.review_above_risk)}.")


def _score(case: Case, compared: list[Compared], words: list[str]) -> None:
    """The score's own bands: block, review, allow (R-ROUTE-30, X-35)."""
    score, edges = case.item.risk_score, case.policy.numbers.bands
    if score is None or edges is None:
        return
    if score > edges.block_above:
        compared.append(Compared("risk_score", score, ">", edges.block_above))
        text = f"The score is {plain(score)}. Above {plain(edges.block_above)} it is blocked."
        _ask(case, words, text, "auto_reject", "score_above_block")
    elif score >= edges.synchronous_from:
        compared.append(Compared("risk_score", score, ">=", edges.synchronous_from))
        text = f"The score is {plain(score)}. From {plain(edges.synchronous_from)} on a person decides at once."
        _ask(case, words, text, _SYNC, "score_in_review_band")
        _escalated(case, words)
    elif score >= edges.review_from:
        compared.append(Compared("risk_score", score, ">=", edges.review_from))
        text = f"The score is {plain(score)}. From {plain(edges.review_from)} on a person looks at it."
        _ask(case, words, text, _ASYNC, "score_in_review_band")
    else:
        compared.append(Compared("risk_score", score, "<", edges.review_from))
        if case.route == "auto_commit":
            words.append(f"The score is {plain(score)}, below {plain(edges.review_from)}.")


def _ask(case: Case, words: list[str], text: str, route: str, code: str) -> None:
    words.append(text)
    case.raise_to(route, "bands", code, RISK_SCORE)
    case.reasons.append(Reason("policy", code, text, 0, "threshold", RISK_SCORE))


def _escalated(case: Case, words: list[str]) -> None:
    """The variant of the high band in which a senior reviewer begins at once (R-ROUTE-09)."""
    if case.policy.effective["high_risk_variant"] == "escalate":
        case.level = max(case.level, SENIOR)
        words.append("Your team sends such items to a senior reviewer at once.")


def stratum_of(case: Case) -> str:
    """Which part of the sample an item belongs to: what nearly went another way, else its category (R-SAMP-10)."""
    numbers = case.policy.numbers
    if any(distance <= numbers.near_width for distance in _distances(case, numbers)):
        return NEAR
    return f"category:{case.item.category}" if case.item.category else ROUTINE


def _distances(case: Case, numbers: Numbers) -> list[float]:
    """How far the numbers of an item are from those at which its route would change; rounded, as people subtract."""
    distances = []
    if case.item.confidence is not None and STRICTNESS[case.route] == 0:
        distances.append(round(case.item.confidence - numbers.review_below_confidence, 9))
    if numbers.bands is not None and case.item.risk_score is not None:
        edge = numbers.bands.block_above if case.route == "auto_reject" else numbers.bands.review_from
        distances.append(round(abs(case.item.risk_score - edge), 9))
    elif case.risk is not None and STRICTNESS[case.route] == 0:
        distances.append(round(numbers.review_above_risk - case.risk, 9))
    return distances
