"""What is kept of a routed item, so that it can be routed again: years later, or under a policy that is a proposal."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from companion.core.canonical import NotCanonical, canonical_bytes
from companion.core.policy.expressions import PAYLOAD, project
from companion.core.policy.item import CONFIDENCE_KINDS, Item
from companion.core.policy.ready import CompiledPolicy
from companion.core.policy.signals import Signal
from companion.core.policy.vocabulary import RISK_TIERS
from companion.core.strict_json import Limits, MalformedJson, parse_strict

MOST_KEPT_BYTES: Final = 4 * 1024
TITLE: Final = "title"
"""Often names a person, so it is kept only where a rule reads it."""
MOST_ROWS: Final = 200_000
MOST_PROBLEMS: Final = 50
OUTCOMES: Final = ("approved", "modified", "rejected", "rolled_back")


@dataclass(frozen=True, slots=True)
class Facts:
    """One item of the past, and what a person decided about it, if anyone did."""

    id: str
    item: Item
    signals: tuple[Signal, ...] = ()
    at_ms: int | None = None
    outcome: str | None = None
    review_url: str | None = None
    kept: tuple[str, ...] | None = None
    """The paths of the payload that were kept; None when all of it is there."""

    def record(self) -> dict[str, Any]:
        """As plain JSON; `from_record` gives the same facts."""
        return {
            "id": self.id,
            "item": self.item.record(),
            "signals": [signal.record() for signal in self.signals],
            "at_ms": self.at_ms,
            "outcome": self.outcome,
            "review_url": self.review_url,
            "kept": None if self.kept is None else list(self.kept),
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Facts":
        """The facts that `record` was made of."""
        kept = record.get("kept")
        return cls(
            id=record["id"],
            item=Item.from_record(record["item"]),
            signals=tuple(Signal.from_record(signal) for signal in record.get("signals") or ()),
            at_ms=record.get("at_ms"),
            outcome=record.get("outcome"),
            review_url=record.get("review_url"),
            kept=None if kept is None else tuple(kept),
        )

    def answers(self, policy: CompiledPolicy) -> bool:
        """Whether everything that the policy's rules read is here; if not, what they say of it would be a guess."""
        if self.kept is None:
            return True
        reads = policy.reads | ({TITLE} & policy.names)
        return all(any(path == kept or path.startswith(f"{kept}.") for kept in self.kept) for path in reads)


def keep(policy: CompiledPolicy, item: Item) -> tuple[Item, tuple[str, ...]]:
    """The item with only that part of its payload and title that the policy's rules read, and the paths of it.

    So a stored item is routed to the same bytes again without its payload (R-ROUTE-17). Where that part is large it is
    left out, and `Facts.answers` says so.
    """
    parts: dict[str, Any] = {
        name: project(getattr(item, name), policy.plan[name]) for name in PAYLOAD if name in policy.plan
    }
    kept = (TITLE,) if TITLE in policy.names else ()
    slim = replace(item.without_payload(), title=item.title if kept else None)
    if not parts:
        return slim, kept
    try:
        if len(canonical_bytes(parts)) > MOST_KEPT_BYTES:
            return slim, kept
    except NotCanonical:
        return slim, kept
    return Item.from_record({**slim.record(), **parts}), tuple(sorted({*policy.reads, *kept}))


@dataclass(frozen=True, slots=True)
class FactsProblem:
    """What is wrong in a file of items: the line (the first is 1), the field, and what to do."""

    line: int
    field: str
    sentence: str


class UnreadableFacts(ValueError):
    """A file of items that cannot be used as it is."""

    def __init__(self, problems: list[FactsProblem]) -> None:
        super().__init__("; ".join(f"line {one.line}, {one.field}: {one.sentence}" for one in problems))
        self.problems = tuple(problems)


_NUMBERS: Final = ("confidence", "risk_score", "amount")
_COUNTS: Final = ("prompt_characters", "service_tier")
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "risk_tier": RISK_TIERS,
    "model_error": ("none", "error", "timeout"),
    "confidence_kind": CONFIDENCE_KINDS,
    "outcome": OUTCOMES,
}
_TEXTS: Final = (
    "id", "item_id", "task_id", "title", "workflow_id", "priority", "domain", "category", "requester", "intent",
    "action", "model_version", "review_url",
)  # fmt: skip
_LISTS: Final = ("flags", "sources")
FIELDS: Final = (*_TEXTS, *_NUMBERS, *_COUNTS, *_CHOICES, *_LISTS, "reversible", "at")
"""The columns of a file; beside them request.NAME and model_output.NAME."""


def read_facts(text: str, form: str, workflow_id: str) -> list[Facts]:
    """Read items from CSV (with a header) or from JSON lines.

    An empty cell is a value that was not sent. `flags` and `sources` are separated by semicolons in CSV; `at` is a time
    in ISO 8601, one without an offset counts as UTC. Raises UnreadableFacts with the first fifty problems.
    """
    problems: list[FactsProblem] = []
    rows = _csv(text, problems) if form == "csv" else _json_lines(text, problems)
    facts: list[Facts] = []
    for line, row in rows:
        if len(facts) >= MOST_ROWS:
            problems.append(FactsProblem(line, "", f"A file has at most {MOST_ROWS} items."))
        if len(problems) >= MOST_PROBLEMS:
            break
        facts.append(_one(row, line, workflow_id, problems))
    if problems:
        raise UnreadableFacts(problems[:MOST_PROBLEMS])
    return facts


