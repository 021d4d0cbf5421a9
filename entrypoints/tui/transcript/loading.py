"""Turns are read as one scrolls to them, and let go far away from there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Final, Protocol

from domain.conversation import Turn
from entrypoints.chat.glyphs import Glyphs
from entrypoints.tui.transcript.entry import Entry, Note
from entrypoints.tui.transcript.growth import load_parser
from entrypoints.tui.transcript.lines import Lines
from entrypoints.tui.transcript.messages import Answer, entry_of
from entrypoints.tui.transcript.pace import read_slice
from entrypoints.tui.transcript.turn_window import AT_ONCE, TurnsInMemory, TurnSource, TurnWindow

MOST_LINES: Final = 4000
"""Lines that are kept; what lies furthest away goes first."""

_NOTES_BETWEEN: Final = 4096
"""Places for notes behind each turn."""


def place_of(index: int) -> int:
    """The place of turn *index*; notes before the first one have lower places."""
    return (index + 1) * _NOTES_BETWEEN


class Loads(Protocol):
    """The conversation as it is shown, which grows at both ends."""

    @property
    def may_thin_out(self) -> bool:
        """Whether nothing that is loaded is needed: no selection reaches over it."""
        ...

    def put_above(self, entries: Sequence[Entry]) -> None:
        """Add *entries* without moving what is read."""
        ...

    def put_below(self, entries: Sequence[Entry]) -> None:
        """Add *entries* at the end."""
        ...

    def put_instead(self, entries: Sequence[Entry]) -> None:
        """Show *entries* and nothing else."""
        ...

    def thin_out(self, entries: Sequence[Entry]) -> None:
        """Let go of *entries* without moving what is read."""
        ...


class Loading:
    """Which turns are loaded, and how others come and go."""

    def __init__(self, view: Loads, lines: Lines, glyphs: Glyphs) -> None:
        self.window = TurnWindow()
        self.notes: list[Note] = []
        """All of them: they are few, and stay when the turns around them go."""
        self.open_thoughts = False
        self._view = view
        self._lines = lines
        self._glyphs = glyphs
        self._source: TurnSource = TurnsInMemory(())
        self._busy = False
        self._moves = 0
        """How often something else was shown instead: what is read meanwhile does not belong there."""

    def begin(self, source: TurnSource, count: int) -> None:
        """Begin anew with *source*, which has *count* turns; none is loaded yet."""
        self._moves += 1
        self.notes = []
        self.window = TurnWindow()
        self.window.count = self.window.first = self.window.end = count
        self._source = source

    async def open(self, rows: int) -> None:
        """Load the end of the conversation: the last *rows* lines, or a little more."""
        moves = self._moves
        wanted, entries = await self._last_above(rows)
        if moves == self._moves:
            self.window.take(wanted)
            self._view.put_instead(entries)

    async def open_above(self, rows: int) -> None:
        """Load *rows* lines above what is loaded, so that there is something to scroll to."""
        if self._busy or self.window.first == 0:
            return
        moves, self._busy = self._moves, True
        try:
            wanted, entries = await self._last_above(rows)
        finally:
            self._busy = False
        if moves == self._moves and wanted:
            self.window.take(wanted)
            self._view.put_above(entries)

    async def show_end(self) -> None:
        """Have the last turns on the screen."""
        if not self.window.at_end:
            await self._instead(range(max(self.window.count - AT_ONCE, 0), self.window.count))

    async def show_beginning(self) -> None:
        """Have the first turns on the screen."""
        if self.window.first > 0:
            await self._instead(range(min(AT_ONCE, self.window.count)))

    async def more(self, *, above: bool) -> None:
        """Load what comes next above or below."""
        wanted = self.window.above() if above else self.window.below()
        if self._busy or not wanted:
            return
        moves, self._busy = self._moves, True
        try:
            entries = await self._read(wanted)
        finally:
            self._busy = False
        if moves != self._moves:
            return  # what is shown is somewhere else by now
        self.window.take(wanted)
        (self._view.put_above if above else self._view.put_below)(entries)
        gone = self._far(from_end=above) if self._view.may_thin_out else []
        self._view.thin_out(gone)
        self.window.drop(sum(not isinstance(entry, Note) for entry in gone), from_end=above)

    async def _instead(self, wanted: range) -> None:
        window = self.window
        entries = await self._read(wanted)
        if window is self.window:
            self._moves += 1
            self.window.take(wanted)
            self._view.put_instead(entries)

    async def _last_above(self, rows: int) -> tuple[range, list[Entry]]:
        """The turns right above what is loaded, one by one, until they fill *rows* lines."""
        first = end = self.window.first
        entries, lines, moves = list[Entry](), 0, self._moves
        while first > 0 and lines < rows and moves == self._moves:
            found = await self._read(range(first - 1, first))
            if all(isinstance(entry, Note) for entry in found):
                break  # it cannot be read, which was said
            first -= 1
            entries = [*found, *entries]
            lines += sum(entry.height for entry in found)
        return range(first, end), entries

    async def _read(self, wanted: range) -> list[Entry]:
        """The entries of *wanted*, with the notes between them."""
        await asyncio.to_thread(load_parser)
        turns = await asyncio.to_thread(partial(self._source.turns, wanted.start, wanted.stop))
        entries: list[Entry] = []
        for index, turn in zip(wanted, turns, strict=False):
            entries.append(await self._entry(turn, place_of(index)))
        first = 0 if wanted.start == 0 else place_of(wanted.start)
        entries += [note for note in self.notes if first <= note.place < place_of(wanted.stop)]
        return sorted(entries, key=lambda entry: entry.place)

    async def _entry(self, turn: Turn, place: int) -> Entry:
        entry = entry_of(turn, place, self._glyphs)
        entry.lay_out(self._lines.width)
        if isinstance(entry, Answer):
            await self._read_in(entry)
        return entry

    async def _read_in(self, answer: Answer) -> None:
        answer.unfolded = self.open_thoughts
        while read_slice(lambda: answer.behind, answer.read_some):  # noqa: ASYNC110 - the loop does the work
            await asyncio.sleep(0)
        while answer.read_thoughts():  # noqa: ASYNC110 - as above
            await asyncio.sleep(0)
        if answer.thoughtful:
            answer.show_thoughts()
            answer.lay_out(self._lines.width)

    def _far(self, *, from_end: bool) -> list[Entry]:
        """What is to go, counted from the end or from the beginning, so that no more than `MOST_LINES` stay."""
        surplus = self._lines.height - MOST_LINES
        gone: list[Entry] = []
        for entry in reversed(self._lines.entries) if from_end else self._lines.entries:
            surplus -= entry.height
            if surplus < 0 or (isinstance(entry, Answer) and not entry.over):
                break
            gone.append(entry)
        return gone
