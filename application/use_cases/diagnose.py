"""Look at everything that sign-ins and chats depend on, and change nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from application.ports.probe import Probe
from domain.finding import Area, Finding, problem

PATIENCE: Final = 9.0
"""Seconds for all of it: whoever asks what is wrong with their network waits for no more of it."""

_ORDER: Final = {area: place for place, area in enumerate(Area)}


class Diagnose:
    """Runs all probes side by side."""

    def __init__(self, *, probes: Sequence[Probe], seconds: float = PATIENCE) -> None:
        self._probes = tuple(probes)
        self._seconds = seconds

    async def __call__(self) -> tuple[Finding, ...]:
        """Run them; the findings come by area. A probe that does not answer in time is a finding itself."""
        found = await asyncio.gather(*(self._in_time(probe) for probe in self._probes))
        return tuple(sorted((finding for some in found for finding in some), key=lambda one: _ORDER[one.area]))

    async def _in_time(self, probe: Probe) -> tuple[Finding, ...]:
        try:
            async with asyncio.timeout(self._seconds):
                return await probe()
        except TimeoutError:
            what = f"no answer within {self._seconds:g} s"
            return (problem(probe.area, what, "try again; if it stays so, look for a hanging disk or keyring"),)
