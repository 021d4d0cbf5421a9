"""Which paths could be meant by a few letters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

MOST: Final = 50
"""Rows; nobody reads further, and another letter leaves fewer."""


def matches(paths: Sequence[str], typed: str) -> tuple[str, ...]:
    """Those of *paths* that *typed* could mean, the likeliest first, else in their own order; case is ignored.

    First those whose name begins so, then where it stands in the name, in the path, or letter by letter in it.
    """
    wanted = typed.casefold()
    ranked: tuple[list[str], ...] = ([], [], [], [])
    for path in paths:
        folded = path.casefold()
        at = folded.rfind(wanted)
        name = folded.rfind("/") + 1
        if at < 0:
            if len(ranked[3]) < MOST and _in_order(wanted, folded):
                ranked[3].append(path)
        else:
            ranked[0 if folded.startswith(wanted, name) else 1 if at >= name else 2].append(path)
            if len(ranked[0]) >= MOST:
                break
    return tuple(path for rank in ranked for path in rank)[:MOST]


def _in_order(letters: str, path: str) -> bool:
    at = 0
    for letter in letters:
        at = path.find(letter, at) + 1
        if at == 0:
            return False
    return True
