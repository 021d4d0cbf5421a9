"""The palette of commands, and what becomes of a command that is wrong."""

from __future__ import annotations

import pytest
from textual.fuzzy import FuzzySearch

from domain.auth_mode import AuthMode
from domain.provider import Provider
from entrypoints.chat.slash import help_lines
from entrypoints.tui.screens.palette import Palette, found
from entrypoints.tui.screens.picker import Picker
from tests.support.credentials import a_session
from tests.support.screen_text import screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled

pytestmark = pytest.mark.slow


@pytest.fixture
def world() -> TuiWorld:
    return TuiWorld(a_session(Provider.CHATGPT), settings=selecting("gpt-5.1-medium", AuthMode.CHATGPT))


def test_a_command_is_found_by_its_name_before_its_words() -> None:
    commands, search = tuple(help_lines()), FuzzySearch()
    first = {typed: found(commands, typed, search)[0].text for typed in ("mod", "/exp", "cpy", "leave")}
    assert first == {"mod": "/model", "/exp": "/export", "cpy": "/copy", "leave": "/quit"}
    assert found(commands, "", search) == commands
    assert found(commands, "zzz", search) == ()


async def test_every_command_is_shown_with_its_key_and_is_run_or_written_into_the_field(
    world: TuiWorld, start: Start
) -> None:
    async with start(world, ascii=True) as pilot:
        await pilot.press(*"draft", "ctrl+p")
        await settled(pilot)
        lines = [" ".join(line.split()) for line in screen_text(pilot.app).splitlines()]
        missing = [one.text for one in help_lines() if not any(one.shown in line for line in lines)]
        assert missing == []
        assert any(line.endswith("switch model and login; - goes back F2") for line in lines)
        assert screen_text(pilot.app).isascii()
        await pilot.press(*"model", "enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, Picker)
        await pilot.press("escape")
        assert app_of(pilot).chat.composer.text == "draft"
        await pilot.press("ctrl+p", *"search", "enter")
        await settled(pilot)
        assert app_of(pilot).chat.composer.text == "/search "


async def test_it_fits_small_windows_and_closes_by_either_key(world: TuiWorld, start: Start) -> None:
    async with start(world, size=(40, 12)) as pilot:
        for key in ("escape", "ctrl+p"):
            await pilot.press("ctrl+p", "down", "down")
            await settled(pilot)
            assert "Esc back" in screen_text(pilot.app)
            assert "/model [name|-]" in screen_text(pilot.app)
            await pilot.press(key)
            await settled(pilot)
            assert not isinstance(pilot.app.screen, Palette)


async def test_a_wrong_command_is_selected_so_that_typing_takes_its_place(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await pilot.press(*"/modle", "enter")
        await settled(pilot)
        assert "Did you mean /model?" in screen_text(pilot.app)
        await pilot.press(*"/help")
        assert app_of(pilot).chat.composer.text == "/help"
