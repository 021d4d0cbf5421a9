"""The field: what it takes, what it runs, what it gives back."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from threading import Event

import pytest
from textual import events
from textual.pilot import Pilot

from adapters.catalogue.builtin import load_catalogue
from application.ports.chat_client import Done, TextDelta
from domain.auth_mode import AuthMode
from domain.conversation import Conversation, Role, StopReason, Turn, Usage
from domain.errors import Offline
from domain.provider import Provider
from domain.text.written import Written
from entrypoints.tui.screens.accounts_screen import AccountsScreen
from tests.support.credentials import NOON, a_session
from tests.support.screen_text import screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled

pytestmark = pytest.mark.slow

FORTY = "\n".join(f"line {number}" for number in range(40))


@pytest.fixture
def world() -> TuiWorld:
    settings = selecting("claude-haiku-4.5", AuthMode.CLAUDE)
    return TuiWorld(a_session(Provider.CLAUDE), settings=settings, catalogue=load_catalogue())


def words(pilot: Pilot[int]) -> str:
    return " ".join(screen_text(pilot.app).split())


def at_the_field(pilot: Pilot[int]) -> bool:
    return pilot.app.screen is app_of(pilot).chat


async def paste(pilot: Pilot[int], text: str) -> None:
    app_of(pilot).chat.composer.post_message(events.Paste(text))
    await pilot.pause()


async def test_a_big_paste_is_one_token_and_is_sent_in_full(world: TuiWorld, start: Start) -> None:
    async with start(world, ascii=True) as pilot:
        composer = app_of(pilot).chat.composer
        await pilot.press(*"see ")
        await paste(pilot, FORTY)
        await pilot.press(*" and [Pasted 40 lines]")
        seen = screen_text(pilot.app)
        assert seen.isascii()
        assert " see [Pasted 40 lines] and [Pasted 40 lines]" in seen
        whole = f"see {FORTY} and [Pasted 40 lines]"
        assert composer.text == whole

        await pilot.press("home", *["right"] * 5)
        assert composer.cursor_location == (0, 4 + len("[Pasted 40 lines]") + 1), "it is passed in one step"
        await pilot.press("backspace")
        assert composer.text == "see  and [Pasted 40 lines]", "it is deleted as one"
        await pilot.press("ctrl+z")
        assert composer.text == whole
        await pilot.press("ctrl+o")
        assert composer.document.line_count == 40
        await pilot.press("ctrl+z")
        assert composer.document.line_count == 1
        composer.select_all()
        await pilot.press("ctrl+x")
        assert pilot.app.clipboard == whole
        await pilot.press("ctrl+z", "end", "enter")
        await settled(pilot)
        assert world.chat.requests[-1][0].turns[-1].text == whole
        await pilot.press("up")
        assert (composer.text, composer.document.line_count) == (whole, 1), "it comes back folded"
        await pilot.press("ctrl+l")
        assert composer.text == ""
        await pilot.press("ctrl+l")
        assert (composer.text, composer.document.line_count) == (whole, 1)


async def test_what_was_not_typed_runs_no_command_and_goes_out_when_it_is_meant(world: TuiWorld, start: Start) -> None:
    sent = world.chat.requests
    async with start(world) as pilot:
        app = app_of(pilot)
        await paste(pilot, "/status")
        assert "the same list" not in screen_text(app), "nothing is offered for it"
        await pilot.press("enter")
        await settled(pilot)
        assert at_the_field(pilot)
        assert "/status was not typed here, so it does not run as a command." in screen_text(app)
        assert sent == []
        await pilot.press("enter")
        await settled(pilot)
        assert sent[-1][0].turns[-1].text == "/status"
        await pilot.press("up", "enter")
        await settled(pilot)
        assert at_the_field(pilot), "recalled"
        await pilot.press("ctrl+l", "ctrl+l", "enter")
        await settled(pilot)
        assert at_the_field(pilot), "emptied and brought back"
        await pilot.press("ctrl+l", *"/log")
        await paste(pilot, "in --status")
        await pilot.press("enter")
        await settled(pilot)
        assert at_the_field(pilot), "typed by half"
        await pilot.press("ctrl+l", *"/login ")
        await paste(pilot, "--status")
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, AccountsScreen), "its name was typed"


async def test_what_is_written_while_an_answer_comes_waits_for_it(world: TuiWorld, start: Start) -> None:
    done = (TextDelta("Because."), Done(StopReason.END, Usage(1, 1)))
    world.chat.answers = [done, done, done, (Offline(Provider.CLAUDE, "gone"),), done]
    world.chat.hold_before = Done
    async with start(world) as pilot:
        composer = app_of(pilot).chat.composer
        await pilot.press(*"one", "enter")
        await world.chat.holding.wait()
        for text in ("two", "three", "four"):
            await pilot.press(*text, "enter")
        await pilot.pause()
        assert "queued · two queued · three queued · four Up takes it back" in words(pilot)
        await pilot.press("up")
        assert composer.text == "four"
        await pilot.press("enter", *"draft")
        world.chat.hold_before = None
        world.chat.go_on.set()
        await settled(pilot)
        await settled(pilot)
        asked = [request.turns[-1].text for request, *_ in world.chat.requests]
        assert asked == ["one", "two", "three", "four"]
        assert composer.text == "draft"
        assert [message.text for message in world.outbox.messages.values()] == ["four"], "nobody could be reached"


async def test_two_messages_that_are_typed_at_once_go_out_one_after_the_other(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        composer = app_of(pilot).chat.composer
        for key in ("1", "enter", "2", "enter", "enter"):
            composer.post_message(events.Key(key, key if key.isdigit() else None))
        await settled(pilot)
        await settled(pilot)
        assert composer.text == ""
    assert [request.turns[-1].text for request, *_ in world.chat.requests] == ["1", "2"]


async def test_what_waits_is_given_back_where_the_answer_stops_and_waits_on_where_it_fails(
    world: TuiWorld, start: Start
) -> None:
    failing = (TextDelta("Half"), Offline(Provider.CLAUDE, "gone"))
    world.chat.answers = [(TextDelta("Half"), Done(StopReason.END, Usage(1, 1))), failing]
    world.chat.hold_before = Done
    async with start(world) as pilot:
        composer = app_of(pilot).chat.composer
        await pilot.press(*"one", "enter")
        await world.chat.holding.wait()
        await pilot.press(*"two", "enter", *"three", "enter", *"draft", "escape")
        await settled(pilot)
        assert composer.text == "two\nthree\ndraft"
        assert len(world.chat.requests) == 1

        world.chat.hold_before = TextDelta
        world.chat.holding.clear()
        await pilot.press("ctrl+l", *"again", "enter")
        await world.chat.holding.wait()
        await pilot.press(*"later", "enter")
        world.chat.hold_before = None
        world.chat.go_on.set()
        await settled(pilot)
        assert "queued · later Enter sends it, Up takes it back" in words(pilot)
        assert len(world.chat.requests) == 2
        await pilot.press("enter")
        await settled(pilot)
        assert world.chat.requests[-1][0].turns[-1].text == "later"
        assert "queued" not in screen_text(pilot.app)


async def test_what_waits_is_not_sent_at_somebody_elses_expense(world: TuiWorld, start: Start) -> None:
    world.sessions.save(a_session(Provider.CHATGPT), activate=True)
    world.chat.hold_before = Done
    async with start(world) as pilot:
        await pilot.press(*"one", "enter")
        await world.chat.holding.wait()
        await pilot.press(*"two", "enter", *"/model gpt-5.1", "enter")
        await pilot.pause()
        world.chat.hold_before = None
        world.chat.go_on.set()
        await settled(pilot)
        assert app_of(pilot).chat.composer.text == "two"
        assert "What waited is back in the field, not sent: somebody else would pay" in screen_text(pilot.app)
    assert len(world.chat.requests) == 1


async def test_many_lines_can_be_undone_whatever_line_the_cursor_was_on(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        composer = app_of(pilot).chat.composer
        await pilot.press("a")
        await paste(pilot, "\n" * 8)
        await paste(pilot, "\n" * 8)
        await pilot.press("ctrl+z", "ctrl+z")
        assert composer.text == "a"
        await pilot.press("ctrl+y")
        assert composer.document.line_count == 9


async def test_the_last_message_is_edited_or_answered_anew_and_what_was_there_is_kept(
    world: TuiWorld, start: Start
) -> None:
    async with start(world) as pilot:
        app = app_of(pilot)
        await pilot.press("escape", "escape")
        assert app.chat.composer.text == "", "there is nothing to edit yet"
        for text in ("one", "two"):
            await pilot.press(*text, "enter")
            await settled(pilot)
        before = app.controller.thread.conversation
        world.clock.advance(timedelta(seconds=2))
        await pilot.press(*"draft", "escape", "escape")
        await settled(pilot)
        assert app.chat.composer.text == "two"
        assert "Editing your last message" in screen_text(app)
        await pilot.press("escape")
        assert app.chat.composer.text == "draft", "it is left as it was"
        world.clock.advance(timedelta(seconds=2))
        await pilot.press("x", *["escape"] * 2)
        await settled(pilot)
        await pilot.press(*" in other words", "enter")
        await settled(pilot)
        assert app.chat.composer.text == "draftx"
        assert asked(world) == ["one", "Hello from the fake.", "two in other words"]
        assert "/edit - brings them back." in screen_text(app)
        app.chat.composer.write("/edit -")
        await pilot.press("enter")
        await settled(pilot)
        back = app.controller.thread.conversation
        assert back.turns == before.turns
        assert len(world.conversations.summaries()) == 2, "the other version is a conversation of its own"

        app.chat.composer.write("/retry")
        await pilot.press("enter")
        await settled(pilot)
        assert asked(world) == ["one", "Hello from the fake.", "two"]


async def test_a_conversations_first_message_is_edited_in_a_conversation_of_its_own(
    world: TuiWorld, start: Start
) -> None:
    async with start(world) as pilot:
        app = app_of(pilot)
        for line in ("first",):
            app.chat.composer.write(line)
            await pilot.press("enter")
            await settled(pilot)
        first = app.controller.thread.conversation
        app.chat.composer.write("/edit better")
        await pilot.press("enter")
        await settled(pilot)
        assert asked(world) == ["better"]
        assert world.conversations.load(first.id) == first, "the first message has nothing before it to keep"
        app.chat.composer.write("/edit -")
        await pilot.press("enter")
        await settled(pilot)
        assert app.controller.thread.conversation == first


async def test_nothing_is_edited_while_an_answer_comes_or_just_after_it_was_stopped(
    world: TuiWorld, start: Start
) -> None:
    world.chat.answers = [(TextDelta("Half"), Done(StopReason.END, Usage(1, 1)))]
    world.chat.hold_before = Done
    async with start(world) as pilot:
        composer = app_of(pilot).chat.composer
        await pilot.press(*"one", "enter")
        await world.chat.holding.wait()
        composer.write("/retry")
        await pilot.press("enter")
        await pilot.pause()
        assert "The answer still comes: Esc stops it." in screen_text(pilot.app)
        await pilot.press("escape", "escape", "escape")
        await settled(pilot)
        assert composer.text == ""
        world.clock.advance(timedelta(seconds=2))
        await pilot.press("escape", "escape")
        await settled(pilot)
        assert composer.text == "one"


def asked(world: TuiWorld) -> list[str]:
    return [turn.text for turn in world.chat.requests[-1][0].turns]


async def test_what_was_sent_in_earlier_runs_comes_back_and_is_searched(world: TuiWorld, start: Start) -> None:
    turns = [Turn(Role.USER, text, NOON) for text in ("Where do penguins live?", "And walruses?", "line\n" * 20)]
    world.conversations.begin(Conversation("earlier", NOON, turns=tuple(turns)))
    async with start(world, save=False) as pilot:
        composer = app_of(pilot).chat.composer
        await pilot.press("up")
        assert "[Pasted 20 lines]" in words(pilot), "as when it was pasted"
        assert composer.text == "line\n" * 20
        await pilot.press("ctrl+l", *"draft", "ctrl+r")
        await pilot.pause()
        assert "Where do penguins live? And walruses?" in words(pilot)
        await pilot.press(*"WHERE live")
        await pilot.pause()
        assert "walruses" not in words(pilot)
        await pilot.press("escape")
        assert composer.text == "draft"
        await pilot.press("ctrl+r", "up", "enter")
        await pilot.pause()
        assert composer.text == "And walruses?"
        await pilot.press("ctrl+r", *"nobody wrote that")
        await pilot.pause()
        assert "No message fits." in words(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert composer.text == "And walruses?"


async def test_the_search_opens_at_odd_moments_and_says_where_there_is_nothing(
    world: TuiWorld, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Event()
    messages = world.conversations.messages

    def read_slowly(*, limit: int) -> tuple[str, ...]:
        read.wait(5)
        return messages(limit=limit)

    monkeypatch.setattr(world.conversations, "messages", read_slowly)
    world.conversations.begin(Conversation("earlier", NOON, turns=(Turn(Role.USER, "And walruses?", NOON),)))
    async with world.app().run_test() as pilot:  # it does not wait for what is read
        await pilot.press("ctrl+r")
        assert "No message was sent before." in words(pilot)
        read.set()
        await settled(pilot)
        assert "And walruses?" in words(pilot), "it is shown once it is read"
        await pilot.press("escape")
        composer = app_of(pilot).chat.composer
        for moment in ("/", "@", "enter"):
            await pilot.press("ctrl+l", moment, "ctrl+r")
            await pilot.pause()
            assert "Enter takes it into the field" in words(pilot), moment
            await pilot.press("escape", "escape")
        composer.write("hello")
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("alt+up", "ctrl+r")
        await pilot.pause()
        assert "Enter takes it into the field" in words(pilot), "while a block is chosen"


async def test_the_text_goes_to_the_editor_in_full_and_comes_back_as_a_message(
    world: TuiWorld, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start(world) as pilot:
        composer = app_of(pilot).chat.composer
        await pilot.press("x", "ctrl+g")
        await settled(pilot)
        assert "This terminal cannot be lent to an editor. Your text stays as it was." in words(pilot)
        monkeypatch.setattr("textual.app.App.suspend", lambda _: nullcontext())
        await pilot.press("ctrl+l")
        await paste(pilot, FORTY)
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert "The editor changed nothing." in words(pilot)
        assert composer.document.line_count == 1
        world.editor.appending = "\x1b]0;owned\x07 more"
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert world.editor.given == [FORTY, FORTY]
        assert composer.text == f"{FORTY} more"
        world.editor.failing = True
        await pilot.press("ctrl+g")
        await settled(pilot)
        assert "The fake editor failed. Your text stays as it was." in words(pilot)
        world.editor.failing, world.editor.appending = False, "/quit"
        await pilot.press("ctrl+l", "ctrl+g")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert "/quit was not typed here" in words(pilot)


async def test_a_draft_is_kept_at_each_pause_and_is_back_at_the_next_start(
    world: TuiWorld, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entrypoints.tui.writing.draft.PAUSE", 0.01)
    world.chat.hold_before = Done
    async with start(world) as pilot:
        await pilot.press(*"one", "enter")
        await world.chat.holding.wait()
        await pilot.press(*"two", "enter")
        await paste(pilot, FORTY)
        await settled_but_for_the_answer(pilot)
        assert kept(world) == Written(f"two\n{FORTY}", ((4, 4 + len(FORTY)),))
        assert "draft saved" in words(pilot)
        await pilot.press("ctrl+l", *f"my key is sk-ant-{'made-up-' * 4}0000")
        await settled_but_for_the_answer(pilot)
        assert kept(world) is None
        assert "draft not saved: it is too long, or holds a key" in words(pilot)
        await pilot.press("ctrl+l", "ctrl+z", "ctrl+l", *"half")
        pilot.app.exit()
    assert world.drafts.left == [Written("two\nhalf")]

    async with start(world) as pilot:
        assert app_of(pilot).chat.composer.text == "two\nhalf"
        assert "Your draft is back." in words(pilot)
        await pilot.press("ctrl+l")
    assert world.drafts.left == []

    world.drafts.left.append(Written("of another window"))
    async with start(world, save=False) as pilot:
        await pilot.press(*"never kept")
        await pilot.pause()
        assert app_of(pilot).chat.composer.text == "never kept"
    assert world.drafts.left == [Written("of another window")]


def kept(world: TuiWorld) -> Written | None:
    return world.drafts.kept


async def settled_but_for_the_answer(pilot: Pilot[int]) -> None:
    """An answer that is held back does not end by itself."""
    for _ in range(3):
        await pilot.pause()
