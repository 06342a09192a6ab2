"""Reading variables one after the other, and telling everything that is wrong with them at once."""

import difflib
import re
from collections.abc import Callable, Collection, Mapping
from typing import Final, NamedTuple, TypeVar

from companion.settings.values import address

Parsed = TypeVar("Parsed")

# Kubernetes sets these in every pod beside a Service named "handoff"; they are nobody's mistake.
KUBERNETES_NAMES: Final = re.compile(r"HANDOFF_(SERVICE_(HOST|PORT(_\w+)?)|PORT_\d+_(TCP|UDP)(_\w+)?)")


class Problem(NamedTuple):
    """One variable that cannot be used, and how to mend it."""

    variable: str
    remedy: str


class SettingsError(ValueError):
    """All that is wrong with the environment. Its text lists each variable with the remedy."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        head = "1 setting needs attention" if len(problems) == 1 else f"{len(problems)} settings need attention"
        super().__init__("\n".join([f"{head}:", *(f"  {name}: {remedy}" for name, remedy in problems)]))


class Reader:
    """Reads one variable after the other and collects what is wrong. An empty value counts as left out."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._values = {name: value.strip() for name, value in environment.items() if name.startswith("HANDOFF_")}
        self._problems: list[Problem] = []

    def has(self, name: str) -> bool:
        return bool(self._values.get(name))

    def problem(self, name: str, remedy: str) -> None:
        self._problems.append(Problem(name, remedy))

    def parsed(
        self, name: str, parse: Callable[[str], Parsed], default: Parsed, *, confidential: bool = False
    ) -> Parsed:
        """The value as `parse` reads it; the ValueError that it raises is the remedy.

        A confidential one is required, and is not quoted in the remedy.
        """
        text = self._values.get(name, "")
        if not text and not confidential:
            return default
        try:
            return parse(text)
        except ValueError as error:
            self.problem(name, str(error) if confidential else f"{_shown(text)} {error}")
            return default

    def each(self, name: str, parse: Callable[[str], Parsed]) -> tuple[Parsed, ...]:
        """A list, separated by commas or blanks, without repetitions."""
        found: dict[Parsed, None] = {}
        for text in re.split(r"[\s,]+", self._values.get(name, "")):
            if text:
                try:
                    found[parse(text)] = None
                except ValueError as error:
                    self.problem(name, f"{_shown(text)} {error}")
        return tuple(found)

    def address(self, name: str, default: str | None, *, https: bool) -> str:
        if default is None and not self.has(name):
            self.problem(name, "is missing. Set the https:// address under which browsers and n8n reach this service.")
        return self.parsed(name, lambda text: address(text, https=https), default or "")

    def finish(self, known: Collection[str]) -> None:
        """Raise SettingsError if anything was wrong, names that are not `known` among it."""
        for name in self._values:
            if name not in known and not KUBERNETES_NAMES.fullmatch(name):
                # Without the common beginning, which would make every name resemble every other.
                endings = [each.removeprefix("HANDOFF_") for each in known]
                near = difflib.get_close_matches(name.removeprefix("HANDOFF_").upper(), endings, n=1)
                meant = f"did you mean HANDOFF_{near[0]}?" if near else f"the known ones are {', '.join(known)}."
                self.problem(name, f"is not a setting; {meant}")
        if self._problems:
            raise SettingsError(tuple(self._problems))


def _shown(text: str) -> str:
    """A value as a message may quote it: short, on one line, and never with a password inside."""
    return "(value not shown)" if "@" in text else repr(text if len(text) <= 60 else text[:57] + "...")
