"""How often what comes is drawn: often enough to be read, and never so often that keys wait."""

from __future__ import annotations

from collections.abc import Callable
from time import thread_time
from typing import Final

from textual.timer import Timer
from textual.widget import Widget

SHORTEST: Final = 0.08
"""Seconds between two frames."""

SHARE: Final = 4.0
"""How many times as long as a frame took in CPU time the app does something else: text takes a fifth of it at most."""


class Pace:
    """Draws what came, frame by frame, while there is something to draw."""

    def __init__(self, view: Widget, draw: Callable[[], bool]) -> None:
        """*draw* draws one frame and says whether more waits."""
        self._view = view
        self._draw = draw
        self._timer: Timer | None = None
        self._asked = False
        """Whether something came since the frame that is being drawn was made."""
        self._pause = SHORTEST / 2

    def ask(self) -> None:
        """There is something to draw."""
        self._asked = True
        if self._timer is None:
            self._timer = self._view.set_timer(self._pause, self._frame)

    def end(self) -> None:
        """Draw no frame any more."""
        if self._timer is not None:
            self._timer.stop()

    def _frame(self) -> None:
        started = thread_time()
        self._asked = False
        more = self._draw()
        self._view.call_after_refresh(self._drawn, started, more)

    def _drawn(self, started: float, more: bool) -> None:
        self._pause = max(SHORTEST, SHARE * (thread_time() - started))
        self._timer = None
        if more or self._asked:
            self.ask()
