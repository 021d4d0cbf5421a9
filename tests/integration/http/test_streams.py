"""An answer that never ends, or unfolds without end, costs a limited time and a limited memory."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from adapters.chat.limits import Bounds
from application.ports.oauth_client import RENEWAL_SECONDS
from domain.errors import AnswerUnreadable, BrokenStream, KeyswitchError, Offline, Overloaded
from domain.provider import Provider
from tests.support.secret_senders import Sending, chat, renewal, session_at
from tests.support.watching_servers import Script, Watched, watched

PROMPTLY = 60
"""Seconds; only a hang takes longer."""

MEBIBYTE = 1024 * 1024

SMALL = Bounds(size=4 * MEBIBYTE)
"""So that a test sees the end of them; their times are those of the program, which no test comes near."""

SHORT = {
    "events for ever, slowly": replace(SMALL, duration=0.6),
    "one byte at a time": replace(SMALL, duration=0.6),
    "a head that trickles": replace(SMALL, opening=0.4),
    "early hints for ever": replace(SMALL, opening=0.4),
    "an error that trickles": replace(SMALL, error_seconds=0.4),
}
"""Where only time can end it, there is little of it."""

OK_SSE = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
OK_JSON = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


def unfolding(head: bytes, coding: bytes, pack: Callable[[], bytes]) -> Script:
    """A packed body, whole."""

    async def script(writer: asyncio.StreamWriter) -> None:
        packed = pack()
        writer.write(head + b"content-encoding: " + coding + b"\r\ncontent-length: %d\r\n\r\n" % len(packed) + packed)
        await writer.drain()

    return script


def endless(head: bytes, piece: bytes, *, every: float = 0.0) -> Script:
    """*piece* for ever, one every so many seconds."""

    async def script(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(every)

    return script


@cache
def bomb() -> bytes:
    """Unfolds to 300 MiB."""
    return gzip.compress(b":" * 300 * MEBIBYTE, compresslevel=1)


@cache
def nested() -> bytes:
    return gzip.compress(bomb())


@cache
def deflated() -> bytes:
    return zlib.compress(b":" * 300 * MEBIBYTE, 1)


@cache
def comments() -> bytes:
    """Comments and blank lines of an event stream: no event comes out of them."""
    return gzip.compress(b":\n\n" * 60 * MEBIBYTE, compresslevel=1)


@pytest.fixture(scope="module", autouse=True)
def _packed() -> None:
    """Before any memory is measured, and not where these tests are only listed."""
    for pack in (bomb, nested, deflated, comments):
        pack()


PING = b'event: ping\ndata: {"type": "ping"}\n\n'

TO_A_QUESTION: dict[str, tuple[Script, type[KeyswitchError]]] = {
    "a gzip bomb": (unfolding(OK_SSE, b"gzip", bomb), AnswerUnreadable),
    "a gzip bomb in a gzip": (unfolding(OK_SSE, b"gzip, gzip", nested), AnswerUnreadable),
    "a deflate bomb": (unfolding(OK_SSE, b"deflate", deflated), AnswerUnreadable),
    "a bomb of comments": (unfolding(OK_SSE, b"gzip", comments), AnswerUnreadable),
    "a bomb as an error": (unfolding(b"HTTP/1.1 500 No\r\n", b"gzip", bomb), Overloaded),
    "comments for ever": (endless(OK_SSE + b"\r\n", b":\n\n" * 20_000), AnswerUnreadable),
    "one line for ever": (endless(OK_SSE + b"\r\n", b"data: " + b"x" * 60_000), AnswerUnreadable),
    "events for ever, slowly": (endless(OK_SSE + b"\r\n", PING, every=0.05), BrokenStream),
    "one byte at a time": (endless(OK_SSE + b"\r\n", b":", every=0.05), BrokenStream),
    "a head that trickles": (endless(b"HTTP/1.1 200 OK\r\nx: ", b"y", every=0.05), Overloaded),
    "a head without end": (endless(b"HTTP/1.1 200 OK\r\n", b"x: " + b"y" * 60_000 + b"\r\n"), Offline),
    "early hints for ever": (endless(b"", b"HTTP/1.1 103 Early\r\n\r\n", every=0.01), Overloaded),
    "an error for ever": (endless(b"HTTP/1.1 500 No\r\n\r\n", b"x" * 60_000), Overloaded),
    "an error that trickles": (endless(b"HTTP/1.1 500 No\r\n\r\n", b"x", every=0.05), Overloaded),
    "a negative length": (endless(OK_SSE + b"content-length: -1\r\n\r\n", b"x", every=0.05), Offline),
    "two lengths": (endless(OK_SSE + b"content-length: 1\r\ncontent-length: 2\r\n\r\n", b"x", every=0.05), Offline),
}

TO_A_TOKEN_REQUEST: dict[str, Script] = {
    "a gzip bomb": unfolding(OK_JSON, b"gzip", bomb),
    "a gzip bomb in a gzip": unfolding(OK_JSON, b"gzip, gzip", nested),
    "a deflate bomb": unfolding(OK_JSON, b"deflate", deflated),
    "a body without end": endless(OK_JSON + b"\r\n", b" " * 60_000),
    "a body that trickles": endless(OK_JSON + b"\r\n", b" ", every=0.05),
    "a head that trickles": endless(b"HTTP/1.1 200 OK\r\nx: ", b"y", every=0.05),
    "early hints for ever": endless(b"", b"HTTP/1.1 103 Early\r\n\r\n", every=0.01),
    "nothing at all": endless(b"", b"", every=0.05),
}


ENDED_BY_TIME = {"a body that trickles", "a head that trickles", "early hints for ever", "nothing at all"}


async def outcome(sending: Sending, script: Script) -> tuple[KeyswitchError | None, Watched]:
    """What came of asking a server that answers like this, once the client has left it."""
    async with watched(script) as server, asyncio.timeout(PROMPTLY):
        error = await sending(server.url)
        await server.left.wait()
        return error, server


@pytest.mark.parametrize("case", TO_A_QUESTION)
async def test_an_answer_to_a_question_has_an_end(case: str) -> None:
    script, kind = TO_A_QUESTION[case]
    tracemalloc.start()
    try:
        error, _ = await outcome(chat(session_at, Provider.CLAUDE, SHORT.get(case, SMALL)), script)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert type(error) is kind
    assert peak < 24 * MEBIBYTE


@pytest.mark.parametrize("case", TO_A_TOKEN_REQUEST)
async def test_an_answer_to_a_token_request_has_an_end(case: str) -> None:
    within = 0.4 if case in ENDED_BY_TIME else RENEWAL_SECONDS
    tracemalloc.start()
    try:
        error, server = await outcome(renewal(Provider.CLAUDE, within=within), TO_A_TOKEN_REQUEST[case])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert type(error) is AnswerUnreadable
    assert server.requests == 1
    assert peak < 24 * MEBIBYTE


async def test_an_unfolding_answer_leaves_the_event_loop_to_others() -> None:
    """A person must be able to stop it: the loop turns while it unfolds."""
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = asyncio.create_task(count())
    script, _ = TO_A_QUESTION["a bomb of comments"]
    async with watched(script) as server:
        before = turns
        await chat(session_at, Provider.CLAUDE, Bounds(size=32 * MEBIBYTE))(server.url)
    counting.cancel()

    assert turns - before > 30
