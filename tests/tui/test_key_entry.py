"""An API key is entered where the app asks for a sign-in: tested, stored, and nobody's bill changes by that alone."""

from __future__ import annotations

import pytest
from textual import events
from textual.pilot import Pilot

from adapters.catalogue.builtin import load_catalogue
from domain.auth_mode import AuthMode
from domain.errors import AuthRejected, Offline
from domain.provider import Provider
from entrypoints.tui.screens.key_dialog import KeyDialog
from entrypoints.tui.screens.login_dialog import LoginDialog
from entrypoints.tui.widgets.hidden_field import HiddenField
from tests.support.credentials import a_session
from tests.support.screen_text import screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled

pytestmark = pytest.mark.slow

KEY = "sk-ant-api03-fake-0000-1111"
OTHER = "sk-ant-api03-fake-0000-2222"
SIZES = [(100, 30), (80, 24), (50, 20)]


@pytest.fixture
def world() -> TuiWorld:
    settings = selecting("gpt-5.1-medium", AuthMode.CHATGPT)
    return TuiWorld(a_session(Provider.CHATGPT), settings=settings, catalogue=load_catalogue())


def seen(pilot: Pilot[int]) -> str:
    return " ".join(screen_text(pilot.app).split())


def in_chat(pilot: Pilot[int]) -> bool:
    return pilot.app.screen is app_of(pilot).chat


async def typed(pilot: Pilot[int], line: str) -> None:
    app_of(pilot).chat.composer.write(line)
    await pilot.press("enter")
    await settled_but_for_sign_ins(pilot)


async def settled_but_for_sign_ins(pilot: Pilot[int]) -> None:
    for _ in range(3):
        await pilot.pause()


async def pasted(pilot: Pilot[int], text: str) -> None:
    pilot.app.screen.post_message(events.Paste(text))
    await pilot.pause()
    await pilot.press("enter")
    await settled(pilot)


