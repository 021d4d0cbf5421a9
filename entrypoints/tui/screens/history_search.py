"""Ctrl+R: the messages that were sent before, filtered as one types."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from domain.text.untrusted import untrusted, untrusted_line
from domain.text.written import Written
from entrypoints.chat.fitting import cut
from entrypoints.chat.glyphs import Glyphs
from entrypoints.tui.screens.dialog import Dialog
from entrypoints.tui.widgets.field import Field
from entrypoints.tui.widgets.key_hints import KeyHints
from entrypoints.tui.writing.recall import matching

_MOST_ROWS: Final = 10
_OTHER_ROWS: Final = 8
"""Of the dialog, and what is to be seen of the conversation."""

_LOOKED_AT: Final = 400
"""Characters of a message that its row may need."""


class HistorySearch(Dialog[Written | None]):
    """Lies over the field; the newest message that fits is the one that Enter takes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False, priority=True),
        Binding("up,ctrl+r", "move(1)", show=False, priority=True),
        Binding("down", "move(-1)", show=False, priority=True),
    ]

    def __init__(self, messages: tuple[Written, ...], glyphs: Glyphs) -> None:
        """*messages*, the newest first."""
        super().__init__()
        self._messages = self._matching = messages
        self._glyphs = glyphs
        self._at = 0

    def compose(self) -> ComposeResult:
        """The newest at the bottom, next to where one types."""
        with Vertical(classes="dialog"):
            yield Static("", id="found", markup=False)
            yield Field(placeholder="words of a message that you sent before", id="words", compact=True)
            older = f"Up older{self._glyphs.dot}Down newer"
            yield KeyHints(self._glyphs.dot, ["Enter takes it into the field", older, "Esc back"], classes="keys")

    def on_mount(self) -> None:
        """Show the newest ones."""
        self.query_one(Input).focus()
        self._draw()

    def on_resize(self) -> None:
        """There may be room for more, or less."""
        self._draw()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter at each key."""
        event.stop()
        self._matching, self._at = matching(self._messages, event.value), 0
        self._draw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the one that is chosen."""
        event.stop()
        self.dismiss(self._matching[self._at] if self._matching else None)

    def action_move(self, by: int) -> None:
        """Choose a message, *by* places older."""
        self._at = min(max(self._at + by, 0), max(len(self._matching) - 1, 0))
        self._draw()

    def action_leave(self) -> None:
        """Leave the field as it is."""
        self.dismiss(None)

    def _draw(self) -> None:
        rows = max(min(_MOST_ROWS, self.app.size.height - _OTHER_ROWS), 1)
        first = max(self._at - rows + 1, 0)
        mark, room = self._glyphs.active, self.app.size.width - 8
        lines: list[Content] = []
        for place, message in enumerate(self._matching[first : first + rows], first):
            text = cut(untrusted_line(message.text[:_LOOKED_AT]), room, self._glyphs.ellipsis)
            line = Content(untrusted(f"{mark if place == self._at else ' ' * len(mark)} {text}"))
            lines.append(line.stylize("reverse") if place == self._at else line)
        lines.reverse()
        if not lines:
            lines.append(Content("No message fits."))
        self.query_one("#found", Static).update(Content("\n").join(lines))
