"""One row of the screen whose text depends on how wide it is."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content
from textual.widget import Widget

from domain.text.untrusted import untrusted


class FittedRow(Widget):
    """Shows what *make* returns for its width; the text is taken as it is, never as markup."""

    DEFAULT_CSS = "FittedRow { height: 1; width: 1fr; }"

    def __init__(self, make: Callable[[int], str], *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self._make = make

    def show(self, make: Callable[[int], str]) -> None:
        """Show another text from now on."""
        self._make = make
        self.refresh()

    def render(self) -> Content:
        """The text for the width of the moment."""
        return Content(untrusted(self._make(self.size.width)))
