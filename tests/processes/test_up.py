"""`handoff up`: one command runs everything, survives everything, and explains itself in sentences."""

import json
import os
import signal
import socket
import stat
import subprocess
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from companion.embedded import DataFolder
from companion.embedded.processes import why_not_listening
from companion.embedded.server import processes_with_open
from tests.processes.conftest import HANDOFF, RunHandoff, StartUp, Up, clean_environment
from tests.processes.test_supervision import is_alive
from tests.system.ports import free_port
from tests.system.waiting import wait_until

pytestmark = pytest.mark.req("R-STORE-02")


def open_handoff(up: Up, key: str) -> str:
    body = {"workflow_id": "w", "request": {"q": 1}, "model_output": {"a": 2}}
    headers = {
        "Authorization": f"Bearer {up.said['api_key']}",
        "Idempotency-Key": key,
        "Content-Type": "application/json",
    }
    request = Request(f"http://127.0.0.1:{up.port}/v1/handoffs", json.dumps(body).encode(), headers)
    with urlopen(request, timeout=30) as answer:
        return str(json.load(answer)["id"])


def test_up_survives_the_death_of_any_of_its_processes(start_up: StartUp, folder: DataFolder) -> None:
    """Web server, worker and store are killed one after the other; each comes back, and nothing is lost."""
    up = start_up()
    identifier = open_handoff(up, "first")
    (store_pid,) = processes_with_open(folder.store / "lock")
    victims = {
        "web server": up.pid_of("Starting granian"),
        "worker": up.pid_of("worker_started"),
        "store": store_pid,
    }
    for name, pid in victims.items():
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda pid=pid: not is_alive(pid), f"the {name} is gone")  # type: ignore[misc]
        wait_until(lambda: up.get(f"/v1/handoffs/{identifier}")[0] == 200, f"the {name} came back")
    wait_until(lambda: up.pid_of("worker_started") != victims["worker"], "the worker came back")
    assert open_handoff(up, "first") == identifier
    assert up.process.poll() is None


def test_a_killed_up_is_followed_by_the_next_one(start_up: StartUp, folder: DataFolder) -> None:
    """After kill -9 the next `up` on the same port adopts the store, and has the same key and the same handoffs."""
    first = start_up()
    identifier = open_handoff(first, "first")
    web_pid = first.pid_of("Started worker")
    (store_pid,) = processes_with_open(folder.store / "lock")
    first.kill()
    second = start_up(first.port)
    assert not is_alive(web_pid)
    assert processes_with_open(folder.store / "lock") == [store_pid]
    assert {name: second.said[name] for name in ("url", "api_key", "signing_secret", "data")} == {
        name: first.said[name] for name in ("url", "api_key", "signing_secret", "data")
    }
    assert second.get(f"/v1/handoffs/{identifier}")[0] == 200


def test_up_says_one_line_keeps_its_secrets_and_stops_in_order(start_up: StartUp, folder: DataFolder) -> None:
    """stdout holds one line of JSON, the secrets lie in private files and in no log, and SIGTERM ends everything."""
    up = start_up()
    assert set(up.said) == {"url", "api_key", "signing_secret", "pid", "data"}
    assert up.said["pid"] == up.process.pid
    assert up.said["url"] == f"http://localhost:{up.port}"
    assert up.get("/readyz")[1]["store"]["durability"] == "every_write"
    assert up.get("/v1/handoffs")[0] == 200
    open_handoff(up, "first")
    texts = {}
    for name in ("secret", "api_key", "signing_secret"):
        file = folder.path / name
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        texts[name] = file.read_text().strip()
    assert texts["api_key"] == up.said["api_key"]
    assert texts["signing_secret"] == up.said["signing_secret"]
    up.process.send_signal(signal.SIGTERM)
    rest, _ = up.process.communicate(timeout=30)
    assert rest == ""
    assert up.process.returncode == 0
    assert processes_with_open(folder.store / "lock") == []
    assert why_not_listening("127.0.0.1", up.port) is None
    stopped = [line["child"] for line in up.lines() if line["event"] == "stopped"]
    assert stopped == ["worker", "serve", "store"]
    log = json.dumps(up.lines(), ensure_ascii=False)
    assert not [name for name, text in texts.items() if text in log]


