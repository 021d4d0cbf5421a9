from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_under_way: list[object] = []
"""One object for each piece of work, of every event loop."""


def unfinished_work() -> bool:
    """Whether any piece of work has begun, and has not ended."""
    return bool(_under_way)


class WorkerThread:
    """Runs each piece of work in a thread and an event loop of its own.

    Cancelling the caller reaches neither, and an interpreter that is asked to end, by `SystemExit` or Ctrl+C, joins its
    worker threads first: the work is done before the process is gone.
    """

    async def __call__(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of *work*."""
        return await asyncio.to_thread(_done, work)


def _done(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    token = object()
    _under_way.append(token)
    try:
        return asyncio.run(work())
    finally:
        _under_way.remove(token)
