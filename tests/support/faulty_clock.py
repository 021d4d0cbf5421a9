from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from domain.credential import BootStamp


@dataclass
class FaultyClock:
    """The clocks of a machine, as time really passes: the wall clock may lie, the stopwatch stands still in sleep."""

    start: datetime
    """What the wall clock of the world says at first: aware, in UTC."""
    has_boot: bool = True
    """Whether the system has a clock that counts from boot."""
    ahead: timedelta = timedelta(0)
    """By how much this machine's wall clock is wrong."""
    frozen_at: datetime | None = None
    """What the wall clock says for ever, where it has stopped."""
    passed: timedelta = timedelta(0)
    """Time since `start`, as it really passed."""
    asleep: timedelta = timedelta(0)
    """How much of that the machine slept."""

    def now(self) -> datetime:
        return self.frozen_at or self.truth() + self.ahead

    def monotonic(self) -> float:
        return (self.passed - self.asleep).total_seconds()

    def boot(self) -> BootStamp | None:
        return BootStamp("fake-boot", 1000 + self.passed.total_seconds()) if self.has_boot else None

    async def sleep(self, seconds: float) -> None:
        """Let that time pass at once."""
        self.passed += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    def truth(self) -> datetime:
        """What a clock that is right says."""
        return self.start + self.passed

    def unix(self) -> float:
        """The same in unix seconds: the providers' clock."""
        return self.truth().astimezone(UTC).timestamp()
