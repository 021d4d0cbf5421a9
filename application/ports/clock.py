from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from domain.credential import BootStamp


class Clock(Protocol):
    """Tells the time, measures it, and waits."""

    def now(self) -> datetime:
        """What the wall clock says: aware, in UTC. It may be set, forwards and back."""
        ...

    def monotonic(self) -> float:
        """Seconds since some moment in the past; never goes back, and may stand still while the machine sleeps."""
        ...

    def boot(self) -> BootStamp | None:
        """The clock that counts from boot, sleep included, and cannot be set; None where there is none."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait so long, without keeping anything else waiting."""
        ...
