from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

NOON: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)


class FixedClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, *, start: datetime = NOON) -> None:
        self._now = start
        self._elapsed = 0.0

    def now(self) -> datetime:
        """The wall clock."""
        return self._now

    def monotonic(self) -> float:
        """The stopwatch, in seconds."""
        return self._elapsed

    def advance(self, span: timedelta) -> None:
        """Let time pass."""
        self._now += span
        self._elapsed += span.total_seconds()

    def set_wall(self, moment: datetime) -> None:
        """Move the wall clock alone, as a person or a time server does."""
        self._now = moment
