from __future__ import annotations

import asyncio
import sys
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


def test_the_clock_that_cannot_be_set_names_its_boot_and_goes_on() -> None:
    first, second = SystemClock().boot(), SystemClock().boot()
    if sys.platform == "linux":
        assert first is not None
        assert second is not None
        assert first.boot_id == second.boot_id != ""
        assert 0 < first.seconds <= second.seconds
    else:
        assert first is None


async def test_sleeping_keeps_nothing_else_waiting() -> None:
    order: list[str] = []

    async def note() -> None:
        order.append("meanwhile")

    other = asyncio.create_task(note())
    await SystemClock().sleep(0.001)
    order.append("awake")
    await other
    assert order == ["meanwhile", "awake"]
