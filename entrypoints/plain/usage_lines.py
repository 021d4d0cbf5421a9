"""What was used, printed line by line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.usage.period import Period
from domain.usage.sums import By
from entrypoints.chat.glyphs import Glyphs
from entrypoints.chat.usage.usage_controller import UsageController
from entrypoints.chat.usage.usage_table import sheet_lines
from entrypoints.cli.output import columns

_WIDE: Final = 100
"""Columns where standard output is no terminal."""


def usage_lines(usage: UsageController, period: Period, by: By, glyphs: Glyphs) -> Iterator[str]:
    """The sums of *period*, as wide as the terminal. Raises StoreError."""
    yield f"Usage, {period} (days in UTC)"
    yield from sheet_lines(usage.read(period, by), columns() or _WIDE, glyphs)
