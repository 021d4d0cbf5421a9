"""What of the first line was typed here: only a typed name makes a line a command.

What was pasted, piped, recalled from the history, given back, edited elsewhere or found as a draft is a message,
whatever it looks like. The arguments behind a typed name may be pasted.
"""

from __future__ import annotations


class TypedPart:
    """How many characters at the start of the first line were typed, one key after the other."""

    def __init__(self) -> None:
        self._length = 0

    def edited(self, column: int, removed: int, inserted: int, *, typed: bool) -> None:
        """At *column* of the first line, *removed* characters gave way to as many as *inserted*."""
        if column > self._length:
            return
        rest = max(self._length - column - removed, 0)
        self._length = column + (inserted + rest if typed or not inserted else 0)

    def became(self, before: str, after: str) -> None:
        """The first line *before* is *after* now, by other means than typing."""
        same = 0
        for one, other in zip(before[: self._length], after, strict=False):
            if one != other:
                break
            same += 1
        self._length = same

    def all_of(self, line: str) -> None:
        """The first line is *line*, and as good as typed: the person chose it from a menu."""
        self._length = len(line)

    def names_command(self, text: str) -> bool:
        """Whether the first word of *text* was typed."""
        return self._length >= len(text.split(maxsplit=1)[0]) if text.strip() else False
