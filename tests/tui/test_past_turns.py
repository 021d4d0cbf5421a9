"""What a window says of turns that do not fit the model, and of those that another window added."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from application.settings import Settings
from domain.auth_mode import AuthMode
from domain.conversation import Conversation, Origin, Role, Turn
from domain.provider import Provider
from entrypoints.chat.options import TuiOptions
from entrypoints.plain import plain_chat
from tests.support.credentials import NOON, a_session
from tests.support.screen_text import screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled

ADDED = (Turn(Role.USER, "asked elsewhere", NOON), Turn(Role.ASSISTANT, "said elsewhere", NOON))


@pytest.fixture
def world() -> TuiWorld:
    """Somebody with a conversation of some 240,000 tokens and a model for 200,000."""
    settings: Settings = selecting("claude-haiku-4.5", AuthMode.CLAUDE)
    world = TuiWorld(a_session(Provider.CLAUDE), settings=settings)
    roles = (Role.USER, Role.ASSISTANT)
    turns = tuple(Turn(roles[number % 2], f"turn {number + 1} " + "long " * 2400, NOON) for number in range(60))
    world.conversations.begin(Conversation("c1", NOON, "Long", turns, origin=Origin.APP))
    return world


def add_elsewhere(world: TuiWorld) -> str:
    world.conversations.append("c1", *ADDED)
    return "and here"


def sent(world: TuiWorld) -> list[str]:
    return [turn.text[:20].strip() for turn in world.chat.requests[-1][0].turns]


async def test_the_app_says_what_does_not_fit_and_shows_what_another_window_added(
    world: TuiWorld, start: Start
) -> None:
    async with start(world, continue_last=True) as pilot:
        await settled(pilot)
        app_of(pilot).poll()
        await settled(pilot)
        seen = " ".join(screen_text(pilot.app).split())
        assert "Claude Haiku 4.5 takes in turns 15 to 60 of this conversation." in seen
        assert "/model picks one with a larger context, /new begins anew." in seen

        add_elsewhere(world)
        app_of(pilot).poll()
        await settled(pilot)
        seen = " ".join(screen_text(pilot.app).split())
        assert "Another window added 2 turns to this conversation. It goes on after that." in seen
        assert "asked elsewhere" in seen
        assert "said elsewhere" in seen

        app_of(pilot).chat.composer.write("and here")
        await pilot.press("enter")
        await settled(pilot)
        assert sent(world)[0] == "turn 15 long long lo"
        assert sent(world)[-3:] == ["asked elsewhere", "said elsewhere", "and here"]
        assert world.conversations.count("c1") == 64

        app_of(pilot).controller.edit()
        await settled(pilot)
        add_elsewhere(world)
        app_of(pilot).poll()
        await settled(pilot)
        await pilot.press("!", "enter")
        await settled(pilot)
        assert "Another window went on after that message" in " ".join(screen_text(pilot.app).split())
        assert (app_of(pilot).chat.composer.text, world.conversations.count("c1")) == ("and here!", 66)


def test_what_another_window_added_is_not_cut_off_by_an_edit(
    world: TuiWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = iter(("/retry", None))

    def typed(prompt: str = "") -> str:
        add_elsewhere(world)
        if (line := next(lines)) is None:
            raise EOFError
        return line

    monkeypatch.setattr("builtins.input", typed)
    assert plain_chat.run(world.services, world.light, TuiOptions(plain=True, ascii=True, continue_last=True)) == 0
    assert capsys.readouterr().out.count("Another window went on after that message, so nothing was changed") == 1
    assert (world.chat.requests, world.conversations.count("c1")) == ([], 64)


def test_the_plain_mode_says_both_before_a_message_is_sent(
    world: TuiWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps: Iterator[Callable[[], str]] = iter([lambda: "here", lambda: add_elsewhere(world)])

    def typed(prompt: str = "") -> str:
        step = next(steps, None)
        if step is None:
            raise EOFError
        return step()

    monkeypatch.setattr("builtins.input", typed)
    assert plain_chat.run(world.services, world.light, TuiOptions(plain=True, ascii=True, continue_last=True)) == 0
    out = capsys.readouterr().out
    assert out.count("Claude Haiku 4.5 takes in turns 15 to 60 of this conversation.") == 1
    assert "user: asked elsewhere\nassistant: said elsewhere\nAnother window added 2 turns" in out
    assert sent(world)[-3:] == ["asked elsewhere", "said elsewhere", "and here"]
