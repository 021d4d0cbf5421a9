"""What must come to its end does, whatever becomes of who asked for it."""

from __future__ import annotations

import asyncio
import threading

import pytest

from adapters.system.worker_thread import WorkerThread


async def test_the_result_comes_back_and_so_does_an_error() -> None:
    async def half(number: int) -> int:
        await asyncio.sleep(0)
        if number % 2:
            raise ValueError("odd")
        return number // 2

    assert await WorkerThread()(lambda: half(4)) == 2
    with pytest.raises(ValueError, match="odd"):
        await WorkerThread()(lambda: half(3))


async def test_a_cancelled_caller_does_not_stop_the_work() -> None:
    begun, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    async def work() -> None:
        begun.set()
        await asyncio.to_thread(may_end.wait)
        ended.set()

    caller = asyncio.create_task(WorkerThread()(work))
    await asyncio.to_thread(begun.wait)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    may_end.set()
    assert await asyncio.to_thread(ended.wait, 30)


def test_a_program_that_ends_waits_for_the_work() -> None:
    begun, ended = threading.Event(), threading.Event()

    async def work() -> None:
        begun.set()
        for _ in range(1000):
            await asyncio.sleep(0)
        ended.set()

    async def program() -> None:
        working = asyncio.create_task(WorkerThread()(work))
        await asyncio.to_thread(begun.wait)
        working.cancel()

    asyncio.run(program())
    assert ended.is_set()
