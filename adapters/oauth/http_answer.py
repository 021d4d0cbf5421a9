"""An answer over HTTP, read whole, but never more of it than fits: size and time have an end."""

from __future__ import annotations

import asyncio
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

_BODY_HEADERS: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})


async def get(url: str, options: Mapping[str, Any]) -> httpx2.Response:
    """Fetch a public document of an authorization server.

    Raises:
        httpx2.TransportError: No complete answer came, or not in time.
        AnswerTooLarge, httpx2.DecodingError: As named.
    """
    headers = {**options.get("headers", {}), "Accept": "application/json", "Accept-Encoding": "identity"}
    async with httpx2.AsyncClient(**{**options, "headers": headers}) as client, deadline():
        return await read_capped(await client.send(client.build_request("GET", url), stream=True))


async def read_capped(response: httpx2.Response) -> httpx2.Response:
    """*response* with its body read and unpacked, up to `LARGEST_ANSWER`.

    Raises:
        AnswerTooLarge: It is larger, packed or unpacked.
        httpx2.DecodingError: It cannot be unpacked.
    """
    try:
        if response.is_stream_consumed:  # by a transport that has the whole body at hand
            body = response.content
        else:
            packed = await _collected(response, response.aiter_raw())
            headers = response.headers
            body = await _collected(
                response, httpx2.Response(200, headers=headers, stream=_Pieces(packed)).aiter_bytes()
            )
    finally:
        await response.aclose()
    kept = [(name, value) for name, value in response.headers.multi_items() if name.lower() not in _BODY_HEADERS]
    return httpx2.Response(response.status_code, headers=kept, content=body, request=response.request)


class _Pieces(httpx2.AsyncByteStream):
    """Bytes, a few at a time, so that a packed body shows its size before it is all unpacked."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._body), _PIECE):
            yield self._body[start : start + _PIECE]


async def _collected(response: httpx2.Response, pieces: AsyncIterator[bytes]) -> bytes:
    body = bytearray()
    async for piece in pieces:
        body += piece
        if len(body) > LARGEST_ANSWER:
            raise AnswerTooLarge("an answer of more than 256 KiB", request=response.request)
    return bytes(body)


@asynccontextmanager
async def deadline(seconds: float | None = None) -> AsyncIterator[None]:
    """`asyncio.timeout`, ending in the error that a silent server causes anyway. *seconds*: not `TOTAL_SECONDS`."""
    try:
        async with asyncio.timeout(TOTAL_SECONDS if seconds is None else seconds):
            yield
    except TimeoutError:
        raise httpx2.ReadTimeout("no complete answer in time") from None
