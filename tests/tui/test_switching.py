"""Picking a model picks the sign-in."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from typing import Any

import pytest
from textual.widgets import Button, Input

from adapters.catalogue.builtin import load_catalogue
from application.auth_manager import AuthManager
from application.snapshot import ReadSnapshot, Snapshot
from domain.auth_mode import AuthMode
from domain.credential import Tombstone
from domain.model import Preset
from domain.provider import Provider
from domain.session import ApiKey, Session
from domain.switching import Switch
from entrypoints.chat.window_state import WindowState
from entrypoints.tui.screens.login_dialog import LoginDialog
from entrypoints.tui.screens.picker import Picker
from entrypoints.tui.screens.question import Question
from entrypoints.tui.writing.composer import Composer
from tests.support.credentials import NOON, a_session, an_api_key
from tests.support.fake_oauth import callback_of
from tests.support.screen_text import screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled


def signed_in_to(*credentials: Session | ApiKey) -> TuiWorld:
    """Somebody on GPT-5.1 Medium, with the models that keyswitch ships."""
    settings = selecting("gpt-5.1-medium", AuthMode.CHATGPT)
    return TuiWorld(a_session(Provider.CHATGPT), *credentials, settings=settings, catalogue=load_catalogue())


async def test_signed_in_to_all_selecting_claude_opus_switches_and_the_next_message_goes_to_claude(
    start: Start,
) -> None:
    world = signed_in_to(a_session(Provider.CLAUDE), a_session(Provider.GEMINI))
    async with start(world) as pilot:
        await pilot.press("f2", *"op41", "enter")
        await settled(pilot)
        assert "Switched to Claude Opus 4.1 (Claude OAuth)" in screen_text(pilot.app)
        await pilot.press(*"hello", "enter")
        await settled(pilot)
        request, credential = world.chat.requests[-1]
        assert request.answering.model.provider is Provider.CLAUDE
        assert credential.record.provider is Provider.CLAUDE
    assert world.config.settings.model == "claude-opus-4.1"
    assert world.config.settings.active_auth_provider is AuthMode.CLAUDE


async def test_signed_in_to_chatgpt_only_nothing_changes_until_one_signs_in_from_the_dialog(start: Start) -> None:
    world = signed_in_to()
    async with start(world) as pilot:
        await pilot.press(*"half a thought")
        await pilot.press("f2", *"op41", "enter")
        await settled(pilot)
        seen = screen_text(pilot.app)
        assert "Claude Opus requires Claude login. Run /login --provider=claude" in seen
        assert "You stay on GPT-5.1 Medium. Your draft (1 line) is kept." in seen
        assert world.config.settings.model == "gpt-5.1-medium"
        assert world.events.names == ["selection_refused"]
        assert [str(button.label) for button in pilot.app.screen.query(Button)] == [
            "[ Log in to Claude now ]",
            "[ Keep GPT-5.1 Medium ]",
            "[ Models I can use now ]",
            "[ Use an API key: Ctrl+K ]",
        ]
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, LoginDialog)
        world.listener.callbacks.put_nowait(callback_of())
        await settled(pilot)
        assert "✅ Logged in to Claude as ana@example.test (Console, per token)." in screen_text(pilot.app)
        await pilot.press("enter")
        await settled(pilot)
        seen = screen_text(pilot.app)
        assert "Switched to Claude Opus 4.1 (Claude OAuth)" in seen
        assert "▶ Claude Opus 4.1" in seen
        assert pilot.app.screen_stack[0].query_one(Composer).text == "half a thought"
    assert world.config.settings.model == "claude-opus-4.1"


async def test_escape_in_the_dialog_keeps_the_model(start: Start) -> None:
    world = signed_in_to()
    async with start(world) as pilot:
        await pilot.press("f2", *"op41", "enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, Question)
        await pilot.press("escape")
        await settled(pilot)
        assert "▶ GPT-5.1 Medium" in screen_text(pilot.app)
    assert world.config.settings.model == "gpt-5.1-medium"


async def test_the_dialog_can_show_what_is_usable_instead(start: Start) -> None:
    async with start(signed_in_to()) as pilot:
        await pilot.press("f2", *"op41", "enter")
        await settled(pilot)
        await pilot.press("right", "right", "enter")
        await settled(pilot)
        seen = screen_text(pilot.app)
        assert isinstance(pilot.app.screen, Picker)
        assert "GPT-6.1 Sol" in seen
        assert "usable only · Tab: all" in seen
        assert "Claude" not in "".join(seen.splitlines()[3:])


async def test_a_preset_of_the_users_own_is_listed_selected_and_answered(start: Start) -> None:
    own = Preset("mine", "My Haiku", "claude-haiku-5-5", Provider.CLAUDE, "for notes", own=True)
    settings = selecting("gpt-5.1-medium", AuthMode.CHATGPT, presets=(own,))
    world = TuiWorld(
        a_session(Provider.CHATGPT), a_session(Provider.CLAUDE), settings=settings, catalogue=load_catalogue()
    )
    async with start(world) as pilot:
        await pilot.press("f2", *"myhai")
        await pilot.pause()
        assert "My Haiku" in screen_text(pilot.app)
        await pilot.press("enter")
        await settled(pilot)
        assert "Switched to My Haiku (Claude OAuth)" in screen_text(pilot.app)
        await pilot.press(*"hello", "enter")
        await settled(pilot)
        assert world.chat.requests[-1][0].answering.model.id == "claude-haiku-5-5"


async def test_every_row_has_a_sign_and_a_word_and_its_price_and_what_to_run_stands_below(start: Start) -> None:
    ended = a_session(Provider.CLAUDE, tombstone=Tombstone("invalid_grant", NOON))
    async with start(signed_in_to(ended), size=(110, 90)) as pilot:
        await pilot.press("f2")
        await pilot.pause()
        lines = screen_text(pilot.app).splitlines()
        await pilot.press(*"haiku 4.5")
        await pilot.pause()
        assert "Run /login --provider=claude first. Enter logs in right here." in screen_text(pilot.app)
    row = {
        name: next(line for line in lines if name in line and "$" in line)
        for name in ("GPT-5.1 Medium ", "GPT-5.1 High", "Claude Haiku 4.5", "Gemini 3 Pro")
    }
    assert "✅ Active" in row["GPT-5.1 Medium "]
    assert "✅ Logged in" in row["GPT-5.1 High"]
    assert "⚠️ Session ended" in row["Claude Haiku 4.5"]
    assert "⚠️ Login required" in row["Gemini 3 Pro"]
    assert "$2/$12" in row["Gemini 3 Pro"]


async def test_the_highlighted_row_says_who_really_answers(start: Start) -> None:
    async with start(signed_in_to(a_session(Provider.CLAUDE))) as pilot:
        await pilot.press("f2", *"op41")
        await pilot.pause()
        seen = screen_text(pilot.app)
    assert "Pays: Console, per token." in seen
    assert "Claude Opus 4.1 was retired on 2026-08-05: Claude Opus 5.5 answers, $4/$20" in seen


async def test_another_key_selects_for_this_conversation_only(start: Start) -> None:
    world = signed_in_to(a_session(Provider.CLAUDE))
    async with start(world) as pilot:
        await pilot.press("f2", *"op41", "ctrl+t")
        await settled(pilot)
        seen = screen_text(pilot.app)
        assert "For this conversation only." in seen
        assert "▶ Claude Opus 4.1 · this conversation" in seen
    assert world.config.settings.model == "gpt-5.1-medium"


async def test_a_dash_goes_back_to_the_model_before(start: Start) -> None:
    world = signed_in_to(a_session(Provider.CLAUDE))
    async with start(world) as pilot:
        for line in ("/model opus", "/model -"):
            await pilot.press(*line, "enter")
            await settled(pilot)
        assert "▶ GPT-5.1 Medium" in screen_text(pilot.app)
    assert world.config.settings.model == "gpt-5.1-medium"


async def test_going_from_a_plan_to_a_paid_key_asks_and_enter_is_the_answer_that_costs_nothing(start: Start) -> None:
    world = signed_in_to(an_api_key(Provider.CLAUDE))
    async with start(world) as pilot:
        await pilot.press(*"/model opus", "enter")
        await settled(pilot)
        assert "would be paid by: API key, per token." in screen_text(pilot.app)
        await pilot.press("enter")
        await settled(pilot)
        assert "▶ GPT-5.1 Medium" in screen_text(pilot.app)
        assert world.config.settings.model == "gpt-5.1-medium"
        await pilot.press(*"/model opus", "enter")
        await settled(pilot)
        await pilot.press("right", "enter")
        await settled(pilot)
        seen = " ".join(screen_text(pilot.app).split())
        assert "Switched to Claude Opus 5.5 (Claude API key)" in seen
        assert "Pays: API key, per token (…1234), $4/$20 per million tokens in/out." in seen


async def test_an_unknown_model_is_one_sentence_with_the_near_miss(start: Start) -> None:
    async with start(signed_in_to()) as pilot:
        await pilot.press(*"/model claude-opsu-5-5", "enter")
        await settled(pilot)
        assert "Did you mean claude-opus-5-5?" in screen_text(pilot.app)


async def test_a_sign_in_by_another_process_changes_the_open_picker_and_the_header(start: Start) -> None:
    world = signed_in_to()
    async with start(world, size=(110, 80)) as pilot:
        await pilot.press("f2")
        await pilot.pause()
        assert "Claude ⚠️ login" in screen_text(pilot.app)
        world.sessions.save(a_session(Provider.CLAUDE), activate=True)
        app_of(pilot).poll()  # what a timer does
        await settled(pilot)
        lines = screen_text(pilot.app).splitlines()
    assert "✅ Logged in" in next(line for line in lines if "Claude Opus 4.1" in line)
    assert any("CLAUDE · ana@example.test" in line for line in lines)


async def test_a_selection_by_another_process_changes_nothing_here_until_a_new_conversation_begins(
    start: Start,
) -> None:
    world = signed_in_to(a_session(Provider.CLAUDE))
    async with start(world) as pilot:
        world.config.select("claude-opus-5-5", AuthMode.CLAUDE)
        app_of(pilot).poll()
        await settled(pilot)
        assert "▶ GPT-5.1 Medium · this conversation · Using ChatGPT plan" in screen_text(pilot.app)
        await pilot.press(*"hello", "enter")
        await settled(pilot)
        assert world.chat.requests[-1][1].record.provider is Provider.CHATGPT
        await pilot.press(*"/new", "enter")
        await settled(pilot)
        seen = " ".join(screen_text(pilot.app).split())
        assert "▶ Claude Opus 5.5 · ana@example.test · pays: Console" in seen
        assert "A new conversation begins with Claude Opus 5.5 (Claude OAuth), the saved choice." in seen
        assert "Pays: Console, per token (ana@example.test), $4/$20 per million tokens in/out." in seen


async def test_what_is_typed_filters_at_once_and_up_and_down_pass_over_headings(start: Start) -> None:
    async with start(signed_in_to()) as pilot:
        await pilot.press("f2", *"flash")
        await pilot.pause()
        assert "Gemini 2.5 Flash" in screen_text(pilot.app)
        assert "GPT-5.1 High" not in screen_text(pilot.app)
        for _ in range(len("flash")):
            await pilot.press("backspace")
        await pilot.press("down")  # from GPT-5.1 Medium, past a heading
        await pilot.pause()
        assert "GPT-6.2 Astra (flagship) · $8/$40" in screen_text(pilot.app)
        assert pilot.app.screen.query_one(Input).value == ""


async def test_the_picker_gives_up_the_price_then_the_tagline_and_never_the_state(start: Start) -> None:
    world = signed_in_to()
    async with start(world, size=(72, 40)) as pilot:
        await pilot.press("f2")
        await pilot.pause()
        line = next(line for line in screen_text(pilot.app).splitlines() if "GPT-6 Astra" in line)
        assert "$" not in line
        assert "earlier flagship" in line
        assert "✅ Logged in" in line
        await pilot.resize_terminal(50, 40)
        await pilot.pause()
        line = next(line for line in screen_text(pilot.app).splitlines() if "GPT-6 Astra" in line)
        assert "earlier flagship" not in line
        assert "✅ Logged in" in line


async def test_the_model_of_the_command_line_holds_for_this_run_only(start: Start) -> None:
    world = signed_in_to(a_session(Provider.CLAUDE))
    async with start(world, model="opus") as pilot:
        await settled(pilot)
        assert "▶ Claude Opus 5.5" in screen_text(pilot.app)
    assert world.config.settings.model == "gpt-5.1-medium"


async def test_a_restart_brings_back_model_and_sign_in(start: Start) -> None:
    world = signed_in_to(a_session(Provider.CLAUDE))
    async with start(world) as pilot:
        await pilot.press("f2", *"op41", "enter")
        await settled(pilot)
    async with start(world) as pilot:
        assert "▶ Claude Opus 4.1 · ana@example.test · pays: Console" in screen_text(pilot.app)


async def test_a_due_session_is_renewed_beside_the_switch_which_does_not_wait(start: Start) -> None:
    world = signed_in_to(a_session(Provider.CLAUDE))
    async with start(world) as pilot:
        world.clock.advance(timedelta(minutes=57))
        world.oauth.held = asyncio.Event()
        await pilot.press("f2", *"op41", "enter")
        await world.oauth.asked.wait()
        await pilot.pause()
        assert "Switched to Claude Opus 4.1 (Claude OAuth)" in screen_text(pilot.app)
        world.oauth.held.set()
        await settled(pilot)
    assert [session.record.provider for session in world.oauth.renewals] == [Provider.CLAUDE]


async def test_what_is_in_use_is_renewed_behind_the_first_frame_and_the_rest_once_a_day(start: Start) -> None:
    world = signed_in_to(a_session(Provider.CLAUDE))
    world.clock.advance(timedelta(minutes=57))
    async with start(world):
        pass
    assert [session.record.provider for session in world.oauth.renewals] == [Provider.CHATGPT]
    world.clock.advance(timedelta(days=2))
    async with start(world):
        pass
    assert {session.record.provider for session in world.oauth.renewals} == {Provider.CHATGPT, Provider.CLAUDE}


async def test_a_reading_that_was_overtaken_is_not_shown(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow disk, and a change in between: the later reading ends first."""
    world = signed_in_to()
    async with start(world) as pilot:
        old, read, slow = world.snapshot(), ReadSnapshot.__call__, threading.Event()
        readings: list[Snapshot] = []

        def overtaken(reader: ReadSnapshot, **_: object) -> Snapshot:
            first = not readings
            readings.append(old)
            return read(reader) if not first else old if slow.wait(10) else pytest.fail("nobody overtook it")

        monkeypatch.setattr(ReadSnapshot, "__call__", overtaken)
        app_of(pilot).read_again()
        while not readings:
            await pilot.pause()
        world.sessions.save(a_session(Provider.CLAUDE), activate=True)
        app_of(pilot).poll()
        while "Claude ✅" not in screen_text(pilot.app):
            await pilot.pause()
        slow.set()
        await settled(pilot)
        assert len(readings) == 2
        assert "Claude ✅" in screen_text(pilot.app)


