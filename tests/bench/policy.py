"""`python -m tests.bench.policy`: how many items the router judges a second, in process and on one core.

Seconds of this process's own processor time, the best of five rounds, so that other work on the machine does not count.
"""

import sys
from collections.abc import Callable
from time import process_time
from typing import Any

from companion.core.policy.compiled import CompiledPolicy, compile_policy
from companion.core.policy.evaluate import evaluate
from companion.core.policy.facts import Facts
from companion.core.policy.item import Item
from companion.core.policy.presets import compiled_preset
from companion.core.policy.simulation import simulate
from tests.bench.item import ITEM

KEY = b"a key of the benchmark"
ROUNDS = 5
ITEMS = 4_000
FACTS = 100_000

TEN_RULES = (
    "has(request.amount) && request.amount > 1000.0",
    'request.subject.contains("refund")',
    '"pii" in flags && confidence < 0.5',
    "risk_score > 0.95",
    'category == "refund" || intent == "refund"',
    "has(request.lines) && request.lines.exists(line, line.price > 500.0)",
    'request.from.endsWith("@example.org")',
    'model.version == "2"',
    "size(flags) > 3",
    'priority == "P1" && requester != ""',
)
"""Of the kinds that people write: amounts, words, marks, lists, and what two of them say together."""


def fields(number: int) -> dict[str, Any]:
    """One of the items: a quarter each sure, middling, flagged and risky."""
    kind = number % 4
    return {
        **ITEM,
        "item_id": str(number),
        "reversible": True,
        "confidence": (0.97, 0.7, 0.95, 0.99)[kind],
        "risk_score": (0.1, 0.1, 0.2, 0.75)[kind],
        "flags": [["pii"], []][kind != 2],
        "category": "billing",
    }


def rate(count: int, work: Callable[[], object]) -> float:
    """Items a second of processor time, the best of the rounds."""
    best = 0.0
    for _ in range(ROUNDS):
        begun = process_time()
        work()
        best = max(best, count / (process_time() - begun))
    return best


def judged(policy: CompiledPolicy, items: list[Item]) -> Callable[[], object]:
    """Judging them all."""
    return lambda: [evaluate(policy, item, sampling_key=KEY) for item in items]


def figures() -> list[tuple[str, float, float]]:
    """What was measured, items a second of processor time, and how many were promised."""
    default = compiled_preset("default")
    rules = [
        {"id": f"r{at}", "stage": "forced_review", "when": when, "words": "A rule of the business says so."}
        for at, when in enumerate(TEN_RULES)
    ]
    sample = {"name": "any", "item": {"request": ITEM["request"]}, "expect": {"route": "synchronous_human_review"}}
    owner = {"name": "Bench", "contact": "bench@example.com"}
    document = {"schema_version": 1, "workflow_id": "bench", "owner": owner, "rules": rules}
    ruled = compile_policy({**document, "tests": [{**sample, "item": {**sample["item"], "confidence": 0.1}}]}, 1)
    given = [fields(number) for number in range(ITEMS)]
    items = [Item.from_fields(one) for one in given]
    calm = items[::4] * 4
    looser = compile_policy({**document, "rules": [], "thresholds": {"review_below_confidence": 0.8}}, 1)
    facts = [Facts(str(number), item, (), number * 25_000) for number, item in enumerate(items)]
    past = (facts * (FACTS // len(facts) + 1))[:FACTS]

    lines = [
        ("default policy, items that go through", rate(ITEMS, judged(default, calm)), 20_000),
        ("default policy, mixed items", rate(ITEMS, judged(default, items)), 20_000),
        ("ten CEL rules, mixed items", rate(ITEMS, judged(ruled, items)), 5_000),
        (
            "default policy, from the body's fields to the answer's document",
            rate(
                ITEMS,
                lambda: [evaluate(default, Item.from_fields(one), sampling_key=KEY).document() for one in given],
            ),
            10_000,
        ),
    ]
    begun = process_time()
    simulate(default, looser, past)
    lines.append(("simulation, items of the past", FACTS / (process_time() - begun), FACTS / 30))
    return lines


def main() -> int:
    """Print each figure with its ratio to what was promised; the exit code says whether all are kept."""
    lines = figures()
    for what, measured, promised in lines:
        print(f"{what:65} {measured:10,.0f}/s  {measured / promised:6.2f} of {promised:,.0f}/s")
    return 0 if all(measured >= promised for _, measured, promised in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
