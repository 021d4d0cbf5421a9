"""The near miss behind "did you mean"."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_CLOSE_ENOUGH: Final = 0.6
"""difflib's own default: one typing error in a word of five passes, another word does not."""


def nearest(text: str, known: Iterable[str], *, closeness: float = _CLOSE_ENOUGH) -> str | None:
    """The known word most like *text*, or None where none is like it; case is ignored."""
    from difflib import get_close_matches

    words = {word.casefold(): word for word in known}
    found = get_close_matches(text.casefold(), words, 1, closeness)
    return words[found[0]] if found else None
