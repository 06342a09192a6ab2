"""What is kept of an item, and items that somebody brings along in a file."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.core.canonical import canonical_bytes
from companion.core.policy.evaluate import evaluate
from companion.core.policy.facts import Facts, UnreadableFacts, keep, read_facts
from companion.core.policy.signals import Signal
from tests.unit.core.policy.kit import ITEMS, KEY, UNHURRIED, item, policy, rule

RULED = policy(rules=[rule("has(request.amount) && request.amount > 100 && model_output.kind == 'x'")])


@pytest.mark.req("R-ROUTE-17", "R-GOV-22")
@given(ITEMS, st.integers(0, 300), st.sampled_from(["x", "y", 3]))
@settings(UNHURRIED)
def test_what_is_kept_is_enough_to_route_it_again(any_item: Any, amount: int, kind: object) -> None:
    """Through a record of plain JSON and without the rest of the payload: the same bytes."""
    given_item = item(request={"amount": amount, "secret": "s"}, model_output={"kind": kind, "text": "t"})
    for one in (given_item, any_item):
        slim, kept = keep(RULED, one)
        facts = Facts("rt_1", slim, (Signal("pii", "detector:pii"),), 1, None, None, kept)
        again = Facts.from_record(json.loads(json.dumps(facts.record())))
        assert again == facts
        assert again.answers(RULED)
        before, after = (
            evaluate(RULED, which, facts.signals, sampling_key=KEY).document() for which in (one, again.item)
        )
        if one.item_id is not None or one.task_id is not None:
            assert canonical_bytes(before) == canonical_bytes(after)
        else:
            assert before["route"] == after["route"]


@pytest.mark.req("R-ROUTE-17")
def test_nothing_else_of_the_payload_is_kept() -> None:
    """Only the paths that rules read; where that is much, nothing, and the facts say that they cannot tell."""
    slim, kept = keep(RULED, item(request={"amount": 5, "secret": "s"}, model_output={"kind": "x", "text": "t"}))
    assert (slim.request, slim.model_output) == ({"amount": 5}, {"kind": "x"})
    assert kept == ("model_output.kind", "request.amount")
    assert keep(policy(), item(request={"a": 1})) == (item().without_payload(), ())
    large, none = keep(RULED, item(request={"amount": "x" * 5_000}))
    assert (large.request, none) == (None, ())
    assert not Facts("1", large, kept=none).answers(RULED)
    assert keep(RULED, item(request={"amount": object()}))[1] == ()


def test_facts_answer_what_they_hold() -> None:
    """A part answers for what lies within it; a policy that reads nothing is always answered."""
    wants = policy(rules=[rule("has(request.a) && has(request.a.b) && request.a.b == 1")])
    assert Facts("1", item(), kept=("request.a",)).answers(wants)
    assert Facts("1", item(), kept=("request.a.b",)).answers(wants)
    assert not Facts("1", item(), kept=("request.a.bc", "request")[:1]).answers(wants)
    assert Facts("1", item(), kept=None).answers(wants)
    assert Facts("1", item(), kept=()).answers(policy())


CSV = """id,item_id,title,at,confidence,risk_score,reversible,flags,request.amount,request.customer.name,outcome
a,1,One,2026-10-01T12:00:00Z,0.9,0.1,true,pii; phi,120.5,"Ada, Countess",approved
b,2,,2026-10-02,,,no,,,,

