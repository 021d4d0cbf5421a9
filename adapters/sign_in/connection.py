"""Serve the connections of browsers. Each brings one request, which has to come in time, and gets one answer."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from email.utils import formatdate
from functools import cache, partial
from http import HTTPStatus
from typing import Final

import h11

from adapters.sign_in import pages
from adapters.sign_in.pages import Reply
from adapters.sign_in.peer import Address
from domain.records import dataclass

HEAD_SECONDS: Final = 5.0
"""A browser sends its request at once; a connection that it opened in advance is none until then."""

LARGEST_CROWD: Final = 100
"""Connections whose request has not come, or that have their answer. One more, and the oldest of them goes: whoever
only opens connections takes the place of others like themselves, and a browser's request is there by the time it is
accepted."""

OUT_OF_RESOURCES_SECONDS: Final = 0.2
"""To wait where the system can accept nobody: it has no descriptors left."""

LARGEST_HEAD: Final = 16 * 1024
"""Bytes of request line and headers."""

GOODBYE_SECONDS: Final = 1.0
"""To read away what else comes after an answer: hanging up on it would take the answer back."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a browser asks for. All of its text is foreign."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    """The names are in small letters."""
    peer: Address
    here: Address

    def header(self, name: str) -> str:
        """The first header *name*; "" if there is none."""
        return next((value for key, value in self.headers if key == name), "")

    def cookie(self, name: str) -> str:
        """The cookie *name*; "" if there is none. Other pages of this machine may have set malformed ones."""
        pairs = (pair.partition("=") for pair in self.header("cookie").split(";"))
        return next((value.strip() for key, _, value in pairs if key.strip() == name), "")


class Connections:
    """All connections to some listening sockets. An object belongs to one event loop."""

    def __init__(self, sockets: Iterable[socket.socket], answer: Callable[[Request], Awaitable[Reply]]) -> None:
        self._answer = answer
        self._served: dict[socket.socket, asyncio.Task[None]] = {}
        self._crowd: dict[socket.socket, None] = {}
        """The connections that wait for nothing of ours, the oldest first: nobody misses them."""
        self._accepting = [asyncio.create_task(self._accept(listening)) for listening in sockets]

    async def close(self, *, within: float) -> None:
        """Accept nobody more, and hang up. Browsers that wait for an answer may fetch it *within* so many seconds."""
        for task in (*self._accepting, *(self._served[connection] for connection in self._crowd)):
            task.cancel()
        await asyncio.wait(self._accepting)
        serving = set(self._served.values())
        if serving:
            _, late = await asyncio.wait(serving, timeout=within)
            for task in late:
                task.cancel()
            await asyncio.wait(serving)

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, peer = await loop.sock_accept(listening)
            except OSError:
                await asyncio.sleep(OUT_OF_RESOURCES_SECONDS)
                continue
            serving = asyncio.create_task(self._serve(connection, peer[:2]))
            serving.add_done_callback(partial(self._hang_up, connection))
            self._served[connection] = serving
            await asyncio.sleep(0)  # a crowd may queue, and those before it have to be served meanwhile

    async def _serve(self, connection: socket.socket, peer: Address) -> None:
        parser = h11.Connection(h11.SERVER)
        with suppress(OSError):  # they hung up
            with self._in_crowd(connection):
                heard = await _heard(connection, parser)
            if heard is None:
                return
            if isinstance(heard, HTTPStatus):
                answer = _refusal(heard)
            else:
                reply = await self._answer(_request(heard, peer, connection.getsockname()[:2]))
                answer = _encoded(reply, parser, without_body=heard.method == b"HEAD")
            with self._in_crowd(connection):
                await _say(connection, answer)

    @contextmanager
    def _in_crowd(self, connection: socket.socket) -> Iterator[None]:
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

    def _hang_up(self, connection: socket.socket, _: asyncio.Task[None]) -> None:
        connection.close()
        del self._served[connection]


async def _heard(connection: socket.socket, parser: h11.Connection) -> h11.Request | HTTPStatus | None:
    """The request that was read, or the status by which it is refused; None if nobody waits for an answer."""
    loop, length = asyncio.get_running_loop(), 0
    try:
        async with asyncio.timeout(HEAD_SECONDS):
            while (event := parser.next_event()) is h11.NEED_DATA:
                data = await loop.sock_recv(connection, LARGEST_HEAD + 1)
                length += len(data)
                if not data:
                    return None
                if length > LARGEST_HEAD:  # h11 lets a longer one pass if it comes in one piece
                    return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
                parser.receive_data(data)
    except TimeoutError:
        return HTTPStatus.REQUEST_TIMEOUT if length else None
    except h11.RemoteProtocolError:
        return HTTPStatus.BAD_REQUEST
    assert isinstance(event, h11.Request)  # noqa: S101 - nothing else can come first
    return event


async def _say(connection: socket.socket, answer: bytes) -> None:
    """Send *answer*, and discard what else comes. Raises OSError if the answer is not fetched in time."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(GOODBYE_SECONDS):
        await loop.sock_sendall(connection, answer)
        connection.shutdown(socket.SHUT_WR)
        while await loop.sock_recv(connection, LARGEST_HEAD):
            pass


def _request(heard: h11.Request, peer: Address, here: Address) -> Request:
    path, _, query = heard.target.decode("ascii").partition("?")
    headers = tuple((name.decode("ascii"), value.decode("latin-1")) for name, value in heard.headers)
    return Request(heard.method.decode("ascii"), path, query, headers, peer, here)


def _encoded(reply: Reply, parser: h11.Connection, *, without_body: bool = False) -> bytes:
    """The bytes of *reply*, in answer to the request that *parser* has read."""
    body = b"" if without_body else reply.body
    head = h11.Response(
        status_code=reply.status,
        reason=HTTPStatus(reply.status).phrase,
        headers=[*reply.headers.items(), ("Date", formatdate(usegmt=True)), ("Content-Length", str(len(reply.body)))],
    )
    return b"".join(parser.send(part) or b"" for part in (head, h11.Data(data=body), h11.EndOfMessage()))


@cache
def _refusal(status: HTTPStatus) -> bytes:
    """The bytes of a refusal. They are made once: a flood of nonsense must cost us less than it costs its sender."""
    return _encoded(pages.page(pages.NOTHING_HERE, status=status), h11.Connection(h11.SERVER))
