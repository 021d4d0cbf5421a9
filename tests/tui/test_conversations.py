"""The conversations that are kept: found, opened, renamed, removed, brought back and exported in the app."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import pytest
from textual.pilot import Pilot

from adapters.catalogue.builtin import load_catalogue
from application.ports.chat_client import Done
from domain.auth_mode import AuthMode
from domain.conversation import Role, Turn
from domain.conversations.kept import Summary
from domain.provider import Provider
from entrypoints.tui.screens.conversations_screen import ConversationsScreen
from entrypoints.tui.screens.question import Question
from entrypoints.tui.widgets.conversation_rows import ConversationRows
from tests.support.credentials import NOON, a_session
from tests.support.kept import HELD, LISBON, PARSER, SKY, keep
from tests.support.screen_text import screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled

pytestmark = pytest.mark.slow


@pytest.fixture
def world() -> TuiWorld:
    sessions = a_session(Provider.CHATGPT), a_session(Provider.CLAUDE)
    world = TuiWorld(*sessions, settings=selecting("gpt-5.1-medium", AuthMode.CHATGPT), catalogue=load_catalogue())
    keep(world.conversations)
    return world


async def press(pilot: Pilot[int], *keys: str) -> str:
    """What the screen shows once *keys* have had their effect."""
    await pilot.press(*keys)
    await settled(pilot)
    return screen_text(pilot.app)


async def write(pilot: Pilot[int], text: str) -> str:
    app_of(pilot).chat.composer.write(text)
    return await press(pilot, "enter")


def written(folder: Path) -> dict[str, str]:
    """The files in *folder*, which only their owner may read."""
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    return {path.name: path.read_text("utf-8") for path in folder.iterdir()}


def highlighted(pilot: Pilot[int]) -> str:
    row = pilot.app.screen.query_one(ConversationRows).highlighted
    return row.summary.title if row else ""


async def test_a_conversation_is_found_opened_renamed_removed_brought_back_and_exported(
    world: TuiWorld, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with start(world) as pilot:
        app_of(pilot).chat.composer.write("half a thought")
        await finds_and_opens(pilot)
        await changes_another(pilot, world)
        await press(pilot, "ctrl+e")
        assert isinstance(pilot.app.screen, Question)
        shown = await press(pilot, "enter")
        text = written(tmp_path)["why-is-the-sky-blue-indeed.md"]
        assert "Because of the base colours." in text
        assert "why-is-the-sky-blue-indeed.md" in "".join(shown.split())

        await press(pilot, "escape")
        await write(pilot, "And now?")
        request, credential = world.chat.requests[-1]
        assert (len(request.turns), credential.record.provider) == (3, Provider.CLAUDE)
        line = f"keyswitch --resume {PARSER[:8]} goes on with Refactor the parser."
        assert app_of(pilot).controller.kept.way_back() == line


async def finds_and_opens(pilot: Pilot[int]) -> None:
    shown = await press(pilot, "f4")
    assert "4 kept" in shown
    assert shown.index("Refactor the parser") < shown.index("Why is the sky blue?") < shown.index("Plan for the")
    shown = await press(pilot, *"toke")
    assert "1 found" in shown
    assert "wrong token" in shown
    assert "sky blue" not in shown
    shown = await press(pilot, "enter")
    chat = app_of(pilot).chat
    assert pilot.app.screen is chat
    assert "The base case compares the wrong token." in shown
    assert "keyswitch │ Refactor the parser" in shown
    assert "It goes on with Claude Opus 4.1 (Claude OAuth)." in shown
    assert "Console, per token" in shown
    assert chat.composer.text == "half a thought"


async def changes_another(pilot: Pilot[int], world: TuiWorld) -> None:
    await press(pilot, "f4")
    shown = await press(pilot, "down", "ctrl+r", "end", *" indeed", "enter")
    assert "Why is the sky blue? indeed" in shown
    assert highlighted(pilot) == "Why is the sky blue? indeed"
    shown = await press(pilot, "ctrl+d")
    assert '"Why is the sky blue? indeed" is removed. Ctrl+Z brings it back.' in shown
    assert "3 kept" in shown
    assert world.conversations.load(SKY) is None
    shown = await press(pilot, "ctrl+z")
    assert "4 kept" in shown
    assert highlighted(pilot) == "Why is the sky blue? indeed"


async def test_the_commands_do_the_same_for_the_open_conversation(
    world: TuiWorld, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with start(world) as pilot:
        app = app_of(pilot)
        assert "Nothing was said in this conversation yet." in await write(pilot, "/rename Nothing")
        assert app.controller.kept.way_back() == ""

        shown = await write(pilot, "/search colours")
        assert isinstance(app.screen, ConversationsScreen)
        assert "1 found" in shown
        await press(pilot, "enter")

        shown = await write(pilot, "/rename The sky")
        assert "keyswitch │ The sky" in shown
        assert [one.title for one in world.conversations.summaries() if one.id == SKY] == ["The sky"]

        for form in ("", "md", "html", "json"):
            await write(pilot, f"/export {form}")
        assert set(written(tmp_path)) == {"the-sky.md", "the-sky-2.md", "the-sky.html", "the-sky.json"}

        assert "There is no conversation 9" in await write(pilot, "/chats 9")
        await write(pilot, "/chats 3")
        assert app.controller.kept.open_one == LISBON

        shown = await write(pilot, "/chats remove 3")
        assert "/chats restore brings it back" in shown
        assert app.controller.conversation is None, "the open one was removed: a new one begins"
        assert "is there again." in await write(pilot, "/chats restore")


async def test_an_answer_on_its_way_is_stopped_and_kept_before_another_conversation_opens(
    world: TuiWorld, start: Start
) -> None:
    world.chat.hold_before = Done
    async with start(world) as pilot:
        app = app_of(pilot)
        app.chat.composer.write("Tell me a story")
        await pilot.press("enter")
        await world.chat.holding.wait()
        await pilot.press("f4")
        await pilot.pause()
        while highlighted(pilot) != "Refactor the parser":  # behind what was said just now, if that is stored already
            await pilot.press("down")
        await pilot.press("enter")
        await settled(pilot)
        assert app.controller.kept.open_one == PARSER
        assert not app.chat.answering
        (story,) = [one for one in world.conversations.summaries() if one.title == "Tell me a story"]
        assert world.conversations.turns(story.id, first=2, count=1)[0].text == "Hello from the fake."
        assert "Hello from the fake." not in screen_text(app)


async def test_what_another_window_removed_is_said_and_a_small_window_shows_all_keys(
    world: TuiWorld, start: Start
) -> None:
    async with start(world, size=(40, 12)) as pilot:
        shown = await press(pilot, "f4")
        assert all(
            key in shown for key in ("Esc back", "Ctrl+R rename", "Ctrl+D remove", "Ctrl+Z undo", "Ctrl+E export")
        )
        world.conversations.remove(PARSER)
        shown = await press(pilot, "enter")
        assert "That conversation was removed in another window." in " ".join(shown.split())
        assert "Refactor the parser" not in shown
        shown = await press(pilot, *"xyzzy")
        assert 'Nothing was found for "xyzzy".' in shown
        await press(pilot, "escape")
        assert pilot.app.screen is app_of(pilot).chat


async def test_nothing_is_sent_at_the_expense_of_the_conversation_that_was_left(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        app = app_of(pilot)
        found = await app.controller.kept.loaded(PARSER)
        assert found is not None
        app.chat.composer.write("and now?")
        await app.controller.go_on_with(found)
        stand = app.window_state
        assert stand is None or stand.held == HELD, "Enter would have sent it with what the other one held on to"
        await press(pilot, "enter")
        answer = app.controller.thread.conversation.turns[-1]
        assert answer.receipt is not None
        assert (answer.receipt.provider, app.chat.composer.text) == (Provider.CLAUDE, "")


async def test_a_long_conversation_is_read_to_its_first_message_and_left_as_it_was_meant(
    world: TuiWorld, start: Start
) -> None:
    said = [Turn(Role.USER, f"message number {number} of many", NOON) for number in range(1, 121)]
    world.conversations.append(PARSER, *said)
    async with start(world, resume=PARSER) as pilot:
        app = app_of(pilot)
        assert "message number 120 of many" in screen_text(app)
        assert "Refactor the parser Please explain it." in await press(pilot, "ctrl+home")
        assert "message number 120 of many" in await press(pilot, "ctrl+end")

        app.chat.composer.write("half a thought")
        app.controller.edit()
        await settled(pilot)
        assert app.chat.composer.text == "message number 120 of many"
        await press(pilot, "f4", "down", "enter")
        assert app.controller.kept.open_one == SKY
        assert app.chat.composer.text == "half a thought", "what was edited is a message of the other conversation"
        assert "There is nothing to bring back" in await write(pilot, "/edit -")


async def test_what_is_in_view_is_shown_before_the_rest_is_read(
    world: TuiWorld, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything, goes_on = world.conversations.summaries, Event()

    def summaries(*, limit: int | None = None) -> tuple[Summary, ...]:
        if limit is None:
            assert goes_on.wait(30)
            return everything()
        return everything(limit=2)

    monkeypatch.setattr(world.conversations, "summaries", summaries)
    async with start(world) as pilot:
        await pilot.press("f4")
        while not pilot.app.screen.query(ConversationRows) or not highlighted(pilot):
            await pilot.pause()
        first = highlighted(pilot)
        await pilot.press("down")
        second = highlighted(pilot)
        goes_on.set()
        await settled(pilot)
        assert highlighted(pilot) == second != first
        assert f"{len(everything())} kept" in screen_text(pilot.app)