c,3,"Two
lines",,1,0,,,true,007,rejected
"""


@pytest.mark.req("R-CAN-07")
def test_csv_is_read_as_it_is_meant() -> None:
    """An empty cell was not sent; marks are separated by semicolons; request.NAME goes into the request."""
    first, second, third = read_facts("\ufeff" + CSV, "csv", "tickets")
    assert (first.id, first.item.item_id, first.item.title, first.outcome) == ("a", "1", "One", "approved")
    assert first.at_ms == 1_790_856_000_000
    assert (first.item.confidence, first.item.reversible, first.item.flags) == (0.9, True, ("pii", "phi"))
    assert first.item.request == {"amount": 120.5, "customer": {"name": "Ada, Countess"}}
    assert (second.item.confidence, second.item.reversible, second.item.request) == (None, False, None)
    assert second.at_ms is not None
    assert (third.item.title, third.item.request) == ("Two\nlines", {"amount": True, "customer": {"name": 7}})


@pytest.mark.req("R-CAN-07")
def test_json_lines_are_read_as_an_opening_is() -> None:
    """The fields of an item, its payload, and beside them id, at, outcome and review_url."""
    lines = [
        {"item_id": "1", "confidence": 0.5, "flags": ["pii"], "request": {"a": [1]}, "model_version": "7"},
        {"id": "ho_2", "outcome": "modified", "at": "2026-10-01T00:00:00+02:00", "review_url": "https://x/#/h/ho_2"},
    ]
    one, two = read_facts("\n".join(json.dumps(line) for line in lines) + "\n\n", "jsonl", "tickets")
    assert (one.id, one.item.flags, one.item.request, one.item.model_version) == ("1", ("pii",), {"a": [1]}, "7")
    assert (two.id, two.outcome, two.review_url) == ("ho_2", "modified", "https://x/#/h/ho_2")


@pytest.mark.req("R-CAN-07")
@pytest.mark.parametrize(
    ("form", "text", "line", "field", "words"),
    [
        ("csv", "id,confidense\n1,2", 1, "confidense", "no such column"), ("csv", "", 1, "", "empty"),
        ("csv", "id,id\n1,2", 1, "id", "twice"), ("csv", "id,title\n1", 2, "", "1 cells, the first has 2"),
        ("csv", 'id,title\n1,"x', 2, "", "quotation mark"), ("csv", "id,confidence\n1,high", 2, "confidence", "“high”"),
        ("csv", "id\n" + "x" * 200_000, 2, "", "at most 131072"),
        ("csv", "id,confidence\n1,0.5\n2,1.5", 3, "confidence", "outside"),
        ("csv", "confidence\nnan", 2, "confidence", "no ordinary number"),
        ("csv", "reversible\nperhaps", 2, "reversible", "not of the right kind"),
        ("csv", "prompt_characters\n1.5", 2, "prompt_characters", "not of the right kind"),
        ("csv", "risk_tier\nhuge", 2, "risk_tier", "none of low, medium"), ("csv", "at\nlast week", 2, "at", "no time"),
        ("csv", "workflow_id\nothers", 2, "workflow_id", "belongs to “others”"),
        ("csv", "outcome\nfine", 2, "outcome", "none of approved"), ("jsonl", '{"a": 1}', 1, "a", "no such field"),
        ("jsonl", '{"id": "1"}\n{"id": ', 2, "", ""), ("jsonl", "[1]", 1, "", "in braces"),
        ("jsonl", '{"confidence": "0.9"}', 1, "confidence", "“0.9” is not of the right kind"),
        ("jsonl", '{"at": 5}', 1, "at", "no time"), ("jsonl", '{"id": 1, "id": 2}', 1, "id", ""),
    ],
)  # fmt: skip
def test_a_fault_names_its_line_and_field(form: str, text: str, line: int, field: str, words: str) -> None:
    """Nothing is guessed: the file is refused, with what to mend."""
    with pytest.raises(UnreadableFacts) as refused:
        read_facts(text, form, "tickets")
    first = refused.value.problems[0]
    assert (first.line, first.field) == (line, field)
    assert words in first.sentence
    assert first.sentence.endswith(".")


def test_all_faults_are_told_up_to_fifty() -> None:
    """Whoever mends a file sees more than its first fault, and never a million."""
    with pytest.raises(UnreadableFacts) as refused:
        read_facts("confidence\n" + "2\n" * 200, "csv", "tickets")
    assert len(refused.value.problems) == 50
    assert f"line {2}, confidence" in str(refused.value)


@given(st.text(max_size=60), st.sampled_from(["csv", "jsonl"]))
@settings(UNHURRIED)
def test_any_text_is_read_or_refused(text: str, form: str) -> None:
    """Nothing else comes out of a file."""
    with suppress(UnreadableFacts):
        assert isinstance(read_facts(text, form, "tickets"), list)


@pytest.mark.req("R-ROUTE-02")
@pytest.mark.parametrize("kind", ["probability", "calibrated", "self_reported", "heuristic"])
def test_what_kind_of_confidence_it_was_is_kept(kind: str) -> None:
    """A calibrated probability and a model's own word are not the same number."""
    kept, _ = keep(policy(), item(confidence_kind=kind))
    assert Facts.from_record(Facts("1", kept).record()).item.confidence_kind == kind
