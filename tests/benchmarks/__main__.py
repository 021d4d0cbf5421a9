"""Print the table of docs/speed.md: each figure beside its floor, a rival where one is installed, and its bar."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.commands import commands, growth, size_and_memory
from tests.benchmarks.forwarding import relayed_answer
from tests.benchmarks.idle import idle
from tests.benchmarks.measuring import HEADING, Row
from tests.benchmarks.opening import opening
from tests.benchmarks.picker import picker
from tests.benchmarks.rivals import rivals as long_answer
from tests.benchmarks.rivals_installed import Rivals, installed
from tests.benchmarks.starting import keys_kept, starting
from tests.benchmarks.switching import many_accounts, switch
from tests.benchmarks.transcript import transcript_rows
from tests.benchmarks.trips import trips
from tests.faults.storm import Plan, run_storm


def rows(folder: Path, rivals: Rivals | None) -> Iterator[Row]:
    """Every row, measured as it is asked for."""
    yield switch(folder)
    yield from commands(folder, rivals)
    yield from starting(folder, rivals)
    yield keys_kept(folder)
    yield from picker(folder)
    yield from opening(folder)
    yield from idle(folder)
    yield from size_and_memory(folder)
    yield one_expiry(processes=8)
    yield many_accounts(folder)
    yield from growth(folder)
    yield from transcript_rows(folder)
    if rivals:
        yield long_answer(rivals.folder)
    yield relayed_answer()
    yield from trips(folder)


def short_rows(folder: Path) -> Iterator[Row]:
    """Those that take seconds, by fewer samples."""
    yield switch(folder)
    yield from commands(folder, None, times=5)
    yield from starting(folder, None, times=3)
    yield keys_kept(folder, starts=3)
    yield from size_and_memory(folder)
    yield one_expiry(processes=4)
    yield many_accounts(folder)
    yield from growth(folder, times=3)
    yield relayed_answer()
    yield from trips(folder)


def one_expiry(processes: int) -> Row:
    """How often each provider is asked when many processes need what has just expired."""
    report = run_storm(Plan(processes=processes, rounds=1))
    asked = "one token request" if report.once else "more than one token request"
    return Row(f"{processes} processes, one expiry", asked, "", "1", report.once)


def main() -> int:
    """Measure and print; a bar that is missed is no failure of the run, but it is said."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--with-rivals", action="store_true", help="install codex and pi by npm, and measure them too")
    parser.add_argument("--short", action="store_true", help="what takes a minute in all, by fewer samples")
    options = parser.parse_args()
    found = installed() if options.with_rivals else None
    print(HEADING, flush=True)  # noqa: T201 - a report
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for row in short_rows(place) if options.short else rows(place, found):
            print(row, flush=True)  # noqa: T201 - a report
            missed += row.met is False
    print(f"\n{missed} bars missed." if missed else "\nNo bar missed.")  # noqa: T201 - a report
    return 0


if __name__ == "__main__":
    sys.exit(main())
