"""A process that dies before any of its system calls costs nobody a session, or says which one and when."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.kill_points import GRACE, KillPoint, changing, kill_everywhere, stage
from tests.faults.kill_scenarios import Ending, Refresh, Scenario, Switch
from tests.faults.unannounced_renewal import replace_coordinator
from tests.support.fault_process import Call
from tests.support.fault_scale import SCALE, chances, scaled

pytestmark = pytest.mark.timeout(600)

SystemProgram = Callable[[str, str], str]


DECISIVE = frozenset({"rename", "sendto", "recvfrom"})
"""Calls between which an ending becomes another one: none of them is left out of a sample."""


def killed(scenario: Scenario, *, where: Callable[[Call], bool] = changing) -> list[KillPoint]:
    """The points at calls that are as *where* says; below scale 1 at a share of them."""
    chance = chances("kills")
    points = list(
        kill_everywhere(scenario, where=lambda call: where(call) and (call.name in DECISIVE or chance.random() < SCALE))
    )
    assert len(points) >= scaled(10)
    return points


def is_caught(scenario: Scenario, *words: str, where: Callable[[Call], bool]) -> bool:
    """Whether kills lose what is told in *words*. Goes on no longer than it has to."""
    told = ""
    for point in kill_everywhere(scenario, where=where):
        told += point.lost
        if point.lost and all(word in told for word in words):
            return True
    return False


def broken(points: list[KillPoint]) -> list[str]:
    return [f"before {point.call.title}: {point.lost}" for point in points if point.ending is None]


def end_as(points: list[KillPoint], *expected: Ending) -> bool:
    """Whether each of *expected* was met, and nothing else; a small sample may miss one."""
    met = {point.ending for point in points}
    return met <= set(expected) if SCALE < 1 else met == set(expected)


def test_a_killed_renewal_loses_no_session_outside_the_window_and_names_the_loss_inside(
    system_program: SystemProgram,
) -> None:
    with stage(system_program("strace", "strace")) as found:
        points = killed(Refresh(found))
    assert broken(points) == []
    assert end_as(points, *Ending)


def test_a_killed_renewal_loses_no_session_at_all_where_the_provider_forgives(system_program: SystemProgram) -> None:
    with stage(system_program("strace", "strace"), reuse_grace=GRACE) as found:
        points = killed(Refresh(found), where=once_sent())
    assert broken(points) == []
    assert end_as(points, Ending.RECOVERED, Ending.DONE)


def test_a_killed_switch_leaves_the_old_selection_or_the_new_one(system_program: SystemProgram) -> None:
    with stage(system_program("strace", "strace")) as found:
        points = killed(Switch(found))
    assert broken(points) == []
    assert end_as(points, Ending.BEFORE, Ending.DONE)


def test_a_naive_coordinator_is_caught(system_program: SystemProgram) -> None:
    with stage(system_program("strace", "strace"), disturb=replace_coordinator) as found:
        assert is_caught(Refresh(found), "not named", "a neighbour changed", where=once_sent())


def once_sent() -> Callable[[Call], bool]:
    """Calls that come after the request has left."""
    sent = []

    def where(call: Call) -> bool:
        sent.extend([call] * (call.name == "sendto"))
        return call.changes and bool(sent) and call.name != "sendto"

    return where
