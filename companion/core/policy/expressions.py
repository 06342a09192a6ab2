"""Rules in CEL, the Common Expression Language: compiled once, asked often, and unable to run away.

What could make an answer depend on anything but the item, or cost more than the item is long, is refused when the
policy is saved: `map` and `filter` (their order over an object is chance), a list looked through within another, the
whole payload compared inside a list, heavy patterns, unknown names and functions.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

from companion.core.policy.item import Item

MOST_CHARACTERS: Final = 1_000
MOST_REPEATED: Final = 50
PAYLOAD: Final = ("request", "model_output")

_READ: Final[Mapping[str, Callable[[Item], Any]]] = {
    "workflow_id": lambda item: item.workflow_id,
    "item_id": lambda item: item.item_id or "",
    "task_id": lambda item: item.task_id or "",
    "title": lambda item: item.title or "",
    "confidence": lambda item: item.confidence,
    "confidence_kind": lambda item: item.confidence_kind or "",
    "risk_score": lambda item: item.risk_score,
    "risk_tier": lambda item: item.risk_tier or "",
    "service_tier": lambda item: item.service_tier,
    "priority": lambda item: item.priority or "",
    "domain": lambda item: item.domain or "",
    "category": lambda item: item.category or "",
    "requester": lambda item: item.requester or "",
    "intent": lambda item: item.intent or "",
    "action": lambda item: item.action or "",
    "reversible": lambda item: item.reversible,
    "model_error": lambda item: item.model_error,
    "model": lambda item: {"name": item.model_name or "", "version": item.model_version or ""},
    "prompt_characters": lambda item: item.prompt_characters,
    "amount": lambda item: item.amount,
    "sources": lambda item: list(item.sources),
    "harms": lambda item: list(item.harms),
}
NAMES: Final = frozenset({*_READ, "flags", *PAYLOAD})
"""What a rule may ask about. Texts that were not sent are "", numbers and yes/no that were not sent are null."""

FUNCTIONS: Final = frozenset({"size", "contains", "startsWith", "endsWith", "matches", "int", "double", "string"})

_TEXT: Final = re.compile(r"""[rR]"[^"\n]*"|[rR]'[^'\n]*'|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""")
_MACRO: Final = re.compile(r"\.\s*(all|exists|exists_one)\s*\(\s*([A-Za-z_]\w*)\s*,")
_UNORDERED: Final = re.compile(r"\.\s*(map|filter)\s*\(")
_PATH: Final = re.compile(r"(?<![\w.])(?:request|model_output)(?:\s*\.\s*[A-Za-z_]\w*(?!\w*\s*\())*")
_MATCHES: Final = re.compile(r"\.\s*matches\s*\(")
_PATTERN: Final = re.compile(rf"\.\s*matches\s*\(\s*({_TEXT.pattern})\s*\)")
_REPEATED: Final = re.compile(r"(?<=[{,])\d+(?=[},])")
_HAS: Final = re.compile(r"\bhas\s*\([^()]*\)")
_PAYLOAD_NAME: Final = re.compile(r"(?<![\w.])(?:request|model_output)\b")


class _Program(Protocol):
    def execute(self, context: Any = None) -> Any: ...


class BadExpression(ValueError):
    """An expression that is refused; its text is a sentence for the person who wrote it."""


class Unanswered(Exception):
    """A rule that gave neither yes nor no on an item: it must not count as no."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled rule."""

    source: str
    program: _Program
    names: frozenset[str]
    reads: frozenset[str]
    """Paths of the payload that it looks at, such as `request.amount`."""

    def holds(self, context: Any) -> bool:
        """Whether it is true of an item. Raises Unanswered when it fails or gives something else."""
        answer = self._answer(context)
        if answer is True or answer is False:
            return answer
        raise Unanswered("not a yes or no")

    def number(self, context: Any) -> float:
        """The number that it gives for an item. Raises Unanswered when it fails or gives something else."""
        answer = self._answer(context)
        if isinstance(answer, int | float) and not isinstance(answer, bool):
            return float(answer)
        raise Unanswered("not a number")

    def _answer(self, context: Any) -> Any:
        try:
            return self.program.execute(context)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            # A panic inside the engine is no Exception; let through, it would take the request down.
            raise Unanswered(type(error).__name__) from None


