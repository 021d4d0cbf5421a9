"""An event loop beside a main thread that waits for a line to be typed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, wait
from types import TracebackType
from typing import Any, Self, TypeVar

from entrypoints.crash_report import in_loop

T = TypeVar("T")


class SideLoop:
    """Goes on while the main thread blocks. Leaving it waits for the worker threads, which may be saving something."""

    def __init__(self) -> None:
        self._thread = threading.Thread(target=self._go_on, name="side loop")
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._over: asyncio.Event

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of *work*. What interrupts the main thread cancels it, and comes through when it ended."""
        outcome: Future[T] = Future()
        begun: list[asyncio.Task[T]] = []

        def begin() -> None:
            task = self._loop.create_task(work())
            task.add_done_callback(lambda done: _settle(done, outcome))
            begun.append(task)

        def cancel() -> None:
            for task in begun:
                task.cancel()

        self._loop.call_soon_threadsafe(begin)
        try:
            return outcome.result()
        except (KeyboardInterrupt, SystemExit):
            self._loop.call_soon_threadsafe(cancel)
            wait([outcome])
            raise

    def begin(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Let *work* go on by itself until the loop is left; a bug in it is told at once."""

        def look_at(task: asyncio.Task[None]) -> None:
            if not task.cancelled() and (error := task.exception()) is not None:
                self._loop.call_exception_handler({"message": "a story of its own", "exception": error})

        def begin() -> None:
            self._loop.create_task(work()).add_done_callback(look_at)

        self._loop.call_soon_threadsafe(begin)

    def _go_on(self) -> None:
        with asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            self._loop.set_exception_handler(in_loop)
            runner.run(self._until_over())

    async def _until_over(self) -> None:
        self._over = asyncio.Event()
        self._ready.set()
        await self._over.wait()


def _settle(task: asyncio.Task[T], outcome: Future[T]) -> None:
    error = asyncio.CancelledError() if task.cancelled() else task.exception()
    if error is None:
        outcome.set_result(task.result())
    else:
        outcome.set_exception(error)
