"""A word that begins with `@`, while it is typed: the beginning of a file's name.

Only where each letter of it was typed here, in one go. What was pasted, recalled or given back names no file.
"""

from __future__ import annotations

from textual.widgets.text_area import Location

SIGN = "@"


class Mention:
    """Where the word begins."""

    def __init__(self) -> None:
        self._place: Location | None = None

    def typed(self, character: str | None, before: str, place: Location) -> None:
        """*character* is typed at *place*, behind *before* in its line."""
        if character == SIGN and not before[-1:].strip():
            self._place = place
        elif character is not None and character.isspace():
            self._place = None

    def forget(self) -> None:
        """Something else than a key changed the text, or nothing is looked for any more."""
        self._place = None

    def word(self, line: str, cursor: Location) -> str | None:
        """What is typed of it behind the sign, up to the *cursor* in *line*; None where no such word is typed."""
        if self._place is None:
            return None
        row, column = self._place
        if cursor[0] != row or cursor[1] <= column or line[column : column + 1] != SIGN:
            return None
        return line[column + 1 : cursor[1]]

    @property
    def start(self) -> Location:
        """Where the sign stands."""
        return self._place or (0, 0)
