"""The rows of the list of conversations; only those in view are drawn."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from domain.attached.attachment import size_words
from domain.conversations.kept import Piece, Summary
from domain.records import dataclass
from domain.text.untrusted import untrusted, untrusted_line
from entrypoints.chat.fitting import cut
from entrypoints.chat.glyphs import Glyphs
from entrypoints.words.conversations import age_words, title_words

_AGE: Final = 12
_SIZE: Final = 9
_MODEL: Final = 20
"""Cells of the columns, the gap before each included."""

_BLANKS: Final = re.compile(r"\s+")

_LEAST_TITLE: Final = 18
"""Cells that the title keeps before the model, then the size, then the age goes."""


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation as a row; with a snippet, a second line shows what was found in it."""

    summary: Summary
    snippet: tuple[Piece, ...] = ()

    @property
    def height(self) -> int:
        """Lines of the screen."""
        return 2 if self.snippet else 1


class ConversationRows(ScrollView, can_focus=False):
    """A list of conversations, one of which is highlighted."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"conversation--cursor", "conversation--dim"}

    class Highlighted(Message):
        """Another row is highlighted, or none is there."""

    class Chosen(Message):
        """A row was clicked; it is highlighted now."""

    def __init__(self, glyphs: Glyphs, now: datetime) -> None:
        super().__init__(id="conversations")
        self._glyphs = glyphs
        self._now = now
        self._rows: Sequence[Row] = ()
        self._lines: list[tuple[int, int]] = []
        """For each line of the whole list: which row, and which line of it."""
        self._at = 0
        self._open_one = ""

    @property
    def highlighted(self) -> Row | None:
        """The row that Enter takes."""
        return self._rows[self._at] if self._rows else None

    @property
    def highlighted_line(self) -> int:
        """Where that row stands, in lines from the top of what is in view."""
        return self._top(self._at) - self.scroll_offset.y

    @property
    def title_cells(self) -> int:
        """How wide the column of titles is."""
        return self._widths(self.scrollable_content_region.width)[0]

    @property
    def lead(self) -> int:
        """Cells before the title."""
        return cell_len(self._glyphs.active) + 2

    def show(self, rows: Sequence[Row], *, open_one: str, wanted: str) -> None:
        """List *rows* and highlight the one of the id *wanted*, else the one in the same place; with "" the first."""
        self._rows, self._open_one = rows, open_one
        self._lines = [(place, line) for place, row in enumerate(rows) for line in range(row.height)]
        ids = [row.summary.id for row in rows]
        if wanted in ids:
            self._at = ids.index(wanted)
        else:
            self._at = min(self._at, len(rows) - 1) if wanted and rows else 0
        self._changed()

    def move(self, by: int) -> None:
        """Highlight another row, *by* places away; the ends are ends."""
        if self._rows:
            self._at = min(max(self._at + by, 0), len(self._rows) - 1)
            self._changed()

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        width, place = self.scrollable_content_region.width, self.scroll_offset.y + y
        if place >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        number, line = self._lines[place]
        row = self._rows[number]
        base = self.get_component_rich_style("conversation--cursor") if number == self._at else self.rich_style
        dim = base if number == self._at else self.get_component_rich_style("conversation--dim")
        segments = self._snippet(row, dim, width) if line else self._first(row, base, dim, width)
        return Strip(segments).adjust_cell_length(width, base)

    def on_resize(self) -> None:
        """Keep the highlight in view."""
        self._changed()

    def on_click(self, event: events.Click) -> None:
        """A click takes the row."""
        place = self.scroll_offset.y + event.y
        if 0 <= place < len(self._lines):
            self._at = self._lines[place][0]
            self._changed()
            self.post_message(self.Chosen())

    def _changed(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._lines))
        self.refresh()
        if self._rows and self.size.height:
            region = Region(0, self._top(self._at), 1, self._rows[self._at].height)
            self.scroll_to_region(region, animate=False, force=True, immediate=True)
        self.post_message(self.Highlighted())

    def _top(self, number: int) -> int:
        return sum(row.height for row in self._rows[:number])

    def _widths(self, width: int) -> tuple[int, int, int, int]:
        """Cells of title, model, age and size; 0 where a column is left out."""
        room = width - self.lead
        for model, age, size in ((_MODEL, _AGE, _SIZE), (0, _AGE, _SIZE), (0, _AGE, 0)):
            if room - model - age - size >= _LEAST_TITLE:
                return room - model - age - size, model, age, size
        return room, 0, 0, 0

    def _first(self, row: Row, base: Style, dim: Style, width: int) -> list[Segment]:
        summary = row.summary
        title, model, age, size = self._widths(width)
        mark = self._glyphs.active if summary.id == self._open_one else " " * cell_len(self._glyphs.active)
        columns = (
            (_right(untrusted_line(summary.label), model, self._glyphs), dim),
            (_right(age_words(summary.last_at, self._now), age, self._glyphs), base),
            (_right(size_words(summary.size), size, self._glyphs), dim),
        )
        name = cut(title_words(summary.title), title, self._glyphs.ellipsis)
        return [
            Segment(untrusted(f" {mark} {name}{' ' * (title - cell_len(name))}"), base),
            *(Segment(untrusted(text), style) for text, style in columns),
        ]

    def _snippet(self, row: Row, dim: Style, width: int) -> list[Segment]:
        found = dim + Style(bold=True, underline=True)
        room = width - self.lead - 2
        segments = [Segment(untrusted(" " * (self.lead + 2)), dim)]
        for piece in row.snippet:
            text = cut(_BLANKS.sub(" ", untrusted(piece.text)), room, self._glyphs.ellipsis)
            segments.append(Segment(untrusted(text), found if piece.found else dim))
            room -= cell_len(text)
            if room <= 1:
                break
        return segments


def _right(text: str, width: int, glyphs: Glyphs) -> str:
    """*text* at the right of its column; nothing where that is left out."""
    if not width:
        return ""
    shown = cut(text, width - 2, glyphs.ellipsis)
    return " " * (width - cell_len(shown)) + shown
