"""Reading a policy that a person wrote, in YAML or JSON, without room for surprises.

YAML is read as the JSON it could have been: `no` is a word and not false, a date is a text, and tags, anchors and
aliases are refused (nine lines of the latter can ask for a gigabyte).
"""

import re
from collections.abc import Hashable
from typing import Any, Final

import yaml

from companion.core.policy.document import PolicyProblem, UnusablePolicy
from companion.core.strict_json import MalformedJson, parse_strict

MOST_CHARACTERS: Final = 256 * 1024
DEEPEST: Final = 20


class _Loader(yaml.SafeLoader):
    """A safe loader that knows JSON's own values only."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Refused("Anchors and aliases (& and *) are not read; write the part out.", event.start_mark)
        if getattr(event, "tag", None) is not None:
            raise _Refused("Tags (with !) are not read; write the value alone.", event.start_mark)
        self.depth += 1
        if self.depth > DEEPEST:
            # Before the parser's own recursion ends in an error of Python's.
            raise _Refused(f"This is nested more than {DEEPEST} levels deep.", event.start_mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:str":
                raise _Refused("A field's name must be text.", key.start_mark)
            if key.value in seen:
                # The last would win without a word, and the writer may have meant the first.
                raise _Refused(f"“{key.value}” stands here twice.", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


class _Refused(yaml.MarkedYAMLError):
    """Text that is YAML, and yet not taken."""

    def __init__(self, sentence: str, mark: Any) -> None:
        super().__init__(problem=sentence, problem_mark=mark)


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"null|~|$"), ["n", "~", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"true|false$"), ["t", "f"])
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"-?(0|[1-9][0-9]{0,14})$"), list("-0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,17}$"), list("-0123456789")
)


def read_policy(text: str) -> dict[str, Any]:
    """The document in `text`: JSON when it starts with a brace, else YAML. Raises UnusablePolicy."""
    if len(text) > MOST_CHARACTERS:
        raise _unusable(f"A policy has at most {MOST_CHARACTERS // 1024} kB; this has more.")
    document = _json(text) if text.lstrip().startswith("{") else _yaml(text)
    if not isinstance(document, dict):
        raise _unusable("A policy is a list of fields with values, such as “workflow_id: summarize-email”.")
    return document


def _json(text: str) -> Any:
    try:
        return parse_strict(text.encode("utf-8", "surrogatepass"))
    except MalformedJson as error:
        raise UnusablePolicy([PolicyProblem(error.pointer, error.detail)]) from None


def _yaml(text: str) -> Any:
    try:
        loader = _Loader(text)
        return loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise _unusable(f"{_sentence(error)}{where}") from None
    except (yaml.YAMLError, ValueError):
        raise _unusable("This is neither YAML nor JSON: it holds a character that cannot stand there.") from None


def _sentence(error: yaml.MarkedYAMLError) -> str:
    if isinstance(error, _Refused):
        return str(error.problem)
    return f"This is not YAML: {error.problem}"


def _unusable(sentence: str) -> UnusablePolicy:
    return UnusablePolicy([PolicyProblem("", sentence)])
