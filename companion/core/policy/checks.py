"""What a policy may not say although each of its fields is well formed; refused in plain words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from companion.core.policy.desk_checks import desk_problems
from companion.core.policy.document import PolicyProblem, pointer
from companion.core.policy.gate_checks import gate_problems, items_given_twice, words_that_name
from companion.core.policy.item import KNOWN_FIELDS
from companion.core.policy.patterns import ROW_BY_TIER

_EFFECTS: Final[Mapping[str, re.Pattern[str]]] = {
    "customer_facing": re.compile(r"customer|client|reply|publish|outreach|(send|post)_?(mail|email|message|reply)"),
    "financial": re.compile(r"pay|refund|invoice|charge|transfer|purchase|order|budget|salary|credit_"),
    "access_control": re.compile(r"access|password|permission|role|grant|revoke|account|unlock"),
}
_EFFECT_WORDS: Final = {
    "customer_facing": "reach a customer",
    "financial": "move money",
    "access_control": "change somebody's access",
}
NUMBER_PATHS: Final = (
    "thresholds.review_below_confidence", "thresholds.synchronous_below_confidence", "thresholds.review_above_risk",
    "thresholds.synchronous_from_risk", "score_bands.review_from", "score_bands.synchronous_from",
    "score_bands.block_above", "confidence_gate", "limits.prompt_characters", "sampling.rate", "sampling.raised.drift",
    "sampling.raised.new_data", "sampling.raised.policy_change", "sampling.near_threshold.width",
    "sampling.near_threshold.rate", "sampling.due_business_days", "sla.acknowledge_minutes", "sla.complete_minutes",
    "sla.synchronous_minutes", "sla.second_review_minutes", "sla.escalate_minutes", "sla.resolve_minutes",
    "expires_in_s", "undo_window_s", "confidence_bands.green_from", "confidence_bands.yellow_from",
)  # fmt: skip
"""Every number of a policy that stands under a fixed name; bounds can be set for these."""
PER_CENT: Final = frozenset(
    {
        "thresholds.review_below_confidence", "thresholds.synchronous_below_confidence", "confidence_gate",
        "sampling.rate", "sampling.raised.drift", "sampling.raised.new_data", "sampling.raised.policy_change",
        "sampling.near_threshold.rate", "confidence_bands.green_from", "confidence_bands.yellow_from",
    }
)  # fmt: skip
"""Those of them that people read in per cent."""
ORDERED_TITLES: Final[Mapping[str, str]] = {
    "thresholds.synchronous_below_confidence": "Wait below",
    "thresholds.review_below_confidence": "Ask a person below",
    "thresholds.review_above_risk": "Ask a person above risk",
    "thresholds.synchronous_from_risk": "Wait from risk",
    "score_bands.review_from": "Review from score",
    "score_bands.synchronous_from": "Wait from score",
    "score_bands.block_above": "Block above score",
}
"""Numbers that stand in an order, by the titles that their settings have."""


def check_meaning(
    document: Mapping[str, Any], effective: Mapping[str, Any], *, of_library: bool
) -> Iterator[PolicyProblem]:
    """Every problem of a merged policy; pointers go into `document`, or name the field that is missing there.

    A policy of the library has no owner: whoever takes it over names one.
    """
    if effective["owner"] is None and not of_library:
        yield PolicyProblem("/owner", "Nobody owns this policy. Give “owner” with “name” and “contact”.")
    yield from _fallback(effective)
    yield from crossing_numbers(effective)
    yield from _not_confidence_alone(effective)
    yield from _gates(document, effective)
    yield from items_given_twice(document)
    yield from desk_problems(document, effective)
    yield from _approval(effective)
    yield from _names(document, effective)
    yield from _bounds(effective)
    yield from _tests(document)


def value_at(effective: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path; None where a part of the path is absent or null."""
    value: Any = effective
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def crossing_numbers(effective: Mapping[str, Any]) -> list[PolicyProblem]:
    """Thresholds that cross each other, so that a band would be empty or turned around."""
    thresholds, bands = effective["thresholds"], effective["score_bands"]
    ordered = [
        ("thresholds", "synchronous_below_confidence", "review_below_confidence", thresholds),
        ("thresholds", "review_above_risk", "synchronous_from_risk", thresholds),
    ]
    if bands:
        ordered += [
            ("score_bands", "review_from", "synchronous_from", bands),
            ("score_bands", "synchronous_from", "block_above", bands),
        ]

    def said(part: str, name: str, value: float) -> str:
        path = f"{part}.{name}"
        return f"“{ORDERED_TITLES[path]}” ({number_words(path, value)})"

    return [
        PolicyProblem(
            pointer(part, low),
            f"{said(part, low, values[low])} must not be above {said(part, high, values[high])}: "
            "lower this one, or raise that.",
        )
        for part, low, high, values in ordered
        if values[low] > values[high] and not (high == "review_below_confidence" and effective["confidence_gate"])
    ]


