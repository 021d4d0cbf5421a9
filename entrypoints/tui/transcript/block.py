"""One piece of the conversation: lines of text with a prefix, as tall as the width makes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from textual.content import Content

from domain.text.untrusted import untrusted

NOTHING: Final = Content("")

LEAST_TEXT: Final = 10
"""Columns that a text has however deep it lies; what stands before it gives way."""


TAB: Final = 4
"""Columns of a tab. It is expanded when a block is made: later, a selection would be off by what it grew."""

BAR: Final = 2
"""Columns of the bar at the left of a message, and of the space behind it."""


@dataclass(slots=True, eq=False)
class Block:
    """What is drawn by itself. Two of them are the same only if they are one: what was drawn is remembered by that."""

    content: Content
    style: str = "text"
    """The part of `Transcript.COMPONENT_CLASSES` that colours it."""
    first: Content = NOTHING
    """Stands before its first line: the mark of a list."""
    rest: Content = NOTHING
    """Stands before its other lines."""
    between: Content = NOTHING
    """Stands before the empty line above it."""
    gap: int = 1
    """Empty lines above it."""
    language: str = ""
    """Of code, as its source names it."""
    unit: int = 0
    """Which of the outermost blocks of its text it belongs to; one can be chosen and copied."""
    source: tuple[int, int] = (0, 0)
    """Where the source of its unit, as far as this block comes from it, begins and ends."""
    number: int = 0
    """Its place among the blocks of its message."""
    folds: bool = False
    """Whether a click on it shows or hides the thoughts."""
    barred: bool = True
    """Whether the bar of its message stands before it."""
    apart: bool = False
    """Whether it begins a message, so that the bar does not reach up into the empty lines above it."""
    silent: bool = False
    """Whether it is no part of what was said, and so never selected: a stamp."""

    _measured: tuple[int, int] = field(default=(0, 0), init=False)
    """A width, and the lines of the text in it."""

    def lay(self, width: int) -> Content:
        """The text as it is drawn in *width* columns."""
        return self.content

    def room(self, width: int) -> int:
        """Columns for the text, of *width* in all."""
        return max(width - self.first.cell_length - (BAR if self.barred else 0), min(LEAST_TEXT, width), 1)

    def height(self, width: int) -> int:
        """Lines, the empty ones above it included."""
        room = self.room(width)
        if self._measured[0] != room:
            self._measured = (room, max(self.lay(room).get_height({}, room), 1))
        return self.gap + self._measured[1]


@dataclass(slots=True, eq=False)
class FittedBlock(Block):
    """A text that is made for the width there is."""

    make: Callable[[int], str] = str

    def lay(self, width: int) -> Content:
        """What *make* says of *width*."""
        return Content(untrusted(self.make(width)))


LONGEST: Final = 4096
"""Characters of one block; longer texts are several of them, so that each is wrapped once."""


def plain_blocks(text: str, style: str = "text") -> list[Block]:
    """*text* as it stands, in blocks of which none is long."""
    pieces = _pieces(text.expandtabs(TAB))
    return [Block(Content(untrusted(piece)), style, gap=0) for piece in pieces]


def _pieces(text: str) -> list[str]:
    pieces = []
    while len(text) > LONGEST:
        end = text.rfind("\n", 0, LONGEST)
        end = end if end > 0 else LONGEST
        pieces.append(text[:end])
        text = text[end:].removeprefix("\n")
    return [*pieces, text]
