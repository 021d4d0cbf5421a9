"""Whether what is known about the models is recent enough to rely on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime

from application.ports.clock import Clock
from domain.errors import ConfigError
from domain.finding import Area, Finding, ok, warning
from domain.model_lists.listed import FACTS_LAST


class FactsProbe:
    """Compares the day of the built-in facts, and of the last list that was read, with today."""

    area = Area.MODELS

    def __init__(self, *, as_of: date, last_read: Callable[[], datetime | None], clock: Clock) -> None:
        """*last_read* may raise `ConfigError`, which another probe reports."""
        self._as_of = as_of
        self._last_read = last_read
        self._clock = clock

    async def __call__(self) -> tuple[Finding, ...]:
        """As the port says."""
        try:
            read = await asyncio.to_thread(self._last_read)
        except ConfigError:
            read = None
        latest = max(self._as_of, read.date()) if read else self._as_of
        lists = f"a provider's list was last read on {read.date()}" if read else "no provider's list was read yet"
        what = f"the built-in facts are of {self._as_of}; {lists}"
        if self._clock.now().date() - latest > FACTS_LAST:
            return (warning(Area.MODELS, f"{what}: ends and prices may have changed", "keyswitch models --refresh"),)
        return (ok(Area.MODELS, what),)
