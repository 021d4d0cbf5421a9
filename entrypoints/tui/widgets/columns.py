"""How a row of the picker shares its width."""

from __future__ import annotations

from typing import Final

from rich.cells import cell_len

from domain.records import dataclass
from entrypoints.chat.fitting import cut
from entrypoints.chat.glyphs import Glyphs
from entrypoints.tui.widgets.model_rows import PickerRow

_LEAD: Final = 4
_STATE: Final = 19
"""`⚠️ Login required` and a blank at either side."""
_MARK: Final = 3
"""The sign that another model answers."""
_PRICE: Final = 14
_LEAST_MIDDLE: Final = 18
"""Most taglines and a gap."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths in cells; 0 where a column is left out."""

    label: int
    mark: int
    middle: int
    price: int


@dataclass(frozen=True, slots=True)
class RowText:
    """The parts of a row, padded to their widths."""

    label: str
    middle: str
    price: str
    state: str


def columns(width: int, longest_label: int) -> Columns:
    """The columns for *width* cells: the price goes first, then the tagline."""
    label = min(longest_label + 2, max(width - _LEAD - _STATE - _MARK, 8))
    room = width - _LEAD - _STATE - _MARK - label
    if room >= _LEAST_MIDDLE + _PRICE:
        return Columns(label, _MARK, room - _PRICE, _PRICE)
    return Columns(label, _MARK, room, 0) if room >= _LEAST_MIDDLE else Columns(label + room, _MARK, 0, 0)


def row_text(row: PickerRow, layout: Columns, glyphs: Glyphs) -> RowText:
    """The texts of *row*."""
    mark = glyphs.replaced if row.replaced else ""
    return RowText(
        label=_padded(cut(row.label, layout.label - 1, glyphs.ellipsis), layout.label),
        middle=_padded(mark, layout.mark)
        + _padded(cut(row.tagline, layout.middle - 1, glyphs.ellipsis), layout.middle),
        price=_padded(row.price, layout.price) if layout.price else "",
        state=f"{row.sign} {row.word}",
    )


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text)) if width > 0 else ""
