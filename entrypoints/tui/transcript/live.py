"""A message while it is sent and answered, for who sends it."""

from __future__ import annotations

import asyncio
from typing import Final, Protocol

from textual.widget import Widget

from domain.conversation import Turn
from entrypoints.tui.transcript.entry import Entry
from entrypoints.tui.transcript.messages import Answer
from entrypoints.tui.transcript.pace import Pace, read_slice

HOLD_SECONDS: Final = 1.0
"""How long an unfinished escape sequence may hold back the text behind it."""

AT_ONCE: Final = 16_384
"""Characters that are filtered at once; a key may come behind them."""


class Shows(Protocol):
    """The conversation, as far as an answer that comes needs it."""

    def grown(self, entry: Entry, line: int) -> None:
        """*entry* changed from its own *line* on."""
        ...

    def changed(self, entry: Entry) -> None:
        """*entry* is to be laid out anew."""
        ...

    def drop(self, entry: Entry) -> None:
        """*entry* was not said after all."""
        ...


class LiveEntry:
    """What was asked. It goes again where nothing was answered."""

    def __init__(self, view: Shows, entry: Entry) -> None:
        self._view = view
        self._entry = entry

    async def remove(self) -> None:
        """Take it out of the conversation."""
        self._view.drop(self._entry)


class LiveAnswer(LiveEntry):
    """An answer that is on its way."""

    def __init__(self, view: Shows, entry: Answer, widget: Widget) -> None:
        super().__init__(view, entry)
        self._answer = entry
        self._widget = widget
        self._pace = Pace(widget, self._read, self._draw)
        self._thought = False
        self._from: int | None = None
        """The first line that changed since the last frame."""

    @property
    def begun(self) -> bool:
        """Whether anything of it has come."""
        return self._answer.begun

    async def write(self, text: str) -> None:
        """More of the answer, as it came."""
        for at in range(0, len(text), AT_ONCE):
            if at:
                await asyncio.sleep(0)
            self._answer.write(text[at : at + AT_ONCE])
            self._pace.ask()
        if self._answer.holds_back:
            self._widget.set_timer(HOLD_SECONDS, self._release)

    async def think(self, text: str) -> None:
        """More of the thoughts, as they came."""
        for at in range(0, len(text), AT_ONCE):
            if at:
                await asyncio.sleep(0)
            self._answer.think(text[at : at + AT_ONCE])
            self._thought = True
            self._pace.ask()

    def working(self, words: str) -> None:
        """Say at the right of the stamp what is going on."""
        self._answer.doing(words)
        self._view.grown(self._answer, 0)

    async def finish(self, turn: Turn | None) -> None:
        """The answer is over; *turn* is what was kept of it."""
        try:
            self._answer.release()
            await self._pace.finish()
        finally:
            self._answer.end(turn)
            self._answer.show_thoughts()
            self._view.changed(self._answer)
            if self._answer.behind or self._answer.thoughts_behind:  # whoever waited for it, waits no more
                self._pace.ask()

    def _read(self) -> bool:
        answer = self._answer
        if answer.thoughts_behind:
            self._thought = True
            return answer.read_thoughts() or answer.behind
        return read_slice(lambda: answer.behind, self._read_some)

    def _read_some(self) -> None:
        line = self._answer.read_some()
        self._from = line if self._from is None else min(self._from, line)

    def _draw(self) -> None:
        if self._thought:
            self._thought = False
            self._answer.show_thoughts()
            self._view.changed(self._answer)
        first, self._from = self._from, None
        if first is not None:
            self._view.grown(self._answer, first)

    def _release(self) -> None:
        if self._answer.holds_back:
            self._answer.release()
            self._pace.ask()
