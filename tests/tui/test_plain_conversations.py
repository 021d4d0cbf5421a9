"""The conversations that are kept, line by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.catalogue.builtin import load_catalogue
from domain.auth_mode import AuthMode
from domain.provider import Provider
from tests.support.credentials import a_session
from tests.support.kept import PARSER, SKY, keep
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.test_plain import said


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
