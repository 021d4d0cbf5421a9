"""The conversation as it is read: what was asked, what was answered and by whom, what changed in between.

It is one widget however long the conversation is. Only the lines that are seen are drawn, and nothing is mounted while
text comes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from time import thread_time
from typing import ClassVar, Final

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from domain.selection import Selection as Selected
from entrypoints.chat.chat_face import Work
from entrypoints.chat.glyphs import Glyphs
from entrypoints.tui.transcript.choosing import Choosing
from entrypoints.tui.transcript.drawing import Drawing
from entrypoints.tui.transcript.entry import Entry, Note
from entrypoints.tui.transcript.lines import Lines, Spot
from entrypoints.tui.transcript.links import Links
from entrypoints.tui.transcript.live import LiveAnswer, LiveEntry
from entrypoints.tui.transcript.loading import Loading, place_of
from entrypoints.tui.transcript.messages import Answer, Asked
from entrypoints.tui.transcript.more_row import MoreRow
from entrypoints.tui.transcript.pace import SLICE_SECONDS, Pace
from entrypoints.tui.transcript.selected import selected_text
from entrypoints.tui.transcript.turn_window import TurnSource
from entrypoints.tui.window import Window, begin_in
from entrypoints.words.payer import payer_words

_ELSEWHERE: Final = frozenset(f"f{number}" for number in range(1, 13))
"""Keys that open something, also while a block is chosen."""


class Transcript(ScrollView, can_focus=False):
    """Stays at the end until one scrolls up. Keys go to the field below it, unless a block is being chosen."""

    class Left(Message):
        """No block is being chosen any more: keys go to the field, and so does *text*, which was typed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    app: Window
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"transcript--{name}"
        for name in (
            "text", "title", "heading", "subheading", "code", "code-label", "code-span", "link", "mark", "rule", "note",
            "trouble", "stamp", "asked-stamp", "fold", "thinking", "asked-bar", "answer-bar", "partial-bar", "note-bar",
            "trouble-bar", "chosen-bar",
        )
    }  # fmt: skip

    def __init__(self, glyphs: Glyphs, source: TurnSource) -> None:
        """*source* has the turns of whatever conversation is open."""
        super().__init__(id="transcript")
        self._glyphs = glyphs
        self._source = source
        self._lines = Lines()
        self._loading = Loading(self, self._lines, glyphs)
        self._loading.begin(source, 0)
        self._drawing = Drawing(self, glyphs)
        self._choosing = Choosing(self._lines)
        self._links = Links()
        self._following = True
        self._more_below = False
        self.row = MoreRow(self, glyphs)
        """Says that more came below, or what the keys do while a block is chosen."""

    # What is said.

    async def ask(self, text: str, at: datetime) -> LiveEntry:
        """Add what the person wrote, and show it."""
        await self._loading.show_end()
        for note in [note for note in self._loading.notes if not note.stays]:
            self.drop(note)
        entry = Asked(place_of(self._loading.window.add()), text, at)
        self._following = True
        self.put_below([entry])
        return LiveEntry(self, entry)

    async def answer(self, selection: Selected) -> LiveAnswer:
        """Add an answer that is about to come."""
        record = selection.credential
        parts = [selection.answering.model.label, selection.means, payer_words(record.payer)]
        entry = Answer(place_of(self._loading.window.add()), self._glyphs.dot.join(parts), self._glyphs)
        entry.unfolded = self._loading.open_thoughts
        self.put_below([entry])
        return LiveAnswer(self, entry, self)

    async def note(self, *lines: str, kind: str = "info") -> None:
        """Add something that the app itself says; *kind* is one of `NOTE_KINDS`."""
        window, notes = self._loading.window, self._loading.notes
        last = max([note.place for note in notes[-1:]], default=0)
        note = Note(max(last, place_of(window.count - 1)) + 1, lines, kind)
        notes.append(note)
        if window.at_end:
            self.put_below([note])
        else:
            self._tell_more()

    async def restore(self, source: TurnSource | None = None) -> None:
        """Show the end of a conversation of an earlier time: of *source*, or of the one that is open."""
        source = source or self._source
        count = await asyncio.to_thread(source.count)
        await self.clear()
        self._loading.begin(source, count)
        rows = self.size.height
        await self._loading.open(rows)
        self._begin(partial(self._loading.open_above, rows))

    async def clear(self) -> None:
        """Show an empty conversation."""
        self.leave()
        self._loading.begin(self._source, 0)
        self._following = True
        self.put_instead([])
        self.screen.clear_selection()

    # How it changes.

    def grown(self, entry: Entry, line: int) -> None:
        """*entry* changed from its own *line* on."""
        before, self_at = self._lines.height, self._lines.top(entry)
        self._lines.settle()
        self._fit(came=self._lines.height > before)
        if self._lines.height == before:
            self.refresh_lines(self_at + line, entry.height - line)

    def changed(self, entry: Entry) -> None:
        """*entry* is to be laid out anew; what is read stays where it is."""
        with_spot = self._spot()
        entry.lay_out(self._lines.width)
        self._lines.settle()
        self._fit(came=False, spot=with_spot)

    def drop(self, entry: Entry) -> None:
        """*entry* was not said after all, or is not needed any more."""
        if isinstance(entry, Note):
            self._loading.notes.remove(entry)
        else:
            self._loading.window.take_back()
        self.thin_out([entry])

    @property
    def may_thin_out(self) -> bool:
        """Whether nothing is selected."""
        return self.text_selection is None

    def put_above(self, entries: Sequence[Entry]) -> None:
        """Add *entries* without moving what is read."""
        spot = self._spot()
        self._lines.add(*entries)
        self._fit(came=False, spot=spot)

    def put_below(self, entries: Sequence[Entry]) -> None:
        """Add *entries* at the end."""
        for entry in entries:
            entry.lay_out(self._lines.width)
        self._lines.add(*entries)
        self._fit(came=self._loading.window.at_end)

    def put_instead(self, entries: Sequence[Entry]) -> None:
        """Show *entries* and nothing else."""
        self._lines.entries = list(entries)
        self._lines.lay_out(self._lines.width)
        self._fit(came=False)

    def thin_out(self, entries: Sequence[Entry]) -> None:
        """Let go of *entries* without moving what is read."""
        if entries:
            spot = self._spot()
            self._lines.remove(*entries)
            self._fit(came=False, spot=spot)

    def _fit(self, *, came: bool, spot: Spot | None = None) -> None:
        """Let the height be what the lines are; *came* says that there is more at the end. *spot* stays in its row."""
        self.virtual_size = Size(self._lines.width, self._lines.height)
        if self._following:
            self.scroll_to(y=self.max_scroll_y, animate=False)
        elif spot is not None:
            self.scroll_to(y=self._lines.line_of(spot), animate=False)
        elif came:
            self._tell_more()
        self.refresh()

    def _spot(self) -> Spot | None:
        return None if self._following else self._lines.spot(self.scroll_offset.y)

    def _tell_more(self) -> None:
        self._more_below = True
        self._show_row()

    def _show_row(self) -> None:
        self.row.say(choosing=self._choosing.on, more=self._more_below)

    # How it is drawn and read.

    def on_resize(self) -> None:
        """Another width makes other lines; what was read stays in view."""
        width = self.scrollable_content_region.width
        if width and width != self._lines.width:
            spot = self._spot()
            self._lines.lay_out(width)
            self._fit(came=False, spot=spot)
        elif self._following:
            self.scroll_to(y=self.max_scroll_y, animate=False)

    def render_line(self, y: int) -> Strip:
        """Row *y* of what is seen."""
        width = self._lines.width
        found = self._lines.at(y + self.scroll_offset.y)
        if found is None:
            return Strip.blank(width, self.visual_style.rich_style)
        entry, line = found
        block, within = entry.find(line)
        chosen = not block.silent and self._choosing.is_at(entry, block.unit) and block in entry.said()
        return self._drawing.line(entry, block, within, width=width, chosen=chosen)

    def notify_style_update(self) -> None:
        """Another theme has come into force, some time after the app took its name; Textual calls this."""
        super().notify_style_update()
        self._drawing.forget()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The text under *selection*, as it was written; wrapped lines are one."""
        return selected_text(self._lines, selection), "\n"

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Somebody scrolls: near an end of what is loaded, more is loaded."""
        super().watch_scroll_y(old_value, new_value)
        self._following = round(new_value) >= self.max_scroll_y and self._loading.window.at_end
        if self._following and self._more_below:
            self._more_below = False
            self._show_row()
        if new_value < old_value and new_value < self.size.height:
            self._load(above=True)
        elif new_value > old_value and new_value > self.max_scroll_y - self.size.height:
            self._load(above=False)

    def _load(self, *, above: bool) -> None:
        window = self._loading.window
        if window.above() if above else window.below():
            self._begin(partial(self._loading.more, above=above))

    def _begin(self, work: Work) -> None:
        begin_in(self, work, group="turns")

    # Keys.

    def go_to_end(self) -> None:
        """Show the end, and stay there."""
        self._begin(self._to_end)

    async def _to_end(self) -> None:
        await self._loading.show_end()
        self._following = True
        self._fit(came=False)
        self._more_below = False
        self._show_row()

    def go_to_beginning(self) -> None:
        """Show the first message."""
        self._begin(self._to_beginning)

    async def _to_beginning(self) -> None:
        await self._loading.show_beginning()
        self._following = False
        self.scroll_to(y=0, animate=False)

    def go_to_message(self, by: int) -> None:
        """Have the message before (*by* is -1) or behind the first one that is seen at the top."""
        here = self.scroll_offset.y
        tops = [self._lines.top(entry) + 1 for entry in self._lines.entries if not isinstance(entry, Note)]
        found = [top for top in tops if top < here] if by < 0 else [top for top in tops if top > here + 1]
        if found:
            self.scroll_to(y=found[-1 if by < 0 else 0], animate=False)
        elif by < 0:
            self.scroll_to(y=0, animate=False)
        else:
            self.go_to_end()

    def action_link(self, target: str) -> None:
        """A link was clicked."""
        self._links.clicked(target, self.app)

    def action_fold(self, place: int) -> None:
        """The line of some thoughts was clicked."""
        entry = self._lines.entry(place)
        if entry is not None:
            self._unfold([entry], None)

    def fold_thoughts(self) -> None:
        """Show all thoughts, or hide them."""
        self._loading.open_thoughts = not self._loading.open_thoughts
        self._unfold(self._lines.entries, self._loading.open_thoughts)

    def _unfold(self, entries: Sequence[Entry], unfolded: bool | None) -> None:
        until = thread_time() + SLICE_SECONDS
        for entry in entries:
            if isinstance(entry, Answer):
                entry.unfolded = not entry.unfolded if unfolded is None else unfolded
                more = entry.read_thoughts() if thread_time() < until else entry.thoughts_behind
                self._show_thoughts(entry)
                if more:
                    Pace(self, entry.read_thoughts, partial(self._show_thoughts, entry)).ask()

    def _show_thoughts(self, entry: Answer) -> None:
        entry.show_thoughts()
        self.changed(entry)

    # One block is chosen.

    def choose(self) -> None:
        """Choose the last block that is seen; keys come here until that ends."""
        self._choosing.begin(self.scroll_offset.y + self.size.height)
        if self._choosing.on:
            self.can_focus = True
            self.focus(scroll_visible=False)
            self._show_choice()

    def leave(self, typed: str = "") -> None:
        """Choose no block any more."""
        if self._choosing.on:
            self._choosing.end()
            self.can_focus = False
            self._show_row()
            self.refresh()
            self.post_message(self.Left(typed))

    def on_blur(self) -> None:
        """Keys go somewhere else now."""
        self.leave()

    def on_key(self, event: events.Key) -> None:
        """While a block is chosen, keys move the choice, copy it, or leave it; a letter that means nothing is text."""
        if not self._choosing.on or event.key in _ELSEWHERE:
            return
        event.stop()
        event.prevent_default()
        if event.key in ("up", "alt+up", "down", "alt+down"):
            by = -1 if event.key.endswith("up") else 1
            if not self._choosing.move(by):
                self.scroll_relative(y=by, animate=False)
            self._show_choice()
        elif event.key in ("y", "enter"):
            self.app.copy(self._choosing.source(), "Block")
            self.leave()
        elif event.key == "escape":
            self.leave()
        elif event.is_printable and event.character:
            self.leave(event.character)

    def _show_choice(self) -> None:
        first, end = self._choosing.lines()
        here, rows = self.scroll_offset.y, self.size.height
        if first < here or end - first >= rows:
            self.scroll_to(y=max(first - 1, 0), animate=False)
        elif end > here + rows:
            self.scroll_to(y=end - rows, animate=False)
        self._show_row()
        self.refresh()
