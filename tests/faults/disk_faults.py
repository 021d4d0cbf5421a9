"""Each system call of a command fails once, as a full or broken disk makes it; and what that costs.

By hand, every error at every call of four commands: `python -m tests.faults.disk_faults`.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final

from domain.errors import StoreError
from tests.faults.kill_points import TRIES, calls_of, counted_anew, stage
from tests.faults.kill_scenarios import SCENARIOS, Ending, Lost, Scenario
from tests.support.fault_process import NETWORK, Call, Injection, Run

_FULL: Final = ("ENOSPC", "EDQUOT", "EIO")
_READING: Final = ("EIO", "EMFILE", "EINTR")

ERRORS: Final[dict[str, tuple[str, ...]]] = {
    "openat": (*_FULL, "EINTR"),
    "mkdir": _FULL,
    "write": (*_FULL, "EINTR"),
    "pwrite64": (*_FULL, "EINTR"),
    "fallocate": (*_FULL, "EINTR"),
    "ftruncate": ("EIO", "EINTR"),
    "fsync": (*_FULL, "EINTR"),
    "fdatasync": (*_FULL, "EINTR"),
    "fchmod": ("EIO", "EINTR"),
    "chmod": ("EIO",),
    "rename": _FULL,
    "unlink": ("EIO",),
    "flock": ("ENOLCK", "EINTR"),
    "close": ("EIO", "EINTR"),
}
"""What Linux documents for each call; EINTR only where POSIX lets a signal interrupt it."""

OPERATIONS: Final = ("login", "refresh", "switch", "logout")

SUCCESS, UNWRITABLE = 0, 7


@dataclass(frozen=True)
class DiskFault:
    """One failed call, and what came of it."""

    call: Call
    error: str
    ending: Ending | None
    """None where a promise was broken."""
    code: int = -1
    lost: str = ""


def faults_of(calls: Sequence[Call]) -> list[tuple[Call, int, str]]:
    """Every call that can fail, with how many of its title come before it, and every error."""
    met: Counter[str] = Counter()
    found: list[tuple[Call, int, str]] = []
    for call in calls:
        if call.what != NETWORK and not call.failed:
            found += [(call, met[call.title], error) for error in _errors(call)]
        met[call.title] += 1
    return found


def _errors(call: Call) -> tuple[str, ...]:
    if call.name == "openat" and not call.changes:
        return _READING
    return ERRORS.get(call.name, ())


def failed(scenario: Scenario, call: Call, before: int, error: str) -> DiskFault | None:
    """What *error* at *call*, with *before* of its title before it, leaves; None where no run came to it again."""
    for _ in range(TRIES):
        run = scenario.attempt(Injection(call, f"error={error}"))
        if [one.title for one in run.calls if one.injected] == [call.title]:
            return _disk_fault(scenario, call, error, run)
        call = counted_anew(call, before, scenario)  # it met something else, elsewhere, which is not our promise
    return None


def _disk_fault(scenario: Scenario, call: Call, error: str, run: Run) -> DiskFault:
    try:
        ending = judged(scenario, run, error)
    except (Lost, StoreError) as lost:
        return DiskFault(call, error, None, run.code, f"{lost} (exit {run.code}: {run.err.strip()})")
    return DiskFault(call, error, ending, run.code)


def judged(scenario: Scenario, run: Run, error: str) -> Ending:
    """What *run*, which met *error*, left. Raises `Lost` where a promise was broken."""
    scenario.check(run.code in {SUCCESS, UNWRITABLE}, "another exit code")
    scenario.check("Traceback" not in run.err, "a traceback")
    asked = len(scenario.stage.homes.requests("refresh"))
    ending = scenario.judge()
    if error == "EINTR":
        scenario.check((run.code, ending) == (SUCCESS, Ending.DONE), f"an interrupted call is not invisible: {ending}")
        scenario.check(run.err == "", "an interrupted call is told of")
    if run.code == SUCCESS:
        scenario.check(ending is Ending.DONE, f"success was reported: {ending}")
    elif error in _REASONS:
        scenario.check(_REASONS[error] in run.err, "the reason is not named")
    if scenario.name == "refresh":
        scenario.check(asked == (ending is not Ending.BEFORE), f"{asked} requests: {ending}")
        scenario.check(ending is not Ending.NAMED, "the new tokens were lost")
    return ending


_REASONS: Final = {"ENOSPC": "disk full", "EDQUOT": "disk quota used up"}


def main() -> int:
    """Print a table; 1 where anything was lost."""
    parser = argparse.ArgumentParser(description="Let each system call of keyswitch fail once.")
    parser.add_argument("--operation", choices=["all", *OPERATIONS], default="all")
    parser.add_argument("--error", help="only this one")
    given = parser.parse_args()
    strace = shutil.which("strace")
    if strace is None:
        parser.error("strace is missing: apt-get install strace")
    sys.stdout.write(f"| command | failed calls | {' | '.join(Ending)} | exit 0 | exit 7 | lost | s |\n")
    sys.stdout.write(f"|{' --- |' * (len(Ending) + 6)}\n")
    broken = 0
    for name in OPERATIONS if given.operation == "all" else [given.operation]:
        started, found = monotonic(), []
        for fault in _sweep(name, strace, given.error):
            found.append(fault)
            if fault.lost:
                sys.stderr.write(f"{name}: {fault.error} at {fault.call.title}: {fault.lost}\n")
        endings, codes = Counter(fault.ending for fault in found), Counter(fault.code for fault in found)
        row = [name, len(found), *(endings[ending] for ending in Ending), codes[SUCCESS], codes[UNWRITABLE]]
        row += [endings[None], round(monotonic() - started)]
        sys.stdout.write(f"| {' | '.join(map(str, row))} |\n")
        sys.stdout.flush()
        broken += endings[None]
    return 1 if broken else 0


def _sweep(name: str, strace: str, error: str | None) -> Iterator[DiskFault]:
    with stage(strace) as found:
        scenario = SCENARIOS[name](found)
        for call, before, each in faults_of(calls_of(scenario)):
            fault = failed(scenario, call, before, each) if error in {None, each} else None
            if fault is not None:
                yield fault


if __name__ == "__main__":
    sys.exit(main())
