"""One connection of a browser: one request, sent in time, and one answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from adapters.sign_in import pages

HEAD_SECONDS: Final = 5.0
"""A browser sends its request at once; a connection that it opened in advance is none until then."""

LARGEST_CROWD: Final = 100
"""Connections whose request has not come, or was none. One more, and the oldest of them goes: whoever only opens
connections takes the place of others like themselves, and a browser's request is there by the time it is accepted."""

ACCEPTED_AT_ONCE: Final = 16
"""In one turn of the event loop. A connection is read two turns after it was accepted, so that fewer than
`LARGEST_CROWD` newer ones can be there by then."""

LARGEST_HEAD: Final = 16 * 1024
"""Bytes of request line and headers."""

GOODBYE_SECONDS: Final = 1.0
"""To read away what else comes after an answer: hanging up on it would take the answer back."""

Crowd = dict["Connection", None]
"""The connections that wait for nothing of ours, the oldest first: nobody misses them."""


class Connection(H11Protocol):
    """uvicorn's protocol with an end: it waits for ever for a request, and then for the next."""

    def __init__(self, *arguments: Any, crowd: Crowd, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._crowd = crowd
        self._impatience: asyncio.TimerHandle | None = None
        self._heard = 0
        """Bytes of the request."""
        self._listens = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the base class
        """Somebody connected."""
        super().connection_made(transport)
        self._within(HEAD_SECONDS, self._give_up)
        self._crowd[self] = None
        if len(self._crowd) > LARGEST_CROWD:
            next(iter(self._crowd)).make_room()

    def data_received(self, data: bytes) -> None:
        """Some of a request came. What comes behind the first one is not read: every answer closes the connection."""
        if not self._listens:
            return
        self._heard += len(data)
        if self._heard > LARGEST_HEAD:  # h11 lets a longer one pass if it comes in one piece
            self._answer(431, b"Request Header Fields Too Large")
            return
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE and self._listens:
            self._listens = False
            self._leave_crowd()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._leave_crowd()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP like everything else."""
        self._answer(400, b"Bad Request")

    def make_room(self) -> None:
        """Go, for somebody who came later."""
        self._leave_crowd()
        self.transport.abort()

    def _give_up(self) -> None:
        if self._heard:
            self._answer(408, b"Request Timeout")
        else:
            self.transport.close()

    def _answer(self, status: int, reason: bytes) -> None:
        self._listens = False
        self.transport.write(_refusal(status, reason))
        self.transport.write_eof()
        self._within(GOODBYE_SECONDS, self.transport.abort)

    def _leave_crowd(self) -> None:
        self._crowd.pop(self, None)
        self._within(None)

    def _within(self, seconds: float | None, end: Callable[[], None] = lambda: None) -> None:
        """Call *end* after *seconds*, in place of what was to be called before."""
        if self._impatience is not None:
            self._impatience.cancel()
        self._impatience = None if seconds is None else self.loop.call_later(seconds, end)


@cache
def _refusal(status: int, reason: bytes) -> bytes:
    """The whole answer, made once and by hand: a flood of nonsense must cost less than it costs whoever sends it."""
    page = pages.page(pages.NOTHING_HERE, status=status)
    head = b"".join(b"%s: %s\r\n" % field for field in page.raw_headers)
    return b"HTTP/1.1 %d %s\r\n%s\r\n%s" % (status, reason, head, bytes(page.body))