async def test_a_key_is_tested_and_stored_and_the_conversation_keeps_its_payer(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        await typed(pilot, "/login --provider=claude --api-key")
        dialog = pilot.app.screen
        assert isinstance(dialog, KeyDialog)
        assert "Whoever owns the key pays Anthropic for each token" in seen(pilot)
        assert "stays with GPT-5.1 Medium (pays: plan), also once the key is stored." in seen(pilot)
        await pasted(pilot, f'\ufeffexport ANTHROPIC_API_KEY="{KEY}"\n')
        assert in_chat(pilot)
        assert "Stored the Claude API key …1111. Pays: API key, per token." in seen(pilot)
        assert KEY not in screen_text(pilot.app)
        state = app_of(pilot).window_state
        assert state is not None
        assert state.selection is not None
        assert state.selection.preset.id == "gpt-5.1-medium"
        await typed(pilot, "hello")
        await settled(pilot)
    assert [credential.record.provider for credential in world.chat.checked] == [Provider.CLAUDE]
    assert [credential.record.provider for _, credential in world.chat.requests] == [Provider.CHATGPT]


async def test_what_is_no_use_is_one_sentence_each_and_the_field_stays(world: TuiWorld, start: Start) -> None:
    said = {
        "sk-proj-fake-0000-1111": "That key belongs to ChatGPT",
        "sk-ant-oat01-fake-0000-1111": "it looks like an access token of Claude",
        f"{KEY}\n{OTHER}": "these are several lines",
        KEY: "Claude does not accept this key",
    }
    world.chat.checks[Provider.CLAUDE] = [
        AuthRejected(Provider.CLAUDE),
        Offline(Provider.CLAUDE, "no route"),
        Offline(Provider.CLAUDE, "no route"),
    ]
    async with start(world, size=(80, 24)) as pilot:
        await typed(pilot, "/login --provider=claude --api-key")
        missing = []
        for given, sentence in said.items():
            await pasted(pilot, given)
            if sentence not in seen(pilot):
                missing.append((sentence, seen(pilot)))
        assert missing == []
        await pilot.press("ctrl+s")
        assert world.sessions.records()[1:] == (), "a refused key is not stored untested"
        await pasted(pilot, KEY)
        assert "could not be tested. Claude cannot be reached: no route." in seen(pilot)
        await pilot.press("x")
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "Stored the" not in seen(pilot), "another key was begun, which nobody tested"
        await pasted(pilot, KEY)
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "Stored the Claude API key …1111." in seen(pilot)


async def test_the_field_gives_nothing_to_a_clipboard_and_is_empty_once_it_is_left(
    world: TuiWorld, start: Start
) -> None:
    async with start(world) as pilot:
        await typed(pilot, "/login --provider=claude --api-key")
        dialog = pilot.app.screen
        field = dialog.query_one(HiddenField)
        await pilot.press(*"made-up-letters")
        field.select_all()
        await pilot.press("ctrl+c", "ctrl+x")
        field.action_copy()
        assert pilot.app.clipboard == ""
        assert field.value == "made-up-letters", "letters are text where a field has the focus"
        assert "made-up-letters" not in repr(field) + repr(dialog) + screen_text(pilot.app)
        await pilot.press("escape")
        await pilot.pause()
        assert field.value == ""
        assert in_chat(pilot)


async def test_every_place_that_asks_for_a_sign_in_takes_a_key_by_one_key_and_by_a_button(
    world: TuiWorld, start: Start
) -> None:
    world.oauth.offers_device = True
    async with start(world) as pilot:
        for line in ("/login", "/login claude"):
            await typed(pilot, line)
            assert isinstance(pilot.app.screen, LoginDialog)
            await pilot.press("ctrl+k")
            await settled_but_for_sign_ins(pilot)
            assert isinstance(pilot.app.screen, KeyDialog)
            await pilot.press("escape")
            await settled_but_for_sign_ins(pilot)
            assert isinstance(pilot.app.screen, LoginDialog)
            await pilot.press("escape")
        await typed(pilot, "/login claude")
        await pilot.press("d")
        await settled_but_for_sign_ins(pilot)
        assert await pilot.click("DeviceDialog Button")
        await settled_but_for_sign_ins(pilot)
        assert isinstance(pilot.app.screen, KeyDialog)
        await pilot.press("escape", "escape")
        await settled_but_for_sign_ins(pilot)
        await pilot.press("escape")
        await typed(pilot, "/model")
        await pilot.press(*"op41")
        await pilot.press("ctrl+k")
        await settled_but_for_sign_ins(pilot)
        assert "Claude API key" in seen(pilot)
        await pilot.press("escape")
        await typed(pilot, "/login claude")
        assert await pilot.click("LoginView Button")
        await settled_but_for_sign_ins(pilot)
        await pasted(pilot, KEY)
        assert "Stored the Claude API key …1111." in seen(pilot)
        assert in_chat(pilot)


async def test_a_model_that_waits_is_selected_with_the_key_once_its_payer_is_agreed_to(
    world: TuiWorld, start: Start
) -> None:
    async with start(world) as pilot:
        await typed(pilot, "/model claude-opus-4.1")
        assert "requires Claude login. Run /login --provider=claude" in seen(pilot)
        await pilot.press("ctrl+k")
        await settled(pilot)
        await pasted(pilot, KEY)
        assert "Who pays changes" in seen(pilot)
        await pilot.press("down", "enter")
        await settled(pilot)
        assert "Switched to Claude Opus 4.1 (Claude API key)" in seen(pilot)


async def test_where_nothing_can_answer_the_first_key_does_and_a_replaced_key_is_said_first(start: Start) -> None:
    world = TuiWorld(catalogue=load_catalogue())
    async with start(world) as pilot:
        await typed(pilot, "/login --provider=claude --api-key")
        await pasted(pilot, KEY)
        assert "(Claude API key)" in seen(pilot)
        await typed(pilot, "/login --provider=claude --api-key")
        assert "It takes the place of the key …1111, which is forgotten here." in seen(pilot)
        await pasted(pilot, OTHER)
        await typed(pilot, "hello")
        await settled(pilot)
    assert [credential.record.label for _, credential in world.chat.requests] == ["…2222"]


@pytest.mark.parametrize("size", SIZES)
async def test_the_way_out_is_on_the_last_row_at_every_size(
    world: TuiWorld, start: Start, size: tuple[int, int]
) -> None:
    async with start(world, size=size) as pilot:
        for line, leaves in (("/login --provider=claude --api-key", "Esc back"), ("/login claude", "Esc cancel")):
            await typed(pilot, line)
            hints = pilot.app.screen.query("KeyHints").last()
            shown = screen_text(pilot.app).splitlines()
            last = shown[hints.region.y : hints.region.bottom]
            assert any(leaves in row for row in last), shown
            assert hints.region.bottom < size[1]
            await pilot.press("escape")
