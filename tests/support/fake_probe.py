"""A look at the machine that finds what a test says."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from domain.finding import Area, Finding


@dataclass
class FakeProbe:
    """Finds what it is told to; *hangs* for ever if told so."""

    area: Area
    findings: tuple[Finding, ...] = ()
    hangs: bool = False

    async def __call__(self) -> tuple[Finding, ...]:
        if self.hangs:
            await asyncio.Event().wait()
        return self.findings
