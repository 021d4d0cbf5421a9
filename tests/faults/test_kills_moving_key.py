"""A process that dies while it moves the master key leaves one that opens the store, and a single copy in the end."""

from __future__ import annotations

import pytest

from tests.faults.kill_moving_key import IntoFile, UnderPassphrase, removing_first
from tests.faults.kill_points import with_passphrase
from tests.faults.kill_scenarios import Ending
from tests.faults.test_kills import SystemProgram, broken, end_as, is_caught, killed
from tests.support.fault_process import Call

pytestmark = pytest.mark.timeout(600)


def about_the_key(call: Call) -> bool:
    """Whether a kill at *call* can leave anything new of it: not at the event log, say."""
    return call.changes and any(name in call.what for name in ("master", "folder", "config"))


@pytest.mark.parametrize("scenario", [UnderPassphrase, IntoFile])
def test_a_killed_move_leaves_the_key_where_it_was_or_where_it_went(
    scenario: type[UnderPassphrase | IntoFile], system_program: SystemProgram
) -> None:
    with with_passphrase(system_program("strace", "strace")) as found:
        points = killed(scenario(found), where=about_the_key)
    assert broken(points) == []
    assert end_as(points, Ending.BEFORE, Ending.DONE)


def test_a_mover_that_removes_first_is_caught(system_program: SystemProgram) -> None:
    with with_passphrase(system_program("strace", "strace"), removing_first) as found:
        assert is_caught(UnderPassphrase(found), where=about_the_key)
