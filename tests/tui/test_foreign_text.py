"""Whatever others write, on whichever screen it ends up: it is seen, and nothing in it is obeyed (row T1)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Static

from adapters.catalogue.builtin import load_catalogue
from application.ports.chat_client import Done, ReasoningDelta, TextDelta
from domain.auth_mode import AuthMode
from domain.conversation import Conversation, Role, StopReason, Turn, Usage
from domain.credential import Setback, Tombstone
from domain.errors import (
    AnswerUnreadable,
    BrokenStream,
    KeyswitchError,
    LimitReached,
    Offline,
    Overloaded,
    Refused,
    SignInError,
)
from domain.finding import Area, Finding, problem
from domain.provider import Provider
from domain.text.untrusted import untrusted
from tests.support.credentials import NOON, a_session
from tests.support.fake_oauth import callback_of
from tests.support.screen_text import drawn
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, settled

pytestmark = pytest.mark.slow

SIGN = "SENTINEL"

POISON = (
    f"{SIGN}\x1b]0;title\x07\x1b[31m\x1b[2J\x1b]8;;https://evil.example.test\x1b\\\x9b31m\x90dcs\x9c"
    "\x08\x00\x7f\u202egnp\u2066\u200b\ufeff\U000e0041[/b][TODO]"
)
"""Escape sequences of every kind, controls, what reorders or hides text, and Textual's own markup."""

Step = Callable[[Pilot[int], TuiWorld], Awaitable[None]]


@dataclass(frozen=True)
class Source:
    """Somebody who writes, and where it shows."""

    poison: Callable[[TuiWorld], None]
    steps: tuple[Step, ...]


def keys(*pressed: str) -> Step:
    async def press(pilot: Pilot[int], _: TuiWorld) -> None:
        await pilot.press(*pressed)
        await settled(pilot)

    return press


def command(line: str) -> Step:
    return keys(*line, "enter")


async def redirected(pilot: Pilot[int], world: TuiWorld) -> None:
    """The browser comes back from the provider."""
    await pilot.press(*"/login claude", "enter")
    await pilot.pause()
    world.listener.callbacks.put_nowait(callback_of())
    await settled(pilot)


def stored(**changes: object) -> Callable[[TuiWorld], None]:
    def poison(world: TuiWorld) -> None:
        session = a_session(Provider.CLAUDE)
        record = replace(session.record, **changes)  # type: ignore[arg-type]  # members of the record, of their types
        world.sessions.save(replace(session, record=record), activate=True)

    return poison


def answered(*answer: TextDelta | ReasoningDelta | Done | KeyswitchError) -> Callable[[TuiWorld], None]:
    return lambda world: world.chat.answers.append(answer)


def fails_at_sign_in(world: TuiWorld) -> None:
    world.oauth.failing = SignInError(Provider.CLAUDE, POISON)


def renews_badly(world: TuiWorld) -> None:
    world.oauth.failing = Refused(Provider.CLAUDE, POISON)


def noticed(world: TuiWorld) -> None:
    world.config.settings = replace(world.config.settings, notices=(POISON,))


def said_before(world: TuiWorld) -> None:
    turns = (Turn(Role.USER, POISON, NOON), Turn(Role.ASSISTANT, POISON, NOON))
    world.conversations.begin(Conversation("earlier", NOON, turns=turns, title=POISON))


def found(world: TuiWorld) -> None:
    class Probe:
        area = Area.STORE

        async def __call__(self) -> tuple[Finding, ...]:
            return (problem(Area.CLOCK, POISON, POISON),)

    world.probes.append(Probe())


HELLO = command("hello")
EVERYWHERE = (keys("f3"), keys("escape"), keys("f2"), keys("escape"), command("/logout claude"), keys("escape"))
END = Done(StopReason.END, Usage())

SOURCES = {
    "an account's name": Source(stored(label=POISON), (*EVERYWHERE, HELLO)),
    "why a session ended": Source(stored(tombstone=Tombstone(POISON, NOON)), (*EVERYWHERE, HELLO)),
    "why a renewal failed": Source(
        stored(setback=Setback(POISON, 1, NOON + timedelta(minutes=5), NOON)), (*EVERYWHERE, HELLO)
    ),
    "an answer": Source(answered(TextDelta(POISON), END), (HELLO,)),
    "an answer in Markdown": Source(
        answered(TextDelta(f"# {POISON}\n\n- {POISON}\n\n> {POISON}\n\n| {POISON} |\n|---|\n| {POISON} |\n"), END),
        (HELLO,),
    ),
    "code in an answer": Source(answered(TextDelta(f"```py\n{POISON}\n```\n`{POISON}`"), END), (HELLO,)),
    "entities in an answer": Source(answered(TextDelta(f"{SIGN} &#x1b;[31m &#x9b;31m &#x202e;"), END), (HELLO,)),
    "an answer in pieces": Source(answered(*map(TextDelta, POISON), END), (HELLO,)),
    "thoughts": Source(answered(ReasoningDelta(POISON), TextDelta(POISON), END), (HELLO,)),
    "a refusal": Source(answered(Refused(Provider.CLAUDE, POISON)), (HELLO,)),
    "a limit": Source(answered(LimitReached(Provider.CLAUDE, POISON)), (HELLO,)),
    "an outage": Source(answered(Overloaded(Provider.CLAUDE, POISON)), (HELLO,)),
    "a network": Source(answered(Offline(Provider.CLAUDE, POISON)), (HELLO,)),
    "a cut answer": Source(answered(TextDelta(POISON), BrokenStream(Provider.CLAUDE, POISON)), (HELLO,)),
    "nonsense": Source(answered(AnswerUnreadable(Provider.CLAUDE, POISON)), (HELLO,)),
    "an error at sign-in": Source(fails_at_sign_in, (redirected,)),
    "an error at renewal": Source(renews_badly, (keys("f3"), keys("r"), keys("f3"))),
    "the config": Source(noticed, ()),
    "an earlier conversation": Source(said_before, ()),
    "a finding": Source(found, (command("/doctor"),)),
}


def obeyed(text: str) -> list[str]:
    return sorted(f"U+{ord(character):04X}" for character in set(text) - set(untrusted(text)))


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
async def test_foreign_text_is_seen_and_not_obeyed(source: Source, start: Start) -> None:
    world = TuiWorld(
        a_session(Provider.CLAUDE), settings=selecting("claude-opus-4.1", AuthMode.CLAUDE), catalogue=load_catalogue()
    )
    source.poison(world)
    screens = []
    async with start(world, size=(160, 60), continue_last=True) as pilot:
        screens.append(drawn(pilot.app))
        for step in source.steps:
            await step(pilot, world)
            screens.append(drawn(pilot.app))
    assert [obeyed(screen) for screen in screens] == [[]] * len(screens)
    assert any(SIGN in screen for screen in screens)


async def test_an_unfiltered_screen_would_be_noticed() -> None:
    """The control: Textual itself filters next to nothing."""

    class Careless(App[int]):
        def compose(self) -> ComposeResult:
            yield Static(POISON, markup=False)

    app = Careless()
    async with app.run_test(size=(160, 10)):
        found = obeyed(drawn(app))
    assert {"U+001B", "U+009B", "U+202E"} <= set(found)
