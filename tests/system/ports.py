"""Ports on loopback."""

import socket


def free_port() -> int:
    """A port that nothing listens on at this moment.

    Between this call and the server's own bind another process may take it; a server that fails to start then says so
    in its log, and that has never been worth a port registry.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
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