def _csv(text: str, problems: list[FactsProblem]) -> Iterable[tuple[int, dict[str, Any]]]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        for name in header:
            if header.count(name) > 1:
                problems.append(FactsProblem(1, name, "This column stands here twice."))
            elif name not in FIELDS and name.partition(".")[0] not in PAYLOAD:
                problems.append(FactsProblem(1, name, f"There is no such column. There are {', '.join(FIELDS)}."))
        if not header:
            problems.append(FactsProblem(1, "", "The file is empty; its first line names the columns."))
        if problems:
            return
        for cells in reader:
            line = reader.line_num
            if not cells:
                continue
            if len(cells) != len(header):
                problems.append(
                    FactsProblem(line, "", f"This line has {len(cells)} cells, the first has {len(header)}.")
                )
                return
            yield line, _row(dict(zip(header, cells, strict=True)), line, problems)
    except csv.Error as error:
        sentence = "A quotation mark is open here; close it, or write it twice."
        if "field larger" in str(error):
            sentence = f"A cell has at most {csv.field_size_limit()} characters."
        problems.append(FactsProblem(reader.line_num, "", sentence))


def _row(cells: Mapping[str, str], line: int, problems: list[FactsProblem]) -> dict[str, Any]:
    """A line of CSV with the values that its texts stand for."""
    row: dict[str, Any] = {}
    for name, cell in cells.items():
        value = cell.strip()
        root, _, rest = name.partition(".")
        if value == "":
            continue
        if rest and root in PAYLOAD:
            inner = row.setdefault(root, {})
            *outer, last = rest.split(".")
            for part in outer:
                inner = inner.setdefault(part, {})
            inner[last] = _bare(value)
        elif name in _NUMBERS or name in _COUNTS:
            number = _number(value)
            if number is None:
                problems.append(FactsProblem(line, name, f"“{_short(value)}” is no number; write it as 0.85."))
            row[name] = number
        elif name in _LISTS:
            row[name] = [part.strip() for part in value.split(";") if part.strip()]
        elif name == "reversible":
            row[name] = {"true": True, "false": False, "yes": True, "no": False}.get(value.lower(), value)
        else:
            row[name] = value
    return row


def _json_lines(text: str, problems: list[FactsProblem]) -> Iterable[tuple[int, dict[str, Any]]]:
    for line, part in enumerate(text.split("\n"), start=1):
        if not part.strip():
            continue
        try:
            row = parse_strict(part.encode("utf-8", "surrogatepass"), _LINE)
        except MalformedJson as error:
            problems.append(FactsProblem(line, error.pointer.removeprefix("/"), error.detail))
            continue
        if isinstance(row, dict):
            yield line, row
        else:
            problems.append(FactsProblem(line, "", "A line holds one item: an object in braces."))


_LINE: Final = Limits(body_bytes=1024 * 1024, depth=20, values=10_000)


def _one(row: dict[str, Any], line: int, workflow_id: str, problems: list[FactsProblem]) -> Facts:
    def wrong(name: str, sentence: str) -> None:
        problems.append(FactsProblem(line, name, sentence))

    for name in row:
        if name not in FIELDS and name not in PAYLOAD:
            wrong(name, "There is no such field.")
    for name, choices in _CHOICES.items():
        if row.get(name) is not None and row[name] not in choices:
            wrong(name, f"“{_short(row[name])}” is none of {', '.join(choices)}.")
    if row.get("workflow_id") not in (None, workflow_id):
        wrong("workflow_id", f"This item belongs to “{_short(row['workflow_id'])}”, not to “{workflow_id}”.")
    at_ms = None
    if row.get("at") is not None:
        at_ms = _moment(row["at"])
        if at_ms is None:
            wrong("at", f"“{_short(row['at'])}” is no time; write it as 2026-10-01T12:00:00Z.")
    item = Item.from_fields({**row, "workflow_id": workflow_id, "model": {"version": row.get("model_version")}})
    for fault in item.faults:
        name, _, cause = fault.partition(":")
        if name not in _CHOICES:
            wrong(name, _FAULTS[cause].format(value=_short(row.get(name))))
    return Facts(
        id=str(row.get("id") or row.get("item_id") or f"line {line}"),
        item=item,
        at_ms=at_ms,
        outcome=row.get("outcome"),
        review_url=row.get("review_url"),
    )


_FAULTS: Final = {
    "not_finite": "“{value}” is no ordinary number.",
    "out_of_range": "“{value}” is outside what it can be; shares and scores go from 0 to 1.",
    "wrong_type": "“{value}” is not of the right kind.",
    "unknown": "“{value}” is a word that nobody knows.",
}


def _number(text: str) -> int | float | None:
    try:
        return int(text) if text.lstrip("-").isascii() and text.lstrip("-").isdigit() else float(text)
    except ValueError:
        return None


def _bare(text: str) -> Any:
    """A cell of the payload: a number or a yes/no where it looks like one, else text."""
    if text in ("true", "false"):
        return text == "true"
    number = _number(text)
    return text if number is None or text.lower().lstrip("+-") in ("nan", "inf", "infinity") else number


def _moment(text: Any) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp() * 1000)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:39] + "…"
