from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from adapters.system.clock import SystemClock
from domain.credential import BootStamp


class ShiftedClock(SystemClock):
    """The machine's clocks, all of them ahead by `offset`: what a process would read that much later."""

    def __init__(self) -> None:
        self.offset = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.offset

    def monotonic(self) -> float:
        return super().monotonic() + self.offset.total_seconds()

    def boot(self) -> BootStamp | None:
        stamp = super().boot()
        return stamp and replace(stamp, seconds=stamp.seconds + self.offset.total_seconds())

    def unix(self) -> float:
        return self.now().timestamp()
