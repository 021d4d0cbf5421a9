"""One connection of a browser: one request, sent in time, and one answer."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from adapters.sign_in import pages

HEAD_SECONDS: Final = 5.0
"""A browser sends its request at once; a connection that it opened in advance is none until then."""

MOST_UNSENT: Final = 100
"""Connections whose request has not come yet. One more, and the oldest of them goes: whoever only opens connections
takes the place of others like themselves, and a browser's request is there by the time it is accepted."""

ACCEPTED_AT_ONCE: Final = 16
"""In one turn of the event loop. A connection is read two turns after it was accepted, so that fewer than `MOST_UNSENT`
newer ones can be there by then."""

Unsent = dict["Connection", None]
"""The connections without a request, the oldest first."""


class Connection(H11Protocol):
    """uvicorn's protocol with an end: it waits for ever for a request, and then for the next."""

    def __init__(self, *arguments: Any, unsent: Unsent, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._unsent = unsent
        self._impatience: asyncio.TimerHandle | None = None
        self._heard = False
        """Whether any byte came."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the base class
        """Somebody connected."""
        super().connection_made(transport)
        self._impatience = self.loop.call_later(HEAD_SECONDS, self._give_up)
        self._unsent[self] = None
        if len(self._unsent) > MOST_UNSENT:
            next(iter(self._unsent)).make_room()

    def data_received(self, data: bytes) -> None:
        """Some of a request came. What comes behind the first one is not read: every answer closes the connection."""
        self._heard = True
        if self not in self._unsent:
            return
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._is_sent()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._is_sent()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP like everything else."""
        self._is_sent()
        self._answer(400, b"Bad Request")

    def make_room(self) -> None:
        """Go, for somebody who came later."""
        self._is_sent()
        self.transport.abort()

    def _give_up(self) -> None:
        self._is_sent()
        if self._heard:
            self._answer(408, b"Request Timeout")
        else:
            self.transport.close()

    def _answer(self, status: int, reason: bytes) -> None:
        page = pages.page(pages.NOTHING_HERE, status=status)
        answer = h11.Response(status_code=status, headers=page.raw_headers, reason=reason)
        for event in (answer, h11.Data(data=bytes(page.body)), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _is_sent(self) -> None:
        self._unsent.pop(self, None)
        if self._impatience is not None:
            self._impatience.cancel()
            self._impatience = None
