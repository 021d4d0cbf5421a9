"""Which turns of a conversation are read, and when."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.conversation import Role, Turn
from entrypoints.chat.glyphs import UNICODE
from entrypoints.tui.transcript.entry import Entry
from entrypoints.tui.transcript.lines import Lines
from entrypoints.tui.transcript.loading import Loading, place_of
from entrypoints.tui.transcript.turn_window import TurnsInMemory
from tests.support.credentials import NOON


@dataclass
class Shown:
    """What stands where the conversation is read, from its first line to its last."""

    may_thin_out: bool = False
    lines: Lines = field(default_factory=Lines)

    @property
    def turns(self) -> range:
        places = [entry.place for entry in self.lines.entries]
        found = range(places[0] // place_of(0) - 1, places[-1] // place_of(0)) if places else range(0)
        assert places == [place_of(index) for index in found]
        return found

    def put_above(self, entries: Sequence[Entry]) -> None:
        self.lines.add(*entries)

    put_below = put_above

    def put_instead(self, entries: Sequence[Entry]) -> None:
        self.lines.entries = list(entries)
        self.lines.lay_out(self.lines.width)

    def thin_out(self, entries: Sequence[Entry]) -> None:
        self.lines.remove(*entries)


class Turns(TurnsInMemory):
    """Turns of three lines each, and how many of them were asked for; they come once `open` is set."""

    def __init__(self, count: int) -> None:
        super().__init__(())
        self._count = count
        self.asked_for = 0
        self.open = threading.Event()
        self.open.set()

    def count(self) -> int:
        return self._count

    def turns(self, first: int, end: int) -> Sequence[Turn]:
        assert self.open.wait(30)
        self.asked_for += end - first
        roles = (Role.USER, Role.ASSISTANT)
        return [Turn(roles[number % 2], f"turn {number}", NOON) for number in range(first, end)]


def loading_of(turns: Turns) -> tuple[Loading, Shown]:
    shown = Shown()
    shown.lines.width = 60
    loading = Loading(shown, shown.lines, UNICODE)
    loading.begin(turns, turns.count())
    return loading, shown


async def test_a_conversation_opens_with_what_is_seen_however_long_it_is() -> None:
    turns = Turns(1_000_000)
    loading, shown = loading_of(turns)
    await loading.open(20)
    seen = shown.turns
    assert (seen.stop, turns.asked_for) == (1_000_000, len(seen))
    assert 20 <= shown.lines.height < 24

    await loading.open_above(20)
    assert (shown.turns, loading.window.first) == (range(seen.start - len(seen), seen.stop), shown.turns.start)
    await loading.more(above=True)
    assert (loading.window.first, len(shown.turns)) == (shown.turns.start, 2 * len(seen) + 20)


async def test_a_short_conversation_is_there_as_a_whole_when_it_opens() -> None:
    loading, shown = loading_of(Turns(3))
    await loading.open(20)
    await loading.open_above(20)
    assert shown.turns == range(3)


async def test_what_is_read_for_another_place_or_conversation_is_not_shown() -> None:
    turns = Turns(200)
    loading, shown = loading_of(turns)
    await loading.open(20)
    turns.open.clear()
    slow = asyncio.create_task(loading.open_above(20))
    there = asyncio.create_task(loading.show_beginning())
    turns.open.set()
    await asyncio.gather(slow, there)
    assert (shown.turns, loading.window.end) == (range(20), 20)

    turns.open.clear()
    slow = asyncio.create_task(loading.more(above=False))
    await asyncio.sleep(0)
    loading.begin(Turns(0), 0)
    shown.put_instead([])
    turns.open.set()
    await slow
    assert (shown.turns, loading.window.count) == (range(0), 0)
