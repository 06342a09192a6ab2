"""The form beside a decision: a small part of JSON Schema, so that a page can draw it and nobody can hide work in it.

An object with up to 40 properties, each text (`enum`, `format: date` or `maxLength`), number, integer or boolean, with
`title`, `description` and `default`; `required` names those that must be answered, and `order` says how they stand on
the page. Everything else is refused: no reference, no pattern, nothing nested, nothing fetched.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from companion.core.canonical import canonical_bytes
from companion.core.decide import Refused

MOST_PROPERTIES: Final = 40
MOST_CHOICES: Final = 100
LONGEST_TEXT: Final = 300
LONGEST_ANSWER: Final = 8_000
MOST_BYTES: Final = 6_000

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_FORM: Final = frozenset({"type", "title", "description", "properties", "required", "order", "additionalProperties"})
_ANY: Final = frozenset({"type", "title", "description", "default"})
_BY_TYPE: Final[Mapping[str, frozenset[str]]] = {
    "string": _ANY | {"enum", "format", "maxLength"},
    "number": _ANY | {"minimum", "maximum"},
    "integer": _ANY | {"minimum", "maximum"},
    "boolean": _ANY,
}


@dataclass(frozen=True, slots=True)
class FormProblem:
    """What is wrong with a form: where in it, and how to mend it."""

    pointer: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Response:
    """A checked answer to a form. `corrections`: field, before and after of each prefilled answer that was changed."""

    value: Mapping[str, Any] | None
    corrections: tuple[Mapping[str, Any], ...] = ()


def check_form(form: Any) -> FormProblem | None:
    """The first thing that is wrong with a form; None for one that can be shown."""
    return next(_problems(form), None)


def check(form: Mapping[str, Any] | None, response: Mapping[str, Any] | None) -> Response | Refused:
    """Whether an answer fits the form. It is taken as it was given: nothing is trimmed, nothing filled in.

    A prefilled field that is left out of an answer was emptied: a correction, to null.
    """
    if form is None:
        if response:
            return Refused("response_invalid", "This case has no form to fill in; leave “response” out.", "/response")
        return Response(None)
    value, properties = dict(response or {}), form["properties"]
    for name, answer in value.items():
        if name not in properties:
            # Not by the name that was sent: its reader's masks would tell which of the guesses in it is right.
            return Refused("response_invalid", f"The form has these fields only: {', '.join(properties)}.", "/response")
        if not _fits(properties[name], answer) and not (answer == "" and name not in form.get("required", ())):
            words = f"“{_title(form, name)}” must be {_wanted(properties[name])}."
            return Refused("response_invalid", words, _at(name))
    for name in form.get("required", ()):
        if value.get(name) in (None, ""):
            return Refused("response_invalid", f"“{_title(form, name)}” must be answered.", _at(name))
    corrections = tuple(
        {"field": name, "before": properties[name]["default"], "after": value.get(name)}
        for name in form.get("order", properties)
        if response is not None
        and "default" in properties[name]
        and not _equal(properties[name]["default"], value.get(name))
    )
    return Response(value, corrections)


def _problems(form: Any) -> Iterator[FormProblem]:
    if not isinstance(form, Mapping) or form.get("type") != "object" or not isinstance(form.get("properties"), Mapping):
        yield FormProblem("", "A form is {“type”: “object”, “properties”: {…}} with a property for each question.")
        return
    for name in form:
        if name not in _FORM:
            yield FormProblem(
                f"/{_escaped(name)}", f"A form cannot have “{name}”; see the part of JSON Schema it may use."
            )
    for name in ("title", "description"):
        yield from _text(form, name, "")
    if form.get("additionalProperties") not in (None, False):
        yield FormProblem("/additionalProperties", "A form has no other answers than its properties.")
    properties = form["properties"]
    if not 1 <= len(properties) <= MOST_PROPERTIES:
        yield FormProblem("/properties", f"A form has 1 to {MOST_PROPERTIES} properties.")
    for name, field in properties.items():
        place = f"/properties/{_escaped(name)}"
        if not _NAME.fullmatch(name):
            yield FormProblem(
                place, "A property's name has letters, digits and underscores, at most 64, a letter first."
            )
        yield from _field_problems(field, place)
    required = form.get("required", [])
    if not isinstance(required, list) or not all(isinstance(name, str) and name in properties for name in required):
        yield FormProblem("/required", "“required” is a list of the form's own properties.")
    order = form.get("order", list(properties))
    if not isinstance(order, list) or sorted(map(str, order)) != sorted(properties):
        yield FormProblem("/order", "“order” names each of the form's properties once.")
    if len(canonical_bytes(form)) > MOST_BYTES:
        yield FormProblem("", f"A form has at most {MOST_BYTES} bytes.")


def _field_problems(field: Any, place: str) -> Iterator[FormProblem]:
    kind = field.get("type") if isinstance(field, Mapping) else None
    if not isinstance(kind, str) or kind not in _BY_TYPE:
        yield FormProblem(f"{place}/type", f"A property's “type” is one of {', '.join(_BY_TYPE)}.")
        return
    for name in field:
        if name not in _BY_TYPE[kind]:
            yield FormProblem(f"{place}/{_escaped(name)}", f"A {kind} in a form cannot have “{name}”.")
    for name in ("title", "description"):
        yield from _text(field, name, place)
    choices = field.get("enum")
    if choices is not None and not (
        isinstance(choices, list)
        and 1 <= len(choices) <= MOST_CHOICES
        and all(isinstance(choice, str) and len(choice) <= LONGEST_TEXT for choice in choices)
        and len(set(choices)) == len(choices)
    ):
        yield FormProblem(f"{place}/enum", f"“enum” is a list of 1 to {MOST_CHOICES} different texts.")
        return
    if field.get("format") not in (None, "date"):
        yield FormProblem(f"{place}/format", "The only “format” is date.")
    longest = field.get("maxLength")
    if longest is not None and not (_whole(longest) and 1 <= longest <= LONGEST_ANSWER):
        yield FormProblem(f"{place}/maxLength", f"“maxLength” is a whole number from 1 to {LONGEST_ANSWER}.")
        return
    for name in ("minimum", "maximum"):
        if name in field and not _number(field[name]):
            yield FormProblem(f"{place}/{name}", f"“{name}” is a number.")
            return
    if "default" in field and not _fits(field, field["default"]):
        yield FormProblem(f"{place}/default", f"What is filled in beforehand must be {_wanted(field)}.")


def _text(part: Mapping[str, Any], name: str, place: str) -> Iterator[FormProblem]:
    text = part.get(name)
    if text is not None and not (isinstance(text, str) and 1 <= len(text) <= LONGEST_TEXT):
        yield FormProblem(f"{place}/{name}", f"“{name}” is a text of at most {LONGEST_TEXT} characters.")


def _fits(field: Mapping[str, Any], answer: Any) -> bool:
    # Loaded with the first form: most workflows have none.
    from jsonschema import Draft202012Validator

    checks = {name: value for name, value in field.items() if name not in ("title", "description", "default")}
    if isinstance(answer, str) and "maxLength" not in checks:
        checks["maxLength"] = LONGEST_ANSWER
    return Draft202012Validator(checks, format_checker=Draft202012Validator.FORMAT_CHECKER).is_valid(answer)


def _wanted(field: Mapping[str, Any]) -> str:
    if "enum" in field:
        return "one of " + ", ".join(f"“{choice}”" for choice in field["enum"][:10])
    kind: str = field["type"]
    if kind == "string":
        longest = field.get("maxLength", LONGEST_ANSWER)
        return "a date such as 2026-10-31" if "format" in field else f"text of at most {longest} characters"
    if kind == "boolean":
        return "yes or no"
    borders = [f"{word} {field[name]:g}" for name, word in _BORDERS if name in field]
    return " ".join(["a whole number" if kind == "integer" else "a number", *borders])


_BORDERS: Final = (("minimum", "from"), ("maximum", "up to"))


def _title(form: Mapping[str, Any], name: str) -> str:
    return str(form["properties"][name].get("title") or name)


def _equal(before: Any, after: Any) -> bool:
    """1 and true are equal to Python, and to nobody else."""
    return isinstance(before, bool) == isinstance(after, bool) and bool(before == after)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _at(name: str) -> str:
    return f"/response/{_escaped(name)}"
