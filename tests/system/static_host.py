"""A plain host of static files on loopback, by the rules of a `_headers` file, as Cloudflare Pages serves a folder."""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from tests.system.ports import free_port

BLOCK = re.compile(r"^(/\S*)\n((?:  .+\n)+)", re.MULTILINE)


def headers_for(rules: str, path: str) -> dict[str, str]:
    """What is sent with a path: of all rules that fit; what two of them say about one name is joined with commas."""
    found: dict[str, str] = {}
    for pattern, lines in BLOCK.findall(rules):
        if not fnmatchcase(path, pattern):
            continue
        for line in lines.splitlines():
            name, _, value = line.strip().partition(": ")
            found[name] = f"{found[name]}, {value}" if name in found else value
    return found


@dataclass
class Asked:
    """A request as the host saw it, which is all that it could log."""

    path: str
    headers: Mapping[str, str] = field(repr=False)


class StaticHost:
    """Serves one folder, by its number: for browsers that is another site than `localhost`, where companions are."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.asked: list[Asked] = []
        self._server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        handler = partial(_Handler, host=self, directory=str(self.folder))
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args: Any, host: StaticHost, **more: Any) -> None:
        self._host = host
        super().__init__(*args, **more)

    def do_GET(self) -> None:
        self._host.asked.append(Asked(self.path, dict(self.headers)))
        super().do_GET()

    def end_headers(self) -> None:
        rules = self._host.folder / "_headers"
        if rules.exists():
            for name, value in headers_for(rules.read_text(), self.path.partition("?")[0]).items():
                self.send_header(name, value)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """What was asked is kept, not printed."""
