"""What happens behind the screen disturbs nobody, and hides nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.catalogue.builtin import load_catalogue
from domain.auth_mode import AuthMode
from domain.errors import Offline, StoreLocked
from domain.provider import Provider
from tests.support.credentials import NOON, a_session
from tests.support.screen_text import screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled

DUE = timedelta(minutes=57)


@pytest.fixture
def world() -> TuiWorld:
    settings = selecting("claude-opus-4.1", AuthMode.CLAUDE)
    return TuiWorld(a_session(Provider.CLAUDE), settings=settings, catalogue=load_catalogue())


async def test_a_renewal_that_fails_shows_in_the_status_line_and_covers_nothing(world: TuiWorld, start: Start) -> None:
    world.clock.advance(DUE)
    world.oauth.failing = Offline(Provider.CLAUDE, "no route")
    async with start(world) as pilot:
        await pilot.press(*"half a thought")
        app_of(pilot).poll()
        await settled(pilot)
        assert "▶ Claude Opus 4.1 · renewal failed, next try 12:57" in screen_text(pilot.app)
        assert app_of(pilot).draft == "half a thought"
        assert pilot.app.screen is app_of(pilot).chat
        assert not app_of(pilot)._notifications


async def test_a_store_that_is_locked_shows_in_the_status_line_until_it_opens(world: TuiWorld, start: Start) -> None:
    world.clock.advance(DUE)
    world.sessions.refuse_to_load = StoreLocked("auth.json", "the keyring is locked")
    async with start(world) as pilot:
        assert "sign-ins not renewed" in screen_text(pilot.app)
        world.sessions.refuse_to_load = None
        app_of(pilot).background._begin_to_look()
        await settled(pilot)
        assert "sign-ins not renewed" not in screen_text(pilot.app)
    assert len(world.oauth.renewals) == 1


@pytest.mark.parametrize("width", [100, 60, 40])
async def test_there_is_room_for_it_at_any_width(world: TuiWorld, start: Start, width: int) -> None:
    world.clock.advance(DUE)
    world.oauth.failing = Offline(Provider.CLAUDE, "no route")
    async with start(world, size=(width, 20)) as pilot:
        app_of(pilot).poll()
        await settled(pilot)
        last = screen_text(pilot.app).splitlines()[-1]
        assert "Claude Opus 4.1" in last
        assert ("renewal failed" in last) is (width > 40)


async def test_the_end_of_a_sign_in_is_said_once_and_in_the_conversation(start: Start) -> None:
    ending = a_session(Provider.CLAUDE, sign_in_expires_at=NOON + timedelta(days=2))
    settings = selecting("claude-opus-4.1", AuthMode.CLAUDE)
    world = TuiWorld(ending, settings=settings, catalogue=load_catalogue())
    words = "Your Claude sign-in as ana@example.test expires in 2 days, and renewing does not prolong it."
    for seen in (1, 0):
        async with start(world) as pilot:
            app_of(pilot).background._begin_to_look()
            await settled(pilot)
            assert " ".join(screen_text(pilot.app).split()).count(words) == seen
            assert not app_of(pilot)._notifications
