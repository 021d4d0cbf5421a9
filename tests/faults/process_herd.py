"""Many processes that are started first and let go at one moment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, Self

ROOT: Final = Path(__file__).parents[2]
MEGABYTE: Final = 1e6


class HerdError(Exception):
    """A member ended, or said nothing in time; the text is what it wrote to its standard error."""


@dataclass(frozen=True)
class Memory:
    """What one process takes, in bytes."""

    peak: int
    """The largest resident set so far, pages that it shares with others included."""
    proportional: int
    """Now, with what several processes share divided among them (PSS)."""


@dataclass(frozen=True)
class _Process:
    popen: subprocess.Popen[str]
    complaints: IO[bytes]

    def tell(self, order: Any) -> None:
        assert self.popen.stdin is not None
        self.popen.stdin.write(json.dumps(order) + "\n")
        self.popen.stdin.flush()

    def hear(self) -> Any:
        assert self.popen.stdout is not None
        line = self.popen.stdout.readline()
        if not line:
            self.popen.wait()
            self.complaints.seek(0)
            said = self.complaints.read().decode("utf-8", "replace")
            raise HerdError(f"process {self.popen.pid} ended with {self.popen.returncode}: {said}")
        return json.loads(line)


class Herd:
    """*count* processes that run *module*, whose `Member` gets *task*. Killed after *seconds* whatever they do."""

    def __init__(self, module: str, count: int, task: Mapping[str, Any], *, seconds: float) -> None:
        self.count = count
        self._module = module
        self._task = json.dumps(dict(task))
        self._seconds = seconds
        self._processes: list[_Process] = []
        self._open = ExitStack()
        self._gate = -1

    def __enter__(self) -> Self:
        reading, self._gate = os.pipe()
        with ExitStack() as stack:
            stack.callback(os.close, self._gate)
            stack.callback(self._end)
            try:
                for number in range(self.count):
                    self._processes.append(self._start(number, reading, stack))
            finally:
                os.close(reading)
            stop = threading.Timer(self._seconds, self._kill)
            stop.daemon = True
            stop.start()
            stack.callback(stop.cancel)
            self.hear()
            self._open = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def tell(self, order: Callable[[int], Any]) -> None:
        """Give each member its order, which *order* makes from its number."""
        for number, process in enumerate(self._processes):
            process.tell(order(number))

    def hear(self) -> list[Any]:
        """One answer of each member.

        Raises:
            HerdError: One of them will give none.
        """
        return [process.hear() for process in self._processes]

    def release(self) -> int:
        """Let all members go that wait at the gate; when that was, by CLOCK_MONOTONIC in nanoseconds."""
        released = time.monotonic_ns()
        os.write(self._gate, bytes(self.count))
        return released

    def memory(self) -> list[Memory]:
        """What each member takes."""
        return [memory_of(process.popen.pid) for process in self._processes]

    def _start(self, number: int, gate: int, stack: ExitStack) -> _Process:
        complaints = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
        popen = subprocess.Popen(
            [sys.executable, "-m", self._module, self._task, str(number), str(gate)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            encoding="utf-8",
            pass_fds=(gate,),
            cwd=ROOT,
            env=_environment(),
        )
        return _Process(popen, complaints)

    def _kill(self) -> None:
        for process in self._processes:
            process.popen.kill()

    def _end(self) -> None:
        self._kill()
        for process in self._processes:
            process.popen.communicate()


def memory_of(pid: int) -> Memory:
    """What the process *pid* takes, by Linux's /proc."""
    return Memory(
        peak=_kilobytes(Path(f"/proc/{pid}/status"), "VmHWM") * 1024,
        proportional=_kilobytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss") * 1024,
    )


def _kilobytes(file: Path, name: str) -> int:
    lines = (line.split() for line in file.read_text("ascii").splitlines())
    return next(int(words[1]) for words in lines if words and words[0] == f"{name}:")


def _environment() -> dict[str, str]:
    """This process's, without what would make the members measure their coverage: it doubles what they weigh."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    return {**kept, "PYTHONPATH": str(ROOT)}
