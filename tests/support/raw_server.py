"""A provider in bare HTTP/1.1: it sends the bytes that a test gives it, and knows when the other side has gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n"
    b"connection: keep-alive\r\n\r\n"
)


def chunk(body: bytes) -> bytes:
    """*body* in chunked transfer coding (RFC 9112, 7.1); an empty one ends the message."""
    return b"%x\r\n%s\r\n" % (len(body), body)


END = chunk(b"")

Script = Callable[["RawServer", asyncio.StreamWriter], Awaitable[None]]


class RawServer:
    """Runs *script* for each request; then it waits for the next one on the same connection."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.connections = 0
        self.requests = 0
        self.left = asyncio.Event()
        """Set once a client has closed its connection."""
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection from the script."""
        self.connections += 1
        try:
            first = await reader.read(1)
            while first:
                await _rest_of_request(reader)
                self.requests += 1
                first = await self._answer(reader, writer)
        except ConnectionError:
            pass
        finally:
            self.left.set()
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        """Run the script; returns the first byte of the next request, or none once the client has gone."""
        answering = asyncio.ensure_future(self._script(self, writer))
        # A client sends nothing while it is answered: what can be read meanwhile is its end.
        next_byte = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait({answering, next_byte}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                return b""
            answering.result()
            return await next_byte
        finally:
            answering.cancel()
            next_byte.cancel()


async def _rest_of_request(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    await reader.readexactly(int(lengths[0].partition(b":")[2]))


@asynccontextmanager
async def raw_server(script: Script) -> AsyncIterator[RawServer]:
    """A `RawServer` on a free port of this machine."""
    server = RawServer(script)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listener.close()
