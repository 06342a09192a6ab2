"""The kill loop and its checker are worth something: each fault that is planted shows itself."""

from pathlib import Path

import pytest

from tests.faults.kill_loop import SEED, run
from tests.faults.planted import FAULTS

KILLS = 6
RUNS = 4
"""On a machine that is busy with other things few requests fall between two kills; then another run is needed."""


@pytest.mark.req("R8")
@pytest.mark.timeout(400)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_caught(fault: str, tmp_path: Path) -> None:
    """With one careless line in the product, the checker of the kill loop finds a broken promise."""
    folders = [tmp_path / str(number) for number in range(RUNS)]
    for folder in folders:
        folder.mkdir()
    assert any(run(folder, KILLS, fault, SEED + number) for number, folder in enumerate(folders))
