"""A disk without room, without inodes or without the right to write costs no session, and no token is spent in vain."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.faults.disk_faults import OPERATIONS, SUCCESS, UNWRITABLE, judged
from tests.faults.kill_points import stage
from tests.faults.kill_scenarios import SCENARIOS, Ending, Scenario, Stage
from tests.faults.small_disk import SmallDisk, small_disk
from tests.support.fault_process import Injection, Run

pytestmark = pytest.mark.timeout(600)

FREE_PAGES = (0, 1, 2, 4, 8, 16, 24, 32, 64)
"""From nothing to enough for every one of the commands."""

Trouble = Callable[[SmallDisk], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def on_disk(
    system_program: Callable[[str, str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Stage, SmallDisk]]:
    with (
        stage(system_program("strace", "strace")) as found,
        small_disk(tmp_path_factory.mktemp("disks") / "small") as disk,
    ):
        yield found, disk


def troubled(operation: str, found: Stage, disk: SmallDisk, trouble: Trouble) -> tuple[Run, Ending]:
    """What *operation* over a home on *disk* ends in while the disk is in *trouble*."""
    scenario = SCENARIOS[operation](found)
    prepare, act = scenario.prepare, scenario.act

    def on_the_disk() -> Path:
        return disk.take(prepare())

    def in_trouble(injection: Injection | None) -> Run:
        with trouble(disk):
            return act(injection)

    scenario.prepare, scenario.act = on_the_disk, in_trouble  # type: ignore[method-assign]
    run = scenario.attempt()
    return run, judged(scenario, run, "ENOSPC")


@pytest.mark.parametrize("free", FREE_PAGES)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_with_so_many_pages_left_a_command_does_all_or_nothing(
    operation: str, free: int, on_disk: tuple[Stage, SmallDisk]
) -> None:
    run, ending = troubled(operation, *on_disk, lambda disk: disk.filled(free))
    assert (run.code, ending) in {(SUCCESS, Ending.DONE), (UNWRITABLE, Ending.BEFORE)}
    if free == 0 and operation != "logout":  # which takes the copy away first, and so makes room
        assert run.code == UNWRITABLE
        assert "disk full" in run.err
    if free == max(FREE_PAGES):
        assert run.code == SUCCESS, run.err


@pytest.mark.parametrize("operation", OPERATIONS)
def test_without_inodes_a_command_changes_nothing_and_says_why(
    operation: str, on_disk: tuple[Stage, SmallDisk]
) -> None:
    run, ending = troubled(operation, *on_disk, SmallDisk.without_inodes)
    assert (run.code, ending) == (UNWRITABLE, Ending.BEFORE)
    assert "disk full" in run.err


@pytest.mark.parametrize("operation", OPERATIONS)
def test_on_a_read_only_disk_a_command_changes_nothing_and_says_why(
    operation: str, on_disk: tuple[Stage, SmallDisk]
) -> None:
    found, disk = on_disk
    scenario: Scenario = SCENARIOS[operation](found)
    scenario.home = disk.take(scenario.prepare())
    found.homes.sandbox.log.clear()
    with disk.read_only():
        run = scenario.act(None)
    assert run.code == UNWRITABLE, run.err
    assert "nothing can be written there" in run.err or "read-only" in run.err.lower()
    assert "Traceback" not in run.err
    assert found.homes.requests("refresh") == []
    assert scenario.examine() is Ending.BEFORE
