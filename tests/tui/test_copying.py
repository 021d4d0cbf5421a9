"""What is copied, by which way, and what is said about it."""

from __future__ import annotations

import pytest

from application.ports.chat_client import Done, TextDelta
from domain.auth_mode import AuthMode
from domain.conversation import StopReason, Usage
from domain.provider import Provider
from entrypoints.chat.terminal_clipboard import LONGEST
from tests.support.credentials import a_session
from tests.support.screen_text import screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled

ANSWER = "Two ways:\n\n```sh\nmake\x1b]0;title\x07\n```\n\n```python\nprint(1)\n```\n"


@pytest.fixture
def world() -> TuiWorld:
    world = TuiWorld(a_session(Provider.CHATGPT), settings=selecting("gpt-5.1-medium", AuthMode.CHATGPT))
    world.chat.answers = [(TextDelta(ANSWER), Done(StopReason.END, Usage()))]
    return world


async def test_an_answer_or_one_block_of_it_is_copied_and_honestly_told(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:

        async def after(text: str) -> str:
            app_of(pilot).chat.composer.write(text)
            await pilot.press("enter")
            await settled(pilot)
            return screen_text(pilot.app)

        assert "There is no answer to copy yet." in await after("/copy")
        app_of(pilot).chat.composer.write("")
        await after("why?")
        assert "The last answer sent to your terminal; tmux needs set-clipboard on." in await after("/copy")
        assert pilot.app.clipboard == ANSWER.replace("\x1b]0;title\x07", "")
        world.clipboard.tool = "wl-copy"
        assert "Block 1 copied with wl-copy." in await after("/copy 1")
        assert world.clipboard.text == pilot.app.clipboard == "make"
        await after("/copy 2")
        assert world.clipboard.text == "print(1)"
        assert "The last answer has 2 blocks of code." in await after("/copy 3")
        assert app_of(pilot).chat.composer.text == "/copy 3"


async def test_what_no_terminal_takes_is_not_said_to_be_copied(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        told: list[str] = []
        app_of(pilot).copy("a" * (LONGEST + 1), "Everything", told.append)
        await settled(pilot)
        assert told == [
            "Everything not copied: too much for this terminal, and no wl-copy, xclip, xsel or pbcopy works here."
        ]
        assert pilot.app.clipboard == ""
