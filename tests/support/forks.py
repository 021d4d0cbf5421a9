"""Commands in processes of their own, without the half second that a new interpreter takes to load its modules."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO, Final, Protocol

ROOT: Final = Path(__file__).parents[2]

OWN_INTERPRETER: Final = ("PYTHONIOENCODING", "PYTHONUTF8", "PYTHONWARNINGS", "PYTHONSAFEPATH", "LANG", "LC_ALL")
"""Variables that mean something at the start of an interpreter alone."""


class Process(Protocol):
    """As much of `subprocess.Popen` as tests need."""

    @property
    def pid(self) -> int: ...

    @property
    def stdin(self) -> IO[str] | None: ...

    @property
    def stdout(self) -> IO[str] | None: ...

    @property
    def stderr(self) -> IO[str] | None: ...

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, or minus the signal that ended it."""
        ...

    def kill(self) -> None:
        """End it by force; nothing where it has ended."""
        ...


class Forked:
    """A forked command, and this end of its pipes."""

    def __init__(self, channel: socket.socket, streams: Sequence[IO[str]]) -> None:
        self._channel = channel
        self._told = channel.makefile()
        self._code: int | None = None
        self.stdin, self.stdout, self.stderr = streams
        self.pid = int(self._told.readline())

    def wait(self, timeout: float | None = None) -> int:
        if self._code is None:
            self._channel.settimeout(timeout)
            self._code = int(self._told.readline())
        return self._code

    def kill(self) -> None:
        if self._code is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """Let the streams go, and wait for its end."""
        for stream in (self.stdin, self.stdout, self.stderr):
            with suppress(BrokenPipeError):
                stream.close()
        self.wait()
        self._told.close()
        self._channel.close()


class ForkServer:
    """One process that forks the others. It ends with this one."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        self._requests = ours
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.fork_server", str(theirs.fileno())],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )

    @contextmanager
    def started(self, arguments: Sequence[str], *, environment: Mapping[str, str], folder: Path) -> Iterator[Forked]:
        """The command with *arguments* while it runs, with pipes at its streams; it is killed at the end."""
        (stdin, its_stdin), (its_stdout, stdout), (its_stderr, stderr) = (os.pipe() for _ in range(3))
        request = {"arguments": list(arguments), "environment": dict(environment), "folder": str(folder)}
        channel, its_channel = socket.socketpair()
        with its_channel:
            theirs = [stdin, stdout, stderr]
            socket.send_fds(self._requests, [f"{json.dumps(request)}\n".encode()], [*theirs, its_channel.fileno()])
            for file in theirs:
                os.close(file)
        ours = ((its_stdin, "w"), (its_stdout, "r"), (its_stderr, "r"))
        process = Forked(channel, [open(file, mode, encoding="utf-8") for file, mode in ours])  # noqa: PTH123, SIM115 - pipes
        try:
            yield process
        finally:
            process.kill()
            process.close()


@cache
def fork_server() -> ForkServer:
    """The one of this process."""
    return ForkServer()
