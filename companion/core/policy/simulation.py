"""What another policy would have done to the items of the past (R-CAN-07)."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from companion.core.policy.evaluate import Evaluation, evaluate
from companion.core.policy.facts import Facts
from companion.core.policy.ready import CompiledPolicy
from companion.core.policy.vocabulary import LANES, STRICTNESS

MOST_EXAMPLES: Final = 5
PROGRESS_EVERY: Final = 1_000
WRONG: Final = frozenset({"modified", "rejected", "rolled_back"})
"""What a person did to an item that was not right as it was."""

_DONE: Final[Mapping[str, str]] = {
    "auto_commit": "goes through by itself",
    "asynchronous_human_review": "goes to a person",
    "synchronous_human_review": "waits for a person",
    "auto_reject": "is turned down",
    "stop_the_line": "stops the line",
}
_LANE_NAMES: Final = tuple(dict.fromkeys(lane for lanes in LANES.values() for lane in lanes))


@dataclass(slots=True)
class Side:
    """One policy of the comparison."""

    version: int
    lanes: Counter[str] = field(default_factory=Counter)
    routes: Counter[str] = field(default_factory=Counter)

    def document(self) -> dict[str, Any]:
        """As plain JSON; every lane and route is named, also with none."""
        return {
            "version": self.version,
            "lanes": {lane: self.lanes[lane] for lane in _LANE_NAMES},
            "routes": {route: self.routes[route] for route in STRICTNESS},
        }


@dataclass(frozen=True, slots=True)
class Example:
    """An item on which the two policies differ, or that a person had found wrong."""

    kind: str
    facts: Facts
    before: str
    after: str
    words: str
    title: str | None

    def document(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "kind": self.kind,
            "id": self.facts.id,
            "item_id": self.facts.item.item_id,
            "title": self.title,
            "before": self.before,
            "after": self.after,
            "review_url": self.facts.review_url,
            "words": self.words,
        }


@dataclass(slots=True)
class Report:
    """The figures of one comparison; `unknown` counts items of which too little was kept to put them in any lane."""

    before: Side
    after: Side
    items: int = 0
    changed: int = 0
    wrongly_approved: int = 0
    wrongly_approved_before: int = 0
    unknown: int = 0
    days: int | None = None
    per_day: dict[str, list[int]] = field(default_factory=dict)
    examples: list[Example] = field(default_factory=list)
    titled: bool = True
    """False where a policy hides something of its items: a title may repeat it."""

    def document(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "items": self.items,
            "days": len(self.per_day) if self.days is None else self.days,
            "before": self.before.document(),
            "after": self.after.document(),
            "changed": self.changed,
            "per_day": [
                {"date": date, "before": before, "after": after}
                for date, (before, after) in sorted(self.per_day.items())
            ],
            "wrongly_approved": self.wrongly_approved,
            "wrongly_approved_before": self.wrongly_approved_before,
            "unknown": self.unknown,
            "examples": [example.document() for example in self.examples],
        }


def simulate(
    before: CompiledPolicy,
    after: CompiledPolicy,
    facts: Iterable[Facts],
    progress: Callable[[int], None] | None = None,
    *,
    days: int | None = None,
) -> Report:
    """Route every item under both policies and compare.

    `progress` is called with the number of items done, every thousand and at the end. A day is a day in UTC; its two
    figures are the items that came to people. `wrongly_approved` counts items that would go through by themselves
    although a person had rejected, corrected or rolled them back.
    """
    report = Report(Side(before.version), Side(after.version), days=days)
    report.titled = not (before.terms.redactions or after.terms.redactions)
    pairs: Counter[tuple[str, str]] = Counter()
    for one in facts:
        report.items += 1
        if progress is not None and report.items % PROGRESS_EVERY == 0:
            progress(report.items)
        if not (one.answers(before) and one.answers(after)):
            report.unknown += 1
            continue
        old = evaluate(before, one.item, one.signals, sampling_key=_NO_DRAW)
        new = evaluate(after, one.item, one.signals, sampling_key=_NO_DRAW)
        _count(report, one, old, new)
        if (old.route, old.lane) != (new.route, new.lane):
            report.changed += 1
            pairs[old.route, new.route] += 1
            # At first one of each kind of change, so that five examples are not five times the same.
            if pairs[old.route, new.route] == 1 or _room(report, "changed", 3):
                _show(report, "changed", one, old, new, _changed(old, new))
        if one.outcome in WRONG and new.route == "auto_commit":
            report.wrongly_approved += 1
            words = f"It would go through by itself; a person had {_DID[one.outcome]} it."
            _show(report, "wrongly_approved", one, old, new, words)
    if progress is not None:
        progress(report.items)
    return report


_NO_DRAW: Final = b"whether an item is sampled changes no route"
_DID: Final = {"modified": "corrected", "rejected": "rejected", "rolled_back": "rolled back"}


def _count(report: Report, one: Facts, old: Evaluation, new: Evaluation) -> None:
    report.before.lanes[old.lane] += 1
    report.before.routes[old.route] += 1
    report.after.lanes[new.lane] += 1
    report.after.routes[new.route] += 1
    if one.outcome in WRONG and old.route == "auto_commit":
        report.wrongly_approved_before += 1
    if one.at_ms is not None:
        date = datetime.fromtimestamp(one.at_ms / 1000, UTC).strftime("%Y-%m-%d")
        day = report.per_day.setdefault(date, [0, 0])
        day[0] += old.human
        day[1] += new.human


def _room(report: Report, kind: str, most: int = MOST_EXAMPLES) -> bool:
    return sum(example.kind == kind for example in report.examples) < most


def _show(report: Report, kind: str, one: Facts, old: Evaluation, new: Evaluation, words: str) -> None:
    if _room(report, kind):
        title = one.item.title if report.titled else None
        report.examples.append(Example(kind, one, old.route, new.route, words, title))


def _changed(old: Evaluation, new: Evaluation) -> str:
    if old.route == new.route:
        return f"It {_DONE[new.route]} in both, now in the lane {new.lane.replace('_', ' ')}."
    why = new.reasons[0]["text"] if new.reasons else "Nothing asks for a person any more."
    return f"It {_DONE[new.route]}; before, it {_DONE[old.route]}. {why}"
