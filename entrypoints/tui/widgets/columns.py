"""How a row of the picker shares its width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len

from entrypoints.chat.fitting import cut
from entrypoints.chat.glyphs import Glyphs
from entrypoints.tui.widgets.model_rows import PickerRow

_LEAD: Final = 4
_STATE: Final = 19
"""`⚠️ Login required` and a blank at either side."""
_PRICE: Final = 14
_LEAST_MIDDLE: Final = 18
"""Most taglines and a gap."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths in cells; 0 where a column is left out."""

    label: int
    middle: int
    price: int


@dataclass(frozen=True, slots=True)
class RowText:
    """The parts of a row, padded to their widths."""

    label: str
    middle: str
    state: str


def columns(width: int, longest_label: int) -> Columns:
    """The columns for *width* cells: the price goes first, then the tagline or what to run."""
    label = min(longest_label + 2, max(width - _LEAD - _STATE, 8))
    room = width - _LEAD - _STATE - label
    if room >= _LEAST_MIDDLE + _PRICE:
        return Columns(label, room - _PRICE, _PRICE)
    return Columns(label, room, 0) if room >= _LEAST_MIDDLE else Columns(label + room, 0, 0)


def row_text(row: PickerRow, layout: Columns, glyphs: Glyphs) -> RowText:
    """The texts of *row*. Where only one of them fits, what to run first stands in for the tagline."""
    both = glyphs.dot.join(part for part in (row.tagline, row.helper) if part)
    middle = next((text for text in (both, row.helper) if text and cell_len(text) < layout.middle), None)
    label = _padded(cut(row.label, layout.label - 1, glyphs.ellipsis), layout.label)
    state = f"{row.sign} {row.word}"
    if middle is None and row.helper and cell_len(row.helper) < layout.middle + layout.price:
        # What to run first matters more than a price that nobody can be charged yet.
        return RowText(label, _padded(row.helper, layout.middle + layout.price), state)
    middle = row.tagline if middle is None else middle
    return RowText(
        label=label,
        middle=_padded(cut(middle, layout.middle - 1, glyphs.ellipsis), layout.middle)
        + _padded(row.price, layout.price),
        state=state,
    )


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text)) if width > 0 else ""
