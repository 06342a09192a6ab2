"""Building the parts of a process asks nothing of the store, whatever kind it is."""

import pytest

from companion.adapters.clock import SteppedClock
from companion.bootstrap import build
from companion.settings import Oidc, Settings, SettingsError
from companion.store.protocol import StoreUnavailable
from tests.application import SECRET
from tests.system.ports import free_port

KINDS = ["redis://127.0.0.1:{}/0", "redis+cluster://127.0.0.1:{}", "redis+sentinel://127.0.0.1:{}/mymaster"]


@pytest.mark.req("R-STORE-02", "R7")
@pytest.mark.parametrize("address", KINDS, ids=["standalone", "cluster", "sentinel"])
def test_a_process_starts_before_its_store(address: str) -> None:
    """Nobody answers at the address: the parts are built, and only what needs the store says that it is away."""
    url = address.format(free_port())
    services = build(Settings(secret=SECRET, redis_url=url), SteppedClock())
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            services.store.load("ho_00" + "0" * 26)
        with pytest.raises(StoreUnavailable):
            services.store.prove_writable(0)
        with pytest.raises(StoreUnavailable):
            services.directory.list_reviewers()


@pytest.mark.req("R-INT-14", "R-ROLE-08")
def test_a_group_gives_no_role_that_does_not_exist() -> None:
    """A slip in HANDOFF_OIDC_ROLES stops the start, instead of leaving a team without its rights."""
    oidc = Oidc(issuer="https://id.acme.test", client_id="handoff", roles_claim="groups", roles=(("team", "aprover"),))
    with pytest.raises(SettingsError, match=r"aprover.*is no role"):
        build(Settings(secret=SECRET, redis_url="redis://127.0.0.1:1/0", oidc=oidc), SteppedClock())
