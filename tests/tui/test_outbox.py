"""What could not be sent waits for one Enter, over restarts, and at nobody else's expense."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from adapters.catalogue.builtin import load_catalogue
from adapters.outbox.folder import FolderOutbox
from application.ports.chat_client import Done, TextDelta
from domain.auth_mode import AuthMode
from domain.conversation import StopReason, Usage
from domain.errors import LimitReached, Offline, SessionEnded
from domain.outbox.parked import Parked
from domain.provider import Provider
from entrypoints.tui.screens.login_dialog import LoginDialog
from entrypoints.tui.screens.question import Question
from entrypoints.tui.widgets.waiting_rows import WaitingRows
from tests.support.credentials import NOON, a_session
from tests.support.fake_oauth import callback_of
from tests.support.screen_text import screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled

pytestmark = pytest.mark.slow

ANSWER = (TextDelta("Because."), Done(StopReason.END, Usage(10, 5)))


@pytest.fixture
def world() -> TuiWorld:
    settings = selecting("gpt-5.1-medium", AuthMode.CHATGPT)
    return TuiWorld(
        a_session(Provider.CHATGPT), a_session(Provider.CLAUDE), settings=settings, catalogue=load_catalogue()
    )


async def typed(pilot: Pilot[int], text: str) -> None:
    app_of(pilot).chat.composer.write(text)
    await pilot.press("enter")
    await settled(pilot)


def seen(pilot: Pilot[int]) -> str:
    return " ".join(screen_text(pilot.app).replace("│", " ").split())


async def test_at_a_limit_it_is_parked_over_a_restart_and_goes_out_once_after_one_enter(
    world: TuiWorld, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world, "outbox", FolderOutbox(home=tmp_path, clock=world.clock))
    world.chat.answers = [(LimitReached(Provider.CHATGPT, resets_at=NOON + timedelta(hours=3)),), ANSWER]
    async with start(world) as pilot:
        await typed(pilot, "why?")
        assert "ChatGPT plan limit reached, resets 15:00 (3 h). Message parked." in seen(pilot)
        assert app_of(pilot).chat.composer.text == ""
        world.clock.advance(timedelta(seconds=1))  # what is parked first goes first
        await typed(pilot, "and how?")
        assert "2 parked" in seen(pilot)
    assert len(world.chat.requests) == 1, "the second was not tried: it is known to come to nothing"

    async with start(world) as pilot:
        assert '2 parked: "why?"' in seen(pilot)
        assert len(world.chat.requests) == 1, "nothing goes out by itself"
        await pilot.press("enter")
        await settled(pilot)
        assert "Because." in seen(pilot)
        assert '1 parked: "and how?"' in seen(pilot), screen_text(pilot.app)
    assert [request.turns[-1].text for request, _ in world.chat.requests] == ["why?", "why?"]
    (left,) = (tmp_path / "outbox").iterdir()
    taken = left.with_name(f"{left.stem}.{2**22 + 1}-{int(NOON.timestamp())}.taken")
    left.rename(taken)  # as a window leaves it that was killed in the middle of sending

    async with start(world, continue_last=True) as pilot:
        await settled(pilot)
        assert '1 may have been sent: "and how?"' in seen(pilot), screen_text(pilot.app)
        await pilot.press("enter")
        await settled(pilot)
        assert "This message may have been sent: keyswitch ended while it was under way." in seen(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert len(world.chat.requests) == 2, "Enter keeps it parked"
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("right", "enter")
        await settled(pilot)
    assert [request.turns[-1].text for request, _ in world.chat.requests] == ["why?", "why?", "and how?"]
    assert list((tmp_path / "outbox").iterdir()) == []


async def test_with_f5_it_goes_elsewhere_after_a_question_and_f6_leads_back_at_the_reset(
    world: TuiWorld, start: Start
) -> None:
    world.chat.answers = [(LimitReached(Provider.CHATGPT, resets_at=NOON + timedelta(hours=3)),), ANSWER, ANSWER]
    async with start(world) as pilot:
        await typed(pilot, "why?")
        assert "F5 send with Claude Sonnet 5.5 (Console, per token: asks)" in seen(pilot)
        await pilot.press("f5")
        await settled(pilot)
        assert "Who pays changes" in seen(pilot)
        assert "Pays: Console, per token (ana@example.test)" in seen(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert len(world.chat.requests) == 1, "Enter keeps it parked"
        await pilot.press("f5")
        await settled(pilot)
        await pilot.press("right", "enter")
        await settled(pilot)
        assert "Switched to Claude Sonnet 5.5" in seen(pilot)
        assert "Because." in seen(pilot)
        assert "1 parked" not in seen(pilot)
        assert world.config.settings.model == "gpt-5.1-medium", "what is saved stays"

    async with start(world, continue_last=True) as pilot:
        await settled(pilot)
        assert "F6" not in seen(pilot)
        waiting = pilot.app.screen_stack[0].query_one(WaitingRows)
        world.clock.advance(timedelta(hours=3))
        waiting.tick()
        await settled(pilot)
        assert "The ChatGPT limit has ended · F6 goes back to GPT-5.1 Medium" in seen(pilot)
        assert len(world.chat.requests) == 2
        await pilot.press("f6")
        await settled(pilot)
        assert "Switched to GPT-5.1 Medium (ChatGPT OAuth)" in seen(pilot)
        assert "F6" not in seen(pilot)
        await typed(pilot, "again?")
    assert [credential.record.provider for _, credential in world.chat.requests] == [
        Provider.CHATGPT,
        Provider.CLAUDE,
        Provider.CHATGPT,
    ]


async def test_offline_a_banner_counts_down_until_the_network_is_back(world: TuiWorld, start: Start) -> None:
    world.chat.answers = [(Offline(Provider.CHATGPT, "no route to host"),), ANSWER]
    world.reach.out_of_reach = set(Provider)
    async with start(world) as pilot:
        await typed(pilot, "why?")
        assert "ChatGPT cannot be reached since 12:00. Looking…" in seen(pilot)
        waiting = pilot.app.screen_stack[0].query_one(WaitingRows)
        waiting.tick()
        await settled(pilot)
        assert "Offline: no provider can be reached since 12:00. Next look in 5 s." in seen(pilot)
        assert "F6 look now · Esc wait quietly · Enter parks (1 parked)" in seen(pilot)
        world.clock.advance(timedelta(seconds=4))
        waiting.tick()
        await settled(pilot)
        assert "Next look in 1 s." in seen(pilot)
        await typed(pilot, "more")
        assert "(2 parked)" in seen(pilot)
        assert world.reach.looks == 1
        await pilot.press("escape")
        await settled(pilot)
        assert "Offline" not in seen(pilot).split("You")[-1]
        assert "2 parked" in seen(pilot)
        world.reach.out_of_reach = set()
        await pilot.press("f6")
        await settled(pilot)
        assert "ChatGPT can be reached again · 2 parked" in seen(pilot), screen_text(pilot.app)
        assert len(world.chat.requests) == 1
        assert app_of(pilot).controller.outbox.watch.seconds_to_next_change() is None
        await pilot.press("enter")
        await settled(pilot)
        assert "Because." in seen(pilot)


async def test_a_session_that_ended_while_sending_offers_three_ways(world: TuiWorld, start: Start) -> None:
    world.chat.answers = [(SessionEnded(Provider.CHATGPT, "invalid_grant"),), ANSWER]
    async with start(world) as pilot:
        await typed(pilot, "why?")
        assert isinstance(pilot.app.screen, Question)
        for words in (
            "ChatGPT session ended",
            "Your message was NOT sent; it is parked.",
            "[ Log in again and send ]",
            "[ Send with Claude Sonnet 5.5 instead ]",
            "[ Back to editing ]",
        ):
            assert words in seen(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert app_of(pilot).chat.composer.text == "why?"
        assert world.outbox.messages == {}
        await pilot.press("enter")
        await settled(pilot)
    assert [message.turns[-1].text for message, _ in world.chat.requests] == ["why?", "why?"]


async def test_the_same_account_signs_in_again_and_it_goes_out_without_another_question(
    world: TuiWorld, start: Start
) -> None:
    world.chat.answers = [(SessionEnded(Provider.CHATGPT, "invalid_grant"),), ANSWER]
    async with start(world) as pilot:
        await typed(pilot, "why?")
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, LoginDialog)
        world.listener.callbacks.put_nowait(callback_of())
        await settled(pilot)
        assert len(world.chat.requests) == 2, screen_text(pilot.app)
        assert world.outbox.messages == {}


async def test_another_payer_is_asked_about_and_another_window_is_told_of(world: TuiWorld, start: Start) -> None:
    world.chat.answers = [(Offline(Provider.CHATGPT, "no route to host"),), ANSWER]
    async with start(world) as pilot:
        await typed(pilot, "why?")
        await typed(pilot, "/model claude-haiku-4.5")
        await pilot.press("enter")
        await settled(pilot)
        assert "This message was parked for GPT-5.1 Medium, plan (ana@example.test)." in seen(pilot)
        assert "Claude Haiku 4.5 would answer it now." in seen(pilot)
        await pilot.press("escape")
        await typed(pilot, "/model -")
        (message,) = world.outbox.messages.values()
        world.outbox.take(message.id)  # by another window, which this one has not noticed yet
        app_of(pilot).controller.outbox.send(message)
        await settled(pilot)
        assert "Another window is sending that message, or has sent it. Nothing was sent from here." in seen(pilot)
        assert len(world.chat.requests) == 1


async def test_the_list_sends_edits_drops_and_brings_back(world: TuiWorld, start: Start) -> None:
    world.chat.answers = [(LimitReached(Provider.CHATGPT, resets_at=NOON + timedelta(hours=3)),), ANSWER]
    async with start(world) as pilot:
        for text in ("one", "two", "three"):
            await typed(pilot, text)
            world.clock.advance(timedelta(seconds=1))
        world.outbox.park(Parked("e" * 32, "another conversation", True, "four", NOON, None, "offline"))
        await typed(pilot, "/outbox")
        for words in ("1 one", "limit reached until 15:00", "GPT-5.1 Medium, plan (ana@example.test)", "3 three"):
            assert words in seen(pilot)
        assert "4 four" in seen(pilot)
        assert "in another conversation: Enter opens it" in seen(pilot)
        await pilot.press("d")
        await settled(pilot)
        assert "Dropped. u brings it back." in seen(pilot)
        assert sorted(message.text for message in world.outbox.messages.values()) == ["four", "three", "two"]
        await pilot.press("u")
        await settled(pilot)
        assert "1 one" in seen(pilot)
        await pilot.press("down", "e")
        await settled(pilot)
        assert app_of(pilot).chat.composer.text == "two"
        app_of(pilot).chat.composer.write("")
        await typed(pilot, "/outbox send 1 claude-haiku-4.5")
        assert "Claude Haiku 4.5 would answer it now." in seen(pilot)
        await pilot.press("right", "enter")
        await settled(pilot)
        assert "Because." in seen(pilot)
        assert "Switched to Claude Haiku 4.5 (Claude OAuth)" in seen(pilot)
        await typed(pilot, "/outbox drop 7")
        assert "It is a number from 1 to 2, as /outbox lists them." in seen(pilot)
    assert {message.text for message in world.outbox.messages.values()} == {"three", "four"}
