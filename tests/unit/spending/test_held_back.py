"""A message that could pass a limit is held back before anything is sent; what is allowed is allowed once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from pytest_mock import MockerFixture

from application.ports.chat_client import Done, TextDelta
from domain.conversation import Conversation, StopReason, Usage
from domain.conversations.thread import Thread
from domain.errors import BrokenStream, ConfigError, KeyswitchError, Offline, StoreNotWritable, UsageError
from domain.provider import Provider
from domain.selection import Selection
from domain.spending.limits import Limits, Once
from tests.support.credentials import NOON, a_session, an_api_key
from tests.support.world import World


def a_world(**limits: str) -> World:
    world = World(a_session(), an_api_key(Provider.GEMINI), a_session(Provider.CHATGPT))
    world.config.spending = Limits(**{name: Decimal(amount) for name, amount in limits.items()})
    return world


def a_thread(name: str = "c1") -> Thread:
    return Thread(Conversation(name, NOON))


def selected(world: World, name: str) -> Selection:
    world.select(name, payer_agreed=True)
    selection = world.snapshot().selection
    assert selection is not None
    return selection


async def sent(world: World, thread: Thread, text: str = "hi", name: str = "opus") -> KeyswitchError | None:
    """The error that it ends with; None where it was answered."""
    try:
        async for _ in world.send(thread, text, selected(world, name)):
            pass
    except KeyswitchError as error:
        return error
    return None


def is_held_back(error: KeyswitchError | None) -> bool:
    return error is not None and error.code == "held_back"


async def test_what_could_pass_a_limit_is_not_sent_and_leaves_everything_as_it_was() -> None:
    # 8,192 tokens of Claude Opus 5.5 at $20 a million cost 16 cents.
    rows: dict[tuple[str, str], bool] = {
        ("day", "0.20"): False, ("day", "0.16"): True, ("conversation", "0.20"): False, ("conversation", "0.1"): True,
        ("day", "0"): True,
    }  # fmt: skip
    held = {}
    for name, amount in rows:
        world, thread = a_world(**{name: amount}), a_thread()
        error = await sent(world, thread)
        held[name, amount] = is_held_back(error)
        assert len(world.chat.requests) == (0 if error else 1)
        assert bool(thread.conversation.turns) is (error is None)
        assert world.promises.open == []
        assert (world.conversations.load("c1") is None) is (error is not None)
    assert held == rows


async def test_it_says_what_it_costs_at_most_what_is_left_and_how_long_an_answer_would_fit() -> None:
    error = await sent(a_world(day="0.10", conversation="5"), a_thread())
    assert isinstance(error, UsageError)
    assert str(error) == (
        "This message costs up to $0.17 (an answer may have 8,192 tokens), and $0.10 is left of your limit of $0.10 "
        "a day (UTC). Nothing was sent."
    )
    assert error.longest == 4900


async def test_a_plan_and_a_home_without_limits_are_never_held_back() -> None:
    plan, free = a_world(day="0"), a_world()
    assert await sent(plan, a_thread(), name="gpt") is None
    assert await sent(free, a_thread()) is None


async def test_what_was_spent_counts_for_its_day_and_its_conversation() -> None:
    world = a_world(day="0.30", conversation="0.25")
    dear = (TextDelta("Long."), Done(StopReason.END, Usage(input=20_000, output=1000)))  # 10 cents
    world.chat.answers = [dear, dear, dear]
    first, second = a_thread("c1"), a_thread("c2")
    assert await sent(world, first) is None
    assert is_held_back(await sent(world, first)), "15 cents are left of the conversation's"
    assert await sent(world, second) is None
    assert is_held_back(await sent(world, second))
    assert is_held_back(await sent(world, a_thread("c3"))), "10 cents are left of the day's"
    world.clock.advance(timedelta(days=1))
    assert await sent(world, a_thread("c4")) is None, "it is another day"


async def test_allowed_once_is_one_request_and_the_next_message_is_held_back_again() -> None:
    world, thread = a_world(day="0"), a_thread()
    thread.once = Once("hi", over_limit=True)
    assert await sent(world, thread, "hi") is None
    assert is_held_back(await sent(world, thread, "hi"))
    thread.once = Once("hi", over_limit=True)
    assert is_held_back(await sent(world, thread, "something else")), "it was about another message"
    assert is_held_back(await sent(world, thread, "hi")), "and holds for the next message alone"
    assert len(world.chat.requests) == 1


async def test_a_shorter_answer_is_asked_for_where_it_is_wanted_but_of_no_plan() -> None:
    world, thread = a_world(day="0.10"), a_thread()
    thread.once = Once("hi", longest=4900)
    assert await sent(world, thread, "hi") is None
    assert world.chat.requests[-1][0].max_output == 4900
    thread.once = Once("hi", longest=4900)
    assert isinstance(await sent(world, thread, "hi", "gpt"), UsageError)
    assert len(world.chat.requests) == 1


async def test_an_unknown_price_is_held_back_under_a_limit_and_only_there() -> None:
    for limits, outcome in (({"day": "100"}, True), ({}, False)):
        world = a_world(**limits)
        error = await sent(world, a_thread(), name="claude-of-a-later-year")
        assert is_held_back(error) is outcome
        assert not outcome or "is not known" in str(error)


async def test_two_windows_count_what_the_other_has_under_way() -> None:
    world = a_world(day="0.30")
    world.chat.hold_before = Done
    first = asyncio.create_task(sent(world, a_thread("c1")))
    await world.chat.holding.wait()
    assert is_held_back(await sent(world, a_thread("c2"))), "both together could cost 33 cents"
    world.chat.go_on.set()
    assert await first is None
    world.chat.hold_before = None
    assert await sent(world, a_thread("c2")) is None, "the first one cost next to nothing"


async def test_what_was_never_counted_stays_promised_and_what_was_refused_does_not() -> None:
    world = a_world(day="0.30")
    world.chat.answers = [
        (Offline(Provider.CLAUDE, "no route"),),
        (TextDelta("half"), BrokenStream(Provider.CLAUDE)),
    ]
    assert isinstance(await sent(world, a_thread()), Offline)
    assert world.promises.open == []
    assert isinstance(await sent(world, a_thread()), BrokenStream)
    assert [one.dollars > Decimal("0.16") for one in world.promises.open] == [True], "nobody knows what it cost"
    assert is_held_back(await sent(world, a_thread()))


async def test_limits_or_sums_that_cannot_be_read_let_nothing_through(mocker: MockerFixture) -> None:
    world = a_world(day="5")
    selection = selected(world, "opus")
    for place, error in (
        ((world.ledger, "used"), StoreNotWritable("ledger.db", "disk full")),
        ((world.promises, "make"), StoreNotWritable("promised.json", "disk full")),
        ((world.config, "read"), ConfigError("config.toml", "limits.day: expected dollars")),
    ):
        mocker.patch.object(*place, side_effect=error)
        world.config.fail_with = error if isinstance(error, ConfigError) else None
        with pytest.raises(type(error)):
            await anext(world.send(a_thread(), "hi", selection))
    assert world.chat.requests == []
