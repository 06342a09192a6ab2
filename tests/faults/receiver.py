"""A receiver of callbacks that writes down each one, and now and then drops the line before it answers."""

import json
import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class Receiver:
    """Listens on loopback; `path` gets one line for each callback that arrived."""

    def __init__(self, path: Path, seed: int, drop_share: float = 0.1) -> None:
        file, lock, chance = path.open("a"), threading.Lock(), random.Random(seed)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with lock:
                    file.write(json.dumps({"webhook_id": self.headers["webhook-id"], "data": body["data"]}) + "\n")
                    file.flush()
                    drop = chance.random() < drop_share
                if drop:
                    self.close_connection = True
                    return
                self.send_response(204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/resume"

    def stop(self) -> None:
        """Close it."""
        self._server.shutdown()
        self._server.server_close()
