"""Forms beside a decision: which are taken, what may be answered, and what counts as a correction."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.core.decide import Refused
from companion.core.response import Response, check, check_form
from tests.unit.core.policy.kit import UNHURRIED

FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "category": {"type": "string", "enum": ["billing", "technical"], "title": "Category", "default": "billing"},
        "summary": {"type": "string", "maxLength": 20, "default": "A refund."},
        "amount": {"type": "number", "minimum": 0, "maximum": 100},
        "pieces": {"type": "integer"},
        "urgent": {"type": "boolean", "default": False},
        "due": {"type": "string", "format": "date"},
    },
    "required": ["category"],
    "order": ["category", "amount", "pieces", "urgent", "summary", "due"],
}


LONG = {"type": "string", "title": "x" * 300}


def form(**field: Any) -> dict[str, Any]:
    """A form of one property."""
    return {"type": "object", "properties": {"a": field}}


def test_the_form_of_the_example_is_taken() -> None:
    """All four types, a choice, a date, limits, defaults, an order."""
    assert check_form(FORM) is None
    assert check_form(FORM | {"title": "What is it?", "additionalProperties": False}) is None


@pytest.mark.req("R-UI-22", "A4", "W6")
@pytest.mark.parametrize(
    ("given_form", "pointer"),
    [
        ({"question_1": "Was it right?"}, ""),
        ([], ""),
        ({"type": "object"}, ""),
        ({"type": "object", "properties": []}, ""),
        ({**FORM, "$ref": "#/$defs/a"}, "/$ref"), ({**FORM, "$schema": "https://example.com/s"}, "/$schema"),
        ({**FORM, "$defs": {}}, "/$defs"), ({**FORM, "allOf": []}, "/allOf"), ({**FORM, "if": {}}, "/if"),
        ({**FORM, "patternProperties": {"(a+)+$": {}}}, "/patternProperties"),
        ({**FORM, "additionalProperties": True}, "/additionalProperties"),
        ({**FORM, "additionalProperties": {"$ref": "http://x"}}, "/additionalProperties"),
        (form(type="string", pattern="(a+)+$"), "/properties/a/pattern"),
        (form(type="string", **{"$ref": "https://example.com/s"}), "/properties/a/$ref"),
        (form(type="string", format="regex"), "/properties/a/format"),
        (form(type="string", format="uri"), "/properties/a/format"),
        (form(type="object", properties={}), "/properties/a/type"), (form(type="array"), "/properties/a/type"),
        (form(type=["string", "null"]), "/properties/a/type"), (form(), "/properties/a/type"),
        (form(type="string", enum=[]), "/properties/a/enum"),
        (form(type="string", enum=["a", "a"]), "/properties/a/enum"),
        (form(type="string", enum=[1]), "/properties/a/enum"), (form(type="number", enum=[1]), "/properties/a/enum"),
        (form(type="string", maxLength=0), "/properties/a/maxLength"),
        (form(type="string", maxLength=True), "/properties/a/maxLength"),
        (form(type="string", maxLength=10**9), "/properties/a/maxLength"),
        (form(type="number", minimum="0"), "/properties/a/minimum"),
        (form(type="integer", default="1"), "/properties/a/default"),
        (form(type="boolean", default=1), "/properties/a/default"),
        (form(type="string", enum=["a"], default="b"), "/properties/a/default"),
        (form(type="string", format="date", default="soon"), "/properties/a/default"),
        (form(type="string", title=""), "/properties/a/title"),
        (form(type="string", description=5), "/properties/a/description"),
        ({"type": "object", "properties": {"a b": {"type": "string"}}}, "/properties/a b"),
        ({"type": "object", "properties": {}}, "/properties"),
        ({"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(41)}}, "/properties"),
        ({**FORM, "required": ["nobody"]}, "/required"), ({**FORM, "required": "category"}, "/required"),
        ({**FORM, "order": ["category"]}, "/order"),
        (form(type="string", description="x" * 301), "/properties/a/description"),
        ({"type": "object", "properties": dict.fromkeys("abcdefghijklmnopqrstuvwxyz", LONG)}, ""),
    ],
)  # fmt: skip
def test_a_form_beyond_the_small_part_of_json_schema_is_refused(given_form: Any, pointer: str) -> None:
    """No reference, nothing fetched, no pattern that could run for ever, nothing nested: the place is named."""
    problem = check_form(given_form)
    assert problem is not None
    assert problem.pointer == pointer
    assert problem.sentence.endswith(".")


@pytest.mark.req("R-UI-22")
def test_an_answer_is_taken_as_given_and_corrections_are_what_was_changed() -> None:
    """Prefilled fields that differ are corrections, in the order of the form, emptied ones too; others are not."""
    answer = {"category": "technical", "summary": "A refund.", "urgent": True, "amount": 1, "due": "2026-10-31"}
    assert check(FORM, answer) == Response(
        answer,
        (
            {"field": "category", "before": "billing", "after": "technical"},
            {"field": "urgent", "before": False, "after": True},
        ),
    )
    emptied = check(FORM, {"category": "billing", "urgent": False})
    assert emptied == Response(
        {"category": "billing", "urgent": False}, ({"field": "summary", "before": "A refund.", "after": None},)
    )
    assert check(form(type="string", default="a"), None) == Response({})
    assert check(form(type="integer", default=1), {"a": 1.5}) == Refused(
        "response_invalid", "“a” must be a whole number.", "/response/a"
    )
    assert check(form(type="string", default="a"), {"a": ""}) == Response(
        {"a": ""}, ({"field": "a", "before": "a", "after": ""},)
    )
    assert check(None, None) == Response(None)


@pytest.mark.req("R-UI-22", "A6")
@pytest.mark.parametrize(
    ("answer", "field", "words"),
    [
        (None, "category", "must be answered"), ({"category": ""}, "category", "one of “billing”, “technical”"),
        ({"category": None}, "category", "one of"), ({"category": "other"}, "category", "one of"),
        ({"category": "billing", "amount": "5"}, "amount", "a number from 0 up to 100"),
        ({"category": "billing", "amount": True}, "amount", "a number"),
        ({"category": "billing", "amount": -1}, "amount", "from 0"),
        ({"category": "billing", "pieces": 1.5}, "pieces", "a whole number"),
        ({"category": "billing", "urgent": "no"}, "urgent", "yes or no"),
        ({"category": "billing", "urgent": 0}, "urgent", "yes"),
        ({"category": "billing", "due": "31.10.2026"}, "due", "a date such as"),
        ({"category": "billing", "due": "2026-02-30"}, "due", "a date such as"),
        ({"category": "billing", "summary": "x" * 21}, "summary", "at most 20 characters"),
    ],
)  # fmt: skip
def test_a_wrong_answer_names_its_field(answer: Any, field: str, words: str) -> None:
    """The page puts the sentence beside the field."""
    came = check(FORM, answer)
    assert isinstance(came, Refused)
    assert (came.code, came.field) == ("response_invalid", f"/response/{field}")
    assert words in came.detail


@pytest.mark.req("R-CTX-18")
def test_an_unknown_field_is_refused_without_its_name() -> None:
    """Its name is in the words of whoever sent it; a mask in it would tell which guess is right."""
    came = check(FORM, {"category": "billing", "4556-7375": 1})
    assert isinstance(came, Refused)
    assert came.field == "/response"
    assert "4556" not in came.detail
    assert "category, summary, amount" in came.detail


def test_an_answer_where_nothing_was_asked_is_refused() -> None:
    """What nobody asked for would reach the workflow unchecked."""
    came = check(None, {"a": 1})
    assert isinstance(came, Refused)
    assert came.field == "/response"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    )
)
@UNHURRIED
def test_no_form_makes_the_check_fail(value: Any) -> None:
    """Whatever is sent as a form is taken or refused; one that is taken can be asked."""
    for candidate in (value, {"type": "object", "properties": value}, {"type": "object", "properties": {"a": value}}):
        if check_form(candidate) is None:
            assert check(candidate, {}) is not None
