"""Pictures of the accounts screen and of the question about somebody else, kept as `test_pictures` keeps its own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.catalogue.builtin import load_catalogue
from domain.accounts import tag
from domain.auth_mode import AuthMode
from domain.master_key import KeyPlace, KeyWhereabouts
from domain.provider import Provider
from entrypoints.tui.screens import login_dialog
from entrypoints.tui.screens.question import Question
from tests.support.credentials import NOON, a_session
from tests.support.fake_oauth import callback_of
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled
from tests.tui.test_pictures import PICTURES, shows_the_picture

pytestmark = pytest.mark.slow

SIZES = pytest.mark.parametrize("size", [(100, 30), (80, 24), (50, 20)], ids=lambda size: f"{size[0]}x{size[1]}")


@pytest.fixture
def world() -> TuiWorld:
    """Two accounts at Claude, one of them renewed lately; one at ChatGPT; what happened since the morning."""
    chatgpt = a_session(
        Provider.CHATGPT,
        sign_in_expires_at=NOON + timedelta(days=7),
        generation=5,
        obtained_at=NOON - timedelta(minutes=12),
        access_expires_at=NOON + timedelta(minutes=48),
    )
    ana = a_session(
        generation=2,
        obtained_at=NOON - timedelta(hours=3),
        access_expires_at=NOON + timedelta(hours=5),
        sign_in_expires_at=NOON + timedelta(days=14),
        scopes=("user:profile", "user:inference"),
    )
    world = TuiWorld(
        chatgpt,
        ana,
        a_session(account="ben", active=False),
        settings=selecting("claude-opus-4.1", AuthMode.CLAUDE),
        catalogue=load_catalogue(),
    )
    world.environment.hold(Provider.CLAUDE)
    world.keys.place = KeyWhereabouts(KeyPlace.KEYRING, "Secret Service")
    for event, provider, session in (
        ("signed_in", "claude", ana),
        ("renewed", "claude", ana),
        ("renewed", "chatgpt", chatgpt),
    ):
        world.events.record(event, provider=provider, account=tag(session.record.key))
    world.events.record("selection_refused", provider="gemini", preset="gemini-3-pro", reason="sign_in_required")
    world.events.record("switched", provider="claude", preset="claude-opus-4.1", account=tag(ana.record.key))
    return world


@SIZES
async def test_the_accounts_screen(size: tuple[int, int], world: TuiWorld, start: Start) -> None:
    async with start(world, size=size) as pilot:
        await pilot.press("f3")
        await settled(pilot)
        await shows_the_picture(pilot, PICTURES / f"accounts-{size[0]}x{size[1]}.svg")


@SIZES
async def test_the_question_about_somebody_else(
    size: tuple[int, int], world: TuiWorld, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login_dialog, "TICK_SECONDS", 3600.0)
    async with start(world, size=size) as pilot:
        app_of(pilot).chat.composer.write("/login claude")
        await pilot.press("enter")
        await pilot.pause()
        await pilot.pause()
        world.listener.callbacks.put_nowait(callback_of("carla"))
        while not isinstance(pilot.app.screen, Question):
            await pilot.pause()
        await pilot.pause()
        await shows_the_picture(pilot, PICTURES / f"another-account-{size[0]}x{size[1]}.svg")
