"""Somebody on this machine who wants a sign-in to fail: `python attacker.py KIND PORT`. Needs no library.

Prints `ready` once the attack is in full swing, and goes on until it is killed.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress

Attack = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

HEAD = b"GET /callback?code=evil&state=guess HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"


async def slow_head(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A request that never comes to its end."""
    writer.write(HEAD % PORT + b"X: ")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.2)


async def idle(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Says nothing until it is thrown out."""
    await reader.read()


async def guesses(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A callback with a wrong state, and the next as soon as that is answered."""
    writer.write(HEAD % PORT + b"\r\n")
    await reader.read()


async def long_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A request of a megabyte."""
    writer.write(HEAD % PORT + b"".join(b"X-%d: %s\r\n" % (number, b"x" * 1000) for number in range(1000)) + b"\r\n")
    await writer.drain()
    await reader.read()


async def long_body(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A body without end."""
    writer.write(b"POST / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nTransfer-Encoding: chunked\r\n\r\n" % PORT)
    while True:
        writer.write(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")
        await writer.drain()


async def garbage(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """No HTTP at all, and nobody who reads the answer."""
    writer.write(bytes(range(256)) * 16)
    await writer.drain()


async def pipeline(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A thousand requests in one go."""
    writer.write((HEAD % PORT + b"\r\n") * 1000)
    await reader.read()


ATTACKS: dict[str, tuple[Attack, int]] = {
    "slow-heads": (slow_head, 300),
    "idle": (idle, 300),
    "guesses": (guesses, 50),
    "long-heads": (long_head, 20),
    "long-bodies": (long_body, 20),
    "garbage": (garbage, 50),
    "pipelines": (pipeline, 20),
}
"""By name, with the number of connections at a time."""


async def one(attack: Attack, connected: asyncio.Semaphore) -> None:
    """Knock again and again, until the test ends."""
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
            connected.release()
            try:
                await attack(reader, writer)
            finally:
                writer.close()


async def main(name: str) -> None:
    attack, at_once = ATTACKS[name]
    connected = asyncio.Semaphore(0)
    running = [asyncio.create_task(one(attack, connected)) for _ in range(at_once)]
    for _ in range(at_once):
        await connected.acquire()
    print("ready", flush=True)  # noqa: T201 - to whoever started this
    await asyncio.gather(*running)


if __name__ == "__main__":
    PORT = int(sys.argv[2])
    asyncio.run(main(sys.argv[1]))
