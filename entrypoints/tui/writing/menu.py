"""What the word that is being typed could become, one of it chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from textual.content import Content
from textual.widgets import Static

from domain.text.untrusted import untrusted
from entrypoints.chat.slash import Completion, complete

Offers = Callable[[str], tuple[Completion, ...]]
"""What a word could become; nothing where it is no beginning of anything."""

OFFERS: Final[Mapping[str, Offers]] = {"/": complete}
"""By the sign that a line begins with."""

MOST_ROWS: Final = 10
"""Commands in view at once; fewer where the window is low."""

_OTHER_ROWS: Final = 8
"""Header, field and status line, and some of the conversation."""


class Menu(Static):
    """The completions that could be meant; one of them is chosen."""

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

    def offer_files(self, files: tuple[Completion, ...], text: str) -> None:
        """Show *files*, which a word of *text* could mean."""
        chosen = self.chosen.text if self.chosen else ""
        self.offered_for, self._options = text, files
        self._at = next((place for place, file in enumerate(files) if file.text == chosen), 0)
        self._draw()

    def offer(self, text: str, *, typed: bool) -> None:
        """Show what *text* could become; nothing unless it was *typed*."""
        self.offered_for = text
        offers = OFFERS.get(text[:1]) if typed else None
        self._options = offers(text) if offers is not None else ()
        self._at = 0
        self._draw()

    def move(self, by: int) -> None:
        """Choose the completion *by* places away."""
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
