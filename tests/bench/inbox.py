"""The inbox with many pending handoffs, and the memory that each takes in the store."""

import statistics
import time

import requests

from companion.bootstrap import Services, build
from companion.service.openings import Answer, Asking
from companion.settings import Settings
from tests.bench.http import System
from tests.bench.item import ITEM

FEW, MANY, GROUP = 1_000, 200_000, 500
READINGS = 60


def inbox(system: System, many: int = MANY) -> dict[str, float]:
    """Median milliseconds of the first page with few and with many pending, and bytes in the store per handoff."""
    services = build(Settings.from_env(system.environment))
    services.store.client.flushdb()
    _, api_key, _ = services.directory.create_api_key("bench")
    services.signer.rotate()
    _open(services, 0, FEW)
    few_ms = _first_page_ms(system, api_key)
    before = services.store.client.info("memory")["used_memory"]
    package_bytes = _open(services, FEW, many)
    grown = services.store.client.info("memory")["used_memory"] - before
    many_ms = _first_page_ms(system, api_key)
    return {
        "few_ms": few_ms,
        "many_ms": many_ms,
        "memory_bytes": grown / (many - FEW),
        "package_bytes": package_bytes,
        "many": many,
    }


def _open(services: Services, start: int, end: int) -> int:
    """Open handoffs in groups; returns the size of one package in bytes."""
    opened: list[dict[str, str]] = []
    for first in range(start, end, GROUP):
        asking = Asking("bench", "bench", f"group-{first}", f"{first}", None, "2xx", None)
        answer = services.service.open_group([ITEM] * min(GROUP, end - first), asking)
        if not isinstance(answer, Answer):
            raise TypeError(answer)
        opened = answer.handoffs
    stored = services.store.load(opened[0]["id"])
    return len(stored.package) if stored else 0


def _first_page_ms(system: System, api_key: str) -> float:
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {api_key}"
    taken = []
    for _ in range(READINGS):
        began_s = time.perf_counter()
        session.get(f"{system.url}/v1/handoffs?limit=50", timeout=10).raise_for_status()
        taken.append((time.perf_counter() - began_s) * 1000)
    return statistics.median(taken)
