"""A commit being put together: the checks and writes that `commit.lua` runs as one."""

from typing import Self

Value = str | bytes | int | float


class Plan:
    """Checks and writes in order. Each key is named with its type, so that the script can refuse before it writes."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._types: list[str] = []
        self._checks: list[Value] = []
        self._writes: list[Value] = []
        self.length = 0

    def check(self, what: str, key: str, kind: str, value: Value = "") -> Self:
        """Add a check: `absent`, `fresh`, `version` or `same` (see commit.lua)."""
        self._checks += (what, self._number(key, kind), value)
        return self

    def write(self, command: str, key: str, kind: str, *arguments: Value) -> Self:
        """Add a write."""
        self._writes += (command, self._number(key, kind), len(arguments), *arguments)
        self.length += 1
        return self

    def arguments(self) -> tuple[int, list[Value]]:
        """Number of keys, and keys and arguments as EVALSHA takes them."""
        return len(self._numbers), [*self._numbers, *self._types, len(self._checks) // 3, *self._checks, *self._writes]

    def _number(self, key: str, kind: str) -> int:
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._numbers) + 1
            self._types.append(kind)
        return number
