"""All who connect to some listening sockets: each is served by a task of its own, and whoever is in the way goes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

LARGEST_CROWD: Final = 100
"""Connections that wait for nothing of ours: whose request has not come, or that have their answer. One more, and the
oldest of them goes: whoever only opens connections takes the place of others like themselves, and an honest request is
there by the time it is accepted."""

OUT_OF_RESOURCES_SECONDS: Final = 0.2
"""To wait where the system can accept nobody: it has no descriptors left."""

Serve = Callable[[socket.socket, Any], Coroutine[Any, Any, None]]
"""Serves one connection; the second argument is who called, as `accept` says."""


class Callers:
    """All connections to some listening sockets. An object belongs to one event loop."""

    def __init__(self, sockets: Iterable[socket.socket], serve: Serve) -> None:
        self._serve = serve
        self._served: dict[socket.socket, asyncio.Task[None]] = {}
        self._crowd: dict[socket.socket, None] = {}
        """The connections that wait for nothing of ours, the oldest first: nobody misses them."""
        self._accepting = [asyncio.create_task(self._accept(listening)) for listening in sockets]

    async def close(self, *, within: float) -> None:
        """Accept nobody more, and hang up. Who waits for an answer may fetch it *within* so many seconds."""
        for task in (*self._accepting, *(self._served[connection] for connection in self._crowd)):
            task.cancel()
        await asyncio.wait(self._accepting)
        serving = set(self._served.values())
        if serving:
            _, late = await asyncio.wait(serving, timeout=within)
            for task in late:
                task.cancel()
            await asyncio.wait(serving)

    @contextmanager
    def in_crowd(self, connection: socket.socket) -> Iterator[None]:
        """While this lasts, *connection* waits for nothing of ours; once it is the oldest of too many, it is closed."""
        self._crowd[connection] = None
        if len(self._crowd) > LARGEST_CROWD:
            oldest = next(iter(self._crowd))
            del self._crowd[oldest]
            self._served[oldest].cancel()
        try:
            yield
        finally:
            self._crowd.pop(connection, None)

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, peer = await loop.sock_accept(listening)
            except OSError:
                await asyncio.sleep(OUT_OF_RESOURCES_SECONDS)
                continue
            serving = asyncio.create_task(self._serve(connection, peer))
            serving.add_done_callback(partial(self._hang_up, connection))
            self._served[connection] = serving
            await asyncio.sleep(0)  # a crowd may queue, and those before it have to be served meanwhile

    def _hang_up(self, connection: socket.socket, _: asyncio.Task[None]) -> None:
        connection.close()
        del self._served[connection]
