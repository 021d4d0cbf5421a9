"""A token endpoint in bare HTTP/1.1 that rotates, and ends the whole sign-in when a spent refresh token comes again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

Members = dict[str, Any]
Say = Callable[[Members], bytes]
"""The bytes of a whole HTTP answer that brings these members."""

_REFUSED = b'{"error": "invalid_grant"}'


def http(
    body: bytes, *heads: str, status: int = 200, kind: str | None = "application/json", framed: bool = True
) -> bytes:
    """An answer over HTTP/1.1, with its length if *framed*; the connection ends behind it."""
    lines = [f"HTTP/1.1 {status} Whatever", "connection: close", *heads]
    lines += [f"content-length: {len(body)}"] if framed else []
    lines += [f"content-type: {kind}"] if kind is not None else []
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def plain(members: Members) -> bytes:
    """The answer of a server with nothing odd about it."""
    return http(json.dumps(members).encode())


class StrictServer:
    """Its tokens are `rt-1`, `rt-2` and so on; `rt-1` is given out already."""

    def __init__(self) -> None:
        self.say: Say = plain
        """How the next answer is written; all later ones are plain."""
        self.stays_open = False
        """Whether the connection of that answer is left open."""
        self.sent: list[str] = []
        """Every refresh token that came, in order."""
        self.url = ""
        self._live = 1
        self._ended = False

    def start_over(self) -> None:
        self.sent.clear()
        self._live, self._ended, self.say, self.stays_open = 1, False, plain, False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        token = json.loads(await reader.readexactly(length))["refresh_token"]
        self.sent.append(token)
        say, self.say = self.say, plain
        open_, self.stays_open = self.stays_open, False
        try:
            writer.write(self._answer(token, say))
            await writer.drain()
            if open_:
                await reader.read()  # until the client has gone
        except ConnectionError:
            pass
        finally:
            writer.close()

    def _answer(self, token: str, say: Say) -> bytes:
        self._ended = self._ended or token != f"rt-{self._live}"
        if self._ended:
            return http(_REFUSED, status=400)
        self._live += 1
        return say(
            {
                "access_token": f"at-{self._live}",
                "refresh_token": f"rt-{self._live}",
                "token_type": "Bearer",
                "expires_in": 3600,
                "scope": "chat",
            }
        )


@asynccontextmanager
async def strict_server() -> AsyncIterator[StrictServer]:
    """A `StrictServer` on a free port of this machine."""
    server = StrictServer()
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listener.close()
