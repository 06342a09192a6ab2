"""Time and chance. Nothing else in the project reads a clock or a random source (design section 3)."""

import random
import secrets
import time
import uuid
from hashlib import sha256
from typing import Protocol


class Clock(Protocol):
    """Where times, identifiers and secrets come from."""

    def now_ms(self) -> int:
        """Milliseconds UTC since the epoch. It may jump, when somebody sets the machine's clock."""

    def monotonic_ms(self) -> int:
        """Milliseconds since some fixed moment. It never jumps: measure durations with it, store nothing of it."""

    def random_bytes(self, count: int) -> bytes:
        """`count` bytes that nobody can foresee, fit for keys and tokens."""

    def uuid4(self) -> str:
        """A random UUID (RFC 9562, version 4) in lower case with hyphens."""

    def jitter(self) -> float:
        """A number from 0 up to, not including, 1, that spreads retries. Not fit for secrets."""


class SystemClock:
    """The clock and the randomness of this machine."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000

    def random_bytes(self, count: int) -> bytes:
        return secrets.token_bytes(count)

    def uuid4(self) -> str:
        return str(uuid.uuid4())

    def jitter(self) -> float:
        return random.random()  # noqa: S311 -- it spreads load and guards nothing


class SteppedClock:
    """The twin for tests: time stands until somebody moves it, and chance repeats for the same seed.

    Never build real secrets from it: whoever knows the seed knows all of them.
    """

    def __init__(self, now_ms: int = 1_795_248_000_000, seed: str = "steps") -> None:
        self._now_ms = now_ms
        self._monotonic_ms = 0
        self._seed = seed.encode()
        self._drawn = 0

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic_ms(self) -> int:
        return self._monotonic_ms

    def random_bytes(self, count: int) -> bytes:
        drawn = b""
        while len(drawn) < count:
            self._drawn += 1
            drawn += sha256(self._seed + self._drawn.to_bytes(8, "big")).digest()
        return drawn[:count]

    def uuid4(self) -> str:
        return str(uuid.UUID(bytes=self.random_bytes(16), version=4))

    def jitter(self) -> float:
        return int.from_bytes(self.random_bytes(6), "big") / 2**48

    def advance(self, by_ms: int) -> int:
        """Let time pass on both clocks; returns the new `now_ms`. Raises ValueError for a negative step."""
        if by_ms < 0:
            raise ValueError("time passes forwards only; use set_wall_ms for a clock that was set back")
        self._monotonic_ms += by_ms
        self._now_ms += by_ms
        return self._now_ms

    def set_wall_ms(self, now_ms: int) -> None:
        """Set the wall clock, as an operator or NTP does; the monotonic one does not notice."""
        self._now_ms = now_ms
