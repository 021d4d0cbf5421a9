"""The terminal from the first moment on, while the libraries of the app are still loading.

What is typed by then waits in the terminal's own buffer, key by key, for the app to read it: it is not shown where the
app will draw, and Enter stays Enter. Ctrl+C is a signal still, as there is no app yet that could take it.
"""

from __future__ import annotations

import os
import signal
import sys
import termios
from contextlib import suppress
from types import FrameType
from typing import Any, Final, Self

_PASTES_ON: Final = b"\x1b[?2004h"
_PASTES_OFF: Final = b"\x1b[?2004l"

_IFLAG, _LFLAG, _CC = 0, 3, 6
"""Places in what `tcgetattr` answers."""

_ENDS: Final = (signal.SIGTERM, signal.SIGHUP)


class EarlyTerminal:
    """Takes the terminal at standard input in its context, and gives it back unless the app has it by then."""

    def __init__(self) -> None:
        self._found: list[Any] | None = None
        """Its modes, as they were; None where they are not changed, or the app sees to them."""
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        try:
            # Where that fails, it stays as it is, and what is typed waits as lines.
            with suppress(termios.error, ValueError, OSError):
                self._take()
            return self
        except BaseException:  # Ctrl+C in between: nobody calls `__exit__` for a context that was never entered
            self.__exit__()
            raise

    def _take(self) -> None:
        found = termios.tcgetattr(sys.stdin.fileno())
        for number in filter(_heeded, _ENDS):
            self._before[number] = signal.SIG_DFL
            signal.signal(number, self._end)
        self._found = found
        termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, _key_by_key(found))
        os.write(sys.stdout.fileno(), _PASTES_ON)

    def __exit__(self, *_: object) -> None:
        if (found := self.hand_over()) is not None:
            with suppress(termios.error, OSError):  # it is gone
                termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, found)
                os.write(sys.stdout.fileno(), _PASTES_OFF)
        for number, before in self._before.items():
            if signal.getsignal(number) == self._end:
                signal.signal(number, before)

    def hand_over(self) -> list[Any] | None:
        """Let the caller give the terminal back, with the modes that are returned; None where it is as it was found."""
        found, self._found = self._found, None
        return found

    def _end(self, number: int, _frame: FrameType | None) -> None:
        """End as the signal would have ended it, with the terminal given back."""
        self.__exit__()
        os.kill(os.getpid(), number)


def _heeded(number: int) -> bool:
    return signal.getsignal(number) is signal.SIG_DFL


def _key_by_key(found: list[Any]) -> list[Any]:
    """Without echo and lines; the keys that would stop or kill the program without a word mean nothing."""
    modes = [*found[:_CC], list(found[_CC])]
    modes[_IFLAG] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
    modes[_LFLAG] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
    nothing = os.fpathconf(sys.stdin.fileno(), "PC_VDISABLE").to_bytes()
    for key in (termios.VSUSP, termios.VQUIT):
        modes[_CC][key] = nothing
    modes[_CC][termios.VMIN], modes[_CC][termios.VTIME] = 1, 0
    return modes
