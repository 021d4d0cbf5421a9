"""Where one writes: several lines, a history that gives the draft back, commands that complete themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static, TextArea
from textual.widgets.text_area import Edit, EditResult

from domain.text.untrusted import UntrustedStream, untrusted
from domain.text.visible import BRIEF, MOST_MARKS
from entrypoints.chat.slash import Completion, complete

NEWLINE_KEYS: Final = frozenset({"ctrl+j", "alt+enter", "shift+enter", "shift+\r"})
"""Ctrl+J works in every terminal; the others where the terminal tells them from Enter (the last is xterm's way)."""

_MENU_KEYS: Final = frozenset({"enter", "tab", "up", "down", "escape"})

MOST_ROWS: Final = 10
"""All commands; fewer where the window is low."""

_OTHER_ROWS: Final = 8
"""Header, field and status line, and some of the conversation."""


class CommandMenu(Static):
    """The commands that could be meant; one of them is chosen."""

    def __init__(self, marker: str) -> None:
        super().__init__("", id="menu", markup=False)
        self._marker = marker
        self._options: tuple[Completion, ...] = ()
        self._at = 0
        self.offered_for = ""
        """The text that it stands for."""

    @property
    def chosen(self) -> Completion | None:
        """What Enter would take; None where the menu is closed."""
        return self._options[self._at] if self._options else None

    def offer(self, text: str) -> None:
        """Show what *text* could become."""
        self.offered_for = text
        self._options = complete(text)
        self._at = 0
        self._draw()

    def move(self, by: int) -> None:
        """Choose the command *by* places away."""
        self._at = (self._at + by) % len(self._options)
        self._draw()

    def close(self) -> None:
        """Offer nothing until the text changes."""
        self._options = ()
        self._draw()

    def on_resize(self) -> None:
        """The descriptions go where there is no room for them."""
        self._draw()

    def _draw(self) -> None:
        self.display = bool(self._options)
        wide = max((len(option.shown) for option in self._options), default=0) + 2
        rows = max(min(MOST_ROWS, self.app.size.height - _OTHER_ROWS), 3)
        top = max(self._at - rows + 1, 0)
        shown = self._options[top : top + rows]
        lines: list[Content] = []
        for place, option in enumerate(shown, top):
            mark = self._marker if place == self._at else " " * len(self._marker)
            room = self.app.size.width - wide - len(mark) - 4
            description = option.description if len(option.description) <= room else ""
            line = Content(untrusted(f"{mark} {option.shown:<{wide}}{description}"))
            lines.append(line.stylize("reverse") if place == self._at else line)
        self.update(Content("\n").join(lines))


class Composer(TextArea):
    """The field for the next message."""

    class Sent(Message):
        """Enter was pressed on some text; it is still in the field."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, menu: CommandMenu) -> None:
        super().__init__(id="composer", soft_wrap=True, show_line_numbers=False, highlight_cursor_line=False)
        self._menu = menu
        self._history: list[str] = []
        self._place: int | None = None
        self._draft = ""

    def taken(self, text: str) -> None:
        """*text* was sent: clear the field and remember it."""
        if not self._history or self._history[-1] != text:
            self._history.append(text)
        self._place = None
        self.write("")

    def give_back(self, text: str) -> None:
        """*text* could not be sent: it is in the field again, before what was typed since."""
        self.write(f"{text}\n{self.text}" if self.text.strip() else text)

    def remember(self, texts: list[str]) -> None:
        """Earlier messages, oldest first, for Up and Down."""
        self._history = texts

    def write(self, text: str) -> None:
        """Have *text* in the field, with the cursor at its end."""
        self.text = text
        self.move_cursor(self.document.end)

    def load_text(self, text: str) -> None:
        """Have *text* in the field. It may be foreign: what was piped in comes back by Up."""
        super().load_text(untrusted(text))

    def edit(self, edit: Edit) -> EditResult:
        """Take what is typed, pasted or put back, as far as it can be shown where it stands."""
        row, column = min(edit.from_location, edit.to_location)
        stream = UntrustedStream(brief=len(edit.text) < BRIEF)
        stream.feed(self.document[row][:column][-MOST_MARKS - 1 :])
        return super().edit(replace(edit, text=stream.feed(edit.text) + stream.flush()))

    async def _on_paste(self, event: events.Paste) -> None:
        """It is taken here, and nowhere else."""
        event.stop()

    def on_text_area_changed(self) -> None:
        """Offer commands for what stands there now."""
        if self._place is None:
            self._menu.offer(self.text)

    async def _on_key(self, event: events.Key) -> None:
        if self._handled(event.key):
            event.stop()
            event.prevent_default()
            return
        self._place = None if event.is_printable else self._place
        await super()._on_key(event)

    def _handled(self, key: str) -> bool:
        """Whether *key* means something here that it does not in other text fields."""
        if key in _MENU_KEYS and self._place is None and self._menu.offered_for != self.text:
            self._menu.offer(self.text)  # it was typed faster than the menu is told of
        if key == "enter":
            self._enter()
        elif key in NEWLINE_KEYS:
            self.insert("\n")
        elif self._menu.chosen is not None and key in ("up", "down"):
            self._menu.move(-1 if key == "up" else 1)
        elif self._menu.chosen is not None and key == "tab":
            self.write(f"{self._menu.chosen.text} ")
        elif self._menu.chosen is not None and key == "escape":
            self._menu.close()
        elif key == "up" and self.cursor_location[0] == 0:
            self._recall(-1)
        elif key == "down" and self.cursor_location[0] == self.document.line_count - 1:
            self._recall(1)
        else:
            return False
        return True

    def _enter(self) -> None:
        chosen = self._menu.chosen
        text = chosen.text if chosen is not None else self.text
        self._menu.close()
        if text.strip():
            self.post_message(self.Sent(text))

    def _recall(self, by: int) -> None:
        if self._place is None:
            if by > 0 or not self._history:
                return
            self._draft, self._place = self.text, len(self._history)
        self._place = max(self._place + by, 0)
        if self._place < len(self._history):
            self.write(self._history[self._place])
        else:
            self._place = None
            self.write(self._draft)
