"""Entries one below the other, and on which line each of them begins."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from operator import attrgetter
from typing import Final, NamedTuple

from entrypoints.tui.transcript.entry import Entry

_PLACE: Final = attrgetter("place")


class Spot(NamedTuple):
    """A line of the conversation, wherever it is drawn."""

    place: int
    number: int
    line: int


class Lines:
    """The entries that are loaded, in their order."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.width = 0
        self.height = 0
        self._tops: list[int] = []

    def lay_out(self, width: int) -> None:
        """Count all lines anew, for *width*."""
        self.width = width
        for entry in self.entries:
            entry.lay_out(width)
        self.settle()

    def settle(self) -> None:
        """Put the entries below one another again: one has another height."""
        sums = list(accumulate((entry.height for entry in self.entries), initial=0))
        self._tops, self.height = sums[:-1], sums[-1]

    def add(self, *entries: Entry) -> None:
        """Put *entries*, which belong together, into their place; they are laid out."""
        if entries:
            at = bisect_left(self.entries, entries[0].place, key=_PLACE)
            self.entries[at:at] = entries
            self.settle()

    def remove(self, *entries: Entry) -> None:
        """Take *entries* out of them."""
        gone = set(entries)
        self.entries = [entry for entry in self.entries if entry not in gone]
        self.settle()

    def at(self, line: int) -> tuple[Entry, int] | None:
        """The entry on *line*, and which of its own lines that is; None below the last."""
        if not 0 <= line < self.height:
            return None
        index = bisect_right(self._tops, line) - 1
        return self.entries[index], line - self._tops[index]

    def top(self, entry: Entry) -> int:
        """The line on which *entry* begins; 0 where it is not here."""
        index = bisect_left(self.entries, entry.place, key=_PLACE)
        return self._tops[index] if index < len(self._tops) else self.height

    def entry(self, place: int) -> Entry | None:
        """The entry of *place*, if it is loaded."""
        index = bisect_left(self.entries, place, key=_PLACE)
        found = self.entries[index] if index < len(self.entries) else None
        return found if found is not None and found.place == place else None

    def spot(self, line: int) -> Spot | None:
        """Where *line* is, whatever changes above it."""
        found = self.at(line)
        if found is None:
            return None
        entry, within = found
        block, rest = entry.find(within)
        return Spot(entry.place, block.number, rest)

    def line_of(self, spot: Spot) -> int:
        """The line that *spot* is on now, or the nearest to it."""
        entry = self.entry(spot.place)
        if entry is None:
            return self.height
        return self.top(entry) + entry.line_of(spot.number) + spot.line
