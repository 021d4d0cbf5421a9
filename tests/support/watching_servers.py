"""Servers on this machine that remember whom they talked to, and every byte they were sent."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Script = Callable[[asyncio.StreamWriter], Awaitable[None]]
"""Answers one request; whatever it writes is the answer."""


async def silence(_writer: asyncio.StreamWriter) -> None:
    """Say nothing, and hang up."""


def saying(answer: bytes) -> Script:
    """Always the same bytes."""

    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    return say


@dataclass
class Watched:
    """One server. It takes one request a connection, and hangs up after its answer."""

    script: Script = silence
    url: str = ""
    connections: int = 0
    requests: int = 0
    heard: bytearray = field(default_factory=bytearray)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once a connection has ended, from either side."""

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, and note what it brings."""
        self.connections += 1
        try:
            await self._request(reader)
            answering = asyncio.ensure_future(self._answer(writer))
            gone = asyncio.ensure_future(reader.read())
            await asyncio.wait({answering, gone}, return_when=asyncio.FIRST_COMPLETED)
            answering.cancel()
            gone.cancel()
        finally:
            self.left.set()
            writer.close()

    async def _request(self, reader: asyncio.StreamReader) -> None:
        """Remember all that comes until a request is complete."""
        length = 0
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while (line := await reader.readline()) not in {b"", b"\r\n"}:
                self.heard += line
                if line.lower().startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
            self.requests += 1
            self.heard += await reader.readexactly(length)

    async def _answer(self, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await self.script(writer)
            await writer.drain()


@asynccontextmanager
async def watched(
    script: Script = silence, *, host: str = "127.0.0.1", name: str = "", tls: ssl.SSLContext | None = None
) -> AsyncIterator[Watched]:
    """A `Watched` on a free port of *host*; its address calls it *name*, or by its number."""
    server = Watched(script)
    listener = await asyncio.start_server(server.serve, host, 0, limit=2**20, ssl=tls)
    shown = name or (f"[{host}]" if ":" in host else host)
    server.url = f"{'https' if tls else 'http'}://{shown}:{listener.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listener.close()
        server.left.set()


def nothing_reached(traps: Iterable[Watched], secrets: Sequence[str]) -> None:
    """That nobody talked to *traps*, and that they know none of *secrets*.

    Raises:
        AssertionError: Somebody did; it says what they know.
    """
    for trap in traps:
        known = [secret for secret in secrets if secret.encode() in trap.heard]
        assert (trap.connections, known) == (0, []), f"{trap.url} was asked {trap.requests} times and knows {known}"
