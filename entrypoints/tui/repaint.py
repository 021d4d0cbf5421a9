"""What a terminal would leave of the screen that was there before."""

from __future__ import annotations

from typing import Any, Final

from textual.app import App

_ERASE: Final = "\x1b[2J"


def erase_leftovers(app: App[Any]) -> None:
    """Blank the terminal before another screen is drawn, which Textual then does as a whole.

    A warning sign is one cell wide in some terminals, and two in others and for Textual. Where it is one, its row ends
    early, and the last cells of what stood there before would stay: a piece of a dialog's border behind the header.
    """
    driver = app._driver  # noqa: SLF001 - there is no other way to a sequence that is no text
    if driver is not None:
        driver.write(_ERASE)
