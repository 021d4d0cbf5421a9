"""One row below the conversation, which is there only while it has something to say."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from entrypoints.chat.fitting import fitting
from entrypoints.chat.glyphs import Glyphs
from entrypoints.tui.widgets.fitted_row import FittedRow


class Goes(Protocol):
    """The conversation, which can go to its end."""

    def go_to_end(self) -> None:
        """Show the end of it."""
        ...


class MoreRow(FittedRow):
    """Says that more came below, or what the keys do while a block is chosen. A click goes to the end."""

    def __init__(self, conversation: Goes, glyphs: Glyphs) -> None:
        super().__init__(str, id="more")
        self._conversation = conversation
        self._glyphs = glyphs

    def say(self, *, choosing: bool, more: bool) -> None:
        """Say what there is to say; nothing where neither is so."""
        dot, vertical = self._glyphs.dot, self._glyphs.vertical
        forms = [
            dot.join([f"{vertical} choose a block", "y copies it", "Esc back to the field"]),
            dot.join([f"{vertical} choose", "y copies", "Esc back"]),
        ]
        if not choosing:
            forms = [f"{self._glyphs.below} More came below{dot}Ctrl+End goes there"]
        self.show(partial(fitting, forms))
        self.display = choosing or more

    def on_click(self) -> None:
        """Go where it says."""
        self._conversation.go_to_end()
