"""Pictures of the dialogs in which a key and a client are entered, kept as `test_pictures` keeps its own."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from adapters.catalogue.builtin import load_catalogue
from domain.auth_mode import AuthMode
from domain.errors import AuthRejected
from domain.provider import Provider
from tests.support.credentials import a_session
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled
from tests.tui.test_pictures import PICTURES, send, shows_the_picture

pytestmark = pytest.mark.slow


async def key_entry(pilot: Pilot[int]) -> None:
    await send(pilot, "/login --provider=claude --api-key")
    await settled(pilot)
    await pilot.press(*"sk-ant-fake-0000", "enter")
    await settled(pilot)


async def client_entry(pilot: Pilot[int]) -> None:
    await send(pilot, "/login --provider=gemini")
    await settled(pilot)


@pytest.mark.parametrize("size", [(100, 30), (50, 20)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_pictures_of_what_is_entered_are_what_the_app_shows(size: tuple[int, int], start: Start) -> None:
    settings = selecting("gpt-5.1-medium", AuthMode.CHATGPT)
    world = TuiWorld(a_session(Provider.CHATGPT), settings=settings, catalogue=load_catalogue())
    world.oauth.without_client = {Provider.GEMINI}
    world.chat.checks[Provider.CLAUDE] = [AuthRejected(Provider.CLAUDE)]
    async with start(world, size=size) as pilot:
        app_of(pilot).chat.composer.cursor_blink = False  # it would stop as it stands at that moment
        for name, enter in (("key-entry", key_entry), ("client-entry", client_entry)):
            await enter(pilot)
            for field in pilot.app.screen.query(Input):
                field.cursor_blink = False
            await pilot.pause()
            await shows_the_picture(pilot, PICTURES / f"{name}-{size[0]}x{size[1]}.svg")
            await pilot.press("escape")
            await settled(pilot)
