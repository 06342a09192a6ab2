"""Whatever is killed, nothing that was acknowledged is lost, doubled or contradicted (security rows R1, R5, R7, R8)."""

from pathlib import Path

import pytest

from tests.faults.kill_loop import run


@pytest.mark.req("R1", "R5", "R7", "R8", "R-STORE-09", "R-STORE-10", "R-STORE-15")
@pytest.mark.timeout(1200)
def test_no_kill_loses_doubles_or_contradicts_anything(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """100 kills (or `--kills N`) of web, worker and store under load: the checker finds nothing."""
    assert run(tmp_path, request.config.getoption("--kills")) == []
