"""What a person would see."""

from __future__ import annotations

import io
import re

from rich.console import Console
from rich.segment import Segment
from textual.app import App

_PIECES = re.compile(r" +|[\u2500-\u259f]+|[^\x00-\x7f]\ufe0f?|(?:(?!  )[\x01-\x09\x0b-\x7f])+|\n")
"""Runs of blanks, single signs, words with single blanks between them."""


def screen_text(app: App[int]) -> str:
    """The screen as lines of text, dialogs over what they cover."""
    return _recorded(app).export_text()


def place_of(words: str, app: App[int]) -> tuple[int, int]:
    """Column and row where *words*, of signs one column wide, first stand on the screen."""
    rows = screen_text(app).splitlines()
    return next((row.index(words), y) for y, row in enumerate(rows) if words in row)


def drawn(app: App[int]) -> str:
    """The characters of the screen, as they go to the terminal."""
    return "".join(segment.text for segment in segments(app))


def segments(app: App[int]) -> list[Segment]:
    """The same, each run of them with its style."""
    return [segment for segment in _recorded(app)._record_buffer if not segment.control]


def picture(app: App[int], title: str) -> str:
    """The screen as an SVG that is the same in every run."""
    console = _recorded(app)
    # Each piece is placed by its own column: fonts differ in how wide a sign is, and some viewers drop leading blanks.
    console._record_buffer = [
        Segment(piece, segment.style)
        for segment in console._record_buffer
        if not segment.control
        for piece in _PIECES.findall(segment.text)
    ]
    return console.export_svg(title=title, unique_id="keyswitch")


def _recorded(app: App[int]) -> Console:
    width, height = app.size
    console = Console(
        width=width, height=height, file=io.StringIO(), force_terminal=True, color_system="truecolor", record=True,
        legacy_windows=False, safe_box=False,
    )  # fmt: skip
    console.print(app.screen._compositor.render_update(full=True, screen_stack=app._background_screens))
    return console
