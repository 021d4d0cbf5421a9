"""Cursors that blink only where somebody may be looking: each blink wakes the machine, and draws a line anew."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.widgets import Input, TextArea


class Cursors:
    """Those of all fields of an app, as far as they have the keys."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._still: list[Input | TextArea] = []

    def rest(self) -> None:
        """Stop them where they can be seen. A field that gets the keys later is stopped by the next call."""
        for screen in self._app.screen_stack:
            field = screen.focused
            if isinstance(field, Input | TextArea) and field.cursor_blink:
                field.cursor_blink = False
                self._still.append(field)

    def blink(self) -> None:
        """Have those that were stopped here blink again."""
        for field in self._still:
            if field.has_focus:
                field.cursor_blink = True
            else:  # its timer begins with the keys; an `Input` that is told would begin at once
                field.set_reactive(type(field).cursor_blink, True)
        self._still.clear()
