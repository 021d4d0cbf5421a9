"""The near miss behind "did you mean"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_CLOSE_ENOUGH: Final = 0.6
"""difflib's own default: one typing error in a word of five passes, another word does not."""


_BEGINNING: Final = 3
"""Letters of a word at which those who type it look."""


def nearest(text: str, known: Iterable[str], *, closeness: float = _CLOSE_ENOUGH) -> str | None:
    """The known word most like *text*, or None where none is like it; case is ignored."""
    from difflib import get_close_matches

    words = {word.casefold(): word for word in known}
    found = get_close_matches(text.casefold(), words, 1, closeness)
    return words[found[0]] if found else None


def nearer(text: str, one: str, other: str) -> bool:
    """Whether *text* is rather a slip in *one* than in *other*: a word is seldom mistaken at its beginning."""
    return _likeness(text.casefold(), one.casefold()) > _likeness(text.casefold(), other.casefold())


def _likeness(text: str, word: str) -> float:
    from difflib import SequenceMatcher

    same = [one == other for one, other in zip(text[:_BEGINNING], word[:_BEGINNING], strict=False)]
    begins_alike = same.index(False) if False in same else len(same)
    return SequenceMatcher(None, text, word).ratio() + begins_alike / 10
