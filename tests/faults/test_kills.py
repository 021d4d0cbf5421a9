"""A process that dies before any of its system calls costs nobody a session, or says which one and when."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.kill_points import GRACE, KillPoint, kill_everywhere, stage
from tests.faults.kill_scenarios import Ending, Refresh, Scenario, Switch
from tests.faults.naive import replace_coordinator
from tests.support.fault_process import Call

pytestmark = pytest.mark.timeout(600)

SystemProgram = Callable[[str, str], str]


def killed(scenario: Scenario, *, where: Callable[[Call], bool] | None = None) -> list[KillPoint]:
    points = list(kill_everywhere(scenario) if where is None else kill_everywhere(scenario, where=where))
    assert len(points) >= 10
    return points


def broken(points: list[KillPoint]) -> list[str]:
    return [f"before {point.call.title}: {point.lost}" for point in points if point.ending is None]


def endings(points: list[KillPoint]) -> set[Ending | None]:
    return {point.ending for point in points}


def test_a_killed_renewal_loses_no_session_outside_the_window_and_names_the_loss_inside(
    system_program: SystemProgram,
) -> None:
    with stage(system_program("strace", "strace")) as found:
        points = killed(Refresh(found))
    assert broken(points) == []
    assert endings(points) == set(Ending)


def test_a_killed_renewal_loses_no_session_at_all_where_the_provider_forgives(system_program: SystemProgram) -> None:
    with stage(system_program("strace", "strace"), reuse_grace=GRACE) as found:
        points = killed(Refresh(found), where=once_sent())
    assert broken(points) == []
    assert endings(points) == {Ending.RECOVERED, Ending.DONE}


def test_a_killed_switch_leaves_the_old_selection_or_the_new_one(system_program: SystemProgram) -> None:
    with stage(system_program("strace", "strace")) as found:
        points = killed(Switch(found))
    assert broken(points) == []
    assert endings(points) == {Ending.BEFORE, Ending.DONE}


def test_a_naive_coordinator_is_caught(system_program: SystemProgram) -> None:
    with stage(system_program("strace", "strace"), disturb=replace_coordinator) as found:
        points = killed(Refresh(found), where=lambda call: call.name in {"write", "recvfrom", "openat"})
    found_lost = "\n".join(broken(points))
    assert "not named" in found_lost
    assert "a neighbour changed" in found_lost


def once_sent() -> Callable[[Call], bool]:
    """Calls that come after the request has left."""
    sent = []

    def where(call: Call) -> bool:
        sent.extend([call] * (call.name == "sendto"))
        return call.changes and bool(sent) and call.name != "sendto"

    return where