async def test_the_way_back_is_known_although_the_config_is_read_again_before_the_selection_is_told(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The selection is written in a thread, and the timer that reads it again may come first."""
    world = signed_in_to(a_session(Provider.CLAUDE))
    async with start(world) as pilot:
        app, select, loop = app_of(pilot), AuthManager.switch_provider, asyncio.get_running_loop()

        async def read() -> WindowState | None:
            app.poll()
            await app.workers.wait_for_complete([one for one in app.workers if one.group == "window_state"])
            return app.window_state

        def read_at_once(self: AuthManager, name: str, **options: Any) -> Switch:
            switch = select(self, name, **options)
            stand = asyncio.run_coroutine_threadsafe(read(), loop).result()
            assert stand is not None
            assert stand.preset is not None
            assert stand.preset.id == "gpt-5.1-medium"
            return switch

        monkeypatch.setattr(AuthManager, "switch_provider", read_at_once)
        app.chat.composer.write("/model claude-opus-4.1")
        await pilot.press("enter")
        await settled(pilot)
        assert "/model - goes back." in screen_text(app)
        monkeypatch.setattr(AuthManager, "switch_provider", select)
        app.chat.composer.write("/model -")
        await pilot.press("enter")
        await settled(pilot)
    assert world.config.settings.model == "gpt-5.1-medium"
