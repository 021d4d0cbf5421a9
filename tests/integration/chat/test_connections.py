"""Lines that are closed, kept, silent or endless, as the other end sees them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import pytest

from adapters.chat.chat_address import ChatSettings
from adapters.chat.limits import Bounds
from adapters.chat.router import ProviderChatClient
from application.ports.chat_client import ChatEvent, TextDelta
from domain.errors import AnswerUnreadable, BrokenStream, Overloaded
from domain.provider import Provider
from tests.support.credentials import an_api_key
from tests.support.fixed_clock import FixedClock
from tests.support.mock_chat_network import answer_of, end_of, question, sse, text_of
from tests.support.raw_server import END, HEAD, RawServer, Script, chunk, raw_server
from tests.support.recorded_answers import RECORDED, TEXT, anthropic_start, anthropic_text

CLAUDE: Final = Provider.CLAUDE
PROMPTLY: Final = 5.0
"""Seconds; far below the bounds of `Bounds()`, far above what a busy machine needs."""
OPENING: Final = HEAD + chunk(sse(anthropic_start(), anthropic_text("So far.")))
PING: Final = chunk(sse({"type": "ping"}))


@asynccontextmanager
async def talking(script: Script, bounds: Bounds | None = None) -> AsyncIterator[tuple[RawServer, ProviderChatClient]]:
    async with raw_server(script) as server:
        client = ProviderChatClient(settings=lambda _: ChatSettings(server.url), clock=FixedClock(), bounds=bounds)
        try:
            yield server, client
        finally:
            await client.aclose()


async def stall(_: RawServer, writer: asyncio.StreamWriter) -> None:
    writer.write(OPENING)
    await asyncio.Event().wait()


async def answer(_: RawServer, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + chunk(RECORDED[CLAUDE].body) + END)


async def test_closing_the_iterator_is_seen_at_the_other_end_at_once() -> None:
    async with talking(stall) as (server, client):
        events = client.stream(question(CLAUDE), an_api_key(CLAUDE))
        assert await anext(events) == TextDelta("So far.")

        async with asyncio.timeout(PROMPTLY):
            await events.aclose()
            await server.left.wait()


@pytest.mark.parametrize("opening", [b"", HEAD, OPENING], ids=["no answer yet", "only its head", "in the middle"])
async def test_cancelling_the_task_is_seen_at_the_other_end_at_once(opening: bytes) -> None:
    under_way = asyncio.Event()

    async def silence(_: RawServer, writer: asyncio.StreamWriter) -> None:
        writer.write(opening)
        under_way.set()
        await asyncio.Event().wait()

    async with talking(silence) as (server, client):
        asking = asyncio.create_task(answer_of(client, question(CLAUDE), an_api_key(CLAUDE)))
        async with asyncio.timeout(PROMPTLY):
            await under_way.wait()
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            await server.left.wait()


async def test_leaving_the_loop_and_closing_later_is_enough() -> None:
    async with talking(stall) as (server, client):
        events = client.stream(question(CLAUDE), an_api_key(CLAUDE))
        async for _ in events:
            break
        assert not server.left.is_set()
        async with asyncio.timeout(PROMPTLY):
            await events.aclose()
            await server.left.wait()


async def test_a_connection_serves_one_question_after_another() -> None:
    async with talking(answer) as (server, client):
        for _ in range(3):
            assert text_of(await answer_of(client, question(CLAUDE), an_api_key(CLAUDE))) == TEXT

        assert (server.connections, server.requests) == (1, 3)


async def test_an_answer_that_is_complete_does_not_wait_for_the_line_to_end() -> None:
    async def never_ends(_: RawServer, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + chunk(RECORDED[CLAUDE].body))
        await asyncio.Event().wait()

    async with talking(never_ends, Bounds(after_end=0.01)) as (server, client), asyncio.timeout(PROMPTLY):
        events = await answer_of(client, question(CLAUDE), an_api_key(CLAUDE))
        await server.left.wait()

    assert text_of(events) == TEXT
    assert end_of(events).usage == RECORDED[CLAUDE].usage


async def test_a_line_that_is_cut_after_the_end_of_the_answer_costs_nothing() -> None:
    async def cut(_: RawServer, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + chunk(RECORDED[CLAUDE].body))
        await writer.drain()
        writer.close()

    async with talking(cut) as (_, client):
        assert text_of(await answer_of(client, question(CLAUDE), an_api_key(CLAUDE))) == TEXT


async def failing(client: ProviderChatClient, error: type[Exception], match: str) -> list[ChatEvent]:
    seen: list[ChatEvent] = []

    async def listen() -> None:
        async for event in client.stream(question(CLAUDE), an_api_key(CLAUDE)):
            seen.append(event)  # noqa: PERF401 - what came before the error has to be kept

    async with asyncio.timeout(PROMPTLY):
        with pytest.raises(error, match=match):
            await listen()
    return seen


async def test_a_line_that_falls_silent_is_given_up() -> None:
    async with talking(stall, Bounds(silence=0.05)) as (server, client):
        seen = await failing(client, BrokenStream, r"nothing came for 0\.05 s")
        await server.left.wait()

    assert seen == [TextDelta("So far.")]


async def test_a_provider_that_never_answers_is_given_up_and_not_asked_again() -> None:
    async def silence(_server: RawServer, _writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with talking(silence, Bounds(silence=0.05)) as (server, client):
        await failing(client, Overloaded, r"no answer within 0\.05 s")

        assert server.requests == 1


async def test_pings_count_as_life_until_the_whole_answer_takes_too_long() -> None:
    pings = 0

    async def chatter(_: RawServer, writer: asyncio.StreamWriter) -> None:
        nonlocal pings
        writer.write(OPENING)
        while True:
            writer.write(PING)
            pings += 1
            await asyncio.sleep(0.02)  # the pace of the pings is what is tested

    async with talking(chatter, Bounds(silence=0.5, duration=1.0)) as (server, client):
        seen = await failing(client, BrokenStream, r"not complete after 1 s")
        async with asyncio.timeout(PROMPTLY):
            await server.left.wait()

    assert seen == [TextDelta("So far.")]
    assert pings > 10


async def endless(body: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(OPENING)
    while True:
        writer.write(chunk(body))
        await writer.drain()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"data: " + b"x" * 1000, "more than 50000 characters"),
        (b": " + b"x" * 1000, "more than 60000 bytes"),
        (b"data: \n" * 100, "more than 60000 bytes"),
        (sse({"type": "ping", "filler": "x" * 1000}), "more than 50000 characters"),
    ],
    ids=["an endless line", "an endless comment", "an endless event", "endless events"],
)
async def test_an_answer_without_end_is_given_up_before_it_fills_the_memory(body: bytes, says: str) -> None:
    async def flood(_: RawServer, writer: asyncio.StreamWriter) -> None:
        await endless(body, writer)

    async with talking(flood, Bounds(size=60_000, total=50_000)) as (server, client):
        seen = await failing(client, AnswerUnreadable, says)
        async with asyncio.timeout(PROMPTLY):
            await server.left.wait()

    assert seen == [TextDelta("So far.")]


async def test_the_body_of_an_error_may_not_keep_anyone_waiting() -> None:
    async def slow_error(_: RawServer, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 402 Payment Required\r\ncontent-length: 500\r\n\r\n{")
        await asyncio.Event().wait()

    async with talking(slow_error, Bounds(error_seconds=0.05)) as (server, client):
        await failing(client, Exception, r"limit is reached: .*\(HTTP 402\)")
        async with asyncio.timeout(PROMPTLY):
            await server.left.wait()


async def test_an_answer_that_is_compressed_against_our_wish_is_read_all_the_same() -> None:
    import gzip

    async def compressed(_: RawServer, writer: asyncio.StreamWriter) -> None:
        head = HEAD.replace(b"\r\n\r\n", b"\r\ncontent-encoding: gzip\r\n\r\n")
        writer.write(head + chunk(gzip.compress(RECORDED[CLAUDE].body)) + END)

    async with talking(compressed) as (_, client):
        assert text_of(await answer_of(client, question(CLAUDE), an_api_key(CLAUDE))) == TEXT


async def test_an_answer_whose_compression_is_broken_is_unreadable() -> None:
    async def compressed(_: RawServer, writer: asyncio.StreamWriter) -> None:
        head = HEAD.replace(b"\r\n\r\n", b"\r\ncontent-encoding: gzip\r\n\r\n")
        writer.write(head + chunk(RECORDED[CLAUDE].body) + END)

    async with talking(compressed) as (_, client):
        assert await failing(client, AnswerUnreadable, "incorrect header check") == []


async def test_after_closing_the_client_can_be_used_again() -> None:
    async with talking(answer) as (server, client):
        await answer_of(client, question(CLAUDE), an_api_key(CLAUDE))
        await client.aclose()
        await answer_of(client, question(CLAUDE), an_api_key(CLAUDE))

        assert server.connections == 2
