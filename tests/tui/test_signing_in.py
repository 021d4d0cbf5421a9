"""The sign-in dialog: a link that can be copied, a paste field that is always there, a way out."""

from __future__ import annotations

import re

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from adapters.catalogue.builtin import load_catalogue
from application.ports.sign_in_listener import PortTaken
from domain.auth_mode import AuthMode
from domain.errors import Overloaded
from domain.provider import Provider
from entrypoints.tui.screens.login_dialog import LoginDialog
from tests.support.credentials import a_session
from tests.support.fake_oauth import STATE, callback_of
from tests.support.screen_text import screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled

pytestmark = pytest.mark.slow


@pytest.fixture
def world() -> TuiWorld:
    settings = selecting("gpt-5.1-medium", AuthMode.CHATGPT)
    return TuiWorld(a_session(Provider.CHATGPT), settings=settings, catalogue=load_catalogue())


async def opened(pilot: Pilot[int], line: str = "/login claude") -> LoginDialog:
    await pilot.press(*line, "enter")
    await pilot.pause()
    await pilot.pause()
    assert isinstance(pilot.app.screen, LoginDialog)
    return pilot.app.screen


async def test_login_alone_offers_chatgpt_first_and_the_others_one_key_away(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await opened(pilot, "/login")
        assert "Log in to ChatGPT · step 1 of 3: choose how" in screen_text(pilot.app)
        assert world.browser.opened == []
        await pilot.press("right")
        assert "Log in to Claude · step 1 of 3" in screen_text(pilot.app)
        await pilot.press("3", "enter")
        await pilot.pause()
        await pilot.pause()
        assert "Log in to Gemini · step 2 of 3: approve in your browser" in screen_text(pilot.app)


@pytest.mark.parametrize("size", [(100, 30), (80, 24), (50, 20), (40, 20)])
async def test_link_clock_and_cancel_key_are_in_view(world: TuiWorld, start: Start, size: tuple[int, int]) -> None:
    async with start(world, size=size) as pilot:
        await opened(pilot)
        lines = [line.strip() for line in screen_text(pilot.app).splitlines()]
    assert "http://127.0.0.1:1455/go/K7Q2" in lines
    assert any(re.search(r"\b(10:00|9:\d\d) left", line) for line in lines), "and it may run already"
    assert any(line.startswith("Esc cancel") for line in lines)


async def test_what_is_copied_is_the_full_link(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await opened(pilot)
        await pilot.press("c")
        assert pilot.app.clipboard.startswith("https://claude.example.test/authorize?")
        assert "tmux needs set-clipboard on" in screen_text(pilot.app)


async def test_where_the_window_cannot_be_left_that_is_said(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await opened(pilot)
        await pilot.press("p")
        await pilot.pause()
        assert "This terminal cannot leave the window. [c] copies the link." in screen_text(pilot.app)


async def test_a_paste_anywhere_in_the_dialog_finishes_the_sign_in(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        dialog = await opened(pilot)
        dialog.post_message(events.Paste(f"code-of-ana#{STATE}\n"))
        await settled(pilot)
        assert "✅ Logged in to Claude as ana@example.test (Console, per token)." in screen_text(pilot.app)
        await pilot.press("x")
        await settled(pilot)
        assert not isinstance(pilot.app.screen, LoginDialog)
        assert "Claude ✅" in screen_text(pilot.app)
    assert world.config.settings.model == "gpt-5.1-medium"


async def test_a_bad_paste_is_one_sentence_and_the_sign_in_waits_on(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        dialog = await opened(pilot)
        dialog.post_message(events.Paste("https://claude.example.test/authorize?code_challenge=fake"))
        await pilot.pause()
        await pilot.pause()
        seen = screen_text(pilot.app)
        assert "That is the link we sent; paste the address that the browser ended on. Still waiting." in seen
        dialog.query_one(Input).focus()
        await pilot.press(*f"code-of-ana#{STATE}", "enter")
        await settled(pilot)
        assert "✅ Logged in to Claude" in screen_text(pilot.app)


async def test_what_is_typed_or_pasted_into_the_field_does_not_show(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        dialog = await opened(pilot)
        field = dialog.query_one(Input)
        field.focus()
        await pilot.press(*"secret-by-hand")
        assert "secret-by-hand" not in screen_text(pilot.app)
        field.post_message(events.Paste(f"\ufeffcode-of-\n  ana#{STATE}"))
        await settled(pilot)
        assert "✅ Logged in to Claude" in screen_text(pilot.app)


async def test_an_answer_that_is_refused_and_a_port_that_is_taken_are_told_in_the_dialog(
    world: TuiWorld, start: Start
) -> None:
    world.listener.taken = PortTaken(1456, "nc (process 42)", 1455, foreseen=False)
    async with start(world) as pilot:
        await opened(pilot)
        seen = " ".join(screen_text(pilot.app).split())
        assert "Port 1456 for Claude's redirect is taken by nc (process 42); port 1455 takes its place." in seen
        world.listener.refusals.put_nowait("a browser brought nonsense")
        await pilot.pause()
        await pilot.pause()
        assert "Refused: a browser brought nonsense. Still waiting." in screen_text(pilot.app)
        world.listener.shared = True
        world.listener.callbacks.put_nowait(callback_of())
        await settled(pilot)
        seen = " ".join(screen_text(pilot.app).split())
        assert (
            "its short link was opened by a second browser, which may be somebody else's. Nothing was changed." in seen
        )
        assert "r try again" in seen


async def test_escape_cancels_and_changes_nothing(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await opened(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert not isinstance(pilot.app.screen, LoginDialog)
    assert not world.listener.open
    assert [record.provider for record in world.sessions.records()] == [Provider.CHATGPT]


async def test_a_new_link_replaces_the_old_one(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await opened(pilot)
        await pilot.press("n")
        await pilot.pause()
        await pilot.pause()
        assert len(world.browser.opened) == 2
        world.listener.callbacks.put_nowait(callback_of())
        await settled(pilot)
        assert "✅ Logged in to Claude" in screen_text(pilot.app)


async def test_another_provider_can_be_chosen_while_waiting(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await opened(pilot)
        await pilot.press("3")
        await pilot.pause()
        await pilot.pause()
        world.listener.callbacks.put_nowait(callback_of())
        await settled(pilot)
        assert "✅ Logged in to Gemini" in screen_text(pilot.app)


async def test_a_failure_is_one_sentence_and_r_tries_again(world: TuiWorld, start: Start) -> None:
    world.oauth.failing = Overloaded(Provider.CLAUDE, "try later")
    async with start(world) as pilot:
        await opened(pilot)
        world.listener.callbacks.put_nowait(callback_of())
        await settled(pilot)
        seen = screen_text(pilot.app)
        assert "Claude has trouble answering right now: try later" in seen
        assert "r try again" in seen
        world.oauth.failing = None
        await pilot.press("r")
        world.listener.callbacks.put_nowait(callback_of())
        await settled(pilot)
        assert "✅ Logged in to Claude" in screen_text(pilot.app)


async def test_without_a_client_the_dialog_says_how_to_get_one(world: TuiWorld, start: Start) -> None:
    world.oauth.without_client = {Provider.GEMINI}
    async with start(world) as pilot:
        await pilot.press(*"/login gemini", "enter")
        await settled(pilot)
        await pilot.press("f1")
        await pilot.pause()
        guide = screen_text(pilot.app)
        await pilot.press("escape")
        await pilot.pause()
        seen = screen_text(pilot.app)
    assert "Signing in to Gemini needs an OAuth client of your own, and none is configured." in seen
    assert 'Create an OAuth client of the type "Desktop app"' in guide
    assert "keyswitch login gemini --api-key" in guide
    assert "Use an API key: Ctrl+K" in seen


async def test_without_a_port_nothing_is_opened_and_that_is_said(world: TuiWorld, start: Start) -> None:
    world.listener.port_taken = True
    async with start(world) as pilot:
        await opened(pilot)
        assert "Signing in to Claude failed: port 1455 is in use. Nothing was changed." in screen_text(pilot.app)
    assert world.browser.opened == []


async def test_without_a_port_a_code_that_a_page_shows_is_pasted(world: TuiWorld, start: Start) -> None:
    world.listener.port_taken = True
    world.oauth.code_page = "https://claude.example.test/oauth/code/callback"
    async with start(world) as pilot:
        dialog = await opened(pilot)
        assert "No callback can be heard here" in screen_text(pilot.app)
        dialog.post_message(events.Paste(f"code-of-ana#{STATE}"))
        await settled(pilot)
        assert "✅ Logged in to Claude" in screen_text(pilot.app)


async def test_in_the_sandbox_one_key_approves(world: TuiWorld, start: Start) -> None:
    world.with_consent = True
    async with start(world, demo=True) as pilot:
        await opened(pilot)
        assert "a approve in the sandbox" in screen_text(pilot.app)
        await pilot.press("a")
        await pilot.pause()
        world.listener.callbacks.put_nowait(callback_of())
        await settled(pilot)
    assert world.consented == [world.oauth_url(Provider.CLAUDE)]


async def test_outside_the_sandbox_that_key_does_nothing(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await opened(pilot)
        assert "approve in the sandbox" not in screen_text(pilot.app)
        await pilot.press("a")
        await pilot.pause()
    assert world.consented == []


async def test_the_first_sign_in_of_an_empty_home_selects_that_providers_model(start: Start) -> None:
    world = TuiWorld(catalogue=load_catalogue())
    async with start(world) as pilot:
        await opened(pilot)
        world.listener.callbacks.put_nowait(callback_of())
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        seen = screen_text(pilot.app)
    assert "Switched to Claude Sonnet 5.5 (Claude OAuth)" in seen
    assert "▶ Claude Sonnet 5.5" in seen


async def test_logging_out_is_not_the_first_choice(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await pilot.press(*"/logout chatgpt", "enter")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
    assert len(world.sessions.records()) == 1


@pytest.mark.parametrize("keys", [["enter", "enter"], ["h", "i"], ["escape", "escape", "escape"]], ids="/".join)
async def test_whoever_types_on_after_the_success_closes_the_dialog_and_nothing_else(
    world: TuiWorld, start: Start, keys: list[str]
) -> None:
    async with start(world) as pilot:
        await opened(pilot)
        world.listener.callbacks.put_nowait(callback_of())
        await settled(pilot)
        dialog = pilot.app.screen
        assert isinstance(dialog, LoginDialog)
        for key in keys:  # all of them before the first is dealt with
            dialog.post_message(events.Key(key, key if len(key) == 1 else None))
        await settled(pilot)
        assert pilot.app.screen is app_of(pilot).chat
        await pilot.press(*"hello")
        assert app_of(pilot).draft == "hello"


async def test_a_second_escape_closes_nothing_more(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await pilot.press("f3")
        await settled(pilot)
        status = pilot.app.screen
        for _ in range(2):
            status.dismiss(None)
        await settled(pilot)
        assert pilot.app.screen is app_of(pilot).chat
