from __future__ import annotations

from typing import Protocol


class Clipboard(Protocol):
    """The clipboard of the desktop that this program runs on."""

    def put(self, text: str) -> str | None:
        """Have *text* in the clipboard, and name the program that put it there; None where none could.

        Blocks for a few seconds at most.
        """
        ...
