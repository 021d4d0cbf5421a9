"""Which turns of a conversation are loaded: some around what is read, so that memory does not grow with its length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from domain.conversation import Turn

AT_ONCE: Final = 20
"""Turns that are loaded together."""


class TurnSource(Protocol):
    """The turns of one conversation, by their index; may wait for the disk."""

    def count(self) -> int:
        """How many there are."""
        ...

    def turns(self, first: int, end: int) -> Sequence[Turn]:
        """Those from *first* up to and without *end*."""
        ...


class TurnsInMemory:
    """Turns of a conversation that is held as a whole."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._turns = turns

    def count(self) -> int:
        """How many it has."""
        return len(self._turns)

    def turns(self, first: int, end: int) -> Sequence[Turn]:
        """A slice of them."""
        return self._turns[first:end]


class TurnWindow:
    """The range of turns that is loaded, and how far the conversation goes."""

    def __init__(self) -> None:
        self.first = self.end = self.count = 0

    @property
    def at_end(self) -> bool:
        """Whether the last turn is loaded."""
        return self.end >= self.count

    def above(self) -> range:
        """The turns to load next above."""
        return range(max(self.first - AT_ONCE, 0), self.first)

    def below(self) -> range:
        """The turns to load next below."""
        return range(self.end, min(self.end + AT_ONCE, self.count))

    def take(self, turns: range) -> None:
        """*turns* were loaded beside the others, or instead of them where they do not touch."""
        if turns.stop == self.first and self.end > self.first:
            self.first = turns.start
        elif turns.start == self.end and self.end > self.first:
            self.end = turns.stop
        else:
            self.first, self.end = turns.start, turns.stop

    def drop(self, turns: int, *, from_end: bool) -> None:
        """*turns* were let go, at the end or at the beginning."""
        if from_end:
            self.end -= turns
        else:
            self.first += turns

    def add(self) -> int:
        """One more turn is said; its index."""
        self.count += 1
        self.end = self.count
        return self.count - 1

    def take_back(self) -> None:
        """The last turn does not count."""
        self.count -= 1
        self.end = min(self.end, self.count)
        self.first = min(self.first, self.end)
