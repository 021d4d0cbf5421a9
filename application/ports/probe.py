from __future__ import annotations

from typing import Protocol

from domain.finding import Area, Finding


class Probe(Protocol):
    """Looks at one part of the machine. It changes nothing, and sends no credential anywhere."""

    @property
    def area(self) -> Area:
        """What it looks at first of all; named where it does not come to its end."""
        ...

    async def __call__(self) -> tuple[Finding, ...]:
        """Look, and return what was found. What the machine does wrong is a finding, and no error."""
        ...
