"""The key that signs packages is replaced while cases are opened and read: nobody notices but a forger (row J9)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest

from companion.core.keyring import Rejected
from companion.signing import REREAD_MS
from tests.application import World

PROCESSES: Final = 3
THREADS: Final = 4
TOKEN_S: Final = 15 * 60
STEP_S: Final = 5
RETIRED_EVERYWHERE_S: Final = 60


class Fleet:
    """Some processes on one store, whose clocks go alike, and every token that they signed."""

    def __init__(self, url: str) -> None:
        self.worlds = [World(url).emptied(), *(World(url) for _ in range(PROCESSES - 1))]
        self.handoff_id = self.worlds[0].open(self.worlds[0].automation())["id"]
        stored = self.worlds[0].services.store.load(self.handoff_id)
        assert stored is not None
        self._package = stored.package
        self.tokens: list[tuple[int, str]] = []
        self.now_s = 0

    def work(self) -> None:
        """Each process signs, and each verifies what the others signed, all at once; what still holds must verify."""
        with ThreadPoolExecutor(PROCESSES * THREADS) as pool:
            list(pool.map(self._sign, self.worlds * THREADS))
            young = [token for signed_s, token in self.tokens if self.now_s - signed_s < TOKEN_S][-40:]
            young += [token for signed_s, token in self.tokens if self.now_s - signed_s < TOKEN_S][:10]
            refused = [found for found in pool.map(self._refused, self.worlds * THREADS, [young] * 99) if found]
        assert refused == []

    def pass_time(self, seconds: int) -> None:
        """Work, and let time pass, in turns."""
        for _ in range(0, seconds, STEP_S):
            for world in self.worlds:
                world.clock.advance(STEP_S * 1000)
            self.now_s += STEP_S
            if self.now_s % 30 == 0 or seconds <= RETIRED_EVERYWHERE_S:
                self.work()

    def _sign(self, world: World) -> None:
        self.tokens.append((self.now_s, world.services.ring.mint("n8n", self.handoff_id, self._package)[0]))

    def _refused(self, world: World, tokens: list[str]) -> list[str]:
        found = [world.services.ring.verify(token, "n8n") for token in tokens]
        return [each.code for each in found if isinstance(each, Rejected)]


@pytest.mark.req("J9", "R-SEC-03")
def test_publish_sign_retire_under_load(embedded_url: str) -> None:
    """No token that still holds is refused in any process on the way; a retired key's are, within a minute."""
    fleet = Fleet(embedded_url)
    fleet.pass_time(STEP_S)
    (old,) = [key["kid"] for key in fleet.worlds[0].services.ring.list()]
    ring = fleet.worlds[0].services.ring
    new = ring.publish()
    fleet.pass_time(60)
    ring.start_signing(new)
    fleet.pass_time(30)
    last_of_old = [token for _, token in fleet.tokens][: PROCESSES * THREADS]
    fleet.pass_time(TOKEN_S + REREAD_MS // 1000)
    ring.retire(old)
    for world in fleet.worlds:
        world.clock.advance(RETIRED_EVERYWHERE_S * 1000)
    fleet.now_s += RETIRED_EVERYWHERE_S
    for world in fleet.worlds:
        codes = {found.code for found in (world.services.ring.verify(t, "n8n") for t in last_of_old)
                 if isinstance(found, Rejected)}  # fmt: skip
        assert codes <= {"token_key_retired", "token_key_unknown", "token_expired"}
        assert codes, "what the old key signed is refused"
    fleet.work()
