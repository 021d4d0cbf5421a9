"""From the shell's screen to the app's, as a terminal gets it byte by byte: nothing is cleared, torn or shown twice."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import pyte
import pytest

from tests.benchmarks.homes import signed_in_home
from tests.benchmarks.measuring import quiet_environment
from tests.support.command import LAUNCHER
from tests.support.pty_process import COLUMNS, ROWS, PtyProcess

pytestmark = pytest.mark.slow

SECOND_SCREEN, CLEAR, PLACED = b"\x1b[?1049h", b"\x1b[2J", re.compile(rb"(?=\x1b\[\d+;\d+H)")


class Look(NamedTuple):
    """What one cell shows."""

    sign: str
    colour: str
    ground: str


NOTHING = Look(" ", "default", "default")


@pytest.mark.parametrize("terminal", ["xterm-256color", "tmux-256color", "linux"])
def test_the_first_frame_comes_over_an_empty_screen_and_stays(terminal: str, tmp_path: Path) -> None:
    environment = quiet_environment(signed_in_home(tmp_path)) | {"TERM": terminal}
    with PtyProcess([sys.executable, str(LAUNCHER), "--no-save"], environment) as program:
        program.until(lambda screen: "F1" in screen and "F1 shows all keys" in screen)
        program.type("x")
        program.until("\n x")
        sent = program.output
    before, after = sent.split(SECOND_SCREEN)
    assert re.sub(rb"\x1b\[[?\d;]*[a-z]", b"", before) == b"", "the shell's own screen is left alone"
    pieces = PLACED.split(after)
    assert CLEAR not in b"".join(pieces[1:]), "nothing is cleared once something is shown"

    flickering = {place: looks for place, looks in histories(pieces).items() if came_back(looks)}
    assert flickering == {}


def test_what_goes_and_comes_back_would_be_seen() -> None:
    pieces = [b"\x1b[1;1Hone", b"\x1b[2;1Htwo", b"\x1b[1;1H   ", b"\x1b[1;1Hone"]
    assert {place for place, looks in histories(pieces).items() if came_back(looks)} == {(0, 0), (0, 1), (0, 2)}


def histories(pieces: list[bytes]) -> dict[tuple[int, int], list[Look]]:
    """What each cell showed, one after the other, looked at before each move of the cursor."""
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    shown: defaultdict[tuple[int, int], list[Look]] = defaultdict(lambda: [NOTHING])
    for piece in pieces:
        screen.dirty.clear()
        stream.feed(piece)
        for row in screen.dirty:
            for column in range(COLUMNS):
                cell = screen.buffer[row][column]
                looks, look = shown[row, column], Look(cell.data, cell.fg, cell.bg)
                if look != looks[-1]:
                    looks.append(look)
    return shown


def came_back(looks: list[Look]) -> bool:
    """Whether something was there, went, and was there again. A cursor may: it exchanges the colours of a cell."""
    signs = [look.sign for look in looks]
    cursor = set(signs) <= {" ", "x"} and len({frozenset(look[1:]) for look in looks[1:]}) == 1
    return len(set(looks)) < len(looks) and not cursor
