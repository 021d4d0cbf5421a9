"""Builds the services behind the first frame, and loads their libraries: those take longer than the screen to draw."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from entrypoints.services import Services


class ServicesLoader:
    """Builds the services once, in a thread, and loads their libraries once. Whoever needs them waits for that."""

    def __init__(self, build: Callable[[], Services]) -> None:
        self._build = build
        self._task: asyncio.Task[Services] | None = None
        self._libraries: asyncio.Task[None] | None = None

    async def __call__(self) -> Services:
        """The services, with the libraries loaded that requests and sign-ins take: nothing waits for an import.

        Raises:
            KeyswitchError: They cannot be built; the next call tries again.
        """
        services = await self.built()
        if self._libraries is None:
            self._libraries = asyncio.create_task(asyncio.to_thread(services.load_libraries))
        await asyncio.shield(self._libraries)
        return services

    async def built(self) -> Services:
        """The services, for what takes no library. Raises as `__call__`."""
        return await asyncio.shield(self.start())

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
