"""Many processes that need the same sessions at the same moment ask each provider once, and all get what they need."""

from __future__ import annotations

import pytest

from tests.faults.process_herd import MEGABYTE
from tests.faults.storm import Plan, run_storm
from tests.support.fault_scale import scaled

PROCESSES, ROUNDS = 32, 40

PATIENCE = 10
"""Seconds. On a machine that does nothing else the bar is 2 s (docs/reliability.md has the figure); here other tests
run at the same time."""

pytestmark = pytest.mark.timeout(600)


def test_each_provider_is_asked_once_a_round_and_nobody_is_starved_or_signed_out() -> None:
    report = run_storm(Plan(processes=scaled(PROCESSES), rounds=scaled(ROUNDS)))
    print(f"\n{report.table()}")  # noqa: T201 - the figures are part of the outcome
    assert report.once
    assert (report.total("refused"), report.total("starved"), report.total("lost")) == (0, 0, 0)
    assert not report.neighbours_changed
    assert report.wait(0.99) < PATIENCE
    assert max(memory.proportional for memory in report.memory) < 60 * MEGABYTE


@pytest.mark.parametrize("careless", ["without lock", "without second look"])
def test_a_careless_coordinator_is_caught(careless: str) -> None:
    report = run_storm(Plan(processes=8, rounds=3, coordinator=careless))
    assert not report.once
    assert report.total("refused") > 0
    assert report.total("starved") > 0
    assert report.total("lost") == 3
