"""What a switch, a message, a renewal and a sign-in go through keeps to its bars."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.trips import measured


@pytest.mark.slow
def test_what_is_known_is_neither_parsed_nor_checked_again(tmp_path: Path) -> None:
    trips = measured(tmp_path / "home")
    assert {name: trip.checks for name, trip in trips.items()} == dict.fromkeys(trips, 0)
    assert {name: trip.parses for name, trip in trips.items() if trip.parses > 3} == {}
