"""The app in a terminal that takes a warning sign for one cell, as tmux does, and that has little room."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.command import LAUNCHER
from tests.support.tmux import Terminals

pytestmark = pytest.mark.slow

NAME = "small"


@pytest.fixture
def terminal(system_program: Callable[[str, str], str], tmp_path: Path) -> Iterator[Terminals]:
    with Terminals(system_program("tmux", "tmux"), size=(60, 20), folder=tmp_path).running() as running:
        running.open(NAME, [sys.executable, str(LAUNCHER), "demo"], {**os.environ, "TERM": "tmux-256color"})
        yield running


def first_line(screen: str) -> str:
    return screen.splitlines()[0]


def test_a_dialog_leaves_nothing_of_itself_behind(terminal: Terminals) -> None:
    terminal.until(NAME, "GEM")
    before = first_line(terminal.screen(NAME))
    assert "keyswitch" in before
    terminal.type(NAME, "/login")
    terminal.until(NAME, lambda screen: set(first_line(screen).strip()) == {"─"})
    terminal.press(NAME, "Escape")
    terminal.until(NAME, lambda screen: "keyswitch" in first_line(screen))
    terminal.until(NAME, "F1 help")
    assert first_line(terminal.screen(NAME)) == before
