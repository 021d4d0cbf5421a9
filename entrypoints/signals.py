"""A program that is told to end saves first what it cannot get again.

Ctrl+C, `kill` and a closed terminal cancel what runs, and then the program waits for its worker threads: one may be
saving a session whose old refresh token is spent. That takes 35 s at the most, the longest token request and the tries
to save its answer. Whoever cannot wait is told what that may cost, and ends it with one signal more.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Final, NoReturn, Self, TypeVar

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


class PoliteEnd:
    """Takes the signals in its context, in the main thread of the program."""

    def __init__(self, *, warn: Callable[[str], None]) -> None:
        self._warn = warn
        self._told: list[int] = []
        """The signals that came, in their order."""
        self._cancel: Callable[[], object] = _nothing
        self._before: dict[int, Any] = {}

    @property
    def received(self) -> int | None:
        """The signal that came first."""
        return self._told[0] if self._told else None

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
            self._cancel = _nothing
            if self.received is None:
                raise
            self._end()

    @contextmanager
    def interrupting(self) -> Iterator[None]:
        """The first signal in this context ends what blocks the main thread; one that came before, does so at once.

        Raises:
            KeyboardInterrupt: It was Ctrl+C.
            SystemExit: It was another one.
        """
        self._cancel = self._end
        try:
            if self.received is not None:
                self._end()
            yield
        finally:
            self._cancel = _nothing

    def until_readable(self, descriptor: int) -> None:
        """Wait for something to read, in the context of `interrupting`; POSIX only. Raises as that does.

        A `read` that begins an instant after a signal has come sleeps on, and the signal ends nothing before the next
        line is typed; here the signal itself ends the wait.
        """
        woken, waker = os.pipe()
        os.set_blocking(waker, False)
        before = signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        try:
            if self.received is not None:
                self._end()
            while descriptor not in select.select([descriptor, woken], [], [])[0]:
                os.read(woken, 4096)
        finally:
            signal.set_wakeup_fd(before)
            os.close(woken)
            os.close(waker)

    def ends(self, end: Callable[[int], object]) -> None:
        """From now on the first signal calls *end* with its number, in the middle of whatever the main thread does."""
        self._cancel = lambda: end(self.received or signal.SIGTERM)

    def forgive(self) -> None:
        """Ctrl+C has done what it was for, and ends nothing more; other signals still do."""
        self._told = [number for number in self._told if number != signal.SIGINT]

    def _end(self) -> NoReturn:
        self._cancel = _nothing
        if self.received == signal.SIGINT:
            raise KeyboardInterrupt from None
        raise SystemExit(exit_code(self.received or signal.SIGTERM)) from None

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._told.append(number)
        if len(self._told) >= _NO_MORE_PATIENCE:
            os._exit(exit_code(number))
        if len(self._told) >= _WARNED:
            with suppress(OSError):  # the terminal may be what has gone
                self._warn(WARNING)
        self._cancel()


def _nothing() -> None:
    """Nothing runs that could be ended."""
