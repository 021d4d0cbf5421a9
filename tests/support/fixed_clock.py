from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

from domain.credential import BootStamp

NOON: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)


class FixedClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, *, start: datetime = NOON) -> None:
        self._now = start
        self._elapsed = 0.0
        self._booted = "fake-boot"
        self._since_boot = 1000.0
        self.slept: list[float] = []
        self.slow = False
        """Whether sleeping takes for ever, for what must not come to its end."""

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        """The stopwatch, in seconds."""
        return self._elapsed

    def boot(self) -> BootStamp | None:
        """The clock that cannot be set."""
        return BootStamp(self._booted, self._since_boot)

    async def sleep(self, seconds: float) -> None:
        """Let that time pass at once."""
        self.slept.append(seconds)
        self.advance(timedelta(seconds=seconds))
        await (asyncio.Event().wait() if self.slow else asyncio.sleep(0))

    def advance(self, span: timedelta) -> None:
        self._now += span
        self._elapsed += span.total_seconds()
        self._since_boot += span.total_seconds()

    def suspend(self, span: timedelta) -> None:
        """Let time pass while the machine sleeps: the stopwatch stands still."""
        self._now += span
        self._since_boot += span.total_seconds()

    def reboot(self) -> None:
        """Begin a new count."""
        self._booted += "+"
        self._since_boot = 0.0

    def set_wall(self, moment: datetime) -> None:
        """Move the wall clock alone, as a person or a time server does."""
        self._now = moment