def number_words(path: str, value: float) -> str:
    """A number of a policy as the page shows it: confidences and samples in per cent, risks and scores from 0 to 1."""
    return f"{value * 100:g}\u00a0%" if path in PER_CENT else f"{value:g}"


def _fallback(effective: Mapping[str, Any]) -> Iterator[PolicyProblem]:
    if effective["safe_verdict"] is None:
        sentence = "Say what happens when nobody decides in time: “safe_verdict” is no_decision or reject."
        yield PolicyProblem("/safe_verdict", sentence)
    if effective["expires_in_s"] is None:
        yield PolicyProblem("/expires_in_s", "Say after how many seconds an undecided case ends: “expires_in_s”.")
    if not effective["actions"]:
        yield PolicyProblem("/actions", "A reviewer could do nothing. List “actions”, such as approve and reject.")
    elif missing := [action for action in ("approve", "reject") if action not in effective["actions"]]:
        words = " and ".join(missing)
        yield PolicyProblem("/actions", f"A reviewer must be able to say yes and to say no. Add {words} to “actions”.")
    if effective["actions_needing_reason"] and not effective["reason_codes"]:
        yield PolicyProblem("/reason_codes", "Some actions need a reason, and no reason can be chosen.")


def _not_confidence_alone(effective: Mapping[str, Any]) -> Iterator[PolicyProblem]:
    """Confidence can stop an item; alone it must never let one through (R-ROUTE-24, X-22)."""
    if effective["approval_mode"] in ("human_approval", "human_in_the_loop"):
        return
    marks = any(effective["flags"][group] for group in effective["flags"])
    if not marks and not effective["rules"]:
        sentence = "Items would go through on confidence alone. List sensitive marks under “flags”, or write “rules”."
        yield PolicyProblem("/flags", sentence)
    thresholds = effective["thresholds"]
    if effective["score_bands"] is None and thresholds["review_above_risk"] >= 1:
        sentence = "Items would go through whatever their risk. Set “review_above_risk” below 1."
        yield PolicyProblem("/thresholds/review_above_risk", sentence)


def effects_of(effective: Mapping[str, Any]) -> list[str]:
    """What the workflow's actions can do: as stated, or as the names of its actions tell."""
    actions = [action.lower() for action in effective["scope"]["actions"]]
    return [
        effect
        for effect, words in _EFFECTS.items()
        if effect in effective["effects"] or any(words.search(action) for action in actions)
    ]


