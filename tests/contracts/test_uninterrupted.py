"""What everything promises that runs work to its end."""

from __future__ import annotations

import asyncio
import threading
from abc import ABC, abstractmethod

import pytest

from adapters.system.worker_thread import WorkerThread
from application.ports.uninterrupted import Uninterrupted
from tests.support.fake_uninterrupted import uninterrupted


class UninterruptedContract(ABC):
    @abstractmethod
    def make(self) -> Uninterrupted:
        """What runs it. The return type is the static half of the contract."""

    async def test_the_result_comes_back_and_so_does_an_error(self) -> None:
        async def half(number: int) -> int:
            await asyncio.sleep(0)
            if number % 2:
                raise ValueError("odd")
            return number // 2

        assert await self.make()(lambda: half(4)) == 2
        with pytest.raises(ValueError, match="odd"):
            await self.make()(lambda: half(3))

    async def test_the_work_goes_on_where_its_caller_is_cancelled(self) -> None:
        begun, may_end, ended = threading.Event(), threading.Event(), threading.Event()

        async def work() -> None:
            begun.set()
            await asyncio.to_thread(may_end.wait)
            ended.set()

        caller = asyncio.create_task(self.make()(work))
        try:
            await asyncio.to_thread(begun.wait, 30)
            caller.cancel()
            with pytest.raises(asyncio.CancelledError):
                await caller
        finally:
            may_end.set()
        assert await asyncio.to_thread(ended.wait, 30)


class TestWorkerThread(UninterruptedContract):
    def make(self) -> Uninterrupted:
        return WorkerThread()


class TestUninterruptedInOneLoop(UninterruptedContract):
    def make(self) -> Uninterrupted:
        return uninterrupted
