"""Time as a test means it: without the time for which the machine was busy with something else."""

from __future__ import annotations

import threading
import time
from pathlib import Path


class Stopwatch:
    """Starts when it is made, in the thread that is measured."""

    def __init__(self) -> None:
        self._statistics = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
        self._started = time.monotonic() - self._queued()

    def seconds(self) -> float:
        """Seconds since the start, less those in which this thread could have run and had no core."""
        return time.monotonic() - self._queued() - self._started

    def _queued(self) -> float:
        """Seconds in the queue for a core, since the thread began; 0 where the system does not count them.

        The second figure of the file is in nanoseconds (Linux, Documentation/scheduler/sched-stats.rst).
        """
        try:
            return int(self._statistics.read_text("ascii").split()[1]) / 1e9
        except OSError:
            return 0.0
