"""An exchange is on the disk while it goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing

import pytest

from application.ports.chat_client import Done, TextDelta
from application.use_cases import kept_exchange
from domain.conversation import Role, TurnState
from domain.errors import Offline, StoreBusy, StoreError
from domain.provider import Provider
from tests.support.credentials import a_session
from tests.support.world import World
from tests.unit.test_send_message import a_thread, exchange, selected


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - what it waits for happens in a thread
            await asyncio.sleep(0.01)


def stored_texts(world: World) -> list[str]:
    return [turn.text for turn in world.conversations.turns("c1", first=1, count=9)]


async def test_question_and_answer_are_stored_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kept_exchange.SAVED_EVERY < 1
    monkeypatch.setattr(kept_exchange, "SAVED_EVERY", 0.01)
    world, thread = World(a_session()), a_thread()
    world.chat.hold_before = Done
    going = asyncio.create_task(exchange(world, thread, "hi"))
    await world.chat.holding.wait()
    await until(lambda: stored_texts(world) == ["hi", "Hello from the fake."])
    asked, coming = world.conversations.turns("c1", first=1, count=9)
    assert (asked.role, asked.text) == (Role.USER, "hi")
    assert (coming.state, coming.receipt and coming.receipt.label) == (TurnState.BROKEN, "Claude Opus 5.5")
    world.chat.go_on.set()
    await going
    stored = world.conversations.load("c1")
    assert stored == thread.conversation
    assert stored.turns[-1].state is TurnState.COMPLETE


async def test_a_question_that_nothing_came_of_is_taken_back_from_the_disk() -> None:
    world, thread = World(a_session()), a_thread()
    await exchange(world, thread, "first")
    world.chat.hold_before = TextDelta
    going = asyncio.create_task(exchange(world, thread, "second"))
    await world.chat.holding.wait()
    await until(lambda: world.conversations.count("c1") == 4)
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going
    assert world.conversations.count("c1") == 2
    world.chat.hold_before = None
    world.chat.answers = [(Offline(Provider.CLAUDE, "no route"),)]
    with pytest.raises(Offline):
        await exchange(world, thread, "third")
    assert world.conversations.load("c1") == thread.conversation


async def test_a_store_that_is_locked_for_a_while_misses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    world, thread = World(a_session()), a_thread()
    begin = world.conversations.begin
    refused = [StoreBusy("conversations.db", "another process was writing to it")]

    def locked(*_: object) -> int:
        monkeypatch.setattr(world.conversations, "begin", begin)
        raise refused.pop()

    monkeypatch.setattr(world.conversations, "begin", locked)
    async with aclosing(world.send(thread, "hi", selected(world, "opus"))) as events:
        await anext(events)
        await until(lambda: not refused)
        rest = [event async for event in events]
    assert len(rest) == 2
    assert world.conversations.load("c1") == thread.conversation


async def test_a_store_that_stays_locked_says_so_after_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    world, thread = World(a_session()), a_thread()

    def locked(*_: object) -> int:
        raise StoreBusy("conversations.db", "another process was writing to it")

    monkeypatch.setattr(world.conversations, "begin", locked)
    with pytest.raises(StoreError):
        await exchange(world, thread, "hi")
    assert [turn.text for turn in thread.conversation.turns] == ["hi", "Hello from the fake."]
