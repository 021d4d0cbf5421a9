"""A process that dies before any of its system calls, while other programs' files lie about, loses nobody's sign-in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from adapters.earlier_programs.take_over import EarlierFiles
from adapters.files.home_files import ACCOUNTS_FILE
from tests.faults.kill_points import stage
from tests.faults.kill_scenarios import Ending
from tests.faults.kill_taking_over import PutBack, TakeOver
from tests.faults.test_kills import SystemProgram, broken, end_as, is_caught, killed

pytestmark = pytest.mark.timeout(900)


def test_a_killed_take_over_leaves_the_old_files_or_everything_taken_over(system_program: SystemProgram) -> None:
    with stage(system_program("strace", "strace")) as found:
        points = killed(TakeOver(found))
    assert broken(points) == []
    assert end_as(points, Ending.BEFORE, Ending.DONE)


def test_a_killed_return_of_the_store_leaves_their_file_or_ours(system_program: SystemProgram) -> None:
    with stage(system_program("strace", "strace")) as found:
        points = killed(PutBack(found))
    assert broken(points) == []
    assert end_as(points, Ending.BEFORE, Ending.DONE)


def test_a_take_over_that_removes_before_it_writes_is_caught(system_program: SystemProgram) -> None:
    with stage(system_program("strace", "strace"), disturb=remove_first) as found:
        told = "auth_accounts.json was changed before it was taken over"
        assert is_caught(TakeOver(found), told, where=lambda call: call.name in {"rename", "unlink", "fsync"})


def remove_first() -> None:
    """Let the originals go before anything of them is kept."""
    original: Callable[..., object] = EarlierFiles._replaced

    def hasty(self: EarlierFiles, *arguments: object, **named: object) -> object:
        (self._home / ACCOUNTS_FILE).unlink(missing_ok=True)
        return original(self, *arguments, **named)

    EarlierFiles._replaced = hasty  # type: ignore[assignment, method-assign]
