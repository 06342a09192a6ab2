"""What a process asks of the kernel, in order, as strace sees it: the one witness of what reached the disk when."""

import re
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

WATCHED = "read,recvfrom,write,writev,sendto,sendmsg,pwrite64,fsync,fdatasync"

_CALL = re.compile(r"(?P<pid>\d+) +(?P<name>\w+)\((?P<fd>\d+)<(?P<target>[^>]*)>(?P<rest>.*)$")
_RESUMED = re.compile(r"(?P<pid>\d+) +<\.\.\. (?P<name>\w+) resumed>(?P<rest>.*)$")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')


@dataclass(slots=True)
class Call:
    """One system call. `began` and `ended` order the calls of all threads; a call that never ended has no `ended`."""

    pid: int
    name: str
    fd: int
    target: str
    """The file's path, or socket:[NUMBER]."""
    data: bytes
    began: int
    ended: int | None
    succeeded: bool


class SystemCalls:
    """Traces running processes, all their threads and children, while the block runs. Read `calls` after it."""

    def __init__(self, pids: Sequence[int], folder: Path) -> None:
        self._pids = pids
        self._file = folder / "strace.txt"
        self._strace: subprocess.Popen[str] | None = None
        self.calls: list[Call] = []

    def __enter__(self) -> "SystemCalls":
        attach = [argument for pid in self._pids for argument in ("-p", str(pid))]
        self._strace = subprocess.Popen(
            ["strace", "-f", "-y", "-s", "1000000", "-e", f"trace={WATCHED}", "-o", str(self._file), *attach],
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._strace.stderr is not None
        for pid in self._pids:
            said = self._strace.stderr.readline()
            assert f"{pid} attached" in said, f"strace cannot trace process {pid}: {said}"
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        assert self._strace is not None
        self._strace.send_signal(signal.SIGINT)
        self._strace.communicate()
        if kind is None:
            self.calls = parsed(self._file.read_text())


def parsed(trace: str) -> list[Call]:
    """The calls of a trace in the order in which they began."""
    calls: list[Call] = []
    unfinished: dict[int, Call] = {}
    for number, line in enumerate(trace.splitlines()):
        if found := _CALL.match(line):
            rest = found["rest"]
            call = Call(
                pid=int(found["pid"]),
                name=found["name"],
                fd=int(found["fd"]),
                target=found["target"],
                data=_data(rest),
                began=number,
                ended=None,
                succeeded=False,
            )
            calls.append(call)
            if "<unfinished" in rest:
                unfinished[call.pid] = call
            else:
                call.ended, call.succeeded = number, " = -1 " not in rest
        elif found := _RESUMED.match(line):
            pid = int(found["pid"])
            # A call that began before the trace did is not in it.
            if pid in unfinished:
                call = unfinished.pop(pid)
                call.data += _data(found["rest"])
                call.ended, call.succeeded = number, " = -1 " not in found["rest"]
    return calls


def _data(rest: str) -> bytes:
    return b"".join(text.encode().decode("unicode_escape").encode("latin-1") for text in _TEXT.findall(rest))
