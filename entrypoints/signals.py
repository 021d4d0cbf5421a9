"""A program that is told to end saves first what it cannot get again.

Ctrl+C, `kill` and a closed terminal cancel what runs, and then the program waits for its worker threads: one may be
saving a session whose old refresh token is spent. That takes 35 s at the most, the longest token request and the tries
to save its answer. Whoever cannot wait is told what that may cost, and ends it with one signal more.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from types import FrameType
from typing import Any, Final, Self, TypeVar

T = TypeVar("T")

SIGNALS: Final[tuple[int, ...]] = tuple(
    int(getattr(signal, name)) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)  # Windows: two
)  # fmt: skip

WARNING: Final = (
    "keyswitch waits until a renewed sign-in is saved, 35 s at most. Ended now, that sign-in may be lost, and you "
    "would have to sign in again. Once more ends it anyway."
)

_WARNED, _NO_MORE_PATIENCE = 2, 3


def exit_code(number: int) -> int:
    """How a program ends that was told to by the signal *number*, as shells count."""
    return 128 + number


def on_signal(loop: asyncio.AbstractEventLoop, end: Callable[[int], object]) -> None:
    """Let *loop* call *end* with the number of each such signal; only in a main thread, and not on Windows."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as `nohup` leaves them
            with suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, end, number)


def no_longer(loop: asyncio.AbstractEventLoop) -> None:
    """Undo `on_signal`."""
    for number in SIGNALS:
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.remove_signal_handler(number)


class PoliteEnd:
    """Takes the signals in its context, in the main thread of the program."""

    def __init__(self, *, warn: Callable[[str], None]) -> None:
        self._warn = warn
        self._count = 0
        self._cancel: Callable[[], object] = lambda: None
        self._before: dict[int, Any] = {}
        self.received: int | None = None
        """The signal that came first."""

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                if signal.getsignal(number) is not signal.SIG_IGN:  # as `nohup` leaves them
                    self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def run(self, runner: asyncio.Runner, story: Coroutine[Any, Any, T]) -> T:
        """The result of *story*.

        Raises:
            KeyboardInterrupt: Ctrl+C ended it.
            SystemExit: Another signal did.
        """
        loop = runner.get_loop()

        async def watched() -> T:
            task = asyncio.current_task()
            assert task is not None  # noqa: S101 - inside one
            self._cancel = lambda: loop.call_soon_threadsafe(task.cancel)
            return await story

        try:
            return runner.run(watched())
        except asyncio.CancelledError:
            self._cancel = lambda: None
            if self.received is None:
                raise
            if self.received == signal.SIGINT:
                raise KeyboardInterrupt from None
            raise SystemExit(exit_code(self.received)) from None

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._count += 1
        if self.received is None:
            self.received = number
        if self._count >= _NO_MORE_PATIENCE:
            os._exit(exit_code(number))
        if self._count >= _WARNED:
            self._warn(WARNING)
        self._cancel()
