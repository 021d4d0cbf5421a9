"""SIGKILL before every system call of a command that touches its home or the network, and what is left each time.

By hand, for the table in docs/reliability.md: `python -m tests.faults.kill_points --scenario all`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from signal import SIGKILL
from time import monotonic
from typing import Final
from unittest.mock import patch

from adapters.master_key import in_passphrase
from adapters.sandbox.server import Sandbox
from adapters.sandbox.settings import SandboxSettings
from domain.errors import StoreError
from tests.faults.kill_moving_key import CHEAP, MOVING, passphrase_at_hand
from tests.faults.kill_scenarios import SCENARIOS, Ending, Lost, Scenario, Stage
from tests.faults.kill_taking_over import TAKING_OVER
from tests.support.fault_home import Homes
from tests.support.fault_process import NETWORK, Call, Injection, Laboratory

ALL: Final = {**SCENARIOS, **TAKING_OVER, **MOVING}

TRIES: Final = 12
"""The order of calls may differ from run to run; so often a kill that landed elsewhere is tried again."""

GRACE: Final = 60.0
"""Seconds in which the lenient provider forgives a second use of a rotated token."""


@dataclass(frozen=True)
class KillPoint:
    """One call that a command did not live to make."""

    call: Call
    ending: Ending | None
    """None where a promise was broken."""
    lost: str = ""


@contextmanager
def stage(strace: str, *, reuse_grace: float = 0.0, disturb: Callable[[], None] | None = None) -> Iterator[Stage]:
    """A sandbox, homes and processes, all gone in the end."""
    with (
        tempfile.TemporaryDirectory(prefix="keyswitch-kills-") as folder,
        Sandbox(settings=SandboxSettings(reuse_grace=reuse_grace)) as sandbox,
    ):
        root = Path(folder).resolve()
        yield Stage(
            homes=Homes(sandbox, root),
            laboratory=Laboratory(strace, root, disturb),
            afterwards=Laboratory(strace, root),
            reuse_grace=reuse_grace > 0,
        )


@contextmanager
def with_passphrase(strace: str, disturb: Callable[[], None] = passphrase_at_hand) -> Iterator[Stage]:
    """A stage whose commands are given ana's passphrase."""
    with (
        patch.object(in_passphrase, "_COST", CHEAP),
        stage(strace, disturb=disturb) as found,
    ):
        yield replace(found, afterwards=replace(found.afterwards, disturb=passphrase_at_hand))


def changing(call: Call) -> bool:
    """Whether a kill at *call* can leave something else than one at the call before."""
    return call.changes


def calls_of(scenario: Scenario) -> tuple[Call, ...]:
    """What the command does undisturbed; the second time, as the first one may compile modules beside it.

    Raises:
        Lost: It does not even keep the promises undisturbed.
    """
    calls: tuple[Call, ...] = ()
    for _ in range(2):
        run = scenario.attempt()
        scenario.check(run.code == 0, f"it fails undisturbed: {run.out} {run.err}")
        scenario.check(scenario.judge() is Ending.DONE, "it does nothing")
        calls = run.calls
    return calls


def kill_everywhere(scenario: Scenario, *, where: Callable[[Call], bool] = changing) -> Iterator[KillPoint]:
    """Each call of an undisturbed run that is as *where* says, killed in a run of its own.

    Raises:
        Lost: Even an undisturbed run does not keep the promises.
    """
    met: Counter[str] = Counter()
    for call in calls_of(scenario):
        if where(call):
            point = _killed_at(call, met[call.title], scenario)
            if point is not None:
                yield point
        met[call.title] += 1


LOG: Final = "events.jsonl"
"""Written as often as there is something to tell, and a busy machine tells more."""


def _killed_at(call: Call, before: int, scenario: Scenario) -> KillPoint | None:
    """What a kill at *call*, with *before* of its title before it, leaves.

    None where no run came to it again: an answer in fewer pieces, a log line less.
    """
    for _ in range(TRIES):
        run = scenario.attempt(Injection(call, "signal=SIGKILL"))
        try:
            ending = scenario.judge()
        except (Lost, StoreError) as lost:
            return KillPoint(call, None, str(lost))
        if run.code == -SIGKILL and run.calls[-1] == call:
            return KillPoint(call, ending)
        call = counted_anew(call, before, scenario)
    if call.what in {NETWORK, LOG}:
        return None
    return KillPoint(call, None, f"it was never killed there in {TRIES} runs")


def counted_anew(call: Call, before: int, scenario: Scenario) -> Call:
    """*call* with the number that it has by now: a module that was compiled once is opened in another way later."""
    run = scenario.attempt()
    scenario.judge()
    same = [one for one in run.calls if one.title == call.title]
    return same[before] if before < len(same) else call


def figures(points: list[KillPoint], seconds: float) -> str:
    """A row of the table."""
    counts = Counter(point.ending for point in points)
    endings = " | ".join(str(counts[ending]) for ending in Ending)
    return f"{len(points)} | {endings} | {counts[None]} | {seconds:.0f}"


def main() -> int:
    """Print the table; 1 where anything was lost."""
    parser = argparse.ArgumentParser(description="Kill keyswitch before each of its system calls.")
    parser.add_argument("--scenario", choices=["all", *ALL], default="all")
    parser.add_argument("--json", action="store_true", help="every kill point as one JSON object a line")
    given = parser.parse_args()
    strace = shutil.which("strace")
    if strace is None:
        parser.error("strace is missing: apt-get install strace")
    wanted = list(ALL) if given.scenario == "all" else [given.scenario]
    if not given.json:
        sys.stdout.write(f"| scenario | provider | killed at | {' | '.join(Ending)} | lost | s |\n")
        sys.stdout.write(f"|{' --- |' * (len(Ending) + 5)}\n")
    broken = 0
    for name in wanted:
        for grace in (0.0, GRACE) if name == "refresh" else (0.0,):
            broken += _tell(name, strace, grace, as_json=given.json)
    return 1 if broken else 0


def _tell(name: str, strace: str, grace: float, *, as_json: bool) -> int:
    started, points = monotonic(), []
    with with_passphrase(strace) if name in MOVING else stage(strace, reuse_grace=grace) as found:
        for point in kill_everywhere(ALL[name](found), where=lambda _: True):
            points.append(point)
            if as_json:
                document = {"scenario": name, "grace": grace, "call": point.call.title, "ending": point.ending}
                sys.stdout.write(f"{json.dumps(document | {'lost': point.lost})}\n")
            elif point.lost:
                sys.stderr.write(f"{name}: killed before {point.call.title}: {point.lost}\n")
    if not as_json:
        provider = f"reuse forgiven for {grace:g} s" if grace else "strict"
        sys.stdout.write(f"| {name} | {provider} | {figures(points, monotonic() - started)} |\n")
    sys.stdout.flush()
    return sum(point.ending is None for point in points)


if __name__ == "__main__":
    sys.exit(main())
