"""Print the report: each row with its floor, its ratio or time, and the first bar."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.commands import commands, first_frame, size_and_memory, use
from tests.benchmarks.idle import idle
from tests.benchmarks.measuring import Row
from tests.benchmarks.opening import opening
from tests.benchmarks.switching import many_accounts, switch
from tests.benchmarks.transcript import transcript_rows
from tests.benchmarks.trips import trips


def rows(folder: Path) -> Iterator[Row]:
    """Every row, measured as it is asked for."""
    yield switch(folder)
    yield many_accounts(folder)
    yield from trips(folder)
    yield from commands(folder)
    yield use(folder)
    yield first_frame(folder)
    yield from size_and_memory(folder)
    yield from idle(folder)
    yield from transcript_rows(folder)
    yield from opening(folder)


def main() -> int:
    """Measure and print; a bar that is missed is no failure of the run, but it is said."""
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        for row in rows(Path(folder)):
            print(row, flush=True)  # noqa: T201 - a report
            missed += not row.met
    print(f"{missed} of the bars above missed" if missed else "all bars above met")  # noqa: T201 - a report
    return 0


if __name__ == "__main__":
    sys.exit(main())
