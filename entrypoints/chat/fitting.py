"""Text that fits into the cells there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size

NARROW: Final = 80
"""Columns below which the header, the picker and the dialogs give up what can be done without."""


def cut(text: str, width: int, ellipsis: str = "…") -> str:
    """*text* in at most *width* cells."""
    if cell_len(text) <= width:
        return text
    mark = ellipsis if width > cell_len(ellipsis) else ""
    return set_cell_size(text, max(width - cell_len(mark), 0)).rstrip() + mark


def fitting(forms: Sequence[str], width: int, ellipsis: str = "…") -> str:
    """The first of *forms*, the longest first, that fits into *width* cells; else the last of them, cut."""
    return next((form for form in forms if cell_len(form) <= width), cut(forms[-1], width, ellipsis))


def cut_front(text: str, width: int, ellipsis: str = "…") -> str:
    """The end of *text* in at most *width* cells."""
    return cut(text[::-1], width, ellipsis)[::-1]


def packed(parts: Iterable[str], dot: str, width: int) -> list[str]:
    """*parts* in lines of at most *width* cells, none of them broken in two; *dot* stands between two of a line."""
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]}{dot}{part}" if lines else part
        if lines and cell_len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def ends(left: str, right: str, width: int, ellipsis: str = "…") -> str:
    """*left* and *right* at the two ends of a line; *left* gives way."""
    room = width - cell_len(right) - 2
    shown = cut(left, max(room, 0), ellipsis)
    return cut(shown + " " * max(width - cell_len(shown) - cell_len(right), 2 if shown else 0) + right, width, "")
