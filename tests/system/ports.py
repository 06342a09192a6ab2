"""Ports on loopback."""

import random
import socket
from contextlib import suppress
from typing import Final

BELOW_THE_EPHEMERAL: Final = range(10_081, 32_000)
"""From the ports above, systems give one to each connection that goes out: any may be taken before a server has it.
10080 is the last one that browsers refuse to talk to (https://fetch.spec.whatwg.org/#bad-port)."""


def free_port() -> int:
    """A port that nothing listens on at this moment, by lot: two test workers that ask at once get two of them."""
    while True:
        # Not the shared generator: hypothesis seeds that alike in every worker.
        port = random.SystemRandom().choice(BELOW_THE_EPHEMERAL)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def free_ports_in_a_row(count: int) -> int:
    """The first of `count` ports that nothing listens on."""
    while True:
        first = free_port()
        if first + count < 65536 and not any(is_listening(port) for port in range(first + 1, first + count)):
            return first


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0
