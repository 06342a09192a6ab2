"""One server as a process group with a log, which does not outlive whoever started it."""

import atexit
import os
import signal
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from tests.system import reaper
from tests.system.waiting import wait_until


class ServerFailed(Exception):
    """A server ended, or never became ready. Carries the end of its log."""


class ServerProcess:
    """Starts, watches and ends one process and everything that it starts itself."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        folder: Path,
        log: Path,
        environment: Mapping[str, str],
        output: Path | None = None,
    ) -> None:
        """With `output`, standard output goes there, anew at each start, instead of into the log."""
        self.name = name
        self.log = log
        self._command = list(command)
        self._folder = folder
        self._environment = dict(environment)
        self._output = output
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, is_ready: Callable[[], object], timeout_s: float) -> None:
        """Returns once `is_ready()`; raises ServerFailed with the end of the log when that does not happen."""
        if self.is_running:
            raise ServerFailed(f"{self.name} is running already.")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log, open(self._output or os.devnull, "wb") as output:
            if self._output:
                self._output.chmod(0o600)  # what a server prints may be a secret
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output if self._output else log,
                stderr=log,
                start_new_session=True,  # a group of its own, so that its children can be ended with it
            )
        _Reaper.the_one().tell(f"+{self._process.pid}")
        try:
            wait_until(lambda: not self.is_running or is_ready(), f"{self.name} was ready", timeout_s)
        except AssertionError as error:
            self.kill()
            raise ServerFailed(f"{error}\n{self._end_of_log()}") from error
        except BaseException:  # Ctrl-C while it starts must not leave it behind
            self.kill()
            raise
        if not self.is_running:
            raise ServerFailed(f"{self.name} ended with exit code {self._process.returncode}.\n{self._end_of_log()}")

    @property
    def pid(self) -> int:
        if self._process is None:
            raise ServerFailed(f"{self.name} was never started.")
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self, timeout_s: float = 20.0) -> None:
        """Ask it to end; insist when it does not."""
        if self._process is None:
            return
        if self.is_running:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout_s)
        self.kill()

    def kill(self) -> None:
        """SIGKILL to the whole group: also to children that their parent left behind."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        _Reaper.the_one().tell(f"-{self._process.pid}")

    def _end_of_log(self, lines: int = 30) -> str:
        text = self.log.read_text(errors="replace").splitlines()
        return "\n".join([f"The end of {self.log}:", *text[-lines:]])


class Server(ABC):
    """A context manager around one process; what it needs before and after is its subclass's to do."""

    def __init__(self, process: ServerProcess) -> None:
        self._process = process

    @abstractmethod
    def start(self) -> None:
        """Returns when it can be used."""

    def stop(self) -> None:
        self._process.stop()

    def kill(self) -> None:
        """SIGKILL, to its children too: what a power cut leaves behind."""
        self._process.kill()

    @property
    def process_name(self) -> str:
        return self._process.name

    @property
    def log(self) -> Path:
        return self._process.log

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.is_running

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Reaper:
    """The watching process of reaper.py; one for this Python process, started with its first server."""

    _instance: "_Reaper | None" = None

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", reaper.__file__], stdin=subprocess.PIPE, text=True, start_new_session=True
        )

    @classmethod
    def the_one(cls) -> "_Reaper":
        if cls._instance is None:
            cls._instance = cls()
            atexit.register(cls._instance.close)
        return cls._instance

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def close(self) -> None:
        self._process.communicate()
