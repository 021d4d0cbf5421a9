"""A number as people type it behind a command."""

from __future__ import annotations

from typing import Final

_MOST_DIGITS: Final = 9
"""Nobody numbers more; Python refuses to read a number of thousands of them."""


def whole_number(word: str) -> int | None:
    """The number that *word* is; None where it is none, or none that anything could have."""
    return int(word) if word.isdecimal() and len(word) <= _MOST_DIGITS else None
