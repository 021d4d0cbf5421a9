"""The conversations that are kept, line by line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.catalogue.builtin import load_catalogue
from domain.auth_mode import AuthMode
from domain.conversation import Role, Turn
from domain.provider import Provider
from entrypoints.chat.options import TuiOptions
from entrypoints.plain import plain_chat
from tests.support.credentials import NOON, a_session
from tests.support.kept import PARSER, SKY, keep
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.test_plain import said


def test_what_is_not_saved_is_exported_from_its_first_turn_to_its_last(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    world = TuiWorld(a_session(Provider.CLAUDE), settings=selecting("claude-opus-4.1", AuthMode.CLAUDE))
    keep(world.conversations)
    world.conversations.append(PARSER, *(Turn(Role.USER, f"message {number}", NOON) for number in range(60)))
    lines = iter(("and now?", "/rename \u200b\u202e", f"/rename {'x' * 121}", "/export json"))
    monkeypatch.setattr("entrypoints.plain.line_terminal.LineTerminal.ask", lambda *_: next(lines, "/quit"))
    options = TuiOptions(plain=True, ascii=True, resume=PARSER, save=False)
    assert plain_chat.run(world.services, world.light, options) == 0
    assert "A title has at least one letter that can be seen." in capsys.readouterr().out
    [path] = tmp_path.iterdir()
    said = [turn["text"] for turn in json.loads(path.read_text("utf-8"))["turns"]]
    assert said[1:3] == ["The base case compares the wrong token.", "message 0"]
    assert said[-3:] == ["message 59", "and now?", "Hello from the fake."]
    assert (len(said), world.conversations.count(PARSER)) == (64, 62)


def test_they_are_listed_with_numbers_opened_renamed_exported_and_removed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    sessions = a_session(Provider.CHATGPT), a_session(Provider.CLAUDE)
    world = TuiWorld(*sessions, settings=selecting("gpt-5.1-medium", AuthMode.CHATGPT), catalogue=load_catalogue())
    keep(world.conversations)
    lines = (
        "/chats", "/chats 1", "And now?", "/rename The parser", "/export json", "/search colours", "/chats remove 1",
        "/chats restore", "/chats 7", "/search xyzzy", "/chats",
    )  # fmt: skip

    out = said(world, *lines, monkeypatch=monkeypatch, capsys=capsys)

    expected = (
        "1: Refactor the parser (Claude Opus 4.1, 5 h, 2 messages, 77 B)\n2: Why is the sky blue? (",
        "Run /chats NUMBER to open one",
        "The base case compares the wrong token.",
        "It goes on with Claude Opus 4.1 (Claude OAuth).",
        "Hello from the fake.",
        'This conversation is called "The parser" now.',
        f"Written to {tmp_path}/the-parser.json, which only you can read.",
        "1: Why is the sky blue? (message 2, answer): Because of the base colours.",
        '"Why is the sky blue?" is removed. /chats restore brings it back.',
        '"Why is the sky blue?" is there again.',
        "There is no conversation 7: /chats lists them.",
        'Nothing was found for "xyzzy".',
        "> 1: The parser (",
    )
    places = [out.find(words) for words in expected]
    assert -1 not in places, expected[places.index(-1)]
    assert places == sorted(places)
    assert world.chat.requests[0][1].record.provider is Provider.CLAUDE
    assert [one.id for one in world.conversations.summaries()][:2] == [PARSER, SKY]
