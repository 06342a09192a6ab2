"""Rate limits (R-SEC-08, row A4): attempts to sign in by address, requests by credential, confirm words by case.

Nobody's bucket is another's: a person, a key, or an address that makes no valid request is held up by itself alone.
"""

from math import ceil
from typing import Final

from limits import RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from companion.adapters.clock import Clock

WRONG_WORDS: Final = RateLimitItemPerMinute(10, 10)
"""Of 256 words; whoever has somebody's link must not find the right one by trying (row L2)."""


class RateLimits:
    """Who is held up. Each method gives the seconds to wait, or None. A rate of 0 counts nothing."""

    def __init__(self, clock: Clock, here: Storage, shared: Storage, per_minute: int, sign_ins_per_minute: int) -> None:
        self._clock = clock
        self._here = FixedWindowRateLimiter(here)
        self._shared = FixedWindowRateLimiter(shared)
        self._requests = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._sign_ins = RateLimitItemPerMinute(sign_ins_per_minute) if sign_ins_per_minute else None

    def sign_in(self, address: str) -> int | None:
        """Count an attempt to sign in from an address, in all processes."""
        return self._hit(self._shared, self._sign_ins, "sign-in", address)

    def wrong_credential(self, address: str) -> int | None:
        """Count a credential from an address that was none."""
        return self._hit(self._here, self._sign_ins, "guess", address)

    def request(self, actor_id: str) -> int | None:
        """Count a request of a person or an API key, in this process."""
        return self._hit(self._here, self._requests, "request", actor_id)

    def before_a_word(self, actor_id: str, handoff_id: str) -> int | None:
        """After too many wrong words the right one has to wait too."""
        if self._shared.test(WRONG_WORDS, "word", actor_id, handoff_id):
            return None
        return self._wait_s(self._shared, WRONG_WORDS, "word", actor_id, handoff_id)

    def wrong_word(self, actor_id: str, handoff_id: str) -> None:
        """Count a word that was not the right one, in all processes."""
        self._shared.hit(WRONG_WORDS, "word", actor_id, handoff_id)

    def _hit(self, limiter: FixedWindowRateLimiter, item: RateLimitItemPerMinute | None, *of: str) -> int | None:
        if item is None or limiter.hit(item, *of):
            return None
        return self._wait_s(limiter, item, *of)

    def _wait_s(self, limiter: FixedWindowRateLimiter, item: RateLimitItemPerMinute, *of: str) -> int:
        ends_s = limiter.get_window_stats(item, *of).reset_time
        return max(1, ceil(ends_s - self._clock.monotonic_ms() / 1000))