def test_commands_work_while_up_runs_and_after(start_up: StartUp, folder: DataFolder, handoff: RunHandoff) -> None:
    """The same data and the same addresses, through the running store or through one started for the moment."""
    up = start_up()
    data = ("--data", str(folder.path))
    added = handoff("reviewer", "add", "Ann", "--email", "ann@acme.test", *data, "--json")
    assert added.json["enrol_url"].startswith(f"{up.said['url']}/#/enrol/he_")
    token = handoff("token", "create", "--reviewer", "ann@acme.test", *data, "--json").json["token"]
    request = Request(f"http://127.0.0.1:{up.port}/v1/handoffs", headers={"Authorization": f"Bearer {token}"})
    with urlopen(request, timeout=30) as answer:
        assert answer.status == 200
    up.process.send_signal(signal.SIGTERM)
    up.process.communicate(timeout=30)

    people: list[dict[str, Any]] = handoff("reviewer", "list", *data, "--json").json
    assert [person["name"] for person in people] == ["Ann"]
    again = handoff("reviewer", "enrol", "Ann", *data, "--json").json
    assert again["enrol_url"].startswith(f"{up.said['url']}/#/enrol/he_")
    made = handoff("key", "create", "--label", "second", *data, "--json").json
    assert made["api_key"].startswith("hk_")
    assert made["signing_secret"].startswith("whsec_")
    assert handoff("key", "revoke", made["id"], *data).code == 0
    keys = {each["label"]: each for each in handoff("key", "list", *data, "--json").json}
    assert keys["second"]["revoked_at"] is not None
    kid = handoff("signing-key", "rotate", *data, "--json").json["kid"]
    assert [key["kid"] for key in handoff("signing-key", "list", *data, "--json").json] == [kid]
    assert processes_with_open(folder.store / "lock") == []
    assert "Ann" in handoff("reviewer", "list", *data).stdout

    for wrong in (
        ("reviewer", "add", "ann", *data),
        ("reviewer", "enrol", "Bob", *data),
        ("key", "revoke", "nope", *data),
        ("token", "revoke", "nope", *data),
        ("signing-key", "retire", "nope", *data),
        ("key", "list", "--data", str(folder.path / "nowhere")),
    ):
        assert handoff(*wrong).is_one_sentence, wrong
    assert handoff("key", "list", *data, HANDOFF_SECRET="another secret of forty characters, or so").is_one_sentence


def test_what_stands_in_the_way_is_named(
    start_up: StartUp, folder: DataFolder, handoff: RunHandoff, tmp_path: Path
) -> None:
    """A taken port, a folder in use, a folder that cannot be made, wrong settings, no store: one sentence each."""
    up = start_up()
    locked = handoff("up", "--data", str(folder.path), "--port", str(free_port()))
    assert locked.is_one_sentence
    assert f"process {up.process.pid}" in locked.stderr
    taken = handoff("up", "--data", str(tmp_path / "other"), "--port", str(up.port))
    assert taken.is_one_sentence
    assert f"Port {up.port} is taken" in taken.stderr
    assert "--port" in taken.stderr
    (tmp_path / "file").touch()
    assert handoff("key", "list", "--data", str(tmp_path / "missing")).is_one_sentence
    assert handoff("up", "--data", str(tmp_path / "file" / "below")).is_one_sentence
    gone = f"redis://127.0.0.1:{free_port()}/0"
    assert handoff("key", "list", HANDOFF_REDIS_URL=gone, HANDOFF_SECRET="s" * 40).is_one_sentence
    wrong = handoff("serve", HANDOFF_MODE="production", HANDOFF_WROKERS="3")
    assert wrong.code != 0
    assert "Traceback" not in wrong.stderr
    for name in ("HANDOFF_SECRET", "HANDOFF_REDIS_URL", "HANDOFF_PUBLIC_URL", "HANDOFF_WROKERS"):
        assert f"  {name}: " in wrong.stderr


def test_up_works_from_anywhere(start_up: StartUp, tmp_path: Path) -> None:
    """A folder with our package's name where `up` is called does not get imported in our place."""
    (tmp_path / "companion").mkdir()
    (tmp_path / "companion" / "__init__.py").write_text("raise SystemExit('the wrong one')")
    up = start_up(cwd=tmp_path)
    assert up.get("/readyz")[0] == 200


def test_serve_and_worker_run_alone_on_a_store_of_others(tmp_path: Path) -> None:
    """Against a Redis 7.0 that keeps nothing they run, and say plainly that nothing is kept."""
    redis_port, port = free_port(), free_port()
    environment = clean_environment(
        {
            "HANDOFF_REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
            "HANDOFF_SECRET": "a secret of forty characters, for a test",
            "HANDOFF_PORT": str(port),
            "HANDOFF_THREADS": "256",
        }
    )
    server = ["redis-server", "--port", str(redis_port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    started: list[subprocess.Popen[bytes]] = []

    def start(command: list[str]) -> subprocess.Popen[bytes]:
        with (tmp_path / "log").open("ab") as log:
            started.append(subprocess.Popen(command, stdout=log, stderr=log, env=environment))
        return started[-1]

    def ready() -> Any:
        try:
            with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                return json.load(answer)
        except OSError:
            return None

    try:
        start(server)
        wait_until(lambda: socket.socket().connect_ex(("127.0.0.1", redis_port)) == 0, "Redis answers")
        serve, worker = start([*HANDOFF, "serve"]), start([*HANDOFF, "worker"])
        assert wait_until(ready, "the service is ready")["store"]["durability"] == "none"
        wait_until(lambda: b"worker_started" in (tmp_path / "log").read_bytes(), "the worker works")
        assert worker.poll() is None
        for process in (worker, serve):
            process.terminate()
            assert process.wait(30) == 0
        logged = (tmp_path / "log").read_bytes()
        assert b'"store_durability","logger":"store","level":"warning"' in logged
        # A warning of the web server's about settings that are ours reads like a fault of the user's.
        assert b"Configuration allows" not in logged
    finally:
        for process in started:
            process.kill()
            process.wait()


@pytest.mark.parametrize(
    "command",
    [
        "",
        "up",
        "serve",
        "worker",
        "key create",
        "signing-key start",
        "reviewer add",
        "token create",
        "version",
        "backup",
        "restore",
    ],
)
def test_every_command_explains_itself(command: str, handoff: RunHandoff) -> None:
    """`--help` answers for every command, without a store."""
    ended = handoff(*command.split(), "--help")
    assert ended.code == 0
    assert ended.stdout.startswith(f"Usage: handoff {command}".strip())
