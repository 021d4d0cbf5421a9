"""What is pasted into a terminal without showing there: no code of a sign-in stays on the screen, or in a log of it.

The terminal gives each byte at once and repeats none. Its settings come back however the program ends, and while it is
stopped (Ctrl+Z); only SIGKILL prevents that.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Final

LARGEST: Final = 16_384
"""Bytes of one paste; an address that a browser shows is shorter."""

_TOGETHER: Final = 0.05
"""Seconds within which what is pasted arrives: a line break that more follows so soon is part of it."""

_ERASE: Final = frozenset(b"\x7f\x08")
_KILL: Final = 0x15
_END: Final = 0x04
_LINE_ENDS: Final = frozenset(b"\r\n")


@contextmanager
def unseen(descriptor: int | None) -> Iterator[bool]:
    """Keep the terminal at *descriptor* from showing what is typed, until the context ends; False if it is none."""
    if sys.platform == "win32" or descriptor is None or not os.isatty(descriptor):
        yield False
        return
    with _Hiding(descriptor):
        yield True


class Typed:
    """What was typed or pasted into an `unseen` terminal since the last Enter.

    Backspace and Ctrl+U take back what was typed. Ctrl+D at the beginning ends the input.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._bytes = bytearray()
        self.ended = False
        """Whether nothing more will come."""

    def read(self) -> str:
        """Read what is there, or wait for it; the text if it is complete by now, else ""."""
        try:
            block = os.read(self._descriptor, 4096)
        except OSError:
            block = b""
        self.ended = not block or (block[0] == _END and not self._bytes)
        for byte in block:
            if byte in _ERASE:
                del self._bytes[-1:]
            elif byte == _KILL:
                self._bytes.clear()
            elif byte != _END:
                self._bytes.append(byte)
        del self._bytes[:-LARGEST]
        if not self._bytes or self._bytes[-1] not in _LINE_ENDS or self._more_follows():
            return ""
        text = self._bytes.decode(errors="replace").strip()
        self._bytes.clear()
        return text

    def _more_follows(self) -> bool:
        return bool(select.select([self._descriptor], [], [], _TOGETHER)[0])


def pastes(descriptor: int) -> Iterator[str]:
    """What a person pastes or types into an `unseen` terminal, each time they press Enter; nothing blank."""
    typed = Typed(descriptor)
    while not typed.ended:
        text = typed.read()
        if text:
            yield text


if sys.platform != "win32":
    import termios

    class _Hiding:
        """The terminal's settings while nothing may show, and the signals that would leave them behind."""

        def __init__(self, descriptor: int) -> None:
            self._descriptor = descriptor
            self._before: list[Any] | None = None
            self._handlers: dict[int, Any] = {}

        def __enter__(self) -> None:
            self._hide()
            if threading.current_thread() is threading.main_thread():
                for number, handler in (
                    (signal.SIGTSTP, self._stop), (signal.SIGCONT, self._go_on), (signal.SIGQUIT, self._quit),
                ):  # fmt: skip
                    if signal.getsignal(number) is not signal.SIG_IGN:
                        self._handlers[number] = signal.signal(number, handler)

        def __exit__(self, *_: object) -> None:
            for number, handler in self._handlers.items():
                signal.signal(number, handler)
            self._show()

        def _hide(self) -> None:
            """Not in the background: a terminal stops whoever changes it from there."""
            with suppress(OSError, termios.error):
                if self._before is not None or os.tcgetpgrp(self._descriptor) != os.getpgrp():
                    return
                self._before = termios.tcgetattr(self._descriptor)
                hidden = termios.tcgetattr(self._descriptor)
                hidden[3] &= ~(termios.ECHO | termios.ICANON)
                hidden[6][termios.VMIN], hidden[6][termios.VTIME] = 1, 0
                termios.tcsetattr(self._descriptor, termios.TCSADRAIN, hidden)

        def _show(self) -> None:
            """Give the terminal back, without what was pasted and not read: the shell would show it."""
            before, self._before = self._before, None
            if before is not None:
                with suppress(OSError, termios.error):
                    termios.tcsetattr(self._descriptor, termios.TCSAFLUSH, before)

        def _stop(self, number: int, _frame: FrameType | None) -> None:
            self._by_default(number)
            signal.signal(number, self._stop)  # from here on it goes on

        def _go_on(self, _number: int, _frame: FrameType | None) -> None:
            self._hide()

        def _quit(self, number: int, _frame: FrameType | None) -> None:
            self._by_default(number)

        def _by_default(self, number: int) -> None:
            self._show()
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
