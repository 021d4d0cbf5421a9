"""What goes to the screen, written in a thread of its own that nothing waits for.

Nobody may be reading the terminal: a stopped `ssh`, a closed lid. A write blocks then, and whoever waits for it does
nothing else: no signal, no renewal, no end. So the app never waits. Once too much waits to be written, frames are left
out, and when all is written the screen is drawn as a whole.
"""

from __future__ import annotations

import os
import select
import termios
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Final

MOST_WAITING: Final = 1 << 18
"""Bytes: a few whole screens."""

_PIECE: Final = 4096
_LOOK_AGAIN: Final = 0.1
"""Seconds between two looks at a terminal that takes nothing: what empties its buffer may not say so."""

_CANCEL: Final = b"\x18"
"""Ends a sequence that was written by half (ECMA-48: CAN)."""


class ScreenWriter(threading.Thread):
    """Writes to the terminal at *descriptor*. *caught_up* and *gone* are called in this thread."""

    def __init__(
        self, descriptor: int, *, encoding: str, caught_up: Callable[[], object], gone: Callable[[], object]
    ) -> None:
        """*caught_up*: frames were left out, and all else is written. *gone*: there is no terminal any more."""
        super().__init__(name="keyswitch-screen", daemon=True)
        self._encoding = encoding
        self._caught_up = caught_up
        self._gone = gone
        self._own = _opened_anew(descriptor)
        self._changed = threading.Condition()  # its lock may be taken twice: a signal may come while it is held
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._busy = False
        self._behind = self._hurry = self._over = self._lost = False

    def write(self, text: str) -> None:
        """Have *text* written, or leave it out where too much waits. Never blocks."""
        data = text.encode(self._encoding, "replace")
        with self._changed:
            if self._lost:
                return
            if self._size + len(data) > MOST_WAITING and self._size:
                self._behind = True
            if not self._behind:
                self._waiting.append(data)
                self._size += len(data)
                self._changed.notify_all()

    def hurry(self, patience: float) -> None:
        """Let *patience* seconds pass for what waits, then leave it out: what comes next gives the screen back."""
        with self._changed:
            if self._all_written(patience) or self._lost:
                return
            self._hurry, self._behind, self._size = True, False, 0
            self._waiting.clear()
        with suppress(termios.error):  # what the terminal has not taken yet makes room, and it takes more again
            termios.tcflush(self._own, termios.TCOFLUSH)
            termios.tcflow(self._own, termios.TCOON)

    def end(self, patience: float) -> None:
        """Write what waits, for *patience* seconds at most."""
        with self._changed:
            if not self._all_written(patience):
                self._hurry = True
                self._waiting.clear()
            self._over = True
            self._changed.notify_all()
        if threading.current_thread() is not self and self.ident is not None:
            self.join(patience)

    def run(self) -> None:
        try:
            while (data := self._next()) is not None:
                self._put(data)
        except OSError:
            with self._changed:
                self._lost, self._busy = True, False
                self._waiting.clear()
                self._changed.notify_all()
            self._gone()
        finally:
            os.close(self._own)

    def _all_written(self, seconds: float) -> bool:
        """Wait for that. The lock is held."""
        until = monotonic() + seconds
        while (self._busy or self._waiting) and not self._lost and self.is_alive():
            if (left := until - monotonic()) <= 0:
                return False
            self._changed.wait(left)
        return True

    def _next(self) -> bytes | None:
        with self._changed:
            self._busy = False
            self._changed.notify_all()
            while not self._waiting:
                if self._over:
                    return None
                if self._behind:
                    self._behind = False
                    self._caught_up()
                self._changed.wait()
            data = b"".join(self._waiting)
            self._size, self._busy, self._hurry = 0, True, False
            self._waiting.clear()
            return data

    def _put(self, data: bytes) -> None:
        """Write *data*, unless that has to end first."""
        left = memoryview(data)
        while left:
            left = memoryview(_CANCEL) if self._hurry else left
            if select.select([], [self._own], [], _LOOK_AGAIN)[1]:
                try:
                    left = left[os.write(self._own, left[:_PIECE]) :]
                except BlockingIOError:  # there is room, but not for the next character
                    with self._changed:
                        self._changed.wait(_LOOK_AGAIN)
            if self._hurry:
                return


def _opened_anew(descriptor: int) -> int:
    """The same terminal in a way in which writing does not block, and that no other program shares.

    A terminal that belongs to another user (after `su`) cannot be opened; there a write may block this thread.
    """
    try:
        path = os.ttyname(descriptor)
        return os.open(path, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return os.dup(descriptor)
