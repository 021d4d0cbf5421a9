"""A program that is told to end saves first what it cannot get again.

Ctrl+C, `kill` and a closed terminal cancel what runs, and then the program waits for its worker threads: one may be
saving a session whose old refresh token is spent. That takes 35 s at the most, the longest token request and the tries
to save its answer. Whoever cannot wait is told what that may cost, and ends it with one signal more.

`kill` and a closed terminal wait for nothing else. What hangs 2 s later is left behind: a name lookup, a write to a
terminal that nobody reads.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
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

_HANG_UP: Final = int(getattr(signal, "SIGHUP", 1))
_GIVE_BACK_AFTER: Final = 1.5
_END_AFTER: Final = 2.0
_LONGEST_SAVING: Final = 35.0
"""Seconds since the program was told to end."""
_LOOK_AGAIN: Final = 0.05


LEAVE: Callable[[int], object] = os._exit
"""A test that takes signals in a process of others puts something else here."""


def is_saving() -> bool:
    """Whether something runs that must not be cut off."""
    from entrypoints.light import unfinished_work

    return unfinished_work()


@contextmanager
def left_to_another() -> Iterator[None]:
    """Ctrl+C is meant for the program that has the terminal in this context. For the main thread."""
    before = signal.signal(signal.SIGINT, lambda *_: None)  # a child would inherit that it is ignored
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def lent(suspended: AbstractContextManager[None]) -> Iterator[None]:
    """*suspended*, an app's `suspend()`, that also ends well where its context ends with an error.

    Textual's own would stay suspended then: a blank terminal that heeds no key.
    """
    taken_back = ExitStack()
    taken_back.enter_context(suspended)
    try:
        yield
    finally:
        taken_back.close()  # passes no error on


def exit_code(number: int) -> int:
    """How a program ends that was told to by the signal *number*, as shells count."""
    return 128 + number


class PoliteEnd:
    """Takes the signals in its context, in the main thread of the program."""

    def __init__(
        self,
        *,
        warn: Callable[[str], None],
        is_saving: Callable[[], bool] = is_saving,
        leave: Callable[[int], object] | None = None,
    ) -> None:
        """*leave* ends the process with a code, whatever its threads do; `LEAVE` unless given."""
        self._warn = warn
        self._is_saving = is_saving
        self._leave = leave or LEAVE
        self._give_back: Callable[[], object] = _nothing
        self._told: list[int] = []
        """The signals that came, in their order."""
        self._cancel: Callable[[], object] = _nothing
        self._before: dict[int, Any] = {}
        self._watched = False

    @property
    def received(self) -> int | None:
        """The signal that came first."""
        return self._told[0] if self._told else None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                # What `nohup` and a shell ignore for the programs that they start stays so; no program ignores SIGTERM.
                if number == signal.SIGTERM or signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def run(self, runner: asyncio.Runner, coroutine: Coroutine[Any, Any, T]) -> T:
        """The result of *coroutine*.

        Raises:
            KeyboardInterrupt: Ctrl+C ended it.
            SystemExit: Another signal did.
        """
        loop = runner.get_loop()

        async def watched() -> T:
            task = asyncio.current_task()
            assert task is not None  # noqa: S101 - inside one
            self._cancel = lambda: loop.call_soon_threadsafe(task.cancel)
            return await coroutine

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
        if self.received is not None:
            self._cancel()

    def gives_back(self, give_back: Callable[[], object]) -> None:
        """From now on *give_back* gives the terminal back where the program hangs; another thread calls it."""
        self._give_back = give_back

    def hang_up(self) -> None:
        """The terminal is gone, whether the system says so by a signal or not. For the main thread."""
        if self.received is None:
            self._on_signal(_HANG_UP, None)

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
            self._leave(exit_code(number))
        if number != signal.SIGINT and not self._watched:
            self._watched = True
            threading.Thread(target=self._see_to_it, args=(number,), name="keyswitch-end", daemon=True).start()
        if len(self._told) >= _WARNED:
            with suppress(OSError):  # the terminal may be what has gone
                self._warn(WARNING)
        self._cancel()

    def _see_to_it(self, number: int) -> None:
        """End the program that was told to by *number*, if it does not end by itself."""
        told = time.monotonic()
        time.sleep(_GIVE_BACK_AFTER)
        self._give_back()
        while time.monotonic() < told + _END_AFTER or (self._is_saving() and time.monotonic() < told + _LONGEST_SAVING):
            time.sleep(_LOOK_AGAIN)
        self._leave(exit_code(number))


def _nothing() -> None:
    """Nothing runs that could be ended."""
