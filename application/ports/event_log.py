from __future__ import annotations

from typing import Protocol


class EventLog(Protocol):
    """A local, size-limited record of sign-ins, renewals, switches, refused selections and failures."""

    def record(self, event: str, **facts: str | int | float | bool | None) -> None:
        """Note *event* with *facts*, none of them secret. A log that cannot be written is no failure."""
        ...
