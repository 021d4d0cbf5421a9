"""What the app costs while nobody uses it: wakeups of all its threads, and CPU. Linux only, as it reads `/proc`."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from time import sleep

import pexpect

from tests.benchmarks.commands import MINIMAL_APP
from tests.benchmarks.homes import signed_in_home
from tests.benchmarks.measuring import ROOT, Row, keyswitch, python, quiet_environment

WAKEUPS_BAR = 1.0
CPU_BAR = 0.1
_REST = 30.0
"""Seconds without a key: the app is loaded, has asked for the lists of models, and ten more have passed."""
_LONG = 60.0
"""Seconds that are measured: all that comes once in a while comes once."""


@dataclass(frozen=True, slots=True)
class _Spent:
    """By one process since it began."""

    wakeups: int
    cpu_seconds: float

    @classmethod
    def by(cls, pid: int) -> _Spent:
        wakeups, nanoseconds = 0, 0
        for thread in Path(f"/proc/{pid}/task").iterdir():
            status = (thread / "status").read_text("ascii", errors="replace")
            wakeups += int(re.findall(r"^voluntary_ctxt_switches:\s*(\d+)$", status, re.MULTILINE)[0])
            nanoseconds += int((thread / "schedstat").read_text("ascii").split()[0])
        return cls(wakeups, nanoseconds / 1e9)


def idle(folder: Path) -> Iterator[Row]:
    """The app and a minimal Textual app side by side, from ten idle seconds on."""
    (folder / "idle").mkdir()
    environ = quiet_environment(signed_in_home(folder / "idle")) | {"TERM": "xterm-256color"}
    minimal = folder / "idle" / "minimal.py"
    minimal.write_text(MINIMAL_APP, "utf-8")
    with ExitStack() as running:
        floor, app = (
            running.enter_context(_Running(command, environ)) for command in (python(str(minimal)), keyswitch())
        )
        sleep(_REST)
        begun = [_Spent.by(pid) for pid in (floor.pid, app.pid)]
        sleep(_LONG)
        ended = [_Spent.by(pid) for pid in (floor.pid, app.pid)]
    wakeups = [(after.wakeups - before.wakeups) / _LONG for before, after in zip(begun, ended, strict=True)]
    cpu = [(after.cpu_seconds - before.cpu_seconds) / _LONG * 100 for before, after in zip(begun, ended, strict=True)]
    yield Row(
        "idle app: wakeups in a second",
        f"{wakeups[1]:.2f}",
        f"{wakeups[0]:.1f}, minimal Textual app",
        f"≤ {WAKEUPS_BAR:.0f}",
        wakeups[1] <= WAKEUPS_BAR,
    )
    yield Row(
        "idle app: CPU", f"{cpu[1]:.3f} %", f"{cpu[0]:.2f} %, minimal Textual app", f"≤ {CPU_BAR} %", cpu[1] <= CPU_BAR
    )


class _Running:
    """A program in a terminal of 100 by 30 that somebody reads and nobody types in."""

    def __init__(self, command: list[str], environ: dict[str, str]) -> None:
        program, *arguments = command
        self._child = pexpect.spawn(program, arguments, env=environ, cwd=str(ROOT), dimensions=(30, 100), timeout=20)
        self.pid: int = self._child.pid
        self._over = Event()
        self._reader = Thread(target=self._read, daemon=True)

    def __enter__(self) -> _Running:
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._reader.join()
        self._child.close(force=True)

    def _read(self) -> None:
        while not self._over.is_set():
            try:
                self._child.read_nonblocking(65536, timeout=0.5)
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                return


def main() -> None:
    """Print these rows alone."""
    with tempfile.TemporaryDirectory() as folder:
        for row in idle(Path(folder)):
            print(row, flush=True)  # noqa: T201 - a report


if __name__ == "__main__":
    main()
