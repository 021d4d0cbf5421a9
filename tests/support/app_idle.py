"""When an app is idle. Textual asks the processor, and takes for idle whatever was not given its turn yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any, Final

from textual._wait import SLEEP_GRANULARITY, wait_for_idle

_LONGEST: Final = 2.0
"""Seconds; a test may hold a thread back on purpose, and what never ends is not waited for."""

_MOST_TURNS: Final = 200
"""Of the loop; a clock that does not wait keeps some loop busy for ever."""

_Run = Callable[..., asyncio.Future[Any]]


class Idle:
    """Waits until no thread works for the loop, and the loop has nothing to do."""

    def __init__(self) -> None:
        self._at_work: set[asyncio.Future[Any]] = set()

    def seen_by(self, run: _Run) -> _Run:
        """*run*, the way in which a loop has a thread do something, with an eye on when that ends."""

        def run_in_executor(loop: asyncio.AbstractEventLoop, *arguments: Any) -> asyncio.Future[Any]:
            future = run(loop, *arguments)
            self._at_work.add(future)
            future.add_done_callback(self._at_work.discard)
            return future

        return run_in_executor

    async def __call__(self, min_sleep: float = SLEEP_GRANULARITY, max_sleep: float = 1) -> None:
        """In the place of Textual's `wait_for_idle`, with its parameters, in seconds."""
        until = monotonic() + _LONGEST
        await wait_for_idle(min_sleep, max_sleep)
        while (working := self._working()) and (left := until - monotonic()) > 0:
            await asyncio.wait(working, timeout=left)
            await wait_for_idle(min_sleep, max_sleep)
        await _nothing_ready()

    def _working(self) -> set[asyncio.Future[Any]]:
        loop = asyncio.get_running_loop()
        return {future for future in self._at_work if future.get_loop() is loop}


async def _nothing_ready() -> None:
    """A loop with something to do is not idle, however little processor time it was given to do it in."""
    loop: Any = asyncio.get_running_loop()
    for _ in range(_MOST_TURNS):
        if not loop._ready:
            return
        await asyncio.sleep(0)
