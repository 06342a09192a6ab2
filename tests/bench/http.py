"""HTTP benchmarks: opening and the whole cycle, against the floors, on Granian as `handoff serve` runs it."""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from companion.adapters.clock import SystemClock
from companion.bootstrap import build
from companion.embedded import DataFolder, EmbeddedStore
from companion.settings import Settings
from tests.bench.item import ITEM
from tests.system.ports import free_port
from tests.system.waiting import wait_until

HERE = Path(__file__).parent
CONNECTIONS = 16
WARM_UP_S = 2


@dataclass(frozen=True)
class System:
    """A running companion with floors beside it."""

    url: str
    environment: dict[str, str]
    folder: Path
    api_key: str
    token: str


@contextmanager
def running(workers: int = 2, threads: int = 8, **more: str) -> Iterator[System]:
    """Store, web and worker as separate processes, as `handoff up` has them. `more` are settings."""
    with tempfile.TemporaryDirectory(prefix="hb") as folder_name:
        folder = Path(folder_name)
        clock = SystemClock()
        data = DataFolder(folder / "data", clock)
        store = EmbeddedStore(data, clock)
        store.start()
        port = free_port()
        environment = {
            **os.environ,
            "HANDOFF_SECRET": "bench " + "x" * 40,
            "HANDOFF_RATE_PER_MINUTE": "0",
            "HANDOFF_REDIS_URL": store.url,
            "HANDOFF_PORT": str(port),
            **more,
        }
        services = build(Settings.from_env(environment), clock)
        _, api_key, _ = services.directory.create_api_key("bench")
        services.directory.add_reviewer("Bench", None)
        _, token = services.directory.create_token("Bench")
        services.signer.rotate()
        server = subprocess.Popen(
            [
                sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--host", "127.0.0.1",
                "--port", str(port), "--workers", str(workers), "--blocking-threads", str(threads),
                "--log-level", "error",
                "tests.bench.floors:create",
            ],
            env=environment,
        )  # fmt: skip
        log = (folder / "worker.log").open("w")
        command = [sys.executable, "-m", "companion", "worker"]
        worker = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            system = System(f"http://127.0.0.1:{port}", environment, folder, api_key, token)
            wait_until(lambda: _answers(system.url), "the companion answers", 20)
            yield system
        finally:
            for process in (server, worker):
                process.terminate()
                process.wait(10)
            log.close()
            store.stop()


def _answers(url: str) -> bool:
    try:
        return urlopen(f"{url}/readyz", timeout=1).status == 200
    except (URLError, OSError):
        return False


def requests_a_second(system: System, path: str, script: str, arguments: list[str], seconds: int) -> float:
    """wrk over 16 connections. Raises when any answer was not a success."""
    command = [
        "wrk",
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{seconds}s",
        "-s",
        str(HERE / script),
        system.url + path,
        "--",
        *arguments,
    ]
    printed = subprocess.run(command, capture_output=True, text=True, check=True)
    if "Non-2xx" in printed.stdout:
        raise RuntimeError(printed.stdout + printed.stderr)
    return float(re.search(r"Requests/sec:\s+([0-9.]+)", printed.stdout)[1])


def opening(system: System, seconds: int, rounds: int = 3) -> dict[str, float]:
    """Medians over rounds that take the routes in turn, so that a slow minute of the machine falls on all of them."""
    body = system.folder / "body.json"
    body.write_text(json.dumps(ITEM))
    routes = {"empty": "/floor/empty", "script": "/floor/script", "open": "/v1/handoffs"}
    measured: dict[str, list[float]] = {name: [] for name in routes}
    for path in routes.values():
        requests_a_second(system, path, "open.lua", [system.api_key, str(body)], WARM_UP_S)
    for _ in range(rounds):
        for name, path in routes.items():
            measured[name].append(requests_a_second(system, path, "open.lua", [system.api_key, str(body)], seconds))
    return {name: statistics.median(values) for name, values in measured.items()}


def cycle(system: System, seconds: int) -> dict[str, float]:
    """Cycles a second by the callbacks that arrived, and the age of the decision when they did."""
    port_file, ages_file = system.folder / "port", system.folder / "ages"
    receiver = subprocess.Popen([sys.executable, "-m", "tests.bench.receiver", str(port_file), str(ages_file)])
    try:
        wait_until(lambda: port_file.exists() and port_file.read_text() != "", "the receiver listens", 10)
        body = system.folder / "cycle.json"
        body.write_text(json.dumps(ITEM | {"callback_url": f"http://127.0.0.1:{port_file.read_text()}/resume"}))
        arguments = [system.api_key, str(body), system.token]
        requests_a_second(system, "/", "cycle.lua", arguments, seconds)
    finally:
        receiver.terminate()
        receiver.wait(10)
    ages_ms = sorted(float(line) for line in ages_file.read_text().split())
    return {
        "cycles": len(ages_ms) / seconds,
        "callback_p50_ms": ages_ms[len(ages_ms) // 2],
        "callback_p99_ms": ages_ms[int(len(ages_ms) * 0.99)],
    }


if __name__ == "__main__":
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with running() as system:
        found = opening(system, seconds)
        print(found, "open/script", found["open"] / found["script"], "open/empty", found["open"] / found["empty"])
        told = cycle(system, seconds)
        print(told, "cycle/script", told["cycles"] / found["script"])
