"""What a message takes along: all that was said, as far as the model takes it in, whoever said it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from application.use_cases.past import Joined, LeftOut
from application.use_cases.send_message import Answered
from domain.conversation import Conversation, Role, Turn
from domain.conversations.context import Fit
from domain.conversations.thread import Thread
from tests.support.credentials import NOON, a_session
from tests.support.world import World
from tests.unit.test_send_message import exchange, selected


def talk(turns: int, *, letters: int = 0) -> tuple[Turn, ...]:
    roles = (Role.USER, Role.ASSISTANT)
    return tuple(Turn(roles[number % 2], f"turn {number + 1} {'x' * letters}", NOON) for number in range(turns))


def resumed(world: World, turns: tuple[Turn, ...], *, saved: bool = True) -> Thread:
    """A window that goes on with a stored conversation, of which it has the last turns."""
    world.conversations.begin(Conversation("c1", NOON, "Long", turns))
    latest = world.conversations.latest()
    assert latest is not None
    return Thread(latest, saved)


def sent(world: World) -> list[str]:
    return [turn.text for turn in world.chat.requests[-1][0].turns]


@pytest.mark.parametrize("saved", [True, False])
async def test_all_of_10000_turns_are_sent_where_they_fit(*, saved: bool) -> None:
    world = World(a_session())
    turns = talk(10_000)
    thread = resumed(world, turns, saved=saved)
    assert len(thread.conversation.turns) == 30
    events = [event async for event in world.send(thread, "and now?", selected(world, "opus"))]
    assert sent(world) == [*(turn.text for turn in turns), "and now?"]
    assert not any(isinstance(event, LeftOut) for event in events)
    assert thread.conversation.count == 10_002


async def test_of_what_does_not_fit_the_newest_is_sent_and_the_rest_is_said_first() -> None:
    world = World(a_session())
    turns = talk(10_000, letters=900)  # some 3 million tokens
    thread = resumed(world, turns)
    selection = selected(world, "opus")
    first, *_ = [event async for event in world.send(thread, "and now?", selection)]
    assert isinstance(first, LeftOut)
    fit = first.fit
    assert sent(world) == [*(turn.text for turn in turns[fit.sent_from_turn - 1 :]), "and now?"]
    assert (fit.left_out, fit.of) == (fit.sent_from_turn - 1, 10_000)
    letters = sum(map(len, sent(world)))
    assert 0.9 * 3 * 991_808 <= letters <= 3 * 991_808
    asked = Turn(Role.USER, "and now?", NOON)
    before = replace(thread.conversation, turns=thread.conversation.turns[:-2])
    assert world.loaded.past.fit(before, asked, 991_808) == fit
    assert world.loaded.past.fit(before, asked, 100_000_000) == Fit(1, 0, 10_000)
    assert world.conversations.turns("c1", first=1, count=1)[0].text == turns[0].text


async def test_what_another_window_added_is_said_and_sent() -> None:
    world = World(a_session())
    thread = resumed(world, talk(40))
    added = (Turn(Role.USER, "from elsewhere", NOON), Turn(Role.ASSISTANT, "said there", NOON))
    world.conversations.append("c1", *added)
    first, *_ = await exchange(world, thread, "here")
    assert isinstance(first, Joined)
    assert (first.turns, first.anew) == (added, False)
    assert sent(world)[-3:] == ["from elsewhere", "said there", "here"]
    assert [type(event) for event in await exchange(world, thread, "again")].count(Joined) == 0
    assert [turn.text for turn in thread.conversation.turns[-6:]] == [
        "from elsewhere",
        "said there",
        "here",
        "Hello from the fake.",
        "again",
        "Hello from the fake.",
    ]


async def test_what_another_window_cut_off_is_not_sent() -> None:
    world = World(a_session())
    thread = resumed(world, talk(40))
    world.conversations.cut("c1", after_turn=38)
    world.conversations.append(
        "c1", Turn(Role.USER, "other question", NOON), Turn(Role.ASSISTANT, "other answer", NOON)
    )
    first, *_ = await exchange(world, thread, "here")
    assert isinstance(first, Joined)
    assert first.anew
    assert sent(world)[37:] == ["turn 38 ", "other question", "other answer", "here"]


async def test_two_windows_that_answer_at_once_lose_no_turn() -> None:
    world = World(a_session())
    one = resumed(world, talk(2))
    other = Thread(one.conversation)
    await exchange(world, one, "one")
    await exchange(world, other, "other")
    await exchange(world, one, "three")
    stored = world.conversations.load("c1")
    assert stored is not None
    assert [turn.text for turn in stored.turns if turn.role is Role.USER] == ["turn 1 ", "one", "other", "three"]
    assert one.conversation.turns == stored.turns


async def test_a_window_whose_conversation_was_removed_brings_it_back() -> None:
    world = World(a_session())
    thread = resumed(world, talk(4))
    world.conversations.remove("c1")
    events = await exchange(world, thread, "still here")
    assert isinstance(events[-1], Answered)
    assert [one.turns for one in world.conversations.summaries()] == [6]
