"""Ctrl+R: the messages that were sent before, filtered as one types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from domain.text.untrusted import untrusted_line
from domain.text.written import Written
from entrypoints.chat.fitting import cut
from entrypoints.chat.glyphs import Glyphs
from entrypoints.tui.screens.filtered_list import FilteredList
from entrypoints.tui.widgets.key_hints import KeyHints
from entrypoints.tui.writing.recall import matching

_LOOKED_AT: Final = 400
"""Characters of a message that its row may need."""


class HistorySearch(FilteredList[Written]):
    """Lies over the field; the newest message that fits is the one that Enter takes."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+r", "move(-1)", show=False, priority=True)]
    WIDEST = 10_000
    MOST_ROWS = 10
    UPWARDS = True

    def __init__(self, messages: tuple[Written, ...], glyphs: Glyphs) -> None:
        """*messages*, the newest first."""
        super().__init__(glyphs, messages)
        self._messages = messages

    @property
    def nothing(self) -> str:
        """That no message fits, or that there is none."""
        return "No message fits." if self._messages else "No message was sent before."

    def compose(self) -> ComposeResult:
        """The newest at the bottom, next to where one types."""
        with Vertical(classes="dialog"):
            yield self.found()
            yield self.field("words of a message that you sent before")
            older = f"Up older{self._glyphs.dot}Down newer"
            yield KeyHints(self._glyphs.dot, ["Enter takes it into the field", older, "Esc back"], classes="keys")

    def follow(self, messages: tuple[Written, ...]) -> None:
        """Look through *messages* from now on."""
        self._messages = messages
        self.filter()

    def matching(self, typed: str) -> Sequence[Written]:
        """Those in which all words stand."""
        return matching(self._messages, typed)

    def row(self, one: Written, width: int) -> str:
        """The beginning of its text."""
        return cut(untrusted_line(one.text[:_LOOKED_AT]), width, self._glyphs.ellipsis)
