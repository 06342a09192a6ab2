"""Building the parts of a process asks nothing of the store, whatever kind it is."""

import pytest

from companion.adapters.clock import SteppedClock
from companion.bootstrap import build
from companion.settings import Settings
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
