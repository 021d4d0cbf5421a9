"""Read the head of a request, which has to come in time and may not be long."""

from __future__ import annotations

import asyncio
import socket
from http import HTTPStatus
from typing import Final

import h11

HEAD_SECONDS: Final = 5.0
"""Whoever asks sends the request at once; a connection that was opened in advance is none until then."""

LARGEST_HEAD: Final = 16 * 1024
"""Bytes of request line and headers."""


async def heard(
    connection: socket.socket, parser: h11.Connection, *, idle: float = 0.0
) -> h11.Request | HTTPStatus | None:
    """The request that was read, or the status by which it is refused; None if nobody waits for an answer.

    *idle* is how many seconds the connection may lie open before the request begins to come.
    """
    loop = asyncio.get_running_loop()
    length = len(parser.trailing_data[0])
    try:
        async with asyncio.timeout(HEAD_SECONDS if length else idle or HEAD_SECONDS) as patience:
            while (event := parser.next_event()) is h11.NEED_DATA:
                if length > LARGEST_HEAD:
                    return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
                data = await loop.sock_recv(connection, LARGEST_HEAD + 1)
                if not data:
                    return None
                if not length:
                    patience.reschedule(loop.time() + HEAD_SECONDS)
                length += len(data)
                parser.receive_data(data)
    except TimeoutError:
        return HTTPStatus.REQUEST_TIMEOUT if length else None
    except h11.RemoteProtocolError as refused:
        return HTTPStatus(refused.error_status_hint)
    assert isinstance(event, h11.Request)  # noqa: S101 - nothing else can come first
    if length - len(parser.trailing_data[0]) > LARGEST_HEAD:  # h11 lets a longer one pass if it comes in one piece
        return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    return event
