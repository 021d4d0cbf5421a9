from __future__ import annotations

from datetime import UTC, datetime, timedelta

from adapters.system.clock import SystemClock
from application.ports.clock import Clock


def test_the_wall_clock_is_aware_in_utc_and_right() -> None:
    clock: Clock = SystemClock()
    before = datetime.now(UTC)
    now = clock.now()
    assert now.utcoffset() == timedelta(0)
    assert before <= now <= datetime.now(UTC)


def test_the_stopwatch_never_goes_back() -> None:
    clock: Clock = SystemClock()
    readings = [clock.monotonic() for _ in range(1000)]
    assert readings == sorted(readings)
