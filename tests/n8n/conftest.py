"""One whole system for all tests that run in one process; what a test leaves behind is cleared before the next."""

from collections.abc import Iterator

import pytest

from tests.n8n.stage import Stage


@pytest.fixture(scope="session")
def _stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("stage")) as stage:
        yield stage


@pytest.fixture
def stage(_stage: Stage) -> Stage:
    """n8n, the companion and the stand-ins; the model gives its usual answer, and nothing is in Slack yet."""
    _stage.proxy.forget()
    return _stage
