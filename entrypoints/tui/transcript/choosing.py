"""One block of the conversation is chosen, to be copied."""

from __future__ import annotations

from entrypoints.tui.transcript.entry import Entry
from entrypoints.tui.transcript.lines import Lines


class Choosing:
    """Which block that is: the place of its message, and its unit there."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._at: tuple[int, int] | None = None

    @property
    def on(self) -> bool:
        """Whether one is chosen."""
        return self._at is not None

    def begin(self, line: int) -> None:
        """Choose the last block that begins above *line*."""
        before = [at for at in self._all() if self._begins(at) < line]
        self._at = before[-1] if before else next(iter(self._all()), None)

    def end(self) -> None:
        """Choose no block any more."""
        self._at = None

    def move(self, by: int) -> bool:
        """Choose the block *by* places away; whether there is one."""
        every = self._all()
        if self._at not in every:
            return False
        place = every.index(self._at) + by
        if not 0 <= place < len(every):
            return False
        self._at = every[place]
        return True

    def is_at(self, entry: Entry, unit: int) -> bool:
        """Whether it is *unit* of *entry*."""
        return self._at == (entry.place, unit)

    def lines(self) -> tuple[int, int]:
        """Where it begins and ends."""
        entry = self._entry()
        if entry is None or self._at is None:
            return 0, 0
        first, end = entry.lines_of(self._at[1])
        return self._lines.top(entry) + first, self._lines.top(entry) + end

    def source(self) -> str:
        """What one gets who copies it."""
        entry = self._entry()
        return entry.source_of(self._at[1]) if entry is not None and self._at is not None else ""

    def _entry(self) -> Entry | None:
        return self._lines.entry(self._at[0]) if self._at is not None else None

    def _all(self) -> list[tuple[int, int]]:
        return [(entry.place, unit) for entry in self._lines.entries for unit in entry.units()]

    def _begins(self, at: tuple[int, int]) -> int:
        entry = self._lines.entry(at[0])
        return self._lines.top(entry) + entry.lines_of(at[1])[0] if entry is not None else 0
