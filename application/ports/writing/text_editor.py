from __future__ import annotations

from typing import Protocol


class TextEditor(Protocol):
    """The program in which a person likes to write. It takes over the terminal."""

    def edit(self, text: str) -> str:
        """Have *text* edited; what came of it. Blocks until the program ends.

        Raises:
            UsageError: There is no such program, it failed, or what it left is no text that could be sent.
            StoreNotWritable: The text cannot be given to it.
        """
        ...

    def clear_away(self) -> None:
        """Remove what processes left that ended in the middle of it."""
        ...
