"""One message or note: its blocks, and how many lines they take."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain
from typing import Final

from entrypoints.chat.chat_face import NOTE_KINDS
from entrypoints.tui.transcript.block import Block, plain_blocks

BODY: Final = 1 << 18
"""The number of the first block of what was said; stamps and thoughts, which come before, have lower ones."""


class Entry:
    """What stands in one place of the conversation, from its stamp to its last line."""

    def __init__(self, place: int, bar: str) -> None:
        """*place* orders entries and is kept for good; *bar* is the part of `COMPONENT_CLASSES` for its bar."""
        self.place = place
        self.bar = bar
        self.head: list[Block] = []
        self.foot: list[Block] = []
        self.blocks: list[Block] = []
        self._body: list[Block] = []
        self._tail: list[Block] = []
        self._ends: list[int] = []
        self._width = 0

    @property
    def height(self) -> int:
        """Lines in the width that it was laid out for."""
        return self._ends[-1] if self._ends else 0

    def lay_out(self, width: int) -> None:
        """Count all lines for *width*."""
        self._width = width
        self.blocks = [*self.head, *self._body, *self._tail, *self.foot]
        for number, block in enumerate(self.head):
            block.number = number
        self._ends = list(accumulate(block.height(width) for block in self.blocks))
        self._number(len(self.head))

    def grow(self, done: Sequence[Block], tail: Sequence[Block]) -> int:
        """Put *done* and *tail* in the place of the tail; returns the line from which on something changed."""
        steady = len(self.head) + len(self._body)
        self._body += done
        self._tail = list(tail)
        del self.blocks[steady:], self._ends[steady:]
        self.blocks += chain(done, tail, self.foot)
        before = self.height
        heights = (block.height(self._width) for block in self.blocks[steady:])
        self._ends += list(accumulate(heights, initial=before))[1:]
        self._number(steady)
        return before

    def say(self, blocks: Sequence[Block]) -> None:
        """Have *blocks* as what is said, to be laid out next."""
        self._body, self._tail = list(blocks), []

    def find(self, line: int) -> tuple[Block, int]:
        """The block on *line*, and which of its own lines that is."""
        index = min(bisect_right(self._ends, line), len(self._ends) - 1)
        return self.blocks[index], line - (self._ends[index - 1] if index else 0)

    def line_of(self, number: int) -> int:
        """The line on which block *number*, or the last one before it, begins."""
        index = max(bisect_right([block.number for block in self.blocks], number) - 1, 0)
        return self._ends[index - 1] if index else 0

    def units(self) -> list[int]:
        """The outermost blocks that one can choose."""
        return list(dict.fromkeys(block.unit for block in self.said()))

    def said(self) -> Iterator[Block]:
        """The blocks of what was said."""
        return (block for block in self.blocks if block.number >= BODY and not block.silent)

    def lines_of(self, unit: int) -> tuple[int, int]:
        """Where the outermost block *unit* begins and ends."""
        said = set(self.said())
        places = [place for place, block in enumerate(self.blocks) if block in said and block.unit == unit]
        first, last = places[0], places[-1]
        return (self._ends[first - 1] if first else 0) + self.blocks[first].gap, self._ends[last]

    def source_of(self, unit: int) -> str:
        """What one gets who copies the outermost block *unit*."""
        return "\n".join(block.content.plain for block in self.said() if block.unit == unit)

    def _number(self, first: int) -> None:
        for place in range(first, len(self.blocks)):
            self.blocks[place].number = BODY + place - len(self.head)


class Note(Entry):
    """Something that the app itself says."""

    def __init__(self, place: int, lines: Sequence[str], kind: str) -> None:
        """*kind* is one of `NOTE_KINDS`."""
        trouble, self.stays = NOTE_KINDS[kind]
        super().__init__(place, "trouble-bar" if trouble else "note-bar")
        blocks = plain_blocks("\n".join(lines), "trouble" if trouble else "note")
        blocks[0].gap, blocks[0].apart = 1, True
        self.say(blocks)
