"""What a server has rotated is saved soon: only in between can a crash cost a session."""

from __future__ import annotations

import pytest

from tests.faults.storm import quantile
from tests.faults.window import measure
from tests.support.faults import scaled

RENEWALS = 150


@pytest.mark.timeout(300)
def test_a_rotated_token_is_saved_within_fifty_milliseconds() -> None:
    windows = measure(scaled(RENEWALS))
    print(f"\n{windows.table()}")  # noqa: T201 - the figures are part of the outcome
    assert quantile(windows.exposed, 0.99) < 50
