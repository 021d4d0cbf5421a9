"""What a server has rotated is saved soon: only in between can a crash cost a session."""

from __future__ import annotations

import pytest

from tests.faults.storm import quantile
from tests.faults.window import BAR, measure
from tests.support.fault_scale import scaled

RENEWALS = 150


@pytest.mark.timeout(300)
def test_a_rotated_token_is_usually_saved_within_fifty_milliseconds() -> None:
    """Half of them, on a machine that runs other tests beside it; the bar for 99 % is the measurement's by hand."""
    windows = measure(scaled(RENEWALS))
    print(f"\n{windows.table()}")  # noqa: T201 - the figures are part of the outcome
    assert quantile(windows.exposed, 0.5) < BAR
