"""A fast local receiver of callbacks, in a process of its own: it answers 200 and notes how old each decision was.

`python -m tests.bench.receiver PORT_FILE AGES_FILE` — writes its port, then one age in milliseconds a line at the end.
"""

import asyncio
import re
import signal
import sys
import time
from datetime import datetime
from pathlib import Path

DECIDED_AT = re.compile(rb'"decided_at":"([^"]+)"')
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

ages_ms: list[float] = []


class Receiver(asyncio.Protocol):
    """Reads requests with a Content-Length, one after the other on a kept connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            length = int(re.search(rb"(?i)content-length: *(\d+)", self.buffer[:end])[1])
            if len(self.buffer) < end + 4 + length:
                return
            body, self.buffer = self.buffer[end + 4 : end + 4 + length], self.buffer[end + 4 + length :]
            decided = datetime.fromisoformat(DECIDED_AT.search(body)[1].decode())
            ages_ms.append((time.time() - decided.timestamp()) * 1000)
            self.transport.write(ANSWER)


async def main(port_file: str, ages_file: str) -> None:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    server = await loop.create_server(Receiver, "127.0.0.1", 0)
    Path(port_file).write_text(str(server.sockets[0].getsockname()[1]))
    await stopped.wait()
    Path(ages_file).write_text("\n".join(f"{age:.2f}" for age in ages_ms))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
