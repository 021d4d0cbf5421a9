from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

from domain.credential import BootStamp

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


class SystemClock:
    """The clocks of this machine."""

    def now(self) -> datetime:
        """The wall clock: aware, in UTC. It may be set back at any time."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some moment in the past; never goes back."""
        return time.monotonic()

    def boot(self) -> BootStamp | None:
        """Linux' CLOCK_BOOTTIME, as CLOCK_MONOTONIC stops during suspend; None on systems without a boot id."""
        boot_id = _boot_id()
        if sys.platform != "linux" or not boot_id:
            return None
        return BootStamp(boot_id, time.clock_gettime(time.CLOCK_BOOTTIME))

    async def sleep(self, seconds: float) -> None:
        """Wait that long in the running loop."""
        import asyncio  # where something waits, it is loaded already; the fast commands never wait

        await asyncio.sleep(seconds)


@cache
def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""
