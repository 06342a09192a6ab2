"""A process that runs the store of a data folder as `handoff up` does, for tests that kill it.

`python -m tests.processes.holder FOLDER` prints one line of JSON when the store is ready, then waits
for its input to end.
"""

import json
import sys
from pathlib import Path

from companion.adapters import logs
from companion.adapters.clock import SystemClock
from companion.embedded import DataFolder, EmbeddedStore


def main() -> None:
    clock = SystemClock()
    logs.configure(clock=clock, process="holder")
    folder = DataFolder(Path(sys.argv[1]), clock)
    with folder.held("handoff up"):
        store = EmbeddedStore(folder, clock)
        store.start()
        print(json.dumps({"store_pid": store.pid, "adopted": store.adopted}), flush=True)
        sys.stdin.read()
        store.stop()


if __name__ == "__main__":
    main()
