"""Tables, laid out for the width there is: columns where they fit, names and values below one another where not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Final

from textual.content import Content

from domain.text.untrusted import untrusted
from entrypoints.chat.glyphs import Glyphs
from entrypoints.tui.transcript.block import NOTHING, Block

NARROWEST: Final = 6
"""Columns of a cell below which words become ladders; then each row is written line by line."""

Row = Sequence[Content]


@dataclass(slots=True, eq=False)
class TableBlock(Block):
    """A table, or a part of one that goes on."""

    head: Row = ()
    rows: Sequence[Row] = ()
    glyphs: Glyphs | None = None
    begun_by: TableBlock | None = None
    """The first part, whose columns all parts have."""
    laid: tuple[int, Content] = field(default=(0, NOTHING))

    def lay(self, width: int) -> Content:
        """The table as lines, none of them wider than *width*."""
        if self.laid[0] != width:
            self.laid = (width, Content("\n").join(self._lines(width)))
        return self.laid[1]

    def _lines(self, width: int) -> Iterator[Content]:
        assert self.glyphs is not None  # noqa: S101 - every table is made with them
        wide = (self.begun_by or self).widths(width)
        if not wide:
            yield from self._listed(width)
            return
        bar = f" {self.glyphs.divider} "
        if self.begun_by is None:
            yield from _row([cell.stylize("bold") for cell in self.head], wide, bar)
            line = self.glyphs.rule
            yield Content(untrusted(f"{line}{self.glyphs.crossing}{line}".join(line * one for one in wide)))
        for row in self.rows:
            yield from _row(row, wide, bar)

    def widths(self, width: int) -> list[int]:
        """How wide each column is; none where they do not fit."""
        natural = [max([_wide(cell) for cell in column], default=0) for column in self._columns()]
        natural = [max(one, 1) for one in natural]
        room = width - 3 * (len(natural) - 1)
        if not natural or room < sum(min(one, NARROWEST) for one in natural):
            return []
        return _shared(natural, room)

    def _columns(self) -> Iterator[Sequence[Content]]:
        return zip_longest(*[self.head, *self.rows], fillvalue=NOTHING)

    def _listed(self, width: int) -> Iterator[Content]:
        for place, row in enumerate(self.rows):
            if place:
                yield NOTHING
            for name, value in zip_longest(self.head, row, fillvalue=NOTHING):
                cell = value if not name else Content(": ").join([name.stylize("bold"), value])
                yield from cell.wrap(width)
        if not self.rows:
            yield from Content(", ").join([name.stylize("bold") for name in self.head]).wrap(width)


def _wide(cell: Content) -> int:
    return max(line.cell_length for line in cell.split("\n", allow_blank=True))


def _shared(natural: list[int], room: int) -> list[int]:
    """*natural* widths, the widest of them cut until they fit into *room*."""
    wide = list(natural)
    while (surplus := sum(wide) - room) > 0:
        widest = max(wide)
        at_most = [one for one in wide if one < widest]
        step = max(widest - max(at_most, default=0), 1)
        many = wide.count(widest)
        less = min(step, max(surplus // many, 1))
        places = [place for place, one in enumerate(wide) if one == widest]
        for place in places if surplus >= many else places[:surplus]:
            wide[place] -= less
    return wide


def _row(cells: Row, wide: Sequence[int], bar: str) -> Iterator[Content]:
    filled = [*cells, *[NOTHING] * len(wide)]
    columns = [cell.wrap(room) or [NOTHING] for cell, room in zip(filled, wide, strict=False)]
    for parts in zip_longest(*columns, fillvalue=NOTHING):
        padded = [part.pad_right(room - part.cell_length) for part, room in zip(parts, wide, strict=True)]
        yield Content(untrusted(bar)).join(padded).rstrip()
