"""Whether the laptops answer whose sign-ins are used here, and what is in the way to one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from application.ports.elsewhere.forwarded import ForwardedSignIns
from domain.finding import Area, Finding, ok, warning


class LaptopProbe:
    """Asks what laptops lend, as each command does."""

    area = Area.PLACE

    def __init__(self, *, forwarded: ForwardedSignIns) -> None:
        self._forwarded = forwarded

    async def __call__(self) -> tuple[Finding, ...]:
        """As the port says."""
        return await asyncio.to_thread(lambda: tuple(self._look()))

    def _look(self) -> Iterator[Finding]:
        found = self._forwarded.found()
        for record in found.records:
            yield ok(Area.PLACE, f"{record.provider.label} ({record.label}, {record.payer.label}), from laptop")
        for notice in found.notices:
            yield warning(Area.PLACE, notice.rstrip("."))
