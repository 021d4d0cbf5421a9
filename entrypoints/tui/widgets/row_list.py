"""A list that draws only the rows in view, so that 3,000 of them open as fast as 13."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from domain.text.untrusted import untrusted
from entrypoints.chat.fitting import cut
from entrypoints.chat.glyphs import Glyphs
from entrypoints.tui.widgets.columns import Columns, columns, row_text
from entrypoints.tui.widgets.model_rows import Entry, Heading, PickerRow


class RowList(ScrollView, can_focus=False):
    """Rows under headings; one row is highlighted."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"row--heading", "row--cursor", "row--dim"}

    class Highlighted(Message):
        """Another row is highlighted, or none is left (None)."""

        def __init__(self, row: PickerRow | None) -> None:
            super().__init__()
            self.row = row

    class Chosen(Message):
        """A row was clicked."""

        def __init__(self, row: PickerRow) -> None:
            super().__init__()
            self.row = row

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="rows")
        self._glyphs = glyphs
        self._entries: tuple[Entry, ...] = ()
        self._at = -1
        self._labels = 0

    @property
    def highlighted(self) -> PickerRow | None:
        """The row that Enter takes."""
        entry = self._entries[self._at] if 0 <= self._at < len(self._entries) else None
        return entry if isinstance(entry, PickerRow) else None

    def show(self, entries: tuple[Entry, ...], *, keep: bool) -> None:
        """List *entries*. With *keep* the highlight stays on its preset, else it goes to the active or first row."""
        wanted = self.highlighted if keep else None
        self._entries = entries
        self._labels = max((len(entry.label) for entry in entries if isinstance(entry, PickerRow)), default=0)
        self.virtual_size = Size(self.size.width, len(entries))
        rows = [place for place, entry in enumerate(entries) if isinstance(entry, PickerRow)]
        self._at = max(rows, key=lambda place: (self._nearness(place, wanted), -place), default=-1)
        self.refresh()
        self._into_view()
        self.post_message(self.Highlighted(self.highlighted))

    def move(self, by: int) -> None:
        """Highlight a row further down or up; headings are passed over, and the ends are ends."""
        rows = [place for place, entry in enumerate(self._entries) if isinstance(entry, PickerRow)]
        if not rows:
            return
        place = rows.index(self._at) if self._at in rows else 0
        self._at = rows[min(max(place + by, 0), len(rows) - 1)]
        self.refresh()
        self._into_view()
        self.post_message(self.Highlighted(self.highlighted))

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        width = self.scrollable_content_region.width
        place = self.scroll_offset.y + y
        if place >= len(self._entries):
            return Strip.blank(width, self.rich_style)
        entry = self._entries[place]
        if isinstance(entry, Heading):
            style = self.get_component_rich_style("row--heading")
            text = cut(f" {entry.text}", width, self._glyphs.ellipsis)
            return Strip([Segment(untrusted(text), style)]).adjust_cell_length(width, style)
        return self._row(entry, columns(width, self._labels), cursor=place == self._at).adjust_cell_length(
            width, self._base(cursor=place == self._at)
        )

    def on_resize(self) -> None:
        """Keep the highlight in view."""
        self.virtual_size = Size(self.size.width, len(self._entries))
        self._into_view()

    def on_click(self, event: events.Click) -> None:
        """A click takes the row."""
        place = self.scroll_offset.y + event.y
        if 0 <= place < len(self._entries) and isinstance(self._entries[place], PickerRow):
            self._at = place
            self.refresh()
            entry = self._entries[place]
            assert isinstance(entry, PickerRow)  # noqa: S101 - narrowed by the condition above, which mypy does not see
            self.post_message(self.Chosen(entry))

    def _nearness(self, place: int, wanted: PickerRow | None) -> int:
        """How much the row at *place* is the *wanted* one, else the active one."""
        entry = self._entries[place]
        if not isinstance(entry, PickerRow):
            return -1
        if wanted is None or entry.preset.id != wanted.preset.id:
            return int(wanted is None and entry.active)
        return 2 + (entry.group == wanted.group)

    def _into_view(self) -> None:
        if self._at >= 0 and self.size.height:
            top = max(self._at - 1, 0)
            self.scroll_to_region(Region(0, top, 1, self._at - top + 1), animate=False, force=True, immediate=True)

    def _base(self, *, cursor: bool) -> Style:
        return self.get_component_rich_style("row--cursor") if cursor else self.rich_style

    def _row(self, row: PickerRow, layout: Columns, *, cursor: bool) -> Strip:
        base = self._base(cursor=cursor)
        dim = base if cursor else self.get_component_rich_style("row--dim")
        match = base + Style(underline=True, bold=True)
        parts = row_text(row, layout, self._glyphs)
        active, star = self._glyphs.active, self._glyphs.favourite
        lead = f" {active if row.active else ' ' * len(active)}{star if row.favourite else ' ' * len(star)} "
        segments = [Segment(untrusted(lead), base)]
        for place, letter in enumerate(untrusted(parts.label)):
            segments.append(Segment(letter, match if place in row.matched else base))
        segments.append(Segment(untrusted(parts.middle), dim))
        segments.append(Segment(untrusted(parts.price), dim if row.covered else base))
        segments.append(Segment(untrusted(parts.state), base))
        return Strip(Segment.simplify(segments))