def _gates(document: Mapping[str, Any], effective: Mapping[str, Any]) -> Iterator[PolicyProblem]:
    for gate in effective["gates"]:
        yield from gate_problems(gate, _place(document, "gates", gate["id"]), effective["queues"])
    # A gate of a few queues leaves the others without one.
    if any(not gate["queues"] for gate in effective["gates"]):
        return
    waiver = effective["gate_waiver"]
    if waiver is not None and len(words_that_name(waiver)) < 3:
        yield PolicyProblem("/gate_waiver", "Say why the harm of a wrong answer is trivial; this says too little.")
    if waiver is None:
        effects = effects_of(effective)
        if not effects and (effective["service_tier"] or 1) < 2:
            return
        can = " and ".join(_EFFECT_WORDS[effect] for effect in effects) or "have effects outside"
        sentence = f"This workflow can {can}. Add a gate under “gates”, or say in “gate_waiver” why none is needed."
        yield PolicyProblem("/gates", sentence)


def _approval(effective: Mapping[str, Any]) -> Iterator[PolicyProblem]:
    tier, mode = effective["risk_tier"], effective["approval_mode"]
    if tier is None or mode != "post_hoc_audit" or tier == "low":
        return
    if tier == "medium" and effective["reversible"] is True:
        return
    row = ROW_BY_TIER[tier]
    sentence = f"At {tier} risk nothing goes through by itself. Set “approval_mode” to {row.approval_mode}."
    if tier == "medium":
        sentence += " Where the action can be undone, “reversible: true” says so."
    yield PolicyProblem("/approval_mode", sentence)


def _names(document: Mapping[str, Any], effective: Mapping[str, Any]) -> Iterator[PolicyProblem]:
    for part in ("rules", "risk_signals", "gates"):
        ids = [entry.get("id") for entry in document.get(part) or ()]
        for at, name in enumerate(ids):
            if name in ids[:at]:
                yield PolicyProblem(pointer(part, at, "id"), f"“{name}” stands here twice.")
    for rule in effective["rules"]:
        if rule["queue"] is not None and rule["queue"] not in effective["queues"]:
            place = _place(document, "rules", rule["id"])
            yield PolicyProblem(f"{place}/queue", f"There is no queue “{rule['queue']}” under “queues”.")
        if rule["stage"] == "stop_the_line" and rule["lane"] is not None:
            place = _place(document, "rules", rule["id"])
            yield PolicyProblem(f"{place}/lane", "A rule that stops the line sends nobody a review.")
    groups: dict[str, str] = {}
    for group, marks in (document.get("flags") or {}).items():
        for mark in marks if group != "synchronous" else ():
            if groups.setdefault(mark, group) != group:
                sentence = f"“{mark}” stands under {groups[mark]} and {group}; it can lead to one place only."
                yield PolicyProblem(pointer("flags", group), sentence)


def _bounds(effective: Mapping[str, Any]) -> Iterator[PolicyProblem]:
    for path, bound in effective["bounds"].items():
        if path not in NUMBER_PATHS:
            yield PolicyProblem(pointer("bounds", path), f"There is no number “{path}” in a policy.")
        elif bound["min"] > bound["max"]:
            yield PolicyProblem(pointer("bounds", path), f"“min” is {bound['min']:g}, above “max”: {bound['max']:g}.")


def _tests(document: Mapping[str, Any]) -> Iterator[PolicyProblem]:
    for at, test in enumerate(document.get("tests") or ()):
        for name in test["item"]:
            if name not in KNOWN_FIELDS:
                # A misspelt confidence would be a missing one, and the test would prove something else.
                yield PolicyProblem(pointer("tests", at, "item", name), f"An item has no field “{name}”.")
        for index, signal in enumerate(test.get("signals") or ()):
            if set(signal) - {"where", "words"} != {"code", "source"}:
                yield PolicyProblem(pointer("tests", at, "signals", index), "A mark has “code” and “source”.")


def _place(document: Mapping[str, Any], part: str, name: str) -> str:
    """The pointer of a part by its id; where it is inherited, of what it is inherited by."""
    entries: Sequence[Mapping[str, Any]] = document.get(part) or ()
    return next((pointer(part, at) for at, entry in enumerate(entries) if entry.get("id") == name), "/extends")


place_of = _place
