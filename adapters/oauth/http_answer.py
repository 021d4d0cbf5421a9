"""An answer over HTTP, read whole, but never more of it than fits: size and time have an end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx2

from adapters.http.bound_transport import AnswerTooLarge

LARGEST_ANSWER: Final = 256 * 1024
"""Bytes after decompression. A token answer has some ten thousand."""

TOTAL_SECONDS: Final = 30.0
"""From the first packet to the last byte of the answer, where the caller sets no other limit."""

_PIECE: Final = 256
"""Bytes of a packed body that are unpacked at once: deflate makes at most a thousandfold of them."""

_SECONDS_TO_TELL: Final = 0.5
"""Before the time of an exchange is over, its reading ends, so that the caller still hears what had come."""

_BODY_HEADERS: Final = frozenset({b"content-encoding", b"content-length", b"transfer-encoding"})


async def get(url: str, options: Mapping[str, Any]) -> httpx2.Response:
    """Fetch a public document of an authorization server.

    Raises:
        httpx2.TransportError: No complete answer came, or not in time.
        AnswerTooLarge, httpx2.DecodingError: As named.
    """
    headers = {**options.get("headers", {}), "Accept": "application/json", "Accept-Encoding": "identity"}
    async with httpx2.AsyncClient(**{**options, "headers": headers}) as client, deadline():
        return await read_capped(await client.send(client.build_request("GET", url), stream=True))


async def read_capped(response: httpx2.Response, until: float | None = None) -> httpx2.Response:
    """*response* with its body read and unpacked, up to `LARGEST_ANSWER`; as it came where it cannot be unpacked.

    An object that is complete is the whole answer, even if the connection says, up to *until*, that more was to come:
    servers count wrongly, and forget to close. *until* is a moment by the clock of the event loop.

    Raises:
        AnswerTooLarge: It is larger, packed or unpacked.
        httpx2.TransportError: It broke off.
    """
    try:
        if response.is_stream_consumed:  # by a transport that has the whole body at hand
            body = response.content
        else:
            packed = await _collected(response, response.aiter_raw(), until)
            unpacking = httpx2.Response(200, headers=response.headers, stream=_Pieces(packed))
            try:
                body = await _collected(response, unpacking.aiter_bytes())
            except httpx2.DecodingError:
                body = packed
    finally:
        await response.aclose()
    kept = [(name, value) for name, value in response.headers.raw if name.lower() not in _BODY_HEADERS]
    return httpx2.Response(response.status_code, headers=kept, content=body, request=response.request)


class _Pieces(httpx2.AsyncByteStream):
    """Bytes, a few at a time, so that a packed body shows its size before it is all unpacked."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._body), _PIECE):
            yield self._body[start : start + _PIECE]


async def _collected(response: httpx2.Response, pieces: AsyncIterator[bytes], until: float | None = None) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout_at(until):
            async for piece in pieces:
                body += piece
                if len(body) > LARGEST_ANSWER:
                    raise AnswerTooLarge("an answer of more than 256 KiB", request=response.request)
    except (httpx2.TransportError, TimeoutError) as error:
        if not _is_complete(body):
            raise error if isinstance(error, httpx2.TransportError) else _out_of_time() from None
    return bytes(body)


def _is_complete(body: bytearray) -> bool:
    """Whether *body* begins with a JSON object that has its end."""
    try:
        return isinstance(json.JSONDecoder(strict=False).raw_decode(body.decode("utf-8-sig").lstrip())[0], dict)
    except (ValueError, RecursionError):
        return False


def _out_of_time() -> httpx2.ReadTimeout:
    return httpx2.ReadTimeout("no complete answer in time")


@asynccontextmanager
async def deadline(seconds: float | None = None) -> AsyncIterator[None]:
    """`asyncio.timeout`, ending in the error that a silent server causes anyway. *seconds*: not `TOTAL_SECONDS`."""
    try:
        async with asyncio.timeout(TOTAL_SECONDS if seconds is None else seconds):
            yield
    except TimeoutError:
        raise _out_of_time() from None


def end_of_reading(seconds: float | None) -> float:
    """Until when to read an answer to a request that leaves now, by the clock of the event loop."""
    whole = TOTAL_SECONDS if seconds is None else seconds
    return asyncio.get_running_loop().time() + whole - min(_SECONDS_TO_TELL, whole / 4)
