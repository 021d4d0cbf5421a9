"""What the word that is being typed could become, one of it chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from textual.content import Content
from textual.widgets import Static

from domain.text.untrusted import untrusted
from entrypoints.chat.fitting import cut
from entrypoints.chat.glyphs import Glyphs
from entrypoints.chat.slash import Completion, complete

Offers = Callable[[str], tuple[Completion, ...]]
"""What a word could become; nothing where it is no beginning of anything."""

OFFERS: Final[Mapping[str, Offers]] = {"/": complete}
"""By the sign that a line begins with."""

MOST_ROWS: Final = 10
"""In view at once, with the one that says how many more there are; fewer where the window is low."""

_LEAST_DESCRIPTION: Final = 12
"""Cells below which a description says nothing."""

_OTHER_ROWS: Final = 8
"""Header, field and status line, and some of the conversation."""


class Menu(Static):
    """The completions that could be meant; one of them is chosen."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__("", id="menu", markup=False)
        self._glyphs = glyphs
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
        """The descriptions are cut where there is no room for them."""
        self._draw()

    def _draw(self) -> None:
        self.display = bool(self._options)
        names = max((len(option.shown) for option in self._options), default=0) + 2
        room = max(min(MOST_ROWS, self.app.size.height - _OTHER_ROWS), 3)
        rows = room - 1 if len(self._options) > room else room
        top = max(self._at - rows + 1, 0)
        shown = self._options[top : top + rows]
        lines = [self._as_row(option, names, chosen=place == self._at) for place, option in enumerate(shown, top)]
        more = len(self._options) - len(shown)
        if more:
            lines.append(Content(untrusted(f"  {self._glyphs.vertical} {more} more")).stylize("dim"))
        self.update(Content("\n").join(lines))

    def _as_row(self, option: Completion, names: int, *, chosen: bool) -> Content:
        """Name, and as much of what it does as there is room for."""
        mark = self._glyphs.active if chosen else " " * len(self._glyphs.active)
        room = self.app.size.width - len(mark) - 3
        described = room >= names + _LEAST_DESCRIPTION
        text = f"{option.shown:<{names}}{option.description}" if described else option.shown
        line = Content(untrusted(f"{mark} {cut(text, room, self._glyphs.ellipsis)}"))
        return line.stylize("reverse") if chosen else line
