"""The only place in the tests that sleeps."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

POLL_INTERVAL_S = 0.05


def wait_until(predicate: Callable[[], T], description: str, timeout_s: float = 30.0) -> T:
    """Ask again and again until the answer is truthy, and return it; say what was waited for when it never is."""
    deadline_s = time.monotonic() + timeout_s
    while True:
        answer = predicate()
        if answer:
            return answer
        if time.monotonic() > deadline_s:
            raise AssertionError(f"Waited {timeout_s:g} s in vain until {description}. The last answer was {answer!r}.")
        time.sleep(POLL_INTERVAL_S)
