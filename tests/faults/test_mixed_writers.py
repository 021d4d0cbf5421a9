"""Processes that change one home in every way at once lose nothing of each other's, and bring nothing back."""

from __future__ import annotations

import pytest

from tests.faults.sequential_model import Place, Sight, Write
from tests.faults.writers import run_writers
from tests.support.fault_scale import scaled

PROCESSES, OPERATIONS = 8, 2000
"""The same run by hand: `python -m tests.faults.writers`."""

pytestmark = pytest.mark.timeout(600)


def test_all_that_was_done_at_once_could_have_been_done_one_after_the_other() -> None:
    report = run_writers(PROCESSES, scaled(OPERATIONS))
    print(f"\n{report.table()}")  # noqa: T201 - the figures are part of the outcome
    assert report.defects == []
    assert report.states_seen > 10


def test_writers_that_do_not_wait_for_each_other_are_caught() -> None:
    reports = (run_writers(4, 120, careless=True) for _ in range(5))  # chance may be kind to one of them
    assert any("was there" in defect for report in reports for defect in report.defects)


@pytest.mark.parametrize(
    ("sight", "explained"),
    [
        (Sight("old", 5, 6), True),
        (Sight("old", 15, 16), True),
        (Sight("new", 15, 16), True),
        (Sight("old", 25, 26), False),
        (Sight("new", 25, 26), True),
        (Sight(None, 25, 26), False),
        (Sight(None, 35, 36), True),
        (Sight("new", 45, 46), False),
        (Sight(None, 45, 46), True),
        (Sight("never written", 5, 6), False),
    ],
    ids=str,
)
def test_the_model_knows_what_can_be_there_and_what_is_lost_or_came_back(sight: Sight, *, explained: bool) -> None:
    place = Place("old", [Write("new", 10, 20), Write(None, 30, 40)])
    assert place.explains(sight) is explained
