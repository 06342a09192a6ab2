"""Time and chance come from one place, and tests can hold both still."""

import re

import pytest

from companion.adapters.clock import Clock, SteppedClock, SystemClock

UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.mark.parametrize("clock", [SystemClock(), SteppedClock()])
def test_both_clocks_give_the_same_kinds_of_values(clock: Clock) -> None:
    """Whatever runs on the real clock runs on its twin: integer milliseconds, bytes, UUIDs, shares below one."""
    assert isinstance(clock.now_ms(), int)
    assert clock.now_ms() > 1_700_000_000_000
    assert isinstance(clock.monotonic_ms(), int)
    drawn = [clock.random_bytes(count) for count in (0, 1, 16, 33, 100)]
    assert [len(bytes_) for bytes_ in drawn] == [0, 1, 16, 33, 100]
    assert clock.random_bytes(16) != clock.random_bytes(16)
    uuids = {clock.uuid4() for _ in range(50)}
    assert len(uuids) == 50
    assert all(UUID4.fullmatch(uuid) for uuid in uuids)
    assert all(0 <= clock.jitter() < 1 for _ in range(50))
    assert len({clock.jitter() for _ in range(50)}) > 40


def test_stepped_time_stands_until_it_is_moved() -> None:
    """A test decides when time passes; a clock that was set back moves the wall time only (R6)."""
    clock = SteppedClock(now_ms=1_000)
    assert (clock.now_ms(), clock.monotonic_ms()) == (1_000, 0)
    assert clock.advance(250) == 1_250
    clock.set_wall_ms(500)
    assert (clock.now_ms(), clock.monotonic_ms()) == (500, 250)
    with pytest.raises(ValueError, match="forwards"):
        clock.advance(-1)


def test_stepped_chance_repeats() -> None:
    """The same seed gives the same values in the same order, so that a failure can be run again."""
    first, again, other = SteppedClock(seed="a"), SteppedClock(seed="a"), SteppedClock(seed="b")
    values = [first.random_bytes(40), first.uuid4(), first.jitter()]
    assert values == [again.random_bytes(40), again.uuid4(), again.jitter()]
    assert other.random_bytes(40) != values[0]
