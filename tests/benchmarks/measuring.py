"""Samples, medians, and a line for each."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Final

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Samples:
    """Milliseconds, in the order they were taken."""

    values: tuple[float, ...]

    @property
    def p50(self) -> float:
        return median(self.values)

    @property
    def p99(self) -> float:
        """The 99th percentile; of few samples, nearly the worst."""
        return quantiles(self.values, n=100, method="inclusive")[98]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report."""

    what: str
    measured: str
    floor: str
    bar: str
    met: bool | None
    """None where it cannot be judged: what it is compared with is not installed."""
    ratio: float | None = None
    """What was measured, by its floor."""
    rival: str = ""

    @property
    def mark(self) -> str:
        return "not judged" if self.met is None else "met" if self.met else "**missed**"

    @property
    def cells(self) -> tuple[str, ...]:
        """In the order of `COLUMNS`."""
        ratio = "-" if self.ratio is None else f"{self.ratio:.2f}" if self.ratio < 10 else f"{self.ratio:.0f}"
        return self.what, self.measured, self.floor or "-", ratio, self.rival or "-", self.bar, self.mark

    def __str__(self) -> str:
        """As a line of a Markdown table."""
        return f"| {' | '.join(self.cells)} |"


COLUMNS: Final = ("what", "measured", "floor", "ratio", "rival", "bar", "")
HEADING: Final = f"| {' | '.join(COLUMNS).strip()} |\n|{' --- |' * len(COLUMNS)}"


def timed(work: Callable[[], object], *, times: int, warm_up: int = 3) -> Samples:
    """*work* in this process, *times* after *warm_up* runs that do not count."""
    for _ in range(warm_up):
        work()
    taken = []
    for _ in range(times):
        started = perf_counter()
        work()
        taken.append((perf_counter() - started) * 1e3)
    return Samples(tuple(taken))


def in_turn(
    commands: Sequence[Sequence[str]], *environs: Mapping[str, str], times: int = 15, warm_up: int = 2
) -> list[Samples]:
    """Whole processes, one of each command in turn, so that a drift of the machine's speed meets all alike.

    *environs* are one for all, or one for each.
    """
    each = environs * len(commands) if len(environs) == 1 else environs
    taken: list[list[float]] = [[] for _ in commands]
    for number in range(times + warm_up):
        for samples, command, environ in zip(taken, commands, each, strict=True):
            started = perf_counter()
            subprocess.run(command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False)
            if number >= warm_up:
                samples.append((perf_counter() - started) * 1e3)
    return [Samples(tuple(samples)) for samples in taken]


def cpu_seconds(pid: int) -> float:
    """CPU seconds of the process *pid*, and of those children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii", errors="replace").rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def quiet_environment(home: Path) -> dict[str, str]:
    """The variables of a fresh shell: compiled files are written and used, no key lies about."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME", "TERM") if name in os.environ}
    return {**kept, "CODE_HOME": str(home), "PYTHONPATH": str(ROOT)}


def python(*arguments: str) -> list[str]:
    """A command of this interpreter."""
    return [sys.executable, *arguments]


def keyswitch(*arguments: str) -> list[str]:
    """A keyswitch command, started as the installed script starts it."""
    return python("-c", "import sys; from keyswitch import main; sys.exit(main())", *arguments)
