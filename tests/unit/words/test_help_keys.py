"""The help names every key there is, and none that there is not."""

from __future__ import annotations

from textual.binding import Binding

from entrypoints.chat.slash import COMMANDS
from entrypoints.tui.app import KeyswitchApp
from entrypoints.tui.screens.chat_screen import ChatScreen
from entrypoints.tui.screens.help_screen import KEYS, page

SHOWN = {"Esc": "escape", "PgUp": "pageup", "PgDn": "pagedown"}

OF_THE_FIELD = {"enter", "ctrl+j", "@", "tab", "up", "down", "ctrl+l", "ctrl+o"}
"""What it takes by itself, without a binding."""


def test_the_help_names_every_key_there_is_and_no_other() -> None:
    bound = {
        key
        for part in (KeyswitchApp, ChatScreen)
        for binding in part.BINDINGS
        if isinstance(binding, Binding)
        for key in binding.key.split(",")
    }
    named = {SHOWN.get(key, key.lower()) for shown, _ in KEYS for key in shown.replace(",", "").split()}
    assert sorted(bound | OF_THE_FIELD) == sorted(named)


def test_the_help_names_the_key_of_each_command() -> None:
    assert {command.key for command in COMMANDS if command.key} <= {key for key, _ in KEYS}


def test_no_line_of_the_help_is_cut_and_a_wide_window_has_two_columns() -> None:
    pages = {width: [line.plain for line in page(width)] for width in (36, 46, 76, 94, 106)}
    cut = [(width, line) for width, lines in pages.items() for line in lines if len(line) > width]
    assert cut == []
    assert len(pages[94]) < 0.75 * len(pages[76])
    for width, lines in pages.items():
        text = " ".join(" ".join(lines).split())
        assert [command.name for command in COMMANDS if command.name not in text] == [], width
