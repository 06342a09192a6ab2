"""The key that signs packages is replaced while cases are opened and read: nobody notices but a forger (row J9)."""

import json
from base64 import urlsafe_b64decode
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest

from companion.core.keyring import Rejected
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
        self.retired: set[str] = set()
        self.now_s = 0

    def work(self) -> None:
        """Each process signs, and each verifies what the others signed, all at once; what still holds must verify."""
        with ThreadPoolExecutor(PROCESSES * THREADS) as pool:
            list(pool.map(self._sign, self.worlds * THREADS))
            holding = self.holding()
            some = holding[-40:] + holding[:10]
            refused = [found for found in pool.map(refusals, self.worlds * THREADS, [some] * 99) if found]
        assert refused == []

    def holding(self) -> list[str]:
        """The tokens that have not expired, of keys that are not retired; the oldest first."""
        young = [token for signed_s, token in self.tokens if self.now_s - signed_s < TOKEN_S]
        return [token for token in young if key_of(token) not in self.retired]

    def pass_time(self, seconds: int) -> None:
        """Work, and let time pass, in turns."""
        for _ in range(0, seconds, STEP_S):
            for world in self.worlds:
                world.clock.advance(STEP_S * 1000)
            self.now_s += STEP_S
            if self.now_s % 30 == 0 or seconds <= RETIRED_EVERYWHERE_S:
                self.work()

    def _sign(self, world: World) -> None:
        self.tokens.append((self.now_s, world.services.signer.mint("n8n", self.handoff_id, self._package)[0]))


def refusals(world: World, tokens: list[str]) -> list[str]:
    """Why this process refuses tokens; empty when it accepts all of them."""
    found = [world.services.signer.verify(token, "n8n") for token in tokens]
    return [each.code for each in found if isinstance(each, Rejected)]


def key_of(token: str) -> str:
    """The id of the key that signed a token, as its header says."""
    header = token.split(".", maxsplit=1)[0]
    kid: str = json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]
    return kid


@pytest.mark.req("J9", "R-SEC-03")
def test_publish_sign_retire_under_load(embedded_url: str) -> None:
    """No token that still holds is refused in any process on the way; those of a retired key are, within a minute."""
    fleet = Fleet(embedded_url)
    fleet.pass_time(STEP_S)
    signer = fleet.worlds[0].services.signer
    (old,) = [key["kid"] for key in signer.list()]
    new = signer.publish()
    fleet.pass_time(60)
    signer.start_signing(new)
    fleet.pass_time(30)
    last_of_old = [token for _, token in fleet.tokens if key_of(token) == old][-PROCESSES * THREADS :]
    assert {key_of(token) for _, token in fleet.tokens[-PROCESSES * THREADS :]} == {new}, "all sign with the new key"
    # Retired so early that what it signed last holds for more than the minute: a refusal has no other cause.
    fleet.pass_time(TOKEN_S - 3 * RETIRED_EVERYWHERE_S)
    assert [refusals(world, last_of_old) for world in fleet.worlds] == [[]] * PROCESSES
    signer.retire(old)
    fleet.retired.add(old)
    fleet.pass_time(RETIRED_EVERYWHERE_S)
    for world in fleet.worlds:
        codes = refusals(world, last_of_old)
        assert len(codes) == len(last_of_old) == PROCESSES * THREADS, "each that the old key signed is refused"
        assert set(codes) <= {"token_key_retired", "token_key_unknown"}
