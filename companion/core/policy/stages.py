"""The stages before the bands: what stops the line, what is forbidden, and what needs a person whatever the numbers."""

from collections.abc import Callable
from typing import Final

from companion.core.policy.case import Case
from companion.core.policy.numbers import NO_BREAK
from companion.core.policy.patterns import ROW_BY_TIER
from companion.core.policy.signals import CONTEXT, MODEL, RISK_SCORE, WORKFLOW, Signal, independent
from companion.core.policy.trace import CLEAR, Compared, Reason, Stage, settled
from companion.core.policy.vocabulary import words_of

SENIOR: Final = 2
EMERGENCY: Final = 4
"""Where stopped lines go at once (X-09, X-10)."""

_ASYNC: Final = "asynchronous_human_review"
_SYNC: Final = "synchronous_human_review"
_MODES: Final = {"post_hoc_audit": None, "human_approval": _ASYNC, "human_in_the_loop": _SYNC}
_TOLD: Final = {
    "confidence": "The model's confidence",
    "risk_score": "The risk score",
    "prompt_characters": "The length of the prompt",
    "flags": "The list of marks",
}
_CAUSE: Final = {
    "not_finite": "was not a number",
    "out_of_range": "was outside what it can be",
    "wrong_type": "was not of the right kind",
    "unknown": "was a word that nobody knows",
}


def stop_the_line(case: Case) -> None:
    """Stage 1 (R-ROUTE-22): marks and rules that stop everything."""
    _absolute(case, "stop_the_line", "stop_the_line", "stopped")
    if case.route == "stop_the_line":
        case.level = EMERGENCY


def hard_block(case: Case) -> None:
    """Stage 2 (R-ROUTE-10, R-ROUTE-11): what is rejected without a person, with or without a model."""
    if case.route == "stop_the_line":
        case.trace.append(settled("hard_block", case.route))
        return
    scope, item = case.policy.scope, case.item
    extra: list[tuple[Signal, str]] = []
    if scope["actions"] and item.action is not None and item.action not in scope["actions"]:
        words = f"This workflow may not do “{item.action}”."
        extra.append((Signal("action_not_listed", CONTEXT, words, "/action"), words))
    if scope["sources"]:
        for name in item.sources:
            if name not in scope["sources"]:
                words = f"This workflow may not use “{name}”."
                extra.append((Signal("source_not_listed", CONTEXT, words, "/sources"), words))
    _absolute(case, "hard_block", "auto_reject", "blocked", extra)


def _absolute(case: Case, stage: str, route: str, outcome: str, extra: list[tuple[Signal, str]] | None = None) -> None:
    """A stage in which one finding settles the route."""
    findings = [
        (mark, mark.words or words_of(mark.code)) for mark in case.marks if case.policy.groups.get(mark.code) == stage
    ]
    findings += [
        (Signal(rule.id, rule.source, rule.words, f"rules/{rule.id}"), rule.words)
        for rule in case.fired
        if rule.stage == stage
    ]
    findings += extra or []
    if not findings:
        case.trace.append(CLEAR[stage])
        return
    for signal, words in findings:
        case.raise_to(route, stage, signal.code, signal.source)
        rank = 1 if signal.where.startswith("rules/") else 2
        case.reasons.append(Reason("policy", signal.code, words, rank, "out_of_policy", signal.source))
    sentence = " ".join(dict.fromkeys(words for _, words in findings))
    case.trace.append(Stage(stage, outcome, case.route, sentence, (), tuple(signal for signal, _ in findings)))


def forced_review(case: Case) -> None:
    """Stage 3: the model's faults, then the business's rules, then the context (R-ROUTE-16)."""
    if case.route != "auto_commit":
        case.trace.append(settled("forced_review", case.route))
        return
    found: list[tuple[Signal, Reason, str]] = []
    compared: list[Compared] = []
    _faults(case, found)
    _rules(case, found)
    _context(case, found, compared)
    if not found:
        case.trace.append(CLEAR["forced_review"])
        return
    for signal, reason, route in found:
        case.raise_to(route, "forced_review", signal.code, signal.source)
        case.reasons.append(reason)
    sentence = " ".join(dict.fromkeys(reason.text for _, reason, _ in found))
    signals = tuple(signal for signal, _, _ in found)
    case.trace.append(Stage("forced_review", "review", case.route, sentence, tuple(compared), signals))


