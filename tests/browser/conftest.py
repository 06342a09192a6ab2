"""One companion and one Chromium a file; people and cases are each test's own."""

from collections.abc import Iterator

import pytest

from tests.browser.desk import Desk
from tests.system.browser import Browser


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Desk]:
    """A companion with its page; a policy that a test saves stands for the rest of the file."""
    with Desk(tmp_path_factory.mktemp("desk"), browser) as desk:
        yield desk
