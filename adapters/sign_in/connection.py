"""Serve the connections of browsers. Each brings one request, which has to come in time, and gets one answer."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from email.utils import formatdate
from functools import cache
from http import HTTPStatus
from typing import Any, Final

import h11

from adapters.serving.callers import Callers
from adapters.serving.heads import LARGEST_HEAD, heard
from adapters.sign_in import pages
from adapters.sign_in.pages import Reply
from adapters.sign_in.peer import Address
from domain.records import dataclass

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
        self._callers = Callers(sockets, self._serve)

    async def close(self, *, within: float) -> None:
        """Accept nobody more, and hang up. Browsers that wait for an answer may fetch it *within* so many seconds."""
        await self._callers.close(within=within)

    async def _serve(self, connection: socket.socket, peer: tuple[Any, ...]) -> None:
        parser = h11.Connection(h11.SERVER)
        with suppress(OSError):  # they hung up
            with self._callers.in_crowd(connection):
                request = await heard(connection, parser)
            if request is None:
                return
            if isinstance(request, HTTPStatus):
                answer = _refusal(request)
            else:
                reply = await self._answer(_request(request, peer[:2], connection.getsockname()[:2]))
                answer = _encoded(reply, parser, without_body=request.method == b"HEAD")
            with self._callers.in_crowd(connection):
                await _say(connection, answer)


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