def _faults(case: Case, found: list[tuple[Signal, Reason, str]]) -> None:
    """What the model or the item failed to say; ignorance never lets anything through (R-ROUTE-04, X-33)."""
    item = case.item

    def fault(code: str, text: str, source: str, where: str) -> None:
        reason = Reason("exception", code, text, 0, "out_of_policy", source)
        found.append((Signal(code, source, text, where), reason, _SYNC))

    if item.model_error == "error":
        fault("model_error", "The model failed, so a person decides.", MODEL, "/model_error")
    elif item.model_error == "timeout":
        fault("model_timeout", "The model did not answer in time, so a person decides.", MODEL, "/model_error")
    for entry in item.faults:
        name, cause = entry.split(":", 1)
        told = _TOLD.get(name) or f"What was sent as {name.replace('_', ' ')}"
        fault(f"{name}_invalid", f"{told} {_CAUSE[cause]}, so a person decides.", CONTEXT, f"/{name}")
    by_score = case.policy.numbers.bands is not None
    if item.confidence is None and not by_score and "confidence" not in case.faulty:
        text = "The model did not say how sure it was, so a person decides."
        fault("confidence_missing", text, MODEL, "/confidence")
    if case.risk is None and "risk_score" not in case.faulty:
        fault("risk_score_missing", "Nobody said how risky it is, so a person decides.", CONTEXT, "/risk_score")
    for text in case.failed:
        fault("rule_failed", text, CONTEXT, "/rules")


def _rules(case: Case, found: list[tuple[Signal, Reason, str]]) -> None:
    for rule in case.fired:
        if rule.stage != "forced_review":
            continue
        case.specialist |= rule.lane == "specialist_review"
        signal = Signal(rule.id, rule.source, rule.words, f"rules/{rule.id}")
        reason = Reason("policy", rule.id, rule.words, 1, "out_of_policy", rule.source)
        found.append((signal, reason, _SYNC if rule.synchronous else _ASYNC))


def _context(case: Case, found: list[tuple[Signal, Reason, str]], compared: list[Compared]) -> None:
    policy, item, effective = case.policy, case.item, case.policy.effective

    def ask(signal: Signal, route: str, kind: str = "policy", condition: str = "out_of_policy") -> None:
        reason = Reason(kind, signal.code, signal.words, 2, condition, signal.source)
        found.append((signal, reason, route))

    for mark in case.marks:
        group = policy.groups.get(mark.code)
        case.specialist |= group == "specialist_review"
        text = mark.words or words_of(mark.code)
        kind = "out_of_scope" if mark.code == "out_of_scope" else "policy"
        signal = Signal(mark.code, mark.source, text, mark.where)
        ask(signal, _SYNC if mark.code in policy.waits_for else _ASYNC, kind, "sensitive")
    for code, text, where in _outside(case):
        ask(Signal(code, CONTEXT, text, where), _ASYNC, "out_of_scope")
    for harm in item.harms:
        text = f"A wrong answer could do harm: {harm.replace('_', ' ')}."
        ask(Signal("predicted_harm", WORKFLOW, text, "/harms"), _ASYNC, condition="sensitive")
    limit = policy.numbers.prompt_characters
    if item.prompt_characters is not None and item.prompt_characters > limit:
        compared.append(Compared("prompt_characters", item.prompt_characters, ">", limit))
        text = f"The prompt has {_thousands(item.prompt_characters)} characters, more than {_thousands(limit)}."
        ask(Signal("long_prompt", CONTEXT, text, "/prompt_characters"), _ASYNC, "exception")
    if item.action is not None and item.action in policy.blocked_actions:
        text = f"“{item.action}” waits until a person has verified it."
        ask(Signal("blocked_until_verified", CONTEXT, text, "/action"), _ASYNC)
    _irreversible(case, ask)
    route = _MODES[effective["approval_mode"]]
    if route is not None:
        text = (
            "In this workflow a person takes part in each decision."
            if route == _SYNC
            else "In this workflow a person approves each action."
        )
        ask(Signal("approval_mode", CONTEXT, text, "/approval_mode"), route)
    if item.risk_tier is not None and (route := _MODES[ROW_BY_TIER[item.risk_tier].approval_mode]) is not None:
        text = f"The workflow calls its risk {item.risk_tier}."
        ask(Signal("risk_tier", WORKFLOW, text, "/risk_tier"), route, condition="threshold")


