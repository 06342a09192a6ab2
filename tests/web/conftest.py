"""Each test has a companion of its own on an empty embedded store."""

import pytest

from tests.application import World
from tests.servers import embedded_url

__all__ = ["embedded_url"]


@pytest.fixture
def world(embedded_url: str) -> World:
    """A companion on an empty store."""
    return World(embedded_url).emptied()
