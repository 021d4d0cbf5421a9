"""A program that is run without a shell, away from the terminal, within limits of time and size."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from domain.records import dataclass, field

LARGEST: Final = 64 * 1024
"""Bytes of what it prints; beyond, it is stopped."""

_LAST_WORDS: Final = 4096
"""Bytes of what it complains of that are kept: the last."""

_DRAINING_SECONDS: Final = 0.5
"""For what is in the pipes when it has ended. What it left running may keep them open for ever."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended, and what it printed."""

    code: int = -1
    output: bytes = field(default=b"", repr=False)
    complaint: bytes = field(default=b"", repr=False)
    """The end of what it wrote to the standard error."""
    too_long: bool = False
    """It was stopped because its time was up."""
    too_large: bool = False
    """It was stopped because it printed too much."""


class BoundedRun:
    """One run of a program. `stop` ends it from another thread, with all that it started in its session."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False
        self._lock = threading.Lock()
        self._output, self._complaint = bytearray(), bytearray()

    def __call__(self, words: Sequence[str], *, environment: Mapping[str, str], folder: Path, seconds: float) -> Ended:
        """Run *words* in *folder* for *seconds* at most.

        Raises:
            OSError, ValueError: It cannot be started.
        """
        process = self._start(words, environment, folder)
        if process is None:
            return Ended()
        readers = [
            threading.Thread(target=read, args=(stream,), name="keyswitch-reader", daemon=True)
            for read, stream in ((self._read_output, process.stdout), (self._read_complaint, process.stderr))
        ]
        for reader in readers:
            reader.start()
        too_long = False
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            too_long = True
            self.stop()
            code = process.wait()
        drained = time.monotonic() + _DRAINING_SECONDS
        for reader in readers:
            reader.join(max(drained - time.monotonic(), 0))
        output = bytes(self._output)
        return Ended(code, output[:LARGEST], bytes(self._complaint), too_long, len(output) > LARGEST)

    def stop(self) -> None:
        """End it where it runs, and do not start it where it does not run yet."""
        with self._lock:
            self._stopped = True
            process = self._process
        if process is None or process.poll() is not None:
            return
        with suppress(OSError):
            if sys.platform == "win32":  # what it started there goes on: there are no groups to signal
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)

    def _start(
        self, words: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._stopped:
                return None
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                env=environment,
                cwd=folder,
                start_new_session=True,  # without a terminal that it could draw on or ask at
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
            return self._process

    def _read_output(self, stream: IO[bytes]) -> None:
        with suppress(OSError, ValueError), stream:
            while part := stream.read(LARGEST):
                self._output += part
                if len(self._output) > LARGEST:
                    self.stop()
                    return

    def _read_complaint(self, stream: IO[bytes]) -> None:
        with suppress(OSError, ValueError), stream:
            while part := stream.read(_LAST_WORDS):
                self._complaint += part
                del self._complaint[:-_LAST_WORDS]