def _irreversible(case: Case, ask: Callable[[Signal, str], None]) -> None:
    """Auto needs an action that can be undone; what nobody says cannot be (R-ROUTE-19, X-22)."""
    item, of_policy = case.item, case.policy.effective["reversible"]
    if item.service_tier == 3:
        text = "It belongs to the irreversible or regulated actions."
        ask(Signal("service_tier", WORKFLOW, text, "/service_tier"), _ASYNC)
    if item.reversible is False:
        ask(Signal("irreversible", WORKFLOW, "It cannot be undone.", "/reversible"), _ASYNC)
    elif of_policy is False:
        text = "What this workflow does cannot be undone."
        ask(Signal("irreversible", CONTEXT, text, "/reversible"), _ASYNC)
    elif item.reversible is None and of_policy is not True:
        text = "Nobody said that it can be undone."
        ask(Signal("reversible_unknown", CONTEXT, text, "/reversible"), _ASYNC)


def _outside(case: Case) -> list[tuple[str, str, str]]:
    """Where the item lies outside what the workflow is for (R-ROUTE-05)."""
    scope, item, domain = case.policy.scope, case.item, case.policy.effective["domain"]
    outside = []
    if scope["intents"] and item.intent not in scope["intents"]:
        text = f"This workflow is not for “{item.intent}”." if item.intent else "Nobody said what it is about."
        outside.append(("out_of_scope", text, "/intent"))
    if scope["actions"] and item.action is None:
        outside.append(("out_of_scope", "Nobody said what would be done.", "/action"))
    if item.domain in _DOMAINS and item.domain != domain != "other":
        outside.append(("out_of_scope", f"It belongs to {item.domain}, not to {domain}.", "/domain"))
    return outside


_DOMAINS: Final = frozenset(
    {"support", "security", "finance", "hr", "it", "legal", "compliance", "procurement", "content", "clinical"}
)


def pre_escalation(case: Case) -> None:
    """Stage 4 (R-ROUTE-33): a senior reviewer only where two independent signals ask for one."""
    if case.route in ("auto_reject", "stop_the_line"):
        case.trace.append(settled("pre_escalation", case.route))
        return
    signals = _opinions(case)
    asked = max((rule.reviewer_level or 1 for rule in case.fired if rule.stage == "forced_review"), default=1)
    if independent(signals):
        case.level = max(SENIOR, asked)
        words = "Two independent signals were found, so a senior reviewer begins."
        outcome = "escalated"
    elif asked > 1:
        words = f"A rule asks for reviewer level {asked}; with one signal only, a reviewer of level 1 begins."
        outcome = "kept"
    elif signals:
        words, outcome = "All signals come from one place, so a reviewer begins.", "kept"
        if len(signals) == 1:
            words = "There is one signal only, so a reviewer begins."
    else:
        words, outcome = "No signal asks for a senior reviewer.", "clear"
    case.trace.append(Stage("pre_escalation", outcome, case.route, words, (), tuple(signals)))


def _opinions(case: Case) -> list[Signal]:
    """What speaks of risk, each with its origin. What repeats another signal is no opinion of its own."""
    item, numbers = case.item, case.policy.numbers
    opinions = [Signal(mark.code, mark.source, "", mark.where) for mark in case.marks]
    opinions += [
        Signal(rule.id, rule.source, "", f"rules/{rule.id}")
        for rule in case.fired
        if rule.stage == "forced_review" and not rule.repeats
    ]
    opinions += case.opinions
    if item.risk_score is not None:
        high = (
            item.risk_score > numbers.review_above_risk
            if numbers.bands is None
            else item.risk_score >= numbers.bands.review_from
        )
        if high:
            opinions.append(Signal("high_risk", RISK_SCORE, "", "/risk_score"))
    if item.reversible is False:
        opinions.append(Signal("irreversible", WORKFLOW, "", "/reversible"))
    if item.harms:
        opinions.append(Signal("predicted_harm", WORKFLOW, "", "/harms"))
    return opinions


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", NO_BREAK)
