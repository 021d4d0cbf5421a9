"""Signed in to ChatGPT with plan use off, on screen: said everywhere, nothing sent, nothing typed lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from textual.pilot import Pilot

from adapters.catalogue.builtin import load_catalogue
from domain.auth_mode import AuthMode
from domain.provider import Provider
from domain.sign_in.registration import RegisteredClient
from entrypoints.tui.screens import login_dialog
from entrypoints.tui.screens.question import Question
from tests.support.credentials import NOON, a_session, an_api_key
from tests.support.fake_oauth import TOKEN_URL, callback_of
from tests.support.screen_text import screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled

pytestmark = pytest.mark.slow

PLAN = "plan.use"

SIZES = pytest.mark.parametrize("size", [(100, 30), (50, 20)], ids=lambda size: f"{size[0]}x{size[1]}")


@pytest.fixture
def world() -> TuiWorld:
    session = a_session(
        Provider.CHATGPT,
        plan_scope=PLAN,
        scopes=("openid", "email"),
        sign_in_expires_at=NOON + timedelta(days=30),
    )
    settings = selecting("gpt-5.1-medium", AuthMode.CHATGPT)
    world = TuiWorld(session, settings=settings, catalogue=load_catalogue())
    world.oauth.plan_scope = PLAN
    world.oauth.granted = ("openid", "email")
    return world


async def send(pilot: Pilot[int], text: str) -> None:
    app_of(pilot).chat.composer.write(text)
    await pilot.press("enter")
    await settled(pilot)


@SIZES
async def test_the_accounts_screen_says_so(size: tuple[int, int], world: TuiWorld, start: Start) -> None:
    async with start(world, size=size) as pilot:
        await pilot.press("f3")
        await settled(pilot)
        assert "plan use is off" in screen_text(pilot.app)


@SIZES
async def test_the_picker_says_so(size: tuple[int, int], world: TuiWorld, start: Start) -> None:
    async with start(world, size=size) as pilot:
        await pilot.press("f2")
        await settled(pilot)
        assert "plan use is off" in screen_text(pilot.app).casefold()


@SIZES
async def test_a_message_is_not_sent_and_is_parked(size: tuple[int, int], world: TuiWorld, start: Start) -> None:
    async with start(world, size=size) as pilot:
        await send(pilot, "Are you there?")
        assert isinstance(pilot.app.screen, Question)
        parked = [message.text for message in world.outbox.messages.values()]
        assert (parked, world.chat.requests) == (["Are you there?"], [])


async def test_the_welcome_says_what_is_missing(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        text = " ".join(screen_text(pilot.app).replace("│", " ").split())
    assert "You are logged in to ChatGPT, and plan use is off. Type /login chatgpt and tick that permission." in text
    assert "Nobody is logged in" not in text


async def test_the_permission_that_a_renewal_took_back_parks_the_text(world: TuiWorld, start: Start) -> None:
    old = a_session(
        Provider.CHATGPT,
        plan_scope=PLAN,
        scopes=("openid", PLAN),
        obtained_at=NOON - timedelta(hours=2),
        access_expires_at=NOON - timedelta(hours=1),
    )
    world.sessions.save(old, activate=True)
    async with start(world) as pilot:
        await send(pilot, "Are you there?")
        assert "use of the ChatGPT plan is off" in " ".join(screen_text(pilot.app).split())
        parked = [message.text for message in world.outbox.messages.values()]
        assert (parked, world.chat.requests) == (["Are you there?"], [])


async def test_signing_in_from_there_with_the_permission_mends_it(
    world: TuiWorld, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login_dialog, "CLOSES_AFTER", 3600.0)  # on a busy machine it would be gone before it is seen
    async with start(world) as pilot:
        await send(pilot, "Are you there?")
        world.oauth.granted = ("openid", PLAN)
        world.listener.callbacks.put_nowait(callback_of("ana"))
        await pilot.press("enter")
        while "Any key closes this" not in screen_text(pilot.app):
            await settled(pilot)
        await pilot.press("escape")
        while "Switched to GPT-5.1 Medium (ChatGPT OAuth)" not in screen_text(pilot.app):
            await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert len(world.chat.requests) == 1


async def test_the_result_of_a_sign_in_says_so(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        world.listener.callbacks.put_nowait(callback_of("ana"))
        await send(pilot, "/login chatgpt")
        text = " ".join(screen_text(pilot.app).split())
        assert "Logged in to ChatGPT as ana@example.test (plan use is off)." in text
        assert "Using ChatGPT plan" not in text


@SIZES
async def test_the_end_of_a_sign_in_stays_readable(
    size: tuple[int, int], world: TuiWorld, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login_dialog, "CLOSES_AFTER", 3600.0)
    world.listener.callbacks.put_nowait(callback_of("ana"))
    async with start(world, size=size) as pilot:
        app_of(pilot).chat.composer.write("/login chatgpt")
        await pilot.press("enter")
        while "plan use is off" not in " ".join(screen_text(pilot.app).split()):
            await pilot.pause()
        text = " ".join(screen_text(pilot.app).split())
        assert "Sign in again and tick it (/login --provider=chatgpt), or use an API key." in text


async def test_a_client_that_is_refused_is_followed_by_another_link_in_the_same_dialog(
    world: TuiWorld, start: Start
) -> None:
    world.sessions.remove(a_session(Provider.CHATGPT).record.key)
    world.registrations.keep(RegisteredClient(Provider.CHATGPT, "issued-0", TOKEN_URL))
    world.oauth.registers, world.oauth.refused_clients = True, {"issued-0"}
    async with start(world) as pilot:
        app_of(pilot).chat.composer.write("/login chatgpt")
        await pilot.press("enter")
        for opened in (1, 2):
            while len(world.browser.opened) < opened:
                await pilot.pause()
            world.listener.callbacks.put_nowait(callback_of("ana"))
        await settled(pilot)
        assert "Logged in to ChatGPT as ana@example.test" in " ".join(screen_text(pilot.app).split())
    assert world.oauth.asking == ["issued-0", "fake-client"]


async def test_a_key_beside_it_asks_who_pays_and_sends_nothing_before(world: TuiWorld, start: Start) -> None:
    world.sessions.save(an_api_key(Provider.CHATGPT), activate=True)
    async with start(world) as pilot:
        await send(pilot, "Are you there?")
        assert "GPT-5.1 Medium would be paid by: API key, per token." in screen_text(pilot.app)
        assert world.chat.requests == []
