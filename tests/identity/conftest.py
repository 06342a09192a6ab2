"""A real identity provider, and companions that know it."""

from collections.abc import Iterator

import pytest

from companion.adapters.clock import SteppedClock, SystemClock
from companion.settings import Oidc
from tests.application import ORIGIN, World
from tests.servers import embedded_url
from tests.system.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider

__all__ = ["embedded_url"]


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    """Where people of these tests sign in."""
    folder = tmp_path_factory.mktemp("provider")
    running = IdentityProvider(folder, f"{ORIGIN}/v1/sign-ins/oidc/callback")
    running.start()
    yield running
    running.stop()


def companion_of(url: str, issuer: str, **oidc: object) -> World:
    """A companion whose people sign in at `issuer`; its clock stands where the provider's is."""
    clock = SteppedClock(SystemClock().now_ms())
    given = {"issuer": issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET} | oidc
    return World(url, clock, oidc=Oidc(**given)).emptied()  # type: ignore[arg-type]


@pytest.fixture
def world(embedded_url: str, provider: IdentityProvider) -> World:
    """A companion that keeps people and roles itself."""
    return companion_of(embedded_url, provider.issuer)
