"""A code for another device: page, code and clock in view, and a picture where there is room."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from adapters.catalogue.builtin import load_catalogue
from application.ports.oauth_client import DevicePoll
from domain.auth_mode import AuthMode
from domain.provider import Provider
from entrypoints.tui.screens.device_dialog import DeviceDialog
from entrypoints.tui.screens.login_dialog import LoginDialog
from entrypoints.tui.widgets.qr import picture
from tests.support.credentials import a_record, a_session
from tests.support.screen_text import screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start

pytestmark = pytest.mark.slow

ADDRESS = "https://claude.example.test/device?user_code=WDJB-MJHT"


@pytest.fixture
def world() -> TuiWorld:
    settings = selecting("gpt-5.1-medium", AuthMode.CHATGPT)
    world = TuiWorld(a_session(Provider.CHATGPT), settings=settings, catalogue=load_catalogue())
    world.oauth.offers_device = True
    world.oauth.device_answers = [DevicePoll.PENDING]
    return world


async def opened(pilot: Pilot[int]) -> None:
    await pilot.press(*"/login claude", "enter")
    await pilot.pause()
    await pilot.pause()
    assert isinstance(pilot.app.screen, LoginDialog)
    await pilot.press("d")
    await pilot.pause()
    await pilot.pause()
    assert isinstance(pilot.app.screen, DeviceDialog)


@pytest.mark.parametrize("size", [(100, 30), (80, 24), (50, 20)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_page_code_clock_and_the_way_out_are_in_view(
    world: TuiWorld, start: Start, size: tuple[int, int]
) -> None:
    world.clock.slow = True
    async with start(world, size=size) as pilot:
        await opened(pilot)
        seen = screen_text(pilot.app)
    assert "https://claude.example.test/device" in seen
    assert "WDJB-MJHT" in seen
    assert "Esc back to the browser" in seen
    assert " left" in seen
    rows = picture(ADDRESS)
    assert all(row in seen for row in rows) is (size == (100, 30)), "whole, or not at all"
    assert (rows[3] in seen) is (size == (100, 30))


async def test_an_approval_on_the_other_device_signs_in_here(world: TuiWorld, start: Start) -> None:
    world.oauth.device_answers = [DevicePoll.PENDING, "ana"]
    async with start(world) as pilot:
        await pilot.press(*"/login claude", "enter")
        await pilot.pause()
        await pilot.pause()
        await pilot.press("d")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert "Logged in to Claude as ana@example.test" in screen_text(pilot.app)
    assert world.sessions.load(a_record(Provider.CLAUDE).key) is not None


async def test_escape_goes_back_to_the_browser_and_lets_the_turn_go(world: TuiWorld, start: Start) -> None:
    world.clock.slow = True
    async with start(world) as pilot:
        await opened(pilot)
        await pilot.press("escape")
        while "http://127.0.0.1:1455/go/K7Q2" not in screen_text(pilot.app):
            await pilot.pause()
        assert isinstance(pilot.app.screen, LoginDialog)
        assert world.turns.taken == 1, "held by the dialog with the link alone"


async def test_a_provider_without_device_codes_does_not_offer_them(world: TuiWorld, start: Start) -> None:
    world.oauth.offers_device = False
    async with start(world) as pilot:
        await pilot.press(*"/login claude", "enter")
        await pilot.pause()
        await pilot.pause()
        assert "device code" not in screen_text(pilot.app)
        await pilot.press("d")
        await pilot.pause()
        assert isinstance(pilot.app.screen, LoginDialog)


def test_the_picture_is_as_wide_in_every_row_and_its_corners_are_quiet() -> None:
    rows = picture(ADDRESS)
    assert len({len(row) for row in rows}) == 1
    assert rows[0] == "\u2588" * len(rows[0])
    assert all(row[:2] == row[-2:] == "\u2588\u2588" for row in rows)
    assert (len(rows), len(rows[0])) <= (19, 37)
