"""Stands in for Slack and Cloudflare: n8n's nodes for them have fixed hosts, and nothing may leave the machine.

n8n (or the companion) gets `Proxy.environment`, so that its HTTPS requests end in a mitmproxy that answers them itself,
records each one, and refuses every host that it has no answer for. What it answers is in `proxy_addon.py`.
"""

import json
import os
import sys
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.system.commands import run_logged
from tests.system.places import CHECKOUT, digest_of, installed_once
from tests.system.ports import free_port, is_listening
from tests.system.processes import Server, ServerProcess

START_TIMEOUT_S = 60.0
SYSTEM = CHECKOUT / "tests" / "system"
LOCK = SYSTEM / "proxy.lock"

Json = dict[str, Any]


class Proxy(Server):
    """One proxy with its own certificate authority, its own answers and its own record."""

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.record = folder / "requests.jsonl"
        self.certificate = folder / "authority" / "mitmproxy-ca-cert.pem"
        self._rules_file = folder / "rules.json"
        self._rules: list[Json] = []
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(
            ServerProcess(
                "the proxy",
                self._command(folder),
                folder=folder,
                log=folder / "proxy.log",
                environment=self._own_environment(folder),
            )
        )

    def start(self) -> None:
        self.forget()
        self._process.start(lambda: is_listening(self.port) and self.certificate.exists(), START_TIMEOUT_S)

    @property
    def environment(self) -> dict[str, str]:
        """For a process whose requests to the outside are to end here. Loopback stays direct."""
        certificate = str(self.certificate)
        direct = "127.0.0.1,localhost,::1"
        return {
            "HTTP_PROXY": self.url,
            "HTTPS_PROXY": self.url,
            "http_proxy": self.url,
            "https_proxy": self.url,
            "NO_PROXY": direct,
            "no_proxy": direct,
            "NODE_EXTRA_CA_CERTS": certificate,
            "REQUESTS_CA_BUNDLE": certificate,
            "SSL_CERT_FILE": certificate,
        }

    def answer(
        self,
        host: str,
        path: str = "*",
        *,
        body: Json | str | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        delay_s: float = 0.0,
        about: str = "",
    ) -> None:
        """From now on answer like this to requests whose body has `about` in it; `path` may hold `*`.

        The rule that was given last is tried first.
        """
        rule = {
            "host": host,
            "path": path,
            "body": body,
            "status": status,
            "headers": dict(headers or {}),
            "delay_s": delay_s,
            "about": about,
        }
        self._write_rules([rule, *self._rules])

    def answer_workers_ai(
        self,
        *,
        summary: str | None = "A short summary.",
        confidence: object = None,
        delay_s: float = 0.0,
        about: str = "",
        **more: Any,
    ) -> None:
        """What the model says. A `confidence` of None leaves it out, as the real summarization model does."""
        result = {"summary": summary, "confidence": confidence, **more}
        said = {name: value for name, value in result.items() if value is not None}
        envelope = {"result": said, "success": True, "errors": [], "messages": []}
        self.answer("api.cloudflare.com", "/client/v4/accounts/*/ai/run/*", body=envelope, delay_s=delay_s, about=about)

    def break_workers_ai(
        self, *, status: int = 500, message: str = "AiError: the model is not available", about: str = ""
    ) -> None:
        """The model fails, in the words that Cloudflare would use."""
        envelope = {"result": None, "success": False, "errors": [{"code": 3040, "message": message}], "messages": []}
        self.answer("api.cloudflare.com", "/client/v4/accounts/*/ai/run/*", body=envelope, status=status, about=about)

    def forget(self) -> None:
        """Back to the answers of `proxy_addon.py`, with an empty record."""
        self._write_rules([])
        self.record.write_text("")

    def requests(self, host: str | None = None, path: str | None = None) -> list[Json]:
        """What was asked so far: `{"host", "method", "path", "headers", "body", "answered"}`, oldest first."""
        recorded = [json.loads(line) for line in self.record.read_text().splitlines()]
        return [
            one for one in recorded if (host is None or one["host"] == host) and (path is None or one["path"] == path)
        ]

    def slack_messages(self) -> list[Json]:
        """The bodies of all messages that were posted to Slack."""
        return [one["body"] for one in self.requests("slack.com", "/api/chat.postMessage")]

    def refused(self) -> list[Json]:
        """Requests to hosts that nobody stands in for."""
        return [one for one in self.requests() if one["answered"] is None]

    def _write_rules(self, rules: list[Json]) -> None:
        self._rules = rules
        unfinished = self._rules_file.with_suffix(".new")
        unfinished.write_text(json.dumps(rules))
        unfinished.rename(self._rules_file)  # the proxy must never read half a file

    def _command(self, folder: Path) -> list[str]:
        options = {
            "confdir": str(folder / "authority"),
            "connection_strategy": "lazy",  # connect to nobody before a request asks for it: so never
            "upstream_cert": "false",
            "listen_host": "127.0.0.1",
            "listen_port": str(self.port),
            "flow_detail": "0",
        }
        python = _installed_python()
        start = "from mitmproxy.tools.main import mitmdump; mitmdump()"
        settings = [part for name, value in options.items() for part in ("--set", f"{name}={value}")]
        return [str(python), "-c", start, "-s", str(SYSTEM / "proxy_addon.py"), *settings]

    def _own_environment(self, folder: Path) -> dict[str, str]:
        return {
            "HOME": str(folder),
            "HANDOFF_PROXY_RECORD": str(self.record),
            "HANDOFF_PROXY_RULES": str(self._rules_file),
        }


def install_proxy() -> None:
    """mitmproxy into the cache folder, in an environment of its own: its pins contradict the companion's."""
    _installed_python()


def _installed_python() -> Path:
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return installed_once(f"proxy-{digest_of([LOCK], python)}", _install) / "bin" / "python"


def _install(folder: Path) -> None:
    venv.create(folder, with_pip=True)
    run_logged(
        "Installing mitmproxy",
        [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--require-hashes", "-r", LOCK],
        folder=folder,
        environment=os.environ,
        timeout_s=600,
        usually="half a minute",
    )
