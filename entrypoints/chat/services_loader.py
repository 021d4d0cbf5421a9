"""Loads the services behind the first frame: their libraries take longer to import than the screen to draw."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from entrypoints.services import Services


class ServicesLoader:
    """Builds the services once, in a thread. Whoever needs them waits for that."""

    def __init__(self, build: Callable[[], Services]) -> None:
        self._build = build
        self._task: asyncio.Task[Services] | None = None

    async def __call__(self) -> Services:
        """The services.

        Raises:
            KeyswitchError: They cannot be built; the next call tries again.
        """
        task = self.start()
        return await asyncio.shield(task)

    def start(self) -> asyncio.Task[Services]:
        """Begin to build, if nobody has."""
        task = self._task
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._task = asyncio.create_task(asyncio.to_thread(self._build))
        return task

    async def close(self) -> None:
        """Close their connections, if they were built."""
        task = self._task
        if task is not None and task.done() and not task.cancelled() and task.exception() is None:
            await task.result().close()
