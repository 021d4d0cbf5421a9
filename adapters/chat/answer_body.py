"""The bytes of an answer: what they turn out to be, and the server-sent events in them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from enum import Enum, auto
from typing import Final

import httpx2

_CODEC: Final = "utf-8-sig"
"""Server-sent events are UTF-8 whatever a header says, with or without a byte order mark (WHATWG HTML, 9.2.5)."""

_LAST_EVENT_ENDS: Final = b"\n\n"
_BLANK: Final = b"\xef\xbb\xbf \t\r\n"
_TAIL: Final = 64 * 1024
"""Bytes of the end that are kept, to look for an error that no event brought."""


class Form(Enum):
    """What a body looks like by its first character. Its `Content-Type` says less: servers get it wrong."""

    EVENTS = auto()
    JSON = auto()
    PAGE = auto()


class AnswerBody:
    """The body of one answer, read once.

    httpx2 reads the events, with two of its rules changed by what is handed to it: it takes no answer whose type is
    not `text/event-stream`, and drops a last event without a blank line behind it.
    """

    def __init__(self, response: httpx2.Response) -> None:
        self._response = response
        self._pieces = response.aiter_bytes()
        self._begun = b""
        self._tail = bytearray()
        self.ended = False
        """Whether the connection is at its end: an event that comes now had no blank line behind it."""

    @property
    def headers(self) -> dict[str, str]:
        """What came before the body; names in lower case."""
        return {name.lower(): value for name, value in self._response.headers.items()}

    @property
    def kind(self) -> str:
        """The media type that the `Content-Type` promises; "" where there is none."""
        return self._response.headers.get("content-type", "").partition(";")[0].strip().lower()

    async def form(self) -> Form:
        """What comes, as soon as that can be told. Raises as reading does."""
        async for piece in self._pieces:
            self._begun += piece
            if self._begun.lstrip(_BLANK):
                break
        first = self._begun.lstrip(_BLANK)[:1]
        if first == b"<":
            return Form.PAGE
        return Form.JSON if first in {b"{", b"["} else Form.EVENTS

    async def whole(self, limit: int) -> bytes:
        """All of it, or the first *limit* bytes and some more; what came before the line was cut."""
        body = bytearray(self._begun)
        try:
            async for piece in self._pieces:
                body += piece
                if len(body) > limit:
                    break
        except httpx2.HTTPError:
            if not body:
                raise
        return bytes(body)

    async def events(self) -> AsyncGenerator[httpx2.ServerSentEvent, None]:
        """The events in it. Raises as reading does, once the events that had come are given out."""
        copy = httpx2.Response(
            200,
            headers={"content-type": "text/event-stream"},
            content=self._with_an_end(),
            request=self._response.request,
        )
        copy.encoding = _CODEC
        # BoundTransport limits the size of the whole, and one event may be as large.
        async for event in httpx2.EventSource(copy, max_event_size=None):
            yield event

    def left_over(self) -> bytes:
        """JSON that stands behind the last event without being one; b"" where there is none."""
        lines = bytes(self._tail).splitlines(keepends=True)
        for number in range(len(lines) - 1, -1, -1):
            if lines[number].lstrip().startswith(b"data:"):
                return b""
            if lines[number][:1] in {b"{", b"["}:
                return b"".join(lines[number:])
        return b""

    async def _with_an_end(self) -> AsyncIterator[bytes]:
        try:
            yield self._kept(self._begun)
            async with aclosing(self._pieces) as pieces:
                async for piece in pieces:
                    yield self._kept(piece)
        except httpx2.HTTPError:
            self.ended = True
            yield _LAST_EVENT_ENDS
            raise
        self.ended = True
        yield _LAST_EVENT_ENDS

    def _kept(self, piece: bytes) -> bytes:
        self._tail += piece
        if len(self._tail) > 2 * _TAIL:
            del self._tail[:-_TAIL]
        return piece
