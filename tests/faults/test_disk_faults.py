"""A disk that fails at any call costs no session and no neighbour; an interrupted call is not even noticed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.disk_faults import SUCCESS, UNWRITABLE, DiskFault, failed, faults_of
from tests.faults.kill_points import calls_of, stage
from tests.faults.kill_scenarios import SCENARIOS, Ending
from tests.support.fault_scale import SCALE, chances, headline, scaled

pytestmark = pytest.mark.timeout(600)

SystemProgram = Callable[[str, str], str]


def swept(operation: str, strace: str, count: int) -> list[DiskFault]:
    """*count* faults, spread over all calls of *operation* and all errors that each can meet."""
    with stage(strace) as found:
        scenario = SCENARIOS[operation](found)
        every = faults_of(calls_of(scenario))
        chosen = chances(operation).sample(every, min(count, len(every)))
        attempts = [failed(scenario, *fault) for fault in chosen]
    faults = [fault for fault in attempts if fault is not None]
    assert len(faults) > len(chosen) / 2
    return faults


def broken(faults: list[DiskFault]) -> list[str]:
    return [f"{fault.error} at {fault.call.title}: {fault.lost}" for fault in faults if fault.ending is None]


def test_a_renewal_whose_disk_fails_spends_no_token_or_keeps_the_new_one(system_program: SystemProgram) -> None:
    faults = swept("refresh", system_program("strace", "strace"), scaled(40))
    assert broken(faults) == [], headline()
    assert {fault.code for fault in faults} <= {SUCCESS, UNWRITABLE}
    if SCALE >= 1:  # a small sample may miss one
        assert {Ending.BEFORE, Ending.DONE} <= {fault.ending for fault in faults}
        assert {SUCCESS, UNWRITABLE} == {fault.code for fault in faults}


@pytest.mark.parametrize(("operation", "count"), [("login", 15), ("switch", 15), ("logout", 15)])
def test_a_command_whose_disk_fails_changes_all_or_nothing(
    system_program: SystemProgram, operation: str, count: int
) -> None:
    faults = swept(operation, system_program("strace", "strace"), scaled(count))
    assert broken(faults) == [], headline()
    assert {fault.ending for fault in faults} <= {Ending.BEFORE, Ending.DONE}
