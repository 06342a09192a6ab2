"""The kill loop and its checker are worth something: each fault that is planted shows itself."""

from pathlib import Path

import pytest

from tests.faults.kill_loop import run
from tests.faults.planted import FAULTS

KILLS = 6


@pytest.mark.req("R8")
@pytest.mark.timeout(180)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_caught(fault: str, tmp_path: Path) -> None:
    """With one careless line in the product, the checker of the kill loop finds a broken promise."""
    assert run(tmp_path, KILLS, fault) != []
