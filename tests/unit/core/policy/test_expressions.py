"""Rules in CEL: what they can ask, what they see, and that they cannot run away."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.core.policy.expressions import (
    FUNCTIONS,
    NAMES,
    BadExpression,
    Unanswered,
    compile_expression,
    context_of,
    plan_of,
    project,
)
from tests.unit.core.policy.kit import ITEMS, UNHURRIED, item


def asked(when: str, flags: tuple[str, ...] = (), **fields: Any) -> bool:
    """Whether a condition is true of an item."""
    expression = compile_expression(when)
    context = context_of(item(**fields), flags, expression.names, plan_of(expression.reads))
    return expression.holds(context)


@pytest.mark.parametrize(
    ("when", "fields"),
    [
        ("confidence < 1.0", {}), ("confidence < 1", {}), ("request.amount > 99.5", {"request": {"amount": 100}}),
        ("has(request.a.b) && request.a.b == 'x'", {"request": {"a": {"b": "x"}}}),
        ("!has(request.a)", {"request": {}}), ('category == ""', {}), ('category in ["a", "b"]', {"category": "b"}),
        ("request.lines.exists(l, l.price > 5)", {"request": {"lines": [{"price": 1}, {"price": 9}]}}),
        ("request.lines.all(l, l.price > 0) && size(request.lines) == 2",
         {"request": {"lines": [{"price": 1}, {"price": 9}]}}),
        ('request["odd name"] == 1', {"request": {"odd name": 1}}),
        ('model.version == "7"', {"model": {"version": "7"}}),
        ('model_output.text.contains("ü")', {"model_output": {"text": "für"}}),
        ('intent.matches("(?i)^re.*d$")', {"intent": "Refund"}), ('"crm" in sources', {"sources": [{"name": "crm"}]}),
        ('"other" in harms', {"harms": [{"kind": "other"}]}), ("reversible == true && model_error == 'none'", {}),
        ("prompt_characters == null", {}), ("request.exists(k, k == 'a')", {"request": {"a": 1}}),
        ("int(request.n) == 5 && double(request.n) == 5.0 && string(5) == request.n", {"request": {"n": "5"}}),
    ],
)  # fmt: skip
def test_a_rule_can_ask_about_the_item(when: str, fields: dict[str, Any]) -> None:
    """Numbers compare across kinds, texts that were not sent are empty, lists can be looked through."""
    assert asked(when, **fields) is True


@pytest.mark.req("R-ROUTE-17")
@pytest.mark.parametrize(
    "when",
    [
        "request.amount > 5", "confidence > 'a'", "category", "1", "request", "1 / 0 > 1", "prompt_characters > 5",
        "request.list[0] == 1",
        "9223372036854775807 + 1 > 0",
    ],
)  # fmt: skip
def test_what_gives_neither_yes_nor_no_is_told(when: str) -> None:
    """A missing field, unlike kinds, a number for an answer: never taken for a no."""
    with pytest.raises(Unanswered):
        asked(when, request={"list": []}, title="x")


def test_a_payload_that_no_rule_could_see_is_told() -> None:
    """What is no JSON value makes the rules unanswered, and raises nothing else."""
    with pytest.raises(Unanswered):
        asked("request.a == 1", request={"a": object()})


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_name_can_be_asked_about(name: str) -> None:
    """Also on an item that was sent with nothing."""
    assert asked(f"{name} == {name}") is True


def test_marks_are_the_detectors_too() -> None:
    """`flags` holds every mark, whoever found it."""
    assert asked('"pii" in flags && size(flags) == 2', flags=("pii", "phi")) is True


@pytest.mark.req("R-ROUTE-17")
@pytest.mark.parametrize(
    "source",
    [
        "request.map(x, x)", "request.a.filter(x, true) == []", "request . map (x, x)", "a.b", "now()",
        "type(1) == int", 'title.matches("(")', 'title.matches("(\\\\w{100}){100}")', "title.matches(category)",
        'title.matches("a" + "b")', 'request.exists(k, k.matches("a"))', 'title.matches("a{51}")',
        'title.matches("a{2,51}")',
        'timestamp("2026-01-01T00:00:00Z") > 1', "request.exists(x, x.all(y, true))",
        "request.exists(x, x == model_output)", "request.exists(confidence, true)", "true//", '"""a""" == "a"', "", "(",
        "(" * 400 + "true" + ")" * 400, "!" * 900 + "true)", "x" * 1_001, "\x00", "has(x)",
    ],
)  # fmt: skip
def test_what_depends_on_chance_or_could_run_away_is_refused(source: str) -> None:
    """Order over an object, lists within lists, clocks, unknown names: a sentence for whoever wrote it."""
    with pytest.raises(BadExpression) as refused:
        compile_expression(source)
    assert str(refused.value).endswith(".")
    assert "Error" not in str(refused.value)


def test_text_inside_quotes_is_no_code() -> None:
    """A word that looks like a macro, a comment or a path stands for itself."""
    plain = compile_expression('category == "a.map(b) // request.secret" || category == r"\\request.x"')
    assert (plain.reads, plain.names) == (frozenset(), {"category"})


def test_a_rule_names_what_it_reads_of_the_payload() -> None:
    """Paths as far as they are plain; a part in brackets needs the whole."""
    reads = compile_expression(
        'request.a.b > 1 && has(request.c) && request.t.startsWith("x") && model_output["k"] == 1 && "x" in request.l'
    ).reads
    assert reads == {"request.a.b", "request.c", "request.t", "model_output", "request.l"}
    present = compile_expression("has(request.a) && has(request.a.b) && request.a.b == 1 && has(request.c.d)")
    assert present.reads == {"request.a.b", "request.c.d"}
    assert asked(present.source.removesuffix(" && has(request.c.d)"), request={"a": {"b": 1, "c": 2}}) is True
    assert asked(present.source, request={"a": {"c": 2}}) is False


def test_the_functions_are_those_that_are_promised() -> None:
    """The list in the refusal is what can be used."""
    for name in FUNCTIONS - {"size"}:
        assert name in {"contains", "startsWith", "endsWith", "matches", "int", "double", "string"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)
PATHS = st.lists(st.sampled_from("abc"), min_size=0, max_size=3).map(lambda names: ".".join(["request", *names]))


def at(value: Any, names: list[str]) -> Any:
    """What stands at a path, or a word for nothing."""
    for name in names:
        if not isinstance(value, dict) or name not in value:
            return "nothing there"
        value = value[name]
    return value


@given(JSON, st.frozensets(PATHS, min_size=1, max_size=4))
@pytest.mark.req("R-ROUTE-17")
@settings(UNHURRIED)
def test_a_rule_finds_the_same_in_the_part_that_is_kept(payload: Any, reads: frozenset[str]) -> None:
    """At each path that is read; and of an object, nothing else is kept."""
    kept = project(payload, plan_of(reads)["request"])
    for path in reads:
        names = path.split(".")[1:]
        assert at(kept, names) == at(payload, names)
    if isinstance(payload, dict) and "request" not in reads:
        assert set(kept) <= {path.split(".")[1] for path in reads}


@given(ITEMS)
@settings(UNHURRIED)
def test_any_item_can_be_asked(any_item: Any) -> None:
    """Every name at once, on whatever was sent."""
    expression = compile_expression(" || ".join(f"{name} == 1" for name in sorted(NAMES)))
    context = context_of(any_item, (), NAMES, plan_of({"request", "model_output"}))
    assert expression.holds(context) in (True, False)
