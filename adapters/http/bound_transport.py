"""The one way out: a transport that leads to one origin, whatever a caller or an answer asks for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import httpx2

from adapters.http.origin import Origin


class ForeignOrigin(RuntimeError):
    """A request for another origin than the one that its credential belongs to: a bug, and nothing was sent."""

    def __init__(self, bound: Origin) -> None:
        super().__init__(f"a request that may go to {bound} only was made for another address; it was not sent")


class AnswerTooLarge(httpx2.RequestError):
    """An answer larger than any that belongs here; it was not read to its end."""


class BoundTransport(httpx2.AsyncBaseTransport):
    """Sends to one origin and nowhere else.

    An answer loses its `Location`, so that nothing behind this can follow it: httpx2 takes only `Authorization` off a
    request that it sends on to another host, and with 307 and 308 sends the body along. It comes unpacked, and never
    more of it than *largest* bytes; without *unpack* it comes as it is, and its reader unpacks it.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport, *, origin: Origin, largest: int, unpack: bool = True) -> None:
        self._inner = inner
        self._origin = origin
        self._largest = largest
        self._unpack = unpack

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer of the origin. Raises as every transport, and `ForeignOrigin`; reading it, `AnswerTooLarge`."""
        check_bound(request, self._origin)
        answer = await self._inner.handle_async_request(request)
        left_out = _NOT_PASSED_ON if self._unpack else _NOT_PASSED_ON - _PACKING
        headers = [(name, value) for name, value in answer.headers.raw if name.lower() not in left_out]
        return httpx2.Response(
            answer.status_code,
            headers=headers,
            stream=_Body(answer, request, self._largest, unpack=self._unpack),
            extensions=answer.extensions,
        )

    async def aclose(self) -> None:
        """Close the connections of the transport underneath."""
        await self._inner.aclose()


_PACKING = frozenset({b"content-encoding", b"content-length"})
"""What describes the packed body."""

_NOT_PASSED_ON = _PACKING | {b"location"}


def check_bound(request: httpx2.Request, origin: Origin) -> None:
    """That *request* leads to *origin*, by its address and by its `Host`.

    Raises:
        ForeignOrigin: It does not.
    """
    try:
        wanted = Origin.of(str(request.url))
    except ValueError:
        raise ForeignOrigin(origin) from None
    if wanted != origin or request.headers.get_list("host") != [request.url.netloc.decode("ascii")]:
        raise ForeignOrigin(origin)


class _Body(httpx2.AsyncByteStream):
    """The body of *answer*, without its content coding if *unpack*. httpx2 unpacks at most a mebibyte at a time."""

    def __init__(self, answer: httpx2.Response, request: httpx2.Request, largest: int, *, unpack: bool) -> None:
        self._answer = answer
        self._request = request
        self._largest = largest
        self._unpack = unpack

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        packed = self._unpack and "content-encoding" in self._answer.headers
        size = 0
        async with aclosing(self._answer.aiter_bytes() if self._unpack else self._answer.aiter_raw()) as pieces:
            async for piece in pieces:
                size += len(piece)
                if size > self._largest:
                    raise AnswerTooLarge(f"an answer of more than {self._largest} bytes", request=self._request)
                yield piece
                if packed:  # a small packet may hold a lot, and must not keep the event loop from everything else
                    await asyncio.sleep(0)

    async def aclose(self) -> None:
        await self._answer.aclose()
