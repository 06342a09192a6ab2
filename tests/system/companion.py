"""The companion as users run it: `handoff up` as a process of its own, and the other `handoff` commands beside it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis

from companion.adapters.clock import SystemClock
from companion.embedded import DataFolder
from tests.system.built import PAGE
from tests.system.ports import free_port
from tests.system.processes import Server, ServerProcess

START_TIMEOUT_S = 120.0
COMMAND_TIMEOUT_S = 60.0
HANDOFF = Path(sys.executable).parent / "handoff"

Json = dict[str, Any]


@dataclass(frozen=True)
class Reviewer:
    """A person who may decide; `enrol_url` signs one browser in, once."""

    id: str
    name: str
    enrol_url: str


@dataclass(frozen=True)
class ApiKey:
    """What the n8n credential holds."""

    api_key: str
    signing_secret: str


class Companion(Server):
    """Web service, worker and embedded store on one data folder, which outlives them.

    The store lives on when the rest is killed, and the next start adopts it.
    """

    def __init__(self, folder: Path, *, port: int | None = None, environment: Mapping[str, str] | None = None) -> None:
        self.port = port or free_port()
        self.url = f"http://localhost:{self.port}"
        self.data = folder / "data"
        folder.mkdir(parents=True, exist_ok=True)
        # A developer's own HANDOFF_… variables must not leak into the tests.
        own = {name: value for name, value in os.environ.items() if not name.startswith("HANDOFF_")}
        page = {"HANDOFF_PAGE_DIR": str(PAGE / "dist")} if (PAGE / "dist" / "index.html").exists() else {}
        self._environment = {**own, **page, **(environment or {})}
        self._announcement = folder / "announcement.json"
        command = [str(HANDOFF), "up", "--data", str(self.data), "--port", str(self.port), "--json"]
        super().__init__(
            ServerProcess(
                "the companion",
                command,
                folder=folder,
                log=folder / "companion.log",
                output=self._announcement,
                environment=self._environment,
            )
        )

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._end_store()

    def start(self) -> None:
        """Returns when it said, in its one line of JSON, that it is ready."""
        self._process.start(lambda: self._announcement.read_text().endswith("\n"), START_TIMEOUT_S)

    @property
    def environment(self) -> Mapping[str, str]:
        """What the companion and its commands were given."""
        return self._environment

    @property
    def key(self) -> ApiKey:
        """The key that `handoff up` made for n8n."""
        announced = json.loads(self._announcement.read_text())
        return ApiKey(announced["api_key"], announced["signing_secret"])

    def n8n_credential(self) -> Json:
        """The data of the credential `handoffApi` of the node pack."""
        return {"baseUrl": self.url, "apiKey": self.key.api_key, "signingSecret": self.key.signing_secret}

    def add_reviewer(self, name: str, email: str, *roles: str) -> Reviewer:
        options = [part for role in roles or ("approver",) for part in ("--role", role)]
        answer = self.handoff("reviewer", "add", name, "--email", email, *options)
        return Reviewer(answer["id"], name, answer["enrol_url"])

    def create_token(self, reviewer: Reviewer) -> str:
        """A personal token, with which a script acts as that person."""
        token: str = self.handoff("token", "create", "--reviewer", reviewer.id)["token"]
        return token

    def create_key(self) -> ApiKey:
        answer = self.handoff("key", "create")
        return ApiKey(answer["api_key"], answer["signing_secret"])

    def handoff(self, *arguments: str) -> Any:
        """Run a `handoff` command on this companion's data; returns the JSON that it prints."""
        result = subprocess.run(
            [str(HANDOFF), *arguments, "--data", str(self.data), "--json"],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT_S,
            check=False,
        )
        assert result.returncode == 0, f"handoff {' '.join(arguments)}: {result.stderr}"
        return json.loads(result.stdout)

    def _end_store(self) -> None:
        """The store outlives a killed companion; it must not outlive the test."""
        socket = DataFolder(self.data, SystemClock()).socket
        with suppress(redis.ConnectionError), redis.Redis(unix_socket_path=str(socket)) as store:
            store.shutdown(nosave=True)
