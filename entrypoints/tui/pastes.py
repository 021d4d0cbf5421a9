"""What was pasted, told from what was typed.

A terminal puts a marker before a paste and another one behind it (bracketed paste). Textual looks for keys between the
two as well, so an escape sequence in a pasted text presses keys, Enter too. So pastes are taken out first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.records import dataclass

START: Final = "\x1b[200~"
END: Final = "\x1b[201~"

LARGEST: Final = 1 << 20
"""Characters after which a part of a paste is handed on. What follows is still paste."""

SILENCE: Final = 5.0
"""Seconds without input after which a paste counts as whole although its end never came: the keys work again."""

_KEYS: Final = ("\x1b", "\x1b[")
"""Beginnings of START that a person may type: Escape, Alt and `[`."""

_REST_OF_MARKER: Final = 1.0
"""Seconds to wait for the rest of what only a terminal sends. A slow line may tear a marker apart."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """A pasted text, or a part of one."""

    text: str


class PasteSplitter:
    """Takes the input piece by piece, however it is cut, and gives keys (`str`) and pastes back in their order."""

    def __init__(self, *, key_seconds: float) -> None:
        """*key_seconds* is how long to wait whether a sequence follows an Escape."""
        self._key_seconds = key_seconds
        self._held = ""
        """What may be the beginning of a marker."""
        self._paste: list[str] | None = None
        self._length = 0

    @property
    def patience(self) -> float | None:
        """Seconds to wait for more before `give_up` is called; None where nothing is held back."""
        if self._paste is not None:
            return SILENCE
        if not self._held:
            return None
        return self._key_seconds if self._held in _KEYS else _REST_OF_MARKER

    def feed(self, text: str) -> Iterator[str | Pasted]:
        """The pieces that *text* completes."""
        text, self._held = self._held + text, ""
        while text:
            marker = START if self._paste is None else END
            before, found, text = text.partition(marker)
            if not found:
                kept = _beginning_of(marker, before)
                before, self._held = before[: len(before) - kept], before[len(before) - kept :]
            yield from self._taken(before)
            if found and self._paste is None:
                self._paste, self._length = [], 0
            elif found:
                yield self._whole()

    def give_up(self) -> Iterator[str | Pasted]:
        """What was held back: no more came in `patience` seconds."""
        held, self._held = self._held, ""
        yield from self._taken(held)
        if self._paste is not None:
            yield self._whole()

    def _taken(self, text: str) -> Iterator[str | Pasted]:
        if not text:
            return
        if self._paste is None:
            yield text
            return
        self._paste.append(text)
        self._length += len(text)
        if self._length >= LARGEST:
            yield self._whole()
            self._paste, self._length = [], 0

    def _whole(self) -> Pasted:
        parts, self._paste = self._paste or [], None
        return Pasted("".join(parts).replace("\0", ""))


def _beginning_of(marker: str, text: str) -> int:
    """How many characters at the end of *text* may be the beginning of *marker*."""
    return next((length for length in range(len(marker) - 1, 0, -1) if text.endswith(marker[:length])), 0)
