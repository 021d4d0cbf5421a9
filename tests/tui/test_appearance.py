"""Themes, the mouse and the name of the window."""

from __future__ import annotations

from unittest.mock import Mock, call

import pytest
from textual.color import Color

from application.ports.chat_client import Done, TextDelta
from application.settings import Looks
from domain.auth_mode import AuthMode
from domain.conversation import StopReason, Usage
from domain.provider import Provider
from entrypoints.tui import terminal_driver
from tests.support.credentials import a_session
from tests.support.screen_text import screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled


@pytest.fixture
def world() -> TuiWorld:
    world = TuiWorld(a_session(Provider.CHATGPT), settings=selecting("gpt-5.1-medium", AuthMode.CHATGPT))
    world.chat.answers = [(TextDelta("Yes."), Done(StopReason.END, Usage()))]
    return world


async def test_the_theme_is_the_terminals_until_one_is_chosen_and_the_mouse_is_left_alone_on_request(
    world: TuiWorld, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = Mock(uses_mouse=True)
    monkeypatch.setattr(terminal_driver, "driver_of", lambda _: driver)
    async with start(world) as pilot:
        app = app_of(pilot)

        async def after(text: str) -> str:
            app.chat.composer.write(text)
            await pilot.press("enter")
            await settled(pilot)
            return screen_text(pilot.app)

        assert app.theme == "textual-dark"
        app.appearance.background(True)
        assert app.theme == "keyswitch-light"
        assert "The theme is high-contrast from now on." in await after("/theme high-contrast")
        assert (app.theme, world.config.settings.ui) == ("high-contrast", Looks(theme="high-contrast"))
        app.appearance.background(False)
        assert app.theme == "high-contrast"
        assert "Did you mean light?" in await after("/theme ligth")
        await after("/theme auto")
        assert app.theme == "textual-dark"
        await after("/mouse off")
        assert driver.use_mouse.mock_calls[-1] == call(False)
        assert not world.config.settings.ui.mouse
        assert "The mouse is left to your terminal." in screen_text(pilot.app)
        seen = await after("What \x1b]0;evil\x07 is this?")
        said = ("The theme is", "Did you mean", "The mouse is")
        assert [words for words in said if words in seen] == [], (
            "what only answers a command goes with the next message"
        )
        assert driver.name_window.mock_calls[-1] == call("keyswitch: What is this?")


async def test_a_dark_terminal_is_told_by_its_environment(
    world: TuiWorld, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLORFGBG", "0;15")
    async with start(world) as pilot:
        assert pilot.app.theme == "keyswitch-light"


async def test_nothing_of_a_dark_theme_is_left_when_a_light_one_takes_its_place(world: TuiWorld, start: Start) -> None:
    world.chat.answers = [(TextDelta("Yes, `so`:\n\n```python\nx = 1\n```\n"), Done(StopReason.END, Usage()))]
    async with start(world) as pilot:
        transcript = app_of(pilot).chat.transcript
        app_of(pilot).chat.composer.write("Is it?")
        await pilot.press("enter")
        await settled(pilot)
        seen: dict[str, list[float]] = {}
        for theme in ("keyswitch-light", "high-contrast", "keyswitch-light"):
            pilot.app.theme = theme
            rows = range(transcript.size.height)
            for row in rows:  # a frame that is drawn before the new styles are there
                transcript.render_line(row)
            await settled(pilot)
            segments = [segment for row in rows for segment in transcript.render_line(row)]
            styles = [segment.style for segment in segments if segment.style]
            behind = [Color.from_rich_color(style.bgcolor).brightness for style in styles if style.bgcolor]
            seen[theme] = behind
    assert min(seen["keyswitch-light"]) > 0.7
    assert max(seen["high-contrast"]) < 0.1
