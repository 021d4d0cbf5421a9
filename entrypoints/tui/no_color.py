"""NO_COLOR as it is meant (no-color.org): no colour at all, where Textual's own filter gives greys."""

from __future__ import annotations

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter


class NoColorAtAll(LineFilter):
    """Bold, underline and reverse stay; colours go."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Take the colours out of *segments*."""
        return [Segment(text, _plain(style) if style else style, control) for text, style, control in segments]


@lru_cache(1024)
def _plain(style: Style) -> Style:
    return style.without_color
