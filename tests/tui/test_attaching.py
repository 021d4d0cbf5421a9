"""Files that go along with a message, from `@` to the answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from adapters.catalogue.builtin import load_catalogue
from adapters.outbox.folder import FolderOutbox
from application.ports.chat_client import Done, TextDelta
from domain.attached.attachment import Attachment
from domain.auth_mode import AuthMode
from domain.conversation import StopReason, Usage
from domain.errors import Offline, Refused
from domain.provider import Provider
from entrypoints.chat.options import TuiOptions
from entrypoints.plain import plain_chat
from entrypoints.tui.writing.menu import Menu
from tests.support.credentials import a_session
from tests.support.sample_files import SAMPLES, a_file
from tests.support.screen_text import screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled


@pytest.fixture
def world() -> TuiWorld:
    settings = selecting("claude-haiku-4.5", AuthMode.CLAUDE)
    return TuiWorld(
        a_session(Provider.CLAUDE), a_session(Provider.GEMINI), settings=settings, catalogue=load_catalogue()
    )


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for path in ("src/deep/parser.py", "notes.md", "still.gif", "photo.png", "\x1b[2Jhostile.txt"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(SAMPLES.get(path, b"def expr(): ...\n"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def last_sent(world: TuiWorld) -> list[Attachment]:
    return list(world.chat.requests[-1][0].turns[-1].attachments)


def attached(pilot: Pilot[int]) -> list[str]:
    return [file.name for file in app_of(pilot).controller.attaching.files]


@pytest.mark.slow
async def test_a_file_is_found_attached_sent_and_shown_in_its_turn(world: TuiWorld, start: Start) -> None:
    async with start(world) as pilot:
        chat, sent = app_of(pilot).chat, world.chat.requests
        await pilot.press(*"why @prs")
        await settled(pilot)
        assert "src/deep/parser.py" in screen_text(pilot.app)
        await pilot.press("enter")
        await settled(pilot)
        assert chat.composer.text == "why "
        assert "[file: parser.py 16 B]" in screen_text(pilot.app)
        await pilot.press(*"@gif", "tab", "@", "escape", "backspace")
        await settled(pilot)
        seen = " ".join(screen_text(pilot.app).split())
        assert "[file: parser.py 16 B] [file: still.gif 35 B] 35 B of 22 MB" in seen

        world.chat.answers = [(Refused(Provider.CLAUDE, "not today"),)]
        await pilot.press("enter")
        await settled(pilot)
        assert attached(pilot) == ["parser.py", "still.gif"]
        await pilot.press("enter")
        await settled(pilot)
        seen = screen_text(pilot.app)
        assert "why" in seen
        assert "[file: parser.py 16 B]  [file: still.gif 35 B]" in seen
        assert "Backspace at the start" not in seen
        assert [file.name for file in sent[-1][0].turns[-1].attachments] == ["parser.py", "still.gif"]

        await pilot.press(*"/model gemini-3.8-flash", "enter")
        await settled(pilot)
        said = "still.gif is not sent along: Gemini 3.8 Flash takes no GIF images."
        assert said in screen_text(pilot.app)
        await pilot.press(*"/attach still.gif", "enter")
        await settled(pilot)
        assert "still.gif was not attached: Gemini 3.8 Flash takes no GIF images." in screen_text(pilot.app)
        await pilot.press(*"and now?", "enter")
        await settled(pilot)
        turn = sent[-1][0].turns[0]
        assert [file.name for file in turn.attachments] == ["parser.py"]
        assert "[file: still.gif 35 B, not sent: Gemini 3.8 Flash takes no GIF images]" in turn.text
        assert screen_text(pilot.app).count("is not sent along") <= 1


@pytest.mark.slow
async def test_what_is_chosen_is_attached_whatever_its_name_would_mean_elsewhere(
    world: TuiWorld, start: Start, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = "n" * 120
    monkeypatch.setenv("HOME", str(work / "own"))
    for path, said in {
        "own/mine.txt": "own", "~/mine.txt": "chosen", "-": "dash", "two\nlines": "two", f"{long}/{long}": "long",
    }.items():  # fmt: skip
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        (work / path).write_text(said, "utf-8")
    async with start(world, size=(50, 20)) as pilot:
        chat = app_of(pilot).chat
        for typed in ("@~/mine", "@-", "@two"):
            await pilot.press(*typed)
            await settled(pilot)
            assert chat.query_one(Menu).size.height == 1, typed
            await pilot.press("enter")
            await settled(pilot)
        files = app_of(pilot).controller.attaching.files
        assert [(file.name, file.text) for file in files] == [
            ("mine.txt", "chosen"),
            ("-", "dash"),
            ("two lines", "two"),
        ]
        await pilot.press(*"@nnnn")
        await settled(pilot)
        assert chat.query_one(Menu).size.height == 1


@pytest.mark.slow
async def test_nothing_is_attached_that_was_not_chosen_and_all_can_be_taken_out(world: TuiWorld, start: Start) -> None:
    async with start(world, size=(50, 20)) as pilot:
        chat = app_of(pilot).chat
        chat.composer.post_message(events.Paste("see @notes.md "))
        await pilot.press(*"and @nobody", "enter")
        await settled(pilot)
        assert world.chat.requests[-1][0].turns[-1].text == "see @notes.md and @nobody"
        assert last_sent(world) == []

        chat.composer.post_message(events.Paste("@notes.md"))
        await pilot.press("enter")
        await settled(pilot)
        assert last_sent(world) == []

        for typed in ("@hostile", "@photo"):
            await pilot.press(*typed)
            await settled(pilot)
            await pilot.press("enter")
            await settled(pilot)
        assert "[file: hostile.txt 16 B]" in screen_text(pilot.app)
        await pilot.press("x", "backspace", "backspace")
        await settled(pilot)
        assert attached(pilot) == ["hostile.txt"]
        await pilot.press("backspace")
        await settled(pilot)
        assert attached(pilot) == []

        await pilot.press(*"@photo", "enter")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert last_sent(world) == [a_file("photo.png")]
        await pilot.press(*"/retry", "enter")
        await settled(pilot)
        assert last_sent(world) == [a_file("photo.png")]


@pytest.mark.slow
async def test_a_message_that_cannot_be_sent_is_parked_with_its_files(
    world: TuiWorld, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world, "outbox", FolderOutbox(home=tmp_path, clock=world.clock))
    world.chat.answers = [(Offline(Provider.CLAUDE, "no route"),)]
    async with start(world) as pilot:
        await pilot.press(*"/attach notes.md", "enter")
        await settled(pilot)
        await pilot.press(*"read", "enter")
        await settled(pilot)
        assert (attached(pilot), app_of(pilot).chat.composer.text) == ([], "")
        assert "1 parked" in screen_text(pilot.app)
    async with start(world) as pilot:
        await pilot.press(*"/outbox edit 1", "enter")
        await settled(pilot)
        assert (attached(pilot), app_of(pilot).chat.composer.text) == (["notes.md"], "read")
        assert list((tmp_path / "outbox").iterdir()) == []
        answer = (TextDelta("A grammar."), Done(StopReason.END, Usage(10, 5)))
        world.chat.answers = [(Offline(Provider.CLAUDE, "no route"),), answer]
        for keys in (("enter",), ("enter",)):
            await pilot.press(*keys)
            await settled(pilot)
        turn = world.chat.requests[-1][0].turns[-1]
        assert (turn.text, turn.attachments) == ("read", (a_file("notes.md"),))
        assert list((tmp_path / "outbox").iterdir()) == []


def test_the_plain_mode_attaches_by_a_command(
    world: TuiWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.chat.answers = [(TextDelta("Half"), Offline(Provider.CLAUDE, "gone"))]
    lines = iter(
        [
            "/attach", "/attach nowhere", "/attach notes.md", "/attach notes.md", "/attach photo.png", "/attach -",
            "see", "and?", "/model gemini-3.8-flash",
        ]
    )  # fmt: skip

    def typed(prompt: str = "") -> str:
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", typed)
    assert plain_chat.run(world.services, world.light, TuiOptions(plain=True, ascii=True)) == 0
    out = capsys.readouterr().out
    for said in (
        "Nothing is attached. /attach FILE attaches a file.",
        "There is no file nowhere.",
        "Attached: [file: notes.md 23 B]. /attach - takes out the last.",
        "notes.md is attached already.",
        "Attached: [file: notes.md 23 B], [file: photo.png 68 B].",
    ):
        assert said in out
    first, second = (request.turns for request, _ in world.chat.requests)
    assert first[-1].attachments == (a_file("notes.md"),)
    assert second[0].attachments == (a_file("notes.md"),)
    assert second[-1].attachments == (), "they went along with the answer that broke off"
