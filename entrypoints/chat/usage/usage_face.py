"""What `/usage` asks of the face of a chat."""

from __future__ import annotations

from typing import Protocol

from domain.usage.period import Period
from domain.usage.sums import By


class UsageFace(Protocol):
    """Shows what was used."""

    def show_usage(self, period: Period, by: By) -> None:
        """Show sums of *period*, which the controller reads."""
        ...
