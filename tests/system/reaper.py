"""Kills what its parent started, when the parent is gone.

A test run that is killed cannot clean up after itself: n8n would keep its port and 800 MB. So each run has one reaper.
It reads process group ids from its standard input (`+123` started, `-123` ended); the end of the input means that the
parent died, however it died.
"""

import os
import signal
import sys


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle; dying of it would orphan the rest
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line.startswith("+"):
            groups.add(group)
        else:
            groups.discard(group)
    for group in groups:
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    main()
