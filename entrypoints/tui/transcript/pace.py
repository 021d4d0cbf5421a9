"""How often what comes is drawn: often enough to be read, and never so often that keys wait.

What came is read in by slices, each as short as a key may wait without anybody's notice, with as long a pause behind
it as it took. A frame is dear whatever came, so there are few of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic, thread_time
from typing import Final

from textual.timer import Timer
from textual.widget import Widget

SHORTEST: Final = 0.1
"""Seconds between two frames."""

SHARE: Final = 6.0
"""How many times as long as a frame took in CPU time the app does something else."""

SLICE_SECONDS: Final = 0.008
"""CPU time of one slice, after which keys come first."""


def read_slice(waits: Callable[[], bool], read: Callable[[], object]) -> bool:
    """Have *read* read a little in, again and again for one slice, while something *waits*; whether it still does."""
    started = thread_time()
    while waits() and thread_time() - started < SLICE_SECONDS:
        read()
    return waits()


class Pace:
    """Reads in what came, slice by slice, and draws it, frame by frame, while there is something to draw."""

    def __init__(self, view: Widget, read: Callable[[], bool], draw: Callable[[], None]) -> None:
        """*read* reads one slice in and says whether more waits; *draw* draws what was read in."""
        self._view = view
        self._read = read
        self._draw = draw
        self._timer: Timer | None = None
        self._asked = False
        """Whether something came since the last slice."""
        self._pause = SHORTEST / 2
        self._due = 0.0
        """When the next frame may be drawn."""

    def ask(self) -> None:
        """There is something to draw."""
        self._asked = True
        if self._timer is None:
            self._wait(self._pause)

    async def finish(self) -> None:
        """Read in and draw all that is left, now."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        while self._read():
            if monotonic() >= self._due:
                started = thread_time()
                self._draw()
                await asyncio.sleep(SLICE_SECONDS)
                self._due = monotonic() + self._after(started)
            await asyncio.sleep(SLICE_SECONDS)
        self._draw()

    def _wait(self, seconds: float) -> None:
        self._timer = self._view.set_timer(seconds, self._step)

    def _step(self) -> None:
        self._asked = False
        started = thread_time()
        more = self._read()
        if more and monotonic() < self._due:
            self._wait(SLICE_SECONDS)
            return
        self._view.call_after_refresh(self._drawn, started, more)
        self._draw()

    def _drawn(self, started: float, more: bool) -> None:
        self._pause = self._after(started)
        self._due = monotonic() + self._pause
        self._timer = None
        if more:
            self._wait(SLICE_SECONDS)
        elif self._asked:
            self._wait(self._pause)

    def _after(self, started: float) -> float:
        """How long to draw nothing behind a frame that was begun at *started*."""
        return max(SHORTEST, SHARE * (thread_time() - started))