def compile_expression(source: str) -> Expression:
    """Compile a rule. Raises BadExpression."""
    # The package imports a command line of its own; only processes that compile a policy pay for it.
    import cel

    if len(source) > MOST_CHARACTERS:
        raise BadExpression(f"A rule has at most {MOST_CHARACTERS} characters.")
    bare = _TEXT.sub(lambda text: '""' + " " * (len(text[0]) - 2), source)
    _refuse_what_runs_away(bare)
    patterns = [found[1] for found in _PATTERN.finditer(source)]
    if len(patterns) != len(_MATCHES.findall(bare)):
        raise BadExpression(
            "The pattern of “matches” is written in quotes, for it is checked when the policy is saved."
        )
    for pattern in patterns:
        _check_pattern(pattern)
    try:
        program = cel.compile(source)
        functions, names = program.functions(), set(program.variables())
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise BadExpression(f"This rule cannot be read{_where(str(error))}.") from None
    bound = {found[2] for found in _MACRO.finditer(bare)}
    if bound & NAMES:
        raise BadExpression(f"“{sorted(bound & NAMES)[0]}” is already the name of something; use another name for it.")
    if strange := sorted(names - bound - NAMES):
        raise BadExpression(f"A rule knows no “{strange[0]}”. It can ask about {', '.join(sorted(NAMES))}.")
    if strange := sorted(name for name in functions if name[0].isalpha() and name not in FUNCTIONS):
        raise BadExpression(f"A rule knows no function “{strange[0]}”. It can use {', '.join(sorted(FUNCTIONS))}.")
    return Expression(source, program, frozenset(names & NAMES), _reads(bare))


Plan: TypeAlias = dict[str, Any]
"""Which members of an object are kept, and of those which; None keeps a value whole."""


def plan_of(reads: Collection[str]) -> Plan:
    """The plan that keeps the paths of `reads` and nothing else; its members are request and model_output."""
    plan: Plan = {}
    # Long paths first: where a whole part is read too, it must not be thinned by a longer path into it.
    for path in sorted(reads, key=len, reverse=True):
        *outer, last = path.split(".")
        inner: Plan | None = plan
        for name in outer:
            inner = inner.setdefault(name, {}) if inner is not None else None
        if inner is not None:
            inner[last] = None
    return plan


def project(value: Any, plan: Plan | None) -> Any:
    """What `plan` keeps of a value; rules find the same there as in the whole."""
    if plan is None or not isinstance(value, dict):
        return value
    return {name: project(value[name], inner) for name, inner in plan.items() if name in value}


def _check_pattern(quoted: str) -> None:
    """Refuse a regular expression that is none, or that would be slow on a long text. Raises BadExpression."""
    import cel

    if any(int(number) > MOST_REPEATED for number in _REPEATED.findall(quoted)):
        raise BadExpression(f"The pattern {quoted} repeats a part more than {MOST_REPEATED} times.")
    try:
        cel.compile(f'"".matches({quoted})').execute()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise BadExpression(f"The pattern {quoted} is no regular expression.") from error


def context_of(item: Item, codes: Collection[str], names: Collection[str], plan: Plan) -> Any:
    """What rules see of an item: the names that they use, and of the payload the paths that they read.

    Raises Unanswered where the payload holds what no rule could look at.
    """
    import cel

    values: dict[str, Any] = {}
    for name in names:
        if name == "flags":
            values[name] = list(codes)
        elif name in PAYLOAD:
            values[name] = project(getattr(item, name), plan.get(name))
        else:
            values[name] = _READ[name](item)
    try:
        return cel.Context(values)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise Unanswered(type(error).__name__) from None


def _refuse_what_runs_away(bare: str) -> None:
    """Refuse what could take longer than the item is long, or answer by chance. Raises BadExpression."""
    if "//" in bare:
        raise BadExpression("A rule holds no comments; write them into “words”.")
    if '"""' in bare or "'''" in bare:
        raise BadExpression("A rule holds no texts over several lines.")
    if found := _UNORDERED.search(bare):
        raise BadExpression(f"A rule cannot use “{found[1]}”; use exists or all.")
    for found in _MACRO.finditer(bare):
        inside = bare[found.end() : _closing(bare, found.end())]
        if _MACRO.search(inside):
            raise BadExpression("A rule cannot look through a list within a list; make two rules of it.")
        if _PAYLOAD_NAME.search(inside):
            raise BadExpression("Inside exists and all, a rule can ask about the entry only, not about the whole item.")
        if _MATCHES.search(inside):
            # A pattern is made ready anew at each use; over a long list that takes seconds.
            raise BadExpression("Inside exists and all, a rule cannot use “matches”; use contains.")


def _closing(text: str, start: int) -> int:
    """Where the bracket closes that was open before `start`."""
    open_brackets = 1
    for at in range(start, len(text)):
        open_brackets += {"(": 1, ")": -1}.get(text[at], 0)
        if open_brackets == 0:
            return at
    return len(text)


def _reads(bare: str) -> frozenset[str]:
    """The paths that a rule looks at. What it only asks the presence of needs no copy where a part of it is read."""

    def paths(text: str) -> set[str]:
        return {re.sub(r"\s", "", path[0]) for path in _PATH.finditer(text)}

    values = paths(_HAS.sub("", bare))
    present = {path for path in paths(bare) - values if not any(value.startswith(f"{path}.") for value in values)}
    return frozenset(values | present)


def _where(message: str) -> str:
    """The place in the engine's message, in words."""
    place = re.search(r"<input>:(\d+):(\d+)", message)
    return f": it breaks at character {place[2]}" if place else ""
