"""What is wrong with a document, in the words of the person who wrote it."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, Final

_BY_KIND: Final[Mapping[str, Callable[[str, Any, Mapping[str, Any]], str]]] = {
    "missing": lambda name, _, __: f"“{name}” is missing.",
    "string_type": lambda name, _, __: f"“{name}” must be text.",
    "float_type": lambda name, _, __: f"“{name}” must be a number, without quotes.",
    "int_type": lambda name, _, __: f"“{name}” must be a whole number, without quotes.",
    "int_from_float": lambda name, _, __: f"“{name}” must be a whole number.",
    "bool_type": lambda name, _, __: f"“{name}” must be true or false, without quotes.",
    "finite_number": lambda name, _, __: f"“{name}” must be an ordinary number.",
    "literal_error": lambda name, value, more: f"“{name}” cannot be “{value}”. Use {more['expected']}.",
    "greater_than_equal": lambda name, value, more: f"“{name}” is {value}; it must be at least {_n(more['ge'])}.",
    "less_than_equal": lambda name, value, more: f"“{name}” is {value}; it must be at most {_n(more['le'])}.",
    "string_too_short": lambda name, _, __: f"“{name}” must not be empty.",
    "string_too_long": lambda name, _, more: f"“{name}” is longer than {more['max_length']} characters.",
    "too_long": lambda name, _, more: f"“{name}” has more than {more['max_length']} entries.",
    "tuple_type": lambda name, _, __: f"“{name}” must be a list.",
    "dict_type": lambda name, _, __: f"“{name}” must be an object with fields.",
    "model_type": lambda name, _, __: f"“{name}” must be an object with fields.",
    "string_pattern_mismatch": lambda name, value, _: (
        f"“{value}” cannot be used as “{name}”: a name has small letters, digits and underscores (an id also dots and "
        "hyphens), and no spaces."
    ),
}


def sentence_of(fault: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    """One fault of Pydantic as a sentence; `known` are the names that a misspelt field may have meant."""
    path = [str(part) for part in fault["loc"]]
    kind, more = fault["type"], fault.get("ctx") or {}
    if kind == "extra_forbidden":
        meant = get_close_matches(path[-1], known, n=1) if len(path) == 1 else []
        return f"There is no field “{path[-1]}”." + (f" Did you mean “{meant[0]}”?" if meant else "")
    word = _BY_KIND.get(kind)
    name = path[-1] if path and not path[-1].isdigit() else f"{path[-2]}, entry {int(path[-1]) + 1}" if path else "it"
    if word is None:
        return f"“{name}” cannot be read: {fault['msg']}."
    return word(name, _short(fault.get("input")), more)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _n(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
