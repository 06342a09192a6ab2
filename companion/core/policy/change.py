"""What differs between two versions of a policy, what of it loosens control, and who must agree (X-16, R-GOV-16)."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

from companion.core.policy.checks import NUMBER_PATHS, number_words, value_at
from companion.core.policy.loosening import (
    assurance_loosens,
    diverts,
    gate_loosens,
    redaction_loosens,
    role_loosens,
    step_loosens,
)
from companion.core.policy.ready import GROUPS
from companion.core.policy.settings import LABELS
from companion.core.policy.vocabulary import RISK_TIERS

_LOWER_LOOSENS: Final = frozenset(
    {
        "thresholds.review_below_confidence", "thresholds.synchronous_below_confidence", "sampling.rate",
        "sampling.raised.drift", "sampling.raised.new_data", "sampling.raised.policy_change",
        "sampling.near_threshold.width", "sampling.near_threshold.rate", "confidence_bands.green_from",
        "confidence_bands.yellow_from",
    }
)  # fmt: skip
_NEITHER: Final = frozenset({"expires_in_s", "undo_window_s"})
"""Ending an undecided case earlier or later lets nothing through, nor does waiting before the answer is told."""

_RANKS: Final[Mapping[str, Mapping[Any, int]]] = {
    "reversible": {True: 0, None: 1, False: 2},
    "risk_tier": {None: 0, "low": 0, "medium": 1, "high": 2, "critical": 3},
    "service_tier": {None: 0, 1: 0, 2: 1, 3: 2},
    "approval_mode": {"post_hoc_audit": 0, "human_approval": 1, "human_in_the_loop": 2},
    "high_risk_variant": {"synchronous": 0, "escalate": 1},
    "sampling.stricter_on_strong_drift": {False: 0, True: 1},
    "override.evidence_required": {False: 0, True: 1},
    "sla.business_hours": {True: 0, False: 1},
    "sla.same_business_day": {False: 0, True: 1},
    "triage": {"none": 0, "required": 1},
    "second_review.blind": {False: 0, True: 1},
    "batches": {True: 0, False: 1},
    "evidence_at_opening": {False: 0, True: 1},
}
"""Field -> how strict each of its values is."""

_SETS: Final[Mapping[str, str]] = {
    "prohibited_terms": "fewer",
    "actions_needing_reason": "fewer",
    "effects": "fewer",
    "override.blocked_until_verified": "fewer",
    "flags.synchronous": "fewer",
    "sampling.questions": "fewer",
    "scope.intents": "limit",
    "scope.sources": "limit",
    "scope.actions": "limit",
    "override.roles": "limit",
    "actions": "answers",
    "instructions": "neither",
}
"""List -> what loosens it: fewer entries, a wider limit (an empty one does not limit), fewer answers, neither."""
_WAYS_TO_OBJECT: Final = frozenset({"reject", "escalate", "ask", "roll_back"})
_TURNED_DOWN_OUTSIDE: Final = frozenset({"scope.actions", "scope.sources"})
"""What lies outside these limits is turned down without a person."""

_WORDS_ONLY: Final = frozenset(
    {"title", "description", "owner", "reason_codes", "safe_verdict", "rollback_mode", "impact_formula"}
)
_NOT_COMPARED: Final = frozenset({"schema_version", "workflow_id", "extends"})
_STAGES: Final = {"stop_the_line": 2, "hard_block": 1, "forced_review": 0}
_LANES: Final = {None: 0, "human_review": 0, "specialist_review": 1}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `before` is None for what is new, `after` for what is gone."""

    path: str
    label: str
    before: Any
    after: Any
    loosens: bool

    def document(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "path": self.path,
            "label": self.label,
            "before": self.before,
            "after": self.after,
            "loosens": self.loosens,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a version holds at once or waits for governance, and why it waits."""

    status: Literal["active", "proposed"]
    reasons: tuple[str, ...]


def diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every difference between two effective documents, in the order of the document."""
    return [change.document() for change in changes(before, after)]


def verdict(
    before: Mapping[str, Any], after: Mapping[str, Any], bounds: Mapping[str, Mapping[str, float]], risk_tier: str
) -> Verdict:
    """Whether an operator's change takes effect at once.

    It does when every number that moves stays within `bounds` (those in force before the change), nothing else loosens
    control, and nothing at all does where the workflow's risk is high. The higher of the three tiers counts: an
    operator cannot lower the tier and the guard in one go.
    """
    tiers = [risk_tier, before["risk_tier"] or "low", after["risk_tier"] or "low"]
    high = max(RISK_TIERS.index(tier) for tier in tiers) >= RISK_TIERS.index("high")
    reasons: list[str] = []
    for change in changes(before, after):
        if change.path in NUMBER_PATHS:
            reasons += _beyond(change, bounds.get(change.path))
        elif change.path.startswith("bounds."):
            reasons.append(f"{change.label}: bounds are governance's to set.")
        elif _blocks(change):
            reasons.append(f"{change.label}: it turns items down without a person.")
        elif change.loosens:
            reasons.append(f"{change.label}: this loosens control.")
        if change.loosens and high:
            reasons.append(f"{change.label}: at high risk every change that loosens control waits for governance.")
    return Verdict("proposed" if reasons else "active", tuple(dict.fromkeys(reasons)))


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """Every difference between two effective documents."""
    for path in NUMBER_PATHS:
        old, new = value_at(before, path), value_at(after, path)
        if old != new:
            yield Change(path, label_of(path), old, new, _number_loosens(path, before, after))
    for path, ranks in _RANKS.items():
        old, new = value_at(before, path), value_at(after, path)
        if old != new:
            yield Change(path, label_of(path), old, new, ranks[new] < ranks[old])
    for path, kind in _SETS.items():
        old, new = value_at(before, path), value_at(after, path)
        if old != new:
            yield Change(path, label_of(path), old, new, _set_loosens(kind, old, new))
    yield from _marks(before["flags"], after["flags"])
    yield from _parts("rules", before, after, _rule_loosens, partial(diverts, before, after["queues"]))
    # Without any signal a missing risk asks for a person; with the first it is a number, and mostly a low one.
    first = not before["risk_signals"]
    yield from _parts("risk_signals", before, after, _risk_signal_loosens, lambda _: first)
    yield from _parts("gates", before, after, gate_loosens)
    yield from _desk(before, after)
    queues = before["queues"]
    yield from _named("queues", before, after, partial(_queue_loosens, queues), partial(_takes_from, queues, ()))
    yield from _named("bounds", before, after, _wider, lambda _: True)
    yield from _tests(before["tests"], after["tests"])
    old, new = before["pattern"], after["pattern"]
    if old != new:
        yield Change("pattern", "Pattern", old, new, old == "dual_review")
    old, new = before["gate_waiver"], after["gate_waiver"]
    if old != new:
        yield Change("gate_waiver", "Why there is no gate", old, new, new is not None)
    if before["domain"] != after["domain"]:
        yield Change("domain", "Domain", before["domain"], after["domain"], True)
    for name in sorted(_WORDS_ONLY):
        if before[name] != after[name]:
            yield Change(name, label_of(name), before[name], after[name], False)
    for name in sorted(set(before) | set(after)):
        if name not in _COMPARED and before.get(name) != after.get(name):
            # A field that this table does not know yet must not slip through as harmless.
            yield Change(name, label_of(name), before.get(name), after.get(name), True)


_COMPARED: Final = (
    {path.split(".")[0] for path in (*NUMBER_PATHS, *_RANKS, *_SETS)}
    | _WORDS_ONLY
    | _NOT_COMPARED
    | {"flags", "rules", "risk_signals", "gates", "queues", "bounds", "tests", "pattern", "gate_waiver", "domain"}
    | {"ladder", "redaction", "escalation_targets", "assurance", "actions_by_role", "features_required"}
)


def _desk(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """How people review: what they must show of themselves, may do, may see, and how long they may take."""
    yield from _parts("ladder", before, after, step_loosens, key="level")
    yield from _parts("redaction", before, after, redaction_loosens, key="path")
    yield from _named("escalation_targets", before, after, step_loosens, lambda _: False)
    for name, loosens in (("assurance", assurance_loosens), ("actions_by_role", role_loosens)):
        old, new = before[name], after[name]
        for key in (*old, *(key for key in new if key not in old)):
            if old.get(key) != new.get(key):
                label = f"{_NOUNS[name]} “{key.replace('_', ' ')}”"
                yield Change(f"{name}.{key}", label, old.get(key), new.get(key), loosens(old.get(key), new.get(key)))
    old, new = before["features_required"], after["features_required"]
    if old != new:
        fewer = old is not None and (new is None or new < old)
        yield Change("features_required", label_of("features_required"), old, new, fewer)


def label_of(path: str) -> str:
    """What a field is called on the page."""
    return LABELS.get(path) or path.rpartition(".")[2].replace("_", " ").capitalize()


def _number_loosens(path: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    old, new = value_at(before, path), value_at(after, path)
    if path in _NEITHER:
        return False
    if path == "confidence_gate":
        return _asks_below(after) < _asks_below(before)
    if old is None or new is None:
        # Bands that come or go change what every other number means; minutes that go are no promise any more.
        return path.startswith("score_bands.") or new is None
    return bool(new < old) if path in _LOWER_LOOSENS else bool(new > old)


def _asks_below(effective: Mapping[str, Any]) -> float:
    gate = effective["confidence_gate"]
    below: float = effective["thresholds"]["review_below_confidence"] if gate is None else gate
    return below


def _set_loosens(kind: str, old: Sequence[Any], new: Sequence[Any]) -> bool:
    if kind == "neither":
        return False
    if kind == "fewer":
        return not set(old) <= set(new)
    if kind == "answers":
        # An edited output is one that the model did not give and no gate was written for.
        return bool(_WAYS_TO_OBJECT & (set(old) - set(new))) or "modify" in set(new) - set(old)
    return bool(old) and (not new or not set(new) <= set(old))


def _marks(old: Mapping[str, Sequence[str]], new: Mapping[str, Sequence[str]]) -> Iterator[Change]:
    def group(flags: Mapping[str, Sequence[str]], mark: str) -> str | None:
        return next((name for name in GROUPS if mark in flags[name]), None)

    ranks: dict[str, int] = {name: len(GROUPS) - at for at, name in enumerate(GROUPS)}
    for mark in sorted({mark for flags in (old, new) for name in GROUPS for mark in flags[name]}):
        before, after = group(old, mark), group(new, mark)
        if before != after:
            # A mark that stands nowhere goes to a person, as one under human_review does.
            loosens = ranks[after or "human_review"] < ranks[before or "human_review"]
            yield Change(f"flags.{mark}", f"Mark “{mark}”", before, after, loosens)


def _parts(
    name: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    loosens: Callable[[Mapping[str, Any], Mapping[str, Any]], bool],
    new_loosens: Callable[[Mapping[str, Any]], bool] = lambda _: False,
    key: str = "id",
) -> Iterator[Change]:
    """Parts with an id: what is gone loosens, what is new does so where `new_loosens` says so."""
    old = {part[key]: part for part in before[name]}
    new = {part[key]: part for part in after[name]}
    yield from _compared(name, old, new, loosens, new_loosens, gone_loosens=True)


def _named(
    name: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    loosens: Callable[[Mapping[str, Any], Mapping[str, Any]], bool],
    new_loosens: Callable[[Mapping[str, Any]], bool],
) -> Iterator[Change]:
    """Parts under a name: bounds that are gone allow nothing, a queue that is gone loses its demands."""
    yield from _compared(name, before[name], after[name], loosens, new_loosens, gone_loosens=name != "bounds")


def _compared(
    name: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    loosens: Callable[[Mapping[str, Any], Mapping[str, Any]], bool],
    new_loosens: Callable[[Mapping[str, Any]], bool],
    *,
    gone_loosens: bool,
) -> Iterator[Change]:
    noun = _NOUNS[name]
    for key in (*old, *(key for key in new if key not in old)):
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        loose: bool
        if before is None:
            loose = after is not None and new_loosens(after)
        elif after is None:
            loose = gone_loosens
        else:
            loose = loosens(before, after)
        yield Change(f"{name}.{key}", f"{noun} “{LABELS.get(key) or key}”", before, after, loose)


_NOUNS: Final = {
    "rules": "Rule",
    "risk_signals": "Risk signal",
    "gates": "Gate",
    "queues": "Queue",
    "bounds": "Bounds of",
    "ladder": "Level",
    "redaction": "Hidden place",
    "escalation_targets": "Escalation to",
    "assurance": "How surely known to",
    "actions_by_role": "Actions of",
}


def _rule_loosens(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a condition was narrowed cannot be told from its text; a changed one counts as loosened."""
    return (
        old["when"] != new["when"]
        or old["source"] != new["source"]
        or old["queue"] != new["queue"]
        or _STAGES[new["stage"]] < _STAGES[old["stage"]]
        or _LANES[new["lane"]] < _LANES[old["lane"]]
        or (new["reviewer_level"] or 1) < (old["reviewer_level"] or 1)
        or (old["synchronous"] and not new["synchronous"])
    )


def _risk_signal_loosens(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return old["when"] != new["when"] or bool(new["weight"] < old["weight"])


def _wider(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return bool(new["min"] < old["min"] or new["max"] > old["max"])


def _queue_loosens(queues: Mapping[str, Mapping[str, Any]], old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    def fewer(name: str) -> bool:
        kept: Collection[str] = new[name]
        return not set(old[name]) <= set(kept)

    if fewer("skills") or fewer("categories") or (old["stricter"] and not new["stricter"]):
        return True
    return _takes_from(queues, old["categories"], new)


def _takes_from(queues: Mapping[str, Mapping[str, Any]], had: Collection[str], new: Mapping[str, Any]) -> bool:
    """Whether a queue is given a topic that was another's, without asking for the skills that the other asks for."""
    gained = set(new["categories"]) - set(had)
    return any(
        gained & set(other["categories"]) and not set(other["skills"]) <= set(new["skills"])
        for other in queues.values()
    )


def _tests(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> Iterator[Change]:
    before, after = ({test["name"]: test for test in tests} for tests in (old, new))
    for name in (*before, *(name for name in after if name not in before)):
        if before.get(name) != after.get(name):
            yield Change(f"tests.{name}", f"Test “{name}”", before.get(name), after.get(name), name in before)


def _beyond(change: Change, bound: Mapping[str, float] | None) -> Iterator[str]:
    if change.after is None or change.before is None:
        yield f"{change.label}: a number comes or goes; that is for governance."
    elif bound is None:
        yield f"{change.label}: governance has set no bounds for it."
    elif not bound["min"] <= change.after <= bound["max"]:
        after, least, most = (number_words(change.path, value) for value in (change.after, bound["min"], bound["max"]))
        yield f"{change.label}: {after} is outside {least} to {most}, which governance allows."


def _blocks(change: Change) -> bool:
    """Whether it turns down, without a person, what was not turned down before."""
    if change.path in _TURNED_DOWN_OUTSIDE:
        return bool(change.after) and (not change.before or not set(change.before) <= set(change.after))
    if change.path.startswith("rules."):
        return change.after is not None and bool(change.after["stage"] == "hard_block")
    return change.path.startswith("flags.") and bool(change.after == "hard_block")
