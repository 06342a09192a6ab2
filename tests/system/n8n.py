"""A real n8n on loopback, in a folder of its own.

Import and publish first, then start: n8n reads what is published only when it starts.
"""

import json
import os
import signal
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.system.commands import run_logged
from tests.system.n8n_clients import N8nApi, N8nEditor, Owner
from tests.system.n8n_install import n8n_command
from tests.system.node import node_environment, npm
from tests.system.ports import free_port
from tests.system.processes import Server, ServerProcess

START_TIMEOUT_S = 180.0
COMMAND_TIMEOUT_S = 180.0

Json = dict[str, Any]

# Without these n8n looks for updates, templates, packages and telemetry outside, and takes longer to start.
QUIET = {
    "N8N_DIAGNOSTICS_ENABLED": "false",
    "N8N_DISABLED_MODULES": "mcp-registry,instance-ai,chat-hub,agents,insights,quick-connect",
    "N8N_HIRING_BANNER_ENABLED": "false",
    "N8N_PERSONALIZATION_ENABLED": "false",
    "N8N_TEMPLATES_ENABLED": "false",
    "N8N_VERIFIED_PACKAGES_ENABLED": "false",
    "N8N_VERSION_NOTIFICATIONS_ENABLED": "false",
}


class N8n(Server):
    """One n8n. `environment` is for what a test needs besides, such as `Proxy.environment`."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        environment: Mapping[str, str] | None = None,
        owner: Owner | None = None,
    ) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.url = f"http://localhost:{self.port}"
        self.owner = owner or Owner()
        self.files = (
            folder / ".n8n-files"
        )  # the only place where workflows may read and write files; n8n's own name for it
        self.files.mkdir(parents=True, exist_ok=True)
        self._environment = self._whole_environment(environment or {})
        super().__init__(
            ServerProcess(
                "n8n",
                [str(n8n_command()), "start"],
                folder=folder,
                log=folder / "n8n.log",
                environment=self._environment,
            )
        )
        self._editor: N8nEditor | None = None
        self._api: N8nApi | None = None

    def install_pack(self, tarball: Path) -> None:
        """As a community package, so that its nodes are called `n8n-nodes-handoff.…`, as templates name them."""
        nodes = self.folder / ".n8n" / "nodes"
        nodes.mkdir(parents=True, exist_ok=True)
        command: list[str | Path] = [
            npm(),
            "install",
            "--legacy-peer-deps",
            "--no-audit",
            "--no-fund",
            "--no-save",
            tarball.resolve(),
        ]
        self._run("install the node pack", command, folder=nodes)

    def import_credentials(self, credentials: Sequence[Json]) -> None:
        """Each `{"id", "name", "type", "data"}`, with `data` in the clear; n8n encrypts it."""
        self._import("credentials", list(credentials))

    def import_workflows(self, workflows: Sequence[Json], *, publish: bool = True) -> list[str]:
        """Import by n8n's own command line, before the start; returns the ids, in order."""
        named = [
            {"active": False, **workflow, "id": workflow.get("id") or uuid.uuid4().hex[:16]} for workflow in workflows
        ]
        self._import("workflow", named)
        if publish:
            for workflow in named:
                command: list[str | Path] = [n8n_command(), "publish:workflow", f"--id={workflow['id']}"]
                self._run(f"publish workflow {workflow['id']}", command)
        return [workflow["id"] for workflow in named]

    def start(self) -> None:
        """Returns when it answers and its owner is set up."""
        self._process.start(self._is_ready, START_TIMEOUT_S)
        self._editor = self._api = None

    @contextmanager
    def held_still(self) -> Iterator[None]:
        """It does nothing inside of the block: what happens there, it finds all at once afterwards."""
        os.killpg(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self.pid, signal.SIGCONT)

    def restart(self) -> None:
        self.stop()
        self.start()

    @property
    def editor(self) -> N8nEditor:
        """What a person does in the browser: signed in as the owner, who is made on first use."""
        if self._editor is None:
            self._editor = N8nEditor(self.url, self.owner)
        return self._editor

    @property
    def api(self) -> N8nApi:
        """n8n's public API, with a key of the owner."""
        if self._api is None:
            self._api = N8nApi(self.url, self.editor.create_api_key())
        return self._api

    def _is_ready(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz/readiness", timeout=5).ok
        except requests.RequestException:  # a timeout too: it answers slowly while it loads
            return False

    def _import(self, kind: str, entries: list[Json]) -> None:
        file = self.folder / f"import-{kind}.json"
        file.write_text(json.dumps(entries))
        file.chmod(0o600)
        try:
            self._run(f"import {kind}", [n8n_command(), f"import:{kind}", f"--input={file}"])
        finally:
            file.unlink()  # it holds secrets in the clear

    def _run(self, what: str, command: Sequence[str | Path], folder: Path | None = None) -> None:
        run_logged(
            f"n8n: {what}",
            command,
            folder=folder or self.folder,
            environment=self._environment,
            timeout_s=COMMAND_TIMEOUT_S,
            log=self.folder / "logs" / f"{what.replace(' ', '-')}.log",
        )

    def _whole_environment(self, extra: Mapping[str, str]) -> dict[str, str]:
        # A developer's own N8N_… or proxy variables must not leak into the tests.
        base = {name: value for name, value in node_environment().items() if not name.startswith(("N8N_", "DB_"))}
        return {
            **base,
            **QUIET,
            "N8N_USER_FOLDER": str(self.folder),
            "N8N_PORT": str(self.port),
            "N8N_LISTEN_ADDRESS": "127.0.0.1",
            "N8N_RUNNERS_BROKER_PORT": str(free_port()),  # a second n8n on this machine needs its own
            "N8N_WEBHOOK_URL": f"{self.url}/",
            "N8N_EDITOR_BASE_URL": self.url,
            "N8N_SECURE_COOKIE": "false",  # plain HTTP on loopback
            "N8N_UNVERIFIED_PACKAGES_ENABLED": "true",  # the node pack comes from this checkout
            "N8N_RESTRICT_FILE_ACCESS_TO": str(self.files),
            **extra,
        }
