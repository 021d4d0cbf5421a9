"""What every clock promises, the machine's and those that tests move."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from datetime import UTC

import pytest

from adapters.system.clock import SystemClock
from application.ports.clock import Clock
from tests.support.faulty_clock import FaultyClock
from tests.support.fixed_clock import NOON, FixedClock
from tests.support.shifted_clock import ShiftedClock

SPAN = 0.002
"""Seconds that a test sleeps."""


class ClockContract(ABC):
    @abstractmethod
    def make_clock(self) -> Clock:
        """A clock that nobody has touched yet. The return type is the static half of the contract."""

    @pytest.fixture
    def clock(self) -> Clock:
        return self.make_clock()

    def test_the_wall_clock_is_in_utc(self, clock: Clock) -> None:
        assert clock.now().tzinfo is UTC

    async def test_a_sleep_takes_its_time_by_the_stopwatch(self, clock: Clock) -> None:
        before = clock.monotonic()
        await clock.sleep(SPAN)
        assert clock.monotonic() - before >= SPAN * 0.99

    async def test_a_sleep_keeps_nobody_else_waiting(self, clock: Clock) -> None:
        turns: list[str] = []

        async def sleep() -> None:
            await clock.sleep(SPAN)
            turns.append("slept")

        async def work() -> None:
            turns.append("worked")

        await asyncio.gather(sleep(), work())
        assert turns == ["worked", "slept"]

    async def test_a_boot_is_counted_from_once_and_forwards_or_not_at_all(self, clock: Clock) -> None:
        before = clock.boot()
        await clock.sleep(SPAN)
        after = clock.boot()
        if before is None or after is None:
            assert before is after
        else:
            assert after.boot_id == before.boot_id
            assert after.seconds - before.seconds >= SPAN * 0.99


class TestSystemClock(ClockContract):
    def make_clock(self) -> Clock:
        return SystemClock()


class TestShiftedClock(ClockContract):
    def make_clock(self) -> Clock:
        return ShiftedClock()


class TestFixedClock(ClockContract):
    def make_clock(self) -> Clock:
        return FixedClock()


class TestFaultyClock(ClockContract):
    def make_clock(self) -> Clock:
        return FaultyClock(start=NOON)


class TestFaultyClockWithoutABoot(ClockContract):
    def make_clock(self) -> Clock:
        return FaultyClock(start=NOON, has_boot=False)
