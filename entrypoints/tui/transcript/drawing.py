"""Blocks as strips of the screen. What was drawn is remembered, so that scrolling draws only what is new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.content import Content
from textual.geometry import Offset
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions
from textual.widget import Widget

from domain.text.untrusted import untrusted
from entrypoints.chat.glyphs import Glyphs
from entrypoints.tui.transcript.block import Block
from entrypoints.tui.transcript.entry import Entry

_KEPT: Final = 1024
"""Lines whose drawing is remembered: some screens full. A line is many objects, and memory and the search for garbage
cost what they are in number.
"""

_COLOURED: Final = 256
"""Pieces of code whose colours are remembered."""

_PLACE, _NUMBER = 32, 12
"""Bits of an address: above the first is the place of the message, above the second the block, below it the line."""


def address(place: int, number: int) -> int:
    """Where the first line of a block is in the conversation, whatever is loaded and however wide the screen is."""
    return place << _PLACE | number << _NUMBER


def part_of(selection: Selection, place: int, block: Block) -> Selection | None:
    """What of *selection* lies in *block*; None where nothing does."""
    if block.silent:
        return None
    base, lines = address(place, block.number), 1 << _NUMBER
    start, end = selection
    if (start is not None and start.y >= base + lines) or (end is not None and end.y < base):
        return None
    return Selection(
        None if start is None or start.y < base else Offset(start.x, start.y - base),
        None if end is None or end.y >= base + lines else Offset(end.x, end.y - base),
    )


class _Key(NamedTuple):
    block: Block
    bar: str
    width: int
    selected: Selection | None
    chosen: bool


class Drawing:
    """Draws for one widget, whose component classes give the styles."""

    def __init__(self, view: Widget, glyphs: Glyphs) -> None:
        self._view = view
        self._bar = Content(untrusted(f"{glyphs.divider} "))
        self._kept: dict[_Key, list[Strip]] = {}
        self._lines = 0

    def line(self, entry: Entry, block: Block, line: int, *, width: int, chosen: bool) -> Strip:
        """Line *line* of *block*, the empty ones above it included."""
        selection = self._view.text_selection
        selected = part_of(selection, entry.place, block) if selection is not None else None
        key = _Key(block, "chosen-bar" if chosen else entry.bar, width, selected, chosen)
        strips = self._kept.get(key)
        if strips is None:
            strips = list(self._draw(key, entry.place))
            self._keep(key, strips)
        return strips[min(line, len(strips) - 1)]

    def forget(self) -> None:
        """Draw all of it anew: styles are others now."""
        self._kept.clear()
        self._lines = 0

    def _keep(self, key: _Key, strips: list[Strip]) -> None:
        """Remember *strips*; once there are too many, only them."""
        self._lines += len(strips)
        if self._lines > _KEPT:
            self._kept.clear()
            self._lines = len(strips)
        self._kept[key] = strips

    def _draw(self, key: _Key, place: int) -> Iterator[Strip]:
        block, width = key.block, key.width
        base = self._view.visual_style
        style = self._style_of(block, place)
        room = block.room(width)
        content = block.lay(room)
        if block.language:
            content = _coloured(content.plain, block.language) or content
        at = address(place, block.number)
        for _ in range(block.gap):
            above = [] if block.apart else self._prefix(key, block.between, base)
            yield self._line(above, [], Offset(0, at), width)
        selected = self._selection_style() if key.selected is not None else None
        options = RenderOptions(self._inline_style, {}, key.selected, selected)
        y = -1
        for number, strip in enumerate(content.render_strips(room, None, style, options) or [Strip([])]):
            before = self._prefix(key, block.rest if number else block.first, base)
            after = [self._moved(segment, at) for segment in strip]
            x, y = _offset(after) or (0, at + (y + 1 - at if y >= 0 else 0))
            if block.style in ("code", "code-label"):
                after.append(Segment(untrusted(" " * (room - strip.cell_length)), style.rich_style))
            yield self._line(before, after, Offset(x, y), width)

    def _line(self, before: Sequence[Segment], after: Sequence[Segment], at: Offset, width: int) -> Strip:
        """A line as wide as the view. A click before its text is one on the first letter, and behind it on the last."""
        here = RichStyle.from_meta({"offset": tuple(at)})
        beside = [
            Segment(untrusted(letter), (segment.style or RichStyle()) + here)
            for segment in before
            for letter in segment.text
        ]
        behind = [] if _offset(after) else [Segment("", here)]
        return Strip([*beside, *after, *behind]).adjust_cell_length(width, self._view.visual_style.rich_style)

    def _prefix(self, key: _Key, prefix: Content, base: Style) -> list[Segment]:
        parts: list[Segment] = []
        if key.block.barred:
            parts += self._bar.render_segments(base + self._component(key.bar))
        if prefix:
            parts += prefix.render_segments(base + self._component("mark"))
        return parts

    def _moved(self, segment: Segment, at: int) -> Segment:
        """*segment* of a block, with its place in the whole conversation."""
        style = segment.style or RichStyle()
        x, y = style.meta.get("offset", (0, 0))
        return Segment(untrusted(segment.text), style + RichStyle.from_meta({"offset": (x, y + at)}))

    def _style_of(self, block: Block, place: int) -> Style:
        style = self._view.get_visual_style(f"transcript--{block.style}")
        return style + Style.from_meta({"@click": ("fold", (place,))}) if block.folds else style

    def _component(self, name: str) -> Style:
        return self._view.get_visual_style(f"transcript--{name}", partial=True)

    def _inline_style(self, style: str | Style) -> Style:
        if isinstance(style, Style):
            return style
        return self._component(style.removeprefix(".transcript--")) if style.startswith(".") else Style.parse(style)

    def _selection_style(self) -> Style:
        return Style.from_styles(self._view.screen.get_component_styles("screen--selection"))


def _offset(segments: Sequence[Segment]) -> tuple[int, int] | None:
    return next((segment.style.meta["offset"] for segment in segments if segment.style and segment.style.meta), None)


@lru_cache(maxsize=_COLOURED)
def _coloured(code: str, language: str) -> Content | None:
    from textual.highlight import highlight  # with Pygments, when there is code

    coloured = highlight(code, language=language)
    return coloured if coloured.plain == code else None
